"""The waiting line over the API."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from pharos.actions import overrides
from pharos.models import Contact, Organisation, Role
from tests.api.conftest import Caller, caller_of, problem_of
from tests.factories import make_agent, make_contact, make_organisation, make_user
from tests.queries.test_honesty import told


def test_queue_is_in_serving_order(system: Caller, organisation: Organisation) -> None:
    now = datetime.now(UTC)
    ordinary = make_contact(organisation, now=now - timedelta(minutes=10))
    late = make_contact(organisation, now=now - timedelta(minutes=5))
    soon = make_contact(organisation, now=now, needed_by=now.date() + timedelta(days=6))
    danger = make_contact(organisation, now=now, danger=True)
    items = system.get("/queue").json()["items"]
    assert [one["reference"] for one in items] == [one.reference for one in (danger, soon, ordinary, late)]
    assert [(one["band"], one["class"], one["guard"]) for one in items[:2]] == [
        (0, "0-written", False),
        (1, "1-written", False),
    ]
    assert items[1]["reasons"][0]["text"] == "leaves in 6 days"
    assert items[1]["promise"].keys() == {"by", "broken_at"}
    assert items[2]["index"] > items[3]["index"]


def test_queue_position_is_that_of_the_contact(system: Caller, organisation: Organisation) -> None:
    now = datetime.now(UTC)
    for minutes in (3, 9, 1):
        make_contact(organisation, now=now - timedelta(minutes=minutes))
    for place, item in enumerate(system.get("/queue").json()["items"], 1):
        assert system.get(f"/contacts/{item['reference']}").json()["position"] == place


def test_queue_is_as_long_as_asked_for(system: Caller, organisation: Organisation) -> None:
    for _ in range(3):
        make_contact(organisation)
    assert len(system.get("/queue?limit=2").json()["items"]) == 2
    assert len(system.get("/queue?limit=10000").json()["items"]) == 3


@pytest.mark.parametrize("limit", ["0", "10001", "-1", "many", "1.5", ""])
def test_queue_of_no_sensible_length_is_refused(system: Caller, limit: str) -> None:
    problem = problem_of(system.get(f"/queue?limit={limit}"), 422, "invalid")
    assert problem["errors"][0]["parameter"] == "limit"


def test_queue_holds_only_those_who_wait_in_this_organisation(system: Caller, organisation: Organisation) -> None:
    make_contact(make_organisation("there"))
    closed = make_contact(organisation)
    Contact.objects.filter(pk=closed.pk).update(state=Contact.State.CLOSED)
    assert system.get("/queue").json() == {"items": []}
    assert system.get("/queue/summary").json() == {"waiting": 0, "oldest": None, "items": []}


def test_queue_asks_the_store_no_more_when_more_wait(system: Caller, organisation: Organisation) -> None:
    counts = []
    for _ in range(3):
        make_contact(organisation)
        with CaptureQueriesContext(connection) as queries:
            system.get("/queue")
            counts.append(len(queries))
    assert counts[1] == counts[2]


def test_summary_counts_by_queue_band_and_kind(system: Caller, organisation: Organisation) -> None:
    now = datetime(2026, 3, 10, 12, tzinfo=UTC)
    make_contact(organisation, now=now)
    make_contact(organisation, now=now + timedelta(minutes=1))
    make_contact(organisation, now=now, channel="voice", danger=True, request_type="refund")
    summary: dict[str, Any] = system.get("/queue/summary").json()
    assert (summary["waiting"], summary["oldest"]) == (3, "2026-03-10T12:00:00Z")
    found = [(one["queue"], one["band"], one["kind"], one["waiting"]) for one in summary["items"]]
    assert found == [("refunds", 0, "live", 1), ("general", 3, "written", 2)]


def test_why_a_contact_is_where_it_is(system: Caller, organisation: Organisation) -> None:
    now = datetime.now(UTC)
    danger = make_contact(organisation, now=now, danger=True)
    contact = make_contact(organisation, now=now)
    lead = make_user(organisation, role=Role.LEAD, name="Lena Lead")
    overrides.raise_band(contact=contact, band=2, reason="Alone", by=lead, now=now)
    said = system.get(f"/contacts/{contact.reference}/why").json()
    assert (said["position"], said["band"], said["picks"]) == (2, 2, [])
    assert said["index"] == pytest.approx(0.25, abs=0.01)
    assert [(one["reference"], one["why"]) for one in said["ahead"]] == [(danger.reference, "danger")]
    assert [(one["band"], one["by"], one["reason"]) for one in said["overrides"]] == [(2, "Lena Lead", "Alone")]


def test_why_is_not_told_of_others(system: Caller, organisation: Organisation) -> None:
    now = datetime.now(UTC)
    other = make_contact(make_organisation(), now=now)
    assert system.get(f"/contacts/{other.reference}/why").status_code == 404
    agent = caller_of(organisation, now=now, agent=make_agent(organisation))
    assert agent.get(f"/contacts/{other.reference}/why").status_code in {401, 403}


def test_the_score_of_told_waits(system: Caller, organisation: Organisation) -> None:
    assert system.get("/waits/score").json() == {"days": 7, "items": []}
    told(organisation, now=datetime.now(UTC), waited_s=600)
    every, one = system.get("/waits/score").json()["items"]
    assert (every["band"], every["kind"], every["due"], every["kept"]) == (None, None, 1, 1)
    assert (one["band"], one["kind"], one["coverage"], one["mean_s"]) == (3, "written", 1.0, 600.0)
