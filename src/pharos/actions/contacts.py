"""What staff put right about a contact: its date, and the link to the person's page."""

import secrets
from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from pharos.actions import lanes, trail
from pharos.actions.errors import Refused
from pharos.engine.references import page_token
from pharos.models import Contact, User


def correct_date(*, contact: Contact, needed_by: date | None, by: User, now: datetime) -> None:
    """Set by when it is needed, None for no date, and grade it anew: in line, its index does not get smaller."""
    before = contact.needed_by
    with transaction.atomic():
        rows = Contact.objects.filter(pk=contact.pk, needed_by=before)
        if not rows.update(needed_by=needed_by):
            raise Refused("moved_on", _("Someone else has changed the date meanwhile. Look at it again."))
        contact.needed_by = needed_by
        lanes.regrade(contact, now=now, by=by)
        trail.record(contact, "date_corrected", now=now, by=by, before=trail.iso(before), after=trail.iso(needed_by))
        trail.tell(contact, now=now, topics=["queue"])


def revoke_page(*, contact: Contact, by: User, now: datetime) -> None:
    """The link to the person's page stops working at once."""
    with transaction.atomic():
        if Contact.objects.filter(pk=contact.pk, page_token__isnull=False).update(page_token=None):
            contact.page_token = None
            trail.record(contact, "page_revoked", now=now, by=by)
            trail.tell(contact, now=now)


def renew_page(*, contact: Contact, by: User, now: datetime) -> None:
    """A new link to the person's page; an old one stops working. Pressed twice, one of the two links counts."""
    token = page_token(secrets.token_bytes(24))
    with transaction.atomic():
        if Contact.objects.filter(pk=contact.pk, page_token=contact.page_token).update(page_token=token):
            contact.page_token = token
            trail.record(contact, "page_renewed", now=now, by=by)
            trail.tell(contact, now=now)
