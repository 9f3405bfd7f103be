"""What the API says of itself."""

import json
from typing import Any

import pytest
from django.test import Client

from pharos.models import Incident, Organisation
from tests.api.conftest import Caller, problem_of
from tests.factories import make_incident, make_organisation

CALLS = {
    ("get", "/api/v1/deliveries"),
    ("post", "/api/v1/contacts"),
    ("get", "/api/v1/contacts/{reference}"),
    ("get", "/api/v1/contacts/{reference}/why"),
    ("post", "/api/v1/phone/window"),
    ("get", "/api/v1/contacts/{reference}/cues"),
    ("post", "/api/v1/contacts/{reference}/cues/verdict"),
    ("post", "/api/v1/contacts/{reference}/cues/verdict/put-right"),
    ("get", "/api/v1/cues/verdicts"),
    ("get", "/api/v1/queue"),
    ("get", "/api/v1/queue/summary"),
    ("get", "/api/v1/waits/score"),
    ("get", "/api/v1/agents/me"),
    ("post", "/api/v1/agents/me/status"),
    ("get", "/api/v1/agents/me/offer"),
    ("post", "/api/v1/offers/{offer_id}/accept"),
    ("post", "/api/v1/offers/{offer_id}/decline"),
    ("post", "/api/v1/contacts/{reference}/reply"),
    ("post", "/api/v1/contacts/{reference}/identity/code"),
    ("post", "/api/v1/contacts/{reference}/identity"),
    ("post", "/api/v1/contacts/{reference}/finish"),
    ("post", "/api/v1/contacts/{reference}/close"),
}


@pytest.fixture
def described(organisation: Organisation) -> dict[str, Any]:
    """The OpenAPI document."""
    body: dict[str, Any] = Client().get("/api/v1/openapi.json").json()
    return body


def test_openapi_names_every_call(described: dict[str, Any]) -> None:
    assert described["openapi"].startswith("3.1")
    assert {(method, path) for path, methods in described["paths"].items() for method in methods} == CALLS


def test_openapi_points_at_nothing_that_is_missing(described: dict[str, Any]) -> None:
    text = json.dumps(described)
    wanted = {part.split('"')[0] for part in text.split("#/components/schemas/")[1:]}
    assert wanted <= described["components"]["schemas"].keys()


def test_openapi_gives_one_example_body_and_answer_per_call(described: dict[str, Any]) -> None:
    for methods in described["paths"].values():
        for operation in methods.values():
            if "requestBody" in operation:
                assert operation["requestBody"]["content"]["application/json"]["example"]
            good = [
                answer for status, answer in operation["responses"].items() if status < "300" and "content" in answer
            ]
            assert any("example" in answer["content"]["application/json"] for answer in good)


def test_openapi_tells_problems_by_their_own_type(described: dict[str, Any]) -> None:
    refused = described["paths"]["/api/v1/contacts"]["post"]["responses"]["422"]
    assert refused["content"].keys() == {"application/problem+json"}


def test_openapi_example_can_be_sent_as_it_is(system: Caller, organisation: Organisation) -> None:
    make_incident(organisation, "over", state=Incident.State.CLOSED)
    make_incident(organisation, "storm")
    described = system.get("/openapi.json", Host="here.example.org").json()
    example = described["paths"]["/api/v1/contacts"]["post"]["requestBody"]["content"]["application/json"]["example"]
    assert example["incident"] == "storm"
    response = system.post("/contacts", example)
    assert response.status_code == 201
    assert response.json()["warnings"] == []


def test_docs_show_every_call_and_every_problem(organisation: Organisation) -> None:
    page = Client().get("/api/v1/docs", headers={"Accept-Language": "fa"})
    text = page.content.decode()
    assert page.status_code == 200
    assert '<html lang="fa" dir="rtl">' in text
    assert all(path in text for _method, path in CALLS)
    assert 'id="key-reused"' in text
    assert "<script" not in text.replace("/static/js/quick_exit.js", "") or "//" not in text.split("<script")[1][:40]


def test_root_leads_to_the_docs(organisation: Organisation) -> None:
    assert Client().get("/api/v1/").headers["Location"] == "/api/v1/docs"


def test_address_below_api_that_is_none_is_a_problem(organisation: Organisation) -> None:
    problem_of(Client().get("/api/v2/contacts"), 404, "not-found")


@pytest.mark.django_db
def test_the_description_names_no_incident_that_is_our_own(client: Client) -> None:
    organisation = make_organisation()
    make_incident(organisation, "secret-drill", is_drill=True)
    make_incident(organisation, "secret-watch", state="watching")
    described = client.get("/api/v1/openapi.json", headers={"host": organisation.hosts.get().host})
    assert "secret" not in described.text
