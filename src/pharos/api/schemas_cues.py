"""Suggestions over the wire, and what people say of them."""

from datetime import datetime
from typing import Annotated, Final, Literal

from pydantic import Field

from pharos.api import fields
from pharos.api.schemas import Incoming, Outgoing

CueSort = Literal["danger", "distress", "frustration", "hostility", "confusion", "urgency", "request", "need", "style"]


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
