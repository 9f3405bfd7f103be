"""The example organisation: made by the ordinary verbs, marked as what it is, and never sending anything real."""

import secrets
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from pharos import content
from pharos.actions import advisories, entries, incidents, setup, staff, tokens
from pharos.actions.errors import Refused
from pharos.models import (
    Agent,
    ApiToken,
    EntryPoint,
    HostName,
    Incident,
    OpeningHours,
    Organisation,
    PageSection,
    Role,
    User,
)
from pharos.models import Kind as ChannelKind
from pharos.queries.organisations import site

LOOPBACK_HOSTS = ("127.0.0.1", "localhost")
OWN_HOST = "demo.localhost"
TOKEN_NAME = "demo"  # noqa: S105 - its name, not its text
TOKEN_LIFE = timedelta(days=1)
HELPER = "helper-"
HELPER_LEVEL = 3
WEEKDAYS = frozenset(range(7))
DAY_MINUTES = 1440
ADMINISTRATOR = staff.Profile(
    username="demo-administrator",
    name="Helen Marsh",
    email="",
    role=Role.ADMIN,
    language="en",
    languages=("en",),
    skills={},
    capacity_live=1,
    capacity_written=3,
)


@dataclass(frozen=True)
class DemoAgent:
    """An agent of the example organisation, and the text of a fresh token."""

    user: str
    name: str
    token: str


@dataclass(frozen=True)
class DemoEntry:
    """An entry point of the example: where its carrier calls, what the two share, and the door its deliveries name."""

    channel: str
    adapter: str
    address: str
    url: str
    key: str
    door: str


@dataclass(frozen=True)
class Demo:
    """What a program needs to use the example organisation."""

    url: str
    organisation: str
    incident: str
    time_zone: str
    api_token: str
    agents: tuple[DemoAgent, ...]
    entries: tuple[DemoEntry, ...]

    def as_dict(self) -> dict[str, Any]:
        """All of it, as it is printed for programs."""
        return asdict(self)


def ensure(*, now: datetime, agents: int = 0) -> Demo:
    """Make the example organisation, or bring back what is missing of it; with fresh tokens every time.

    Names its own agents, or as many helpers with every skill and language as asked for. Tokens of earlier calls work
    for a day. Raises `Refused` when the name is taken by an organisation that is no example.
    """
    with transaction.atomic():
        organisation = _organisation(now)
        _settle_address(organisation)
        _staff(organisation, now=now)
        incident = _incident(organisation, now=now)
        named = _helpers(organisation, agents, now=now) if agents else _agents(organisation)
        _forget_tokens(organisation, now=now)
        return Demo(
            url=site(organisation),
            organisation=organisation.slug,
            incident=incident.slug,
            time_zone=incident.zone,
            api_token=tokens.make_token(organisation=organisation, name=TOKEN_NAME, agent=None, now=now).plain,
            agents=tuple(_with_token(agent, now=now) for agent in named),
            entries=tuple(_entry(organisation, incident, one, now=now) for one in content.demo().entries),
        )


def _organisation(now: datetime) -> Organisation:
    shown = content.demo().organisation
    organisation, created = Organisation.objects.get_or_create(
        slug=shown.slug,
        defaults={
            "name": dict(shown.name),
            "time_zone": shown.time_zone,
            "languages": list(shown.languages),
            "emergency_phone": shown.emergency_phone,
            "phone": shown.phone,
            "mail_from": shown.mail_from,
            "is_demo": True,
            "is_set_up": True,
            "created_at": now,
        },
    )
    if not organisation.is_demo:
        raise Refused("name_taken", _("There is an organisation with this name that is no example."))
    if created:
        setup.make_default_queues(organisation=organisation)
        OpeningHours.objects.bulk_create(_hours(organisation))
    _hosts(organisation)
    return organisation


def _hours(organisation: Organisation) -> Iterator[OpeningHours]:
    """The shipped spans; a kind that is open day and night needs none."""
    for kind in ChannelKind.values:
        spans = [(day, one) for one in content.demo().opening_hours if one.kind == kind for day in one.weekdays]
        whole = {day for day, one in spans if (one.opens_minute, one.closes_minute) == (0, DAY_MINUTES)}
        if whole != WEEKDAYS:
            for day, one in spans:
                yield OpeningHours(
                    organisation=organisation,
                    kind=kind,
                    weekday=day,
                    opens_minute=one.opens_minute,
                    closes_minute=one.closes_minute,
                )


def _entry(organisation: Organisation, incident: Incident, shown: content.DemoEntry, *, now: datetime) -> DemoEntry:
    known = EntryPoint.objects.filter(organisation=organisation, channel=shown.channel, address=shown.address).first()
    made = known or entries.add(
        organisation=organisation,
        channel=shown.channel,
        adapter=shown.adapter,
        address=shown.address,
        incident=incident,
        secret={shown.secret: secrets.token_urlsafe(32)} if shown.secret else {},
        now=now,
    )
    path = shown.path.replace("{token}", made.token)
    return DemoEntry(
        channel=made.channel,
        adapter=made.adapter,
        address=made.address,
        url=f"{site(organisation)}{path}" if path else "",
        key=str(made.secret.get(shown.secret, "")),
        door=entries.door(made),
    )


def _hosts(organisation: Organisation) -> None:
    """The loopback's names while nobody else has them, and always one of its own."""
    others = HostName.objects.filter(host__in=LOOPBACK_HOSTS).exclude(organisation=organisation)
    for host in (OWN_HOST,) if others.exists() else (*LOOPBACK_HOSTS, OWN_HOST):
        HostName.objects.get_or_create(host=host, defaults={"organisation": organisation})


def _settle_address(organisation: Organisation) -> None:
    """The installation's own address while that leads to the example, else the same with a name that does."""
    organisation.address = _address(organisation)
    Organisation.objects.filter(pk=organisation.pk).update(address=organisation.address)


def _address(organisation: Organisation) -> str:
    public = urlsplit(settings.PUBLIC_URL)
    hosts = set(organisation.hosts.values_list("host", flat=True))
    if public.hostname in hosts:
        return ""
    port = f":{public.port}" if public.port else ""
    return f"{public.scheme}://{OWN_HOST}{port}"


def _staff(organisation: Organisation, *, now: datetime) -> None:
    skills = dict(organisation.skills.values_list("code", "pk"))
    names = _usernames(organisation)
    profiles = [
        staff.Profile(
            username=names[one.username],
            name=one.name,
            email=one.email,
            role=Role(one.role),
            language=one.language,
            languages=one.languages,
            skills={skills[code]: level for code, level in one.skills.items() if code in skills},
            capacity_live=1,
            capacity_written=3,
        )
        for one in content.demo().agents
    ]
    _add_missing(organisation, [*profiles, ADMINISTRATOR], now=now)


def _add_missing(organisation: Organisation, profiles: list[staff.Profile], *, now: datetime) -> None:
    known = set(organisation.users.values_list("username", flat=True))
    missing = [one for one in profiles if one.username not in known]
    if missing:
        staff.add_all(organisation=organisation, profiles=missing, now=now)


def _usernames(organisation: Organisation) -> dict[str, str]:
    """The shipped user names; one that a real organisation uses is marked."""
    shown = [one.username for one in content.demo().agents]
    taken = User.objects.filter(username__in=shown).exclude(organisation=organisation)
    others = set(taken.values_list("username", flat=True))
    return {name: f"{name}-demo" if name in others else name for name in shown}


def _agents(organisation: Organisation) -> list[Agent]:
    names = list(_usernames(organisation).values())
    found = {agent.user.username: agent for agent in _active(organisation).filter(user__username__in=names)}
    return [found[name] for name in names if name in found]


def _helpers(organisation: Organisation, count: int, *, now: datetime) -> list[Agent]:
    """So many agents who can take everything, for programs that play them."""
    wanted = [f"{HELPER}{number:03d}" for number in range(1, count + 1)]
    levels = dict.fromkeys(organisation.skills.values_list("pk", flat=True), HELPER_LEVEL)
    profiles = [
        staff.Profile(
            username=username,
            name=username.replace(HELPER, "Helper "),
            email="",
            role=Role.AGENT,
            language="en",
            languages=content.LANGUAGES,
            skills=levels,
            capacity_live=1,
            capacity_written=3,
        )
        for username in wanted
    ]
    _add_missing(organisation, profiles, now=now)
    return list(_active(organisation).filter(user__username__in=wanted).order_by("user__username"))


def _active(organisation: Organisation) -> "QuerySet[Agent]":
    return Agent.objects.filter(organisation=organisation, user__is_active=True).select_related("user", "organisation")


def _incident(organisation: Organisation, *, now: datetime) -> Incident:
    """The shipped crisis, open: one that someone closed is opened again."""
    shown = content.demo().incident
    lead = organisation.users.filter(role__in=(Role.LEAD, Role.ADMIN), is_active=True).order_by("id").first()
    if lead is None:
        raise Refused("no_lead", _("The example organisation has no lead left."))
    made = now - timedelta(minutes=shown.declared_minutes_ago)
    incident = incidents.declare(
        organisation=organisation,
        crisis_type=shown.crisis_type,
        severity=shown.severity,
        name=shown.name,
        slug=shown.slug,
        sections=_sections(shown),
        by=lead,
        now=made,
        key=TOKEN_NAME,
    )
    if not incident.is_open:
        incidents.reopen(incident=incident, by=lead, now=now)
    if not incident.advisories.exists():
        _advisories(incident, shown, by=lead, now=now)
    return incident


def _sections(shown: content.DemoIncident) -> list[incidents.Block]:
    sort = PageSection.Sort
    return [
        incidents.Block(sort.HAPPENED, shown.what_happened),
        *(incidents.Block(sort.TO_DO, step) for step in shown.what_to_do),
        *(incidents.Block(sort.POLICY, policy) for policy in shown.policies),
        *(incidents.Block(sort.QUESTION, one.answer, one.question) for one in shown.questions),
    ]


def _advisories(incident: Incident, shown: content.DemoIncident, *, by: User, now: datetime) -> None:
    """Each update names when the next one came; the last one, when it will."""
    times = [now - timedelta(minutes=one.minutes_ago) for one in shown.advisories]
    following = [*times[1:], now + timedelta(minutes=shown.next_update_in_minutes)]
    for one, at, next_update_at in zip(shown.advisories, times, following, strict=True):
        draft = advisories.draft(incident=incident, title=one.title, body=one.body, by=by, now=at)
        advisories.publish(advisory=draft, next_update_at=next_update_at, by=by, now=at)


def _forget_tokens(organisation: Organisation, *, now: datetime) -> None:
    old = ApiToken.objects.filter(organisation=organisation, name=TOKEN_NAME, created_at__lt=now - TOKEN_LIFE)
    old.filter(revoked_at__isnull=True).update(revoked_at=now)


def _with_token(agent: Agent, *, now: datetime) -> DemoAgent:
    made = tokens.make_token(organisation=agent.organisation, name=TOKEN_NAME, agent=agent, now=now)
    return DemoAgent(agent.user.username, agent.user.get_full_name(), made.plain)
