"""The processes of one machine."""

import signal
from collections.abc import Callable, Iterator

import pytest
from django.db import connection

from pharos.jobs import processes


class OverError(Exception):
    """Ends the watch of the parent."""


@pytest.fixture
def signals() -> Iterator[None]:
    """What a signal does is as before afterwards."""
    numbers = (signal.SIGTERM, signal.SIGINT)
    before = [signal.getsignal(number) for number in numbers]
    yield
    for number, handler in zip(numbers, before, strict=True):
        signal.signal(number, handler)


@pytest.mark.django_db(transaction=True)
def test_parts_share_no_database_connection(monkeypatch: pytest.MonkeyPatch, signals: None) -> None:
    shared: list[object] = []

    def fork(_part: Callable[[], None], _life: tuple[int, int]) -> int:
        shared.append(connection.connection)
        return len(shared)

    def ended() -> tuple[int, int]:
        raise OverError

    monkeypatch.setattr(processes, "_fork", fork)
    monkeypatch.setattr(processes, "_ended", ended)
    connection.ensure_connection()
    with pytest.raises(OverError):
        processes.supervise({"web": fork, "worker": fork})  # type: ignore[dict-item]
    assert shared == [None, None]
