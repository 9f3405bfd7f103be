"""What a telephone system is told about a call while there is a phone window."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from pharos import content
from pharos.actions import incidents, needs
from pharos.models import Contact, Incident, Organisation, Role
from tests.api.conftest import Caller, caller_of, problem_of
from tests.factories import make_agent, make_contact, make_incident, make_organisation, make_user

PHONE = "+37410000000"


@pytest.fixture
def incident(organisation: Organisation) -> Incident:
    found = make_incident(organisation)
    lead = make_user(organisation, role=Role.LEAD)
    incidents.set_phone_window(incident=found, days=3, by=lead, now=datetime.now(UTC))
    found.refresh_from_db()
    return found


def ask(system: Caller, **call: Any) -> dict[str, Any]:
    answer = system.post("/phone/window", {"phone": PHONE, "language": "en", **call})
    assert answer.status_code == 200, answer.content
    return dict(answer.json())


def in_days(days: int) -> str:
    return str(datetime.now(UTC).date() + timedelta(days=days))


def test_a_trip_in_ten_days_hears_of_other_ways_and_may_still_press_0(system: Caller, incident: Incident) -> None:
    said = ask(system, needed_by=in_days(10))
    assert (said["connect"], said["announce"], said["why"], said["days"]) == (False, True, "later", 3)
    assert "within the next 3 days" in said["say"]
    assert "{" not in said["say"]
    assert [one["code"] for one in said["offers"]] == [
        "news", "refund_or_change", "request_status", "callback", "text_link", "person",
    ]  # fmt: skip
    assert ask(system, needed_by=in_days(10), key="0")["connect"]


@pytest.mark.parametrize(("key", "why"), [("1", "danger"), ("2", "extra_help"), ("0", "person"), ("3", "within_days")])
def test_danger_extra_help_and_0_are_never_held_back(system: Caller, incident: Incident, key: str, why: str) -> None:
    said = ask(system, needed_by=in_days(10), key=key)
    assert (said["connect"], said["announce"], said["why"], said["say"], said["offers"]) == (True, False, why, "", [])


def test_a_recorded_need_opens_the_way_and_is_not_told(
    system: Caller, organisation: Organisation, incident: Incident
) -> None:
    now = datetime.now(UTC)
    contact = make_contact(organisation, now=now, phone=PHONE, needs=("hearing",))
    said = ask(system, phone="010 00 00 00", language="hy", needed_by=in_days(10))
    assert (said["connect"], said["why"]) == (True, "extra_help")
    needs.withdraw(contact=contact, need=None, by=None, now=now)
    assert ask(system, needed_by=in_days(10))["why"] == "later"


def test_open_requests_tell_the_date_and_closed_ones_do_not(
    system: Caller, organisation: Organisation, incident: Incident
) -> None:
    day = datetime.now(UTC).date() + timedelta(days=2)
    contact = make_contact(organisation, booking="pn-8 gap", needed_by=day)
    assert ask(system, booking="PN8GAP")["why"] == "within_days"
    assert ask(system, booking="PN8GAP", needed_by=in_days(30))["why"] == "within_days"
    Contact.objects.filter(pk=contact.pk).update(state=Contact.State.CLOSED)
    assert ask(system, booking="PN8GAP")["why"] == "no_date"


def test_danger_on_an_open_request_counts(system: Caller, organisation: Organisation, incident: Incident) -> None:
    make_contact(organisation, phone=PHONE, danger=True)
    assert ask(system, needed_by=in_days(10))["why"] == "danger"
    assert ask(system, phone="", danger=True, needed_by=in_days(10))["why"] == "danger"


def test_the_day_is_the_callers(system: Caller, incident: Incident) -> None:
    now = datetime.now(UTC)
    east = (now + timedelta(hours=14)).date() + timedelta(days=3)
    assert ask(system, needed_by=str(east), time_zone="Pacific/Kiritimati")["why"] == "within_days"
    west = (now - timedelta(hours=11)).date() + timedelta(days=4)
    assert ask(system, needed_by=str(west), time_zone="Pacific/Pago_Pago")["why"] == "later"


def test_without_a_window_and_in_a_closed_incident_every_call_goes_on(
    system: Caller, organisation: Organisation, incident: Incident
) -> None:
    assert ask(system, incident=incident.slug, needed_by=in_days(10))["why"] == "later"
    lead = make_user(organisation, role=Role.LEAD)
    incidents.close(incident=incident, by=lead, now=datetime.now(UTC))
    assert ask(system, incident=incident.slug, needed_by=in_days(10))["why"] == "no_window"
    assert ask(system, needed_by=in_days(10))["why"] == "no_window"


@pytest.mark.parametrize("language", content.LANGUAGES)
def test_the_message_is_in_the_callers_language(system: Caller, incident: Incident, language: str) -> None:
    said = ask(system, language=language, needed_by=in_days(10))
    assert "{" not in said["say"]
    assert ("۳" if language == "fa" else "3") in said["say"]
    person = next(one for one in said["offers"] if one["key"] == "0")
    assert person["say"] == content.pick(content.phone_menu()["0"].say, language).text


@pytest.mark.parametrize(("field", "value"), [("key", "11"), ("key", "#"), ("needed_by", "soon"), ("incident", "none")])
def test_what_makes_no_sense_is_pointed_at(system: Caller, incident: Incident, field: str, value: str) -> None:
    problem = problem_of(system.post("/phone/window", {field: value}), 422, "invalid")
    assert problem["errors"][0]["pointer"] == f"#/{field}"


def test_other_organisations_and_agents_learn_nothing(system: Caller, organisation: Organisation) -> None:
    other = make_organisation()
    make_contact(other, phone=PHONE, danger=True)
    assert ask(system, needed_by=in_days(10))["why"] == "no_window"
    agent = caller_of(organisation, now=datetime.now(UTC), agent=make_agent(organisation))
    assert agent.post("/phone/window", {}).status_code in {401, 403}


def test_a_call_costs_the_same_with_many_requests(
    system: Caller, organisation: Organisation, incident: Incident
) -> None:
    counts = []
    for _ in range(3):
        make_contact(organisation, phone=PHONE, needed_by=datetime.now(UTC).date() + timedelta(days=20))
        with CaptureQueriesContext(connection) as queries:
            ask(system)
        counts.append(len(queries))
    assert counts[1] == counts[2]
