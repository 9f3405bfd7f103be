from math import exp, inf
from statistics import mean

import numpy as np
import pytest

from pharos.engine.patience import (
    Hazard,
    Stayed,
    hazard,
    implied_mean_s,
    kaplan_meier,
    mean_patience_s,
)


def watched(mean_s=300.0, answered_mean_s=200.0, count=20_000, seed=1):
    """Exponential patience, hidden by answers."""
    rng = np.random.default_rng(seed)
    patience, answer = rng.exponential(mean_s, count), rng.exponential(answered_mean_s, count)
    return [Stayed(float(min(stay, came)), bool(stay < came)) for stay, came in zip(patience, answer, strict=True)]


def test_kaplan_meier_has_the_textbook_values():
    """Six people: gave up at 1, 3 and 6, answered at 2, 3 and 5."""
    stays = [Stayed(1, True), Stayed(2, False), Stayed(3, True), Stayed(3, False), Stayed(5, False), Stayed(6, True)]
    found = kaplan_meier(stays)
    assert found.times_s == (1.0, 3.0, 6.0)
    assert found.shares == pytest.approx((5 / 6, 5 / 6 * 3 / 4, 0))
    assert found.at_risk == (6, 4, 1)
    assert found.errors[1] == pytest.approx(5 / 8 * (1 / 30 + 1 / 12) ** 0.5)
    assert [found.share_beyond(at) for at in (0, 1, 4, 9)] == pytest.approx([1, 5 / 6, 5 / 8, 0])
    assert found.median_s() == 6


def test_nobody_gave_up_means_nothing_is_known():
    found = kaplan_meier([Stayed(5, False)])
    assert found.times_s == ()
    assert found.median_s() == inf
    assert hazard([Stayed(5, False)] * 9) is None


def test_answers_do_not_shorten_patience():
    stays = watched()
    naive = mean(stay.waited_s for stay in stays if stay.gave_up)
    curve = hazard(stays)
    assert curve is not None
    assert naive < 150
    assert mean_patience_s(stays, 60.0) == pytest.approx(300, rel=0.03)
    assert curve.mean_s == pytest.approx(300, rel=0.05)
    for at in (60.0, 300.0):
        assert kaplan_meier(stays).share_beyond(at) == pytest.approx(exp(-at / 300), abs=0.01)


def test_hazard_follows_a_bend():
    """Nobody leaves in the first minute, then one in a hundred each second."""
    rng = np.random.default_rng(2)
    stays = [Stayed(60 + float(stay), True) for stay in rng.exponential(100, 10_000)]
    curve = hazard(stays, pieces=20)
    assert curve is not None
    assert np.interp(60, curve.times_s, curve.hazards) < 0.06
    assert np.interp(160, curve.times_s, curve.hazards) == pytest.approx(1, rel=0.08)
    assert curve.mean_s == pytest.approx(160, rel=0.05)


def test_starting_value_fades():
    assert mean_patience_s([], 600.0) == 600.0
    few, many = watched(count=20), watched(count=5000)
    assert 300 < mean_patience_s(few, 600.0) < 600
    assert mean_patience_s(many, 600.0) == pytest.approx(300, rel=0.06)


def test_patience_from_two_averages():
    assert implied_mean_s(0.2, 60.0) == 300.0
    assert implied_mean_s(0.0, 60.0) == inf


@pytest.mark.parametrize(("times", "hazards"), [((0.0,), (0.0,)), ((1.0, 2.0), (0.0, 1.0)), ((0.0, 0.0), (0.0, 1.0))])
def test_impossible_hazards_are_refused(times, hazards):
    with pytest.raises(ValueError, match="hazard"):
        Hazard(times, hazards)


def test_flat_hazard_never_ends():
    assert Hazard((0.0, 10.0), (0.0, 0.0)).mean_s == inf
    assert Hazard((0.0, 10.0), (0.0, 1.0)).drawn_to(4) == ([0, 10, 20, 30], [0, 1, 2, 3])
