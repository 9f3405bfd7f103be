"""What becomes of a contact on the desk: closed, set aside, passed on, put right."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from pharos.actions import conversation, hands
from pharos.actions.errors import Refused
from pharos.models import Alarm, Contact, Draft, Organisation, Queue, Role
from tests.desktop.conftest import Desk
from tests.factories import make_user

State = Contact.State


def fresh(contact: Contact) -> Contact:
    return Contact.objects.select_related("lane__queue").get(pk=contact.pk)


def test_close_needs_how_it_ended_and_a_summary(desk):
    contact = desk.held()
    conversation.finish(contact=contact, by=desk.agent.user, now=timezone.now())
    response = desk.post(contact, "close", {"summary": "We sent a car."})
    assert response.status_code == 422
    assert "Choose how it ended." in response.content.decode()
    assert "We sent a car.</textarea>" in response.content.decode()
    assert desk.post(contact, "close", {"disposition": "solved"}).status_code == 422
    assert fresh(contact).state == State.WRAP_UP


def test_close_sends_the_summary_once(desk):
    contact = desk.held()
    conversation.finish(contact=contact, by=desk.agent.user, now=timezone.now())
    ended = {"disposition": "solved", "summary": "We sent a car."}
    for _ in range(2):
        response = desk.post(contact, "close", ended)
        assert response.headers["Location"] == "/desk/"
    assert "We sent a car." in contact.messages.get(sort="summary").body
    assert not Draft.objects.exists()
    closed = fresh(contact)
    assert (closed.state, closed.disposition, closed.summary) == (State.CLOSED, "solved", "We sent a car.")
    page = desk.get(contact).content.decode()
    assert "Closed: Solved" in page
    assert 'id="composer"' not in page


def test_finish_twice_is_finished_once(desk):
    contact = desk.held()
    desk.post(contact, "finish")
    assert desk.post(contact, "finish").status_code == 302
    assert contact.events.filter(code="finished").count() == 1


@pytest.mark.parametrize(
    ("typed", "language"),
    [("1/12/2030", "en"), ("۱۴۰۹/۰۹/۱۰", "fa"), ("2030年12月1日", "zh-hans"), ("01.12.2030", "hy")],
)
def test_set_aside_until_a_day_as_it_is_written_here(desk, typed, language):
    Organisation.objects.filter(pk=desk.organisation.pk).update(time_zone="Asia/Tehran")
    contact = desk.held()
    desk.client.cookies["pharos_language"] = language
    response = desk.post(contact, "do/aside", {"day": typed, "clock": "۸:۳۰" if language == "fa" else "8:30"})
    assert response.headers["Location"] == "/desk/"
    aside = fresh(contact)
    assert aside.state == State.PENDING
    assert aside.wake_at == datetime(2030, 12, 1, 8, 30, tzinfo=ZoneInfo("Asia/Tehran"))


def test_set_aside_until_a_time_that_has_passed_keeps_what_was_typed(desk):
    contact = desk.held()
    response = desk.post(contact, "do/aside", {"day": "1/12/2020", "clock": "8:30"}, script=True)
    assert response.status_code == 422
    assert "Choose a time that is still to come." in response.content.decode()
    assert 'value="1/12/2020"' in response.content.decode()
    assert fresh(contact).state == State.ACTIVE


def test_set_aside_until_tomorrow_morning_is_on_the_organisations_clock(desk):
    Organisation.objects.filter(pk=desk.organisation.pk).update(time_zone="America/New_York")
    contact = desk.held()
    desk.post(contact, "do/aside", {"usual": "tomorrow"})
    wake_at = fresh(contact).wake_at
    assert wake_at
    wake = wake_at.astimezone(ZoneInfo("America/New_York"))
    today = timezone.now().astimezone(ZoneInfo("America/New_York")).date()
    assert (wake.date(), wake.hour, wake.minute) == (today + timedelta(days=1), 9, 0)


def test_go_on_with_what_was_set_aside(desk):
    contact = desk.held()
    desk.post(contact, "do/aside", {"usual": "hour"})
    assert "Go on now" in desk.get(contact).content.decode()
    desk.post(contact, "resume")
    assert (fresh(contact).state, fresh(contact).wake_at) == (State.ACTIVE, None)


def test_transfer_keeps_the_place_and_says_why(desk):
    contact = desk.held()
    arrival = contact.virtual_arrival
    response = desk.post(contact, "do/transfer", {"queue": "refunds", "reason": "It is about money"}, script=True)
    assert response.headers["HX-Redirect"] == "/desk/"
    moved = fresh(contact)
    assert (moved.state, moved.lane.queue.code, moved.agent, moved.virtual_arrival) == (
        State.WAITING,
        "refunds",
        None,
        arrival,
    )
    assert contact.messages.get(sort="note").body == "It is about money"


def test_transfer_to_a_queue_of_another_organisation_is_refused(desk):
    contact = desk.held()
    Queue.objects.filter(organisation=Desk().organisation, code="care").update(code="elsewhere")
    response = desk.post(contact, "do/transfer", {"queue": "elsewhere", "reason": "No"})
    assert response.status_code == 422
    assert fresh(contact).state == State.ACTIVE


def test_another_kind_of_request_offers_to_pass_it_on(desk):
    contact = desk.held()
    page = desk.post(contact, "do/type", {"request_type": "refund", "reason": "Wants money back"}).content.decode()
    assert "Such requests are answered by Refunds: pass it on?" in page
    assert page.index('<option value="refunds"') < page.index('<option value="care"')
    assert fresh(contact).request_type == "refund"
    assert contact.events.get(code="retyped").data["reason"] == "Wants money back"


def test_hand_calls_the_duty_lead_once(desk):
    contact = desk.held()
    lead = make_user(desk.organisation, role=Role.LEAD, name="Maryam")
    for _ in range(2):
        desk.post(contact, "do/hand", {"why": "hostile", "words": "Shouting"})
    alarm = Alarm.objects.get()
    assert (alarm.sort, alarm.contact, alarm.data["why"]) == ("escalated", contact, "hostile")
    assert [note.body for note in contact.messages.filter(sort="note")] == ["Shouting"]
    assert "You have asked for the duty lead." in desk.get(contact).content.decode()
    Alarm.objects.update(acknowledged_by=lead)
    assert "Maryam has seen your call and comes." in desk.get(contact).content.decode()
    desk.post(contact, "lower")
    assert Alarm.objects.get().cleared_at is not None


def test_hand_with_a_reason_that_does_not_exist_is_refused(desk):
    contact = desk.held()
    assert desk.post(contact, "do/hand", {"why": "bored"}).status_code == 422
    with pytest.raises(Refused):
        hands.raise_hand(contact=contact, why="bored", words="", by=desk.agent.user, now=timezone.now())
    assert not Alarm.objects.exists()


def test_date_put_right_grades_the_contact_anew(desk):
    contact = desk.held()
    assert contact.lane.band == 3
    soon = timezone.now().date() + timedelta(days=2)
    desk.post(contact, "do/date", {"needed_by": f"{soon:%d/%m/%Y}"})
    right = fresh(contact)
    assert (right.needed_by, right.lane.band, right.reasons[0]["code"]) == (soon, 1, "leaves_in_days")
    desk.post(contact, "do/date", {"needed_by": ""})
    assert (fresh(contact).needed_by, fresh(contact).lane.band) == (None, 3)


def test_date_that_cannot_be_read_is_asked_for_again(desk):
    contact = desk.held()
    response = desk.post(contact, "do/date", {"needed_by": "someday"}, script=True)
    assert response.status_code == 422
    assert 'value="someday"' in response.content.decode()


def test_link_is_stopped_and_made_anew(desk):
    contact = desk.held()
    old = contact.page_token
    desk.post(contact, "revoke")
    assert desk.client.get(f"/en/r/{old}/").status_code == 404
    assert "The link was stopped." in desk.get(contact).content.decode()
    desk.post(contact, "renew")
    new = fresh(contact).page_token
    assert new not in {None, old}
    assert desk.client.get(f"/en/r/{new}/").status_code == 200


def test_reply_that_can_reach_nobody_is_said_beforehand(desk):
    contact = desk.held(email="")
    assert "the person reads it on their page" in desk.get(contact).content.decode()
    desk.post(contact, "revoke")
    assert "a reply reaches nobody" in desk.get(contact).content.decode()


def test_states_of_messages_on_their_way_are_told(desk):
    contact = desk.held()
    desk.post(contact, "say", {"body": "On paper", "after": "0"})
    for state, words in (
        ("sent", "Sent"),
        ("failed", "Did not arrive: mailbox full"),
        ("shown", "Shown on the person"),
    ):
        contact.messages.filter(sort="reply").update(state=state, failure="mailbox full", settled_at=timezone.now())
        assert words in desk.get(contact).content.decode()
