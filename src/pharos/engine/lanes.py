"""The nouns of the order: who waits, in which lane, and who may serve whom."""

import json
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal, NamedTuple, Protocol, TypeVar, cast

from pharos.engine.classes import KINDS, Kind

Exempt = Literal["raised", "callback_due"]
_G = TypeVar("_G")
_M = TypeVar("_M")
UNLIMITED: Final = 1 << 40


class Group(NamedTuple):
    """What an agent needs to serve a contact: a skill at a level, a language, training gates; empty asks nothing."""

    skill: str = ""
    language: str = ""
    level: int = 1
    gates: tuple[str, ...] = ()

    def key(self) -> str:
        """The group as stable text, for storage; `Group.from_key` reads it back."""
        return json.dumps([self.skill, self.language, self.level, list(self.gates)], ensure_ascii=False)

    @classmethod
    def from_key(cls, key: str) -> "Group":
        """The group that `key` wrote."""
        skill, language, level, gates = json.loads(key)
        return cls(skill, language, level, tuple(gates))


class GuardLane(NamedTuple):
    """One line of due promises, by due time; its tokens are paid by every start that could have been its own."""

    kind: Kind
    group: Group

    def key(self) -> str:
        """The lane as stable text, for storage; `GuardLane.from_key` reads it back."""
        return f"{self.kind} {self.group.key()}"

    @classmethod
    def from_key(cls, key: str) -> "GuardLane":
        """The lane that `key` wrote; KeyError when its kind is none."""
        kind, _, group = key.partition(" ")
        return cls({name: name for name in KINDS}[cast("Kind", kind)], Group.from_key(group))


class Lane(NamedTuple):
    """One first-in-first-out line: a class and an eligibility group."""

    band: int
    kind: Kind
    group: Group

    @property
    def guard_lane(self) -> GuardLane:
        """Where its promises go when they are due."""
        return GuardLane(self.kind, self.group)


class Head(NamedTuple):
    """A waiting contact.

    `waited_s` runs on the calendar of its channel from its virtual arrival. `arrival` (virtual) and `guard_due` (the
    earliest promise told) are seconds on one clock of the caller. `exempt` is the kept reason of a contact that goes
    before the index order ("raised", "callback_due"). `prefers` names the agent it should meet again. `has_needs`: the
    specialist team takes it first, where one of them is as free as others.
    """

    contact_id: int
    lane: Lane
    waited_s: float
    arrival: float
    guard_due: float | None = None
    exempt: Exempt | None = None
    prefers: int | None = None
    has_needs: bool = False


@dataclass(frozen=True, slots=True)
class LaneView:
    """A lane as the order reads it: each line is pulled only as far as contacts start, so its length costs nothing.

    `waiting` holds every contact of the lane by (arrival, id). `guard` repeats those whose promise is due, by due time.
    `exempt` repeats those that carry an exemption, by arrival. A contact starts once, whichever line it is met in.
    Lines that are iterators are used up.
    """

    lane: Lane
    waiting: Iterable[Head]
    guard: Iterable[Head] = ()
    exempt: Iterable[Head] = ()


class Skilled(Protocol):
    """Anyone whose skills (name to level), languages and passed training gates are known."""

    @property
    def skills(self) -> Mapping[str, int]:
        """Levels by skill."""

    @property
    def languages(self) -> Collection[str]:
        """Language codes."""

    @property
    def gates(self) -> Collection[str]:
        """Gates passed."""


@dataclass(frozen=True, slots=True)
class FreeAgent:
    """An available agent with room: `capacity` is what is left per kind, `holding` what is in hand already.

    `most` is how many contacts it may be given at once, of all kinds together.
    """

    agent_id: int
    skills: Mapping[str, int] = field(default_factory=dict)
    languages: frozenset[str] = frozenset()
    gates: frozenset[str] = frozenset()
    capacity: Mapping[Kind, int] = field(default_factory=lambda: dict.fromkeys(KINDS, 1))
    idle_since: float = 0.0
    holding: int = 0
    most: int = UNLIMITED
    is_specialist: bool = False


@dataclass(frozen=True, slots=True)
class Pool:
    """Groups and agents joined by who can serve whom; one without agents is a line that nobody here can answer."""

    groups: frozenset[Group]
    agents: frozenset[int]


class SkilledAgent(Skilled, Protocol):
    """A skilled person with an id."""

    @property
    def agent_id(self) -> int:
        """The id."""


def eligible(agent: Skilled, group: Group) -> bool:
    """Whether this agent may serve this group: skill at its level, language, every training gate."""
    return (
        (not group.skill or agent.skills.get(group.skill, 0) >= group.level)
        and (not group.language or group.language in agent.languages)
        and all(gate in agent.gates for gate in group.gates)
    )


def pools(groups: Iterable[Group], agents: Sequence[SkilledAgent]) -> tuple[Pool, ...]:
    """The connected components of groups and agents that can serve each other; agents who serve none are left out."""
    found = components(sorted(set(groups)), agents, lambda group, agent: eligible(agent, group))
    return tuple(Pool(frozenset(mine), frozenset(agent.agent_id for agent in team)) for mine, team in found)


def components(
    groups: Sequence[_G], members: Sequence[_M], serves: Callable[[_G, _M], bool]
) -> list[tuple[tuple[_G, ...], tuple[_M, ...]]]:
    """Groups and members joined by who serves whom; a group that nobody serves stands alone."""
    merged: list[tuple[set[int], set[int]]] = []
    for number, group in enumerate(groups):
        mine = {number}, {place for place, member in enumerate(members) if serves(group, member)}
        apart = [other for other in merged if mine[1].isdisjoint(other[1])]
        for other in merged:
            if not mine[1].isdisjoint(other[1]):
                mine = mine[0] | other[0], mine[1] | other[1]
        merged = [*apart, mine]
    return [
        (tuple(groups[number] for number in sorted(some)), tuple(members[place] for place in sorted(team)))
        for some, team in merged
    ]


def lanes_of(waiting: Iterable[Head], now: float) -> list[LaneView]:
    """The lanes of a plain list of waiting contacts; promises due at `now` (on their clock) join the guard."""
    by_lane: dict[Lane, list[Head]] = {}
    for head in waiting:
        by_lane.setdefault(head.lane, []).append(head)
    return [_lane_view(lane, sorted(heads, key=_by_arrival), now) for lane, heads in sorted(by_lane.items())]


def _lane_view(lane: Lane, heads: list[Head], now: float) -> LaneView:
    due = [head for head in heads if head.guard_due is not None and head.guard_due <= now]
    return LaneView(lane, heads, sorted(due, key=due_order), [head for head in heads if head.exempt])


def _by_arrival(head: Head) -> tuple[float, int]:
    return head.arrival, head.contact_id


def due_order(head: Head) -> tuple[float, float, int]:
    """The order inside the guard: due time, then arrival, then id; a contact without a promise comes last."""
    due = float("inf") if head.guard_due is None else head.guard_due
    return due, head.arrival, head.contact_id
