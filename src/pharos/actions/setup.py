"""The first administrator, and the organisation as its administrators describe it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from pharos import content
from pharos.actions import links
from pharos.actions.errors import Refused
from pharos.models import HostName, Incident, OneTimeLink, Organisation, Queue, Role, Skill, User

FIRST = OneTimeLink.Purpose.FIRST_ADMINISTRATOR
CARE = "care"  # the queue of those who may read in full what people need


@dataclass(frozen=True, kw_only=True)
class FirstDay:
    """What the first administrator fills in. `names`: language to the organisation's name."""

    username: str
    password: str
    name: str
    names: Mapping[str, str]
    languages: tuple[str, ...]
    time_zone: str
    host: str


@dataclass(frozen=True, kw_only=True)
class Details:
    """The organisation as the public and its mail see it."""

    names: Mapping[str, str]
    languages: tuple[str, ...]
    time_zone: str
    phone: str
    emergency_phone: str
    mail_from: str
    quick_exit_url: str


def has_administrator() -> bool:
    """Whether someone can already sign in and set things up; the example organisation's do not count."""
    return User.objects.filter(role=Role.ADMIN, is_active=True, organisation__is_demo=False).exists()


def first_administrator_link(*, now: datetime) -> str | None:
    """A link that makes the first administrator once, within an hour, replacing older ones; None when there is one."""
    with transaction.atomic():
        if has_administrator():
            return None
        token = links.make(purpose=FIRST, now=now)
    return f"{settings.PUBLIC_URL}/set-up/{token}/"


def first_administrator_link_works(*, token: str, now: datetime) -> bool:
    """Whether this token may still make the first administrator."""
    return not has_administrator() and links.find(token=token, purpose=FIRST, now=now) is not None


def make_first_administrator(*, token: str, first_day: FirstDay, language: str, now: datetime) -> User:
    """The organisation with its first queues and its first administrator. Of two at the same moment, one wins."""
    password = make_password(first_day.password)
    try:
        with transaction.atomic():
            if links.spend(token=token, purpose=FIRST, now=now) is None or has_administrator():
                raise Refused("link_over", _("This link no longer works."))
            return _make(first_day, password=password, language=language, now=now)
    except IntegrityError as error:
        raise Refused("username_taken", _("This user name is taken. Choose another.")) from error


def _make(first_day: FirstDay, *, password: str, language: str, now: datetime) -> User:
    organisation = Organisation.objects.create(
        slug=_slug(first_day.names),
        name=dict(first_day.names),
        languages=list(first_day.languages),
        time_zone=first_day.time_zone,
        created_at=now,
    )
    host, made = HostName.objects.get_or_create(host=first_day.host.lower(), defaults={"organisation": organisation})
    if not made:  # the example keeps a name of its own
        HostName.objects.filter(pk=host.pk, organisation__is_demo=True).update(organisation=organisation)
    make_default_queues(organisation=organisation)
    return User.objects.create(
        organisation=organisation,
        username=first_day.username,
        name=first_day.name,
        password=password,
        role=Role.ADMIN,
        language=language,
    )


def _slug(names: Mapping[str, str]) -> str:
    wanted = next((slug for name in names.values() if (slug := slugify(name)[:40])), "organisation")
    taken = set(Organisation.objects.filter(slug__startswith=wanted).values_list("slug", flat=True))
    number = 1
    while (slug := wanted if number == 1 else f"{wanted}-{number}") in taken:
        number += 1
    return slug


def make_default_queues(*, organisation: Organisation) -> list[Queue]:
    """The shipped queues with a skill each; request types go where the content sends them."""
    queues: list[Queue] = []
    for code, name in content.queue_names().items():
        cares = code == CARE
        skill = Skill.objects.create(
            organisation=organisation, code=code, name=dict(name), opens_needs=cares, is_specialist=cares
        )
        queues.append(
            Queue(
                organisation=organisation,
                code=code,
                name=dict(name),
                skill=skill,
                request_types=[kind.code for kind in content.request_types().values() if kind.queue == code],
                is_default=not queues,
            )
        )
    return Queue.objects.bulk_create(queues)


def describe(*, organisation: Organisation, details: Details) -> None:
    """Change what the public and its mail see of the organisation; open pages and their copies follow."""
    with transaction.atomic():
        Organisation.objects.filter(pk=organisation.pk).update(
            name=dict(details.names),
            languages=list(details.languages),
            time_zone=details.time_zone,
            phone=details.phone,
            emergency_phone=details.emergency_phone,
            mail_from=details.mail_from,
            quick_exit_url=details.quick_exit_url,
        )
        pages = Incident.objects.filter(organisation=organisation).exclude(state=Incident.State.CLOSED)
        pages.update(page_version=F("page_version") + 1)


def finish(*, organisation: Organisation) -> None:
    """The centre is ready: its administrators land on the board from now on."""
    Organisation.objects.filter(pk=organisation.pk, is_set_up=False).update(is_set_up=True)
