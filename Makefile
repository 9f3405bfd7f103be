# Everything a person types. Each target makes its own environment first; only what changed is done again.

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory --no-builtin-rules

PORT = 8000
DATA = var
ARGS =
PYTHON = python3

BIN := .venv/bin
READY := .venv/.ready
READY_DEV := .venv/.ready-dev
READY_BENCH := .venv/.ready-bench
READY_HELPDESK := build/helpdesk/.ready
CATALOGUES := $(patsubst %.po,%.mo,$(wildcard src/pharos/locale/*/LC_MESSAGES/django.po))
# What looks at the code rather than runs it must not touch the data of a real installation.
LOOK := env PHAROS_DATA_DIR=build/check PHAROS_DATABASE_URL=

.PHONY: help install run demo test check fix messages soak bench screenshots clean

help:
	@echo "make run          start Pharos on http://127.0.0.1:$(PORT) (PORT=8000 DATA=var)"
	@echo "make demo         the same with an example organisation"
	@echo "make test         all tests, on SQLite and on PostgreSQL (ARGS=\"-k offer\")"
	@echo "make check        format, lint, types, import contracts, migrations, translations"
	@echo "make fix          format, and repair what can be repaired by itself"
	@echo "make messages     bring the translation catalogues up to date with the code"
	@echo "make soak         the tests that run for minutes"
	@echo "make bench        measurements, each prints a table"
	@echo "make screenshots  the pictures in README.md"
	@echo "make clean        remove what make made, except data"

install: $(READY) $(CATALOGUES)

run: install
	@exec env PHAROS_DATA_DIR="$(DATA)" $(BIN)/pharos run --port $(PORT)

demo: install
	@exec env PHAROS_DATA_DIR="$(DATA)" $(BIN)/pharos run --demo --port $(PORT)

test: install $(READY_DEV)
	@$(BIN)/python -m scripts.packages
	@$(BIN)/python -m scripts.suite $(ARGS)

check: install $(READY_DEV)
	$(BIN)/ruff format --check --quiet .
	$(BIN)/ruff check --quiet .
	$(BIN)/lint-imports --no-logo
	find src/pharos/templates -name '*.html' -exec $(BIN)/djade --check --target-version 5.2 {} +
	@$(BIN)/python -m scripts.messages check
	@$(LOOK) $(BIN)/pharos manage makemigrations --check --dry-run
	@$(LOOK) $(BIN)/pharos manage check --fail-level WARNING
	$(LOOK) $(BIN)/mypy

fix: $(READY) $(READY_DEV)
	$(BIN)/ruff check --fix --quiet . ; $(BIN)/ruff format .
	find src/pharos/templates -name '*.html' -exec $(BIN)/djade --target-version 5.2 {} +

messages: $(READY)
	@$(BIN)/python -m scripts.messages update

soak: install $(READY_DEV)
	@$(BIN)/python -m scripts.packages
	@$(BIN)/python -m scripts.suite -m soak -o faulthandler_timeout=0 -n 0 -s $(ARGS)

bench: install $(READY_DEV) $(READY_BENCH) $(READY_HELPDESK)
	@$(BIN)/python -m scripts.packages
	@for name in $(basename $(notdir $(wildcard bench/[a-z]*.py))); do \
	  echo; echo "$$name"; PYTHONPATH=bench $(BIN)/python -m bench.$$name $(ARGS) || exit 1; done

screenshots: install $(READY_DEV)
	@$(BIN)/python -m scripts.packages
	@$(BIN)/python -m scripts.screenshots $(ARGS)

clean:
	rm -rf .venv build .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache src/*.egg-info
	find src tests scripts bench -name __pycache__ -prune -exec rm -rf {} + 2>/dev/null || true
	find src -name '*.mo' -delete

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	  echo "Pharos needs Python 3.11 or newer as '$(PYTHON)'. Install it, or name one: make PYTHON=python3.12 …" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
	  echo "Python's venv module is missing. Install it, then start again:" >&2; \
	  echo "  sudo apt-get install python3-venv" >&2; exit 1; }
	@echo "Making the environment in .venv"
	@rm -rf .venv
	@$(PYTHON) -m venv .venv || { rm -rf .venv; exit 1; }

$(READY): requirements.txt pyproject.toml | .venv/bin/python
	@echo "Installing what Pharos runs on"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-build-isolation --no-deps --editable .
	@touch $@

$(READY_DEV): requirements-dev.txt requirements-training.txt $(READY)
	@echo "Installing what tests and checks need"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@

$(READY_BENCH): requirements-bench.txt $(READY)
	@echo "Installing what the measurements are held up against"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-bench.txt
	@touch $@

$(READY_HELPDESK): bench/helpdesk/requirements.txt | .venv/bin/python
	@echo "Installing what the intake is measured beside"
	@$(BIN)/python -m venv build/helpdesk
	@build/helpdesk/bin/python -m pip install --quiet --disable-pip-version-check --no-deps -r $<
	@touch $@

%.mo: %.po | $(READY)
	@$(BIN)/python -m scripts.messages compile $<
