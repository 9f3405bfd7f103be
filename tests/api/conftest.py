"""Callers of the API: a client that speaks JSON with a bearer token."""

import json
from datetime import datetime
from typing import Any

import pytest
from django.test import Client

from pharos.actions.tokens import make_token
from pharos.models import Agent, Organisation
from tests.factories import make_organisation


class Caller:
    """One system or agent that calls."""

    def __init__(self, token: str) -> None:
        self.client = Client(raise_request_exception=False)
        self.token = token

    def post(self, path: str, body: object = None, **headers: str) -> Any:
        """POST of a JSON body, with headers such as `Idempotency_Key`."""
        content = {} if body is None else {"data": body, "content_type": "application/json"}
        return self.client.post(f"/api/v1{path}", **content, headers=self._headers(headers))  # type: ignore[arg-type]

    def get(self, path: str, **headers: str) -> Any:
        """GET."""
        return self.client.get(f"/api/v1{path}", headers=self._headers(headers))

    def _headers(self, headers: dict[str, str]) -> dict[str, str]:
        own = {name.replace("_", "-"): value for name, value in headers.items()}
        return {"Authorization": f"Bearer {self.token}", **own}


@pytest.fixture
def organisation(db: None) -> Organisation:
    """The organisation that is called."""
    return make_organisation("here")


@pytest.fixture
def system(organisation: Organisation, now: datetime) -> Caller:
    """Another system of that organisation."""
    return caller_of(organisation, now=now)


def caller_of(organisation: Organisation, *, now: datetime, agent: Agent | None = None) -> Caller:
    """A caller with a fresh token."""
    return Caller(make_token(organisation=organisation, name="test", agent=agent, now=now).plain)


def problem_of(response: Any, status: int, kind: str) -> dict[str, Any]:
    """The problem that a response must be, checked for what every problem has."""
    assert response.status_code == status, response.content
    assert response.headers["Content-Type"] == "application/problem+json"
    body: dict[str, Any] = json.loads(response.content)
    assert body["status"] == status
    assert body["type"] == f"/api/v1/docs#{kind}"
    assert body["title"]
    assert body["detail"]
    assert body["instance"].startswith("/api/")
    return body
