"""Bearer tokens: who is calling, and what such a caller may do."""

from typing import cast

from django.http import HttpRequest
from django.utils import timezone
from ninja.errors import AuthorizationError
from ninja.security import HttpBearer

from pharos.actions import tokens
from pharos.http.guards import RANK
from pharos.models import Agent, ApiToken, Role
from pharos.queries import doors


class AnyToken(HttpBearer):
    """Any living token."""

    def authenticate(self, request: HttpRequest, token: str) -> ApiToken | None:
        """The token's row; None lets nobody in."""
        now = timezone.now()
        found = doors.token_of(token.strip(), now=now)
        if found is not None:
            self.allow(found)
            tokens.used(token=found, now=now)
        return found

    def allow(self, token: ApiToken) -> None:
        """Raises when this kind of token may not make the call."""


class SystemToken(AnyToken):
    """A token of another system: it speaks for the organisation, not for one agent."""

    def allow(self, token: ApiToken) -> None:
        """Agents' tokens stay with agents' work."""
        if token.agent_id is not None:
            raise AuthorizationError


class AgentToken(AnyToken):
    """A token of one agent, who works over the API."""

    def allow(self, token: ApiToken) -> None:
        """A system cannot answer people in an agent's name."""
        if token.agent_id is None:
            raise AuthorizationError


class LeadToken(AgentToken):
    """A token of one agent who is a duty lead or an administrator."""

    def allow(self, token: ApiToken) -> None:
        """What a lead decides, nobody else does."""
        super().allow(token)
        if token.agent is None or RANK[Role(token.agent.user.role)] < RANK[Role.LEAD]:
            raise AuthorizationError


def caller(request: HttpRequest) -> ApiToken:
    """The token that was found for this request."""
    return cast(ApiToken, request.auth)  # type: ignore[attr-defined]


def agent_of(request: HttpRequest) -> Agent:
    """The agent behind an agent's token."""
    agent = caller(request).agent
    if agent is None:
        raise AuthorizationError
    return agent
