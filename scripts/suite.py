"""Run all tests twice: on SQLite, and on a PostgreSQL of their own what can touch a database. Both summaries come last.

Arguments go to both runs: `python -m scripts.suite -k offer`.
"""

import os
import re
import signal
import subprocess
import sys
from dataclasses import dataclass
from typing import NoReturn

from tests import services

# What asks no database is run once.
PURE = (
    *("tests/architecture", "tests/content", "tests/engine", "tests/scripts", "tests/static"),
    *("tests/channels/test_parse*.py", "tests/channels/test_compose.py", "tests/frontdoor/test_no_label.py"),
)
NOTHING_COLLECTED = 5
SUMMARY = re.compile(r"^(=+ )?(no tests|\d+ (passed|failed|error|deselected|skipped)).* in [\d.]+s")


@dataclass(frozen=True)
class Run:
    """How one pytest run ended."""

    name: str
    exit_code: int
    summary: str


def main(arguments: list[str]) -> int:
    """Return 0 when both runs passed and at least one of them had a test."""
    signal.signal(signal.SIGTERM, _stop)
    try:
        browser = services.chromium()
        runs = [_run("SQLite", arguments, {"PHAROS_CHROMIUM": browser})]
        with services.postgresql() as url:
            ignored = [f"--ignore-glob={pattern}" for pattern in PURE]
            environment = {"PHAROS_CHROMIUM": browser, "PHAROS_DATABASE_URL": url}
            runs.append(_run("PostgreSQL", [*ignored, *arguments], environment))
    except services.Missing as problem:
        print(problem, file=sys.stderr)
        return 1
    print()
    for run in runs:
        print(f"{run.name}: {run.summary}")
    codes = {run.exit_code for run in runs}
    return 0 if codes <= {0, NOTHING_COLLECTED} and 0 in codes else 1


def _run(name: str, arguments: list[str], settings: dict[str, str]) -> Run:
    kept = {key: value for key, value in os.environ.items() if not key.startswith("PHAROS_")}
    workers = str(min(4, os.cpu_count() or 1))
    colour = "--color=yes" if sys.stdout.isatty() else "--color=no"
    command = [sys.executable, "-m", "pytest", "--no-skips", "-n", workers, colour, *arguments]
    print(f"\n{name}", flush=True)
    summary = "no summary: pytest did not reach its end"
    with subprocess.Popen(
        command,
        env=kept | settings,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        assert process.stdout is not None
        try:
            for line in process.stdout:
                print(line, end="", flush=True)
                plain = re.sub(r"\x1b\[[\d;]*m", "", line).strip()
                if SUMMARY.match(plain):
                    summary = plain.strip("= ")
        except BaseException:
            process.terminate()
            raise
    return Run(name, process.returncode, summary)


def _stop(number: int, _frame: object) -> NoReturn:
    sys.exit(128 + number)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
