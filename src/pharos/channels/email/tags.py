"""Marks of ours that come back: the ids of our mails, and a tag in the address that answers go to.

Both name one message to one person, so the answers of two people never meet. Neither can be made without the secret,
and a tag shows nobody which message it names.
"""

import base64
import binascii
import hashlib
import hmac
import re
from typing import Final

KEY: Final = re.compile(r"([a-z])(\d{1,16})")
OWN_ID: Final = re.compile(r"<([a-z]\d{1,16})\.[0-9a-f]{24}@[^<>@\s]{0,255}>")
TAG: Final = re.compile(r"[+=_.-]([a-z2-7]{32})$")
LOCAL_MOST: Final = 64  # RFC 5321
SEALED: Final = 12  # bytes of the seal; 8 of what it seals
SEPARATORS: Final = frozenset("+-")


def message_id(key: str, *, domain: str, secret: str) -> str:
    """An id that is ours, is not to be guessed, and is the same when a mail is sent once more."""
    return f"<{key}.{_sealed('mail', key.encode(), secret).hex()[:24]}@{domain}>"


def own_key(message_id: str, *, secret: str) -> str:
    """The key of the message that an id of ours names; blank for any other id."""
    match = OWN_ID.fullmatch(message_id)
    if match is None:
        return ""
    ours = _sealed("mail", match[1].encode(), secret).hex()[:24]
    said = message_id[len(match[1]) + 2 :][:24]
    return match[1] if hmac.compare_digest(ours, said) else ""


def tagged_address(mailbox: str, key: str, *, separator: str, secret: str) -> str:
    """The mailbox's address with the tag of this message; the plain one when there is no room for it."""
    local, _, domain = mailbox.rpartition("@")
    tagged = f"{local}{separator}{tag(key, secret=secret)}"
    return f"{tagged}@{domain}" if separator in SEPARATORS and len(tagged) <= LOCAL_MOST else mailbox


def tag(key: str, *, secret: str) -> str:
    """32 letters and digits that name a message to us alone. Whatever changes capitals on the way does no harm."""
    match = KEY.fullmatch(key)
    if match is None:
        raise ValueError(f"no key of a message: {key}")
    named = match[1].encode() + int(match[2]).to_bytes(7)
    seal = _sealed("mail tag", named, secret)[:SEALED]
    return base64.b32encode(seal + _veiled(named, seal, secret)).decode().lower()


def tagged(address: str, *, secret: str) -> str:
    """The key of the message that the tag in an address names; blank when it has none, or one that is not ours."""
    match = TAG.search(address.rpartition("@")[0].lower())
    if match is None:
        return ""
    try:
        raw = base64.b32decode(match[1].upper())
    except binascii.Error:
        return ""
    seal, named = raw[:SEALED], _veiled(raw[SEALED:], raw[:SEALED], secret)
    if not hmac.compare_digest(seal, _sealed("mail tag", named, secret)[:SEALED]):
        return ""
    return f"{chr(named[0])}{int.from_bytes(named[1:])}"


def _sealed(purpose: str, what: bytes, secret: str) -> bytes:
    return hmac.digest(secret.encode(), f"{purpose} ".encode() + what, hashlib.sha256)


def _veiled(what: bytes, seal: bytes, secret: str) -> bytes:
    """The same twice gives back the first."""
    veil = _sealed("mail tag veil", seal, secret)
    return bytes(one ^ other for one, other in zip(what, veil, strict=False))
