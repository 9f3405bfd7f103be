import numpy as np
import pytest

from pharos.engine.arrivals import drift_of, present_rates


def test_a_steady_rate_is_averaged_over_all_of_the_window():
    found = present_rates({"a": [10, 11, 9, 10, 12, 8, 10, 11], "b": [20, 19, 21, 22, 18, 20, 21, 19]}, 60.0)
    assert found.window_s == 480
    assert found.per_s == pytest.approx({"a": 81 / 480, "b": 160 / 480})


def test_a_surge_is_seen_within_a_slot():
    found = present_rates({"a": [200, 50, 51, 49, 50]}, 60.0)
    assert found.window_s == 60
    assert found.per_s["a"] == pytest.approx(200 / 60)


def test_the_end_of_a_surge_is_seen_too():
    assert present_rates({"a": [40, 210, 205, 200]}, 60.0).per_s["a"] == pytest.approx(40 / 60)


def test_few_contacts_need_a_longer_while():
    found = present_rates({"a": [0, 1, 0, 2, 1, 0, 1, 1]}, 60.0)
    assert found.window_s == 480
    assert found.cv > 0.4


def test_shares_of_lanes_come_from_a_longer_while():
    found = present_rates({"a": [100, 5, 5, 40, 40], "b": [0, 5, 5, 40, 40]}, 60.0)
    assert found.window_s == 60
    assert sum(found.per_s.values()) == pytest.approx(100 / 60)
    assert found.per_s["b"] > 0.2


def test_nobody_came():
    found = present_rates({"a": [0, 0]}, 60.0)
    assert found.per_s == {"a": 0.0}
    assert present_rates({}, 60.0).per_s == {}


def test_drift_is_what_chance_does_not_explain():
    rng = np.random.default_rng(1)
    calm = rng.poisson(200, 400)
    assert drift_of(calm.tolist()) < 0.03
    moving = rng.poisson(200 * np.exp(rng.normal(0, 0.2, 400)))
    assert drift_of(moving.tolist()) == pytest.approx(0.2, rel=0.2)
    assert drift_of([5]) == 0.1


def test_a_usual_rise_is_no_surge():
    usual = [40.0, 35.0, 30.0, 25.0, 20.0, 15.0]
    found = present_rates({"a": [44, 39, 33, 27, 22, 16]}, 60.0, usual=usual)
    assert found.window_s == 360
    assert found.times_usual == pytest.approx(181 / 165)
    assert found.per_s["a"] == pytest.approx(181 / 165 * 40 / 60)
