"""Weights that are learned without labels."""

import numpy as np
import pytest

from pharos.engine import identity_learning as learning

SIZES = (3, 2, 2)
M = ((0.8, 0.15, 0.05), (0.9, 0.1), (0.7, 0.3))
U = ((0.01, 0.04, 0.95), (0.02, 0.98), (0.1, 0.9))
BEGIN = ((0.6, 0.2, 0.2), (0.7, 0.3), (0.6, 0.4))


def drawn(chances, count, rng):
    return np.column_stack([rng.choice(len(row), count, p=row) for row in chances]).astype(np.int8)


@pytest.fixture
def pairs():
    rng = np.random.default_rng(3)
    return drawn(M, 2_000, rng), drawn(U, 20_000, rng)


def test_what_made_the_pairs_is_found_again(pairs):
    same, other = pairs
    u = learning.counted(other, SIZES)
    found = learning.learn([learning.Pass(np.vstack([same, other]))], u, begin=BEGIN)
    for row, truth in zip(found.m, M, strict=True):
        assert row == pytest.approx(truth, abs=0.05)


def test_field_that_found_the_pairs_teaches_nothing_of_itself(pairs):
    same, other = pairs
    by_first = np.vstack([same[same[:, 0] == 0], other[other[:, 0] == 0]])
    u = learning.counted(other, SIZES)
    found = learning.learn([learning.Pass(by_first, frozenset({0}))], u, begin=BEGIN)
    assert found.m[0] == pytest.approx(BEGIN[0])
    assert found.m[1] == pytest.approx(M[1], abs=0.08)


def test_belief_holds_back_what_is_learned(pairs):
    same, other = pairs
    u = learning.counted(other, SIZES)
    one = learning.Pass(np.vstack([same, other]))
    free, held = (learning.learn([one], u, begin=BEGIN, belief=belief).m[1][0] for belief in (0.0, 0.5))
    assert BEGIN[1][0] < held < free


def test_missing_tells_nothing():
    chances = learning.Chances(M, U)
    weights = learning.scored(np.array([[0, 0, 0], [0, -1, -1], [-1, -1, -1]], dtype=np.int8), chances)
    assert weights[1] == pytest.approx(np.log2(0.8 / 0.01))
    assert weights[2] == 0
    assert weights[0] > weights[1]


def test_rare_value_tells_more():
    assert learning.rare(0.01, 0.0001) > 0 > learning.rare(0.01, 0.1)
    assert learning.rare(0.01, 0.0) == learning.rare(0.01, 1e-12)


def test_levels_are_put_in_order():
    odd = learning.Chances(((0.8, 0.1, 0.1),), ((0.01, 0.00001, 0.98999),))
    found = learning.in_order(odd)
    odds = [m / u for m, u in zip(found.m[0], found.u[0], strict=True)]
    assert odds == sorted(odds, reverse=True)


def test_floor_of_a_field_that_was_never_compared():
    (row,) = learning.at_least([[0.5, 0.5]], [[1e-5]])
    assert row == pytest.approx((1e-5, 1 - 1e-5))


def test_share_of_matches_among_all_pairs(pairs):
    same, other = pairs
    weights = learning.scored(np.vstack([same, other]), learning.Chances(M, U))
    assert learning.prior(weights, 22_000, guess=0.001) == pytest.approx(2_000 / 22_000, rel=0.15)
