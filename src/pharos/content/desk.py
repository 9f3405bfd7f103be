"""Words and choices of the front door and the desk."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from pharos.content.loader import by_code, entries
from pharos.content.text import Text


@dataclass(frozen=True, slots=True)
class RequestType:
    """What a person may ask for, and the code of the queue that answers it."""

    code: str
    queue: str
    name: Text
    hint: Text


@dataclass(frozen=True, slots=True)
class Disposition:
    """How a contact ended; `solved`: the person has what they came for; `asks_who`: it must be known who they are."""

    code: str
    solved: bool
    name: Text
    asks_who: bool = False


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a contact stands where it stands, in words for staff and in words for the person."""

    code: str
    staff: Text
    public: Text


@dataclass(frozen=True, slots=True)
class ChannelAdvice:
    """Which channels fit a need, the best first, and what happens there."""

    code: str
    preferred: tuple[str, ...]
    name: Text
    response: Text


@dataclass(frozen=True, slots=True)
class Term:
    """A word of the product in four languages; `definition` is blank where the word speaks for itself."""

    key: str
    definition: str
    term: Text


@cache
def request_types() -> Mapping[str, RequestType]:
    """The request types by code, in the order the form offers them."""
    rows = entries("request_types", "types")
    return by_code(
        "request_types", tuple((r["code"], RequestType(**{f: r[f] for f in RequestType.__slots__})) for r in rows)
    )


@cache
def queue_names() -> Mapping[str, Text]:
    """The queues that a new organisation starts with, by code; the first is for what no other takes."""
    return by_code("request_types", tuple((row["code"], row["name"]) for row in entries("request_types", "queues")))


@cache
def dispositions() -> Mapping[str, Disposition]:
    """The ways a contact can end, by code."""
    rows = entries("dispositions", "dispositions")
    return by_code(
        "dispositions",
        tuple((r["code"], Disposition(r["code"], r["solved"], r["name"], r.get("asks_who", False))) for r in rows),
    )


@cache
def reasons() -> Mapping[str, Reason]:
    """The reasons for a place in line, by code."""
    rows = entries("reasons", "reasons")
    return by_code("reasons", tuple((row["code"], Reason(row["code"], row["staff"], row["public"])) for row in rows))


@cache
def channel_guide() -> Mapping[str, ChannelAdvice]:
    """Which way in fits which need, by code."""
    rows = entries("channel_guide", "needs")
    return by_code(
        "channel_guide", tuple((r["code"], ChannelAdvice(**{f: r[f] for f in ChannelAdvice.__slots__})) for r in rows)
    )


@cache
def glossary() -> Mapping[str, Term]:
    """The product's words, by key."""
    rows = entries("glossary", "terms")
    return by_code("glossary", tuple((r["key"], Term(r["key"], r.get("def", ""), r["term"])) for r in rows))
