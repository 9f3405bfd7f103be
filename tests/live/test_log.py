"""The live log is followed in the order of commits; nothing that was committed is passed over."""

import threading
from datetime import timedelta

import pytest
from django.db import connection, connections, transaction

from pharos import live
from pharos.live.log import Log, cursor
from pharos.models import LiveEvent
from tests.factories import make_organisation


@pytest.fixture
def follower(monkeypatch) -> Log:
    """A follower on the test's own connection, which must stay open."""
    monkeypatch.setattr("pharos.live.log.close_old_connections", lambda: None)
    return Log()


def topics(events) -> list[str]:
    return [event.topic for event in events]


def test_nudge_within_a_transaction_that_fails_tells_nobody(db, now, follower):
    organisation = make_organisation()
    follower.begin()
    try:
        with transaction.atomic():
            live.nudge(organisation_id=organisation.pk, topics=["board"], now=now)
            raise ZeroDivisionError
    except ZeroDivisionError:
        pass
    assert follower.read() == []


def test_nudge_with_a_topic_twice_tells_it_once(db, now, follower):
    organisation = make_organisation()
    follower.begin()
    live.nudge(organisation_id=organisation.pk, topics=["board", "queue", "board"], now=now)
    live.nudge(organisation_id=organisation.pk, topics=[], now=now)
    assert topics(follower.read()) == ["board", "queue"]
    assert follower.read() == []


def test_log_begins_with_what_is_there_and_goes_on_after_it(db, now, follower):
    organisation = make_organisation()
    live.nudge(organisation_id=organisation.pk, topics=["board"], now=now)
    assert topics(follower.begin()) == ["board"]
    live.nudge(organisation_id=organisation.pk, topics=["queue"], now=now)
    events = follower.read()
    assert topics(events) == ["queue"]
    assert follower.last == events[0].id


def test_cursor_lies_before_what_was_written_in_the_last_seconds(db, now):
    organisation = make_organisation()
    assert cursor(now=now) == 0
    live.nudge(organisation_id=organisation.pk, topics=["board"], now=now)
    first = LiveEvent.objects.get().pk
    assert cursor(now=now) == first - 1
    assert cursor(now=now + timedelta(seconds=2)) == first
    live.nudge(organisation_id=organisation.pk, topics=["board"], now=now + timedelta(seconds=2))
    assert cursor(now=now + timedelta(seconds=2)) == first


@pytest.mark.postgresql
def test_log_finds_a_lower_id_that_was_committed_later(transactional_db, now):
    organisation = make_organisation()
    follower = Log()
    follower.begin()
    written, go_on = threading.Event(), threading.Event()

    def slow_writer() -> None:
        with transaction.atomic():
            live.nudge(organisation_id=organisation.pk, topics=["slow"], now=now)
            written.set()
            go_on.wait(10)
        connections.close_all()

    thread = threading.Thread(target=slow_writer)
    thread.start()
    assert written.wait(10)
    live.nudge(organisation_id=organisation.pk, topics=["quick"], now=now)
    assert topics(follower.read()) == ["quick"]
    go_on.set()
    thread.join(10)
    assert topics(follower.read()) == ["slow"]
    assert follower.read() == []


@pytest.mark.postgresql
def test_log_gives_up_ids_of_transactions_that_cannot_be_alive(db, now, follower, monkeypatch):
    organisation = make_organisation()
    live.nudge(organisation_id=organisation.pk, topics=["board"], now=now)
    follower.begin()
    with connection.cursor() as sql:
        sql.execute("SELECT nextval(pg_get_serial_sequence('pharos_liveevent', 'id'))")
    live.nudge(organisation_id=organisation.pk, topics=["board"], now=now)
    follower.read()
    assert len(follower._missing) == 1
    monkeypatch.setattr("pharos.live.log.LATE_S", 0.0)
    follower.read()
    assert follower._missing == {}
