"""Mail that a mail server hands over, one at a time: `pharos mail-in`. The server keeps what we cannot take now."""

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Final, NamedTuple

from pharos.actions import entries
from pharos.channels.email import inbox
from pharos.models import Channel, EntryPoint

# sysexits.h: a mail server goes on trying after the second, and sends the mail back after the third.
OK: Final = 0
NOT_NOW: Final = 75
NOT_EVER: Final = 65
MOST_BYTES: Final = 64 * 2**20
TAGGED: Final = re.compile(r"(?:\+.*|[=_.-][A-Za-z2-7]{32})$")


class Ended(NamedTuple):
    """How it ended: the exit code, and a line for the mail server's log that says nothing of the mail."""

    code: int
    line: str


def hand_over(raw: bytes, *, address: str, house: str, return_path: str | None, now: datetime) -> Ended:
    """Take in one mail that came for `address`. `house`: the organisation's slug, where there are several."""
    if not raw.strip():
        return Ended(NOT_EVER, "this mail is empty")
    if len(raw) > MOST_BYTES:
        return Ended(NOT_EVER, "this mail is larger than 64 MB")
    found = _entries(address, house)
    if len(found) != 1:
        return Ended(NOT_NOW, f"{address} is not set up as mail that is handed over" if not found else "which house?")
    took = inbox.take_in(inbox.Came(raw, found[0], len(raw), return_path=return_path), now=now)
    entries.read(entry=found[0], cursor={}, now=now)
    return Ended(OK, took.how)


def _entries(address: str, house: str) -> list[EntryPoint]:
    rows = EntryPoint.objects.filter(channel=Channel.EMAIL, adapter="pipe", is_on=True).select_related("organisation")
    if house:
        rows = rows.filter(organisation__slug=house)
    for spelling in _spellings(address.strip().strip("<>")):
        if found := list(rows.filter(address__iexact=spelling)):
            return found
    return []


def _spellings(address: str) -> Iterator[str]:
    """As it is, and without what was added so that we know our own mail again."""
    yield address
    local, _, domain = address.rpartition("@")
    yield f"{TAGGED.sub('', local)}@{domain}"
