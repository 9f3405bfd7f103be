"""The phone window: when lines are full, callers who travel later hear of other ways. It never holds back a need."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, Literal

Why = Literal["no_window", "danger", "extra_help", "person", "within_days", "no_date", "later"]
PRESSED: Final[dict[str, Why]] = {
    "danger": "danger",
    "extra_help": "extra_help",
    "person": "person",
    "within_days": "within_days",
}


@dataclass(frozen=True, slots=True)
class Call:
    """What is known of a caller. `pressed` names the key of the menu; `today` is the day where the caller is."""

    today: date
    pressed: str = ""
    in_danger: bool = False
    needs_help: bool = False
    dates: Collection[date] = ()  # every day that something is needed by


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether the call goes straight on, whether the message is played, and why."""

    connect: bool
    announce: bool
    why: Why


def verdict(call: Call, *, days: int | None) -> Verdict:
    """What a window of so many days, the last one included, means for a call; None: there is no window.

    Only a caller who is known to travel later is asked to take another way, and even that one may stay or press 0.
    Who gives no date hears the message and goes on. A date that is past counts as near.
    """
    if days is None:
        return Verdict(connect=True, announce=False, why="no_window")
    why = _free(call) or _by_date(call, days)
    return Verdict(connect=why != "later", announce=why in {"later", "no_date"}, why=why)


def _free(call: Call) -> Why | None:
    """What no window applies to."""
    if call.in_danger:
        return "danger"
    if call.pressed in PRESSED:
        return PRESSED[call.pressed]
    return "extra_help" if call.needs_help else None


def _by_date(call: Call, days: int) -> Why:
    if not call.dates:
        return "no_date"
    return "within_days" if min(call.dates) <= call.today + timedelta(days=days) else "later"
