"""Django's SQLite backend, in which those who want to write stand in line.

SQLite has one writer at a time, and who finds it busy looks again after up to 100 ms: whoever writes much keeps others
out for many seconds. Here a transaction first takes its turn, in this process and among the processes of the database.
"""

import fcntl
import os
import threading
import time
from functools import lru_cache
from pathlib import Path

from django.db.backends.sqlite3 import base

LOOK_S = 0.001
GIVE_UP_S = 10.0  # then SQLite itself decides, with its own patience


class Line:
    """The line before one database file: the first waits at the gate, and only who has the gate may take the turn."""

    def __init__(self, path: Path) -> None:
        self._here = threading.Lock()
        self._path = path
        self._pid = 0
        self._gate = self._turn = -1

    def enter(self) -> bool:
        """Wait for the turn; False when it does not come."""
        until = time.monotonic() + GIVE_UP_S
        if not self._here.acquire(timeout=GIVE_UP_S):
            return False
        self._open()
        if _taken(self._gate, until):
            mine = _taken(self._turn, until)
            fcntl.flock(self._gate, fcntl.LOCK_UN)
            if mine:
                return True
        self._here.release()
        return False

    def leave(self) -> None:
        """Give the turn to the next."""
        fcntl.flock(self._turn, fcntl.LOCK_UN)
        self._here.release()

    def _open(self) -> None:
        """Files of this process: what a fork inherits would be one with its parent's."""
        if self._pid != os.getpid():
            self._pid = os.getpid()
            self._gate, self._turn = (
                os.open(self._path.with_name(f"{self._path.name}-{name}"), os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
                for name in ("gate", "turn")
            )


def _taken(file: int, until: float) -> bool:
    """Lock the file, looking often: there is one of us at most in each process."""
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > until:
                return False
            time.sleep(LOOK_S)
        else:
            return True


_lines: dict[str, Line] = {}


class Cursor(base.SQLiteCursorWrapper):
    """Writes the marks for values as SQLite wants them, once for each text: most are asked again and again."""

    def convert_query(self, query: str, *, param_names: list[str] | None = None) -> str:
        """The text as SQLite reads it."""
        return _marked(query) if param_names is None else str(super().convert_query(query, param_names=param_names))


@lru_cache(maxsize=512)
def _marked(query: str) -> str:
    return base.FORMAT_QMARK_REGEX.sub("?", query).replace("%%", "%")


class DatabaseWrapper(base.DatabaseWrapper):
    """Takes a turn for each transaction, and gives it back at its end."""

    _line: Line | None = None

    def create_cursor(self, name: str | None = None) -> Cursor:
        """A cursor of ours."""
        cursor: Cursor = self.connection.cursor(factory=Cursor)
        return cursor

    def _start_transaction_under_autocommit(self) -> None:
        if not self.is_in_memory_db():
            path = str(self.settings_dict["NAME"])
            line = _lines.setdefault(path, Line(Path(path)))
            self._line = line if line.enter() else None
        try:
            super()._start_transaction_under_autocommit()  # type: ignore[misc]
        except BaseException:
            self._leave()
            raise

    def _commit(self) -> None:
        try:
            super()._commit()  # type: ignore[misc]
        finally:
            self._leave()

    def _rollback(self) -> None:
        try:
            super()._rollback()  # type: ignore[misc]
        finally:
            self._leave()

    def _close(self) -> None:
        try:
            super()._close()  # type: ignore[misc]
        finally:
            self._leave()

    def _leave(self) -> None:
        line, self._line = self._line, None
        if line is not None:
            line.leave()
