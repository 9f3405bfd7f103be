"""Any other network, over a bridge of your own: signed JSON comes in, and signed JSON goes out. See docs/social.md."""

import base64
import binascii
import hashlib
import hmac
import json
import time
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, Literal

from pharos.channels import DeliveryError, Outbound, Via
from pharos.channels.social import plain
from pharos.channels.social.asking import ask

ADAPTER: Final = "social_http"
ID: Final = "webhook-id"
AT: Final = "webhook-timestamp"
SIGNATURE: Final = "webhook-signature"
TOLERANCE_S: Final = 300  # between their clock and ours
ID_MAX: Final = 180
LATER: Final = (401, 403, 408, 425, 429)  # the bridge's own trouble, not this message's
PREFIX: Final = "whsec_"
KEY_BYTES: Final = 16  # at least, of a secret

Sort = Literal["direct", "answer", "post"]


def send(outbound: Outbound, via: Via) -> str:
    """A message to one person. The bridge is told that it is for them alone."""
    body = plain.naming_nobody(outbound.body)
    return tell(
        via,
        sort="direct",
        key=f"{outbound.sender.house}-{outbound.key}",
        text=body,
        language=outbound.language,
        to=outbound.address,
        in_reply_to=outbound.in_reply_to,
    )


def tell(via: Via, *, sort: Sort, key: str, text: str, language: str, to: str = "", in_reply_to: str = "") -> str:
    """Hand one message or post to the bridge; its own id for it, or ours when it names none."""
    if sort == "direct" and not is_sender(to):
        raise DeliveryError("this is not an address on a social network", permanent=True)
    told = {"type": sort, "id": key, "to": to, "text": text, "language": language, "in_reply_to": in_reply_to}
    payload = json.dumps({name: value for name, value in told.items() if value}, separators=(",", ":")).encode()
    headers = {
        "content-type": "application/json",
        **signed(via.secret, message_id=key, payload=payload, at_s=time.time()),
    }
    answer = ask("POST", str(via.options.get("url", "")), headers=headers, body=payload)
    if not 200 <= answer.status < 300:
        passing = answer.status in LATER or answer.status >= 500 or answer.status < 400
        after = answer.headers.get("retry-after", "")
        wait_s = float(after) if after.isdecimal() and answer.status in (429, 503) else None
        raise DeliveryError(f"HTTP {answer.status} from the bridge", permanent=not passing, wait_s=wait_s)
    given = answer.json.get("id") if isinstance(answer.json, dict) else None
    return plain.clean(str(given))[:ID_MAX] if given else key


def signed(secret: Mapping[str, Any], *, message_id: str, payload: bytes, at_s: float) -> dict[str, str]:
    """The three headers that show that a message is ours: Standard Webhooks with the shared key."""
    timestamp = str(int(at_s))
    return {ID: message_id, AT: timestamp, SIGNATURE: "v1," + _signature(secret, message_id, timestamp, payload)}


def is_signed(secret: Mapping[str, Any], headers: Mapping[str, str], payload: bytes, *, now: datetime) -> bool:
    """Whether a message was signed with the shared key, lately."""
    message_id, timestamp = headers.get(ID, ""), headers.get(AT, "")
    if not message_id or not timestamp.isdecimal() or len(_key(secret)) < KEY_BYTES:
        return False
    if abs(now.timestamp() - int(timestamp[:12])) > TOLERANCE_S:
        return False
    expected = "v1," + _signature(secret, message_id, timestamp, payload)
    given = headers.get(SIGNATURE, "").split()
    return any(hmac.compare_digest(expected.encode(), one.encode()) for one in given)


def is_sender(text: str) -> bool:
    """Whether this names somebody on a network: network:@name, in one line."""
    network, _, name = text.partition(":@")
    return bool(network.isidentifier() and name) and not any(one.isspace() or ord(one) < 32 for one in text)


def _signature(secret: Mapping[str, Any], message_id: str, timestamp: str, payload: bytes) -> str:
    what = b".".join([message_id.encode(), timestamp.encode(), payload])
    return base64.b64encode(hmac.digest(_key(secret), what, hashlib.sha256)).decode()


def _key(secret: Mapping[str, Any]) -> bytes:
    """The shared key: as Standard Webhooks write it (whsec_ and base64), else the text as it is."""
    text = str(secret.get("key", ""))
    if text.startswith(PREFIX):
        try:
            return base64.b64decode(text.removeprefix(PREFIX), validate=True)
        except binascii.Error:
            return b""
    return text.encode()
