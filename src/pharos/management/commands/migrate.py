"""`pharos manage migrate`: beside everything that runs, and by one process at a time."""

import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, Final

from django.core.management.commands import migrate
from django.db import DEFAULT_DB_ALIAS, Error, OperationalError, connection, connections

from pharos.jobs.processes import alone

LOCK_WAIT_S: Final = 2  # whoever waits for a table holds up all who come after
PAUSES_S: Final = (0.5, 1, 2, 4, 8, 15, 30)  # while others let go of it
IN_THE_WAY: Final = {"55P03", "40P01"}  # lock_not_available, deadlock_detected


class Command(migrate.Command):
    """Waits for no table so long that doors would have to wait too; tries again instead."""

    def handle(self, *args: Any, **options: Any) -> None:
        """Bring the database up to date."""
        for pause_s in PAUSES_S:
            try:
                self._handle(*args, **options)
            except OperationalError as error:
                if getattr(error.__cause__, "sqlstate", None) not in IN_THE_WAY:
                    raise
            else:
                return
            _begin_anew()
            self.stdout.write("Somebody holds a table that has to be changed; trying again.")
            time.sleep(pause_s)
        self._handle(*args, **options)

    def _handle(self, *args: Any, **options: Any) -> None:
        with alone(connection), _in_a_hurry():
            super().handle(*args, **options)


@contextmanager
def _in_a_hurry() -> Iterator[None]:
    if connection.vendor != "postgresql":
        yield
        return
    with connection.cursor() as sql:
        sql.execute("SELECT set_config('lock_timeout', %s, false)", [f"{LOCK_WAIT_S}s"])
    try:
        yield
    finally:
        with suppress(Error), connection.cursor() as sql:
            sql.execute("SELECT set_config('lock_timeout', '0', false)")


def _begin_anew() -> None:
    """On another connection: a migration that fails in its last statements leaves its transaction open."""
    broken = connections[DEFAULT_DB_ALIAS]
    if broken.connection is not None:
        broken.connection.close()
    del connections[DEFAULT_DB_ALIAS]
