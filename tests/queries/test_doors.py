"""What doors know: one second old at most, and counted on in between."""

from datetime import datetime, timedelta

import pytest

from pharos.actions import tokens
from pharos.models import ApiToken, Incident, IncidentText, Organisation, WaitEstimate
from pharos.queries import doors, floor, waits
from tests.factories import make_agent, make_contact, make_incident, make_organisation

pytestmark = pytest.mark.django_db
SOON, LATER = timedelta(seconds=0.9), timedelta(seconds=1.1)


@pytest.fixture
def organisation(monkeypatch: pytest.MonkeyPatch) -> Organisation:
    """One whose doors remember nothing of other tests, and then for a second."""
    monkeypatch.setattr(doors, "FRESH", timedelta(seconds=1))
    for name in ("_doors", "_places", "_organisations", "_incidents", "_tokens"):
        monkeypatch.setattr(doors, name, doors.Recent())
    return make_organisation("ferry", host="ferry.example.org")


def estimate(organisation: Organisation, at: datetime, **fields: object) -> WaitEstimate:
    queue = organisation.queues.get(is_default=True)
    values = {"band": 3, "kind": "written", "low_s": 600, "median_s": 900, "high_s": 1500, "each_s": 10, **fields}
    return WaitEstimate.objects.create(organisation=organisation, queue=queue, language="en", at=at, **values)


def test_a_change_holds_a_second_later(organisation: Organisation, now: datetime) -> None:
    assert doors.of(organisation, now=now).hooks == []
    organisation.webhooks.create(url="https://example.org", secret="", created_at=now)
    assert doors.of(organisation, now=now + SOON).hooks == []
    assert len(doors.of(organisation, now=now + LATER).hooks) == 1


def test_one_reads_anew_while_others_go_on_with_what_is_known(now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doors, "FRESH", timedelta(seconds=1))
    recent: doors.Recent[str, str] = doors.Recent()
    recent.keep("a", "old", now=now)
    assert recent.get("a", now=now + LATER) is None  # whoever hears this reads it
    assert recent.get("a", now=now + LATER) == "old"
    recent.keep("a", "new", now=now + LATER)
    assert recent.get("a", now=now + LATER) == "new"


def test_what_nobody_manages_to_read_is_too_old_two_seconds_later(
    now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doors, "FRESH", timedelta(seconds=1))
    recent: doors.Recent[str, str] = doors.Recent()
    recent.keep("a", "old", now=now)
    assert recent.get("a", now=now + LATER) is None
    assert recent.get("a", now=now + 2 * LATER) is None


def test_a_system_revoked_stays_outside_a_second_later(organisation: Organisation, now: datetime) -> None:
    plain = tokens.make_token(organisation=organisation, name="website", agent=None, now=now).plain
    token = doors.token_of(plain, now=now)
    assert token is not None
    assert token.organisation == organisation
    ApiToken.objects.update(revoked_at=now)
    assert doors.token_of(plain, now=now + SOON) == token
    assert doors.token_of(plain, now=now + LATER) is None


def test_an_agent_revoked_stays_outside_at_once(organisation: Organisation, now: datetime) -> None:
    agent = make_agent(organisation)
    plain = tokens.make_token(organisation=organisation, name="desk", agent=agent, now=now).plain
    assert doors.token_of(plain, now=now) is not None
    ApiToken.objects.update(revoked_at=now)
    assert doors.token_of(plain, now=now) is None


def test_a_clock_put_back_reads_anew(organisation: Organisation, now: datetime) -> None:
    before = doors.of(organisation, now=now)
    assert doors.of(organisation, now=now - timedelta(hours=1)) is not before


def test_those_who_came_within_the_second_lengthen_the_wait(organisation: Organisation, now: datetime) -> None:
    estimate(organisation, now - timedelta(seconds=2))
    for count in range(5):
        contact = make_contact(organisation, now=now + count * timedelta(seconds=0.1))
        assert contact.wait_high_s == 1500 + 10 * count
    exact = waits.wait_of(contact.lane, organisation=organisation, now=now)
    assert exact == doors.of(organisation, now=now + LATER).wait(contact.lane)
    assert exact == doors.of(organisation, now=now + SOON).wait(contact.lane)


def test_only_those_who_go_first_lengthen_the_wait(organisation: Organisation, now: datetime) -> None:
    estimate(organisation, now - timedelta(seconds=2), band=1)
    make_contact(organisation, now=now)
    make_contact(organisation, now=now, danger=True)
    make_contact(organisation, now=now, request_type="refund", danger=True)
    urgent = make_contact(organisation, now=now, needs=("medical_equipment",))
    assert urgent.lane.band == 1
    assert urgent.wait_high_s == 1510


def test_an_old_estimate_is_none(organisation: Organisation, now: datetime) -> None:
    estimate(organisation, now - timedelta(minutes=10))
    assert make_contact(organisation, now=now).promise_by is None


def test_the_place_is_counted_on_within_the_second(organisation: Organisation, now: datetime) -> None:
    for count in range(3):
        at = now + count * timedelta(seconds=0.1)
        contact = make_contact(organisation, now=at)
        assert doors.place_of(contact=contact, now=at) == count + 1 == floor.place(contact=contact, now=at)
    make_contact(organisation, now=now, danger=True)
    contact = make_contact(organisation, now=now + LATER)
    assert doors.place_of(contact=contact, now=now + LATER) == 5


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("is_used", [False, True])
def test_a_removed_queue_is_not_leant_on(organisation: Organisation, now: datetime, is_used: bool) -> None:
    if is_used:
        make_contact(organisation, now=now, request_type="refund").delete()
    doors.of(organisation, now=now)
    organisation.queues.get(code="refunds").delete()
    assert make_contact(organisation, now=now, request_type="refund").lane.queue.code == "general"


def test_an_unknown_host_is_asked_for_each_time(now: datetime) -> None:
    assert doors.of_host("nobody.example.org", now=now) is None


def test_a_new_incident_is_found_at_once(organisation: Organisation, now: datetime) -> None:
    assert doors.incident_of(organisation, "storm", now=now) is None
    incident = make_incident(organisation)
    assert doors.incident_of(organisation, "storm", now=now) == incident
    assert doors.incident_of(make_organisation(), "storm", now=now) is None


def test_the_incidents_own_words_are_sent(organisation: Organisation, now: datetime) -> None:
    estimate(organisation, now)
    incident = make_incident(organisation)
    words = {"en": "Ours: {reference}"}
    IncidentText.objects.create(incident=incident, code="auto_ack", channel="email", body=words, subject={})
    contact = make_contact(organisation, now=now, incident=incident)
    assert contact.messages.get(sort="acknowledgement").body == f"Ours: {contact.reference}"
    Incident.objects.update(state=Incident.State.CLOSED)
    closed = make_contact(organisation, now=now, incident=Incident.objects.get())
    assert "Ours" not in closed.messages.get(sort="acknowledgement").body


def test_a_host_asked_for_all_the_time_is_read_anew_a_second_later(organisation: Organisation, now: datetime) -> None:
    assert doors.of_host("ferry.example.org", now=now) == organisation
    Organisation.objects.update(time_zone="Asia/Yerevan")
    found = doors.of_host("ferry.example.org", now=now + SOON)
    assert found is not None
    assert found.time_zone == organisation.time_zone
    found = doors.of_host("ferry.example.org", now=now + LATER)
    assert found is not None
    assert found.time_zone == "Asia/Yerevan"
