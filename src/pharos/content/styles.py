"""Ways in which a conversation may go. A style is the conversation's, never the person's."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from pharos.content.loader import by_code, entries
from pharos.content.text import Text


@dataclass(frozen=True, slots=True)
class Style:
    """One style, by the name that agents read."""

    code: str
    name: Text


@cache
def styles() -> Mapping[str, Style]:
    """The nine styles by code."""
    rows = entries("personality_playbooks", "playbooks")
    return by_code("personality_playbooks", tuple((row["code"], Style(row["code"], row["name"])) for row in rows))
