"""What a person is told before anything about their needs is kept."""

from dataclasses import dataclass
from functools import cache

from pharos.content.loader import load
from pharos.content.text import Text


@dataclass(frozen=True, slots=True)
class Notice:
    """The words beside the form and for talking, and the edition that each record names."""

    edition: str
    form: Text
    spoken: Text


@cache
def needs_notice() -> Notice:
    """The notice in force."""
    tree = load("needs_notice")
    return Notice(tree["edition"], tree["notice"]["form"], tree["notice"]["spoken"])
