"""The order: who is served next, by whom, and why.

The contact is chosen first, then its agent. Danger to life goes before everything, by arrival. A due promise whose
guard lane has saved up a start goes next, by due time. Then the exempt (a supervisor's raise, a callback due now), by
arrival. Then the largest index; ties by arrival, then id. Of the free agents who may serve the contact the one it
should meet again takes it, else the least flexible, then the one with least in hand, idle longest, with the least id.

A guard lane saves `guard_percent` of a start at every start, outside danger to life, of an agent who could have served
it; a start costs 100. A guard start is also charged to every other guard lane that its agent could have served and
that has nothing due before it. So where all agents serve all groups there is one bucket with that share of the starts,
and where they do not, a due contact with g due before it starts within ceil((g + 1) * 100 / guard_percent) starts of
agents who could have taken it. A due contact that its own index brings to the front starts uncharged: tokens pay only
for overtaking.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from pharos.engine.calendar import Calendar
from pharos.engine.classes import DANGER, KINDS, ClassRule, ClassRules, index, waited_for
from pharos.engine.floor import Buckets, Fit, Floor, Pick, ReasonCode
from pharos.engine.lanes import (
    UNLIMITED,
    FreeAgent,
    Group,
    GuardLane,
    Head,
    Lane,
    LaneView,
    Pool,
    eligible,
    lanes_of,
    pools,
)

__all__ = [
    "Assignment",
    "Buckets",
    "Fit",
    "FreeAgent",
    "Group",
    "GuardLane",
    "Head",
    "Lane",
    "LaneView",
    "Pick",
    "Pool",
    "ReasonCode",
    "arrival_at_head",
    "assign",
    "eligible",
    "lanes_of",
    "pick",
    "place",
    "pools",
    "serving_order",
    "virtual_arrival_after_change",
    "virtual_arrival_after_merge",
    "waited_after_change",
]


@dataclass(frozen=True, slots=True)
class Assignment:
    """The starts, in order, and the tokens of every guard lane after them (hundredths of a start), to be kept."""

    picks: tuple[Pick, ...]
    buckets: Buckets


def assign(lanes: Sequence[LaneView], agents: Sequence[FreeAgent], buckets: Buckets, rules: ClassRules) -> Assignment:
    """Every start that can be made now. No free agent is left beside a contact that it may serve."""
    floor = Floor(lanes, agents, buckets, rules)
    return Assignment(tuple(floor.starts()), floor.tokens)


def pick(lanes: Sequence[LaneView], agent: FreeAgent, buckets: Buckets, rules: ClassRules) -> Assignment:
    """The one next start of one free agent, or none."""
    floor = Floor(lanes, [agent], buckets, rules)
    return Assignment(tuple(islice(floor.starts(), 1)), floor.tokens)


def serving_order(
    lanes: Sequence[LaneView], rules: ClassRules, buckets: Buckets | None = None, limit: int | None = None
) -> tuple[Pick, ...]:
    """The waiting contacts in the order they would start if agents for all of them became free one by one now."""
    everyone = _everyone({view.lane.group for view in lanes})
    return tuple(islice(Floor(lanes, [everyone], buckets or {}, rules).starts(), limit))


def place(order: Sequence[Pick], contact_id: int) -> int | None:
    """How many go before this contact in a serving order; None if it does not wait there."""
    return next((before for before, start in enumerate(order) if start.contact_id == contact_id), None)


def waited_after_change(old: ClassRule, new: ClassRule, waited_s: float) -> float:
    """The wait a contact carries into another class, so that its index does not fall (guarantee 5)."""
    if DANGER in (old.band, new.band):
        return waited_s
    return max(waited_s, waited_for(new, index(old, waited_s)))


def virtual_arrival_after_change(
    arrival: datetime,
    now: datetime,
    *,
    old: ClassRule,
    new: ClassRule,
    old_calendar: Calendar,
    new_calendar: Calendar | None = None,
) -> datetime:
    """The virtual arrival in the new class: never later, and its index now is no less than in the old class."""
    calendar = new_calendar or old_calendar
    waited_s = old_calendar.open_seconds(arrival, now)
    needed_s = waited_after_change(old, new, waited_s)
    return _arrival_for(needed_s, arrival, now, calendar)


def virtual_arrival_after_merge(
    arrivals: Sequence[tuple[datetime, ClassRule, Calendar]], now: datetime, new: ClassRule, calendar: Calendar
) -> datetime:
    """The virtual arrival of contacts that become one: the earliest, and earlier still where an index would fall."""
    return min(
        virtual_arrival_after_change(arrival, now, old=old, new=new, old_calendar=old_calendar, new_calendar=calendar)
        for arrival, old, old_calendar in arrivals
    )


def arrival_at_head(arrival: float, heads: Iterable[Head]) -> float:
    """The virtual arrival that puts a contact at the head of its band: no later than any head that waits there."""
    return min([arrival, *(head.arrival - 1 for head in heads)])


def _arrival_for(needed_s: float, arrival: datetime, now: datetime, calendar: Calendar) -> datetime:
    if calendar.open_seconds(arrival, now) >= needed_s:
        return arrival
    return min(arrival, calendar.subtract_open_seconds(now, needed_s) or arrival)


def _everyone(groups: Iterable[Group]) -> FreeAgent:
    """An agent with room for all, who may serve all of these groups."""
    wanted = list(groups)
    skills: dict[str, int] = {}
    for group in wanted:
        skills[group.skill] = max(group.level, skills.get(group.skill, 0))
    return FreeAgent(
        agent_id=0,
        skills=skills,
        languages=frozenset(group.language for group in wanted),
        gates=frozenset(gate for group in wanted for gate in group.gates),
        capacity=dict.fromkeys(KINDS, UNLIMITED),
    )
