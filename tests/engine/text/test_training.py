import numpy as np
import pytest

from pharos.engine.text import training
from pharos.engine.text.features import Shape

SHAPE = Shape(1, (2, 3), 10, within_words=True)
TEXTS = ["good film", "good day", "very good", "bad film", "bad day", "very bad"] * 5
GOOD = np.array([True, True, True, False, False, False] * 5)


@pytest.mark.parametrize("blended", [False, True])
def test_a_head_learns_which_words_speak_for_it(blended):
    rarity = training.rarities(TEXTS, SHAPE)
    table = training.table(TEXTS, rarity, SHAPE)
    weights, bias = training.fit(table, GOOD, 1.0, balanced=True, blended=blended)
    assert ((table.times(weights) + bias > 0) == GOOD).all()
    part = table.only(np.array([3, 0]))
    assert (part.times(weights) + bias > 0).tolist() == [False, True]


def test_a_smooth_valley_is_found():
    goal = np.array([3.0, -2.0, 0.5])
    found = training.minimise(lambda point: (float(((point - goal) ** 2).sum()), 2 * (point - goal)), np.zeros(3))
    assert np.allclose(found, goal, atol=1e-2)


def test_calibrated_logits_are_as_sure_as_they_are_right():
    rng = np.random.default_rng(1)
    truth = rng.random(4000) < 0.3
    logits = np.where(truth, 2.0, -2.0) + rng.normal(size=4000) * 4
    slope, offset = training.calibrate(logits, truth)
    assert abs((1 / (1 + np.exp(-(slope * logits + offset)))).mean() - 0.3) < 0.02


def test_the_threshold_with_the_best_f1():
    scores = np.array([0.9, 0.8, 0.2, 0.1])
    assert 0.2 < training.best_threshold(scores, np.array([True, True, False, False])) < 0.8


def test_offsets_help_a_rare_head():
    logits = np.array([[1.0, 0.9], [1.0, 0.9], [1.0, 0.1], [1.0, 0.0]])
    truth = np.array([[False, True], [False, True], [True, False], [True, False]])
    chosen = np.argmax(logits + training.offsets(logits, truth), axis=1)
    assert chosen.tolist() == [1, 1, 0, 0]


def test_eight_bits_are_close():
    weights = np.random.default_rng(2).normal(size=(1000, 2))
    whole, scale = training.quantise(weights)
    assert np.abs(whole * scale - weights).max() < 0.1
