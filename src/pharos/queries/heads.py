"""The head of a band: where somebody goes whose words may mean danger to life."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import cast

from django.db.models import Exists, OuterRef, Subquery

from pharos.engine.classes import Kind, index, waited_for
from pharos.models import Contact, Lane
from pharos.queries import cues
from pharos.queries.calendars import calendars
from pharos.queries.rules import class_rules

JUST = timedelta(microseconds=1)


def arrival_at_head(contact: Contact, *, lane: Lane, now: datetime) -> datetime | None:
    """The virtual arrival by which a contact goes before all who wait in the band of `lane`; None if it does already.

    Others whose words may mean danger keep their places: those who came first go first. Of each lane only those at its
    head are read.
    """
    in_danger = cues.in_danger().filter(contact=OuterRef("pk"))
    others = Contact.objects.filter(lane=OuterRef("pk"), state=Contact.State.WAITING).exclude(pk=contact.pk)
    heads = others.filter(~Exists(in_danger)).order_by("virtual_arrival", "pk").values("virtual_arrival")
    lanes = Lane.objects.filter(organisation=lane.organisation_id, band=lane.band)
    firsts = lanes.annotate(first=Subquery(heads[:1])).filter(first__isnull=False).values_list("kind", "first")
    arrivals = list(_arrivals(lane, _earliest(firsts), now=now))
    return min(arrivals) - JUST if arrivals else None


def _earliest(firsts: Iterable[tuple[str, datetime]]) -> dict[str, datetime]:
    """Of the heads of all lanes the earliest of each kind of channel."""
    found: dict[str, datetime] = {}
    for kind, first in firsts:
        found[kind] = min(first, found.get(kind, first))
    return found


def _arrivals(lane: Lane, first: dict[str, datetime], *, now: datetime) -> Iterator[datetime]:
    """The arrivals in this lane that have the index of the first of each kind of channel."""
    hours, rules = calendars(lane.organisation), class_rules(lane.organisation)
    mine = cast("Kind", lane.kind)
    for kind, arrival in first.items():
        theirs = cast("Kind", kind)
        if theirs == mine:
            yield arrival
            continue
        ahead = index(rules[lane.band, theirs], hours[theirs].open_seconds(arrival, now))
        needed = waited_for(rules[lane.band, mine], ahead)
        since = hours[mine].subtract_open_seconds(now, needed) if needed > 0 else None
        if since is not None:
            yield since
