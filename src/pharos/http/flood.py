"""Holding off floods without refusing anybody: beyond a rate a form asks to write down a number, with all kept."""

import secrets
from datetime import datetime

from django.conf import settings
from django.core import signing
from django.core.cache import cache
from django.http import HttpRequest

from pharos.content.dates import plain_digits

FREE_PER_MINUTE = 30
SALT = "pharos.flood"
VALID_S = 3600


def address_of(request: HttpRequest) -> str:
    """The sender's address; a proxy is believed only when the administrator named it."""
    direct = str(request.META.get("REMOTE_ADDR", ""))
    if direct not in settings.ENVIRONMENT.trusted_proxies:
        return direct
    return request.headers.get("X-Forwarded-For", direct).rpartition(",")[2].strip()


def is_flood(request: HttpRequest, *, now: datetime) -> bool:
    """Whether this address has sent more than its share this minute. This machine's own programs have no share."""
    address = address_of(request)
    if address in {"127.0.0.1", "::1"}:
        return False
    return is_beyond(address, now=now)


def is_beyond(name: str, *, now: datetime) -> bool:
    """Whether more than a share has come under this name this minute; it is counted now."""
    key = f"flood:{name}:{now:%H%M}"
    cache.add(key, 0, timeout=120)
    return int(cache.incr(key)) > FREE_PER_MINUTE


def challenge() -> tuple[str, str]:
    """A number to write down, and the signed proof of which number it was."""
    number = str(secrets.randbelow(9000) + 1000)
    return number, signing.dumps(number, salt=SALT)


def is_met(proof: str, answer: str) -> bool:
    """Whether the number was written, in whatever digits."""
    try:
        number = str(signing.loads(proof, salt=SALT, max_age=VALID_S))
    except signing.BadSignature:
        return False
    return plain_digits(answer).strip() == number
