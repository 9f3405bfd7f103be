"""Checking at the desk who somebody is."""

import re

from pharos.actions import conversation
from pharos.models import Contact, IdentityCheck, Message
from tests.desktop.conftest import Desk


def code_of(contact: Contact) -> str:
    letter = contact.messages.filter(sort=Message.Sort.CODE).last()
    assert letter
    found = re.search(r"(?<!\d)\d{6}(?!\d)", letter.body)
    assert found
    return found[0]


def test_a_code_is_sent_told_and_noted(desk: Desk) -> None:
    contact = desk.held(email="ani@example.org")
    page = desk.get(contact).text
    assert "Not checked yet" in page
    opened = desk.client.get(f"/desk/{contact.reference}/?open=who").text
    assert "a…@e…" in opened
    assert "not that the booking is theirs" in opened
    sent = desk.post(contact, "do/who", {"go": "send"})
    assert "The code is on its way." in sent.text
    code = code_of(contact)
    assert code not in sent.text
    assert code not in desk.get(contact).text
    wrong = desk.post(contact, "do/who", {"code": f"{(int(code) + 1) % 10**6:06}"})
    assert wrong.status_code == 409
    assert "This is not the code" in wrong.text
    assert 'id="panel-form"' in wrong.text
    assert not re.search(r'id="id_code"[^>]* value=', wrong.text)
    desk.post(contact, "do/who", {"go": "send", "code": f"{code[:3]} {code[3:]}"})
    assert code_of(contact) == code
    assert IdentityCheck.objects.get().way == "code"
    assert "Checked: told us the code" in desk.get(contact).text


def test_another_way_is_noted_with_who_says_so(desk: Desk) -> None:
    contact = desk.held(email="")
    opened = desk.client.get(f"/desk/{contact.reference}/?open=who").text
    assert "We have no address to send a code to." in opened
    assert 'name="go" value="send"' not in opened
    assert desk.post(contact, "do/who", {}).status_code == 422
    assert desk.post(contact, "do/who", {"way": "caller_id"}).status_code == 422
    desk.post(contact, "do/who", {"way": "document"})
    check = IdentityCheck.objects.get()
    assert (check.way, check.by) == ("document", desk.agent.user)


def test_closing_with_a_payment_asks_first_and_keeps_what_was_typed(desk: Desk) -> None:
    contact = desk.held(email="ani@example.org")
    conversation.finish(contact=contact, by=desk.agent.user, now=contact.arrived_at)
    typed = {"disposition": "refund_started", "summary": "The money is on its way."}
    refused = desk.post(contact, "close", typed)
    assert refused.status_code == 409
    assert "Check first who it is" in refused.text
    assert 'id="panel-form"' in refused.text
    assert "The money is on its way." in refused.text
    assert re.search(r'value="refund_started"[^>]*checked', refused.text)
    desk.post(contact, "do/who", {"way": "booking", "summary": typed["summary"]})
    assert desk.post(contact, "close", typed).status_code == 302
    assert Contact.objects.get(pk=contact.pk).disposition == "refund_started"


def test_who_has_not_the_contact_checks_nothing(desk: Desk) -> None:
    contact = desk.held()
    other = Desk(organisation=desk.organisation)
    assert other.post(contact, "do/who", {"way": "document"}).status_code == 404
    assert not IdentityCheck.objects.exists()
