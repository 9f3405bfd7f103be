"""Django's PostgreSQL backend, which asks a connection whether it lives only when that is in doubt.

Django asks before the first statement of every request. In a burst a connection has just answered another request;
should it be lost all the same, that request is told so, as it is when the loss comes between question and statement.
"""

import time

from django.db.backends.postgresql import base

SURE_S = 1.0


class DatabaseWrapper(base.DatabaseWrapper):
    """Takes a connection that was found alive within the last second for alive."""

    _alive_at = float("-inf")

    def connect(self) -> None:
        """A new connection lives."""
        super().connect()
        self._alive_at = time.monotonic()

    def is_usable(self) -> bool:
        """Whether it answers now, or did a moment ago without an error since."""
        if not self.errors_occurred and time.monotonic() - self._alive_at < SURE_S:
            return True
        usable = bool(super().is_usable())
        self._alive_at = time.monotonic() if usable else float("-inf")
        return usable
