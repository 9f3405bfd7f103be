"""The line over the wire: who waits where and why, and how true what was told has been."""

from datetime import datetime
from typing import Any, ClassVar, Literal

from pydantic import ConfigDict, Field

from pharos.api.schemas import Outgoing
from pharos.api.schemas_contacts import PromiseOut, ReasonOut, StateCode, ToldOut

KindCode = Literal["live", "written"]


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


class WaitingOut(Outgoing):
    """How many wait in one queue, band and kind of channel."""

    queue: str
    band: int
    kind: KindCode
    waiting: int
    oldest: datetime | None


class SummaryOut(Outgoing):
    """What waits now."""

    waiting: int
    oldest: datetime | None
    items: list[WaitingOut]


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
