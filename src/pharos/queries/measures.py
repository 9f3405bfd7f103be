"""What was measured lately: arrivals, work, patience, and how soon an offer is an answer."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from statistics import median
from typing import NamedTuple, cast

from django.db.models import Count, F
from django.db.models.functions import Coalesce

from pharos.engine.arrivals import Present, present_rates
from pharos.engine.classes import KINDS, Kind
from pharos.engine.handling import HandleTime, fitted
from pharos.engine.lanes import Lane as EngineLane
from pharos.engine.patience import Hazard, Stayed, hazard, mean_patience_s
from pharos.engine.snapshot import Held
from pharos.models import Contact, Offer, Organisation
from pharos.queries import minutes
from pharos.queries.rules import rule

LATELY = timedelta(hours=24)
SLOTS = 30  # minutes in which arrivals are counted
SLOT_S = 60.0
SAMPLES = 1000
PRIOR_CV = 0.8
LEAST_CV, MOST_CV = 0.2, 3.0
FAREWELLS = 60  # from so many on the measured hazard of leaving is believed without the starting value


def arrivals(
    organisation: Organisation,
    lanes: Mapping[int, EngineLane],
    usual: Sequence[float] | None,
    *,
    ahead_s: Sequence[float],
    now: datetime,
) -> Present[EngineLane]:
    """The present rate of every lane, from the last minutes, and how it goes on.

    `usual` is how many usually come in each of these minutes, the newest first, where that is known.
    """
    shown = minutes.last(SLOTS, now=now)
    # Every state is named so that the index by state and arrival serves: what came before costs nothing.
    recent = Contact.objects.filter(
        organisation=organisation, state__in=Contact.State.values, arrived_at__gte=shown[0], arrived_at__lte=now
    )
    rows = recent.values_list("lane", minutes.minute("arrived_at")).annotate(count=Count("id")).order_by()
    places = {minutes.named(minute): place for place, minute in enumerate(reversed(shown))}
    counts: defaultdict[EngineLane, list[int]] = defaultdict(lambda: [0] * SLOTS)
    for lane, minute, count in rows:
        if lane in lanes and minute in places:
            counts[lanes[lane]][places[minute]] += count
    begun_s = max((now - shown[-1]).total_seconds(), 1.0)  # the present minute is not over
    return present_rates(counts, SLOT_S, usual=usual, ahead_s=ahead_s, newest=begun_s / SLOT_S)


class Worked(NamedTuple):
    """One contact that was worked on: by whom, in what skill, from when to when."""

    agent_id: int
    kind: Kind
    skill: str
    start: datetime
    end: datetime

    @property
    def seconds(self) -> float:
        """How long it took."""
        return (self.end - self.start).total_seconds()


class Handling(NamedTuple):
    """Handle times by kind of channel and skill, and from how many contacts of each kind."""

    times: Mapping[tuple[Kind, str], HandleTime]
    measured: Mapping[Kind, int]


def handling(*, organisation: Organisation, held: Iterable[Held], now: datetime) -> Handling:
    """How long one agent is taken by one contact: lognormal, of those that are done and of those in hand.

    An agent may hold several written contacts at once; the time is divided by how many were held together on average,
    so that an agent counts as one server. Few samples lean on the operator's starting value, those of a skill on all.
    """
    worked, now_held = _worked(organisation, now), list(held)
    together = _held_together(worked)
    believed = float(rule(organisation, "wait_minimum_samples"))
    times: dict[tuple[Kind, str], HandleTime] = {}
    for kind in KINDS:
        prior = HandleTime(float(rule(organisation, f"handle_time_{kind}_seconds")), PRIOR_CV)
        mine = [one for one in worked if one.kind == kind]
        open_s = [one.elapsed_s / together for one in now_held if one.kind == kind]
        times[kind, ""] = whole = _fitted([one.seconds / together for one in mine], open_s, prior, believed / 2)
        for skill, count in Counter(one.skill for one in mine).items():
            if count >= believed:
                done = [one.seconds / together for one in mine if one.skill == skill]
                in_hand = [one.elapsed_s / together for one in now_held if (one.kind, one.skill) == (kind, skill)]
                times[kind, skill] = _fitted(done, in_hand, whole, believed)
    return Handling(times, Counter(one.kind for one in worked))


def _fitted(done: Sequence[float], held: Sequence[float], prior: HandleTime, memory: float) -> HandleTime:
    found = fitted(done, held, prior, memory=memory)
    return HandleTime(found.mean_s, min(max(found.cv, LEAST_CV), MOST_CV))


def _worked(organisation: Organisation, now: datetime) -> list[Worked]:
    rows = Contact.objects.filter(
        organisation=organisation,
        state=Contact.State.CLOSED,
        closed_at__gte=now - LATELY,
        accepted_at__isnull=False,
        agent__isnull=False,
    ).order_by("-closed_at")
    columns = ("agent_id", "lane__kind", "lane__queue__skill__code", "accepted_at", "closed_at")
    return [
        Worked(agent, cast("Kind", kind), skill, start, end)
        for agent, kind, skill, start, end in rows.values_list(*columns)[:SAMPLES]
        if agent and start and end
    ]


def _held_together(worked: Iterable[Worked]) -> float:
    """How many contacts a busy agent held at once, on average; at least 1."""
    by_agent: defaultdict[int, list[Worked]] = defaultdict(list)
    for one in worked:
        by_agent[one.agent_id].append(one)
    busy = total = 0.0
    for spans in by_agent.values():
        total += sum(one.seconds for one in spans)
        busy += _covered(sorted((one.start, one.end) for one in spans))
    return max(total / busy, 1.0) if busy else 1.0


def _covered(spans: list[tuple[datetime, datetime]]) -> float:
    """Seconds that lie in at least one span; sorted by start."""
    covered, reached = 0.0, spans[0][0]
    for start, end in spans:
        if end > reached:
            covered += (end - max(start, reached)).total_seconds()
            reached = end
    return covered


class Patience(NamedTuple):
    """How long people stay, by kind of channel, and how many of them were seen to leave."""

    stays: Mapping[Kind, float | Hazard]
    farewells: int


def patience(*, organisation: Organisation, now: datetime) -> Patience:
    """How long people stay who have not been answered; on written channels they stay unless many were seen to leave."""
    recent = Contact.objects.filter(
        organisation=organisation, state__in=Contact.State.values, arrived_at__gte=now - LATELY, arrived_at__lte=now
    )
    rows = recent.annotate(until=Coalesce(F("first_answered_at"), F("closed_at"))).order_by("-arrived_at")
    columns = ("lane__kind", "arrived_at", "until", "first_answered_at", "disposition")
    stays: dict[Kind, list[Stayed]] = {kind: [] for kind in KINDS}
    for kind, arrived, until, answered, disposition in rows.values_list(*columns)[: 2 * SAMPLES]:
        waited_s = max(((until or now) - arrived).total_seconds(), 0.0)
        stays[cast("Kind", kind)].append(Stayed(waited_s, answered is None and disposition == "left"))
    gone = {kind: sum(stay.gave_up for stay in some) for kind, some in stays.items()}
    prior_s = float(rule(organisation, "patience_live_seconds"))
    found: dict[Kind, float | Hazard] = {"live": mean_patience_s(stays["live"], prior_s)}
    for kind in KINDS:
        measured = hazard(stays[kind]) if gone[kind] >= FAREWELLS else None
        if measured is not None:
            found[kind] = measured
    return Patience(found, gone["live"])


def answering_s(*, organisation: Organisation, now: datetime) -> dict[Kind, float]:
    """How long after an offer the person is answered, by kind of channel: the waits we tell end with the answer."""
    rows = Offer.objects.filter(
        organisation=organisation,
        state=Offer.State.ACCEPTED,
        offered_at__gte=now - LATELY,
        contact__first_answered_at__gte=F("offered_at"),
    ).order_by("-offered_at")
    seconds: dict[Kind, list[float]] = {kind: [] for kind in KINDS}
    for kind, offered, answered in rows.values_list("contact__lane__kind", "offered_at", "contact__first_answered_at")[
        :SAMPLES
    ]:
        if answered:
            seconds[cast("Kind", kind)].append((answered - offered).total_seconds())
    few = int(rule(organisation, "wait_minimum_samples"))
    return {kind: median(some) if len(some) >= few else 0.0 for kind, some in seconds.items()}
