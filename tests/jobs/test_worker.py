"""Workers: nothing that fails stops the rest, one that is killed is replaced, one that is told to stop stops clean."""

import logging
import os
import signal
import subprocess
import sys
import threading
import time
from datetime import timedelta

import pytest
from django.db import OperationalError, connection, connections
from django.utils import timezone

from pharos.actions import loops as rows
from pharos.http.logs import Lines
from pharos.jobs import worker as module
from pharos.jobs.loops import LOOPS, Loop
from pharos.jobs.worker import Worker
from pharos.models import Loop as Row
from pharos.models import Message, Offer
from tests.channels.test_delivery import address_of_the_database
from tests.factories import make_agent, make_contact, make_organisation

pytestmark = pytest.mark.django_db(transaction=True)
WAIT_S = 60


def loop(name, function, *, every_s=0.01, **options) -> Loop:
    """A loop that calls a function and has nothing more to do."""

    def run(turn) -> bool:
        function()
        return False

    return Loop(name, every_s, lambda: run, **options)


class Times:
    """Counts calls, and waits for the next ones."""

    def __init__(self, then=lambda: None) -> None:
        self.count = 0
        self._called = threading.Condition()
        self._then = then

    def __call__(self) -> None:
        with self._called:
            self.count += 1
            self._called.notify_all()
        self._then()

    def more(self, number: int = 2) -> bool:
        with self._called:
            wanted = self.count + number
            return self._called.wait_for(lambda: self.count >= wanted, WAIT_S)


@pytest.fixture
def working():
    """Starts workers, and stops them at the end."""
    started: list[Worker] = []

    def start(*loops: Loop) -> Worker:
        worker = Worker(loops)
        started.append(worker)
        worker.start()
        return worker

    yield start
    for worker in started:
        worker.stop()
        assert not any(hand.thread.is_alive() for hand in worker._hands)


def fail() -> None:
    raise ValueError("of ani@example.org")


def test_loop_that_fails_stops_no_other_and_says_so_without_words(working, caplog):
    caplog.handler.setFormatter(Lines("%(message)s"))
    steady, failing = Times(), Times(fail)
    worker = working(loop("failing", failing), loop("steady", steady))
    assert failing.more(1)
    assert steady.more(5)
    worker.beat(now=timezone.now())
    assert "loop failing failed, 1 in a row" in caplog.text
    assert "ani@" not in caplog.text
    row = Row.objects.get(name="failing")
    assert row.failures >= 1
    assert row.last_failure.startswith("ValueError")
    assert Row.objects.get(name="steady").failures == 0


def test_loop_that_a_worker_of_another_release_forgot_goes_on(working):
    times = Times()
    worker = working(loop("new", times))
    assert times.more(1)
    rows.enter(names=["old"], known={"old"})
    worker.beat(now=timezone.now())
    assert Row.objects.get(name="new").holder == worker.holder
    assert times.more(2)


def test_loop_that_failed_and_works_again_is_well(working, monkeypatch):
    monkeypatch.setattr(module, "PAUSE_MAX_S", 0.01)
    fails = iter([True, True])
    times = Times(lambda: fail() if next(fails, False) else None)
    worker = working(loop("recovering", times))
    assert times.more(4)
    worker.beat(now=timezone.now())
    assert Row.objects.get(name="recovering").failures == 0


def test_failures_in_a_row_pause_longer_and_longer_up_to_a_limit(caplog):
    caplog.set_level(logging.CRITICAL)
    hand = module.Hand(loop("failing", fail), may_run=lambda _: True, stop=threading.Event())
    pauses = [hand._once() for _ in range(7)]
    assert pauses == [1, 2, 4, 8, 16, 30, 30]


def test_loop_that_begins_anew_after_a_failure_forgets_what_it_knew():
    begun = Times()

    def begin():
        begun()
        return lambda turn: fail()

    hand = module.Hand(Loop("failing", 0.01, begin), may_run=lambda _: True, stop=threading.Event())
    hand._once()
    hand._once()
    assert begun.count == 2


def test_loop_with_more_to_do_goes_on_at_once():
    hand = module.Hand(Loop("busy", 60.0, lambda: lambda turn: True), may_run=lambda _: True, stop=threading.Event())
    assert hand._once() == 0.0


def test_two_workers_never_run_a_lone_loop_together_and_both_run_the_others(working):
    alone = [Times(), Times()]
    shared = [Times(), Times()]
    workers = [working(loop("alone", alone[n]), loop("shared", shared[n], alone=False)) for n in (0, 1)]
    assert shared[0].more()
    assert shared[1].more()
    assert alone[0].more()
    assert alone[1].count == 0
    assert [worker.may_run("alone") for worker in workers] == [True, False]


def test_worker_that_stops_hands_its_loops_over_at_once(working):
    first, second = Times(), Times()
    leaving = working(loop("alone", first))
    staying = working(loop("alone", second))
    assert first.more()
    leaving.stop()
    staying.beat(now=timezone.now())
    assert second.more()


def test_worker_whose_lease_ended_runs_nothing_until_it_has_it_again(working):
    times = Times()
    worker = working(loop("alone", times))
    assert times.more()
    worker._held_until = time.monotonic()
    assert not worker.may_run("alone")
    worker.beat(now=timezone.now())
    assert times.more()


def test_loop_that_is_stuck_is_let_go_to_another_worker(working, monkeypatch):
    go_on = threading.Event()
    stuck, fresh = Times(lambda: go_on.wait(WAIT_S) and None), Times()
    worker = working(loop("alone", stuck))
    assert stuck.count or stuck.more(1)
    monkeypatch.setattr(module, "STUCK_S", 0.0)
    worker.beat(now=timezone.now())
    other = working(loop("alone", fresh))
    other.beat(now=timezone.now() + rows.LEASE)
    assert fresh.count or fresh.more(1)
    go_on.set()


def test_beat_without_a_database_is_survived(working, monkeypatch, caplog):
    times = Times()
    worker = working(loop("shared", times, alone=False))

    def refuse(**_claim):
        raise OperationalError("password=secret")

    with monkeypatch.context() as patched:
        patched.setattr(rows, "claim", refuse)
        worker.beat(now=timezone.now())
    assert "the database cannot be reached" in caplog.text
    assert "secret" not in caplog.text
    assert times.more()


def test_name_of_no_loop_ends_the_worker_with_one_line():
    with pytest.raises(SystemExit) as ended:
        module.run(["offers", "nothing"])
    assert str(ended.value).startswith("pharos: there is no loop nothing; there are offers, ")


@pytest.mark.postgresql
def test_thread_goes_on_after_the_database_cut_its_connection(working, monkeypatch):
    monkeypatch.setattr(module, "PAUSE_MAX_S", 0.01)
    times = Times(Row.objects.count)
    working(loop("asking", times, alone=False))
    assert times.more()
    with connection.cursor() as sql:
        sql.execute(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
            "WHERE pid <> pg_backend_pid() AND datname = current_database()"
        )
        assert sql.fetchone()[0]
    assert times.more(5)


class Process:
    """`pharos work` as a process of its own, on the test's database."""

    def __init__(self, folder, *names: str) -> None:
        environment = {**os.environ, "PHAROS_DATABASE_URL": address_of_the_database(), "PHAROS_DATA_DIR": str(folder)}
        self.child = subprocess.Popen(
            [sys.executable, "-m", "pharos.cli", "work", *names], env=environment, stderr=subprocess.PIPE
        )

    def end(self, number: int) -> int:
        self.child.send_signal(number)
        assert self.child.stderr
        with self.child.stderr as lines:
            self.said = lines.read().decode()
        return self.child.wait(WAIT_S)


@pytest.fixture
def process(tmp_path):
    started: list[Process] = []

    def start(*names: str) -> Process:
        started.append(Process(tmp_path, *names))
        return started[-1]

    yield start
    for one in started:
        if one.child.poll() is None:
            one.end(signal.SIGKILL)


def until(true, *, within_s=WAIT_S) -> bool:
    """Look again and again until it is so."""
    ends_at = time.monotonic() + within_s
    looked = threading.Event()
    while not true():
        if time.monotonic() > ends_at:
            return False
        looked.wait(0.02)
    return True


def test_killed_worker_is_replaced_within_seconds(process):
    organisation = make_organisation()
    first = process()
    assert until(lambda: Row.objects.filter(holder__gt="").count() == sum(one.alone for one in LOOPS.values()))
    assert first.end(signal.SIGKILL) == -signal.SIGKILL
    killed_at = timezone.now()
    process()
    make_agent(organisation)
    make_contact(organisation, now=timezone.now())
    assert until(Offer.objects.exists)
    assert until(lambda: Message.objects.filter(state="sent").exists())
    assert timezone.now() - killed_at < rows.LEASE + timedelta(seconds=30)


def test_worker_told_to_stop_ends_clean_and_releases_its_loops(process):
    one = process("offers", "messages")
    assert until(lambda: Row.objects.filter(name="offers", last_run_at__isnull=False).exists())
    assert one.end(signal.SIGTERM) == 0
    assert set(Row.objects.values_list("name", "holder")) == {("offers", ""), ("messages", "")}
    assert "ERROR" not in one.said


def test_contact_is_offered_well_within_half_a_second(process):
    organisation = make_organisation()
    make_agent(organisation, capacity_written=10)
    process("offers")
    assert until(lambda: Row.objects.filter(name="offers", last_run_at__isnull=False).exists())
    delays = []
    for _ in range(5):
        Offer.objects.all().delete()
        contact = make_contact(organisation, now=timezone.now())
        arrived = time.monotonic()
        assert until(lambda contact=contact: Offer.objects.filter(contact=contact).exists(), within_s=5)
        delays.append(time.monotonic() - arrived)
    assert sorted(delays)[2] < 0.5


@pytest.fixture(autouse=True)
def no_connection_left():
    yield
    connections.close_all()
