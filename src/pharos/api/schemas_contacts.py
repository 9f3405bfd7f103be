"""Contacts over the wire, in both directions."""

from datetime import date, datetime
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from pharos.api import fields
from pharos.api.schemas import Incoming, Outgoing

NEEDS_MAX = 50

ChannelCode = Literal["web", "email", "sms", "chat", "voice", "social", "staff"]
StateCode = Literal["waiting", "offered", "active", "pending", "wrap_up", "closed"]
Needs = Annotated[
    list[fields.NeedCode],
    BeforeValidator(lambda value: [] if value is None else value),
    Field(max_length=NEEDS_MAX),
]


class PersonIn(Incoming):
    """Who asks; all of it may be left out."""

    name: fields.Line200 = ""
    email: fields.Email = ""
    phone: fields.Line60 = ""


class BehalfIn(Incoming):
    """Whom it is about, when the person asks for somebody else. What may be said to them, staff decide."""

    name: fields.Line200 = ""
    relation: Literal["", "parent", "family", "friend", "carer", "helper", "legal"] = ""
    authority: Annotated[
        Literal["told", "parent", "legal", "none"],
        Field(description="On what ground they write: asked to, parent of a minor, by law, or none that is known."),
    ] = "none"


class EnquiryIn(Incoming):
    """Whom the person is looking for."""

    name: Annotated[fields.Line200, Field(min_length=1)]
    age: Annotated[int | None, Field(ge=0, le=130)] = None
    last_seen: Annotated[str, Field(max_length=300), BeforeValidator(fields.one_line)] = ""


class ContactIn(Incoming):
    """A request for help that came in somewhere. Only `channel` must be there, and something to go by."""

    channel: ChannelCode
    incident: Annotated[fields.Line60, Field(description="Slug of a declared incident; empty: none.")] = ""
    language: Annotated[
        fields.Language, Field(description="Language of the text, as an RFC 5646 tag; empty: the organisation's first.")
    ] = ""
    text: Annotated[fields.Text, Field(description="The person's words, up to 1,048,576 characters.")] = ""
    person: Annotated[PersonIn, BeforeValidator(lambda value: {} if value is None else value)] = PersonIn()
    booking: fields.Line40 = ""
    request_type: fields.RequestType = ""
    needed_by: Annotated[fields.Day, Field(description="The date it is needed by; a past one is asked about.")] = None
    time_zone: Annotated[
        fields.TimeZone, Field(description="The person's; empty: the incident's, else the organisation's.")
    ] = ""
    danger: Annotated[fields.Flag, Field(description="Danger to life, as said by the person or by staff.")] = False
    needs: Needs = Field([], description="What the person needs from us, as codes; kept in the register.")
    needs_basis: Annotated[
        fields.NeedsBasis, Field(description="On what ground they may be kept: the person's consent, or another.")
    ] = "consent"
    on_behalf: Annotated[
        BehalfIn | None, Field(description="The person asks for somebody else; answers go to who asks.")
    ] = None
    looking_for: EnquiryIn | None = None
    carrier_id: Annotated[
        fields.Key, Field(description="Your own id of this message; sent again, it is the same contact.")
    ] = ""

    @model_validator(mode="after")
    def _something_to_go_by(self) -> Self:
        if not (self.text.strip() or self.danger or self.request_type or self.needs or self.channel == "voice"):
            raise PydanticCustomError("empty", "Say what it is about: text, request_type, needs or danger.")
        return self


class ReasonOut(Outgoing):
    """Why the contact stands where it stands: as a code with its values, and in the caller's language."""

    code: str
    text: str = Field(description="For staff.")
    public_text: str = Field(description="For the person; never names a need.")
    params: dict[str, Any]


class WaitOut(Outgoing):
    """What we honestly expect, from now on; null while we can't say yet."""

    low_s: int | None
    high_s: int | None


class PromiseOut(Outgoing):
    """The moment by which a person answers, as told; null while we can't say yet."""

    by: datetime | None
    broken_at: datetime | None = None


class LinksOut(Outgoing):
    """Where to go on: the person's own page, and this object."""

    page: str
    self: str


class WarningOut(Outgoing):
    """Something that was sent and could not be used as it was; the contact stands."""

    pointer: str
    detail: str


class ContactOut(Outgoing):
    """Where a contact stands."""

    reference: str
    state: StateCode
    band: int
    reasons: list[ReasonOut]
    wait: WaitOut
    promise: PromiseOut
    position: int | None = Field(description="1 is the next to be served; null when it does not wait.")
    links: LinksOut
    incident: str | None
    channel: ChannelCode
    language: str
    request_type: str
    needed_by: date | None
    arrived_at: datetime
    first_answered_at: datetime | None
    closed_at: datetime | None
    merged_into: str | None = Field(
        None, description="The reference of the contact in whose place it waits: both seem to be one person's."
    )
    warnings: list[WarningOut] = Field([])


class MessageOut(Outgoing):
    """One message of a contact, in or out, or a colleague's note."""

    id: int
    direction: Literal["in", "out", "note"]
    sort: str
    channel: ChannelCode
    state: str
    language: str
    subject: str
    text: str
    author: str | None
    created_at: datetime
    settled_at: datetime | None


class EventOut(Outgoing):
    """One thing that happened to a contact."""

    at: datetime
    code: str
    by: str | None
    data: dict[str, Any]


class ToldOut(Outgoing):
    """A promise as it was told, and what became of it."""

    told_at: datetime
    by: datetime | None
    low_s: int | None
    high_s: int | None
    settled_at: datetime | None
    kept: bool | None


class ContactDetailOut(ContactOut):
    """A contact with all that was said and done."""

    person: dict[str, str]
    booking: str
    needs: list[str] = Field(description="Codes, for a caller who may read them; each reading is kept.")
    helps: list[str] = Field(description="What helps the person, as codes of accommodations.")
    danger: bool
    disposition: str
    summary: str
    merged: list[str] = Field([], description="The references of the contacts that wait in its place.")
    promises: list[ToldOut] = Field(description="All that was told, the first one first.")
    messages: list[MessageOut]
    events: list[EventOut]


class DeliveryOut(Outgoing):
    """The contact that a delivered message became, or joined."""

    reference: str
