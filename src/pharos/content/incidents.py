"""Kinds of crisis, how severe one is, and where it stands."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

from pharos.content.loader import Tree, by_code, entries
from pharos.content.text import Text


@dataclass(frozen=True, slots=True)
class CrisisType:
    """A kind of crisis: what to expect of it and the first words that help. `cap`: OASIS CAP 1.2 categories."""

    code: str
    cap: tuple[str, ...]
    default_severity: str
    playbook: str
    demand_multiplier: int
    journeys: tuple[str, ...]
    name: Text
    first_words: Text


@dataclass(frozen=True, slots=True)
class Severity:
    """A step of the severity scale, and what it means for us."""

    code: str
    priority: str
    response: Text
    name: Text


class Question(NamedTuple):
    """A question that people ask, and its answer."""

    question: Text
    answer: Text


@dataclass(frozen=True, slots=True)
class IncidentPage:
    """What the page of a fresh incident says. Its texts name {crisis_name} and {emergency_phone}."""

    what_happened: Text
    what_to_do: tuple[Text, ...]
    policy: Text
    questions: tuple[Question, ...]


@cache
def crisis_types() -> Mapping[str, CrisisType]:
    """The kinds of crisis by code, in the order they are offered."""
    rows = entries("crisis_types", "types")
    return by_code(
        "crisis_types", tuple((r["code"], CrisisType(**{f: r[f] for f in CrisisType.__slots__})) for r in rows)
    )


@cache
def severity_scale() -> Mapping[str, Severity]:
    """The severity steps by code, the lightest first."""
    rows = entries("crisis_types", "severity_scale")
    return by_code("crisis_types", tuple((r["code"], Severity(**{f: r[f] for f in Severity.__slots__})) for r in rows))


@cache
def incident_states() -> Mapping[str, Text]:
    """The names of the states of an incident by code, from first notice to the end."""
    return by_code("crisis_types", tuple((row["code"], row["name"]) for row in entries("crisis_types", "states")))


@cache
def incident_pages() -> Mapping[str, IncidentPage]:
    """The first page of an incident, by crisis type."""
    rows = entries("incident_page", "pages")
    return by_code("incident_page", tuple((row["code"], _page(row)) for row in rows))


def _page(row: Tree) -> IncidentPage:
    questions = tuple(Question(one["question"], one["answer"]) for one in row["questions"])
    return IncidentPage(row["what_happened"], row["what_to_do"], row["policy"], questions)
