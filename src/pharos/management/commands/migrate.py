"""`pharos manage migrate`: beside everything that runs, and by one process at a time."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from django.core.management.commands import migrate
from django.db import OperationalError, connection

from pharos.jobs.processes import alone

LOCK_WAIT_S: Final = 2  # whoever waits for a table holds up all who come after
PAUSES_S: Final = (0.5, 1, 2, 4, 8, 15, 30)  # while others let go of it
IN_THE_WAY: Final = {"55P03", "40P01"}  # lock_not_available, deadlock_detected


class Command(migrate.Command):
    """Waits for no table so long that doors would have to wait too; tries again instead."""

    def handle(self, *args: Any, **options: Any) -> None:
        """Bring the database up to date."""
        with alone(connection):
            for pause_s in PAUSES_S:
                if self._is_done(*args, **options):
                    return
                self.stdout.write("Somebody holds a table that has to be changed; trying again.")
                time.sleep(pause_s)
            with _in_a_hurry():
                super().handle(*args, **options)

    def _is_done(self, *args: Any, **options: Any) -> bool:
        """False when somebody holds what has to be changed."""
        try:
            with _in_a_hurry():
                super().handle(*args, **options)
        except OperationalError as error:
            if getattr(error.__cause__, "sqlstate", None) not in IN_THE_WAY:
                raise
            return False
        return True


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
        with connection.cursor() as sql:
            sql.execute("SELECT set_config('lock_timeout', '0', false)")
