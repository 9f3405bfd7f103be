"""What a centre learns at night of its own days: what the look-ahead misses, and how many usually come when."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from math import sqrt
from typing import Final
from zoneinfo import ZoneInfo

from pharos.engine.estimates import Wait
from pharos.engine.residual import Lesson, Residual, learn
from pharos.models import LookAhead, Organisation
from pharos.queries import telling, usual

NIGHT: Final = range(2, 5)  # hours of the organisation's clock
BETWEEN: Final = timedelta(hours=20)
AT_LATEST: Final = timedelta(hours=30)
TAUGHT: Final = 0.8  # of the lessons, the oldest; it is judged by the others


def learn_at_night(*, organisation: Organisation, now: datetime) -> bool:
    """Learn anew, once a night; the first time at once."""
    known = LookAhead.objects.filter(organisation=organisation).first()
    if known is None or not _is_due(known.learned_at, organisation, now=now):
        return False
    lessons = telling.lessons(organisation=organisation, now=now)
    residual, gain = judged(lessons)
    LookAhead.objects.filter(pk=known.pk).update(
        learned_at=now,
        lessons=len(lessons),
        residual=asdict(residual) if residual else None,
        gain=gain,
        usual=usual.quarters(organisation=organisation, now=now),
    )
    return True


def _is_due(learned_at: datetime | None, organisation: Organisation, *, now: datetime) -> bool:
    if learned_at is None or now - learned_at >= AT_LATEST or learned_at > now:
        return True
    return now - learned_at >= BETWEEN and now.astimezone(ZoneInfo(organisation.time_zone)).hour in NIGHT


def judged(lessons: Sequence[Lesson]) -> tuple[Residual | None, float | None]:
    """A residual and the share of the error it takes away in lessons it was not taught; None when it does not."""
    upto = int(len(lessons) * TAUGHT)
    tried, others = learn(lessons[:upto]), [lesson for lesson in lessons[upto:] if lesson.ended]
    if tried is None or not others:
        return None, None
    before = _error([(lesson.median_s, lesson.waited_s) for lesson in others])
    after = _error([(_corrected_s(tried, lesson), lesson.waited_s) for lesson in others])
    gain = 1 - after / before if before else 0.0
    return (learn(lessons) if gain > 0 else None), gain


def _corrected_s(residual: Residual, lesson: Lesson) -> float:
    point = Wait(lesson.median_s, lesson.median_s, lesson.median_s, 0)
    return residual.corrected(point, lesson.state).median_s


def _error(pairs: Sequence[tuple[float, float]]) -> float:
    return sqrt(sum((told - came) ** 2 for told, came in pairs) / len(pairs))
