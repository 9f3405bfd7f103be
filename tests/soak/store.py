"""What an installation has kept, asked of its database directly, and what must be true of it."""

import sqlite3
import time
from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg

from tests.journeys.conftest import Installation

DOUBLE_OFFERS = """SELECT {0}, COUNT(*) FROM pharos_offer WHERE state = 'open' GROUP BY {0} HAVING COUNT(*) > 1"""
TORN = """
SELECT c.reference, c.state FROM pharos_contact c
WHERE (c.state = 'offered') <> EXISTS (SELECT 1 FROM pharos_offer o WHERE o.contact_id = c.id AND o.state = 'open')
   OR (c.state = 'waiting' AND c.agent_id IS NOT NULL)
   OR (c.state IN ('offered', 'active', 'wrap_up') AND c.agent_id IS NULL)
   OR NOT EXISTS (SELECT 1 FROM pharos_submission s WHERE s.contact_id = c.id)
   OR (SELECT COUNT(*) FROM pharos_message m WHERE m.contact_id = c.id AND m.sort = 'request') <> 1
   OR (SELECT COUNT(*) FROM pharos_message m WHERE m.contact_id = c.id AND m.sort = 'acknowledgement') <> 1
   OR NOT EXISTS (SELECT 1 FROM pharos_contactevent e WHERE e.contact_id = c.id AND e.code = 'received')
"""


class Store:
    """The database of an installation."""

    def __init__(self, installation: Installation) -> None:
        self._url = installation.environment.get("PHAROS_DATABASE_URL", "")
        self._file = Path(installation.environment["PHAROS_DATA_DIR"]) / "pharos.sqlite3"

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """The rows of a question."""
        if self._url:
            with psycopg.connect(self._url) as server:
                return server.execute(sql).fetchall()
        with closing(sqlite3.connect(self._file, timeout=30)) as database:
            return database.execute(sql).fetchall()

    def change(self, sql: str) -> None:
        """One statement, kept."""
        if self._url:
            with psycopg.connect(self._url) as server:
                server.execute(sql)
            return
        with closing(sqlite3.connect(self._file, timeout=30)) as database, database:
            database.execute(sql)

    def number(self, sql: str) -> int:
        """The one number that answers a question."""
        return int(self.rows(sql)[0][0])

    def is_whole(self) -> bool:
        """Whether SQLite finds its own file sound; PostgreSQL looks after itself."""
        return bool(self._url) or self.rows("PRAGMA integrity_check") == [("ok",)]

    def check(self, *, kept: dict[str, str], unsure: Iterable[str]) -> None:
        """Every acknowledged request is here exactly once and whole, and nobody is held by two."""
        found = dict(
            self.rows("SELECT reference, p.name FROM pharos_contact c JOIN pharos_person p ON p.id=c.person_id")
        )
        times = Counter(found.values())
        assert {key: times[key] for key in kept} == dict.fromkeys(kept, 1)
        assert {key: found.get(reference) for key, reference in kept.items()} == {key: key for key in kept}
        assert set(times) - set(kept) <= set(unsure)
        assert all(count == 1 for count in times.values())
        assert self.rows(DOUBLE_OFFERS.format("contact_id")) == []
        assert self.rows(DOUBLE_OFFERS.format("agent_id")) == []
        assert self.rows(TORN) == []
        assert self.is_whole()


def wait_until(true: Callable[[], bool], *, within_s: float, what: str) -> float:
    """Wait until something is so; returns how long that took."""
    begun = time.monotonic()
    while not true():
        assert time.monotonic() - begun < within_s, what
        time.sleep(0.1)
    return time.monotonic() - begun
