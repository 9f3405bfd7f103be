import numpy as np
import pytest

from pharos.engine.handling import HandleTime, fitted

PRIOR = HandleTime(600.0, 0.8)


def test_fit_of_finished_contacts():
    made = np.random.default_rng(1).lognormal(*HandleTime(300.0, 0.9).log_law(), 4000)
    found = fitted(made.tolist(), [], PRIOR)
    assert found.mean_s == pytest.approx(300, rel=0.04)
    assert found.cv == pytest.approx(0.9, rel=0.08)


def test_contacts_in_hand_keep_the_mean_honest_early_in_a_surge():
    """Five minutes in, only the short ones have ended."""
    rng = np.random.default_rng(2)
    made, began = rng.lognormal(*HandleTime(400.0, 0.9).log_law(), 600), rng.uniform(0, 300, 600)
    ended = began + made < 300
    found = fitted(made[ended].tolist(), (300 - began[~ended]).tolist(), PRIOR, memory=1)
    assert made[ended].mean() < 150
    assert found.mean_s == pytest.approx(400, rel=0.2)


def test_no_contact_is_the_starting_value():
    found = fitted([], [], PRIOR)
    assert found.mean_s == pytest.approx(600)
    assert found.cv == pytest.approx(0.8)


def test_starting_value_fades():
    assert 300 < fitted([300.0] * 5, [], PRIOR).mean_s < 600
    assert fitted([300.0] * 2000, [], PRIOR).mean_s == pytest.approx(300, rel=0.01)


def test_ends_at_once_and_never_do_no_harm():
    assert 0 < fitted([0.0] * 50, [1e9] * 3, PRIOR).mean_s < float("inf")
