"""Who works here: what each of them can do, and who has room for one contact more."""

from collections import Counter, defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import cast

from django.db.models import Count

from pharos.engine.classes import Kind
from pharos.engine.lanes import FreeAgent
from pharos.models import Agent, AgentSkill, Contact, Offer, Organisation

IN_HAND = (Contact.State.OFFERED, Contact.State.ACTIVE, Contact.State.WRAP_UP)


def free(*, organisation: Organisation) -> list[FreeAgent]:
    """Available agents without an open offer and with room for at least one contact."""
    held = _in_hand(organisation)
    offered = set(
        Offer.objects.filter(organisation=organisation, state=Offer.State.OPEN).values_list("agent", flat=True)
    )
    agents = Agent.objects.filter(organisation=organisation, status=Agent.Status.AVAILABLE, user__is_active=True)
    columns = ("id", "languages", "capacity_live", "capacity_written", "idle_since")
    rooms = [
        (agent, _room(held[agent.id], agent.capacity_live, agent.capacity_written))
        for agent in agents.order_by("id").values_list(*columns, named=True)
        if agent.id not in offered
    ]
    roomy = [(agent, room) for agent, room in rooms if any(room.values())]
    able = _able([agent.id for agent, _room in roomy])
    return [
        FreeAgent(
            agent_id=agent.id,
            skills=able[agent.id].levels,
            languages=frozenset(agent.languages),
            gates=frozenset(able[agent.id].gates),
            capacity=room,
            idle_since=agent.idle_since.timestamp() if agent.idle_since else 0.0,
            holding=held[agent.id].total(),
            most=1,
            is_specialist=able[agent.id].is_specialist,
        )
        for agent, room in roomy
    ]


def staff(organisation: Organisation) -> list[FreeAgent]:
    """What everybody who works here can do, whether they are here now or not."""
    agents = dict(
        Agent.objects.filter(organisation=organisation, user__is_active=True)
        .order_by("id")
        .values_list("id", "languages")
    )
    able = _able(agents)
    return [
        FreeAgent(
            agent_id=agent,
            skills=able[agent].levels,
            languages=frozenset(languages),
            gates=frozenset(able[agent].gates),
            is_specialist=able[agent].is_specialist,
        )
        for agent, languages in agents.items()
    ]


def _in_hand(organisation: Organisation) -> defaultdict[int, Counter[str]]:
    """How many contacts of each kind every agent holds; what they had before costs nothing."""
    rows = Contact.objects.filter(organisation=organisation, state__in=IN_HAND, agent__isnull=False)
    held: defaultdict[int, Counter[str]] = defaultdict(Counter)
    for agent, kind, count in rows.values_list("agent_id", "lane__kind").annotate(count=Count("id")).order_by():
        held[cast("int", agent)][kind] = count
    return held


def _room(held: Counter[str], live: int, written: int) -> dict[Kind, int]:
    """Room for one offer: a live conversation takes the whole agent, written ones share."""
    return {"live": int(live > held["live"]), "written": int(not held["live"] and written > held["written"])}


@dataclass(slots=True)
class _Able:
    """What one agent can do."""

    levels: dict[str, int] = field(default_factory=dict)
    gates: set[str] = field(default_factory=set)
    is_specialist: bool = False


def _able(agents: Collection[int]) -> defaultdict[int, _Able]:
    columns = ("agent", "skill_id", "skill__code", "level", "skill__is_specialist")
    found: defaultdict[int, _Able] = defaultdict(_Able)
    for agent, pk, code, level, is_specialist in AgentSkill.objects.filter(agent__in=agents).values_list(*columns):
        found[agent].levels[code] = level
        found[agent].gates.add(str(pk))
        found[agent].is_specialist |= is_specialist
    return found
