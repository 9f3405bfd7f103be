"""Telling other systems what happened: again until they have it, never with words of a person."""

import base64
import ipaddress
import secrets
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
from django.conf import settings
from django.db.models import Case, Exists, F, OuterRef, Q, Subquery, Value, When
from django.utils.translation import gettext_lazy as _

from pharos.actions.errors import Refused
from pharos.models import Organisation, Webhook, WebhookDelivery

EVENTS = (
    "contact.received",
    "contact.answered",
    "contact.closed",
    "contact.merged",
    "contact.unmerged",
    "promise.moved",
    "incident.declared",
    "incident.closed",
    "advisory.published",
)
SECRET_PREFIX = "whsec_"  # noqa: S105 - marks a secret, is none
BATCH = 20  # deliveries to one receiver at a time
LEASE = timedelta(seconds=120)  # longer than a whole batch to the slowest receiver
PAUSES = (timedelta(seconds=10), timedelta(minutes=1), timedelta(minutes=10), timedelta(hours=1))  # then it has failed
QUIET = timedelta(minutes=1)  # a receiver that gave no answer is not asked more often than this
ANSWERED = "HTTP "  # begins the failure of a receiver that did answer
FAILURE_MAX = 300
EMBEDDED = ipaddress.IPv6Network("64:ff9b::/96")  # an IPv4 address as NAT64 writes it, RFC 6052

State = WebhookDelivery.State
Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def add(*, organisation: Organisation, url: str, events: Iterable[str], now: datetime) -> Webhook:
    """Tell another system from now on; no `events` means all. Its secret verifies what we send."""
    wanted = sorted(set(events))
    if unknown := set(wanted) - set(EVENTS):
        raise Refused("unknown_event", _("There is no such event: %s") % ", ".join(sorted(unknown)))
    if not url.startswith(("http://", "https://")):
        raise Refused("url", _("The address begins with https:// or http://."))
    if _is_inside(url):
        raise Refused("url", _("This address lies inside the network. Your administrator can allow it by a setting."))
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
    asked = [hook for hook in hooks if not hook.events or event in hook.events]
    if not asked:
        return []
    told = {"type": event, "timestamp": now.astimezone(UTC).isoformat(), "data": {**body, "links": _links(body)}}
    return [WebhookDelivery(webhook=hook, event=event, body=told, created_at=now, due_at=now) for hook in asked]


def _links(body: Mapping[str, object]) -> dict[str, str]:
    return {"contact": f"{settings.PUBLIC_URL}/api/v1/contacts/{body['reference']}"} if "reference" in body else {}


def is_allowed(address: Address) -> bool:
    """Whether a webhook may reach this address: a public one, or one in a network that the administrator named."""
    if any(address in network for network in settings.ENVIRONMENT.webhook_networks):
        return True
    if isinstance(address, ipaddress.IPv6Address) and (inner := _embedded(address)):
        return is_allowed(inner)
    return address.is_global and not address.is_multicast


def _embedded(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    """The IPv4 address that this one leads to."""
    if address in EMBEDDED:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else None)


def _is_inside(url: str) -> bool:
    """Whether an address is plainly not for webhooks; names are looked up when something is sent."""
    try:
        host = httpx.URL(url).host.rstrip(".").lower()
        literal = ipaddress.ip_address("127.0.0.1" if host.rpartition(".")[2] == "localhost" else host)
    except (httpx.InvalidURL, ValueError):
        return False
    return not is_allowed(literal)


def lease(*, now: datetime) -> list[WebhookDelivery]:
    """Take what is due for one receiver, the one that has waited longest; empty when nothing is due.

    A receiver to which somebody is sending is left alone, and one that gave no answer is asked again with one delivery.
    """
    hook_id = _receivers(now).values_list("id", flat=True).first()
    if hook_id is None:
        return []
    candidates = list(_due(now).filter(webhook_id=hook_id).select_related("webhook").order_by("due_at", "id")[:BATCH])
    is_doubtful = any(one.failure and not one.failure.startswith(ANSWERED) for one in candidates)
    return [one for one in candidates[: 1 if is_doubtful else BATCH] if _take(one, now=now)]


def _due(now: datetime) -> Any:
    return WebhookDelivery.objects.filter(
        Q(state=State.QUEUED, due_at__lte=now) | Q(state=State.SENDING, lease_until__lte=now)
    )


def _receivers(now: datetime) -> Any:
    """Those to whom something may be sent now, the longest waiting first."""
    theirs = WebhookDelivery.objects.filter(webhook=OuterRef("pk"))
    silent = theirs.filter(state=State.QUEUED).exclude(failure__startswith=ANSWERED).exclude(failure="")
    lately = Q()
    for made, pause in enumerate(PAUSES, 1):
        lately |= Q(attempts=made, due_at__gt=now + pause - min(pause, QUIET))
    oldest = _due(now).filter(webhook=OuterRef("pk")).order_by("due_at", "id").values("due_at")[:1]
    return (
        Webhook.objects.annotate(oldest=Subquery(oldest))
        .filter(
            ~Exists(theirs.filter(state=State.SENDING, lease_until__gt=now)),
            ~Exists(silent.filter(lately)),
            oldest__isnull=False,
        )
        .order_by("oldest", "id")
    )


def _take(delivery: WebhookDelivery, *, now: datetime) -> bool:
    unchanged = WebhookDelivery.objects.filter(
        pk=delivery.pk, state=delivery.state, lease_until=delivery.lease_until, attempts=delivery.attempts
    )
    delivery.lease_until = now + LEASE
    delivery.attempts += 1
    return bool(unchanged.update(state=State.SENDING, lease_until=delivery.lease_until, attempts=F("attempts") + 1))


def settle(*, delivery: WebhookDelivery, failure: str, now: datetime) -> None:
    """What became of one attempt; `failure` is blank when the other side has it."""
    mine = WebhookDelivery.objects.filter(pk=delivery.pk, state=State.SENDING, lease_until=delivery.lease_until)
    if failure:
        _put_off(mine, failure, now=now)
    else:
        mine.update(state=State.SENT, lease_until=None, failure="")


def unanswered(*, deliveries: Iterable[WebhookDelivery], webhook_id: int, failure: str, now: datetime) -> None:
    """The receiver gave no answer: these, and all that is due for it, count that as an attempt of their own."""
    for delivery in deliveries:
        settle(delivery=delivery, failure=failure, now=now)
    due = WebhookDelivery.objects.filter(webhook_id=webhook_id, state=State.QUEUED, due_at__lte=now)
    _put_off(due, failure, now=now, uncounted=1)


def _put_off(rows: Any, failure: str, *, now: datetime, uncounted: int = 0) -> None:
    """Again after the pause that its number of attempts asks for, or failed. `uncounted`: attempts to be added."""
    over = When(attempts__gt=len(PAUSES) - uncounted, then=Value(State.FAILED))
    pauses = [When(attempts=made - uncounted, then=Value(now + pause)) for made, pause in enumerate(PAUSES, 1)]
    rows.update(
        state=Case(over, default=Value(State.QUEUED)),
        due_at=Case(*pauses, default=F("due_at")),
        attempts=F("attempts") + uncounted,
        lease_until=None,
        failure=failure[:FAILURE_MAX],
    )
