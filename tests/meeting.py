"""Two writers who meet on one row: the second waits for the first, and then sees what it left."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from django.db import connection, connections, transaction

WAITING = "SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
PATIENCE = 3000  # looks, a hundredth of a second apart


def meet(first: Callable[[], object], second: Callable[[], object]) -> Exception | object:
    """Let `second` begin after `first` has written and before it commits; returns what `second` came to.

    For PostgreSQL and tests with `transaction=True`. What `second` refuses is returned, not raised.
    """

    def late() -> object:
        try:
            return second()
        except Exception as error:  # noqa: BLE001 - the test looks at it
            return error
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            first()
            came = pool.submit(late)
            until_somebody_waits()
        return came.result(60)


def until_somebody_waits() -> None:
    """Return once a transaction of this database waits for another."""
    for _ in range(PATIENCE):
        with connection.cursor() as sql:
            sql.execute("SELECT pg_stat_clear_snapshot()")  # a transaction sees it as it was, otherwise
            sql.execute(WAITING)
            waiting = sql.fetchone()[0]
        if waiting:
            return
        threading.Event().wait(0.01)
    raise AssertionError("the second writer did not wait for the first")
