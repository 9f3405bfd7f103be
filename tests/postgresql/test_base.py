"""A connection is asked whether it lives when that is in doubt, and only then."""

from collections.abc import Iterator
from unittest import mock

import psycopg
import pytest
from django.db import OperationalError, connection
from django.db.backends.postgresql.base import DatabaseWrapper

from pharos.postgresql import base

pytestmark = pytest.mark.postgresql


class Clock:
    """Seconds that pass when told to."""

    def __init__(self) -> None:
        self.now = 100.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Clock]:
    connection.close()
    clock = Clock()
    monkeypatch.setattr(base, "time", clock)
    connection.ensure_connection()
    yield clock
    connection.close()


@pytest.fixture
def asked() -> Iterator[mock.Mock]:
    """Django's own question, which goes to the server and back."""
    with mock.patch.object(DatabaseWrapper, "is_usable", autospec=True, side_effect=DatabaseWrapper.is_usable) as asked:
        yield asked


def cut() -> None:
    """The server ends the connection."""
    with psycopg.connect(**connection.get_connection_params(), autocommit=True) as other:
        other.execute("SELECT pg_terminate_backend(%s, 5000)", [connection.connection.info.backend_pid])


def test_connection_just_made_is_not_asked(clock: Clock, asked: mock.Mock) -> None:
    clock.now += 0.9
    assert connection.is_usable()
    assert not asked.called


def test_connection_is_asked_a_second_later_and_then_not_for_another(clock: Clock, asked: mock.Mock) -> None:
    clock.now += 1.1
    assert connection.is_usable()
    clock.now += 0.9
    assert connection.is_usable()
    assert asked.call_count == 1


def test_connection_that_was_cut_is_found_out_at_once(clock: Clock) -> None:
    cut()
    assert not connection.is_usable()


def test_connection_that_we_closed_is_not_usable(clock: Clock) -> None:
    connection.connection.close()
    assert not connection.is_usable()


def test_connection_is_asked_after_an_error(clock: Clock, asked: mock.Mock) -> None:
    with pytest.raises(OperationalError), connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")
    assert not connection.is_usable()
    assert asked.called
