"""A lead changes a place by hand: always up, with a reason that stays, and taken back while nobody has the contact."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from pharos.actions import holds, lanes, letters, rights, standings, trail
from pharos.actions.errors import Refused
from pharos.models import Contact, Override, User
from pharos.queries import explanation, family

State = Contact.State
MOST_WORDS = 300


def raise_band(*, contact: Contact, band: int, reason: str, by: User, now: datetime) -> None:
    """Move a contact up by hand. Its place can only get better; who did it and why stays in the trail."""
    rights.lead(by, organisation_id=contact.organisation_id)
    with transaction.atomic():
        row = holds.contact_as_it_is(contact.pk)
        if row.state == State.CLOSED or band not in (0, 1, 2) or band >= row.lane.band:
            raise Refused("not_up", _("This contact is already that high in the order, or it is closed."))
        _keep(row, band, reason, by=by, now=now)
        Contact.objects.filter(pk=contact.pk).update(raised_band=band, raised_by=by)
        lanes.regrade(contact, now=now, by=by)
        trail.tell(contact, now=now, topics=["queue"])


def to_front(*, contact: Contact, reason: str, by: User, now: datetime) -> None:
    """Have a waiting contact go next: after danger to life and the turn of promises, before the order of the index.

    It holds until an agent takes the contact.
    """
    rights.lead(by, organisation_id=contact.organisation_id)
    with transaction.atomic():
        _keep(holds.contact_as_it_is(contact.pk), None, reason, by=by, now=now)
        rows = Contact.objects.filter(pk=contact.pk, state=State.WAITING, front_at__isnull=True, lane__band__gt=0)
        if not rows.update(front_at=now):
            raise Refused("not_up", _("This contact is already that high in the order."))
        lanes.regrade(contact, now=now, by=by)
        trail.tell(contact, now=now, topics=["queue"])


def _keep(row: Contact, band: int | None, reason: str, *, by: User, now: datetime) -> None:
    """What was before, and why it changes."""
    if not reason.strip():
        raise Refused("reason", _("Write why: it stays in the record."))
    Override.objects.create(
        contact=row,
        by=by,
        at=now,
        band=band,
        reason=reason.strip()[:MOST_WORDS],
        band_before=row.lane.band,
        raised_before=row.raised_band,
        arrival_before=row.virtual_arrival,
    )
    letters.note(row, body=reason, by=by, now=now).save(force_insert=True)
    trail.record(row, "raised", now=now, by=by, band=band, why=reason.strip()[:MOST_WORDS])


def undo(*, contact: Contact, by: User, now: datetime) -> None:
    """Take back what was changed last by hand: the contact stands where it would stand without it."""
    rights.lead(by, organisation_id=contact.organisation_id)
    with transaction.atomic():
        holds.contact(contact.pk)
        contact.refresh_from_db()
        last = explanation.undoable(contact)
        if last is None or not Override.objects.filter(pk=last.pk, undone_at__isnull=True).update(
            undone_at=now, undone_by=by
        ):
            raise Refused("nothing_to_undo", _("There is nothing to take back: somebody has this contact by now."))
        if last.band is None:
            Contact.objects.filter(pk=contact.pk).update(front_at=None)
        else:
            _restore(contact, last, now=now)
        trail.record(contact, "raise_undone", now=now, by=by, band=last.band)
        lanes.regrade(contact, now=now, by=by)
        trail.tell(contact, now=now, topics=["queue"])


def _restore(contact: Contact, last: Override, *, now: datetime) -> None:
    """Band and arrival as they were, no later than those who share its place; what is known since is graded anew."""
    lane = lanes.lane(
        organisation=contact.organisation,
        queue=contact.lane.queue,
        language=contact.lane.language,
        band=last.band_before,
        kind=contact.lane.kind,
    )
    before = contact.overrides.filter(band=last.raised_before, undone_at__isnull=True).last()
    Contact.objects.filter(pk=contact.pk).update(
        lane=lane,
        virtual_arrival=last.arrival_before,
        raised_band=last.raised_before,
        raised_by=before.by if before and last.raised_before is not None else None,
    )
    standings.taken_back(contact, band=last.band_before, arrival=last.arrival_before)
    standings.keep_place(Contact.objects.select_related("lane").get(pk=contact.pk), family.members(contact), now=now)
