"""What one place in line stands on when contacts share it: the best of each, so that no merge makes a place worse."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, fields, replace
from datetime import date, datetime
from typing import Any, TypeVar

Moment = TypeVar("Moment", date, datetime)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stand:
    """What a contact stands on. `owes_answer`: a promise is open, so that `promise_by` and the rest of it count."""

    needed_by: date | None
    front_at: datetime | None
    promise_by: datetime | None
    guard_at: datetime | None
    promise_broken_at: datetime | None
    last_inbound_at: datetime
    left_at: datetime | None
    owes_answer: bool


FIELDS = tuple(field.name for field in fields(Stand) if field.name != "owes_answer")
PROMISED = ("promise_by", "guard_at", "promise_broken_at")


def together(own: Stand, others: Iterable[Stand]) -> Stand:
    """The tightest date, the earliest open promise, the newest words; that `own` has left is its own alone."""
    members = list(others)
    if not members:
        return own
    every = [own, *members]
    return replace(
        own,
        needed_by=_first(one.needed_by for one in every),
        front_at=_first(one.front_at for one in every),
        last_inbound_at=max(one.last_inbound_at for one in every),
        **_promised(own, every),
    )


def _promised(own: Stand, every: Iterable[Stand]) -> dict[str, Any]:
    owing = [one for one in every if one.owes_answer]
    if not owing:
        return {}
    earliest: dict[str, Any] = {name: _first(getattr(one, name) for one in owing) for name in PROMISED}
    return earliest | {"owes_answer": True}


def _first(moments: "Iterable[Moment | None]") -> "Moment | None":
    return min((moment for moment in moments if moment is not None), default=None)


def overruled(own: Stand, others: Iterable[Stand], now_is: Mapping[str, Any]) -> dict[str, Any]:
    """What other hands have changed since, when the row of a contact reads `now_is`: by field, what it is now."""
    expected = together(own, others)
    return {name: now_is[name] for name in FIELDS if now_is[name] != getattr(expected, name)}


def without(stand: Stand, names: Collection[str]) -> Stand:
    """What a contact brings along when these no longer count, because somebody decided otherwise since."""
    moments: dict[str, Any] = {name: None for name in names if name != "last_inbound_at"}
    return replace(stand, **moments, owes_answer=stand.owes_answer and "promise_by" not in names)
