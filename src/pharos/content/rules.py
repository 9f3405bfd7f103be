"""The numbers the centre starts with; an operator may change every one."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from pharos.content.loader import by_code, entries
from pharos.content.text import ContentError


@dataclass(frozen=True, slots=True)
class Rule:
    """A starting value, its unit, and where the number comes from."""

    code: str
    value: Any
    unit: str
    source: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class ServiceClass:
    """A band on live or written channels: its target and its head start, both in seconds."""

    band: int
    mode: str
    target_s: int
    head_start_s: int


@cache
def rules() -> Mapping[str, Rule]:
    """The starting values by name."""
    rows = entries("rules_defaults", "rules")
    return by_code("rules_defaults", tuple((row["code"], Rule(**row)) for row in rows))


def rule(code: str) -> Any:
    """One starting value."""
    try:
        return rules()[code].value
    except KeyError as error:
        raise ContentError(f"there is no rule {code!r}") from error


@cache
def service_classes() -> tuple[ServiceClass, ...]:
    """The classes of the queue, most urgent band first; band 0 has none: it goes first, by arrival."""
    return tuple(
        ServiceClass(row["band"], row["mode"], row["target_s"], row["head_start_s"])
        for row in entries("rules_defaults", "classes")
    )
