"""What words suggest, over the API: read, answered once, counted without words."""

from datetime import UTC, datetime, timedelta

import pytest

from pharos.actions import conversation, cues, further
from pharos.models import Agent, Alarm, Contact, Cue, Organisation, Role, SignalVerdict
from tests.api.conftest import Caller, caller_of, problem_of
from tests.api.test_agents import offered
from tests.factories import make_agent, make_organisation

DANGER = "I want to die"
SEEN = 2**53  # all there are
BOTH = "I want my money back, I cannot hear on the phone"


@pytest.fixture
def agent(organisation: Organisation) -> Agent:
    """An agent of the organisation, available."""
    return make_agent(organisation, "mariam")


@pytest.fixture
def caller(agent: Agent, now: datetime) -> Caller:
    """That agent over the API."""
    return caller_of(agent.organisation, agent=agent, now=now)


def taken(organisation: Organisation, caller: Caller, text: str) -> Contact:
    """A contact in the agent's hands whose words were heard."""
    contact = offered(organisation, text=text)
    assert caller.post(f"/offers/{caller.get('/agents/me/offer').json()['id']}/accept").status_code == 200
    cues.hear_due(now=datetime.now(UTC))
    return contact


def test_cues_come_with_their_places(system: Caller, caller: Caller, organisation: Organisation) -> None:
    contact = taken(organisation, caller, BOTH)
    items = system.get(f"/contacts/{contact.reference}/cues").json()["items"]
    assert [(one["sort"], one["code"], one["state"]) for one in items][:2] == [
        ("request", "refund", "open"),
        ("need", "hearing", "open"),
    ]
    message = contact.messages.get(sort="request")
    assert {one["message"] for one in items} == {message.pk}
    assert all(message.body[start:end] for one in items for start, end in one["places"])
    assert all(0.5 <= one["score"] <= 1 for one in items)
    assert caller.get(f"/contacts/{contact.reference}/cues").json()["items"] == items


def test_danger_comes_first_with_what_it_is_about(system: Caller, caller: Caller, organisation: Organisation) -> None:
    contact = taken(organisation, caller, f"{BOTH}. {DANGER}")
    first = system.get(f"/contacts/{contact.reference}/cues").json()["items"][0]
    assert (first["sort"], first["kinds"][0]) == ("danger", "suicide_risk")


def test_verdict_is_given_once(caller: Caller, organisation: Organisation) -> None:
    contact = taken(organisation, caller, BOTH)
    path = f"/contacts/{contact.reference}/cues/verdict"
    said = caller.post(path, {"sort": "request", "code": "refund", "is_right": True, "seen": SEEN})
    assert said.status_code == 200
    assert {one["code"]: one["state"] for one in said.json()["items"]}["refund"] == "confirmed"
    again = caller.post(path, {"sort": "request", "code": "refund", "is_right": False, "seen": SEEN})
    assert {one["code"]: one["state"] for one in again.json()["items"]}["refund"] == "confirmed"
    assert SignalVerdict.objects.get().is_right is True


def test_a_need_that_is_right_goes_from_the_list(caller: Caller, organisation: Organisation) -> None:
    contact = taken(organisation, caller, BOTH)
    path = f"/contacts/{contact.reference}/cues/verdict"
    said = caller.post(path, {"sort": "need", "code": "hearing", "is_right": True, "seen": SEEN})
    assert said.status_code == 200
    assert {one["sort"] for one in said.json()["items"]} == {"request"}
    assert SignalVerdict.objects.get().is_right is True


@pytest.mark.parametrize(("is_right", "alarm"), [(True, "escalated"), (False, None)])
def test_verdict_on_danger_calls_the_lead_or_ends_the_alarm(
    caller: Caller, organisation: Organisation, is_right: bool, alarm: str | None
) -> None:
    contact = taken(organisation, caller, DANGER)
    said = caller.post(
        f"/contacts/{contact.reference}/cues/verdict", {"sort": "danger", "is_right": is_right, "seen": SEEN}
    )
    assert said.status_code == 200
    open_alarm = Alarm.objects.filter(cleared_at=None).first()
    assert (open_alarm.sort if open_alarm else None) == alarm


def test_verdict_answers_no_cue_that_came_later(
    system: Caller, caller: Caller, organisation: Organisation, now: datetime
) -> None:
    contact = taken(organisation, caller, DANGER)
    path = f"/contacts/{contact.reference}/cues"
    (seen,) = (one["id"] for one in caller.get(path).json()["items"] if one["sort"] == "danger")
    further.add_words(contact=contact, text="I will kill myself", door="page", key="k", digest="d", now=now)
    cues.hear_due(now=now)
    said = caller.post(f"{path}/verdict", {"sort": "danger", "is_right": False, "seen": seen})
    states = {one["id"]: one["state"] for one in said.json()["items"] if one["sort"] == "danger"}
    assert states.pop(seen) == "dismissed"
    assert set(states.values()) == {"open"}
    assert Alarm.objects.get(cleared_at=None).sort == "danger_words"


def test_verdict_on_what_nobody_suggested_is_not_found(caller: Caller, organisation: Organisation) -> None:
    contact = taken(organisation, caller, BOTH)
    body = {"sort": "need", "code": "sight", "is_right": True, "seen": SEEN}
    problem_of(caller.post(f"/contacts/{contact.reference}/cues/verdict", body), 404, "not-found")
    assert not SignalVerdict.objects.exists()


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"sort": "mood", "is_right": True, "seen": 1},
        {"sort": "danger", "seen": 1},
        {"sort": "danger", "is_right": "yes", "seen": 1},
        {"sort": "danger", "is_right": False},
        {"sort": "danger", "is_right": False, "seen": 0},
    ],
)
def test_verdict_that_says_nothing_is_refused(
    caller: Caller, organisation: Organisation, body: dict[str, object]
) -> None:
    contact = taken(organisation, caller, DANGER)
    problem_of(caller.post(f"/contacts/{contact.reference}/cues/verdict", body), 422, "invalid")
    assert Cue.objects.get(sort="danger").state == "open"


def test_verdicts_are_given_by_the_agent_who_has_it(
    system: Caller, caller: Caller, organisation: Organisation, now: datetime
) -> None:
    contact = taken(organisation, caller, DANGER)
    path, body = f"/contacts/{contact.reference}/cues/verdict", {"sort": "danger", "is_right": False, "seen": SEEN}
    problem_of(system.post(path, body), 403, "forbidden")
    other = caller_of(organisation, agent=make_agent(organisation), now=now)
    problem_of(other.post(path, body), 404, "not-found")
    problem_of(other.get(f"/contacts/{contact.reference}/cues"), 404, "not-found")
    stranger = caller_of(make_organisation(), now=now)
    problem_of(stranger.get(f"/contacts/{contact.reference}/cues"), 404, "not-found")
    assert Cue.objects.get(sort="danger").state == "open"


def test_after_the_close_only_the_count_is_left(
    system: Caller, caller: Caller, organisation: Organisation, agent: Agent, now: datetime
) -> None:
    contact = taken(organisation, caller, BOTH)
    path = f"/contacts/{contact.reference}/cues"
    caller.post(f"{path}/verdict", {"sort": "need", "code": "hearing", "is_right": True, "seen": SEEN})
    caller.post(f"{path}/verdict", {"sort": "request", "code": "refund", "is_right": False, "seen": SEEN})
    at = datetime.now(UTC)
    contact.refresh_from_db()
    conversation.close(contact=contact, disposition="solved", summary="Done", by=agent.user, now=at)
    assert system.get(path).json() == {"items": []}
    problem_of(
        caller.post(f"{path}/verdict", {"sort": "need", "code": "hearing", "is_right": True, "seen": SEEN}),
        404,
        "not-found",
    )
    items = system.get("/cues/verdicts").json()["items"]
    assert [(one["sort"], one["code"], one["language"], one["right"], one["wrong"]) for one in items] == [
        ("need", "hearing", "en", 1, 0),
        ("request", "refund", "en", 0, 1),
    ]
    day = timedelta(days=1)
    assert system.get(f"/cues/verdicts?since={at.date()}&until={at.date()}").json()["items"] == items
    assert system.get(f"/cues/verdicts?since={at.date() + day}").json() == {"items": []}
    assert system.get(f"/cues/verdicts?until={at.date() - day}").json() == {"items": []}
    assert caller_of(make_organisation(), now=now).get("/cues/verdicts").json() == {"items": []}
    problem_of(caller.get("/cues/verdicts"), 403, "forbidden")
    problem_of(system.get("/cues/verdicts?since=soon"), 422, "invalid")


@pytest.fixture
def lead(organisation: Organisation, now: datetime) -> Caller:
    """A duty lead who works over the API."""
    agent = make_agent(organisation, "lena", status=Agent.Status.OFFLINE, role=Role.LEAD)
    return caller_of(organisation, agent=agent, now=now)


def test_a_lead_puts_an_answer_about_danger_right(caller: Caller, lead: Caller, organisation: Organisation) -> None:
    contact = taken(organisation, caller, DANGER)
    path = f"/contacts/{contact.reference}/cues/verdict"
    cue = Cue.objects.get(sort="danger").pk
    caller.post(path, {"sort": "danger", "is_right": False, "seen": SEEN})
    said = lead.post(f"{path}/put-right", {"id": cue, "is_right": True, "reason": "They speak of tonight."})
    assert said.status_code == 200
    assert said.json()["items"][0]["state"] == "confirmed"
    assert SignalVerdict.objects.get().is_right is True
    assert lead.post(f"{path}/put-right", {"id": cue, "is_right": True}).status_code == 200
    (event,) = (
        one
        for one in caller.get(f"/contacts/{contact.reference}").json()["events"]
        if one["code"] == "danger_put_right"
    )
    assert event["data"] == {"is_danger": True, "why": "They speak of tonight."}


def test_nobody_but_a_lead_puts_right(system: Caller, caller: Caller, organisation: Organisation) -> None:
    contact = taken(organisation, caller, DANGER)
    path = f"/contacts/{contact.reference}/cues/verdict"
    caller.post(path, {"sort": "danger", "is_right": False, "seen": SEEN})
    body = {"id": Cue.objects.get(sort="danger").pk, "is_right": True}
    for one in (system, caller):
        problem_of(one.post(f"{path}/put-right", body), 403, "forbidden")
    assert Cue.objects.get(sort="danger").state == "dismissed"


def test_what_is_not_answered_closed_or_of_others_is_not_put_right(
    caller: Caller, lead: Caller, organisation: Organisation, now: datetime
) -> None:
    contact = taken(organisation, caller, DANGER)
    path = f"/contacts/{contact.reference}/cues/verdict/put-right"
    cue = Cue.objects.get(sort="danger").pk
    body = {"id": cue, "is_right": False}
    assert problem_of(lead.post(path, body), 409, "conflict")["code"] == "not_answered"
    problem_of(lead.post(path, body | {"id": cue + 99}), 404, "not-found")
    problem_of(lead.post(path, body | {"id": 0}), 422, "invalid")
    problem_of(lead.post(path, body | {"reason": "a" * 301}), 422, "invalid")
    stranger = make_agent(make_organisation("there"), "stranger", role=Role.LEAD)
    elsewhere = caller_of(stranger.organisation, agent=stranger, now=now)
    problem_of(elsewhere.post(path, body), 404, "not-found")
    caller.post(f"/contacts/{contact.reference}/cues/verdict", {"sort": "danger", "is_right": False, "seen": SEEN})
    caller.post(f"/contacts/{contact.reference}/close", {"disposition": "solved", "summary": "Done"})
    assert problem_of(lead.post(path, body | {"is_right": True}), 409, "conflict")["code"] == "closed"
