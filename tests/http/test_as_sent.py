"""The page of a mail as it was sent: who may see it, and what a browser may do with it."""

from base64 import b64encode

import pytest
from django.conf import settings as django_settings
from django.test import Client
from django.urls import reverse

from pharos.actions import uploads
from pharos.models import Attachment, Contact, MailPage, Message, Role
from tests.channels.email.test_inbox import picture
from tests.desktop.conftest import Desk, client_of
from tests.factories import NOW, make_organisation, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk() -> Desk:
    return Desk()


def page_of(contact: Contact, html: str = "<p>Ten <s>of us</s></p>") -> Message:
    message = contact.messages.filter(direction="in").earliest("pk")
    MailPage.objects.create(message=message, html=html)
    return message


def lead(organisation) -> Client:
    return client_of(make_user(organisation, role=Role.LEAD), organisation)


def test_agent_and_lead_find_it_beside_the_words_and_the_person_does_not(desk):
    contact = desk.held()
    assert "Show as it was sent" not in desk.get(contact).text
    message = page_of(contact)
    lead_page = reverse("lead_contact_mail", args=[contact.reference, message.pk])
    assert f"/desk/{contact.reference}/mail/{message.pk}/" in desk.get(contact).text
    leading = lead(contact.organisation)
    assert lead_page in leading.get(reverse("lead_contact", args=[contact.reference])).text
    for answer in (desk.get(contact, f"mail/{message.pk}/"), leading.get(lead_page)):
        assert answer.status_code == 200
        assert "<p>Ten <s>of us</s></p>" in answer.text
    theirs = Client(headers={"host": contact.organisation.hosts.get().host}).get(f"/en/r/{contact.page_token}/")
    assert "mail/" not in theirs.text


def test_nothing_on_it_runs_or_is_fetched_and_nobody_keeps_it(desk):
    contact = desk.held()
    headers = desk.get(contact, f"mail/{page_of(contact).pk}/").headers
    policy = {rule.split()[0]: rule.split()[1:] for rule in headers["Content-Security-Policy"].split("; ")}
    assert (policy["sandbox"], policy["default-src"], policy["img-src"]) == ([], ["'none'"], ["data:"])
    assert [policy[name] for name in ("frame-ancestors", "form-action", "base-uri")] == [["'none'"]] * 3
    assert "script-src" not in policy
    assert "no-store" in headers["Cache-Control"]
    assert headers["Referrer-Policy"] == "no-referrer"


def test_pictures_that_came_along_stand_in_it(desk, settings, tmp_path, monkeypatch):
    settings.UPLOADS_DIR = tmp_path
    contact = desk.held()
    kept = uploads.keep(organisation=contact.organisation, name="a.png", content=picture(), now=NOW)
    message = page_of(contact, f'<img src="cid:{kept.token}" alt="A notice"><img src="cid:other" alt="Other">')
    kept.message = message
    kept.save()
    data = b64encode((django_settings.UPLOADS_DIR / kept.path).read_bytes()).decode()
    page = desk.get(contact, f"mail/{message.pk}/").text
    assert f'<img src="data:image/png;base64,{data}" alt="A notice"><img alt="Other">' in page
    monkeypatch.setattr("pharos.http.as_sent.MOST_BYTES", 3)
    assert '<img alt="A notice">' in desk.get(contact, f"mail/{message.pk}/").text


def shown(desk, message: Message, html: str) -> str:
    MailPage.objects.filter(message=message).update(html=html)
    return str(desk.get(message.contact, f"mail/{message.pk}/").text)


def test_picture_that_stands_there_again_and_again_is_counted_each_time(desk, settings, tmp_path, monkeypatch):
    settings.UPLOADS_DIR = tmp_path
    message = page_of(desk.held())
    kept = uploads.keep(organisation=message.organisation, name="a.png", content=picture(), now=NOW)
    Attachment.objects.filter(pk=kept.pk).update(message=message)
    length = len(b64encode((tmp_path / kept.path).read_bytes()))
    monkeypatch.setattr("pharos.http.as_sent.MOST_BYTES", 2 * length + length - 1)
    page = shown(desk, message, f'<img src="cid:{kept.token}" alt="A notice">' * 5)
    assert (page.count('src="data:'), page.count("A notice")) == (2, 5)


def test_picture_whose_file_is_gone_is_left_out(desk, settings, tmp_path):
    settings.UPLOADS_DIR = tmp_path
    message = page_of(desk.held())
    kept = uploads.keep(organisation=message.organisation, name="a.png", content=picture(), now=NOW)
    Attachment.objects.filter(pk=kept.pk).update(message=message)
    (tmp_path / kept.path).unlink()
    assert '<img alt="A notice">Ten' in shown(desk, message, f'<img src="cid:{kept.token}" alt="A notice">Ten')


def test_strangers_and_other_contacts_do_not_reach_it(desk):
    contact, other = desk.held(), desk.offered().contact
    message, theirs = page_of(contact), page_of(other)
    assert desk.get(contact, f"mail/{theirs.pk}/").status_code == 404
    assert desk.get(other, f"mail/{theirs.pk}/").status_code == 404  # only offered yet
    assert desk.get(contact, f"mail/{contact.messages.latest('pk').pk + 9}/").status_code == 404
    address = reverse("lead_contact_mail", args=[contact.reference, message.pk])
    assert lead(make_organisation()).get(address).status_code == 404
    assert Client(headers={"host": contact.organisation.hosts.get().host}).get(address).status_code == 302
    assert desk.client.get(address).status_code == 403
