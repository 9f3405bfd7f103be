"""A connection is asked whether it lives when that is in doubt, and only then."""

from collections.abc import Iterator

import pytest
from django.db import OperationalError, connection

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
    yield clock
    connection.close()


def lose() -> None:
    """The server ends the connection behind our back."""
    connection.ensure_connection()
    connection.connection.close()


def test_connection_just_made_is_taken_for_alive(clock: Clock) -> None:
    lose()
    clock.now += 0.9
    assert connection.is_usable()


def test_connection_is_asked_a_second_later(clock: Clock) -> None:
    lose()
    clock.now += 1.1
    assert not connection.is_usable()


def test_connection_found_alive_is_taken_for_alive_a_second_longer(clock: Clock) -> None:
    connection.ensure_connection()
    clock.now += 1.1
    assert connection.is_usable()
    connection.connection.close()
    clock.now += 0.9
    assert connection.is_usable()


def test_connection_is_asked_after_an_error(clock: Clock) -> None:
    lose()
    with pytest.raises(OperationalError), connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    assert not connection.is_usable()
