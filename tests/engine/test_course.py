from math import exp, log

import numpy as np
import pytest

from pharos.engine.arrivals import present_rates
from pharos.engine.classes import ClassRules
from pharos.engine.course import BACK_S, course
from pharos.engine.handling import HandleTime
from pharos.engine.lanes import Group, Lane
from pharos.engine.snapshot import FloorState, OnFloor, parts, pool_start
from pharos.engine.tables import of_start

AHEAD_S = (150.0, 900.0, 3600.0)


def test_an_ordinary_hour_goes_on_as_usual():
    found = course([100] * 30, [100.0] * 30, 60.0, AHEAD_S)
    assert found.level == pytest.approx(0.0, abs=0.01)
    assert found.times == pytest.approx((1.0, 1.0, 1.0), abs=0.02)


def test_a_surge_comes_back_to_the_usual_in_hours():
    found = course([400] * 30, [100.0] * 30, 60.0, (BACK_S,))
    assert found.level == pytest.approx(log(4), abs=0.02)
    assert found.times[0] < 0.75


def test_without_a_usual_rate_there_is_nothing_to_come_back_to():
    found = course([400] * 30, [1.0] * 30, 60.0, (BACK_S,), is_known=False)
    assert exp(found.level) == pytest.approx(400, rel=0.02)
    assert found.times[0] == pytest.approx(1.0, abs=0.03)


@pytest.mark.parametrize("way", [1, -1])
def test_a_trend_goes_on_for_a_while(way):
    counts = [round(1000 * exp(-way * 0.01 * minute)) for minute in range(30)]  # the newest first
    found = course(counts, [1000.0] * 30, 60.0, (600.0,))
    assert way * (log(found.times[0]) + found.level) > way * found.level


def test_the_further_ahead_the_less_is_sure():
    found = course([100] * 30, [100.0] * 30, 60.0, AHEAD_S)
    spread = np.sqrt((found.sway**2).sum(axis=1))
    assert spread[0] < spread[1] < spread[2]
    assert 0.02 < spread[0] < 0.15


def test_few_contacts_say_little():
    few = course([0, 1, 0, 2, 1, 0, 1, 1], [1.0] * 8, 60.0, (60.0,))
    many = course([100] * 8, [100.0] * 8, 60.0, (60.0,))
    assert few.sway[0, 0] > 3 * many.sway[0, 0]


def test_a_minute_that_is_not_over_counts_for_its_share():
    whole = present_rates({"a": [60] * 10}, 60.0, ahead_s=AHEAD_S)
    begun = present_rates({"a": [15] + [60] * 9}, 60.0, ahead_s=AHEAD_S, newest=0.25)
    assert begun.window_s == whole.window_s
    assert begun.per_s["a"] == pytest.approx(whole.per_s["a"], rel=0.02)


def test_sway_must_fit_the_pieces():
    lane = Lane(3, "live", Group())
    state = FloorState(
        agents=[OnFloor(1)],
        handle={("live", ""): HandleTime(300.0)},
        arrivals_per_s={lane: 0.1},
        pulse=[(300.0, 1.0)],
        sway=np.eye(3),
    )
    (part,) = parts(state)
    with pytest.raises(ValueError, match="3 rows of sway for 2 pieces"):
        of_start(pool_start(part, state, ClassRules()))
