"""The promise: the far end of the honest wait, as a clock time a person can hold, and how it may move."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final, Literal
from zoneinfo import ZoneInfo

from pharos.engine.calendar import Calendar
from pharos.engine.estimates import Unknown, Wait
from pharos.engine.zones import aware, day_start

_MINUTE: Final = timedelta(minutes=1)
# How far ahead a time lies, and the step its clock time is rounded up to.
GRAINS: Final = (
    (timedelta(hours=1), timedelta(minutes=5)),
    (timedelta(hours=4), timedelta(minutes=15)),
    (timedelta(days=1), timedelta(minutes=30)),
)
COARSEST: Final = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Promise:
    """What a person is told: answered by `by` (UTC), in `low_s` to `high_s` seconds of clock time from now.

    `expected` is the median moment. `capped`: held to the needed date, earlier than the 90 % end. `too_late`: even the
    good end of the range lies after that date, so the honest time is told. `reason` says why there is no promise.
    """

    by: datetime | None
    low_s: float | None = None
    high_s: float | None = None
    expected: datetime | None = None
    capped: bool = False
    too_late: bool = False
    reason: str = ""


@dataclass(frozen=True, slots=True)
class PromiseRules:
    """How steady a promise is: the least gain, as a share of the time left, for which it moves earlier."""

    earlier_share: float = 0.2


Move = Literal["unchanged", "earlier", "later"]


@dataclass(frozen=True, slots=True)
class Revision:
    """What becomes of a told promise. "later" may only be stored together with a message and a mark (broken)."""

    move: Move
    by: datetime | None

    @property
    def must_tell(self) -> bool:
        """Whether the person must be told before anything changes."""
        return self.move == "later"


def grain(ahead: timedelta) -> timedelta:
    """The step of the clock that a time so far ahead is rounded up to."""
    return next((step for reach, step in GRAINS if ahead <= reach), COARSEST)


def round_up(at: datetime, now: datetime, zone: str) -> datetime:
    """The first clock time on its grid, in the person's zone, that is not before `at`; in UTC."""
    local = aware(at).astimezone(ZoneInfo(zone))
    step = grain(aware(at) - aware(now))
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None)
    past = (local.replace(tzinfo=None) - midnight) % step
    # Added in UTC: a clock change inside the step moves the grid, never the promise before the wait.
    return aware(at) + (step - past if past else timedelta())


def promise(now: datetime, wait: Wait | Unknown, calendar: Calendar, needed_by: date | None, zone: str) -> Promise:
    """The 90 % end of the wait through the opening hours, rounded up; not past the needed date if that can be met."""
    if isinstance(wait, Unknown):
        return Promise(None, reason=wait.reason)
    low, expected, high = (
        calendar.add_open_seconds(now, seconds) for seconds in (wait.low_s, wait.median_s, wait.high_s)
    )
    if low is None or expected is None or high is None:
        return Promise(None, reason="closed")
    by = round_up(high, now, zone)
    low_s, high_s = ((end - aware(now)).total_seconds() for end in (low, high))
    deadline = latest_useful(now, calendar, needed_by, zone)
    if deadline is None or by <= deadline:
        return Promise(by, low_s, high_s, expected)
    if low <= deadline:
        return Promise(deadline, low_s, high_s, expected, capped=True)
    return Promise(by, low_s, high_s, expected, too_late=True)


def latest_useful(now: datetime, calendar: Calendar, needed_by: date | None, zone: str) -> datetime | None:
    """The last clock time worth promising: one minute to the end of the needed date, or the close of hours before it.

    None without a date and once that moment has gone.
    """
    if needed_by is None:
        return None
    end = day_start(needed_by + timedelta(days=1), zone) - _MINUTE
    last = calendar.last_open(end)
    if last is None or last <= aware(now):
        return None
    return last


def revise(old_by: datetime, now: datetime, new: Promise, rules: PromiseRules = PromiseRules()) -> Revision:
    """Earlier when the gain is worth it, later only when the old time will rather break than hold, else as told."""
    if new.by is None or new.expected is None:
        return Revision("unchanged", old_by)
    left = old_by - now
    if new.by > old_by and new.expected > old_by:
        return Revision("later", new.by)
    gain = old_by - new.by
    if gain >= max(grain(left), left * rules.earlier_share) and gain > timedelta():
        return Revision("earlier", new.by)
    return Revision("unchanged", old_by)


def kept(by: datetime, answered_at: datetime) -> bool:
    """Whether a person answered by the promised moment, that moment included."""
    return answered_at <= by


@dataclass(frozen=True, slots=True)
class Score:
    """How told ranges came out: answered before the low end, inside, after the high end; and promises kept."""

    early: int = 0
    inside: int = 0
    late: int = 0
    promises: int = 0
    kept: int = 0

    def add_range(self, low_s: float, high_s: float, actual_s: float) -> "Score":
        """The score with one more told range; both ends count as inside."""
        where = "early" if actual_s < low_s else "late" if actual_s > high_s else "inside"
        return self._plus(**{where: 1})

    def add_promise(self, by: datetime, answered_at: datetime) -> "Score":
        """The score with one more promise."""
        return self._plus(promises=1, kept=int(kept(by, answered_at)))

    def _plus(self, *, early: int = 0, inside: int = 0, late: int = 0, promises: int = 0, kept: int = 0) -> "Score":
        return Score(
            self.early + early,
            self.inside + inside,
            self.late + late,
            self.promises + promises,
            self.kept + kept,
        )

    @property
    def coverage(self) -> float | None:
        """The share of ranges that held the truth; None before the first."""
        told = self.early + self.inside + self.late
        return self.inside / told if told else None

    @property
    def kept_share(self) -> float | None:
        """The share of promises kept; None before the first."""
        return self.kept / self.promises if self.promises else None
