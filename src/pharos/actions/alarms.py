"""Alarms: raised once, told once, taken by a name, else told to somebody else, cleared when over."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, TypeAlias

from django.db import transaction
from django.db.models.query import QuerySet
from django.utils import translation
from django.utils.translation import gettext, ngettext

from pharos import content, live
from pharos.actions import rights, trail
from pharos.content.calendars import local_digits
from pharos.models import Alarm, Contact, Organisation, Role, StaffMail, User
from pharos.queries import watch
from pharos.queries.alarms import sentence
from pharos.queries.organisations import site
from pharos.queries.rules import rule
from pharos.queries.watch import Finding

Alarms: TypeAlias = "QuerySet[Alarm, Any]"
Sort = Alarm.Sort
BATCH = 500  # rows of one sort that one pass raises or clears; the next pass goes on
LINES = 12  # alarms that one mail spells out
PAUSE = timedelta(seconds=60)  # between mails, so that a bad hour does not bury the first one
AT_ONCE = (
    Sort.DANGER,
    Sort.DANGER_WORDS,
    Sort.ESCALATED,
    Sort.NOBODY_CAN_SERVE,
    Sort.UPDATE_OVERDUE,
)  # these do not wait for the pause


def sweep(*, organisation: Organisation, now: datetime) -> int:
    """Raise what is wrong, clear what is over, tell the duty leads, escalate what nobody took. Returns rows changed."""
    changed = _mark_broken(organisation, now=now)
    for sort in watch.CONDITIONS:
        changed += _sweep_contacts(organisation, sort, now=now)
    changed += _sweep_findings(organisation, Sort.OLDEST, watch.oldest(organisation=organisation, now=now), now=now)
    overdue = watch.overdue_updates(organisation=organisation, now=now)
    changed += _sweep_findings(organisation, Sort.UPDATE_OVERDUE, overdue, now=now)
    missing = watch.without_agents(organisation=organisation)
    changed += _sweep_findings(organisation, Sort.NOBODY_CAN_SERVE, missing, now=now)
    lost = watch.not_reached(organisation=organisation, now=now)
    changed += _sweep_findings(organisation, Sort.NOT_REACHED, lost, now=now)
    changed += _tell(organisation, now=now)
    changed += _escalate(organisation, now=now)
    if changed:
        live.nudge(organisation_id=organisation.pk, topics=["alarms", "board"], now=now)
    return changed


def raise_at_once(contact: Contact, sort: str, *, now: datetime, taken_by: User | None = None) -> None:
    """Raise an alarm before the next sweep would; with a name already on it, if somebody is at it. Once is enough."""
    alarm = Alarm(
        organisation_id=contact.organisation_id,
        sort=sort,
        subject=f"contact:{contact.pk}",
        contact=contact,
        data=_about(contact),
        raised_at=now,
        acknowledged_at=now if taken_by else None,
        acknowledged_by=taken_by,
    )
    Alarm.objects.bulk_create([alarm], ignore_conflicts=True)


def raise_anew(contact: Contact, sort: str, *, now: datetime) -> None:
    """Raise an alarm at once, also where there is one that somebody has taken: this is news to them."""
    raise_at_once(contact, sort, now=now)
    taken = Alarm.objects.filter(contact=contact, sort=sort, acknowledged_at__isnull=False, cleared_at__isnull=True)
    untold = {"told_at": None, "escalate_at": None, "escalated_at": None}
    taken.update(raised_at=now, acknowledged_at=None, acknowledged_by=None, **untold)


def clear_at_once(contact: Contact, sort: str, *, now: datetime) -> None:
    """It is over, and nobody need read it until the next sweep."""
    _clear(Alarm.objects.filter(contact=contact, sort=sort).values_list("pk", flat=True), now=now)


def acknowledge(*, alarm: Alarm, by: User, now: datetime) -> bool:
    """Put a name to an alarm: it goes to nobody else. False when it has one, or is over."""
    return bool(_acknowledge(Alarm.objects.filter(pk=alarm.pk), alarm.organisation_id, by=by, now=now))


def acknowledge_all(*, organisation: Organisation, sort: str, by: User, now: datetime) -> int:
    """Put a name to every open alarm of one sort."""
    return _acknowledge(Alarm.objects.filter(organisation=organisation, sort=sort), organisation.pk, by=by, now=now)


def _acknowledge(rows: Alarms, organisation_id: int, *, by: User, now: datetime) -> int:
    rights.lead(by, organisation_id=organisation_id)
    with transaction.atomic():
        untaken = rows.filter(acknowledged_at__isnull=True, cleared_at__isnull=True)
        asked = list(untaken.filter(sort=Sort.ESCALATED).values_list("contact_id", flat=True))
        taken: int = untaken.update(acknowledged_at=now, acknowledged_by=by)
        if taken:
            heard = [f"contact:{contact}" for contact in asked]  # the agent who asked sees that someone comes
            live.nudge(organisation_id=organisation_id, topics=["alarms", "board", *heard], now=now)
    return taken


def _mark_broken(organisation: Organisation, *, now: datetime) -> int:
    """A promise that passes while someone holds the contact is broken too: it bears the mark, once."""
    marked = 0
    for contact in watch.unmarked(organisation, now=now)[:BATCH]:
        with transaction.atomic():
            rows = Contact.objects.filter(pk=contact.pk, promise_by=contact.promise_by, promise_broken_at__isnull=True)
            if rows.update(promise_broken_at=now):
                by = contact.promise_by.isoformat() if contact.promise_by else None
                trail.record(contact, "promise_broken", now=now, by_time=by)
                trail.tell(contact, now=now)
                marked += 1
    return marked


def _sweep_contacts(organisation: Organisation, sort: str, *, now: datetime) -> int:
    wrong = watch.contacts(sort, organisation=organisation, now=now)
    raised = _open(organisation, sort)
    over = raised.exclude(contact__in=wrong.values("pk")).values_list("pk", flat=True)[:BATCH]
    known = raised.filter(contact__isnull=False).values("contact")
    fresh = wrong.exclude(pk__in=known).only("pk", "promise_by").order_by("promise_by", "pk")[:BATCH]
    findings = [Finding(f"contact:{contact.pk}", contact_id=contact.pk, data=_about(contact)) for contact in fresh]
    return _clear(over, now=now) + _raise(organisation, sort, findings, now=now)


def _about(contact: Contact) -> dict[str, str]:
    """What the alarm says later, even when the contact has moved on."""
    return {"by": contact.promise_by.isoformat()} if contact.promise_by else {}


def _sweep_findings(organisation: Organisation, sort: str, findings: list[Finding], *, now: datetime) -> int:
    raised = dict(_open(organisation, sort).values_list("subject", "pk"))
    wrong = {finding.subject for finding in findings}
    over = [pk for subject, pk in raised.items() if subject not in wrong]
    fresh = [finding for finding in findings if finding.subject not in raised]
    return _clear(over, now=now) + _raise(organisation, sort, fresh, now=now)


def _open(organisation: Organisation, sort: str) -> Alarms:
    return Alarm.objects.filter(organisation=organisation, sort=sort, cleared_at__isnull=True)


def _raise(organisation: Organisation, sort: str, findings: Iterable[Finding], *, now: datetime) -> int:
    rows = [
        Alarm(
            organisation=organisation,
            sort=sort,
            subject=finding.subject,
            contact_id=finding.contact_id,
            incident_id=finding.incident_id,
            data=dict(finding.data),
            raised_at=now,
        )
        for finding in findings
    ]
    if rows:
        Alarm.objects.bulk_create(rows, ignore_conflicts=True)  # a second sweep at the same moment raises nothing twice
    return len(rows)


def _clear(alarms: Iterable[int], *, now: datetime) -> int:
    over = list(alarms)
    if not over:
        return 0
    cleared: int = Alarm.objects.filter(pk__in=over, cleared_at__isnull=True).update(cleared_at=now)
    return cleared


def _tell(organisation: Organisation, *, now: datetime) -> int:
    """Mail the duty leads about what is new, all of it in one mail; their screens show it anyway."""
    untold = Alarm.objects.filter(
        organisation=organisation, told_at__isnull=True, acknowledged_at__isnull=True, cleared_at__isnull=True
    )
    if not untold.exists():
        return 0
    told_lately = Alarm.objects.filter(organisation=organisation, told_at__gt=now - PAUSE).exists()
    if told_lately and not untold.filter(sort__in=AT_ONCE).exists():
        return 0
    minutes = rule(organisation, "alarm_second_person_minutes")
    with transaction.atomic():
        alarms = _locked(untold)
        _stamp(alarms, told_at=now, escalate_at=now + timedelta(minutes=minutes))
        _mail(organisation, _leads(organisation), alarms, again=False, now=now)
    return len(alarms)


def _escalate(organisation: Organisation, *, now: datetime) -> int:
    """What nobody put a name to in time goes to the administrators by mail, and stands first on every lead's screen."""
    due = Alarm.objects.filter(
        organisation=organisation,
        escalate_at__lte=now,
        escalated_at__isnull=True,
        acknowledged_at__isnull=True,
        cleared_at__isnull=True,
    )
    if not due.exists():
        return 0
    with transaction.atomic():
        alarms = _locked(due)
        _stamp(alarms, escalated_at=now)
        _mail(organisation, _staff(organisation, Role.ADMIN), alarms, again=True, now=now)
    return len(alarms)


def _locked(rows: Alarms) -> list[Alarm]:
    ordered = rows.select_related("contact", "incident").order_by("raised_at", "pk")
    return list(ordered.select_for_update(no_key=True, of=("self",))[:BATCH])


def _stamp(alarms: list[Alarm], **changes: datetime) -> None:
    Alarm.objects.filter(pk__in=[alarm.pk for alarm in alarms]).update(**changes)


def _leads(organisation: Organisation) -> list[User]:
    """The duty leads who can be reached by mail; the administrators where there is none."""
    return _staff(organisation, Role.LEAD) or _staff(organisation, Role.ADMIN)


def _staff(organisation: Organisation, role: Role) -> list[User]:
    return list(User.objects.filter(organisation=organisation, role=role, is_active=True).exclude(email=""))


def _mail(organisation: Organisation, staff: list[User], alarms: list[Alarm], *, again: bool, now: datetime) -> None:
    if not alarms:
        return
    mails = []
    for user in staff:
        with translation.override(user.language):
            subject, body = _words(organisation, user, alarms, again=again, now=now)
        mails.append(
            StaffMail(organisation=organisation, to=user.email, subject=subject, body=body, created_at=now, due_at=now)
        )
    StaffMail.objects.bulk_create(mails)


def _words(
    organisation: Organisation, user: User, alarms: list[Alarm], *, again: bool, now: datetime
) -> tuple[str, str]:
    count = len(alarms)
    first = ngettext("%(count)s alarm needs a name", "%(count)s alarms need a name", count)
    first %= {"count": local_digits(count, user.language)}
    if again:
        first = gettext("Nobody has taken this yet") + ": " + first
    lines = [
        "- " + sentence(alarm, organisation=organisation, language=user.language, now=now) for alarm in alarms[:LINES]
    ]
    if count > LINES:
        more = count - LINES
        rest = ngettext("%(count)s more", "%(count)s more", more) % {"count": local_digits(more, user.language)}
        lines.append("- " + rest)
    name = content.pick(organisation.name, user.language).text
    way = gettext("Open the board and put your name to it:")
    return f"{name}: {first}", "\n".join([first + ".", "", *lines, "", way, f"{site(organisation)}/lead/", ""])
