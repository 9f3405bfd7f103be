"""What people need from us, as those may read it who ask."""

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from django.db.models import Q, QuerySet

from pharos import content
from pharos.models import AgentSkill, CheckIn, Contact, NeedView, SupportNeed, User

OTHER: Final = "other"  # own words alone
HELD: Final = (Contact.State.ACTIVE, Contact.State.WRAP_UP, Contact.State.PENDING)
FIRST: Final = ("safety", "urgency", "conversation", "people", "channel", "format", "practical")
SAFE_ONLY: Final = "safe_contact_only"


def holding(person_id: int, *, now: datetime) -> "QuerySet[SupportNeed]":
    """The needs that hold for a person now, the oldest first."""
    rows = SupportNeed.objects.filter(person_id=person_id, ended_at__isnull=True)
    return rows.filter(Q(ends_at__isnull=True) | Q(ends_at__gt=now)).select_related("noted_by").order_by("id")


def any_of(people: Iterable[int], *, now: datetime) -> bool:
    """Whether anything is noted of one of these people."""
    rows = SupportNeed.objects.filter(person__in=people, ended_at__isnull=True)
    return rows.filter(Q(ends_at__isnull=True) | Q(ends_at__gt=now)).exists()


def held_by_any(people: Iterable[int], *, now: datetime) -> bool:
    """Whether a need of one of these people is in the register and confirmed."""
    rows = SupportNeed.objects.filter(person__in=people, ended_at__isnull=True, is_verified=True)
    return rows.filter(Q(ends_at__isnull=True) | Q(ends_at__gt=now)).exists()


def weights(person_id: int, *, now: datetime) -> list[int]:
    """How soon the verified needs of a person ask to be answered. What a colleague only noticed changes no place."""
    rows = SupportNeed.objects.filter(person_id=person_id, ended_at__isnull=True, is_verified=True, weight__gt=0)
    held = rows.filter(Q(ends_at__isnull=True) | Q(ends_at__gt=now))
    return sorted(held.values_list("weight", flat=True), reverse=True)


def codes(person_id: int, *, now: datetime) -> list[str]:
    """Which needs of the taxonomy hold for a person."""
    return [need.code for need in holding(person_id, now=now) if need.code != OTHER]


def effects(needs: Iterable[SupportNeed]) -> list[content.Accommodation]:
    """What we do differently for somebody with these needs, each once: what keeps them safe comes first."""
    known, helps = content.needs(), content.accommodations()
    wanted = dict.fromkeys(
        one for need in needs if need.code in known for one in known[need.code].accommodations if one in helps
    )
    return sorted((helps[code] for code in wanted), key=lambda one: FIRST.index(one.category))


def may_open(user: User, contact: Contact) -> bool:
    """Whether this colleague may read the needs in full: the case in hand, and a skill that allows it."""
    agent = contact.agent
    if agent is None or agent.user_id != user.pk or contact.state not in HELD:
        return False
    return AgentSkill.objects.filter(agent=agent, skill__opens_needs=True).exists()


def views(person_id: int) -> list[NeedView]:
    """Who looked, the latest first."""
    return list(NeedView.objects.filter(person_id=person_id).order_by("-at", "-id")[:100])


def open_check_ins(person_id: int) -> dict[int, CheckIn]:
    """The needs about which we are asking now, by their id."""
    return {row.need_id: row for row in CheckIn.objects.filter(person_id=person_id, settled_at__isnull=True)}


def withdrawals(person_id: int) -> int:
    """How often the person took something back: all that is left of it."""
    return SupportNeed.objects.filter(person_id=person_id, withdrawn_at__isnull=False).count()
