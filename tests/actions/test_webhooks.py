"""Telling other systems: what goes out, how it is signed, and what happens when nobody takes it."""

import base64
import hashlib
import hmac
import json
import threading
from collections.abc import Iterator
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any, ClassVar

import pytest

from pharos.actions import routing, trims, webhooks
from pharos.actions.errors import Refused
from pharos.models import Offer, Organisation, WebhookDelivery
from tests.factories import make_agent, make_contact, make_organisation

pytestmark = pytest.mark.django_db
State = WebhookDelivery.State


class Receiver(BaseHTTPRequestHandler):
    """Another system: remembers what it was told, and answers as it is told to."""

    seen: ClassVar[list[tuple[dict[str, str], bytes]]] = []
    answers: ClassVar[list[int]] = []

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.seen.append(({name.lower(): value for name, value in self.headers.items()}, body))
        status = self.answers.pop(0) if self.answers else 204
        self.send_response(status)
        if status == 302:
            self.send_header("Location", "/elsewhere")
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the standard library's name
        """Keep quiet."""


@pytest.fixture
def receiver() -> Iterator[str]:
    """The address of another system."""
    Receiver.seen.clear()
    Receiver.answers.clear()
    server = HTTPServer(("127.0.0.1", 0), Receiver)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}/hook"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def organisation() -> Organisation:
    """Whose events they are."""
    return make_organisation()


def announce(organisation: Organisation, now: datetime, event: str = "contact.received") -> None:
    webhooks.announce(organisation_id=organisation.pk, event=event, body={"reference": "K7M-4QD"}, now=now)


def test_delivery_can_be_verified_by_its_secret(receiver: str, organisation: Organisation, now: datetime) -> None:
    hook = webhooks.add(organisation=organisation, url=receiver, events=[], now=now)
    announce(organisation, now)
    assert webhooks.deliver_due(now=now) == 1
    headers, body = Receiver.seen[0]
    key = base64.b64decode(hook.secret.removeprefix("whsec_"))
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    expected = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    assert headers["webhook-signature"] == f"v1,{expected}"
    assert headers["webhook-timestamp"] == str(int(now.timestamp()))
    told = json.loads(body)
    assert (told["type"], told["timestamp"]) == ("contact.received", now.isoformat())
    assert told["data"]["reference"] == "K7M-4QD"
    assert told["data"]["links"]["contact"].endswith("/api/v1/contacts/K7M-4QD")
    assert WebhookDelivery.objects.get().state == State.SENT
    assert webhooks.deliver_due(now=now) == 0


def test_contact_is_announced_without_its_words(receiver: str, organisation: Organisation, now: datetime) -> None:
    webhooks.add(organisation=organisation, url=receiver, events=[], now=now)
    make_contact(organisation, text="A secret about my health", name="Ani Petrosyan", email="ani@example.org", now=now)
    webhooks.deliver_due(now=now)
    assert [json.loads(body)["type"] for _headers, body in Receiver.seen] == ["contact.received"]
    assert not any(word in Receiver.seen[0][1].decode() for word in ("health", "Ani", "ani@"))


def test_taking_a_call_is_announced_as_its_answer(receiver: str, organisation: Organisation, now: datetime) -> None:
    webhooks.add(organisation=organisation, url=receiver, events=["contact.answered"], now=now)
    contact = make_contact(organisation, channel="voice", now=now)
    agent = make_agent(organisation)
    routing.dispatch(organisation=organisation, now=now)
    routing.accept(offer=Offer.objects.get(), agent=agent, now=now)
    assert [row.body["data"]["reference"] for row in WebhookDelivery.objects.all()] == [contact.reference]


def test_announce_reaches_only_those_who_asked(receiver: str, organisation: Organisation, now: datetime) -> None:
    wanted = webhooks.add(organisation=organisation, url=receiver, events=["contact.closed"], now=now)
    webhooks.add(organisation=make_organisation(), url=receiver, events=[], now=now)
    paused = webhooks.add(organisation=organisation, url=receiver, events=[], now=now)
    webhooks.switch(webhook=paused, active=False)
    announce(organisation, now)
    announce(organisation, now, "contact.closed")
    assert [row.webhook for row in WebhookDelivery.objects.select_related("webhook")] == [wanted]


def test_delivery_comes_again_with_the_same_id_until_it_is_taken(
    receiver: str, organisation: Organisation, now: datetime
) -> None:
    webhooks.add(organisation=organisation, url=receiver, events=[], now=now)
    announce(organisation, now)
    Receiver.answers.extend([500, 503])
    assert webhooks.deliver_due(now=now) == 1
    assert webhooks.deliver_due(now=now + timedelta(seconds=9)) == 0
    assert webhooks.deliver_due(now=now + timedelta(seconds=10)) == 1
    assert webhooks.deliver_due(now=now + timedelta(seconds=70)) == 1
    assert len({headers["webhook-id"] for headers, _body in Receiver.seen}) == 1
    assert len({headers["webhook-timestamp"] for headers, _body in Receiver.seen}) == 3
    row = WebhookDelivery.objects.get()
    assert (row.state, row.attempts, row.failure) == (State.SENT, 3, "")


def test_delivery_fails_after_five_attempts(receiver: str, organisation: Organisation, now: datetime) -> None:
    webhooks.add(organisation=organisation, url=receiver, events=[], now=now)
    announce(organisation, now)
    Receiver.answers.extend([500] * 9)
    at = now
    for _ in range(9):
        webhooks.deliver_due(now=at)
        at += timedelta(hours=2)
    row = WebhookDelivery.objects.get()
    assert (row.state, row.attempts, row.failure, len(Receiver.seen)) == (State.FAILED, 5, "HTTP 500", 5)


def test_delivery_does_not_follow_a_redirect(receiver: str, organisation: Organisation, now: datetime) -> None:
    webhooks.add(organisation=organisation, url=receiver, events=[], now=now)
    announce(organisation, now)
    Receiver.answers.append(302)
    webhooks.deliver_due(now=now)
    assert len(Receiver.seen) == 1
    assert WebhookDelivery.objects.get().failure == "HTTP 302"


def test_delivery_to_nobody_does_not_hold_up_the_others(
    receiver: str, organisation: Organisation, now: datetime
) -> None:
    webhooks.add(organisation=organisation, url="http://127.0.0.1:1/", events=[], now=now)
    webhooks.add(organisation=organisation, url="http://[broken", events=[], now=now)
    webhooks.add(organisation=organisation, url=receiver, events=[], now=now)
    announce(organisation, now)
    assert webhooks.deliver_due(now=now) == 3
    assert sorted(row.state for row in WebhookDelivery.objects.all()) == [State.QUEUED, State.QUEUED, State.SENT]
    assert len(Receiver.seen) == 1


def test_delivery_of_a_worker_that_died_goes_out_when_its_lease_ends(
    receiver: str, organisation: Organisation, now: datetime
) -> None:
    webhooks.add(organisation=organisation, url=receiver, events=[], now=now)
    announce(organisation, now)
    WebhookDelivery.objects.update(state=State.SENDING, lease_until=now + timedelta(seconds=60), attempts=1)
    assert webhooks.deliver_due(now=now + timedelta(seconds=59)) == 0
    assert webhooks.deliver_due(now=now + timedelta(seconds=60)) == 1
    assert WebhookDelivery.objects.get().state == State.SENT


@pytest.mark.parametrize("url", ["", "ftp://example.org", "javascript:alert(1)", "example.org"])
def test_add_refuses_an_address_nobody_can_post_to(organisation: Organisation, url: str, now: datetime) -> None:
    with pytest.raises(Refused):
        webhooks.add(organisation=organisation, url=url, events=[], now=now)


def test_add_refuses_an_event_that_never_happens(organisation: Organisation, now: datetime) -> None:
    with pytest.raises(Refused):
        webhooks.add(organisation=organisation, url="https://example.org", events=["contact.eaten"], now=now)


def test_remove_drops_what_is_under_way(receiver: str, organisation: Organisation, now: datetime) -> None:
    hook = webhooks.add(organisation=organisation, url=receiver, events=[], now=now)
    announce(organisation, now)
    webhooks.remove(webhook=hook)
    assert webhooks.deliver_due(now=now) == 0


def test_trim_keeps_what_is_not_settled(receiver: str, organisation: Organisation, now: datetime) -> None:
    webhooks.add(organisation=organisation, url=receiver, events=[], now=now)
    announce(organisation, now)
    webhooks.deliver_due(now=now)
    announce(organisation, now)
    assert trims.webhook_deliveries(now=now + timedelta(days=6)) == 0
    assert trims.webhook_deliveries(now=now + timedelta(days=8)) == 1
    assert WebhookDelivery.objects.get().state == State.QUEUED
