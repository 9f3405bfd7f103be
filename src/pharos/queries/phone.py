"""What is known of a caller, as far as it decides whether the phone window applies."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.db.models import Q

from pharos import content
from pharos.engine.window import Call, Verdict, verdict
from pharos.models import Contact, Identity, Incident, Organisation
from pharos.queries import identities
from pharos.queries import needs as register
from pharos.queries.incidents import PUBLIC_STATES


@dataclass(frozen=True, kw_only=True)
class Caller:
    """Who calls, as the telephone system tells it; all of it may be blank."""

    language: str
    phone: str = ""
    booking: str = ""
    pressed: str = ""  # a key of the menu, 0-9
    danger: bool = False
    needed_by: date | None = None
    time_zone: str = ""


def incident_with_window(organisation: Organisation) -> Incident | None:
    """The open incident whose window holds for calls that name none: the widest, so that nobody is held back twice."""
    rows = Incident.objects.filter(
        organisation=organisation, is_drill=False, state__in=PUBLIC_STATES, phone_window_days__isnull=False
    )
    return rows.order_by("-phone_window_days", "-id").first()


def days_of(incident: Incident | None) -> int | None:
    """The window of an incident; None while there is none."""
    return incident.phone_window_days if incident and incident.is_open else None


def window(organisation: Organisation, incident: Incident | None, caller: Caller, *, now: datetime) -> Verdict:
    """What the window means for this call. A number or a booking only ever opens the way: it proves nobody."""
    people = _people(organisation, caller)
    open_ = [one for one in _contacts(organisation, people) if one.state != Contact.State.CLOSED]
    given = [caller.needed_by] if caller.needed_by else []
    zone = caller.time_zone or (incident and incident.time_zone) or organisation.time_zone
    known = content.phone_menu().get(caller.pressed)
    call = Call(
        today=now.astimezone(ZoneInfo(zone)).date(),
        pressed=known.code if known else "",
        in_danger=caller.danger or any(one.danger for one in open_),
        needs_help=register.any_of(people, now=now),
        dates=[*given, *(one.needed_by for one in open_ if one.needed_by)],
    )
    return verdict(call, days=days_of(incident))


def _people(organisation: Organisation, caller: Caller) -> set[int]:
    known = [
        identities.phone(caller.phone, caller.language) if caller.phone else None,
        identities.booking(caller.booking) if caller.booking else None,
    ]
    found = Q(pk__in=[])
    for one in known:
        if one:
            found |= Q(sort=one.sort, value=one.value)
    rows = Identity.objects.filter(found, organisation=organisation)
    return set(rows.values_list("person_id", flat=True))


def _contacts(organisation: Organisation, people: Iterable[int]) -> list[Contact]:
    rows = Contact.objects.filter(organisation=organisation, person__in=people)
    return list(rows.only("state", "danger", "needed_by"))
