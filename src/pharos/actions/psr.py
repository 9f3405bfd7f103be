"""Exchange with other registers of priority services, by their codes: all rows of a file, or none."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from django.db import transaction

from pharos import content
from pharos.actions import holds, needs
from pharos.models import Identity, NeedView, Organisation, Person, SupportNeed, User
from pharos.queries import needs as register
from pharos.queries.identities import Known


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One row: whom it is about, the code, and the last day on which it holds."""

    name: str
    known: tuple[Known, ...]
    code: str
    ends_on: date | None


class HandedOut(NamedTuple):
    """One row for another register."""

    name: str
    email: str
    phone: str
    booking: str
    code: str
    end_date: str


def take_in(*, organisation: Organisation, entries: Sequence[Entry], basis: str, by: User, now: datetime) -> int:
    """Keep every row, on the ground that the other register names; what is noted already is not noted twice."""
    with transaction.atomic():
        for entry in entries:
            person = _person(organisation, entry, now=now)
            holds.person(person.pk)
            _keep(organisation, person, entry, basis=basis, by=by, now=now)
            needs.felt(person.pk, by=by, now=now)
    return len(entries)


def _person(organisation: Organisation, entry: Entry, *, now: datetime) -> Person:
    """Who reached us last by one of these addresses; somebody new when nobody did."""
    for one in entry.known:
        rows = Identity.objects.filter(organisation=organisation, sort=one.sort, value=one.value)
        found = rows.select_related("person").order_by("-person_id").first()
        if found:
            return found.person
    person = Person.objects.create(
        organisation=organisation, name=entry.name, language=next(iter(organisation.languages), "en"), created_at=now
    )
    Identity.objects.bulk_create(
        Identity(organisation=organisation, person=person, sort=one.sort, value=one.value, typed=one.typed)
        for one in entry.known
    )
    return person


def _keep(organisation: Organisation, person: Person, entry: Entry, *, basis: str, by: User, now: datetime) -> None:
    code = content.psr_codes()[entry.code].maps_to
    known = content.needs()[code]
    until = entry.ends_on.isoformat() if entry.ends_on else ""
    given = {
        "basis": basis,
        "is_verified": True,
        "consent_way": SupportNeed.Way.OTHER_SYSTEM if basis == SupportNeed.Basis.CONSENT else "",
        "may_pass_on": True,
        "ends_at": _end_of(entry.ends_on, organisation.time_zone) if entry.ends_on else None,
    }
    marks = {"psr": entry.code, "until": until}
    same = next((one for one in register.holding(person.pk, now=now) if _is_same(one, code, entry.code)), None)
    if same:
        SupportNeed.objects.filter(pk=same.pk).update(what={**same.what, **marks}, **given)
        return
    SupportNeed.objects.create(
        organisation=organisation,
        person=person,
        what={"code": code, "words": "", "driver": known.driver, "permanence": known.permanence, **marks},
        weight=known.weight,
        source=SupportNeed.Source.IMPORTED,
        noted_by=by,
        noted_at=now,
        review_at=now + timedelta(days=known.review_days),
        **given,
    )


def _is_same(need: SupportNeed, code: str, psr: str) -> bool:
    return need.code == code and need.said("psr") in {"", psr}


def _end_of(day: date, time_zone: str) -> datetime:
    return datetime.combine(day + timedelta(days=1), time(), ZoneInfo(time_zone))


def hand_out(*, organisation: Organisation, by: User, now: datetime) -> list[HandedOut]:
    """What people agreed to have passed on, as far as a code says it; for each of them it is kept who took it."""
    rows = SupportNeed.objects.filter(organisation=organisation, ended_at__isnull=True, may_pass_on=True)
    handed: list[HandedOut] = []
    people: dict[int, Person] = {}
    for need in rows.filter(is_verified=True).select_related("person").order_by("person_id", "id"):
        code, end = _code(need), _end_date(need, organisation.time_zone)
        if code is None or (need.ends_at and need.ends_at <= now):
            continue
        people[need.person_id] = need.person
        known = {one.sort: one.typed for one in need.person.identities.order_by("-id")}
        email, phone, booking = (known.get(sort, "") for sort in ("email", "phone", "booking"))
        handed.append(HandedOut(need.person.name, email, phone, booking, code, end))
    NeedView.objects.bulk_create(
        NeedView(
            organisation=organisation,
            person=person,
            user=by,
            name=by.get_full_name()[:150],
            why=NeedView.Why.EXPORT,
            at=now,
        )
        for person in people.values()
    )
    return handed


def _code(need: SupportNeed) -> str | None:
    """The code it came with, else the only one that means it; None where several might."""
    if need.said("psr"):
        return str(need.said("psr"))
    known = content.needs().get(need.code)
    active = [code for code in (known.psr if known else ()) if content.psr_codes()[code].is_active]
    return active[0] if len(active) == 1 else None


def _end_date(need: SupportNeed, time_zone: str) -> str:
    """The last day; for a code that must name one, the day on which the person is asked again."""
    if need.said("until"):
        return str(need.said("until"))
    code = _code(need)
    if need.review_at and code and content.psr_codes()[code].temporary:
        return need.review_at.astimezone(ZoneInfo(time_zone)).date().isoformat()
    return ""
