"""What time does to the register: questions fall due, observations and agreed times end, old rows move in."""

from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from pharos import content
from pharos.actions import holds, letters, needs, trail
from pharos.models import CheckIn, Contact, SupportNeed
from pharos.queries import needs as register

BATCH: Final = 200
UNANSWERED: Final = timedelta(days=30)  # what holds for a time only ends when nobody says that it still does
TEMPORARY: Final = "temporary"


def pass_on(*, now: datetime) -> int:
    """All of it, a little at a time; how much was done."""
    return end_due(now=now) + ask_due(now=now) + take_in_old(now=now) + count_in(now=now)


def end_due(*, now: datetime) -> int:
    """End what was kept until now: observations, agreed times, and what nobody confirmed."""
    due = SupportNeed.objects.filter(ended_at__isnull=True, ends_at__lte=now).order_by("ends_at")
    ended = 0
    for pk, person_id in list(due.values_list("pk", "person_id")[:BATCH]):
        with transaction.atomic():
            holds.person(person_id)
            still = SupportNeed.objects.filter(pk=pk, ends_at__lte=now, ended_at__isnull=True)
            if still.exists():
                ended += needs.end([pk], SupportNeed.End.EXPIRED, now=now)
                needs.felt(person_id, by=None, now=now)
    return ended


def ask_due(*, now: datetime) -> int:
    """A review date has come: ask once whether it is still so, on the person's page, and by mail where that is safe."""
    being_asked = CheckIn.objects.filter(need=OuterRef("pk"), settled_at__isnull=True)
    due = SupportNeed.objects.filter(~Exists(being_asked), ended_at__isnull=True, review_at__lte=now)
    asked = 0
    for need in list(due.select_related("person").order_by("review_at")[:BATCH]):
        asked += _ask(need, now=now)
    return asked


def _ask(need: SupportNeed, *, now: datetime) -> int:
    with transaction.atomic():
        holds.person(need.person_id)
        still = SupportNeed.objects.filter(pk=need.pk, ended_at__isnull=True, review_at=need.review_at)
        if not still.exists() or need.check_ins.filter(settled_at__isnull=True).exists():
            return 0
        CheckIn.objects.create(
            organisation_id=need.organisation_id,
            person_id=need.person_id,
            need=need,
            due_at=need.review_at or now,
            asked_at=now,
        )
        if need.said("permanence") == TEMPORARY:
            still.filter(ends_at__isnull=True).update(ends_at=now + UNANSWERED)
        contact = Contact.objects.filter(person_id=need.person_id).select_related(*letters.WITH_ALL).last()
        if contact:
            safe = register.effects(register.holding(need.person_id, now=now))
            by_mail = all(one.code != register.SAFE_ONLY for one in safe)
            letters.check_in(contact, by_mail=by_mail, now=now).save(force_insert=True)
            trail.record(contact, "check_in_asked", now=now)
            trail.tell(contact, now=now)
    return 1


def take_in_old(*, now: datetime) -> int:
    """Needs that an earlier version wrote beside a contact move into the register, sealed; the codes there go."""
    rows = Contact.objects.exclude(needs=[]).select_related("person", "organisation", "lane__queue", "raised_by")
    taken = 0
    for contact in list(rows.order_by("pk")[:BATCH]):
        with transaction.atomic():
            holds.person(contact.person_id)
            if not Contact.objects.filter(pk=contact.pk, needs=contact.needs).update(needs=[]):
                continue
            known = content.needs()
            there = set(register.codes(contact.person_id, now=now))
            fresh = [code for code in contact.needs if code in known and code not in there]
            SupportNeed.objects.bulk_create(
                needs.declared(
                    contact=contact,
                    codes=fresh,
                    words="",
                    basis=SupportNeed.Basis.CONSENT,
                    way=SupportNeed.Way.FORM,
                    now=contact.arrived_at,
                )
            )
            needs.felt(contact.person_id, by=None, now=now)
            taken += 1
    return taken


def count_in(*, now: datetime) -> int:
    """Contacts that an earlier version took in are known by their person's needs as all others are."""
    mine = SupportNeed.objects.filter(person=OuterRef("person"), ended_at__isnull=True, is_verified=True)
    held = mine.filter(Q(ends_at__isnull=True) | Q(ends_at__gt=now))
    missed = Contact.objects.filter(Exists(held), has_needs=False).exclude(state=Contact.State.CLOSED)
    people = list(missed.order_by("pk").values_list("person_id", flat=True)[:BATCH])
    for person_id in dict.fromkeys(people):
        with transaction.atomic():
            holds.person(person_id)
            needs.felt(person_id, by=None, now=now)
    return len(people)
