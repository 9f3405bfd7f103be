"""Who is calling over the API."""

import hashlib
import hmac

from pharos.models import ApiToken


def digest(plain: str) -> str:
    """What is kept of a token: it is 256 random bits, so a plain hash cannot be turned back."""
    return hashlib.sha256(plain.encode("utf-8", "replace")).hexdigest()


def token_of(plain: str) -> ApiToken | None:
    """The living token with this text: not revoked, and of an active user when it is an agent's."""
    wanted = digest(plain)
    rows = ApiToken.objects.select_related("organisation", "agent__user")
    token = rows.filter(digest=wanted, revoked_at__isnull=True).first()
    if token is None or not hmac.compare_digest(token.digest, wanted):
        return None
    return token if token.agent is None or token.agent.user.is_active else None
