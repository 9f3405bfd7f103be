"""The people who work here: adding, changing, inviting and signing them off."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from django.contrib.auth.hashers import make_password
from django.db import IntegrityError, transaction
from django.utils import translation
from django.utils.translation import gettext as text
from django.utils.translation import gettext_lazy as _

from pharos import content, live
from pharos.actions import holds, links, routing
from pharos.actions.errors import Refused
from pharos.models import (
    Agent,
    AgentSkill,
    ApiToken,
    Contact,
    OneTimeLink,
    Organisation,
    Role,
    StaffMail,
    User,
)
from pharos.queries import organisations

INVITATION = OneTimeLink.Purpose.INVITATION
HELD = (Contact.State.ACTIVE, Contact.State.WRAP_UP, Contact.State.PENDING)


@dataclass(frozen=True, kw_only=True)
class Profile:
    """One person who works here. `skills`: id of the skill to level; no skills means no contacts."""

    username: str
    name: str
    email: str
    role: Role
    language: str
    languages: tuple[str, ...]
    skills: Mapping[int, int]
    capacity_live: int
    capacity_written: int

    @property
    def takes_contacts(self) -> bool:
        """Whether this person is an agent at all."""
        return bool(self.skills) or self.role == Role.AGENT


def add(*, organisation: Organisation, profile: Profile, now: datetime) -> User:
    """A new colleague, who cannot sign in before setting a password through an invitation."""
    return add_all(organisation=organisation, profiles=[profile], now=now)[0]


def add_all(*, organisation: Organisation, profiles: Iterable[Profile], now: datetime) -> list[User]:
    """Several new colleagues, all or none."""
    try:
        with transaction.atomic():
            users = [_add(organisation, profile) for profile in profiles]
            _changed(organisation, now=now)
            return users
    except IntegrityError as error:
        raise Refused("username_taken", _("This user name is taken. Choose another.")) from error


def _add(organisation: Organisation, profile: Profile) -> User:
    user = User.objects.create(
        organisation=organisation,
        username=profile.username,
        name=profile.name,
        email=profile.email,
        role=profile.role,
        language=profile.language,
        password=make_password(None),
    )
    if profile.takes_contacts:
        _equip(user, profile)
    return user


def _equip(user: User, profile: Profile) -> None:
    agent, _created = Agent.objects.update_or_create(
        user=user,
        defaults={
            "organisation_id": user.organisation_id,
            "languages": list(profile.languages),
            "capacity_live": profile.capacity_live,
            "capacity_written": profile.capacity_written,
        },
    )
    agent.skills.exclude(skill_id__in=profile.skills).delete()
    AgentSkill.objects.bulk_create(
        [AgentSkill(agent=agent, skill_id=skill, level=level) for skill, level in profile.skills.items()],
        update_conflicts=True,
        unique_fields=["agent", "skill"],
        update_fields=["level"],
    )


def change(*, user: User, profile: Profile, now: datetime) -> None:
    """Change a colleague. The last administrator stays one."""
    try:
        with transaction.atomic():
            organisation = holds.organisation(user.organisation_id)  # one after the other: one is always left
            if profile.role != Role.ADMIN:
                _refuse_last_administrator(user)
            User.objects.filter(pk=user.pk).update(
                username=profile.username, name=profile.name, email=profile.email, role=profile.role
            )
            if profile.takes_contacts or Agent.objects.filter(user=user).exists():
                _equip(user, profile)
            _changed(organisation, now=now)
    except IntegrityError as error:
        raise Refused("username_taken", _("This user name is taken. Choose another.")) from error


def deactivate(*, user: User, by: User, now: datetime) -> None:
    """Sign a colleague off: no sign-in, no tokens, no open invitation; what they held waits in its old place."""
    if user.pk == by.pk:
        raise Refused("yourself", _("You cannot sign yourself off. Ask another administrator."))
    with transaction.atomic():
        organisation = holds.organisation(user.organisation_id)  # one after the other: one is always left
        _refuse_last_administrator(user)
        User.objects.filter(pk=user.pk, is_active=True).update(is_active=False)
        OneTimeLink.objects.filter(user=user, used_at__isnull=True).delete()
        ApiToken.objects.filter(agent__user=user, revoked_at__isnull=True).update(revoked_at=now)
        _release(user, by=by, now=now)
        _changed(organisation, now=now)


def _release(user: User, *, by: User, now: datetime) -> None:
    """Nobody stays with someone who has left: what this colleague held waits again in its old place."""
    agent = Agent.objects.filter(user=user).first()
    if agent is None:
        return
    routing.set_status(agent=agent, status=Agent.Status.OFFLINE, now=now)
    held = Contact.objects.filter(agent=agent, state__in=HELD).select_related("organisation", "lane__queue")
    for contact in held:
        reason = text("%(name)s no longer works here.") % {"name": user.get_full_name()}
        routing.transfer(contact=contact, queue=contact.lane.queue, by=by, reason=reason, now=now)


def reactivate(*, user: User, now: datetime) -> None:
    """Let a colleague in again, with the password and skills of before."""
    with transaction.atomic():
        User.objects.filter(pk=user.pk, is_active=False).update(is_active=True)
        _changed(user.organisation, now=now)


class Invited(NamedTuple):
    """A colleague and the link that lets them in; only its digest is kept."""

    user: User
    link: str


def invite(*, users: Iterable[User], now: datetime) -> list[Invited]:
    """Links with which colleagues set a password: shown once, and mailed to those who have an address.

    They lead to the organisation's own address, whatever host name the one who invites has asked for.
    """
    with transaction.atomic():
        return [_invite(user, now=now) for user in users]


def _invite(user: User, *, now: datetime) -> Invited:
    if not user.is_active:
        raise Refused("signed_off", _("This colleague is signed off. Let them in again first."))
    token = links.make(purpose=INVITATION, user=user, now=now)
    link = f"{organisations.site(user.organisation)}/invitation/{token}/"
    if user.email:
        _mail(user, link, now=now)
    return Invited(user, link)


def _mail(user: User, link: str, *, now: datetime) -> None:
    organisation = content.pick(user.organisation.name, user.language).text
    with translation.override(user.language):
        StaffMail.objects.create(
            organisation_id=user.organisation_id,
            to=user.email,
            subject=text("Your access to %(organisation)s") % {"organisation": organisation},
            body=text(
                "Hello %(name)s,\n\n"
                "you can now help at %(organisation)s. Open this link to set your password:\n\n%(link)s\n\n"
                "Your user name is %(username)s. The link works once and for seven days.\n"
            )
            % {"name": user.get_full_name(), "organisation": organisation, "link": link, "username": user.username},
            created_at=now,
            due_at=now,
        )


def invited(*, token: str, now: datetime) -> User | None:
    """Who may set a password with this link, while it works."""
    link = links.find(token=token, purpose=INVITATION, now=now)
    return link.user if link and link.user and link.user.is_active else None


def accept_invitation(*, token: str, password: str, now: datetime) -> User:
    """Set the password that the colleague chose. Works once."""
    encoded = make_password(password)
    with transaction.atomic():
        link = links.spend(token=token, purpose=INVITATION, now=now)
        user = link.user if link else None
        if not user or not User.objects.filter(pk=user.pk, is_active=True).update(password=encoded):
            raise Refused("link_over", _("This link no longer works."))
        user.refresh_from_db()
        return user


def speak(*, user: User, language: str) -> None:
    """The language in which this colleague reads the pages."""
    User.objects.filter(pk=user.pk).update(language=language)


def _refuse_last_administrator(user: User) -> None:
    administrators = User.objects.filter(organisation_id=user.organisation_id, role=Role.ADMIN, is_active=True)
    if set(administrators.values_list("pk", flat=True)) == {user.pk}:
        raise Refused("last_administrator", _("This is the last administrator. Make somebody else one first."))


def _changed(organisation: Organisation, *, now: datetime) -> None:
    live.nudge(organisation_id=organisation.pk, topics=["board", "queue"], now=now)
