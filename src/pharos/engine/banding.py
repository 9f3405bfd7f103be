"""How much harm waiting does: the band of a contact, by explicit facts only, with its reasons."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Final

from pharos.engine.zones import local_day, next_day_start

Scalar = str | int | float | bool | None

URGENT_DAYS: Final = 7
CARE_REQUESTS: Final = frozenset({"assistance", "accessibility", "care"})
NEED_BANDS: Final[Mapping[int, int]] = {3: 1, 2: 2}
ORDINARY: Final = 3


@dataclass(frozen=True, slots=True)
class Facts:
    """What a band may rest on. `danger_signal` is what a text suggests: it never sets band 0 by itself."""

    danger: bool = False
    needed_by: date | None = None
    time_zone: str = "UTC"
    need_weights: Mapping[str, int] = field(default_factory=dict)
    request_type: str = ""
    raised_band: int | None = None
    raised_by: str = ""
    danger_signal: bool = False


@dataclass(frozen=True, slots=True)
class Reason:
    """One plain reason as data; a "need" names its code, which the public never sees."""

    code: str
    params: Mapping[str, Scalar] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Banding:
    """A band with its reasons, the deciding ones first, and the next local midnight at which either may change.

    `at_head` asks for the head of the band's line, and for the duty lead at once: a text spoke of danger to life.
    """

    band: int
    reasons: tuple[Reason, ...]
    reband_at: datetime | None = None
    at_head: bool = False


def band(facts: Facts, now: datetime, *, urgent_days: int = URGENT_DAYS) -> Banding:
    """The band of a contact at `now`; a date `urgent_days` away in the person's own zone still counts as within."""
    found = [*_danger(facts), *_date(facts, now, urgent_days), *_needs(facts), *_raised(facts)]
    found.sort(key=lambda pair: pair[0])
    if not found:
        found = [(ORDINARY, Reason("ordinary"))]
    decided = found[0][0]
    return Banding(
        band=decided,
        reasons=tuple(reason for _, reason in found),
        reband_at=_reband_at(facts, now, urgent_days),
        at_head=facts.danger_signal and decided == 1,
    )


def _danger(facts: Facts) -> list[tuple[int, Reason]]:
    found = [(0, Reason("danger"))] if facts.danger else []
    return [*found, (1, Reason("danger_signal"))] if facts.danger_signal else found


def _date(facts: Facts, now: datetime, urgent_days: int) -> list[tuple[int, Reason]]:
    if facts.needed_by is None:
        return []
    days = (facts.needed_by - local_day(now, facts.time_zone)).days
    if days > urgent_days:
        return []
    if days < 0:
        return [(1, Reason("date_passed"))]
    return [(1, Reason("leaves_in_days", {"days": days}) if days else Reason("leaves_today"))]


def _needs(facts: Facts) -> list[tuple[int, Reason]]:
    found = [
        (NEED_BANDS[weight], Reason("need", {"code": code, "weight": weight}))
        for code, weight in sorted(facts.need_weights.items(), key=lambda item: (-item[1], item[0]))
        if weight in NEED_BANDS
    ]
    return [*found, (2, Reason("care_request"))] if facts.request_type in CARE_REQUESTS else found


def _raised(facts: Facts) -> list[tuple[int, Reason]]:
    if facts.raised_band is None or facts.raised_band >= ORDINARY:
        return []
    return [(facts.raised_band, Reason("raised", {"band": facts.raised_band, "by": facts.raised_by}))]


def _reband_at(facts: Facts, now: datetime, urgent_days: int) -> datetime | None:
    if facts.needed_by is None:
        return None
    today = local_day(now, facts.time_zone)
    if facts.needed_by < today:
        return None
    tomorrow = today + timedelta(days=1)
    first_urgent = facts.needed_by - timedelta(days=urgent_days)
    return next_day_start(now, max(tomorrow, first_urgent), facts.time_zone)
