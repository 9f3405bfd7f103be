"""An agent's day over the API, from available to closed."""

from datetime import UTC, datetime, timedelta

import pytest

from pharos.actions import routing
from pharos.models import Agent, Contact, Message, Offer, Organisation
from tests.api.conftest import Caller, caller_of, problem_of
from tests.factories import make_agent, make_contact, make_organisation


@pytest.fixture
def agent(organisation: Organisation) -> Agent:
    """An agent of the organisation, available."""
    return make_agent(organisation, "mariam")


@pytest.fixture
def caller(agent: Agent, now: datetime) -> Caller:
    """That agent over the API."""
    return caller_of(agent.organisation, agent=agent, now=now)


def offered(organisation: Organisation, **fields: object) -> Contact:
    """A contact that has just been put before the agent."""
    contact = make_contact(organisation, now=datetime.now(UTC) - timedelta(minutes=2), **fields)
    assert routing.dispatch(organisation=organisation, now=datetime.now(UTC)) == 1
    return contact


def taken(organisation: Organisation, caller: Caller) -> Contact:
    """A contact that the agent has accepted."""
    contact = offered(organisation)
    offer = caller.get("/agents/me/offer").json()
    assert caller.post(f"/offers/{offer['id']}/accept").status_code == 200
    return contact


@pytest.mark.parametrize("status", ["available", "break", "offline"])
def test_status_is_set(caller: Caller, agent: Agent, status: str) -> None:
    response = caller.post("/agents/me/status", {"status": status})
    assert response.status_code == 200
    assert (response.json()["user"], response.json()["status"]) == ("mariam", status)
    agent.refresh_from_db()
    assert agent.status == status


def test_status_that_is_none_is_refused(caller: Caller, agent: Agent) -> None:
    problem = problem_of(caller.post("/agents/me/status", {"status": "asleep"}), 422, "invalid")
    assert problem["errors"] == [
        {"pointer": "#/status", "detail": "One of these is expected: available, break, offline."}
    ]
    agent.refresh_from_db()
    assert agent.status == Agent.Status.AVAILABLE


def test_offer_is_nothing_while_nobody_waits(caller: Caller) -> None:
    response = caller.get("/agents/me/offer")
    assert (response.status_code, response.content) == (204, b"")


def test_day_from_offer_to_close(caller: Caller, organisation: Organisation, agent: Agent) -> None:
    contact = offered(organisation, danger=True)
    offer = caller.get("/agents/me/offer").json()
    assert (offer["contact"]["reference"], offer["reason"]) == (contact.reference, "danger")
    accepted = caller.post(f"/offers/{offer['id']}/accept").json()
    assert (accepted["state"], accepted["messages"][0]["text"]) == ("active", "My ferry is cancelled. What now?")
    assert caller.get("/agents/me").json()["contacts"] == [contact.reference]
    replied = caller.post(f"/contacts/{contact.reference}/reply", {"text": "Take the coach at nine."})
    assert (replied.status_code, replied.json()["text"]) == (201, "Take the coach at nine.")
    assert caller.post(f"/contacts/{contact.reference}/finish").json()["state"] == "wrap_up"
    caller.post(f"/contacts/{contact.reference}/identity", {"way": "booking"})
    close = {"disposition": "rebooked", "summary": "The coach at nine."}
    closed = caller.post(f"/contacts/{contact.reference}/close", close).json()
    assert closed["state"] == "closed"
    assert closed["first_answered_at"]
    assert caller.get("/agents/me").json()["contacts"] == []
    detail = caller.get(f"/contacts/{contact.reference}").json()
    assert (detail["disposition"], detail["summary"]) == ("rebooked", "The coach at nine.")
    assert [one["sort"] for one in detail["messages"]] == ["request", "acknowledgement", "reply", "summary"]
    assert {name: detail[name] for name in closed} == closed


def test_accept_of_an_offer_that_is_over_changes_nothing(caller: Caller, organisation: Organisation) -> None:
    contact = offered(organisation)
    offer = Offer.objects.get()
    routing.expire_offers(now=offer.expires_at)
    problem = problem_of(caller.post(f"/offers/{offer.pk}/accept"), 409, "conflict")
    assert problem["code"] == "offer_over"
    contact.refresh_from_db()
    assert contact.state == Contact.State.WAITING


def test_accept_of_another_agents_offer_is_not_found(organisation: Organisation, caller: Caller, now: datetime) -> None:
    contact = offered(organisation)
    other = caller_of(organisation, agent=make_agent(organisation), now=now)
    problem_of(other.post(f"/offers/{Offer.objects.get().pk}/accept"), 404, "not-found")
    contact.refresh_from_db()
    assert contact.state == Contact.State.OFFERED


@pytest.mark.parametrize("offer", ["0", "9" * 18, "9" * 30])
def test_accept_of_nothing_is_not_found(caller: Caller, offer: str) -> None:
    problem_of(caller.post(f"/offers/{offer}/accept"), 404, "not-found")


def test_decline_gives_the_contact_back_and_the_agent_a_break(caller: Caller, organisation: Organisation) -> None:
    contact = offered(organisation)
    response = caller.post(f"/offers/{Offer.objects.get().pk}/decline")
    assert response.json()["status"] == "break"
    contact.refresh_from_db()
    assert contact.state == Contact.State.WAITING


@pytest.mark.parametrize(
    ("verb", "body"), [("reply", {"text": "x"}), ("finish", None), ("close", {"disposition": "solved", "summary": "x"})]
)
def test_contact_of_others_is_not_found(
    caller: Caller, organisation: Organisation, verb: str, body: dict[str, str] | None, now: datetime
) -> None:
    contact = taken(organisation, caller)
    there = make_organisation("there")
    for stranger in (make_agent(organisation), make_agent(there)):
        other = caller_of(stranger.organisation, agent=stranger, now=now)
        problem_of(other.post(f"/contacts/{contact.reference}/{verb}", body), 404, "not-found")
    contact.refresh_from_db()
    assert contact.state == Contact.State.ACTIVE
    assert not Message.objects.filter(sort="reply").exists()


@pytest.mark.parametrize(
    ("verb", "body", "pointer"),
    [
        ("reply", {"text": ""}, "#/text"),
        ("reply", {"text": "  \n"}, "#/text"),
        ("reply", {}, "#/text"),
        ("reply", {"text": None}, "#/text"),
        ("close", {"disposition": "gone", "summary": "x"}, "#/disposition"),
        ("close", {"disposition": "", "summary": "x"}, "#/disposition"),
        ("close", {"disposition": "solved", "summary": " "}, "#/summary"),
        ("close", {"disposition": "solved"}, "#/summary"),
    ],
)
def test_words_that_are_missing_are_asked_for(
    caller: Caller, organisation: Organisation, verb: str, body: dict[str, str], pointer: str
) -> None:
    contact = taken(organisation, caller)
    problem = problem_of(caller.post(f"/contacts/{contact.reference}/{verb}", body), 422, "invalid")
    assert [one["pointer"] for one in problem["errors"]] == [pointer]
    contact.refresh_from_db()
    assert contact.state == Contact.State.ACTIVE


def test_finish_twice_is_refused(caller: Caller, organisation: Organisation) -> None:
    contact = taken(organisation, caller)
    assert caller.post(f"/contacts/{contact.reference}/finish").status_code == 200
    problem_of(caller.post(f"/contacts/{contact.reference}/finish"), 409, "conflict")


def test_close_twice_is_refused(caller: Caller, organisation: Organisation) -> None:
    contact = taken(organisation, caller)
    close = {"disposition": "solved", "summary": "x"}
    assert caller.post(f"/contacts/{contact.reference}/close", close).status_code == 200
    problem_of(caller.post(f"/contacts/{contact.reference}/close", close), 409, "conflict")


def test_reply_sent_again_with_its_key_is_one_message(agent: Agent, caller: Caller) -> None:
    contact = taken(agent.organisation, caller)
    path, body = f"/contacts/{contact.reference}/reply", {"text": "Take the coach at nine."}
    first = caller.post(path, body, Idempotency_Key="r1")
    again = caller.post(path, body, Idempotency_Key="r1")
    assert (first.status_code, again.status_code, again.json()) == (201, 200, first.json())
    assert caller.post(path, body, Idempotency_Key="r2").status_code == 201
    assert contact.messages.filter(sort="reply").count() == 2


def test_reply_sent_again_after_the_close_is_the_same_message(agent: Agent, caller: Caller) -> None:
    contact = taken(agent.organisation, caller)
    path, body = f"/contacts/{contact.reference}/reply", {"text": "Take the coach at nine."}
    first = caller.post(path, body, Idempotency_Key="r1" * 400)
    closed = caller.post(f"/contacts/{contact.reference}/close", {"disposition": "solved", "summary": "A coach."})
    assert closed.status_code == 200
    assert caller.post(path, body, Idempotency_Key="r1" * 400).json() == first.json()
    assert caller.post(path, body, Idempotency_Key="r2").status_code == 409
    assert contact.messages.filter(sort="reply").count() == 1


def test_key_of_a_reply_with_other_words_or_for_another_contact_is_refused(agent: Agent, caller: Caller) -> None:
    first, second = taken(agent.organisation, caller), taken(agent.organisation, caller)
    body = {"text": "Take the coach at nine."}
    assert caller.post(f"/contacts/{first.reference}/reply", body, Idempotency_Key="r1").status_code == 201
    other = caller.post(f"/contacts/{first.reference}/reply", {"text": "Wait."}, Idempotency_Key="r1")
    problem_of(other, 422, "key-reused")
    problem_of(caller.post(f"/contacts/{second.reference}/reply", body, Idempotency_Key="r1"), 422, "key-reused")
    assert Message.objects.filter(sort="reply").count() == 1


def test_reply_that_is_refused_leaves_its_key_free(agent: Agent, caller: Caller) -> None:
    contact = taken(agent.organisation, caller)
    path, body = f"/contacts/{contact.reference}/reply", {"text": "Take the coach at nine."}
    Contact.objects.filter(pk=contact.pk).update(state="waiting")
    assert caller.post(path, body, Idempotency_Key="r1").status_code == 409
    Contact.objects.filter(pk=contact.pk).update(state="active")
    assert caller.post(path, body, Idempotency_Key="r1").status_code == 201
