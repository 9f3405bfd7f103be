"""What an agent writes: answers, notes, drafts, and what did not arrive."""

from datetime import timedelta

import pytest
from django.utils import timezone

from pharos.actions import conversation, routing
from pharos.models import Contact, Draft, Message, Role
from pharos.queries import desk as queries
from tests.desktop.conftest import Desk, client_of
from tests.factories import make_agent

State = Contact.State


def fresh(contact: Contact) -> Contact:
    return Contact.objects.select_related("lane__queue").get(pk=contact.pk)


def said(desk: Desk, contact: Contact) -> int:
    return queries.last_said(contact, by=desk.agent.user)


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
