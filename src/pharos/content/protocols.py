"""Conversation drills: what to do and what one may say, step by step."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from pharos.content.loader import Tree, by_code, entries
from pharos.content.text import Text


@dataclass(frozen=True, slots=True)
class Step:
    """One step: its letter, what it is for, what to do, and words that fit."""

    letter: str
    key: str
    title: Text
    do: Text
    say: Text


@dataclass(frozen=True, slots=True)
class Protocol:
    """A drill with its steps in order."""

    code: str
    use_when: str
    name: Text
    steps: tuple[Step, ...]


@cache
def protocols() -> Mapping[str, Protocol]:
    """The drills by code."""
    rows = entries("conversation_protocols", "protocols")
    return by_code("conversation_protocols", tuple((row["code"], _protocol(row)) for row in rows))


def _protocol(row: Tree) -> Protocol:
    steps = tuple(Step(**{name: step[name] for name in Step.__slots__}) for step in row["steps"])
    return Protocol(row["code"], row["use_when"], row["name"], steps)
