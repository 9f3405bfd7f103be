"""Calls over the wire: before anybody answers them."""

from typing import Annotated, Literal

from pydantic import Field

from pharos.api import fields
from pharos.api.schemas import Incoming, Outgoing


class CallIn(Incoming):
    """A call that came in, before anybody answers it; all of it may be left out."""

    incident: Annotated[fields.Line60, Field(description="Slug; empty: whichever open incident has a window.")] = ""
    language: fields.Language = ""
    phone: Annotated[fields.Line60, Field(description="The number it comes from.")] = ""
    booking: fields.Line40 = ""
    key: Annotated[fields.MenuKey, Field(description="The key that was pressed last, 0 to 9.")] = ""
    danger: Annotated[fields.Flag, Field(description="Danger to life, as said by the caller or by staff.")] = False
    needed_by: Annotated[fields.Day, Field(description="The date it is needed by, when the caller gave one.")] = None
    time_zone: Annotated[fields.TimeZone, Field(description="The caller's; empty: the incident's.")] = ""


class KeyOut(Outgoing):
    """A key of the menu, and how a caller may say it."""

    key: str
    code: str
    say: str


class WindowOut(Outgoing):
    """What the phone window means for this call."""

    connect: bool = Field(description="Put it through, or into the line, at once. False only for who travels later.")
    announce: bool = Field(description="Play `say` first; whoever then stays on the line is put through.")
    why: Literal["no_window", "danger", "extra_help", "person", "within_days", "no_date", "later"] = Field(
        description="`extra_help` for the key and for a recorded need alike: which it was is not told."
    )
    days: int | None
    say: str
    offers: list[KeyOut]
