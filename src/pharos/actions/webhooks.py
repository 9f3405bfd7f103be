"""Telling other systems what happened: signed, again until they have it, never with words of a person."""

import base64
import hashlib
import hmac
import json
import secrets
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

import httpx
from django.conf import settings
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from pharos.actions.errors import Refused
from pharos.models import Organisation, Webhook, WebhookDelivery

EVENTS = (
    "contact.received",
    "contact.answered",
    "contact.closed",
    "promise.moved",
    "incident.declared",
    "incident.closed",
    "advisory.published",
)
SECRET_PREFIX = "whsec_"  # noqa: S105 - marks a secret, is none
BATCH = 20
SENDERS = 8
TIMEOUT_S = 10.0
LEASE = timedelta(seconds=60)
PAUSES = (timedelta(seconds=10), timedelta(minutes=1), timedelta(minutes=10), timedelta(hours=1))  # then it has failed

State = WebhookDelivery.State


class Sent(NamedTuple):
    """What became of one attempt; `failure` is empty when the other side has it."""

    delivery: WebhookDelivery
    failure: str


def add(*, organisation: Organisation, url: str, events: Iterable[str], now: datetime) -> Webhook:
    """Tell another system from now on; no `events` means all. Its secret verifies what we send."""
    wanted = sorted(set(events))
    if unknown := set(wanted) - set(EVENTS):
        raise Refused("unknown_event", _("There is no such event: %s") % ", ".join(sorted(unknown)))
    if not url.startswith(("http://", "https://")):
        raise Refused("url", _("The address begins with https:// or http://."))
    return Webhook.objects.create(
        organisation=organisation, url=url, secret=_new_secret(), events=wanted, created_at=now
    )


def remove(*, webhook: Webhook) -> None:
    """Tell this system nothing more; what is under way is dropped."""
    Webhook.objects.filter(pk=webhook.pk).delete()


def switch(*, webhook: Webhook, active: bool) -> None:
    """Pause a webhook, or go on with it; events in between are not told later."""
    Webhook.objects.filter(pk=webhook.pk).update(is_active=active)


def _new_secret() -> str:
    return SECRET_PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()


def announce(*, organisation_id: int, event: str, body: Mapping[str, object], now: datetime) -> None:
    """Queue an event for all who asked for it, inside the transaction that made it true; `body` holds codes only."""
    hooks = Webhook.objects.filter(organisation_id=organisation_id, is_active=True).only("id", "events")
    due = deliveries(hooks, event=event, body=body, now=now)
    if due:
        WebhookDelivery.objects.bulk_create(due)


def deliveries(
    hooks: Iterable[Webhook], *, event: str, body: Mapping[str, object], now: datetime
) -> list[WebhookDelivery]:
    """An event on its way to those of the hooks that asked for it; not saved yet."""
    told = {"type": event, "timestamp": now.astimezone(UTC).isoformat(), "data": {**body, "links": _links(body)}}
    return [
        WebhookDelivery(webhook=hook, event=event, body=told, created_at=now, due_at=now)
        for hook in hooks
        if not hook.events or event in hook.events
    ]


def _links(body: Mapping[str, object]) -> dict[str, str]:
    return {"contact": f"{settings.PUBLIC_URL}/api/v1/contacts/{body['reference']}"} if "reference" in body else {}


def deliver_due(*, now: datetime) -> int:
    """Send what is due, several at a time and outside any transaction; returns how many were tried."""
    leased = _lease(now)
    if not leased:
        return 0
    with httpx.Client(timeout=TIMEOUT_S, follow_redirects=False, trust_env=False) as client:
        for sent in _send_all(client, leased, now=now):
            _settle(sent, now=now)
    return len(leased)


def _lease(now: datetime) -> list[WebhookDelivery]:
    open_rows = Q(state=State.QUEUED, due_at__lte=now) | Q(state=State.SENDING, lease_until__lte=now)
    candidates = WebhookDelivery.objects.filter(open_rows).select_related("webhook").order_by("due_at", "id")[:BATCH]
    return [delivery for delivery in candidates if _take(delivery, now=now)]


def _take(delivery: WebhookDelivery, *, now: datetime) -> bool:
    unchanged = WebhookDelivery.objects.filter(
        pk=delivery.pk, state=delivery.state, lease_until=delivery.lease_until, attempts=delivery.attempts
    )
    delivery.lease_until = now + LEASE
    delivery.attempts += 1
    return bool(unchanged.update(state=State.SENDING, lease_until=delivery.lease_until, attempts=F("attempts") + 1))


def _send_all(client: httpx.Client, deliveries: list[WebhookDelivery], *, now: datetime) -> Iterator[Sent]:
    """Only HTTP happens in the threads; rows are settled by the caller as answers come in."""
    with ThreadPoolExecutor(max_workers=min(SENDERS, len(deliveries))) as pool:
        yield from pool.map(lambda delivery: _send(client, delivery, now=now), deliveries)


def _send(client: httpx.Client, delivery: WebhookDelivery, *, now: datetime) -> Sent:
    payload = json.dumps(delivery.body, separators=(",", ":")).encode()
    headers = {"content-type": "application/json", "user-agent": "Pharos-Webhooks/1"}
    headers |= signed(delivery.webhook.secret, message_id=f"msg_{delivery.pk}", payload=payload, now=now)
    try:
        with client.stream("POST", delivery.webhook.url, content=payload, headers=headers) as response:
            return Sent(delivery, "" if response.is_success else f"HTTP {response.status_code}")
    except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
        return Sent(delivery, f"{type(error).__name__}: {error}"[:300])


def signed(secret: str, *, message_id: str, payload: bytes, now: datetime) -> dict[str, str]:
    """The three headers of a Standard Webhooks message; the receiver signs the same bytes and compares."""
    timestamp = str(int(now.timestamp()))
    key = base64.b64decode(secret.removeprefix(SECRET_PREFIX))
    signature = hmac.digest(key, b".".join([message_id.encode(), timestamp.encode(), payload]), hashlib.sha256)
    return {
        "webhook-id": message_id,
        "webhook-timestamp": timestamp,
        "webhook-signature": "v1," + base64.b64encode(signature).decode(),
    }


def _settle(sent: Sent, *, now: datetime) -> None:
    delivery = sent.delivery
    mine = WebhookDelivery.objects.filter(pk=delivery.pk, state=State.SENDING, lease_until=delivery.lease_until)
    if not sent.failure:
        mine.update(state=State.SENT, lease_until=None, failure="")
    elif delivery.attempts > len(PAUSES):
        mine.update(state=State.FAILED, lease_until=None, failure=sent.failure)
    else:
        due_at = now + PAUSES[delivery.attempts - 1]
        mine.update(state=State.QUEUED, lease_until=None, due_at=due_at, failure=sent.failure)
