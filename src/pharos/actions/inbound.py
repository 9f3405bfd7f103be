"""What a door understood of a request, before anything is decided about it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import NamedTuple

from pharos.models import Channel, EntryPoint, Incident, Organisation, SupportNeed, User


class OnBehalf(NamedTuple):
    """Whom it is about, who the writer is to them, and on what ground they write, as they say."""

    name: str
    relation: str
    authority: str


class Looked(NamedTuple):
    """Whom somebody is looking for."""

    name: str
    age: int | None = None
    last_seen: str = ""


@dataclass(frozen=True, kw_only=True)
class Inbound:
    """A request as a door understood it. `door` and `key` together name the delivery; `digest` is of what was sent.

    A door whose carrier numbers messages as well gives that number as `other_key`: either names the delivery.
    What came by a carrier says where it came in (`entry`), from where (`address`) and the carrier's number of it; the
    address is then how we answer. Without `acknowledge` nothing is written back by itself: it was no person's mail.
    """

    organisation: Organisation
    door: str
    key: str
    digest: str
    channel: Channel
    language: str
    text: str
    other_key: str = ""
    entry: EntryPoint | None = None
    address: str = ""
    carrier_id: str = ""
    subject: str = ""
    is_public: bool = False
    quoted: str = ""
    html: str = ""
    not_taken: tuple[Mapping[str, str], ...] = ()
    acknowledge: bool = True
    incident: Incident | None = None
    name: str = ""
    email: str = ""
    phone: str = ""
    handle: str = ""
    booking: str = ""
    request_type: str = ""
    needed_by: date | None = None
    time_zone: str = ""
    danger: bool = False
    needs: tuple[str, ...] = ()
    needs_words: str = ""
    needs_basis: str = SupportNeed.Basis.CONSENT
    needs_way: str = SupportNeed.Way.FORM
    attachments: tuple[str, ...] = ()
    arrived: datetime | None = None  # when the person spoke, where that was before now: their place counts from then
    taken_by: User | None = None  # the colleague who took it down
    behalf: OnBehalf | None = None  # the writer asks for somebody else
    looked_for: Looked | None = None
    taken_how: Mapping[str, str] = field(default_factory=dict)  # kept in the trail: never words of the person

    @property
    def keys(self) -> list[str]:
        """Under what the delivery is known."""
        return [key for key in (self.key, self.other_key) if key]
