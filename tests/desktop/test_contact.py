"""One contact on the desk: what is shown, and every button with and without a script."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from pharos.actions import conversation, hands, incidents, intake, promises, routing, uploads
from pharos.actions.errors import Refused
from pharos.desktop.words import needed
from pharos.http.reader import Reader
from pharos.models import Alarm, Contact, Draft, Message, Organisation, PageSection, Promise, Queue, Role
from pharos.queries import desk as queries
from tests.desktop.conftest import HTMX, Desk, client_of
from tests.factories import make_agent, make_contact, make_inbound, make_user

State = Contact.State


def fresh(contact: Contact) -> Contact:
    return Contact.objects.select_related("lane__queue").get(pk=contact.pk)


def said(desk: Desk, contact: Contact) -> int:
    return queries.last_said(contact, by=desk.agent.user)


def test_page_shows_who_what_and_when(desk):
    contact = desk.held(
        text="The ramp is broken",
        name="Ani Petrosyan",
        email="Ani@example.org",
        phone="+44 7700 900123",
        booking="ab 12",
        needed_by=(timezone.now() + timedelta(days=1)).date(),
        needs=("hearing",),
    )
    page = desk.get(contact).content.decode()
    for words in ("The ramp is broken", "Ani Petrosyan", "Ani@example.org", "+44 7700 900123", "ab 12", "tomorrow"):
        assert words in page
    assert "Written summary after the contact" in page
    assert "I find it hard to hear on the phone</" not in page
    assert "Is this date still right?" in page
    assert "Acknowledgement, sent by itself" in page
    assert "no-store" in desk.get(contact).headers["Cache-Control"]


def test_page_says_what_was_promised_and_how_it_stands(desk):
    contact = desk.held()
    Promise.objects.filter(contact=contact).update(by=timezone.now() - timedelta(minutes=1), settled_at=None)
    assert "past, and not answered yet" in desk.get(contact).content.decode()
    promises.settle(contact, now=timezone.now())
    assert "not kept" in desk.get(contact).content.decode()


def test_page_explains_the_pick_with_its_runner_up(desk):
    other = make_contact(desk.organisation, now=timezone.now() - timedelta(minutes=1))
    contact = desk.held(danger=True)
    page = desk.get(contact).content.decode()
    assert "Danger to life goes before everyone." in page
    assert other.reference in page


def test_earlier_contacts_of_the_same_address_are_linked_only_where_they_may_be_opened(desk):
    mine = desk.held(email="Ani@example.org")
    contact = desk.held(email="ani@example.org")
    other = make_agent(desk.organisation)
    theirs = make_contact(desk.organisation, email="ani@EXAMPLE.org")
    Contact.objects.filter(pk=theirs.pk).update(state=State.ACTIVE, agent=other)
    stranger = make_contact(desk.organisation, email="bani@example.org")
    elsewhere = make_contact(Desk().organisation, email="ani@example.org")
    page = desk.get(contact).content.decode()
    side = page[page.index("Maybe the same person") :]
    assert f'href="/desk/{mine.reference}/"' in side
    assert theirs.reference in side
    assert f'href="/desk/{theirs.reference}/"' not in side
    assert stranger.reference not in page
    assert elsewhere.reference not in page


def test_guide_is_what_the_page_says_in_the_persons_language(desk):
    lead = make_user(desk.organisation, role=Role.LEAD)
    incident = incidents.declare(
        organisation=desk.organisation,
        crisis_type="natural_disaster",
        severity="severe",
        name={"en": "Storm", "fa": "توفان"},
        by=lead,
        now=timezone.now(),
    )
    first = incident.sections.filter(sort="to_do").earliest("order")
    PageSection.objects.filter(pk=first.pk).update(body={"en": "Stay inside.", "fa": "در خانه بمانید."})
    contact = desk.held(incident=incident, language="fa")
    page = desk.get(contact).content.decode()
    assert 'data-insert="در خانه بمانید."' in page
    assert f"/fa/i/{incident.slug}/" in page
    assert "در خانه بمانید." in desk.get(contact, "guide/").content.decode()


def test_file_is_a_download_for_its_agent_alone(desk):
    kept = uploads.keep(organisation=desk.organisation, name="ticket.txt", content=b"Row 7", now=timezone.now())
    contact = desk.held(attachments=(kept.token,))
    response = desk.get(contact, f"files/{kept.token}/")
    assert b"".join(response.streaming_content) == b"Row 7"
    assert response.headers["Content-Disposition"] == 'attachment; filename="ticket.txt"'
    stranger = desk.held()
    assert desk.get(stranger, f"files/{kept.token}/").status_code == 404
    other = make_agent(desk.organisation)
    address = f"/desk/{contact.reference}/files/{kept.token}/"
    assert client_of(other.user, desk.organisation).get(address).status_code == 404
    assert Desk().client.get(address).status_code == 404


def test_offered_contact_is_not_opened_before_it_is_taken(desk):
    offer = desk.offered()
    assert desk.get(offer.contact).headers["Location"] == "/desk/"
    assert desk.get(offer.contact, "part/").status_code == 404


def test_lead_looks_on_without_buttons(desk):
    contact = desk.held(text="The ramp is broken")
    lead = make_agent(desk.organisation, role=Role.LEAD)
    page = client_of(lead.user, desk.organisation).get(f"/desk/{contact.reference}/").content.decode()
    assert "The ramp is broken" in page
    assert "You are looking on" in page
    assert 'id="composer"' not in page
    assert 'id="act-finish"' not in page


POSTS = [
    ("say", {"body": "Words", "after": "0", "as": "reply"}),
    ("say", {"body": "Words", "after": "0", "as": "note"}),
    ("keep", {"body": "Words", "after": "0"}),
    ("open", {"open": "hand"}),
    ("do/aside", {"usual": "hour"}),
    ("do/transfer", {"queue": "refunds", "reason": "Money"}),
    ("do/type", {"request_type": "refund", "reason": "Money"}),
    ("do/hand", {"why": "decision"}),
    ("do/date", {"needed_by": "1/12/2030"}),
    ("finish", {}),
    ("resume", {}),
    ("close", {"disposition": "solved", "summary": "Done"}),
    ("lower", {}),
    ("revoke", {}),
    ("renew", {}),
]


def everything() -> list[object]:
    models = (Contact, Message, Draft, Alarm)
    return [list(model.objects.order_by("pk").values()) for model in models]


@pytest.mark.parametrize(("part", "data"), POSTS)
@pytest.mark.parametrize("who", ["colleague", "lead", "other organisation", "nobody"])
def test_contact_of_another_agent_is_not_found_and_nothing_changes(desk, part, data, who):
    contact = desk.held()
    client = {
        "colleague": lambda: client_of(make_agent(desk.organisation).user, desk.organisation),
        "lead": lambda: client_of(make_agent(desk.organisation, role=Role.LEAD).user, desk.organisation),
        "other organisation": lambda: Desk().client,
        "nobody": lambda: type(desk.client)(headers={"host": desk.organisation.hosts.get().host}),
    }[who]()
    before = everything()
    response = client.post(f"/desk/{contact.reference}/{part}/", data)
    assert response.status_code == (302 if who == "nobody" else 404)
    assert everything() == before


@pytest.mark.parametrize(("part", "data"), POSTS)
def test_contact_that_moved_on_says_so_and_nothing_changes(desk, part, data):
    contact = desk.held()
    routing.transfer(
        contact=contact,
        queue=Queue.objects.get(organisation=desk.organisation, code="care"),
        by=make_user(desk.organisation, role=Role.LEAD),
        reason="They know better",
        now=timezone.now(),
    )
    before = everything()
    response = desk.post(contact, part, data)
    assert response.status_code == 409
    assert "This contact is no longer with you" in response.content.decode()
    after = everything()
    assert before[:2] == after[:2]
    assert before[3] == after[3]


@pytest.mark.parametrize(("part", "data"), POSTS)
def test_every_button_works_without_a_script(desk, part, data):
    contact = desk.held()
    if part in {"resume", "close"}:
        conversation.finish(contact=contact, by=desk.agent.user, now=timezone.now())
    response = desk.post(contact, part, data)
    assert response.status_code in {200, 302}
    assert response.status_code == 302 or part == "do/type"


@pytest.mark.parametrize(("part", "data"), POSTS)
def test_every_button_swaps_only_parts_with_a_script(desk, part, data):
    contact = desk.held()
    if part in {"resume", "close"}:
        conversation.finish(contact=contact, by=desk.agent.user, now=timezone.now())
    response = desk.post(contact, part, data, script=True)
    assert response.status_code == 200
    assert "<html" not in response.content.decode()
    assert "HX-Redirect" in response.headers or 'id="desk-head" hx-swap-oob' in response.content.decode()


def test_reply_goes_out_once_however_often_it_is_pressed(desk):
    contact = desk.held()
    words = {"body": "We come at six.", "after": said(desk, contact), "as": "reply"}
    assert desk.post(contact, "say", words).status_code == 302
    assert desk.post(contact, "say", words).status_code == 302
    message = contact.messages.get(sort="reply")
    assert (message.body, message.state, message.author) == ("We come at six.", "queued", desk.agent.user)
    assert desk.post(contact, "say", words | {"after": said(desk, contact)}).status_code == 302
    assert contact.messages.filter(sort="reply").count() == 2


def test_other_words_from_a_second_window_are_kept_and_not_sent_unseen(desk):
    contact = desk.held()
    before = said(desk, contact)
    desk.post(contact, "say", {"body": "From the first window", "after": before})
    response = desk.post(contact, "say", {"body": "From the second window", "after": before})
    page = response.content.decode()
    assert response.status_code == 409
    assert "From the second window</textarea>" in page
    assert f'name="after" value="{said(desk, contact)}"' in page
    assert Draft.objects.get().body == "From the second window"


def test_empty_reply_is_not_sent(desk):
    contact = desk.held()
    response = desk.post(contact, "say", {"body": "  \n ", "after": "0"})
    assert response.status_code == 422
    assert "Please write something." in response.content.decode()
    assert not contact.messages.filter(direction="out", sort="reply").exists()


def test_reply_that_is_too_long_is_kept_and_not_sent(desk):
    contact = desk.held()
    words = "ب" * 20_001
    response = desk.post(contact, "say", {"body": words, "after": "0"})
    assert response.status_code == 422
    assert words in response.content.decode()
    assert Draft.objects.get().body == words


def test_reply_without_control_characters(desk):
    contact = desk.held()
    desk.post(contact, "say", {"body": "One\x00two\r\n\x07three", "after": "0"})
    assert contact.messages.get(sort="reply").body == "Onetwo\nthree"


def test_note_is_no_answer(desk):
    contact = desk.held()
    desk.post(contact, "say", {"body": "Called the harbour", "after": "0", "as": "note"})
    assert contact.messages.get(sort="note").state == Message.State.NOTED
    assert fresh(contact).first_answered_at is None


def failed(desk, contact: Contact) -> Message:
    """A reply that did not arrive."""
    desk.post(contact, "say", {"body": "A coach waits", "after": str(said(desk, contact))})
    message = contact.messages.get(sort="reply")
    Message.objects.filter(pk=message.pk).update(state=Message.State.FAILED, failure="550 No such person", attempts=3)
    return message


@pytest.mark.parametrize("script", [False, True])
def test_what_did_not_arrive_is_sent_again(desk, script):
    contact = desk.held()
    message = failed(desk, contact)
    page = desk.get(contact).content.decode()
    assert "Did not arrive: 550 No such person" in page
    assert f'name="message" value="{message.pk}"' in page
    pressed = {"message": str(message.pk), "body": "Half a sent", "after": str(said(desk, contact))}
    answer = desk.post(contact, "again", pressed, script=script)
    assert answer.status_code == (200 if script else 302)
    message.refresh_from_db()
    assert (message.state, message.attempts, message.failure) == (Message.State.QUEUED, 0, "")
    assert f"again-{message.pk}" not in desk.get(contact).content.decode()
    assert Draft.objects.get().body == "Half a sent"
    assert contact.events.filter(code="sent_again", user=desk.agent.user).count() == 1


def test_what_did_not_arrive_is_sent_again_after_the_close(desk):
    contact = desk.held()
    message = failed(desk, contact)
    desk.post(contact, "finish")
    desk.post(contact, "close", {"disposition": "solved", "summary": "A coach"})
    assert f'id="again-{message.pk}"' in desk.get(contact).content.decode()
    desk.post(contact, "again", {"message": str(message.pk)})
    message.refresh_from_db()
    assert message.state == Message.State.QUEUED


def test_nothing_else_can_be_sent_again(desk):
    contact = desk.held()
    message = failed(desk, contact)
    stranger = desk.held()
    for pk in ("", "x", "9" * 30, str(message.pk)):
        assert desk.post(stranger, "again", {"message": pk}).status_code == 404
    note = contact.messages.get(sort="request")
    assert desk.post(contact, "again", {"message": str(note.pk)}).status_code == 404
    assert Desk().client.post(f"/desk/{contact.reference}/again/", {"message": message.pk}).status_code == 404
    message.refresh_from_db()
    assert message.state == Message.State.FAILED


def test_lead_who_looks_on_does_not_send_again(desk):
    contact = desk.held()
    failed(desk, contact)
    lead = make_agent(desk.organisation, role=Role.LEAD)
    page = client_of(lead.user, desk.organisation).get(f"/desk/{contact.reference}/").content.decode()
    assert "Did not arrive" in page
    assert "again-" not in page


def test_draft_survives_a_lost_page_and_another_browser(desk):
    contact = desk.held()
    response = desk.post(contact, "keep", {"body": "Half a sent", "after": said(desk, contact), "quiet": "1"})
    assert response.status_code == 204
    again = client_of(desk.agent.user, desk.organisation)
    assert "Half a sent</textarea>" in again.get(f"/desk/{contact.reference}/").content.decode()
    assert "Draft" in again.get("/desk/").content.decode()


def test_draft_saved_late_does_not_come_back_after_the_reply(desk):
    contact = desk.held()
    before = said(desk, contact)
    desk.post(contact, "say", {"body": "Sent", "after": before})
    desk.post(contact, "keep", {"body": "Sent", "after": before, "quiet": "1"})
    assert not Draft.objects.exists()


def test_draft_is_kept_with_every_other_button(desk):
    contact = desk.held()
    desk.post(contact, "finish", {"body": "Not sent yet", "after": "0"})
    assert "There is an answer that you have not sent." in desk.get(contact).content.decode()
    desk.post(contact, "resume", {"summary": "We agreed"})
    assert dict(Draft.objects.values_list("sort", "body")) == {"reply": "Not sent yet", "summary": "We agreed"}


def test_draft_of_a_contact_that_moved_on_is_still_shown(desk):
    contact = desk.held()
    conversation.pend(
        contact=contact, until=timezone.now() + timedelta(hours=1), by=desk.agent.user, now=timezone.now()
    )
    routing.wake_due(now=timezone.now() + timedelta(hours=2))
    response = desk.post(contact, "say", {"body": "Nearly done", "after": "0"})
    assert response.status_code == 409
    page = desk.get(contact).content.decode()
    assert "Nearly done" in page
    assert contact.person.name not in page


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


def test_part_fetched_live_never_touches_the_words_being_written(desk):
    contact = desk.held()
    conversation.add_words(contact=contact, text="One thing more", door="p", key="1", digest="1", now=timezone.now())
    page = desk.client.get(f"/desk/{contact.reference}/part/", headers=HTMX).content.decode()
    assert "One thing more" in page
    assert "<textarea" not in page
    assert 'id="composer-after"' in page


def test_part_of_a_contact_that_moved_on_says_so(desk):
    contact = desk.held(text="The ramp is broken")
    Contact.objects.filter(pk=contact.pk).update(state=State.WAITING, agent=None)
    page = desk.client.get(f"/desk/{contact.reference}/part/", headers=HTMX).content.decode()
    assert "This contact is no longer with you" in page
    assert "The ramp is broken" not in page


def test_person_who_left_meanwhile_is_told_to_the_agent(desk):
    contact = desk.held()
    conversation.leave(contact=contact, now=timezone.now())
    assert "The person told us that they no longer need help." in desk.get(contact).content.decode()


def test_script_in_words_and_names_stays_text(desk):
    bomb = "<script>alert(1)</script>"
    contact = intake.receive(make_inbound(desk.organisation, text=bomb, name=bomb), now=timezone.now()).contact
    Contact.objects.filter(pk=contact.pk).update(state=State.ACTIVE, agent=desk.agent)
    assert bomb not in desk.get(contact).content.decode()


def test_day_of_the_person_counts_in_their_own_zone(desk):
    midnight = datetime.combine(date(2030, 6, 1), datetime.min.time(), ZoneInfo("Pacific/Auckland")).astimezone(UTC)
    contact = desk.held(time_zone="Pacific/Auckland", needed_by=date(2030, 6, 1))

    def left(at):
        told = needed(contact, Reader("en", "UTC", at))
        assert told
        return told.left

    assert left(midnight - timedelta(seconds=1)) == "tomorrow"
    assert left(midnight) == "today"
    assert left(midnight + timedelta(days=1)) == "past"
