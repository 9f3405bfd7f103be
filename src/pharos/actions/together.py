"""One transaction for several threads: whoever is about to come is waited for a moment, and joins it."""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Generic, TypeVar

from django.db import InterfaceError, OperationalError

Given = TypeVar("Given")
Made = TypeVar("Made")
PATIENCE_S = 0.015


class Crowd:
    """How many of a process's threads work on something that may come to be written."""

    def __init__(self) -> None:
        self.moved = threading.Condition()
        self._given, self._threads = 0, 1
        self._looked_for: list[Callable[[], bool]] = []

    def give(self, *, threads: int) -> None:
        """One more was given to a pool of so many threads."""
        with self.moved:
            self._given, self._threads = self._given + 1, threads

    @contextmanager
    def worked_on(self) -> Iterator[None]:
        """What was given is over at the end."""
        try:
            yield
        finally:
            with self.moved:
                self._given -= 1
                self.look()

    def at_once(self) -> int:
        """How many may come to be written without another one being over; hold `moved`."""
        return min(self._given, self._threads)

    def wait_for(self, is_so: Callable[[], bool], *, patience_s: float) -> None:
        """Until it is so, or for so long; hold `moved`."""
        self._looked_for.append(is_so)
        try:
            self.moved.wait_for(is_so, patience_s)
        finally:
            self._looked_for.remove(is_so)

    def look(self) -> None:
        """Something moved: wake those who wait, if it is so for one of them; hold `moved`."""
        if any(is_so() for is_so in self._looked_for):
            self.moved.notify_all()


crowd = Crowd()


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

    def __init__(
        self,
        write: Callable[[Sequence[Given]], Sequence[Made]],
        *,
        most: int,
        crowd: Crowd = crowd,
        patience_s: float = PATIENCE_S,
    ) -> None:
        self._write = write
        self._most = most
        self._crowd = crowd
        self._patience_s = patience_s
        self._lock = crowd.moved
        self._waiting: list[_Turn[Given, Made]] = []
        self._is_writing = False
        self._last = 1

    def do(self, given: Given) -> Made:
        """What became of it, once it is durable; raises what its own writing raised."""
        turn: _Turn[Given, Made] = _Turn(given)
        with self._lock:
            self._waiting.append(turn)
            self._crowd.look()
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
            self._crowd.wait_for(self._are_all_here, patience_s=self._patience_s)
            turns, self._waiting = self._waiting[: self._most], self._waiting[self._most :]
            self._last = len(turns)
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

    def _are_all_here(self) -> bool:
        return len(self._waiting) >= min(self._most, max(self._crowd.at_once(), self._last))

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
