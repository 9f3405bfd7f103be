"""What we told a person about when they will be answered, and what became of it."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final, Literal

from django.db import transaction
from django.db.models import Case, F, Q, Value, When
from django.db.models.functions import Coalesce, Least
from django.db.models.query import QuerySet

from pharos.actions import holds, letters, trail, webhooks
from pharos.engine import promise as engine
from pharos.engine.estimates import Unknown, Wait
from pharos.engine.waits import WaitCurve
from pharos.models import Contact, Lane, Organisation, Promise
from pharos.models.insertion import fresh
from pharos.queries import family, floor, staying, waits
from pharos.queries.calendars import calendars
from pharos.queries.rules import rule

HELD_AGAINST = ("id", "lane_id", "promise_by", "needed_by", "time_zone")
Way = Literal["first", "earlier", "broken"]
BATCH = 50  # promises that one pass moves: each is a write of its own, and doors write too


def first(
    contact: Contact, *, now: datetime, wait: Wait | Unknown | None = None, hours: floor.Calendars | None = None
) -> Promise:
    """Work out what to tell, write it on the contact, and return the row of what was told; neither is saved yet.

    Whoever knows the wait and the hours already gives them.
    """
    wait = wait or waits.wait_of(contact.lane, organisation=contact.organisation, now=now)
    told = _work_out(contact, wait, hours or calendars(contact.organisation), now=now)
    contact.wait_low_s, contact.wait_high_s = _whole(told.low_s), _whole(told.high_s)
    contact.promise_by = contact.guard_at = told.by
    return _row(contact, told, now=now)


def tell_again(contact: Contact, *, now: datetime) -> None:
    """A contact waits once more after it was answered: tell anew. One that still waits keeps what it was told."""
    if contact.promises.filter(settled_at__isnull=True).exists():
        return
    row = first(contact, now=now)
    row.save(force_insert=True)
    Contact.objects.filter(pk=contact.pk).update(
        wait_low_s=contact.wait_low_s,
        wait_high_s=contact.wait_high_s,
        promise_by=contact.promise_by,
        guard_at=contact.guard_at,
        promise_broken_at=None,
    )
    trail.record(contact, "promise_told", now=now, by_time=trail.iso(contact.promise_by))


def settle(contact: Contact, *, now: datetime) -> None:
    """A person answered: score what was told."""
    for row in contact.promises.filter(settled_at__isnull=True):
        Promise.objects.filter(pk=row.pk, settled_at__isnull=True).update(
            settled_at=now,
            waited_s=(now - row.told_at).total_seconds(),
            kept=None if row.by is None else engine.kept(row.by, now),
        )


def drop(contact: Contact, *, now: datetime) -> None:
    """The person left: what was told is neither kept nor broken unless its time had passed."""
    contact.promises.filter(settled_at__isnull=True).update(
        settled_at=now, kept=Case(When(by__lt=now, then=Value(False)), default=None)
    )


def revise(*, organisation: Organisation, now: datetime) -> int:
    """Promises whose time has passed unanswered: mark them broken, tell the person the new honest time. Once each."""
    not_told_yet = Q(promise_broken_at__isnull=True) | Q(promise_broken_at__lt=F("promise_by"))
    late = _waiting_of(organisation).filter(not_told_yet, promise_by__lt=now)
    hours = calendars(organisation)
    moved = 0
    for contact in late.order_by("promise_by")[:BATCH]:
        wait = waits.wait_of(contact.lane, organisation=organisation, now=now)
        moved += _break(contact, _work_out(contact, wait, hours, now=now), now=now)
    return moved


def hold_against(*, organisation: Organisation, curve: WaitCurve, now: datetime) -> int:
    """Hold every told promise against a newer look-ahead: earlier silently, later only with words and a mark."""
    hours = calendars(organisation)
    lanes = Lane.objects.filter(organisation=organisation).in_bulk()
    told = Q(promise_broken_at__isnull=True) | Q(promise_by__isnull=True)  # a broken one may be without a new time
    rows = Contact.objects.filter(told, organisation=organisation, state=Contact.State.WAITING)
    moved = 0
    # A line may be long and few of its promises move: only those are read whole.
    for row in rows.only(*HELD_AGAINST).order_by("promise_by", "id"):
        wait = curve.remaining.get(row.pk)
        if wait is None or row.lane_id not in lanes:
            continue
        row.organisation, row.lane = organisation, lanes[row.lane_id]
        new = _work_out(row, wait, hours, now=now)
        way = _way(row.promise_by, new, now=now)
        contact = _waiting_of(organisation).filter(pk=row.pk, promise_by=row.promise_by).first() if way else None
        moved += bool(way and contact and _WAYS[way](contact, new, now=now))
        if moved == BATCH:
            break
    return moved


def _way(told: datetime | None, new: engine.Promise, *, now: datetime) -> Way | None:
    """Which way a promise goes now; None when it stays."""
    if told is None:
        return "first" if new.by else None
    revision = engine.revise(told, now, new)
    if revision.move == "later":
        # Told before its time only when even the good end of the range is too late; else it may still be kept.
        return "broken" if new.low_s is not None and now + timedelta(seconds=new.low_s) > told else None
    return "earlier" if revision.move == "earlier" and revision.by is not None else None


def _waiting_of(organisation: Organisation) -> "QuerySet[Contact]":
    return Contact.objects.filter(organisation=organisation, state=Contact.State.WAITING).select_related(
        "organisation", "lane__queue", "person", "incident"
    )


def _work_out(contact: Contact, wait: Wait | Unknown, hours: floor.Calendars, *, now: datetime) -> engine.Promise:
    """What to tell. The promise is never nearer than the organisation's least; the range is told as it is."""
    calendar = floor.calendar_of(contact.lane, hours)
    told = engine.promise(now, wait, calendar, contact.needed_by, contact.time_zone)
    least_s = 60.0 * rule(contact.organisation, f"promise_least_{contact.lane.kind}_minutes")
    if isinstance(wait, Unknown) or wait.high_s >= least_s:
        return told
    later = engine.promise(now, replace(wait, high_s=least_s), calendar, contact.needed_by, contact.time_zone)
    return replace(told, by=later.by, capped=later.capped)


def _row(contact: Contact, told: engine.Promise, *, now: datetime) -> Promise:
    lane: Lane = contact.lane
    return fresh(
        Promise,
        contact=contact,
        told_at=now,
        band=lane.band,
        kind=lane.kind,
        low_s=_whole(told.low_s),
        median_s=None if told.expected is None else _whole((told.expected - now).total_seconds()),
        high_s=_whole(told.high_s),
        by=told.by,
    )


def _waiting(contact: Contact) -> "QuerySet[Contact]":
    return Contact.objects.filter(pk=contact.pk, state=Contact.State.WAITING, promise_by=contact.promise_by)


def _tell_first_time(contact: Contact, new: engine.Promise, *, now: datetime) -> bool:
    """We could not say before and now can: the page shows it."""
    with transaction.atomic():
        rows = Contact.objects.filter(pk=contact.pk, state=Contact.State.WAITING, promise_by__isnull=True)
        if not rows.update(**_fields(new), guard_at=Coalesce(F("guard_at"), new.by)):
            return False
        contact.promises.filter(settled_at__isnull=True).update(settled_at=now)
        _row(contact, new, now=now).save(force_insert=True)
        trail.record(contact, "promise_told", now=now, by_time=trail.iso(new.by))
        trail.tell(contact, now=now)
    return True


def _earlier(contact: Contact, new: engine.Promise, *, now: datetime) -> bool:
    with transaction.atomic():
        if not _waiting(contact).update(**_fields(new), guard_at=Least(F("guard_at"), new.by)):
            return False
        contact.promises.filter(settled_at__isnull=True).update(by=new.by)
        trail.record(contact, "promise_earlier", now=now, before=trail.iso(contact.promise_by), after=trail.iso(new.by))
        trail.tell(contact, now=now)
    return True


def _break(contact: Contact, new: engine.Promise, *, now: datetime) -> bool:
    with transaction.atomic():
        holds.place(contact.pk)
        if not _waiting(contact).update(**_fields(new), promise_broken_at=now):
            return False
        contact.promises.filter(settled_at__isnull=True).update(settled_at=now, kept=False)
        _row(contact, new, now=now).save(force_insert=True)
        before, contact.promise_by = contact.promise_by, new.by
        contact.wait_low_s, contact.wait_high_s = _whole(new.low_s), _whole(new.high_s)
        if contact.left_at is None or not staying.still_here(contact):
            letters.promise_moved(contact, before=before, now=now).save(force_insert=True)
        _tell_members(contact, new, now=now)
        trail.record(contact, "promise_moved", now=now, before=trail.iso(before), after=trail.iso(new.by))
        webhooks.announce(
            organisation_id=contact.organisation_id,
            event="promise.moved",
            body={"reference": contact.reference, "by": trail.iso(new.by)},
            now=now,
        )
        trail.tell(contact, now=now)
    return True


def _tell_members(contact: Contact, new: engine.Promise, *, now: datetime) -> None:
    """Who shares the place was told a time as well, and is told the new one by their own road; not who has left."""
    for merge in family.all_merges(contact):
        member = merge.join
        if merge.confirmed_at or not merge.before["promises"] or member.first_answered_at:
            continue
        if member.left_at and staying.has_left(member):
            continue
        Contact.objects.filter(pk=member.pk).update(**_fields(new), promise_broken_at=now)
        before, member.promise_by = member.promise_by, new.by
        letters.promise_moved(member, before=before, now=now).save(force_insert=True)
        trail.tell(member, now=now)


_WAYS: Final[Mapping[Way, Callable[..., bool]]] = {
    "first": _tell_first_time,
    "earlier": _earlier,
    "broken": _break,
}


def _fields(new: engine.Promise) -> dict[str, object]:
    return {"promise_by": new.by, "wait_low_s": _whole(new.low_s), "wait_high_s": _whole(new.high_s)}


def _whole(seconds: float | None) -> int | None:
    return None if seconds is None else round(seconds)
