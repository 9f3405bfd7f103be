"""The codes by which priority services registers exchange needs."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from pharos.content.loader import by_code, entries
from pharos.content.text import Text


@dataclass(frozen=True, slots=True)
class RegisterCode:
    """One code: our need that it means, and whether it holds for a time only and so must name its end."""

    code: str
    maps_to: str
    temporary: bool
    is_active: bool
    label: Text


@cache
def psr_codes() -> Mapping[str, RegisterCode]:
    """The codes in their own order."""
    rows = entries("psr_needs_codes", "codes")
    return by_code(
        "psr_needs_codes",
        tuple(
            (r["code"], RegisterCode(r["code"], r["maps_to"], r["temporary"], not r.get("inactive", False), r["label"]))
            for r in rows
        ),
    )
