"""What a centre learns at night of its own days."""

from datetime import datetime, timedelta

import pytest

from pharos.actions import learning, waits
from pharos.engine.residual import Lesson
from pharos.models import Contact, LookAhead, Organisation, WaitEstimate, WaitReading
from pharos.queries import telling, usual
from tests.actions.test_waits import rng
from tests.factories import make_agent, make_contact, make_organisation

pytestmark = pytest.mark.django_db


def readings(organisation: Organisation, *, now: datetime, factor: float = 1.5, count: int = 300) -> None:
    """Waits that were each so many times as long as worked out, in one familiar state."""
    contact = make_contact(organisation, now=now - timedelta(days=2))
    Contact.objects.filter(pk=contact.pk).update(first_answered_at=now - timedelta(days=1))
    answered = now - timedelta(days=1)
    WaitReading.objects.bulk_create(
        WaitReading(
            organisation=organisation, contact=contact, band=3, kind="written",
            at=answered - timedelta(seconds=factor * (600 + place)), ahead_s=600 + place,
            low_s=300, median_s=600 + place, high_s=1200, said_low_s=300, said_high_s=1200,
            state=[3.0, 0.0, place % 7, place % 5, 1.0, 0.5, place % 3, 1.0, 0.7],
        )
        for place in range(count)
    )  # fmt: skip


def test_what_was_missed_is_learned_and_told_only_in_states_like_those(now: datetime) -> None:
    organisation = make_organisation()
    LookAhead.objects.create(organisation=organisation)
    readings(organisation, now=now)
    assert learning.learn_at_night(organisation=organisation, now=now)
    known = LookAhead.objects.get()
    assert known.lessons == 300
    assert known.gain is not None
    assert known.gain > 0.5
    residual = telling.teller(organisation=organisation, now=now).residual
    assert residual is not None
    assert residual.familiar((3.0, 0.0, 3.0, 2.0, 1.0, 0.5, 1.0, 1.0, 0.7)) > 0.9
    assert residual.familiar((3.0, 0.0, 90.0, 2.0, 1.0, 9.0, 1.0, 1.0, 0.7)) == 0


def test_it_is_learned_once_a_night(now: datetime) -> None:
    organisation = make_organisation(time_zone="UTC")
    assert not learning.learn_at_night(organisation=organisation, now=now)  # nothing was ever worked out
    LookAhead.objects.create(organisation=organisation)
    assert learning.learn_at_night(organisation=organisation, now=now)
    noon, night = now.replace(hour=12) + timedelta(days=1), now.replace(hour=3) + timedelta(days=1)
    assert not learning.learn_at_night(organisation=organisation, now=noon - timedelta(hours=2))
    LookAhead.objects.update(learned_at=night - timedelta(hours=21))
    assert learning.learn_at_night(organisation=organisation, now=night)
    assert not learning.learn_at_night(organisation=organisation, now=night + timedelta(minutes=10))


def test_what_helps_nobody_is_not_believed() -> None:
    lessons = [Lesson((float(n % 7), float(n % 5)), 600.0, 600.0 * (2 if n < 800 else 0.5), True) for n in range(1000)]
    residual, gain = learning.judged(lessons)
    assert residual is None
    assert gain is not None
    assert gain < 0


def test_few_lessons_teach_nothing() -> None:
    assert learning.judged([Lesson((1.0,), 600.0, 600.0, True)] * 50) == (None, None)


def test_a_residual_of_another_release_is_not_believed() -> None:
    assert telling.residual_of({"centre": [1.0]}) is None
    plain = {"centre": [1.0], "scale": [1.0], "weights": [0.0] * 3, "shape": [[1.0]], "reach": 1.0, "lessons": 900}
    assert telling.residual_of(plain) is None
    assert telling.residual_of(None) is None


def test_a_usual_day_is_that_of_the_middle_one(now: datetime) -> None:
    organisation = make_organisation(time_zone="UTC")
    noon = now.replace(hour=12, minute=0)
    for day in range(1, 6):
        for minute in range(12 if day == 3 else 4):  # the third was a day of a crisis
            make_contact(organisation, now=noon - timedelta(days=day) + timedelta(minutes=minute))
    quarters = usual.quarters(organisation=organisation, now=now)
    assert quarters is not None
    assert sum(quarters) == pytest.approx(4, abs=0.01)
    assert quarters[48] == max(quarters)
    LookAhead.objects.create(organisation=organisation, usual=quarters)
    profile = usual.Profile.of(organisation)
    behind = profile.behind(30, now=noon + timedelta(minutes=10))
    assert behind is not None
    assert behind[0] > behind[29]
    assert min(profile.ahead(now=noon + timedelta(minutes=8))) < 0.2


def test_too_few_days_say_nothing(now: datetime) -> None:
    organisation = make_organisation()
    make_contact(organisation, now=now - timedelta(days=1))
    assert usual.quarters(organisation=organisation, now=now) is None
    profile = usual.Profile.of(organisation)
    assert profile.behind(3, now=now) is None
    assert set(profile.ahead(now=now)) == {1.0}


def test_a_residual_changes_what_is_told(now: datetime) -> None:
    organisation = make_organisation()
    make_agent(organisation)
    for _ in range(5):
        make_contact(organisation, now=now)
    told = WaitEstimate.objects.filter(queue__is_default=True, language="en", band=3, kind="written")
    waits.publish(organisation=organisation, now=now, rng=rng())
    before, state = told.get().median_s or 0.0, (told.get().basis or {})["state"]
    size = len(state)
    LookAhead.objects.update(
        residual={
            "centre": state, "scale": [1.0] * size, "weights": [0.5] + [0.0] * (2 * size),
            "shape": [[float(one == two) for one in range(size)] for two in range(size)],
            "reach": 3.0, "lessons": 10_000,
        }
    )  # fmt: skip
    waits.publish(organisation=organisation, now=now + timedelta(seconds=5), rng=rng())
    assert (told.get().median_s or 0.0) > 1.3 * before
