"""Bearer tokens for other systems, and for agents who work over the API."""

import secrets
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db.models import Q

from pharos.models import Agent, ApiToken, Organisation
from pharos.queries.api import digest

PREFIX = "pharos_"  # lets a leaked token be found by those who scan for them
USED_STEP = timedelta(minutes=1)


class MadeToken(NamedTuple):
    """A new token and its text, which is told this once and never kept."""

    token: ApiToken
    plain: str


def make_token(*, organisation: Organisation, name: str, agent: Agent | None, now: datetime) -> MadeToken:
    """A token for a system, or for one agent; only its digest is kept."""
    plain = PREFIX + secrets.token_urlsafe(32)
    token = ApiToken.objects.create(
        organisation=organisation, name=name[:80], agent=agent, digest=digest(plain), created_at=now
    )
    return MadeToken(token, plain)


def revoke(*, token: ApiToken, now: datetime) -> bool:
    """End a token: an agent's at once, a system's within a second; False when it had ended before."""
    return bool(ApiToken.objects.filter(pk=token.pk, revoked_at__isnull=True).update(revoked_at=now))


def used(*, token: ApiToken, now: datetime) -> None:
    """Note that the token is in use, at most once a minute."""
    before = now - USED_STEP
    if token.last_used_at is None or token.last_used_at < before:
        fresh = Q(last_used_at__isnull=True) | Q(last_used_at__lt=before)
        ApiToken.objects.filter(fresh, pk=token.pk).update(last_used_at=now)
        token.last_used_at = now
