"""The example organisation, as rows to be made by the ordinary verbs."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from pharos.content.incidents import Question
from pharos.content.loader import Tree, load
from pharos.content.text import Text


@dataclass(frozen=True, slots=True)
class DemoOrganisation:
    """Who runs the example centre."""

    slug: str
    name: Text
    time_zone: str
    languages: tuple[str, ...]
    emergency_phone: str
    phone: str
    mail_from: str


@dataclass(frozen=True, slots=True)
class DemoHours:
    """One open span for one kind of channel; weekday 0 is Monday, minutes count from midnight."""

    kind: str
    weekdays: tuple[int, ...]
    opens_minute: int
    closes_minute: int


@dataclass(frozen=True, slots=True)
class DemoAgent:
    """One member of staff; `skills` gives a level from 1 to 5 by queue code."""

    username: str
    name: str
    role: str
    language: str
    languages: tuple[str, ...]
    skills: Mapping[str, int]
    email: str
    phone: str


@dataclass(frozen=True, slots=True)
class DemoEntry:
    """One place where people reach the example. `path`: with room for its token; `secret`: the name of its key."""

    channel: str
    adapter: str
    address: str
    path: str = ""
    secret: str = ""


@dataclass(frozen=True, slots=True)
class DemoAdvisory:
    """One public update, published so many minutes before now."""

    minutes_ago: int
    title: Text
    body: Text


@dataclass(frozen=True, slots=True)
class DemoIncident:
    """The example crisis with everything its page shows. Texts may name {crisis_name} and {emergency_phone}."""

    slug: str
    crisis_type: str
    severity: str
    name: Text
    declared_minutes_ago: int
    next_update_in_minutes: int
    what_happened: Text
    what_to_do: tuple[Text, ...]
    policies: tuple[Text, ...]
    questions: tuple[Question, ...]
    advisories: tuple[DemoAdvisory, ...]


@dataclass(frozen=True, slots=True)
class Demo:
    """All of it."""

    organisation: DemoOrganisation
    opening_hours: tuple[DemoHours, ...]
    agents: tuple[DemoAgent, ...]
    entries: tuple[DemoEntry, ...]
    incident: DemoIncident


@cache
def demo() -> Demo:
    """The example organisation, its people and its crisis."""
    tree = load("demo")
    return Demo(
        organisation=DemoOrganisation(**tree["organisation"]),
        opening_hours=tuple(DemoHours(**row) for row in tree["opening_hours"]),
        agents=tuple(DemoAgent(**row) for row in tree["agents"]),
        entries=tuple(DemoEntry(**row) for row in tree["entries"]),
        incident=_incident(tree["incident"]),
    )


def _incident(row: Tree) -> DemoIncident:
    return DemoIncident(
        **{
            **row,
            "questions": tuple(Question(one["question"], one["answer"]) for one in row["questions"]),
            "advisories": tuple(DemoAdvisory(**one) for one in row["advisories"]),
        }
    )
