"""Tokens and webhooks in set-up; kept and failed mail."""

import re
from datetime import UTC, datetime
from email.message import EmailMessage

import pytest
from django.conf import settings
from django.urls import reverse

from pharos.channels import Outbound, Sender
from pharos.channels.email.outbox import keep
from pharos.models import ApiToken, Message, StaffMail, Webhook
from pharos.queries.api import token_of
from tests.factories import make_contact

pytestmark = pytest.mark.django_db


def test_token_is_shown_once_and_can_be_revoked(centre, as_admin):
    answer = as_admin.post(reverse("token_make"), {"name": "CRM", "agent": ""})
    found = re.search(r"pharos_[\w-]{40,}", answer.text)
    assert found
    assert "no-store" in answer["Cache-Control"]
    token = token_of(found[0])
    assert token
    assert (token.name, token.organisation, token.agent) == ("CRM", centre, None)
    assert found[0] not in as_admin.get(reverse("connections")).text
    as_admin.post(reverse("token_revoke", args=[token.pk]))
    assert token_of(found[0]) is None


def test_token_for_an_agent_and_without_a_name(agent, as_admin):
    as_admin.post(reverse("token_make"), {"name": "Desk", "agent": str(agent.pk)})
    assert ApiToken.objects.get().agent == agent
    assert as_admin.post(reverse("token_make"), {"name": " "}).status_code == 422
    assert ApiToken.objects.count() == 1


def test_webhook_is_added_paused_and_removed(as_admin):
    answer = as_admin.post(reverse("webhook_add"), {"url": "https://crm.example.org/in", "events": ["contact.closed"]})
    hook = Webhook.objects.get()
    assert hook.secret in answer.text
    assert hook.events == ["contact.closed"]
    assert hook.secret not in as_admin.get(reverse("connections")).text
    as_admin.post(reverse("webhook_switch", args=[hook.pk]))
    assert not Webhook.objects.filter(is_active=True).exists()
    as_admin.post(reverse("webhook_switch", args=[hook.pk]), {"on": "1"})
    assert Webhook.objects.filter(is_active=True).exists()
    as_admin.post(reverse("webhook_remove", args=[hook.pk]))
    assert not Webhook.objects.exists()


@pytest.mark.parametrize("url", ["", "ftp://x.example.org/", "nonsense", "file:///etc/passwd"])
def test_webhook_bad_address_is_refused(url, as_admin):
    assert as_admin.post(reverse("webhook_add"), {"url": url}).status_code == 422
    assert not Webhook.objects.exists()


def kept(house: str, key: str = "m1") -> str:
    outbound = Outbound(
        key=key,
        sender=Sender(house, "help@example.org", "Centre", is_demo=True),
        address="ani@example.org",
        language="en",
        subject="We have your request",
        body="Hello Ani",
        written_at=datetime(2026, 3, 10, 12, 0, tzinfo=UTC),
    )
    mail = EmailMessage()
    mail["To"], mail["Subject"] = outbound.address, outbound.subject
    mail.set_content(outbound.body)
    return keep(outbound, mail, folder=settings.OUTBOX_DIR).name


def test_kept_mail_is_listed_shown_and_downloaded(centre, as_admin):
    name = kept(centre.slug)
    page = as_admin.get(reverse("mail")).text
    assert "We have your request" in page
    assert "ani@example.org" in page
    assert "Hello Ani" in as_admin.get(reverse("kept_mail", args=[name])).text
    file = as_admin.get(reverse("kept_file", args=[name]))
    assert file["Content-Type"] == "message/rfc822"
    assert b"Hello Ani" in file.content


@pytest.mark.parametrize("name", ["x.eml", "..", "secret.key", "20260310T120000000000.other.m1.eml"])
def test_kept_mail_of_others_and_other_files_are_not_there(name, centre, as_admin):
    kept("other")
    assert as_admin.get(reverse("kept_mail", args=[name])).status_code == 404
    assert as_admin.get(reverse("kept_file", args=[name])).status_code == 404


def test_failed_mail_goes_out_again(centre, as_admin, now):
    contact = make_contact(centre, now=now)
    message = contact.messages.get(direction="out")
    Message.objects.filter(pk=message.pk).update(state="failed", failure="mailbox full", attempts=9)
    staff_mail = StaffMail.objects.create(
        organisation=centre,
        to="lead@example.org",
        subject="Alarm",
        body="b",
        state="failed",
        created_at=now,
        due_at=now,
    )
    page = as_admin.get(reverse("mail")).text
    assert "mailbox full" in page
    as_admin.post(reverse("mail_again", args=["person", message.pk]))
    as_admin.post(reverse("mail_again", args=["staff", staff_mail.pk]))
    message.refresh_from_db()
    staff_mail.refresh_from_db()
    assert (message.state, message.attempts, message.failure) == ("queued", 0, "")
    assert staff_mail.state == "queued"
    assert contact.events.filter(code="sent_again").count() == 1
