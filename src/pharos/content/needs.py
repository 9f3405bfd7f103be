"""What people may need from us, and what we do about it."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from pharos.content.loader import by_code, entries
from pharos.content.text import Text


@dataclass(frozen=True, slots=True)
class Need:
    """A support need as its owner would say it; `weight` 3 cannot wait, 2 suffers by waiting, less changes no place."""

    code: str
    weight: int
    say_it_as: Text
    driver: str
    permanence: str
    special_category: bool
    review_days: int
    accommodations: tuple[str, ...]
    psr: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SafeguardingFlag:
    """Something that stops all automation and calls a person in; for staff eyes only."""

    code: str
    weight: int
    protocol: str
    name: Text
    staff_note: Text


@dataclass(frozen=True, slots=True)
class Accommodation:
    """What we do differently: the short name, and the instruction to the agent."""

    code: str
    category: str
    lead_hours: int
    effect: str
    name: Text
    do: Text


@cache
def needs() -> Mapping[str, Need]:
    """The support needs by code, in the order they are offered."""
    rows = entries("support_needs", "entries")
    return by_code("support_needs", tuple((row["code"], _need(row)) for row in rows))


def _need(row: Mapping[str, object]) -> Need:
    return Need(**{name: row[name] for name in Need.__slots__})  # type: ignore[arg-type]


@cache
def staff_need_names() -> Mapping[str, Text]:
    """What staff call each need among themselves; never shown to, or read to, a customer."""
    return by_code("support_needs", tuple((row["code"], row["name"]) for row in entries("support_needs", "entries")))


@cache
def safeguarding_flags() -> Mapping[str, SafeguardingFlag]:
    """The flags that stop automation, by code."""
    rows = entries("support_needs", "safeguarding_flags")
    fields = SafeguardingFlag.__slots__
    return by_code("support_needs", tuple((r["code"], SafeguardingFlag(**{f: r[f] for f in fields})) for r in rows))


@cache
def accommodations() -> Mapping[str, Accommodation]:
    """What we can do differently, by code."""
    rows = entries("accommodation_catalogue", "entries")
    fields = Accommodation.__slots__
    return by_code(
        "accommodation_catalogue", tuple((r["code"], Accommodation(**{f: r[f] for f in fields})) for r in rows)
    )
