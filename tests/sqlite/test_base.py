"""Writers stand in line: nobody is kept out by one who writes much, whoever dies gives the turn back."""

import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.db import IntegrityError, connection, connections, transaction

from pharos.models import Loop
from pharos.sqlite import base
from pharos.sqlite.base import Line

pytestmark = pytest.mark.sqlite


def write(*names: str) -> None:
    with transaction.atomic():
        for name in names:
            Loop.objects.create(name=name)


def test_transaction_that_fails_gives_the_turn_back(transactional_db):
    for _ in range(3):
        with pytest.raises(IntegrityError):
            write("twice", "twice")
    write("after")
    assert Loop.objects.count() == 1


def test_connection_closed_within_a_transaction_gives_the_turn_back(transactional_db):
    def leave_it_open() -> None:
        connection.set_autocommit(False, force_begin_transaction_with_broken_autocommit=True)
        connection.close()

    thread = threading.Thread(target=leave_it_open)
    thread.start()
    thread.join(10)
    began = time.monotonic()
    write("after")
    assert time.monotonic() - began < base.GIVE_UP_S / 2


def test_savepoint_takes_no_second_turn(transactional_db):
    with transaction.atomic():
        write("inner")
        with transaction.atomic():
            write("innermost")
    assert Loop.objects.count() == 2


def test_line_that_does_not_move_is_left_to_the_database(tmp_path, monkeypatch):
    monkeypatch.setattr(base, "GIVE_UP_S", 0.01)
    first, second = Line(tmp_path / "db"), Line(tmp_path / "db")
    assert first.enter()
    assert not second.enter()
    assert not first.enter()
    first.leave()
    assert second.enter()
    second.leave()


BEGIN = """
import sys, time
from pathlib import Path
from pharos.sqlite.base import Line
line = Line(Path(sys.argv[1]))
"""
GREEDY = """
line.enter()
print("ready", flush=True)
while True:
    time.sleep(0.002)
    line.leave()
    line.enter()
"""
HOLDING = """
line.enter()
print("ready", flush=True)
time.sleep(60)
"""


@contextmanager
def other_process(does: str, database: Path) -> Iterator["subprocess.Popen[str]"]:
    process = subprocess.Popen([sys.executable, "-c", BEGIN + does, database], stdout=subprocess.PIPE, text=True)
    assert process.stdout
    with process.stdout as said:
        assert said.readline() == "ready\n"
        yield process
        process.kill()
        process.wait(10)


def test_one_who_writes_much_keeps_no_other_process_out(tmp_path):
    line = Line(tmp_path / "db")
    waits = []
    with other_process(GREEDY, tmp_path / "db"):
        for _ in range(50):
            began = time.monotonic()
            assert line.enter()
            waits.append(time.monotonic() - began)
            line.leave()
    assert sorted(waits)[45] < 0.2


def test_one_who_is_killed_gives_the_turn_back(tmp_path):
    line = Line(tmp_path / "db")
    with other_process(HOLDING, tmp_path / "db") as holder:
        holder.kill()
        holder.wait(10)
        assert line.enter()
    line.leave()


def test_child_of_a_fork_stands_in_the_line_by_itself(tmp_path):
    line = Line(tmp_path / "db")
    line._open()
    before = line._turn
    line._pid = -1
    line._open()
    assert line._turn != before


def test_threads_that_write_at_once_all_get_through(transactional_db):
    def work(number: int) -> None:
        for turn in range(10):
            write(f"{number}-{turn}")
        connections.close_all()

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert Loop.objects.count() == 80
