import pytest

from pharos.engine.scores import Scored, score, scores, wilson


def test_score_in_the_words_of_forecasting():
    found = score([Scored("", 100, 80, 120, 110), Scored("", 100, 80, 120, 130), Scored("", 50, 40, 60, 30)])
    assert found.told == 3
    assert found.mean_s == 90
    assert found.rmse_share == pytest.approx((1400 / 3) ** 0.5 / 90)
    assert found.mae_share == pytest.approx(20 / 90)
    assert found.bias_share == pytest.approx(-20 / 3 / 90)
    assert (found.coverage, found.late, found.early) == pytest.approx((1 / 3, 1 / 3, 1 / 3))
    assert found.coverage_low < 1 / 3 < found.coverage_high


def test_groups_and_all_of_them():
    found = scores([Scored("a", 1, 0, 2, 1), Scored("b", 1, 0, 2, 5), Scored("b", 1, 0, 2, 1)])
    assert {group: (one.told, one.coverage) for group, one in found.items()} == {
        "": (3, pytest.approx(2 / 3)),
        "a": (1, 1),
        "b": (2, 0.5),
    }


def test_nobody_waited():
    found = score([Scored("", 0, 0, 0, 0)])
    assert found.rmse_share is None
    assert found.coverage == 1


def test_nothing_told_has_no_score():
    assert scores([]) == {}
    with pytest.raises(ValueError, match="told"):
        score([])


def test_wilson_has_the_known_interval():
    assert wilson(0.9, 100) == pytest.approx((0.8256, 0.9448), abs=1e-3)
