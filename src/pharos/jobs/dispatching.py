"""Offering contacts to agents soon after something in the queue changed, and all round now and then."""

import time

from pharos.live.log import Log
from pharos.models import Organisation

ROUND_S = 2.0  # what no event has named is looked at this often
TOPIC = "queue"


class Dispatching:
    """Follows the live log: an arrival, a free agent or a declined offer is acted on within one look."""

    def __init__(self) -> None:
        self._log = Log()
        self._log.begin()
        self._round_at = 0.0

    def due(self) -> list[Organisation]:
        """The organisations in which something may be offered now."""
        named = {event.organisation_id for event in self._log.read() if event.topic == TOPIC}
        organisations = Organisation.objects.order_by("id")
        if time.monotonic() >= self._round_at:
            self._round_at = time.monotonic() + ROUND_S
            return list(organisations)
        return list(organisations.filter(pk__in=named)) if named else []
