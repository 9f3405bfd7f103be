"""Telling other systems: who is told what, in which order it goes out, and what happens when nobody takes it."""

from datetime import datetime, timedelta
from ipaddress import ip_address, ip_network

import pytest
from django.conf import settings

from pharos.actions import routing, webhooks
from pharos.actions.errors import Refused
from pharos.models import Offer, Organisation, Webhook, WebhookDelivery
from tests.factories import make_agent, make_contact, make_organisation

pytestmark = pytest.mark.django_db
State = WebhookDelivery.State
URL = "https://crm.example.org/in"
SILENT = "ConnectTimeout: timed out"


@pytest.fixture
def organisation() -> Organisation:
    """Whose events they are."""
    return make_organisation()


def add(organisation: Organisation, now: datetime, *events: str) -> Webhook:
    return webhooks.add(organisation=organisation, url=URL, events=events, now=now)


def announce(organisation: Organisation, now: datetime, event: str = "contact.received") -> None:
    webhooks.announce(organisation_id=organisation.pk, event=event, body={"reference": "K7M-4QD"}, now=now)


def lease(now: datetime) -> list[WebhookDelivery]:
    return webhooks.lease(now=now)


def test_taking_a_call_is_announced_as_its_answer(organisation: Organisation, now: datetime) -> None:
    add(organisation, now, "contact.answered")
    contact = make_contact(organisation, channel="voice", now=now)
    agent = make_agent(organisation)
    routing.dispatch(organisation=organisation, now=now)
    routing.accept(offer=Offer.objects.get(), agent=agent, now=now)
    assert [row.body["data"]["reference"] for row in WebhookDelivery.objects.all()] == [contact.reference]


def test_announce_reaches_only_those_who_asked(organisation: Organisation, now: datetime) -> None:
    wanted = add(organisation, now, "contact.closed")
    add(make_organisation(), now)
    webhooks.switch(webhook=add(organisation, now), active=False)
    announce(organisation, now)
    announce(organisation, now, "contact.closed")
    assert [row.webhook for row in WebhookDelivery.objects.select_related("webhook")] == [wanted]


def test_lease_of_a_worker_that_died_ends(organisation: Organisation, now: datetime) -> None:
    add(organisation, now)
    announce(organisation, now)
    (first,) = lease(now)
    assert lease(now + webhooks.LEASE - timedelta(seconds=1)) == []
    assert lease(now + webhooks.LEASE) == [first]


def test_lease_takes_one_receiver_and_leaves_it_to_its_sender(organisation: Organisation, now: datetime) -> None:
    hooks = [add(organisation, now) for _ in range(2)]
    for seconds in range(3):
        announce(organisation, now + timedelta(seconds=seconds))
    later = now + timedelta(minutes=1)
    taken = [lease(later) for _ in range(3)]
    assert [{row.webhook_id for row in rows} for rows in taken] == [{hooks[0].pk}, {hooks[1].pk}, set()]
    assert [len(rows) for rows in taken] == [3, 3, 0]


def test_lease_takes_no_more_than_a_batch(organisation: Organisation, now: datetime) -> None:
    add(organisation, now)
    for _ in range(webhooks.BATCH + 1):
        announce(organisation, now)
    assert len(lease(now)) == webhooks.BATCH


def test_receiver_that_gave_no_answer_is_left_alone_and_then_asked_with_one(
    organisation: Organisation, now: datetime
) -> None:
    hook = add(organisation, now)
    for _ in range(3):
        announce(organisation, now)
    first, *others = lease(now)
    webhooks.settle(delivery=first, failure=SILENT, now=now)
    webhooks.unanswered(deliveries=others, webhook_id=hook.pk, failure=SILENT, now=now)
    announce(organisation, now)
    assert lease(now + timedelta(seconds=9)) == []
    again = now + timedelta(seconds=10)
    assert len(lease(again)) == 1
    webhooks.unanswered(deliveries=[], webhook_id=hook.pk, failure=SILENT, now=again)
    rows = list(WebhookDelivery.objects.order_by("id").values_list("attempts", "state"))
    assert rows == [(2, "queued"), (2, "queued"), (2, "queued"), (1, "sending")]


def test_receiver_that_answered_with_a_failure_goes_on_with_the_others(
    organisation: Organisation, now: datetime
) -> None:
    add(organisation, now)
    announce(organisation, now)
    (first,) = lease(now)
    webhooks.settle(delivery=first, failure="HTTP 500", now=now)
    announce(organisation, now)
    announce(organisation, now)
    assert len(lease(now)) == 2


def test_silent_receiver_holds_up_no_other(organisation: Organisation, now: datetime) -> None:
    dead, alive = add(organisation, now), add(organisation, now)
    for _ in range(webhooks.BATCH * 2):
        announce(organisation, now)
    first, *others = lease(now)
    assert first.webhook_id == dead.pk
    assert {row.webhook_id for row in lease(now)} == {alive.pk}
    webhooks.settle(delivery=first, failure=SILENT, now=now)
    webhooks.unanswered(deliveries=others, webhook_id=dead.pk, failure=SILENT, now=now)
    assert not WebhookDelivery.objects.filter(webhook=dead, due_at__lte=now).exists()
    WebhookDelivery.objects.filter(webhook=alive, state=State.SENDING).update(state=State.SENT, lease_until=None)
    assert {row.webhook_id for row in lease(now)} == {alive.pk}


def test_delivery_to_a_silent_receiver_fails_after_five_attempts(organisation: Organisation, now: datetime) -> None:
    hook = add(organisation, now)
    for _ in range(2):
        announce(organisation, now)
    at, asked = now, 0
    for _ in range(9):
        for first in lease(at)[:1]:
            asked += 1
            webhooks.settle(delivery=first, failure=SILENT, now=at)
            rest = WebhookDelivery.objects.filter(state=State.SENDING)
            webhooks.unanswered(deliveries=rest, webhook_id=hook.pk, failure=SILENT, now=at)
        at += timedelta(hours=2)
    assert asked == 5
    rows = set(WebhookDelivery.objects.values_list("state", "attempts", "failure"))
    assert rows == {(State.FAILED, 5, SILENT)}


def test_settle_after_the_lease_was_lost_changes_nothing(organisation: Organisation, now: datetime) -> None:
    add(organisation, now)
    announce(organisation, now)
    (late,) = lease(now)
    (again,) = lease(now + webhooks.LEASE)
    webhooks.settle(delivery=late, failure="HTTP 500", now=now)
    webhooks.settle(delivery=again, failure="", now=now)
    assert WebhookDelivery.objects.get().state == State.SENT


@pytest.mark.parametrize("url", ["", "ftp://example.org", "javascript:alert(1)", "example.org"])
def test_add_refuses_an_address_nobody_can_post_to(organisation: Organisation, url: str, now: datetime) -> None:
    with pytest.raises(Refused):
        webhooks.add(organisation=organisation, url=url, events=[], now=now)


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "localhost", "LOCALHOST.", "a.localhost", "[::1]", "10.0.0.7:8080", "169.254.169.254", "0.0.0.0"],
)
def test_add_refuses_an_address_inside(organisation: Organisation, host: str, now: datetime) -> None:
    with pytest.raises(Refused, match="url"):
        webhooks.add(organisation=organisation, url=f"http://{host}/in", events=[], now=now)
    assert not Webhook.objects.exists()


def test_add_takes_an_address_in_a_network_that_the_administrator_named(
    organisation: Organisation, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings.ENVIRONMENT, "webhook_networks", [ip_network("10.1.0.0/16")])
    webhooks.add(organisation=organisation, url="http://10.1.2.3/in", events=[], now=now)
    with pytest.raises(Refused):
        webhooks.add(organisation=organisation, url="http://10.2.2.3/in", events=[], now=now)


@pytest.mark.parametrize(
    "address",
    [
        "0.0.0.0",
        "10.0.0.1",
        "100.64.0.1",
        "127.0.0.1",
        "169.254.169.254",
        "172.16.0.1",
        "192.168.1.1",
        "224.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "64:ff9b::a9fe:a9fe",
        "2002:7f00:1::",
        "fc00::1",
        "fe80::1",
        "ff02::1",
    ],
)
def test_address_inside_is_not_allowed(address: str) -> None:
    assert not webhooks.is_allowed(ip_address(address))


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"])
def test_public_address_is_allowed(address: str) -> None:
    assert webhooks.is_allowed(ip_address(address))


def test_add_refuses_an_event_that_never_happens(organisation: Organisation, now: datetime) -> None:
    with pytest.raises(Refused):
        webhooks.add(organisation=organisation, url="https://example.org", events=["contact.eaten"], now=now)


def test_remove_drops_what_is_under_way(organisation: Organisation, now: datetime) -> None:
    hook = add(organisation, now)
    announce(organisation, now)
    webhooks.remove(webhook=hook)
    assert lease(now) == []
