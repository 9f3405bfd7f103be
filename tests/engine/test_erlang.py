import math

import numpy as np
import pytest

from pharos.engine.erlang import (
    Overload,
    Steady,
    answered_within,
    erlang_a,
    erlang_b,
    erlang_c,
    required_agents,
    required_with_patience,
    wait_quantile,
    wait_tail,
)


def textbook_a(servers, rate, service, leaving, states=4000):
    """Erlang A by the textbook product in logarithms."""
    logs = [0.0]
    for state in range(1, states):
        out = min(state, servers) * service + max(state - servers, 0) * leaving
        logs.append(logs[-1] + math.log(rate / out))
    weights = np.exp(np.array(logs) - max(logs))
    shares = weights / weights.sum()
    number = np.arange(states)
    return float(shares[servers:].sum()), float((shares * np.maximum(number - servers, 0)).sum())


@pytest.mark.parametrize(
    ("servers", "load", "expected"), [(1, 1, 0.5), (2, 1, 0.2), (10, 10, 0.21458), (100, 100, 0.07570)]
)
def test_erlang_b_has_the_tabled_values(servers, load, expected):
    assert erlang_b(servers, load) == pytest.approx(expected, abs=5e-6)


def test_erlang_c_with_one_server_is_the_load():
    found = erlang_c(1, 0.5, 1.0)
    assert found == Steady(0.5, 1.0, 0.5, 0.0, 0.5)


def test_overload_is_said():
    assert erlang_c(10, 0.1, 120.0) == Overload(12.0, 10)
    assert erlang_c(12, 0.1, 120.0) == Overload(12.0, 12)


@pytest.mark.parametrize("patience_s", [30.0, 300.0, 3000.0])
@pytest.mark.parametrize(("servers", "load"), [(1, 0.3), (5, 4.0), (5, 9.0), (120, 100.0), (120, 180.0)])
def test_erlang_a_equals_the_textbook_sum(servers, load, patience_s):
    found = erlang_a(servers, load / 300, 300.0, patience_s)
    waits, queue = textbook_a(servers, load / 300, 1 / 300, 1 / patience_s)
    assert found.wait_probability == pytest.approx(waits, rel=1e-9)
    assert found.mean_queue == pytest.approx(queue, rel=1e-9)


@pytest.mark.parametrize("load", [9_000.0, 10_000.0, 14_000.0])
def test_erlang_a_holds_for_ten_thousand_agents(load):
    found = erlang_a(10_000, load / 300, 300.0, 200.0)
    assert 0 <= found.wait_probability <= 1
    assert 0 <= found.occupancy <= 1
    # What comes in is served or gives up.
    served = found.occupancy * 10_000 / 300
    assert served + found.abandon_probability * load / 300 == pytest.approx(load / 300)


def test_erlang_a_without_agents_loses_everyone():
    found = erlang_a(0, 0.1, 300.0, 60.0)
    assert found.abandon_probability == pytest.approx(1.0)
    assert found.mean_queue == pytest.approx(6.0)
    assert found.wait_probability == 1.0
    assert found.occupancy == 0.0


def test_erlang_a_without_arrivals_is_still():
    assert erlang_a(3, 0.0, 300.0, 60.0) == Steady(0.0, 0.0, 0.0, 0.0, 0.0)


def test_endless_patience_is_erlang_c():
    patient, endless = erlang_a(20, 0.06, 300.0, 1e10), erlang_c(20, 0.06, 300.0)
    assert isinstance(endless, Steady)
    assert patient.wait_probability == pytest.approx(endless.wait_probability, rel=1e-5)
    assert patient.mean_wait_s == pytest.approx(endless.mean_wait_s, rel=1e-4)


def test_required_agents_is_the_fewest():
    rate, aht_s = 95 / 300, 300.0
    servers = required_agents(rate, aht_s, 20.0, 0.8)

    def level(number):
        found = erlang_c(number, rate, aht_s)
        assert isinstance(found, Steady)
        return 1 - found.wait_probability * math.exp(-(number - rate * aht_s) * 20 / aht_s)

    assert level(servers) >= 0.8 > level(servers - 1)
    assert required_agents(0.0, 300.0, 20.0, 0.8) == 1


def test_required_agents_refuses_certainty():
    with pytest.raises(ValueError, match="share"):
        required_agents(1.0, 1.0, 1.0, 1.0)


def test_wait_law_with_nobody_ahead_is_the_next_end_or_none():
    assert wait_tail(5, 300.0, None, 0, 60.0) == pytest.approx(math.exp(-1))
    assert wait_tail(5, 300.0, 600.0, 0, 60.0) == pytest.approx(math.exp(-1))
    assert wait_tail(5, 300.0, 600.0, 0, 0.0) == 1.0


@pytest.mark.parametrize("patience_s", [None, 200.0])
def test_wait_law_equals_its_sum_of_exponentials(patience_s):
    rng = np.random.default_rng(5)
    rates = [4 / 100 + (ahead / patience_s if patience_s else 0) for ahead in range(13)]
    drawn = sum(rng.exponential(1 / rate, 40_000) for rate in rates)
    for share in (0.1, 0.5, 0.9):
        assert wait_quantile(4, 100.0, patience_s, 12, share) == pytest.approx(np.quantile(drawn, share), rel=0.02)


def test_wait_law_of_a_very_long_line_stays_finite():
    assert wait_quantile(200, 300.0, 600.0, 5_000, 0.9) == pytest.approx(600 * math.log((400 + 5001) / 400), rel=0.05)
    assert 0.0 <= wait_tail(200, 300.0, None, 5_000, 1.0) <= 1.0


@pytest.mark.parametrize(("servers", "load", "patience_s"), [(5, 4.0, 200.0), (5, 9.0, 400.0), (120, 130.0, 300.0)])
def test_share_answered_in_time_lies_between_those_who_never_wait_and_all_who_stay(servers, load, patience_s):
    rate = load / 300
    exact = erlang_a(servers, rate, 300.0, patience_s)
    assert answered_within(servers, rate, 300.0, patience_s, 0.0) == pytest.approx(1 - exact.wait_probability)
    for_ever = answered_within(servers, rate, 300.0, patience_s, 1e6)
    assert for_ever == pytest.approx(1 - exact.abandon_probability, rel=1e-9)


def test_share_answered_in_time_equals_its_integral():
    """Of those who find q ahead: who is answered at v has stayed so long, e^(-v / patience)."""
    servers, rate, patience_s, within_s = 5, 7 / 300, 200.0, 120.0
    points = np.linspace(0, within_s, 4001)
    found = 0.0
    for state in range(60):
        share = textbook_share(servers, rate, 1 / 300, 1 / patience_s, state)
        if state < servers:
            found += share
            continue
        tails = [wait_tail(servers, 300.0, patience_s, state - servers, point) for point in points[::40]]
        density = -np.gradient(tails, points[::40])
        found += share * float(np.trapezoid(density * np.exp(-points[::40] / patience_s), points[::40]))
    assert answered_within(servers, rate, 300.0, patience_s, within_s) == pytest.approx(found, rel=2e-3)


def textbook_share(servers, rate, service, leaving, wanted, states=400):
    logs = [0.0]
    for state in range(1, states):
        logs.append(logs[-1] + math.log(rate / (min(state, servers) * service + max(state - servers, 0) * leaving)))
    weights = np.exp(np.array(logs) - max(logs))
    return float(weights[wanted] / weights.sum())


@pytest.mark.parametrize("rate", [0.02, 0.4, 4.0])
def test_required_with_patience_is_the_fewest(rate):
    servers = required_with_patience(rate, 300.0, 600.0, 20.0, 0.8)
    level = [answered_within(number, rate, 300.0, 600.0, 20.0) for number in (servers - 1, servers)]
    assert level[0] < 0.8 <= level[1]
    assert servers <= required_agents(rate, 300.0, 20.0, 0.8)


def test_required_with_patience_refuses_certainty():
    with pytest.raises(ValueError, match="share"):
        required_with_patience(1.0, 1.0, 1.0, 1.0, 1.0)


def test_nobody_comes_or_nobody_answers():
    assert answered_within(3, 0.0, 300.0, 60.0, 20.0) == 1.0
    assert answered_within(0, 0.1, 300.0, 60.0, 20.0) == 0.0
