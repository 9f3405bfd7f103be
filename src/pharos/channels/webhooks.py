"""Telling other systems: signed, to addresses they may have, and none of them waits for another that is slow."""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

from pharos.actions import webhooks
from pharos.channels.calls import WITHIN_S, NoAnswer, call
from pharos.models import WebhookDelivery

AT_A_TIME = 4  # to one receiver


def deliver_due(*, clock: Callable[[], datetime], going: Callable[[], bool]) -> int:
    """Send what is due to one receiver, outside any transaction; returns how many were leased.

    The first delivery finds out whether the receiver is there; if not, the others are not tried.
    """
    leased = webhooks.lease(now=clock()) if going() else []
    if not leased:
        return 0
    first, *others = leased
    failure = _send(first, now=clock())
    webhooks.settle(delivery=first, failure=failure, now=clock())
    if failure and not failure.startswith(webhooks.ANSWERED):
        webhooks.unanswered(deliveries=others, webhook_id=first.webhook_id, failure=failure, now=clock())
        return len(leased)
    if others:
        now = clock()
        with ThreadPoolExecutor(max_workers=min(AT_A_TIME, len(others))) as pool:  # HTTP alone; rows stay here
            for delivery, said in zip(others, pool.map(lambda one: _send(one, now=now), others), strict=True):
                webhooks.settle(delivery=delivery, failure=said, now=clock())
    return len(leased)


def _send(delivery: WebhookDelivery, *, now: datetime) -> str:
    """One attempt; blank when the receiver has it, else why not."""
    payload = json.dumps(delivery.body, separators=(",", ":")).encode()
    headers = {"content-type": "application/json", "user-agent": "Pharos-Webhooks/1"}
    headers |= signed(delivery.webhook.secret, message_id=f"msg_{delivery.pk}", payload=payload, now=now)
    try:
        answer = call("POST", delivery.webhook.url, headers=headers, content=payload, within_s=WITHIN_S, most_bytes=0)
    except NoAnswer as error:
        return error.reason
    return "" if 200 <= answer.status < 300 else f"{webhooks.ANSWERED}{answer.status}"


def signed(secret: str, *, message_id: str, payload: bytes, now: datetime) -> dict[str, str]:
    """The three headers of a Standard Webhooks message; the receiver signs the same bytes and compares."""
    timestamp = str(int(now.timestamp()))
    key = base64.b64decode(secret.removeprefix(webhooks.SECRET_PREFIX))
    signature = hmac.digest(key, b".".join([message_id.encode(), timestamp.encode(), payload]), hashlib.sha256)
    return {
        "webhook-id": message_id,
        "webhook-timestamp": timestamp,
        "webhook-signature": "v1," + base64.b64encode(signature).decode(),
    }
