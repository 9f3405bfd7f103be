import pytest

from pharos.engine.erlang import erlang_a
from pharos.engine.redials import fresh_arrivals, fresh_of_counts, with_redials

CENTRE = {"servers": 50, "aht_s": 300.0, "patience_s": 300.0}


@pytest.mark.parametrize("load", [0.5, 0.95, 2.0, 5.0])
@pytest.mark.parametrize("share", [0.0, 0.4, 0.8])
def test_fresh_and_observed_are_each_others_answer(load, share):
    fresh = load * 50 / 300
    observed = with_redials(50, fresh, 300.0, 300.0, share)
    assert observed >= fresh * (1 - 1e-9)
    assert fresh_arrivals(50, observed, 300.0, 300.0, share) == pytest.approx(fresh, rel=1e-6)


def test_redials_of_an_overload_look_like_demand_that_does_not_exist():
    """Twice what the agents can do, four in five call again: six times as much seems to come in."""
    fresh = 2.0 * 50 / 300
    observed = with_redials(50, fresh, 300.0, 300.0, 0.8)
    assert observed / fresh == pytest.approx(3.0, rel=0.02)
    gone = erlang_a(50, observed, 300.0, 300.0).abandon_probability
    assert observed == pytest.approx(fresh + 0.8 * gone * observed)


def test_fresh_of_counts():
    assert fresh_of_counts(100, 50, 0.4) == 80
    assert fresh_of_counts(10, 50, 0.9) == 0


def test_everyone_calling_again_for_ever_is_refused():
    with pytest.raises(ValueError, match="share"):
        with_redials(50, 0.1, 300.0, 300.0, 1.0)
