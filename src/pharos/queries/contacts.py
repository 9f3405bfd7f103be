"""What is told about one contact."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Literal, NamedTuple

from pharos import content
from pharos.content.calendars import local_digits
from pharos.models import Contact
from pharos.queries import floor
from pharos.queries.organisations import site

Audience = Literal["public", "staff"]
PlaceOf = Callable[..., int | None]  # of a contact, now


class ReasonText(NamedTuple):
    """One reason as data and in the reader's language."""

    code: str
    params: Mapping[str, Any]
    text: str


class Told(NamedTuple):
    """What a reader is told about where a contact stands. Times are None while we can't say."""

    reasons: list[ReasonText]
    wait_low_s: int | None
    wait_high_s: int | None
    promise_by: datetime | None
    position: int | None
    page_url: str


def told(
    contact: Contact,
    *,
    language: str,
    now: datetime,
    audience: Audience = "public",
    place_of: PlaceOf = floor.place,
) -> Told:
    """Place, reasons, wait and promise of a contact, for the person or for staff."""
    return Told(
        reasons=reason_texts(contact.reasons, language=language, audience=audience),
        wait_low_s=contact.wait_low_s,
        wait_high_s=contact.wait_high_s,
        promise_by=contact.promise_by,
        position=place_of(contact=contact, now=now),
        page_url=page_url(contact),
    )


def reason_texts(reasons: list[dict[str, Any]], *, language: str, audience: Audience) -> list[ReasonText]:
    """Reasons in the reader's language. The public is never told the code of a need."""
    return [_reason_text(reason["code"], reason.get("params", {}), language, audience) for reason in reasons]


def _reason_text(code: str, params: dict[str, Any], language: str, audience: Audience) -> ReasonText:
    known = content.reasons()[_worded(code, params)]
    texts = known.public if audience == "public" else known.staff
    said = content.pick(texts, language)
    names = {
        name: local_digits(params[name], said.language) for name in content.placeholders(texts["en"]) if name in params
    }
    shown = {} if audience == "public" and code == "need" else params
    return ReasonText(code, shown, content.fill(said.text, **names))


def _worded(code: str, params: dict[str, Any]) -> str:
    """The wording of a reason: tomorrow has its own, and a need is worded by its weight."""
    if code == "leaves_in_days" and params.get("days") == 1:
        return "leaves_tomorrow"
    if code == "need":
        return "need_cannot_wait" if params.get("weight") == 3 else "need_harder"
    return code


def page_url(contact: Contact) -> str:
    """The address of the person's own page; empty when it was revoked."""
    if not contact.page_token:
        return ""
    return f"{site(contact.organisation)}/{contact.language}/r/{contact.page_token}/"
