"""Telling other systems: what goes out, how it is signed, where it may go, and how long it may take."""

import base64
import hashlib
import hmac
import json
import socket
import threading
from collections.abc import Iterator
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_network
from typing import Any, ClassVar

import httpcore
import pytest
from django.conf import settings

from pharos.actions import trims
from pharos.actions import webhooks as actions
from pharos.channels import outside, webhooks
from pharos.models import Organisation, Webhook, WebhookDelivery
from tests.factories import make_contact, make_organisation

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
def inside(monkeypatch: pytest.MonkeyPatch) -> None:
    """The administrator lets webhooks reach this machine."""
    monkeypatch.setattr(settings.ENVIRONMENT, "webhook_networks", [ip_network("127.0.0.0/8")])


@pytest.fixture
def receiver(inside: None) -> Iterator[str]:
    """The address of another system."""
    Receiver.seen.clear()
    Receiver.answers.clear()
    server = ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}/hook"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def silent(inside: None) -> Iterator[str]:
    """The address of a system that takes a connection and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/hook"


@pytest.fixture
def organisation() -> Organisation:
    """Whose events they are."""
    return make_organisation()


def add(organisation: Organisation, url: str, now: datetime) -> Webhook:
    return Webhook.objects.create(organisation=organisation, url=url, secret=actions._new_secret(), created_at=now)


def announce(organisation: Organisation, now: datetime) -> None:
    body = {"reference": "K7M-4QD"}
    actions.announce(organisation_id=organisation.pk, event="contact.received", body=body, now=now)


def deliver(now: datetime) -> int:
    return webhooks.deliver_due(clock=lambda: now, going=lambda: True)


def test_delivery_can_be_verified_by_its_secret(receiver: str, organisation: Organisation, now: datetime) -> None:
    hook = add(organisation, receiver, now)
    announce(organisation, now)
    assert deliver(now) == 1
    headers, body = Receiver.seen[0]
    key = base64.b64decode(hook.secret.removeprefix("whsec_"))
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    expected = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    assert headers["webhook-signature"] == f"v1,{expected}"
    assert headers["webhook-timestamp"] == str(int(now.timestamp()))
    assert headers["host"] == receiver.split("/")[2]
    told = json.loads(body)
    assert (told["type"], told["timestamp"]) == ("contact.received", now.isoformat())
    assert told["data"]["reference"] == "K7M-4QD"
    assert told["data"]["links"]["contact"].endswith("/api/v1/contacts/K7M-4QD")
    assert WebhookDelivery.objects.get().state == State.SENT
    assert deliver(now) == 0


def test_contact_is_announced_without_its_words(receiver: str, organisation: Organisation, now: datetime) -> None:
    add(organisation, receiver, now)
    make_contact(organisation, text="A secret about my health", name="Ani Petrosyan", email="ani@example.org", now=now)
    deliver(now)
    assert [json.loads(body)["type"] for _headers, body in Receiver.seen] == ["contact.received"]
    assert not any(word in Receiver.seen[0][1].decode() for word in ("health", "Ani", "ani@"))


def test_delivery_comes_again_with_the_same_id_until_it_is_taken(
    receiver: str, organisation: Organisation, now: datetime
) -> None:
    add(organisation, receiver, now)
    announce(organisation, now)
    Receiver.answers.extend([500, 503])
    assert deliver(now) == 1
    assert deliver(now + timedelta(seconds=9)) == 0
    assert deliver(now + timedelta(seconds=10)) == 1
    assert deliver(now + timedelta(seconds=70)) == 1
    assert len({headers["webhook-id"] for headers, _body in Receiver.seen}) == 1
    assert len({headers["webhook-timestamp"] for headers, _body in Receiver.seen}) == 3
    row = WebhookDelivery.objects.get()
    assert (row.state, row.attempts, row.failure) == (State.SENT, 3, "")


def test_delivery_fails_after_five_attempts(receiver: str, organisation: Organisation, now: datetime) -> None:
    add(organisation, receiver, now)
    announce(organisation, now)
    Receiver.answers.extend([500] * 9)
    for attempt in range(9):
        deliver(now + timedelta(hours=2 * attempt))
    row = WebhookDelivery.objects.get()
    assert (row.state, row.attempts, row.failure, len(Receiver.seen)) == (State.FAILED, 5, "HTTP 500", 5)


def test_delivery_does_not_follow_a_redirect(receiver: str, organisation: Organisation, now: datetime) -> None:
    add(organisation, receiver, now)
    announce(organisation, now)
    Receiver.answers.append(302)
    deliver(now)
    assert len(Receiver.seen) == 1
    assert WebhookDelivery.objects.get().failure == "HTTP 302"


def test_several_events_for_one_receiver_go_out_together(
    receiver: str, organisation: Organisation, now: datetime
) -> None:
    add(organisation, receiver, now)
    for _ in range(7):
        announce(organisation, now)
    Receiver.answers.extend([204, 500])
    assert deliver(now) == 7
    assert sorted(WebhookDelivery.objects.values_list("state", flat=True)) == [State.QUEUED, *[State.SENT] * 6]


@pytest.mark.parametrize("url", ["http://127.0.0.1:1/", "http://[broken", "http://name.invalid/"])
def test_receiver_that_is_not_there_is_tried_with_one_delivery(
    inside: None, organisation: Organisation, now: datetime, url: str
) -> None:
    add(organisation, url, now)
    for _ in range(3):
        announce(organisation, now)
    assert deliver(now) == 3
    assert deliver(now + timedelta(seconds=5)) == 0
    rows = list(WebhookDelivery.objects.values_list("state", "attempts", "due_at"))
    assert rows == [(State.QUEUED, 1, now + timedelta(seconds=10))] * 3
    assert all(WebhookDelivery.objects.exclude(failure="").values_list("failure", flat=True))


def test_receiver_that_says_nothing_is_given_up_in_time(
    silent: str, organisation: Organisation, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webhooks, "WITHIN_S", 0.05)
    add(organisation, silent, now)
    announce(organisation, now)
    assert deliver(now) == 1
    assert WebhookDelivery.objects.get().failure.startswith("ReadTimeout")


def test_receiver_that_drips_is_given_up_in_time(inside: None) -> None:
    """Each byte comes in time, the whole never does."""

    class Dripping:
        def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
            return b"H"

    stream = outside.Hurried(Dripping(), until=0.0)  # type: ignore[arg-type]
    with pytest.raises(httpcore.ReadTimeout):
        stream.read(1)


def test_nothing_is_sent_inside(
    receiver: str, organisation: Organisation, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings.ENVIRONMENT, "webhook_networks", [])
    add(organisation, receiver, now)
    announce(organisation, now)
    deliver(now)
    assert Receiver.seen == []
    assert WebhookDelivery.objects.get().failure == "ConnectError: there is no public address of this name"


def test_name_is_looked_up_once_and_its_address_inside_is_not_reached(
    receiver: str, organisation: Organisation, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A name of which one address is public and the others are not."""
    monkeypatch.setattr(settings.ENVIRONMENT, "webhook_networks", [])
    asked: list[str] = []
    reached: list[str] = []

    def look_up(host: str, port: int, **_: object) -> list[tuple[Any, ...]]:
        asked.append(host)
        places = ("10.0.0.1", "203.0.113.9", "127.0.0.1", "198.18.0.1", "9.9.9.9")
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (place, port)) for place in places]

    def connect(_self: object, host: str, *_: object, **__: object) -> None:
        reached.append(host)
        raise httpcore.ConnectError("not in a test")

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    monkeypatch.setattr(httpcore.SyncBackend, "connect_tcp", connect)
    add(organisation, "https://crm.example.org/in", now)
    announce(organisation, now)
    deliver(now)
    assert (asked, reached) == (["crm.example.org"], ["9.9.9.9"])


def test_name_in_the_address_signs_in(receiver: str, organisation: Organisation, now: datetime) -> None:
    add(organisation, receiver.replace("://", "://ani:lantern@"), now)
    announce(organisation, now)
    deliver(now)
    assert Receiver.seen[0][0]["authorization"] == "Basic " + base64.b64encode(b"ani:lantern").decode()


def test_trim_keeps_what_is_not_settled(receiver: str, organisation: Organisation, now: datetime) -> None:
    add(organisation, receiver, now)
    announce(organisation, now)
    deliver(now)
    announce(organisation, now)
    assert trims.webhook_deliveries(now=now + timedelta(days=6)) == 0
    assert trims.webhook_deliveries(now=now + timedelta(days=8)) == 1
    assert WebhookDelivery.objects.get().state == State.QUEUED
