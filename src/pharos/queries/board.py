"""Everything the live board shows, in a fixed number of queries however many wait."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.db.models import Case, Count, F, Min, Q, When

from pharos.models import Agent, Contact, Kind, Lane, Organisation, Promise, Queue, WaitEstimate
from pharos.queries import floor, minutes
from pharos.queries.calendars import calendars
from pharos.queries.rules import class_rules, rule

State = Contact.State
BANDS = (0, 1, 2, 3)
HOUR_MINUTES = 60
SCORED = timedelta(hours=24)
HELD = (State.ACTIVE, State.WRAP_UP, State.OFFERED)
STATUSES = (Agent.Status.AVAILABLE, Agent.Status.BREAK, Agent.Status.OFFLINE)


class Cell(NamedTuple):
    """Those who wait in one band and queue, and since when the first of them."""

    waiting: int
    oldest: datetime | None


class BandRow(NamedTuple):
    """One band across the queues."""

    band: int
    cells: list[Cell]
    total: Cell


class WaitRow(NamedTuple):
    """The published waits of one queue and kind of channel by band; None: we cannot say yet."""

    queue: Queue
    kind: str
    ranges: list[tuple[float, float] | None]


class AgentRow(NamedTuple):
    """An agent, since when in this status, and how much is in hand. Never why someone steps out."""

    agent: Agent
    offered: int
    live: int
    written: int
    wrap_up: int


class Score(NamedTuple):
    """What became of the promises told; shares are None while there is nothing to count."""

    settled: int
    kept: float | None
    covered: float | None


@dataclass(frozen=True, slots=True)
class Board:
    """The floor at one moment. `arrivals`: contacts a minute in the last hour, the oldest minute first."""

    at: datetime
    queues: Sequence[Queue]
    bands: list[BandRow]
    waiting: int
    at_risk: int
    broken: int
    waits: list[WaitRow]
    agents: list[AgentRow]
    statuses: Mapping[str, int]
    arrivals: list[int]
    score: Score

    @property
    def danger(self) -> Cell:
        """Those whose life is in danger and who still wait."""
        return self.bands[0].total

    @property
    def oldest(self) -> datetime | None:
        """Since when the first of all who wait has waited."""
        return _first(row.total.oldest for row in self.bands)


def board(*, organisation: Organisation, now: datetime) -> Board:
    """The board as of now."""
    queues = list(organisation.queues.order_by("-is_default", "id"))
    groups = _waiting(organisation, now=now)
    agents = _agents(organisation)
    return Board(
        at=now,
        queues=queues,
        bands=[_band(band, queues, groups) for band in BANDS],
        waiting=sum(group["waiting"] for group in groups),
        at_risk=sum(group["at_risk"] for group in groups),
        broken=sum(group["broken"] for group in groups),
        waits=_waits(organisation, queues, now=now),
        agents=agents,
        statuses={status: sum(row.agent.status == status for row in agents) for status in STATUSES},
        arrivals=_arrivals(organisation, now=now),
        score=_score(organisation, now=now),
    )


def index_of(contact: Contact, *, now: datetime) -> float:
    """The share of its target that a waiting contact has used up, head start included."""
    lane, organisation = contact.lane, contact.organisation
    waited_s = floor.waited_s(lane, contact.virtual_arrival, now=now, hours=calendars(organisation))
    return class_rules(organisation).index(lane.band, "live" if lane.kind == Kind.LIVE else "written", waited_s)


def _waiting(organisation: Organisation, *, now: datetime) -> list[dict[str, Any]]:
    """Waiting contacts by lane: how many, the oldest, promises close and promises broken."""
    live = now + timedelta(minutes=rule(organisation, "promise_at_risk_live_minutes"))
    written = now + timedelta(minutes=rule(organisation, "promise_at_risk_written_minutes"))
    sound = Q(promise_by__gt=now, promise_broken_at__isnull=True)
    since = Case(When(first_answered_at__isnull=True, then=F("arrived_at")), default=F("last_inbound_at"))
    rows = (
        Contact.objects.filter(organisation=organisation, state=State.WAITING)
        .values("lane_id")
        .annotate(
            waiting=Count("pk"),
            oldest=Min(since),
            near_live=Count("pk", filter=sound & Q(promise_by__lte=live)),
            near_written=Count("pk", filter=sound & Q(promise_by__lte=written)),
            broken=Count("pk", filter=Q(promise_by__lte=now) | Q(promise_broken_at__isnull=False)),
        )
        .order_by()
    )
    lanes = {lane.pk: lane for lane in Lane.objects.filter(organisation=organisation)}
    return [_group(row, lanes[row["lane_id"]]) for row in rows if row["lane_id"] in lanes]


def _group(row: Mapping[str, Any], lane: Lane) -> dict[str, Any]:
    at_risk = row["near_live"] if lane.kind == Kind.LIVE else row["near_written"]
    return {**row, "at_risk": at_risk, "band": lane.band, "queue": lane.queue_id}


def _band(band: int, queues: Iterable[Queue], groups: Sequence[Mapping[str, Any]]) -> BandRow:
    mine = [group for group in groups if group["band"] == band]
    cells = [_cell(group for group in mine if group["queue"] == queue.pk) for queue in queues]
    return BandRow(band, cells, _cell(mine))


def _cell(groups: Iterable[Mapping[str, Any]]) -> Cell:
    found = list(groups)
    return Cell(sum(group["waiting"] for group in found), _first(group["oldest"] for group in found))


def _first(moments: Iterable[datetime | None]) -> datetime | None:
    return min((moment for moment in moments if moment), default=None)


def _waits(organisation: Organisation, queues: Iterable[Queue], *, now: datetime) -> list[WaitRow]:
    """What the next arrivals must expect: over the languages of a queue, from the shortest to the longest."""
    fresh = now - timedelta(seconds=rule(organisation, "wait_valid_seconds"))
    told: dict[tuple[int, str, int], list[tuple[float, float]]] = {}
    for row in WaitEstimate.objects.filter(organisation=organisation, at__gte=fresh):
        if row.low_s is not None and row.high_s is not None:
            told.setdefault((row.queue_id, row.kind, row.band), []).append((row.low_s, row.high_s))
    return [
        WaitRow(queue, kind, [_span(told.get((queue.pk, kind, band), [])) for band in BANDS])
        for queue in queues
        for kind in Kind
    ]


def _span(ranges: list[tuple[float, float]]) -> tuple[float, float] | None:
    return (min(low for low, _ in ranges), max(high for _, high in ranges)) if ranges else None


def _agents(organisation: Organisation) -> list[AgentRow]:
    """Those who are working first, by name; people who have left are not shown."""
    agents = Agent.objects.filter(organisation=organisation, user__is_active=True).select_related("user")
    held = _held(organisation)
    rows = [AgentRow(agent, *held.get(agent.pk, (0, 0, 0, 0))) for agent in agents]
    return sorted(rows, key=lambda row: (STATUSES.index(Agent.Status(row.agent.status)), str(row.agent).casefold()))


def _held(organisation: Organisation) -> dict[int, tuple[int, int, int, int]]:
    rows = (
        Contact.objects.filter(organisation=organisation, state__in=HELD, agent__isnull=False)
        .values_list("agent_id")
        .annotate(
            offered=Count("pk", filter=Q(state=State.OFFERED)),
            live=Count("pk", filter=Q(state=State.ACTIVE, lane__kind=Kind.LIVE)),
            written=Count("pk", filter=Q(state=State.ACTIVE, lane__kind=Kind.WRITTEN)),
            wrap_up=Count("pk", filter=Q(state=State.WRAP_UP)),
        )
        .order_by()
    )
    return {agent: (offered, live, written, wrap_up) for agent, offered, live, written, wrap_up in rows}


def _arrivals(organisation: Organisation, *, now: datetime) -> list[int]:
    shown = minutes.last(HOUR_MINUTES, now=now)
    # Every state is named, so that the index on (organisation, state, arrived_at) finds the hour by itself.
    rows = Contact.objects.filter(organisation=organisation, state__in=State.values, arrived_at__gte=shown[0])
    counted = dict(rows.values_list(minutes.minute("arrived_at")).annotate(Count("pk")).order_by())
    return [counted.get(minutes.named(minute), 0) for minute in shown]


def _score(organisation: Organisation, *, now: datetime) -> Score:
    """Promises that came due or were met in the last day. A broken one lies outside its range in any case."""
    rows = Promise.objects.filter(contact__organisation=organisation, settled_at__gte=now - SCORED)
    told = Q(high_s__isnull=False) & (Q(waited_s__isnull=False) | Q(kept=False))
    inside = Q(waited_s__gte=F("low_s"), waited_s__lte=F("high_s"))
    counts = rows.aggregate(
        due=Count("pk", filter=Q(kept__isnull=False)),
        met=Count("pk", filter=Q(kept=True)),
        ranges=Count("pk", filter=told),
        inside=Count("pk", filter=told & inside),
    )
    return Score(
        settled=counts["due"],
        kept=counts["met"] / counts["due"] if counts["due"] else None,
        covered=counts["inside"] / counts["ranges"] if counts["ranges"] else None,
    )
