"""The floor as the order sees it: who waits in which lane, who is free, who goes before whom."""

import math
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple, cast

from django.db.models import Count, Min, OuterRef, Q, Subquery
from django.db.models.query import QuerySet

from pharos.engine import discipline
from pharos.engine.calendar import Calendar
from pharos.engine.classes import DANGER, ClassRules, Kind, index, waited_for
from pharos.engine.lanes import Group, GuardLane, Head, LaneView
from pharos.engine.lanes import Lane as EngineLane
from pharos.models import Contact, GuardBucket, Lane, Organisation, Queue
from pharos.queries.calendars import calendars
from pharos.queries.rules import class_rules

FIRST_CHUNK, CHUNK = 16, 256  # contacts of one lane that are read at a time, once its head has been served
MOST_INDEX = 1e9  # how the infinite index of danger to life is stored
ALWAYS_OPEN = Calendar(always_open=True)
Calendars = Mapping[Kind, Calendar]


@dataclass(frozen=True, slots=True)
class Place:
    """A waiting contact in the serving order."""

    contact: Contact
    band: int
    kind: Kind
    index: float
    guard: bool
    reason: discipline.ReasonCode


def waited_s(lane: Lane, since: datetime, *, now: datetime, hours: Calendars) -> float:
    """Open seconds since the virtual arrival; danger to life always runs."""
    return calendar_of(lane, hours).open_seconds(since, now)


def calendar_of(lane: Lane, hours: Calendars) -> Calendar:
    """The hours on which waits of a lane run; danger to life always runs."""
    return ALWAYS_OPEN if lane.band == DANGER else hours[cast("Kind", lane.kind)]


def lane_views(*, organisation: Organisation, now: datetime) -> list[LaneView]:
    """Every lane in which someone waits; its lines are read lazily, so length costs nothing."""
    hours = calendars(organisation)
    lanes = list(_lanes_with_heads(organisation, now))
    ids = {pk for lane in lanes for pk in (lane.head, lane.due, lane.front) if pk}
    heads = Contact.objects.only(*HEAD_FIELDS).in_bulk(ids)
    return [_view(lane, heads, now=now, hours=hours) for lane in lanes]


HEAD_FIELDS = ("id", "virtual_arrival", "guard_at", "front_at", "has_needs", "preferred_agent_id")


def _lanes_with_heads(organisation: Organisation, now: datetime) -> "QuerySet[Lane, Any]":
    waiting = Contact.objects.filter(lane=OuterRef("pk"), state=Contact.State.WAITING)
    first = waiting.order_by("virtual_arrival", "id").values("pk")[:1]
    due = waiting.filter(guard_at__lte=now).order_by("guard_at", "id").values("pk")[:1]
    front = waiting.filter(front_at__isnull=False).order_by("virtual_arrival", "id").values("pk")[:1]
    return (
        Lane.objects.filter(organisation=organisation)
        .annotate(head=Subquery(first), due=Subquery(due), front=Subquery(front))
        .filter(head__isnull=False)
        .select_related("queue__skill")
        .order_by("id")
    )


def _view(lane: Any, heads: Mapping[int, Contact], *, now: datetime, hours: Calendars) -> LaneView:
    group = group_of(lane)
    engine_lane = EngineLane(lane.band, lane.kind, group)

    def head(contact: Contact) -> Head:
        return Head(
            contact_id=contact.pk,
            lane=engine_lane,
            waited_s=waited_s(lane, contact.virtual_arrival, now=now, hours=hours),
            arrival=contact.virtual_arrival.timestamp(),
            guard_due=contact.guard_at.timestamp() if contact.guard_at else None,
            exempt="raised" if contact.front_at else None,
            prefers=contact.preferred_agent_id,
            has_needs=contact.has_needs,
        )

    first, due, front = heads.get(lane.head), heads.get(lane.due), heads.get(lane.front)
    waiting = _line(lane, first, "virtual_arrival")
    guard = _line(lane, due, "guard_at", Q(guard_at__lte=now))
    brought = _line(lane, front, "virtual_arrival", Q(front_at__isnull=False))
    return LaneView(engine_lane, map(head, waiting), map(head, guard), map(head, brought))


def _line(lane: Lane, first: Contact | None, order: str, which: Q | None = None) -> Iterator[Contact]:
    """The contacts of a lane by `order`, from its known head on, a chunk at a time: the first small, for one agent."""
    if first is None:
        return
    yield first
    rows = Contact.objects.filter(which or Q(), lane=lane, state=Contact.State.WAITING)
    rows = rows.only(*HEAD_FIELDS).order_by(order, "id")
    last, wanted = first, FIRST_CHUNK
    while True:
        at = getattr(last, order)
        later = rows.filter(Q(**{f"{order}__gt": at}) | Q(**{order: at, "id__gt": last.pk}))
        chunk = list(later.filter(**{f"{order}__gte": at})[:wanted])
        yield from chunk
        if len(chunk) < wanted:
            return
        last, wanted = chunk[-1], min(4 * wanted, CHUNK)


def group_of(lane: Lane) -> Group:
    """What an agent needs to serve this lane."""
    return group_for(lane.queue, lane.language)


def group_for(queue: Queue, language: str) -> Group:
    """What an agent needs to serve a queue in a language: its skill at its level, and the training it asks for."""
    gates = tuple(sorted(str(skill) for skill in queue.training or ()))
    return Group(skill=queue.skill.code, language=language, level=queue.level, gates=gates)


def buckets(organisation: Organisation) -> dict[GuardLane, int]:
    """The tokens of the guard lanes."""
    rows = GuardBucket.objects.filter(organisation=organisation).values_list("lane", "tokens")
    return {_guard_lane(key): tokens for key, tokens in rows}


def bucket_key(lane: GuardLane) -> str:
    """A guard lane as stable text."""
    return f"{lane.kind}:{lane.group.key()}"


def _guard_lane(key: str) -> GuardLane:
    kind, _, group = key.partition(":")
    return GuardLane(cast("Kind", kind), Group.from_key(group))


def finite(value: float) -> float:
    """An index as it is stored and shown: danger to life has no number of its own."""
    return MOST_INDEX if math.isinf(value) else value


def serving_order(*, organisation: Organisation, now: datetime, limit: int) -> list[Place]:
    """The waiting contacts in the order in which they would be served if agents became free one by one now."""
    views = lane_views(organisation=organisation, now=now)
    order = discipline.serving_order(views, class_rules(organisation), buckets=buckets(organisation), limit=limit)
    contacts = Contact.objects.select_related("person", "lane__queue", "incident").in_bulk(
        [pick.contact_id for pick in order]
    )
    return [_place(contacts[pick.contact_id], pick) for pick in order if pick.contact_id in contacts]


def _place(contact: Contact, pick: discipline.Pick) -> Place:
    lane = contact.lane
    return Place(contact, lane.band, cast("Kind", lane.kind), finite(pick.index), pick.guard, pick.reason)


def place(*, contact: Contact, now: datetime) -> int | None:
    """The place in line by index, 1 for the next; None when the contact does not wait.

    Counts who has a larger index or was brought to the front; a promise that is due may bring someone past.
    """
    if contact.state != Contact.State.WAITING:
        return None
    organisation = contact.organisation
    hours, rules = calendars(organisation), class_rules(organisation)
    before = Q()
    for lane in Lane.objects.filter(organisation=organisation):
        ahead = _ahead(lane, contact, now=now, hours=hours, rules=rules)
        if ahead is not None:
            before |= Q(lane=lane) & ahead
    others = Contact.objects.filter(state=Contact.State.WAITING).exclude(pk=contact.pk)
    in_front = others.filter(organisation=organisation, front_at__isnull=False)
    if contact.lane.band == DANGER:
        return 1 + others.filter(before).count()
    if contact.front_at:
        danger = others.filter(organisation=organisation, lane__band=DANGER)
        return 1 + danger.count() + in_front.filter(_earlier(contact), lane__band__gt=DANGER).count()
    return 1 + others.filter(before).count() + in_front.exclude(before).count()


def _ahead(lane: Lane, contact: Contact, *, now: datetime, hours: Calendars, rules: ClassRules) -> Q | None:
    """Those of a lane who go before a contact; None when nobody of it does."""
    mine = contact.lane
    earlier = _earlier(contact)
    if (lane.band == DANGER) != (mine.band == DANGER):
        return Q() if lane.band == DANGER else None
    if lane.band == mine.band and lane.kind == mine.kind:
        return earlier
    if lane.band == DANGER:
        return earlier
    waited = waited_s(mine, contact.virtual_arrival, now=now, hours=hours)
    own = index(rules[mine.band, cast("Kind", mine.kind)], waited)
    kind = cast("Kind", lane.kind)
    needed = waited_for(rules[lane.band, kind], own)
    if needed < 0:  # whoever waits there has used up more of the target already
        return Q()
    since = hours[kind].subtract_open_seconds(now, needed)
    if since is None:
        return None
    # At the same index the earlier arrival goes first.
    return Q(virtual_arrival__lte=since) if since < contact.virtual_arrival else Q(virtual_arrival__lt=since)


def _earlier(contact: Contact) -> Q:
    same = Q(virtual_arrival=contact.virtual_arrival, id__lt=contact.pk or 2**62)
    return Q(virtual_arrival__lt=contact.virtual_arrival) | same


def arrival_after_change(contact: Contact, *, lane: Lane, now: datetime) -> datetime:
    """The virtual arrival in another class at which the index is no smaller than it was."""
    organisation, before = contact.organisation, contact.lane
    hours, rules = calendars(organisation), class_rules(organisation)
    return discipline.virtual_arrival_after_change(
        contact.virtual_arrival,
        now,
        old=rules[before.band, cast("Kind", before.kind)],
        new=rules[lane.band, cast("Kind", lane.kind)],
        old_calendar=calendar_of(before, hours),
        new_calendar=calendar_of(lane, hours),
    )


def arrival_after_merge(contacts: Collection[tuple[datetime, Lane]], *, lane: Lane, now: datetime) -> datetime:
    """The virtual arrival in `lane` of contacts that become one: no index of any of them gets smaller."""
    hours, rules = calendars(lane.organisation), class_rules(lane.organisation)
    return discipline.virtual_arrival_after_merge(
        [(since, rules[one.band, cast("Kind", one.kind)], calendar_of(one, hours)) for since, one in contacts],
        now,
        rules[lane.band, cast("Kind", lane.kind)],
        calendar_of(lane, hours),
    )


class Summary(NamedTuple):
    """What waits in one queue and band."""

    queue: str
    band: int
    kind: str
    waiting: int
    oldest: datetime | None


def summary(*, organisation: Organisation, now: datetime) -> list[Summary]:
    """Waiting contacts by queue, band and kind of channel."""
    rows = (
        Contact.objects.filter(organisation=organisation, state=Contact.State.WAITING)
        .values("lane__queue__code", "lane__band", "lane__kind")
        .annotate(waiting=Count("id"), oldest=Min("arrived_at"))
        .order_by("lane__band", "lane__kind", "lane__queue__code")
    )
    return [
        Summary(*row) for row in rows.values_list("lane__queue__code", "lane__band", "lane__kind", "waiting", "oldest")
    ]
