"""Links that work once, until they expire. Only their digest is kept."""

import hashlib
import secrets
from datetime import datetime, timedelta

from pharos.models import OneTimeLink, User

Purpose = OneTimeLink.Purpose
LIFETIME = {Purpose.FIRST_ADMINISTRATOR: timedelta(hours=1), Purpose.INVITATION: timedelta(days=7)}


def make(*, purpose: OneTimeLink.Purpose, now: datetime, user: User | None = None) -> str:
    """A new token; an unused one of the same purpose and user stops working."""
    OneTimeLink.objects.filter(purpose=purpose, user=user, used_at__isnull=True).delete()
    token = secrets.token_urlsafe(32)
    OneTimeLink.objects.create(
        digest=_digest(token), purpose=purpose, user=user, created_at=now, expires_at=now + LIFETIME[purpose]
    )
    return token


def find(*, token: str, purpose: OneTimeLink.Purpose, now: datetime) -> OneTimeLink | None:
    """The link while it still works."""
    links = OneTimeLink.objects.select_related("user__organisation")
    return links.filter(digest=_digest(token), purpose=purpose, used_at__isnull=True, expires_at__gt=now).first()


def spend(*, token: str, purpose: OneTimeLink.Purpose, now: datetime) -> OneTimeLink | None:
    """Use the link up; None when it no longer works. Of two at the same moment, one wins."""
    link = find(token=token, purpose=purpose, now=now)
    if link and OneTimeLink.objects.filter(pk=link.pk, used_at__isnull=True).update(used_at=now):
        return link
    return None


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
