"""The roads of carriers into a centre, each as its carrier uses it: signed webhooks, SMTP, the pages of the chat."""

import asyncio
import base64
import hashlib
import hmac
import json
import smtplib
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import localtime
from typing import Any
from urllib.parse import urlsplit

from pharos.api.replay.wave import Row

MAIL_TIMEOUT_S = 30.0


@dataclass(frozen=True)
class Call:
    """A webhook as its carrier calls it."""

    url: str
    body: bytes
    headers: Mapping[str, str]


@dataclass(frozen=True)
class Road:
    """One entry point of the centre. `key`: what its carrier and the centre share."""

    channel: str
    adapter: str
    address: str
    url: str
    key: str
    door: str


def key_of(row: Row, road: Road) -> str:
    """The carrier's id of this row; sent again, it is the same."""
    return f"<{row.id}@replay.invalid>" if road.channel == "email" else f"replay-{row.id}"


def call(row: Row, road: Road, *, at_s: float) -> Call | None:
    """The webhook for a row; None when its carrier would not know from whom it is."""
    made = {"sms_http": _text, "social_http": _social}.get(road.adapter)
    return made(row, road, at_s) if made else None


def _text(row: Row, road: Road, _at_s: float) -> Call | None:
    if not row.phone:
        return None
    body = json.dumps({"id": key_of(row, road), "from": row.phone, "text": row.text}).encode()
    signature = hmac.digest(road.key.encode(), body, hashlib.sha256).hex()
    return Call(road.url, body, {"Content-Type": "application/json", "X-Pharos-Signature": signature})


def _social(row: Row, road: Road, at_s: float) -> Call | None:
    """In private: what a person writes in public names nobody's booking."""
    name = row.name or row.email.partition("@")[0] or row.phone
    if not name:
        return None
    handle = "".join(one for one in name.lower() if one.isalnum() or one in "._-")
    said = {
        "id": key_of(row, road),
        "network": "replay",
        "from": {"handle": handle, "name": row.name},
        "text": row.text,
        "public": False,
        "language": row.language,
    }
    return Call(road.url, body := json.dumps(said).encode(), _signed(road, key_of(row, road), body, at_s))


def _signed(road: Road, name: str, body: bytes, at_s: float) -> dict[str, str]:
    """The headers of Standard Webhooks."""
    timestamp = str(int(at_s))
    signed = hmac.digest(road.key.encode(), b".".join([name.encode(), timestamp.encode(), body]), hashlib.sha256)
    return {
        "Content-Type": "application/json",
        "webhook-id": name,
        "webhook-timestamp": timestamp,
        "webhook-signature": f"v1,{base64.b64encode(signed).decode()}",
    }


def mail(row: Row, road: Road) -> EmailMessage | None:
    """The mail that the person of this row writes; None for another channel, or without an address to write from."""
    local, _, domain = row.email.rpartition("@")
    if road.channel != "email" or not local:
        return None
    made = EmailMessage(policy=SMTP)
    with suppress(ValueError, IndexError):
        made["From"] = Address(row.name, local, domain)
        made["To"] = road.address
        made["Date"] = localtime()
        made["Message-ID"] = key_of(row, road)
        made["Subject"] = " ".join([*row.text.split()[:6], row.booking]).strip()[:120]
        made.set_content("\n\n".join(part for part in (row.text, row.booking, row.phone) if part))
        return made
    return None


class Post:
    """A mail server that is handed one mail after the other, over a connection that is made anew when it was lost."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._where = parts.hostname or "127.0.0.1", parts.port or 25
        self._turn = asyncio.Lock()
        self._server: smtplib.SMTP | None = None

    async def hand_over(self, made: EmailMessage) -> float:
        """Returns the seconds it took; raises OSError or `smtplib.SMTPException` when the server did not take it."""
        async with self._turn:
            began = time.monotonic()
            try:
                await asyncio.to_thread(self._send, made)
            except (OSError, smtplib.SMTPException):
                self._server = None
                await asyncio.to_thread(self._send, made)
            return time.monotonic() - began

    def _send(self, made: EmailMessage) -> None:
        if self._server is None:
            self._server = smtplib.SMTP(*self._where, timeout=MAIL_TIMEOUT_S)
        self._server.send_message(made)

    def close(self) -> None:
        """Say goodbye."""
        if self._server is not None:
            with suppress(OSError, smtplib.SMTPException):
                self._server.quit()


def read(made: Mapping[str, Any]) -> dict[str, Road]:
    """The roads that a centre tells of, by channel."""
    return {one["channel"]: Road(**one) for one in made.get("entries", ())}
