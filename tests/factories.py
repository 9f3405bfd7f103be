"""Rows for tests, each with only what the test says and quiet defaults for the rest."""

from datetime import UTC, datetime
from functools import cache
from itertools import count
from typing import Any

from django.contrib.auth.hashers import make_password

from pharos.actions import intake
from pharos.actions.inbound import Inbound
from pharos.models import (
    Agent,
    AgentSkill,
    Channel,
    Contact,
    EntryPoint,
    HostName,
    Incident,
    Organisation,
    Queue,
    Role,
    Skill,
    User,
)

NOW = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)
QUEUES = {"general": [], "refunds": ["refund"], "care": ["assistance"]}
_numbers = count(1)


def make_organisation(slug: str = "", *, host: str = "", **fields: Any) -> Organisation:
    """An organisation that is open day and night, with the queues general (default), refunds and care."""
    number = next(_numbers)
    slug = slug or f"org-{number}"
    organisation = Organisation.objects.create(
        slug=slug,
        **{
            "name": {"en": f"Organisation {slug}"},
            "languages": ["en", "fa", "hy", "zh-hans"],
            "is_set_up": True,
            "created_at": NOW,
            **fields,
        },
    )
    HostName.objects.create(organisation=organisation, host=host or f"{slug}.example.org")
    for code, request_types in QUEUES.items():
        skill = Skill.objects.create(organisation=organisation, code=code, name={"en": code.title()})
        Queue.objects.create(
            organisation=organisation,
            code=code,
            name={"en": code.title()},
            skill=skill,
            request_types=request_types,
            is_default=code == "general",
        )
    return organisation


def make_user(organisation: Organisation, username: str = "", *, role: Role = Role.AGENT, **fields: Any) -> User:
    """A member of staff; the password is `Lantern-1912`."""
    user = User(organisation=organisation, username=username or f"user-{next(_numbers)}", role=role, **fields)
    user.password = _password()
    user.save()
    return user


@cache
def _password() -> str:
    """The one password, hashed once a run: hashing is slow on purpose."""
    return make_password("Lantern-1912")


def make_agent(
    organisation: Organisation,
    username: str = "",
    *,
    skills: dict[str, int] | None = None,
    languages: tuple[str, ...] = ("en", "fa", "hy", "zh-hans"),
    status: Agent.Status = Agent.Status.AVAILABLE,
    role: Role = Role.AGENT,
    **fields: Any,
) -> Agent:
    """An available agent with every skill of the organisation, unless said otherwise."""
    user = make_user(organisation, username, role=role)
    agent = Agent.objects.create(
        organisation=organisation,
        user=user,
        languages=list(languages),
        status=status,
        status_since=NOW,
        idle_since=NOW,
        **fields,
    )
    wanted = skills if skills is not None else dict.fromkeys(QUEUES, 3)
    for skill in Skill.objects.filter(organisation=organisation, code__in=wanted):
        AgentSkill.objects.create(agent=agent, skill=skill, level=wanted[skill.code])
    return agent


def make_inbound(organisation: Organisation, **fields: Any) -> Inbound:
    """A request through the web form, each with a key of its own."""
    number = next(_numbers)
    return Inbound(
        **{
            "organisation": organisation,
            "door": "web",
            "key": f"key-{number}",
            "digest": f"digest-{number}",
            "channel": Channel.WEB,
            "language": "en",
            "text": "My ferry is cancelled. What now?",
            "name": "Ani Petrosyan",
            "email": f"person-{number}@example.org",
            **fields,
        }
    )


def make_contact(organisation: Organisation, *, now: datetime = NOW, **fields: Any) -> Contact:
    """A contact that came through the real door and waits."""
    return intake.receive(make_inbound(organisation, **fields), now=now).contact


def who_has(contact: Contact) -> User:
    """Whoever has the contact in hand."""
    assert contact.agent is not None
    return contact.agent.user


def make_incident(organisation: Organisation, slug: str = "storm", **fields: Any) -> Incident:
    """A declared incident without sections or texts."""
    return Incident.objects.create(
        organisation=organisation,
        slug=slug,
        **{
            "crisis_type": "transport_incident",
            "severity": "severe",
            "name": {"en": "Storm"},
            "declared_at": NOW,
            **fields,
        },
    )


def make_entry(organisation: Organisation, channel: Channel, address: str, **fields: Any) -> EntryPoint:
    """A mailbox, number or handle of ours."""
    given = {"adapter": f"{channel}-test", "token": f"entry-{next(_numbers)}", "created_at": NOW, **fields}
    return EntryPoint.objects.create(organisation=organisation, channel=channel, address=address, **given)
