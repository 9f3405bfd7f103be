"""Contacts over the API: in, once, read again."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from pharos.models import Contact, Identity, Incident, Message, NeedView, Organisation, Person, Submission, SupportNeed
from tests.api.conftest import Caller, caller_of, problem_of
from tests.factories import make_agent, make_contact, make_incident, make_organisation


def today() -> date:
    """The day in the organisation's time zone, which is UTC."""
    return datetime.now(UTC).date()


def body_of(**fields: Any) -> dict[str, Any]:
    """A body with all fields, as another system would send it."""
    return {
        "incident": "",
        "channel": "sms",
        "language": "en",
        "text": "The ferry is cancelled. What now?",
        "person": {"name": "Ani", "email": "ani@example.org", "phone": "+44 7700 900123"},
        "booking": "pn8-gap",
        "request_type": "change",
        "needed_by": None,
        "time_zone": "",
        "danger": False,
        "needs": [],
        "carrier_id": "",
        **fields,
    }


def test_create_keeps_the_request_and_says_where_it_stands(system: Caller, organisation: Organisation) -> None:
    incident = make_incident(organisation)
    response = system.post("/contacts", body_of(incident="storm", needed_by=str(today() + timedelta(days=6))))
    assert response.status_code == 201
    contact = Contact.objects.get()
    told = response.json()
    assert told["reference"] == contact.reference
    assert (told["state"], told["band"], told["position"], told["incident"]) == ("waiting", 1, 1, "storm")
    assert told["reasons"] == [
        {
            "code": "leaves_in_days",
            "text": "leaves in 6 days",
            "public_text": "You need this within 6 days.",
            "params": {"days": 6},
        }
    ]
    assert told["wait"].keys() == {"low_s", "high_s"}
    assert "by" in told["promise"]
    assert told["links"]["page"].endswith(f"/en/r/{contact.page_token}/")
    assert told["links"]["self"].endswith(f"/api/v1/contacts/{contact.reference}")
    assert told["warnings"] == []
    assert contact.incident == incident
    assert contact.needed_by == today() + timedelta(days=6)
    assert contact.person.name == "Ani"
    values = dict(Identity.objects.values_list("sort", "value"))
    assert values == {"email": "ani@example.org", "phone": "+447700900123", "booking": "PN8GAP"}


def test_create_takes_a_date_seven_days_away_as_urgent_and_eight_as_not(system: Caller) -> None:
    bands = [
        system.post("/contacts", body_of(needed_by=str(today() + timedelta(days=days)))).json()["band"]
        for days in (7, 8)
    ]
    assert bands == [1, 3]


def test_create_takes_a_past_date_and_asks_about_it(system: Caller) -> None:
    told = system.post("/contacts", body_of(needed_by=str(today() - timedelta(days=1)))).json()
    assert (told["band"], told["reasons"][0]["code"]) == (1, "date_passed")


def test_create_puts_danger_first(system: Caller) -> None:
    told = system.post("/contacts", body_of(danger=True, text="")).json()
    assert (told["band"], told["reasons"][0]["code"]) == (0, "danger")


def test_create_gives_reasons_in_the_callers_language(system: Caller) -> None:
    response = system.post("/contacts", body_of(danger=True), Accept_Language="zh-CN,en;q=0.5")
    assert response.json()["reasons"][0]["text"] == "有生命危险"
    assert response.headers["Content-Language"] == "zh-hans"
    assert "Accept-Language" in response.headers["Vary"]


@pytest.mark.parametrize(
    ("given", "stored"), [("zh", "zh-hans"), ("zh_CN", "zh-hans"), ("fa-IR", "fa"), ("", "en"), (None, "en")]
)
def test_create_reads_language_tags_by_their_beginning(system: Caller, given: str | None, stored: str) -> None:
    assert system.post("/contacts", body_of(language=given)).json()["language"] == stored


def test_create_needs_no_more_than_a_channel_and_words(system: Caller) -> None:
    assert system.post("/contacts", {"channel": "chat", "text": "hello"}).status_code == 201


def test_create_takes_null_for_whatever_may_be_left_out(system: Caller) -> None:
    nothing = dict.fromkeys(body_of(), None)
    assert system.post("/contacts", {**nothing, "channel": "voice"}).status_code == 201


def test_create_names_what_it_did_not_know(system: Caller) -> None:
    response = system.post("/contacts", body_of(need_by="2026-03-17", person={"e/mail": "x"}))
    assert response.status_code == 201
    assert [one["pointer"] for one in response.json()["warnings"]] == ["#/need_by", "#/person/e~1mail"]


def test_create_keeps_a_callers_number_that_is_none(system: Caller) -> None:
    response = system.post("/contacts", body_of(person={"phone": "Anonymous"}))
    assert [one["pointer"] for one in response.json()["warnings"]] == ["#/person/phone"]
    detail = system.get(f"/contacts/{response.json()['reference']}").json()
    assert detail["person"]["phone"] == "Anonymous"


@pytest.mark.parametrize(
    "spelling", ["+447700900123", "+44 7700 900123", "0044 7700 900123", "07700 900123", "+44 (0)7700-900-123"]
)
def test_create_understands_phone_numbers_in_five_spellings(system: Caller, spelling: str) -> None:
    assert system.post("/contacts", body_of(person={"phone": spelling})).status_code == 201
    assert Identity.objects.get(sort="phone").value == "+447700900123"


def test_create_for_a_closed_incident_keeps_the_request_and_says_so(system: Caller, organisation: Organisation) -> None:
    make_incident(organisation, state=Incident.State.CLOSED)
    response = system.post("/contacts", body_of(incident="storm"))
    assert response.status_code == 201
    assert [one["pointer"] for one in response.json()["warnings"]] == ["#/incident"]


def test_create_in_a_drill_sends_no_mail(system: Caller, organisation: Organisation) -> None:
    make_incident(organisation, is_drill=True)
    assert system.post("/contacts", body_of(incident="storm")).status_code == 201
    assert not Message.objects.exclude(address="").exists()


@pytest.mark.parametrize(
    ("fields", "pointer"),
    [
        ({"channel": "pigeon"}, "#/channel"),
        ({"channel": None}, "#/channel"),
        ({"language": "de"}, "#/language"),
        ({"text": 5}, "#/text"),
        ({"person": "Ani"}, "#/person"),
        ({"person": {"email": "no address"}}, "#/person/email"),
        ({"person": {"email": "a@example.org\r\nBcc: all@example.org"}}, "#/person/email"),
        ({"person": {"name": "x" * 201}}, "#/person/name"),
        ({"booking": "x" * 41}, "#/booking"),
        ({"request_type": "miracle"}, "#/request_type"),
        ({"needed_by": "17.3.2026"}, "#/needed_by"),
        ({"needed_by": "۱۴۰۵-۰۱-۱۰"}, "#/needed_by"),
        ({"needed_by": "2026-02-30"}, "#/needed_by"),
        ({"needed_by": "0001-01-01"}, "#/needed_by"),
        ({"needed_by": 20260317}, "#/needed_by"),
        ({"time_zone": "Mars/Olympus"}, "#/time_zone"),
        ({"danger": "yes"}, "#/danger"),
        ({"needs": ["hearing", "telepathy"]}, "#/needs/1"),
        ({"needs": "hearing"}, "#/needs"),
        ({"needs": ["hearing"] * 51}, "#/needs"),
        ({"incident": "nowhere"}, "#/incident"),
        ({"carrier_id": "x" * 1001}, "#/carrier_id"),
        ({"text": " \n", "request_type": ""}, "#"),
    ],
)
def test_create_refuses_what_it_would_have_to_guess(system: Caller, fields: dict[str, Any], pointer: str) -> None:
    problem = problem_of(system.post("/contacts", body_of(**fields)), 422, "invalid")
    assert [one["pointer"] for one in problem["errors"]] == [pointer]
    assert all(one["detail"] for one in problem["errors"])
    assert not Person.objects.exists()


def test_create_names_every_fault_at_once(system: Caller) -> None:
    problem = problem_of(system.post("/contacts", body_of(channel="x", needs=["y"], language="de")), 422, "invalid")
    assert {one["pointer"] for one in problem["errors"]} == {"#/channel", "#/needs/0", "#/language"}


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("a\x00b", "ab"),
        ("\x1b[31mred\x07", "\x1b[31mred\x07"),
        ("half \ud83d a face", "half \ufffd a face"),
        ("😀 👩‍👩‍👧‍👦", "😀 👩‍👩‍👧‍👦"),
        ("سلام hello \u202eabc\u202c Բարեւ", "سلام hello \u202eabc\u202c Բարեւ"),
        ("line\n" * 10_000, "line\n" * 10_000),
        ("<script>alert(1)</script>" * 1000, "<script>alert(1)</script>" * 1000),
        ("x" * 2**20, "x" * 2**20),
        ("خ" * 2**19, "خ" * 2**19),
    ],
)
def test_create_keeps_words_as_they_came(system: Caller, sent: str, kept: str) -> None:
    response = system.post("/contacts", body_of(text=sent))
    assert response.status_code == 201
    assert Message.objects.get(sort="request").body == kept
    detail = system.get(f"/contacts/{response.json()['reference']}").json()
    assert detail["messages"][0]["text"] == kept


def test_create_puts_names_on_one_line(system: Caller) -> None:
    assert system.post("/contacts", body_of(person={"name": " Ani\r\nBcc: x\x00\u2028 "})).status_code == 201
    assert Person.objects.get().name == "Ani Bcc: x"


def test_create_refuses_a_text_that_is_too_long(system: Caller) -> None:
    problem = problem_of(system.post("/contacts", body_of(text="x" * (2**20 + 1))), 413, "too-large")
    assert problem["errors"][0]["pointer"] == "#/text"


@pytest.mark.parametrize("header", ["Idempotency_Key", None])
def test_create_again_is_the_same_contact(system: Caller, header: str | None) -> None:
    headers = {header: "key-1"} if header else {}
    body = body_of(carrier_id="" if header else "SM-1")
    first = system.post("/contacts", body, **headers)
    again = system.post("/contacts", body, **headers)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json()["reference"] == again.json()["reference"]
    other = system.post("/contacts", {**body, "text": "Something else"}, **headers)
    problem_of(other, 422, "key-reused")
    assert Contact.objects.count() == 1
    assert Message.objects.filter(sort="acknowledgement").count() == 1


def test_create_again_with_either_of_two_names_is_the_same_contact(system: Caller) -> None:
    body = body_of(carrier_id="SM-1")
    first = system.post("/contacts", body, Idempotency_Key="key-1")
    again = system.post("/contacts", body, Idempotency_Key="key-2")
    assert (first.status_code, again.status_code) == (201, 200)
    problem_of(system.post("/contacts", body_of(carrier_id="SM-2"), Idempotency_Key="key-1"), 422, "key-reused")
    assert Contact.objects.count() == 1


def test_create_again_reads_the_meaning_and_not_the_bytes(system: Caller) -> None:
    body = {"channel": "sms", "text": "hi", "carrier_id": "SM-1"}
    reordered = {"carrier_id": "SM-1", "person": None, "text": "hi", "danger": False, "channel": "sms"}
    assert system.post("/contacts", body).status_code == 201
    assert system.post("/contacts", reordered).status_code == 200


def test_create_with_a_very_long_key_is_told_apart_by_all_of_it(system: Caller) -> None:
    keys = ["x" * 999 + end for end in "ab"]
    assert [system.post("/contacts", body_of(carrier_id=key)).status_code for key in keys * 2] == [201, 201, 200, 200]


def test_create_without_a_name_for_the_delivery_is_new_each_time(system: Caller) -> None:
    assert [system.post("/contacts", body_of()).status_code for _ in range(2)] == [201, 201]
    assert Submission.objects.count() == 2


def test_create_keeps_tokens_apart(system: Caller, organisation: Organisation, now: datetime) -> None:
    other = caller_of(organisation, now=now)
    foreign = caller_of(make_organisation("there"), now=now)
    body = body_of(carrier_id="SM-1")
    assert [one.post("/contacts", body).status_code for one in (system, other, foreign)] == [201, 201, 201]
    assert organisation.contacts.count() == 2


def test_create_goes_to_the_tokens_organisation_whatever_the_host(system: Caller, organisation: Organisation) -> None:
    make_organisation("there", host="there.example.org")
    assert system.post("/contacts", body_of(), Host="there.example.org").status_code == 201
    assert organisation.contacts.count() == 1


def test_create_finds_incidents_of_its_own_organisation_only(system: Caller) -> None:
    make_incident(make_organisation("there"), "flood")
    problem_of(system.post("/contacts", body_of(incident="flood")), 422, "invalid")


def test_create_asks_the_store_no_more_when_many_wait(system: Caller) -> None:
    counts = []
    for _ in range(3):
        with CaptureQueriesContext(connection) as queries:
            system.post("/contacts", body_of())
            counts.append(len(queries))
    assert counts[1] == counts[2] <= 25


def test_read_tells_the_same_with_messages_and_events(system: Caller) -> None:
    told = system.post("/contacts", body_of(needs=["hearing", "hearing"])).json()
    detail = system.get(f"/contacts/{told['reference']}").json()
    assert {name: detail[name] for name in told} == told
    assert [one["sort"] for one in detail["messages"]] == ["request", "acknowledgement"]
    assert [one["code"] for one in detail["events"]] == ["received"]
    assert detail["needs"] == ["hearing"]
    assert len(detail["promises"]) == 1
    assert datetime.fromisoformat(detail["messages"][0]["created_at"]).utcoffset() == timedelta(0)


def test_read_of_needs_is_kept_and_tells_agents_without_the_right_what_helps(
    system: Caller, organisation: Organisation, now: datetime
) -> None:
    body = body_of(needs=["hearing"], needs_basis="vital_interest")
    reference = system.post("/contacts", body).json()["reference"]
    need = SupportNeed.objects.get()
    assert (need.basis, need.consented_at, need.notice_version) == ("vital_interest", None, "")
    assert not NeedView.objects.exists()
    system.get(f"/contacts/{reference}")
    assert NeedView.objects.get().name == "test"
    agent = make_agent(organisation)
    Contact.objects.filter(reference=reference).update(agent=agent, state=Contact.State.ACTIVE)
    caller = caller_of(organisation, agent=agent, now=now)
    told = caller.get(f"/contacts/{reference}").json()
    assert told["needs"] == []
    assert "written_summary" in told["helps"]
    assert NeedView.objects.count() == 1
    organisation.skills.filter(code="care").update(opens_needs=True)
    assert caller.get(f"/contacts/{reference}").json()["needs"] == ["hearing"]
    assert NeedView.objects.filter(user=agent.user).count() == 1


def test_needs_basis_that_is_none_is_refused(system: Caller) -> None:
    problem = problem_of(system.post("/contacts", body_of(needs_basis="because")), 422, "invalid")
    assert [one["pointer"] for one in problem["errors"]] == ["#/needs_basis"]


def test_read_finds_a_reference_as_people_write_it(system: Caller, organisation: Organisation) -> None:
    reference = make_contact(organisation).reference
    assert system.get(f"/contacts/{reference.lower().replace('-', '')}").status_code == 200


@pytest.mark.parametrize("reference", ["AAA-AAA", "x", "..", "' OR 1=1"])
def test_read_of_nothing_is_not_found(system: Caller, reference: str) -> None:
    problem_of(system.get(f"/contacts/{reference}"), 404, "not-found")


def test_read_of_another_organisations_contact_is_not_found(system: Caller) -> None:
    reference = make_contact(make_organisation("there")).reference
    problem_of(system.get(f"/contacts/{reference}"), 404, "not-found")


def test_read_by_an_agent_is_for_contacts_in_hand(organisation: Organisation, now: datetime) -> None:
    agent = make_agent(organisation)
    contact, other = make_contact(organisation), make_contact(organisation)
    Contact.objects.filter(pk=contact.pk).update(agent=agent, state=Contact.State.ACTIVE)
    caller = caller_of(organisation, agent=agent, now=now)
    assert caller.get(f"/contacts/{contact.reference}").status_code == 200
    problem_of(caller.get(f"/contacts/{other.reference}"), 404, "not-found")
