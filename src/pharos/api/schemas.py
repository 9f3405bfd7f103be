"""What goes over the wire, in both directions."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Any, ClassVar, Final, Literal, Self

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ModelWrapValidatorHandler,
    PrivateAttr,
    model_validator,
)
from pydantic_core import PydanticCustomError

from pharos.api import fields

NEEDS_MAX = 50
LISTED_MAX = 10_000
LISTED = 100

ChannelCode = Literal["web", "email", "sms", "chat", "voice", "social", "staff"]
KindCode = Literal["live", "written"]
StateCode = Literal["waiting", "offered", "active", "pending", "wrap_up", "closed"]
CueSort = Literal["danger", "distress", "frustration", "hostility", "confusion", "urgency", "request", "need", "style"]
StatusCode = Literal["available", "break", "offline"]
Needs = Annotated[
    list[fields.NeedCode],
    BeforeValidator(lambda value: [] if value is None else value),
    Field(max_length=NEEDS_MAX),
]


class Incoming(BaseModel):
    """A body that we read. A field that we do not know is left out and named in the answer: it costs nobody a place."""

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="ignore", strict=True)
    _unknown: tuple[str, ...] = PrivateAttr(default=())

    @model_validator(mode="wrap")
    @classmethod
    def _note_unknown(cls, data: Any, handler: ModelWrapValidatorHandler[Self]) -> Self:
        model = handler(data)
        if isinstance(data, Mapping):
            model._unknown = tuple(str(fields.storable(key)) for key in data if key not in cls.model_fields)
        return model

    @property
    def unknown(self) -> tuple[str, ...]:
        """Names that were sent and are none of ours."""
        return self._unknown


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
    needs: Annotated[Needs, Field(description="What the person needs from us, as codes; kept in the register.")] = []
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


class StatusIn(Incoming):
    """What an agent is about to do."""

    status: StatusCode


class ReplyIn(Incoming):
    """Words to the person."""

    text: Annotated[fields.Text, Field(min_length=1)]


class CloseIn(Incoming):
    """How it ended, and the summary that the person gets."""

    disposition: fields.Disposition
    summary: Annotated[fields.Text, Field(min_length=1)]


SEEN: Final = "The highest `id` of the cues that you had before you. What came later is not answered by this."


class VerdictIn(Incoming):
    """Whether a suggestion is right."""

    sort: CueSort
    code: Annotated[
        fields.Line60, Field(description="Of the request, the need or the way of talking; empty: the sort again.")
    ] = ""
    is_right: bool
    seen: Annotated[int, Field(ge=1, description=SEEN)]


class PutRightIn(Incoming):
    """What is right about words that were answered: danger to life, or none."""

    id: Annotated[int, Field(ge=1, lt=2**63, description="Of one of the cues that were answered together.")]
    is_right: Annotated[bool, Field(description="Whether the words may mean danger to life.")]
    reason: Annotated[fields.Line300, Field(description="Why; your colleague reads it. It may be empty.")] = ""


class IdentityIn(Incoming):
    """The code that the person told, or how else it is known who they are. One of the two."""

    code: Annotated[fields.Line40, Field(description="Six digits.")] = ""
    way: Annotated[
        Literal["", "booking", "called_back", "document"],
        Field(description="They knew the booking; you called the number known from before; they showed a document."),
    ] = ""

    @model_validator(mode="after")
    def _one_of_them(self) -> Self:
        if bool(self.code) == bool(self.way):
            raise PydanticCustomError("one_of", "Send `code` or `way`.")
        return self


class Outgoing(BaseModel):
    """A body that we write."""

    model_config: ClassVar[ConfigDict] = ConfigDict(frozen=True)


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
    warnings: list[WarningOut] = []


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


class QueuedOut(Outgoing):
    """A waiting contact in the serving order."""

    model_config: ClassVar[ConfigDict] = ConfigDict(frozen=True, populate_by_name=True, serialize_by_alias=True)

    reference: str
    band: int
    class_: str = Field(alias="class", description="Band and kind of channel, such as `1-live`.")
    index: float = Field(description="How much of its target is used up, head start included.")
    guard: bool = Field(description="Served from the guard lane: its promise is due.")
    promise: PromiseOut
    reasons: list[ReasonOut]


class QueueOut(Outgoing):
    """The waiting contacts in the order in which they will be served."""

    items: list[QueuedOut]


class AheadOut(Outgoing):
    """Somebody who goes before the contact, and why."""

    reference: str
    band: int
    index: float
    why: str = Field(
        description="`danger`, `guard` (its promise is due), `raised`, `callback_due`, or `largest_index`."
    )


class PickOut(Outgoing):
    """One offer of the contact to an agent: why it was next, and whom it was preferred to."""

    at: datetime
    agent: str
    why: str
    index: float
    guard: bool
    fit: str = Field(
        description="Why this agent: `met_before`, `specialist`, `no_specialist` (none was free), or blank."
    )
    runner_up: dict[str, Any] | None
    state: str


class OverrideOut(Outgoing):
    """A change of place by hand. `band` is null for the front of the line."""

    at: datetime
    by: str | None
    band: int | None
    reason: str
    undone_at: datetime | None


class WhyOut(Outgoing):
    """Why a contact is where it is. `index` and `position` are null unless it waits."""

    reference: str
    state: StateCode
    band: int
    reasons: list[ReasonOut]
    index: float | None
    counts_since: datetime = Field(description="The virtual arrival: since when its wait counts.")
    position: int | None
    ahead: list[AheadOut] = Field(description="The nearest of those before it.")
    picks: list[PickOut]
    promises: list[ToldOut]
    overrides: list[OverrideOut]


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


class CueOut(Outgoing):
    """One thing that one message suggests."""

    id: int
    message: int = Field(description="The id of the message.")
    sort: CueSort
    code: str
    score: float = Field(description="From 0.5 to 1: how strongly the words speak; no chance.")
    places: list[tuple[int, int]] = Field(
        description="Where in the message the words stand that made it: from, up to, in characters of its text; of one"
        " with a subject, in the subject, two line breaks and the text."
    )
    kinds: list[str] = Field(description="Of danger: what it is about.")
    language: str
    source: Literal["lexicon", "model", "both"] = Field(description="What found it.")
    state: Literal["open", "confirmed", "dismissed"] = Field(description="What a person said of it.")
    found_at: datetime


class CuesOut(Outgoing):
    """What the words of a contact suggest, danger first."""

    items: list[CueOut]


class VerdictCountOut(Outgoing):
    """How often one meaning, in one language and found in one way, was right and was not."""

    sort: CueSort
    code: str
    language: str
    source: Literal["lexicon", "model", "both"]
    right: int
    wrong: int


class VerdictsOut(Outgoing):
    """What people said of suggestions."""

    items: list[VerdictCountOut]


class WaitingOut(Outgoing):
    """How many wait in one queue, band and kind of channel."""

    queue: str
    band: int
    kind: KindCode
    waiting: int
    oldest: datetime | None


class DeliveryOut(Outgoing):
    """The contact that a delivered message became, or joined."""

    reference: str


class SummaryOut(Outgoing):
    """What waits now."""

    waiting: int
    oldest: datetime | None
    items: list[WaitingOut]


class AgentOut(Outgoing):
    """The agent whose token this is."""

    user: str
    status: StatusCode
    since: datetime | None
    contacts: list[str] = Field(description="References of what the agent has in hand.")


class OfferOut(Outgoing):
    """A contact that is put before the agent, and why it is next."""

    id: int
    reason: str
    index: float
    guard: bool
    offered_at: datetime
    expires_at: datetime
    contact: ContactOut


class CodeSentOut(Outgoing):
    """A code is on its way to the person."""

    sent_to: str = Field(description="Enough of the address for its owner to know it.")
    expires_at: datetime


class IdentityOut(Outgoing):
    """It was checked who the person is."""

    way: Literal["code", "page", "booking", "called_back", "document"]
    at: datetime
    holds_until: datetime


class FaultOut(Outgoing):
    """One thing wrong with what was sent: where, as a JSON pointer into the body, and what."""

    pointer: str | None = None
    parameter: str | None = None
    detail: str


class ProblemOut(Outgoing):
    """What went wrong (RFC 9457), in the caller's language."""

    type: str
    title: str
    status: int
    detail: str
    instance: str
    code: str | None = Field(None, description="Why the state does not allow it, for programs.")
    errors: list[FaultOut] = []


class HonestOut(Outgoing):
    """What was told in one class against what came; `band` and `kind` are null for all together."""

    band: int | None
    kind: KindCode | None
    due: int = Field(description="Promises that came due or were met.")
    kept: int = Field(description="How many of them were kept.")
    told: int = Field(description="Ranges whose wait is known.")
    coverage: float | None = Field(description="The share of waits inside their range; meant to be 0.8.")
    coverage_low: float | None = Field(description="With `coverage_high`: where it lies in the long run, 95 % sure.")
    coverage_high: float | None
    mean_s: float | None
    rmse_share: float | None = Field(description="Errors of the middle of the range, as shares of the mean wait.")
    mae_share: float | None
    bias_share: float | None


class HonestyOut(Outgoing):
    """The published score."""

    days: int
    items: list[HonestOut]
