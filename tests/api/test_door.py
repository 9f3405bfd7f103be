"""What every call passes: tokens, methods, media types, lengths; and how failures are told."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import httpx
import pytest
from django.db import OperationalError
from django.test import Client, RequestFactory
from ninja.errors import HttpError, Throttled

from pharos.actions.tokens import make_token, revoke
from pharos.api.service import api
from pharos.models import ApiToken, Organisation, User
from tests.api.conftest import Caller, caller_of, problem_of
from tests.factories import make_agent, make_organisation


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer ", "Bearer wrong", "Basic dTpw", "bearer\u00e9 x", "Bearer \x00"]
)
def test_call_without_a_living_token_is_refused(db: None, header: str) -> None:
    response = Client().get("/api/v1/queue", headers={"Authorization": header} if header else {})
    problem_of(response, 401, "unauthorized")
    assert response.headers["WWW-Authenticate"] == 'Bearer realm="pharos"'


def test_call_with_a_revoked_token_is_refused(organisation: Organisation, now: datetime) -> None:
    made = make_token(organisation=organisation, name="test", agent=None, now=now)
    caller = Caller(made.plain)
    assert caller.get("/queue").status_code == 200
    revoke(token=made.token, now=now)
    problem_of(caller.get("/queue"), 401, "unauthorized")


def test_call_of_a_colleague_who_was_signed_off_is_refused(organisation: Organisation, now: datetime) -> None:
    agent = make_agent(organisation)
    caller = caller_of(organisation, agent=agent, now=now)
    assert caller.get("/agents/me").status_code == 200
    User.objects.filter(pk=agent.user_id).update(is_active=False)
    problem_of(caller.get("/agents/me"), 401, "unauthorized")


def test_call_marks_its_token_as_used_at_most_once_a_minute(system: Caller) -> None:
    system.get("/queue")
    first = ApiToken.objects.get().last_used_at
    assert first is not None
    system.get("/queue")
    assert ApiToken.objects.get().last_used_at == first
    ApiToken.objects.update(last_used_at=first - timedelta(minutes=2))
    system.get("/queue")
    later = ApiToken.objects.get().last_used_at
    assert later is not None
    assert later > first - timedelta(minutes=1)


@pytest.mark.parametrize("path", ["/queue", "/queue/summary", "/waits/score"])
def test_call_for_systems_is_closed_to_agents(organisation: Organisation, now: datetime, path: str) -> None:
    caller = caller_of(organisation, agent=make_agent(organisation), now=now)
    problem_of(caller.get(path), 403, "forbidden")
    problem_of(caller.post("/contacts", {"channel": "sms", "text": "x"}), 403, "forbidden")


@pytest.mark.parametrize("path", ["/agents/me", "/agents/me/offer"])
def test_call_for_agents_is_closed_to_systems(system: Caller, path: str) -> None:
    problem_of(system.get(path), 403, "forbidden")


@pytest.mark.parametrize("path", ["/nothing", "/contacts/", "/offers/x/accept"])
def test_call_of_nothing_is_not_found(system: Caller, path: str) -> None:
    assert problem_of(system.post(path, {}), 404, "not-found")["instance"] == f"/api/v1{path}"


@pytest.mark.parametrize(("method", "path", "allowed"), [("GET", "/contacts", "POST"), ("DELETE", "/queue", "GET")])
def test_call_with_another_method_names_the_right_one(system: Caller, method: str, path: str, allowed: str) -> None:
    response = system.client.generic(method, f"/api/v1{path}", headers={"Authorization": f"Bearer {system.token}"})
    problem_of(response, 405, "method-not-allowed")
    assert response.headers["Allow"] == allowed


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"])
def test_body_of_another_kind_is_refused(system: Caller, kind: str) -> None:
    response = system.client.post(
        "/api/v1/contacts", data=b"channel=sms", content_type=kind, headers={"Authorization": f"Bearer {system.token}"}
    )
    problem_of(response, 415, "unsupported-media-type")


@pytest.mark.parametrize("body", [b"{", b"\xff\xfe", b"[" * 100_000, b'{"channel": NaN', b"1" * 10_000])
def test_body_that_is_no_json_is_refused(system: Caller, body: bytes) -> None:
    response = system.client.post(
        "/api/v1/contacts", body, content_type="application/json", headers={"Authorization": f"Bearer {system.token}"}
    )
    problem_of(response, 400, "bad-request")


@pytest.mark.parametrize("body", ["[]", "null", '"text"', "7"])
def test_body_that_is_no_object_is_refused(system: Caller, body: str) -> None:
    response = system.client.post(
        "/api/v1/contacts", body, content_type="application/json", headers={"Authorization": f"Bearer {system.token}"}
    )
    problem_of(response, 422, "invalid")


def test_body_that_is_missing_is_refused(system: Caller) -> None:
    headers = {"Authorization": f"Bearer {system.token}"}
    response = system.client.generic("POST", "/api/v1/contacts", content_type="application/json", headers=headers)
    assert problem_of(response, 422, "invalid")["errors"][0]["pointer"] == "#"


def test_body_that_is_too_large_is_refused_before_it_is_read(system: Caller) -> None:
    problem_of(system.post("/contacts", {"channel": "sms", "text": "x" * 6 * 2**20}), 413, "too-large")


@pytest.mark.django_db(transaction=True)
def test_body_in_pieces_is_read_to_its_end_and_no_further_than_its_limit(live_site: str, now: datetime) -> None:
    token = caller_of(make_organisation(host="127.0.0.1"), now=now).token
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}

    def send(pieces: Iterator[bytes]) -> httpx.Response:
        return httpx.post(f"{live_site}/api/v1/contacts", content=pieces, headers=headers, timeout=30, trust_env=False)

    assert send(iter([b'{"channel": "sms",', b'"text": "hello"}'])).status_code == 201
    assert send(iter([b'{"channel": "sms", "text": "', *[b"x" * 2**20] * 6, b'"}'])).status_code == 413
    huge = send(iter([b"x" * 2**20] * 65))
    assert (huge.status_code, huge.headers["Content-Type"]) == (413, "application/problem+json")


@pytest.mark.parametrize(
    ("error", "status", "kind"),
    [
        (Throttled(wait=3), 429, "too-many"),
        (HttpError(418, "teapot"), 400, "bad-request"),
        (OperationalError("gone"), 503, "unavailable"),
        (RuntimeError("secret words"), 500, "failed"),
    ],
)
def test_failure_is_told_without_its_insides(error: Exception, status: int, kind: str) -> None:
    problem = problem_of(api.on_exception(RequestFactory().get("/api/v1/queue"), error), status, kind)
    assert "secret" not in str(problem)


def test_failure_of_the_store_asks_to_come_again() -> None:
    response = api.on_exception(RequestFactory().get("/api/v1/queue"), OperationalError("gone"))
    assert response.headers["Retry-After"] == "2"


def test_answer_is_kept_by_nobody(system: Caller) -> None:
    assert system.get("/queue").headers["Cache-Control"] == "no-store"
