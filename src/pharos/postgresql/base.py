"""Django's PostgreSQL backend, which asks a connection whether it lives only when that is in doubt.

Django asks before the first statement of every request. In a burst a connection has just answered another request;
while its server has said nothing since, not even goodbye, it is taken for alive.
"""

import select
import time

from django.db.backends.postgresql import base

SURE_S = 1.0


class DatabaseWrapper(base.DatabaseWrapper):
    """Takes a connection that was found alive within the last second, and is silent since, for alive."""

    _alive_at = float("-inf")

    def connect(self) -> None:
        """A new connection lives."""
        super().connect()
        self._alive_at = time.monotonic()

    def is_usable(self) -> bool:
        """Whether it answers now, or did a moment ago without an error since."""
        if not self.errors_occurred and time.monotonic() - self._alive_at < SURE_S and self._is_silent():
            return True
        usable = bool(super().is_usable())
        self._alive_at = time.monotonic() if usable else float("-inf")
        return usable

    def _is_silent(self) -> bool:
        """A server that ends a connection says so, or at the least its end is seen: there is something to read."""
        if self.connection is None or self.connection.closed:
            return False
        poll = select.poll()
        poll.register(self.connection.fileno(), select.POLLIN)
        return not poll.poll(0)
