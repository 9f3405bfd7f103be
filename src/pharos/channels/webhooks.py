"""Telling other systems: signed, to addresses they may have, and none of them waits for another that is slow."""

import base64
import hashlib
import hmac
import json
import ssl
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from functools import cache

import httpcore
import httpx

from pharos.actions import webhooks
from pharos.channels.outside import Outside
from pharos.models import WebhookDelivery

AT_A_TIME = 4  # to one receiver
WITHIN_S = 10.0  # for looking up, connecting, sending and the answer together


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
        status = _post(httpx.URL(delivery.webhook.url), headers, payload)
    except (httpx.InvalidURL, OSError, ValueError, *_HTTP_ERRORS) as error:
        return f"{type(error).__name__}: {error}".rstrip(": ")
    return "" if 200 <= status < 300 else f"{webhooks.ANSWERED}{status}"


_HTTP_ERRORS = (httpcore.NetworkError, httpcore.TimeoutException, httpcore.ProtocolError, httpcore.UnsupportedProtocol)


def _post(url: httpx.URL, headers: dict[str, str], payload: bytes) -> int:
    """The status of the answer, whose body nobody reads. Redirects are not followed."""
    target = httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path)
    if url.userinfo:
        headers = headers | {"authorization": "Basic " + base64.b64encode(url.userinfo).decode()}
    with (
        httpcore.ConnectionPool(ssl_context=_trust(), network_backend=Outside(within_s=WITHIN_S)) as pool,
        pool.stream("POST", target, headers=list(headers.items()), content=payload) as response,
    ):
        return response.status


@cache
def _trust() -> ssl.SSLContext:
    return httpx.create_ssl_context(trust_env=False)


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
