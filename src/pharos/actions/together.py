"""One transaction for several threads: whoever comes while another one is being written joins the next."""

import threading
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

from django.db import InterfaceError, OperationalError

Given = TypeVar("Given")
Made = TypeVar("Made")


class _Turn(Generic[Given, Made]):
    """One thread's part: what it gave, and what became of it."""

    def __init__(self, given: Given) -> None:
        self.given = given
        self.made: Made | None = None
        self.error: BaseException | None = None
        self.is_over = False
        self.called = threading.Event()


class Together(Generic[Given, Made]):
    """Does the work of all who wait at once; of one that fails nobody else hears, unless the store itself is away.

    `write` does all or nothing: one transaction, and its results in order.
    """

    def __init__(self, write: Callable[[Sequence[Given]], Sequence[Made]], *, most: int) -> None:
        self._write = write
        self._most = most
        self._lock = threading.Lock()
        self._waiting: list[_Turn[Given, Made]] = []
        self._is_writing = False

    def do(self, given: Given) -> Made:
        """What became of it, once it is durable; raises what its own writing raised."""
        turn: _Turn[Given, Made] = _Turn(given)
        with self._lock:
            self._waiting.append(turn)
            is_first, self._is_writing = not self._is_writing, True
        if not is_first:
            turn.called.wait()
        if not turn.is_over:
            self._lead()
        if turn.error is not None:
            raise turn.error
        return turn.made  # type: ignore[return-value]

    def _lead(self) -> None:
        """Write for those who wait, call the first of those who came meanwhile to do the same, then let all go on."""
        with self._lock:
            turns, self._waiting = self._waiting[: self._most], self._waiting[self._most :]
        try:
            self._settle(turns)
        finally:
            with self._lock:
                following = self._waiting[:1]
                self._is_writing = bool(following)
            for turn in turns:
                turn.is_over = True
            for turn in following + turns:
                turn.called.set()

    def _settle(self, turns: Sequence[_Turn[Given, Made]]) -> None:
        try:
            for turn, made in zip(turns, self._write([turn.given for turn in turns]), strict=True):
                turn.made = made
        except Exception as error:  # noqa: BLE001 - raised by those whom it concerns
            if len(turns) == 1 or isinstance(error, OperationalError | InterfaceError):
                for turn in turns:
                    turn.error = error
            else:
                for turn in turns:
                    self._settle([turn])
        except BaseException as error:
            for turn in turns:
                turn.error = error
            raise
