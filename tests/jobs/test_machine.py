"""The machine code of the look-ahead: where it is kept, and what happens without it."""

import builtins
import fcntl
import os
import subprocess
import sys
from pathlib import Path
from unittest import mock

import pytest

from pharos.actions.waits import ARRAYS
from pharos.engine import paths, twin
from pharos.jobs import machine


@pytest.fixture(autouse=True)
def fresh(monkeypatch, settings, tmp_path):
    monkeypatch.setattr(machine, "_player", ARRAYS._replace(without=machine.NOT_YET))
    monkeypatch.setattr(os, "setpriority", lambda *_: None)  # this thread is the test's own
    monkeypatch.setattr(machine, "make_apart", lambda: None)
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / machine.FOLDER))
    settings.DATA_DIR = tmp_path


def test_arrays_answer_until_it_is_made():
    assert machine.player().run is paths.run
    assert machine.player().without == machine.NOT_YET


def test_the_twin_answers_when_it_is_made(monkeypatch):
    monkeypatch.setattr(twin, "warm", lambda: None)
    machine._make()
    assert machine.player().run is twin.run
    assert (machine.player().most_paths, machine.player().without) == (200, "")
    assert machine.player().paths(1000) == 200


def test_what_cannot_be_made_is_said_and_the_arrays_go_on(monkeypatch, caplog):
    def fail():
        raise OSError

    monkeypatch.setattr(twin, "warm", fail)
    machine._make()
    assert machine.player().run is paths.run
    assert machine.player().without.startswith("OSError")
    assert "without machine code" in caplog.text


def test_without_numba_the_arrays_go_on(monkeypatch, caplog):
    real = builtins.__import__

    def refuse(name, *rest, **named):
        if name == "pharos.engine" and "twin" in (rest[2] or ()):
            raise ModuleNotFoundError("No module named 'numba'")
        return real(name, *rest, **named)

    monkeypatch.setattr(builtins, "__import__", refuse)
    machine._make()
    assert machine.player().run is paths.run
    assert machine.player().without.startswith("ModuleNotFoundError")


def test_what_was_kept_and_is_damaged_is_made_again(monkeypatch, tmp_path):
    kept, tries = tmp_path / machine.FOLDER, []
    kept.mkdir()
    (kept / "kernel.nbi").write_bytes(b"damaged")

    def warm():
        tries.append(1)
        if kept.exists():
            raise EOFError

    monkeypatch.setattr(twin, "warm", warm)
    assert machine.made(kept).run is twin.run
    assert len(tries) == 2
    assert not kept.exists()


def test_what_takes_too_long_to_make_is_not_waited_for(monkeypatch, caplog):
    def late():
        raise subprocess.TimeoutExpired("making", 1)

    monkeypatch.setattr(machine, "make_apart", late)
    machine._make()
    assert machine.player().run is paths.run
    assert machine.player().without.startswith("TimeoutExpired")


def test_making_ends_with_who_asked_for_it():
    command = [sys.executable, "-m", "pharos.jobs.making"]
    source = str(Path(machine.__file__).parents[2])
    done = subprocess.run(command, stdin=subprocess.DEVNULL, env={"PYTHONPATH": source}, check=False)
    assert done.returncode == 1


@pytest.mark.soak
def test_what_is_made_apart_is_read_back(monkeypatch, tmp_path):
    monkeypatch.undo()
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    machine.make_apart()
    assert list(tmp_path.rglob("*.nbc"))


def test_what_serves_pages_never_loads_numba():
    code = (
        "import os, sys, django; os.environ['DJANGO_SETTINGS_MODULE'] = 'pharos.settings'; django.setup();"
        "import pharos.urls, pharos.asgi; sys.exit('numba' in sys.modules)"
    )
    source = str(Path(machine.__file__).parents[2])
    assert subprocess.run([sys.executable, "-c", code], env={"PYTHONPATH": source}, check=False).returncode == 0


def test_only_a_folder_of_our_own_is_emptied(monkeypatch, tmp_path):
    def fail():
        raise OSError("full")

    monkeypatch.setattr(twin, "warm", fail)
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "shared"))
    others = tmp_path / "shared" / "theirs"
    others.mkdir(parents=True)
    with pytest.raises(OSError, match="full"):
        machine.made(tmp_path / machine.FOLDER)
    assert others.exists()
    assert os.environ["NUMBA_CACHE_DIR"] == str(tmp_path / "shared" / machine.FOLDER)


def test_workers_take_turns_to_make_it(monkeypatch, tmp_path):
    from pharos.jobs import making

    def warm():
        with (tmp_path / machine.FOLDER / "turn").open("w") as other, pytest.raises(BlockingIOError):
            fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)

    monkeypatch.setattr(twin, "warm", warm)
    monkeypatch.setattr("resource.setrlimit", lambda *_: None)
    monkeypatch.setattr("threading.Thread", mock.Mock())
    making.main()
