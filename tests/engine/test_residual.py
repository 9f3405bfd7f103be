import json
from dataclasses import asdict

import numpy as np
import pytest

from pharos.engine.estimates import Wait
from pharos.engine.residual import Lesson, Residual, learn


def lessons(count=1500, hidden=0.0, seed=1):
    """Waits half as long again when the second number of the state is high; some are given up."""
    rng = np.random.default_rng(seed)
    made = []
    for state in rng.normal(0, 1, (count, 2)):
        told = float(rng.uniform(60, 600))
        wait = told * float(np.exp(0.3 * state[1] + rng.normal(0, 0.1)))
        stay = float(rng.exponential(hidden)) if hidden else wait + 1
        made.append(Lesson((float(state[0]), float(state[1])), told, min(wait, stay), wait <= stay))
    return made


@pytest.mark.parametrize("hidden", [0.0, 600.0])
def test_what_the_look_ahead_misses_is_learned(hidden):
    learned = learn(lessons(hidden=hidden))
    assert learned is not None
    high, low = (learned.corrected(Wait(200, 300, 400, 9), (0.0, side)).median_s for side in (1.0, -1.0))
    assert high == pytest.approx(300 * np.exp(0.3), rel=0.08)
    assert low == pytest.approx(300 * np.exp(-0.3), rel=0.08)


def test_states_never_met_are_left_alone():
    learned = learn(lessons())
    assert learned is not None
    wait = Wait(200, 300, 400, 9)
    assert learned.familiar((0.0, 0.0)) == 1
    assert learned.familiar((0.0, 12.0)) == 0
    assert learned.corrected(wait, (0.0, 12.0)) == wait


def test_a_range_only_grows():
    learned = learn(lessons())
    assert learned is not None
    for state in ((0.0, 1.5), (0.0, -1.5)):
        wait = learned.corrected(Wait(0, 300, 400, 9), state)
        assert wait.low_s == 0
        assert wait.high_s >= 400
        assert wait.low_s <= wait.median_s <= wait.high_s


def test_too_few_lessons_teach_nothing():
    assert learn(lessons(150)) is None


def test_residual_is_kept_as_plain_numbers():
    learned = learn(lessons(400))
    assert learned is not None
    kept = json.loads(json.dumps(asdict(learned)))
    lists = {name: tuple(kept[name]) for name in ("centre", "scale", "weights")}
    again = Residual(**{**kept, **lists, "shape": tuple(map(tuple, kept["shape"]))})
    assert again == learned
