"""Whether we know who the person of a contact is."""

from datetime import datetime

from pharos.models import Contact, IdentityCheck, Organisation, PageCode
from pharos.queries.rules import rule


def standing(contact: Contact, *, now: datetime) -> IdentityCheck | None:
    """The check that holds now; None when nobody has checked, or too long ago."""
    rows = IdentityCheck.objects.filter(contact=contact, at__lte=now, holds_until__gt=now)
    return rows.select_related("by").order_by("-holds_until", "-id").first()


def are_asked_for(organisation: Organisation) -> bool:
    """Whether this organisation wants it checked before something is changed or paid."""
    return bool(rule(organisation, "identity_holds_minutes"))


def has_open_code(contact: Contact, purpose: PageCode.Purpose, *, now: datetime) -> bool:
    """Whether a code for this purpose is on its way to the person, or with them."""
    rows = PageCode.objects.filter(contact=contact, purpose=purpose, used_at__isnull=True, expires_at__gt=now)
    return rows.exists()


def hint(address: str) -> str:
    """Enough of an address for its owner to know it, and too little for anybody else."""
    name, _at, domain = address.rpartition("@")
    return f"{name[:1]}…@{domain[:1]}…"
