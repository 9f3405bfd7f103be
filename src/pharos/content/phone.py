"""The menu that callers hear."""

from collections.abc import Mapping
from functools import cache
from typing import NamedTuple

from pharos.content.loader import entries
from pharos.content.text import Text


class MenuKey(NamedTuple):
    """One key of the menu: what it is for, and how a caller may say it."""

    code: str
    key: str
    say: Text


@cache
def phone_menu() -> Mapping[str, MenuKey]:
    """The menu by key."""
    rows = (MenuKey(row["code"], row["key"], row["say"]) for row in entries("ivr_menu", "menu"))
    return {row.key: row for row in rows}
