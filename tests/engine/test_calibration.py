import numpy as np
import pytest

from pharos.engine.calibration import MOST, Stretch, Told, calibrated, stretch, trusted
from pharos.engine.estimates import NOT_TRUSTED, Unknown, Wait

WAIT = Wait(80.0, 100.0, 130.0, 200)


def told(actual, ended=True):
    return Told(WAIT.low_s, WAIT.median_s, WAIT.high_s, float(actual), ended)


def waits(spread, count=4000, seed=1):
    """Waits whose 10 % and 90 % points lie `spread` times as far out as told."""
    side = np.random.default_rng(seed).normal(0, 1 / 1.2816, count) * spread
    return [told(100 + (30 if one > 0 else 20) * one) for one in side]


@pytest.mark.parametrize("spread", [1.0, 1.6, 2.5])
def test_ranges_are_stretched_until_they_hold(spread):
    by = stretch(waits(spread))
    assert by.high == pytest.approx(spread, rel=0.15)
    assert by.low == pytest.approx(spread, rel=0.15)
    wider = calibrated(WAIT, by)
    inside = np.mean([wider.low_s <= one.waited_s <= wider.high_s for one in waits(spread, seed=2)])
    assert inside == pytest.approx(0.8, abs=0.06)
    assert wider.median_s == WAIT.median_s


def test_nothing_seen_changes_nothing():
    assert stretch([]) == Stretch()
    assert calibrated(WAIT, Stretch()) == WAIT


def test_few_misses_change_little():
    assert 1 < stretch([told(400)] * 3).high < 1.25


def test_a_queue_that_stands_still_stretches_before_anyone_is_answered():
    by = stretch([told(250, ended=False)] * 60)
    assert by.high == pytest.approx((30 + 60 * MOST) / 90)
    assert calibrated(WAIT, by).high_s > 160


def test_waits_that_only_began_say_nothing():
    assert stretch([told(20, ended=False)] * 10).low == 1.0


def test_low_end_never_falls_below_nothing():
    assert calibrated(Wait(10.0, 100.0, 130.0, 9), Stretch(3.0, 1.0)).low_s == 0


def test_what_missed_too_often_is_not_told():
    assert trusted(WAIT, 0.8, 100) == WAIT
    assert trusted(WAIT, 0.6, 100) == Wait(70.0, 100.0, 145.0, 200)
    assert trusted(WAIT, 0.3, 100) == Unknown(NOT_TRUSTED, 80.0)
    assert trusted(WAIT, None, 0) == Wait(70.0, 100.0, 145.0, 200)
