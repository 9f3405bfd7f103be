from typing import get_args

import numpy as np
import pytest

from pharos.engine.text import training
from pharos.engine.text.features import Shape

SHAPE = Shape(1, (2, 3), 10, within_words=True)
TEXTS = ["good film", "good day", "very good", "bad film", "bad day", "very bad"] * 5
GOOD = np.array([True, True, True, False, False, False] * 5)


@pytest.mark.parametrize("way", get_args(training.Way))
def test_a_head_learns_which_words_speak_for_it(way):
    known = training.vocabulary([(TEXTS, 2)], SHAPE)
    features = training.table(TEXTS, known)
    head = training.fit(features, GOOD, 1.0, balanced=True, way=way, ratio_strength=0.25)
    assert ((training.speak(features, [head])[:, 0] > 0) == GOOD).all()


def test_a_text_that_counts_for_more_is_heard():
    texts, truth = ["good"] * 3 + ["good day"], np.array([False, False, False, True])
    features = training.table(texts, training.vocabulary([(texts, 1)], SHAPE))
    heads = [
        training.fit(features, truth, 1.0, balanced=False, way="plain", ratio_strength=1.0, counts=counts)
        for counts in (np.ones(4), np.array([1.0, 1.0, 1.0, 50.0]))
    ]
    light, heavy = training.speak(features, heads)[3]
    assert light < heavy


@pytest.mark.parametrize("side", [True, False])
def test_a_head_that_heard_only_one_thing_says_it(side):
    features = training.table(TEXTS, training.vocabulary([(TEXTS, 2)], SHAPE))
    head = training.fit(features, np.full(len(TEXTS), side), 1.0, balanced=True, way="both", ratio_strength=1.0)
    assert ((training.speak(features, [head])[:, 0] > 0) == side).all()


def test_features_of_too_few_texts_are_not_known():
    known = training.vocabulary([(["fire", "fire", "dusk"], 2), (["fog"], 1), (["dusk"], 2)], SHAPE)
    assert len(known.find(["dusk"]).place) == 0
    assert len(known.find(["fire"]).place) > 0
    assert len(known.find(["fog"]).place) > 0


def test_calibrated_logits_are_as_sure_as_they_are_right():
    rng = np.random.default_rng(1)
    truth = rng.random(4000) < 0.3
    logits = np.where(truth, 2.0, -2.0) + rng.normal(size=4000) * 4
    slope, offset = training.calibrate(logits, truth)
    assert abs((1 / (1 + np.exp(-(slope * logits + offset)))).mean() - 0.3) < 0.02


def test_the_threshold_with_the_best_f1():
    scores, truth = np.tile([0.9, 0.8, 0.2, 0.1], 50), np.tile([True, True, False, False], 50)
    assert 0.2 < training.best_threshold(scores, truth, np.random.default_rng(4)) < 0.8


def test_offsets_help_a_rare_head():
    logits = np.array([[1.0, 0.9], [1.0, 0.9], [1.0, 0.1], [1.0, 0.0]])
    truth = np.array([[False, True], [False, True], [True, False], [True, False]])
    chosen = np.argmax(logits + training.offsets(logits, truth), axis=1)
    assert chosen.tolist() == [1, 1, 0, 0]


def test_eight_bits_are_close():
    weights = np.random.default_rng(2).normal(size=(1000, 2))
    whole, scale = training.quantise(weights)
    assert np.abs(whole * scale - weights).max() < 0.1
