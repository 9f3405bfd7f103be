"""The live log: the name of what changed, followed by every open page."""

from collections.abc import Iterable
from datetime import datetime

from django.conf import settings
from django.db import connection

from pharos.models import LiveEvent
from pharos.models.insertion import fresh, insert_all

CHANNEL = "pharos_live"  # the PostgreSQL notification that wakes the hubs; it carries nothing


def nudge(*, organisation_id: int, topics: Iterable[str], now: datetime) -> None:
    """Write down what changed, in the caller's transaction: pages hear of it when, and only if, that commits."""
    rows = [fresh(LiveEvent, organisation_id=organisation_id, topic=topic, at=now) for topic in dict.fromkeys(topics)]
    if not rows:
        return
    with connection.cursor() as cursor:
        insert_all([rows], cursor, then="" if settings.SQLITE else f"NOTIFY {CHANNEL}")
