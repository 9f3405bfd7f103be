"""What becomes of a text: the address at which the carrier says so, signed, and what its words mean."""

from collections.abc import Mapping
from typing import Final, NamedTuple

from django.core import signing
from django.urls import reverse

from pharos.actions.receipts import Verdict
from pharos.models import EntryPoint
from pharos.queries.organisations import site

SALT: Final = "pharos.sms.report"
STATES: Final[Mapping[str, Verdict]] = {
    **dict.fromkeys(("accepted", "scheduled", "queued", "sending", "sent", "buffered", "enroute"), Verdict.UNDER_WAY),
    **dict.fromkeys(("delivered", "read"), Verdict.DELIVERED),
    **dict.fromkeys(("undelivered", "failed", "rejected", "canceled", "expired"), Verdict.FAILED),
}


class Named(NamedTuple):
    """The message, and which attempt to send it, that a report is about."""

    message_id: int
    attempt: int


def callback_url(entry: EntryPoint, *, key: str, attempt: int) -> str:
    """Where the carrier tells what became of this attempt; nobody can make such an address but we."""
    tag = _signer().sign(f"{key}.{attempt}").replace(":", "~")
    return site(entry.organisation) + reverse("sms_report", kwargs={"token": entry.token, "tag": tag})


def named(tag: str) -> Named | None:
    """What an address of ours names; None for one that we did not make."""
    try:
        key, _, attempt = _signer().unsign(tag.replace("~", ":")).rpartition(".")
        return Named(int(key.removeprefix("m")), int(attempt))
    except (signing.BadSignature, ValueError):
        return None


def _signer() -> signing.Signer:
    return signing.Signer(salt=SALT)
