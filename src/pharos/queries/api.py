"""Who is calling over the API."""

import hashlib
import hmac

from pharos.models import Agent, ApiToken


def digest(plain: str) -> str:
    """What is kept of a token: it is 256 random bits, so a plain hash cannot be turned back."""
    return hashlib.sha256(plain.encode("utf-8", "replace")).hexdigest()


def token_of(plain: str) -> ApiToken | None:
    """The living token with this text: not revoked, and of an active user when it is an agent's."""
    wanted = digest(plain)
    found = ApiToken.objects.select_related("organisation").filter(digest=wanted, revoked_at__isnull=True)[:1]
    token = next(iter(found), None)
    if token is None or not hmac.compare_digest(token.digest, wanted):
        return None
    return token if token.agent_id is None or _is_at_work(token) else None


def _is_at_work(token: ApiToken) -> bool:
    """Also puts the agent beside the token; most tokens are a system's and have none."""
    agent = Agent.objects.select_related("user").get(api_tokens=token)
    token.agent = agent
    return agent.user.is_active
