"""The twin and the live order, path by path: the same chance gives every contact the same start."""

from dataclasses import replace
from math import exp, inf
from random import Random
from statistics import NormalDist
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pharos.engine import draws, laws, paths, twin
from pharos.engine.classes import KINDS, Kind
from pharos.engine.discipline import Group, GuardLane, Head, Lane
from pharos.engine.erlang import erlang_a
from pharos.engine.estimates import Wait
from pharos.engine.handling import HandleTime
from pharos.engine.kernel import all_paths
from pharos.engine.paths import Unsure
from pharos.engine.patience import Hazard
from pharos.engine.redials import with_redials
from pharos.engine.snapshot import FloorState, Held, OnFloor, parts, pool_start
from pharos.engine.waits import look_ahead
from tests.engine.floors import LANGUAGES, OTHER_RULES, RULES, SKILLS
from tests.engine.twins import SHADOWS, SlowPath, draw

HORIZON_S = 5000.0


def random_floor(rng: Random) -> FloorState:
    """A floor with chance: laws of both shapes, promises, the exempt, specialists, idle agents, new arrivals."""
    kind = rng.choice(KINDS)
    groups = [Group(rng.choice(SKILLS), rng.choice(("", *LANGUAGES))) for _ in range(rng.randint(1, 4))]
    waiting = [_head(rng, number, kind, groups) for number in range(rng.randint(0, 40))]
    lanes = {Lane(band, kind, group): rng.choice([0.0, 0.0, 0.001]) for band in range(4) for group in groups}
    return FloorState(
        waiting=waiting,
        agents=[_agent(rng, number, kind) for number in range(rng.randint(1, 8))],
        handle={(kind, skill): _law(rng) for skill in ("", *SKILLS)},
        arrivals_per_s={lane: rate for lane, rate in lanes.items() if rate},
        patience_s={kind: rng.choice([200.0, 2000.0])} if rng.random() < 0.7 else {},
        lanes=rng.sample(sorted(lanes), rng.randint(0, len(lanes))),
        buckets={GuardLane(kind, group): rng.randint(0, 100) for group in groups},
        unsure=rng.choice([Unsure(), Unsure(0.1, 0.2, 0.3)]),
    )


def _head(rng: Random, number: int, kind: Kind, groups: list[Group]) -> Head:
    waited_s = rng.uniform(0, 4000)
    return Head(
        contact_id=number,
        lane=Lane(rng.choice((0, 1, 2, 3, 3)), kind, rng.choice(groups)),
        waited_s=waited_s,
        arrival=-waited_s,
        guard_due=rng.choice([None, rng.uniform(-500, 1500)]),
        exempt=rng.choice([None] * 9 + ["raised"]),
    )


def _agent(rng: Random, number: int, kind: Kind) -> OnFloor:
    return OnFloor(
        agent_id=number,
        skills={skill: 1 for skill in SKILLS if rng.random() < 0.7},
        languages=frozenset(language for language in LANGUAGES if rng.random() < 0.7),
        capacity={kind: 1},
        held=(Held(kind, rng.uniform(0, 900), rng.choice(SKILLS)),) if rng.random() < 0.8 else (),
        whole=True,
    )


def _law(rng: Random) -> HandleTime:
    return HandleTime(rng.uniform(50, 500), rng.uniform(0.2, 1.5), rng.choice(["lognormal", "exponential"]))


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 2**32), st.sampled_from([RULES, OTHER_RULES]))
def test_every_start_of_every_path_is_that_of_the_live_order(seed, rules):
    state = random_floor(Random(seed))
    for part in parts(state):
        if not part.seats:
            continue
        starts = twin.follow(pool_start(part, state, rules), seed, 2, HORIZON_S, 100_000)
        for number, row in enumerate(starts.tolist()):
            expected = SlowPath(part, state, rules, draw(seed, number), HORIZON_S).run()
            asked = [*(head.contact_id for head in part.waiting), *(SHADOWS + n for n in range(len(part.lanes)))]
            assert row == pytest.approx([expected.get(contact, inf) for contact in asked], rel=1e-9, abs=1e-6)


EXPONENTIAL = HandleTime(300.0, 1.0, "exponential")
EVERYONE = twin.Shift(frozenset([0]))


def one_line(load: float, agents: int = 20, **more: Any) -> twin.Day:
    line = twin.CallLine(0, 1.0, 0.0, more.pop("handle", EXPONENTIAL), rates=(load * agents / 300,), **more)
    return twin.Day([line], [EVERYONE] * agents)


def calls_of(day: twin.Day, horizon_s: float = 300_000.0, many: int = 3) -> list[twin.Calls]:
    pool = twin.prepared(day)
    return [twin.play(pool, 7, path, horizon_s, 1000) for path in range(many)]


@pytest.mark.parametrize(("load", "patience_s"), [(0.9, 300.0), (1.3, 100.0), (3.0, 600.0)])
def test_a_long_day_is_erlang_a(load, patience_s):
    days = calls_of(one_line(load, patience=patience_s))
    exact = erlang_a(20, load * 20 / 300, 300.0, patience_s)
    waited, gone = (np.concatenate(column) for column in zip(*((c.waited_s, ~c.served) for c in days), strict=True))
    assert gone.mean() == pytest.approx(exact.abandon_probability, rel=0.04, abs=0.003)
    assert waited.mean() == pytest.approx(exact.mean_wait_s, rel=0.06, abs=0.3)


def test_accumulating_priority_has_kleinrocks_means():
    """Kleinrock 1964: waits of classes whose index grows at different rates, one server and no patience."""
    loads, paces = (0.2, 0.3, 0.3), (1.0, 2.0, 6.0)
    lines = [
        twin.CallLine(0, 1 / pace, 0.0, EXPONENTIAL, rates=(load / 300,))
        for load, pace in zip(loads, paces, strict=True)
    ]
    days = calls_of(twin.Day(lines, [EVERYONE]), 6e7, 4)
    expected: list[float] = []
    for line, pace in enumerate(paces):
        below = sum(loads[k] * expected[k] * (1 - paces[k] / pace) for k in range(line))
        above = sum(loads[k] * (1 - pace / paces[k]) for k in range(line + 1, 3))
        expected.append((sum(loads) * 300 / (1 - sum(loads)) - below) / (1 - above))
    for line, mean_s in enumerate(expected):
        waits = np.concatenate([calls.waited_s[calls.line == line] for calls in days])
        assert waits.mean() == pytest.approx(mean_s, rel=0.05)


def test_any_order_loses_the_same_share():
    """With service and patience that no class changes, the order decides who gives up and not how many."""
    orders = {"fcfs": [(1.0, 0.0)] * 3, "accumulating": [(300.0, 180.0), (900.0, 180.0), (3600.0, 0.0)]}
    orders["strict"] = [(1.0, 1e9), (1.0, 1e6), (1.0, 0.0)]
    exact = erlang_a(20, 2 * 20 / 300, 300.0, 300.0)
    for order in orders.values():
        lines = [
            twin.CallLine(0, target, ahead, EXPONENTIAL, (2 * 20 / 900,), 300.0, promise_s=600.0)
            for target, ahead in order
        ]
        gone = np.concatenate([~calls.served for calls in calls_of(twin.Day(lines, [EVERYONE] * 20))])
        assert gone.mean() == pytest.approx(exact.abandon_probability, rel=0.03)


def test_redials_make_the_demand_that_the_fixed_point_says():
    line: dict[str, Any] = {"patience": 300.0, "redial_share": 0.8, "redial_after_s": 600.0}
    days = calls_of(one_line(2.0, **line), 600_000.0)
    fresh = 2.0 * 20 / 300
    observed = np.mean([len(calls.line) for calls in days]) / 600_000.0
    assert observed == pytest.approx(with_redials(20, fresh, 300.0, 300.0, 0.8), rel=0.03)


def test_same_seed_meets_the_same_people_under_another_roster():
    pool, more = twin.prepared(one_line(1.5)), twin.prepared(one_line(1.5 * 20 / 25, agents=25))
    few, many = (twin.play(each, 3, 0, 30_000.0, 3000) for each in (pool, more))
    both = min(len(few.line), len(many.line))
    assert few.arrived_s[:both].tolist() == many.arrived_s[:both].tolist()
    assert few.took_s[:both].tolist() == many.took_s[:both].tolist()
    assert many.waited_s.mean() < few.waited_s.mean()


def test_breaks_and_shifts_are_kept():
    line = twin.CallLine(0, 1.0, 0.0, HandleTime(100.0, 0.0), arrivals=tuple(float(n) for n in range(8)))
    shifts = [twin.Shift(frozenset([0]), ((50.0, 250.0), (400.0, 1e9))), twin.Shift(frozenset([1]))]
    (calls,) = calls_of(twin.Day([line], shifts), 1e6, 1)
    # From 50 s; the second ends at 250 s, when the break begins; back at 400 s.
    assert calls.turn_s.tolist() == pytest.approx([50, 150, 400, 500, 600, 700, 800, 900])
    assert calls.agent.tolist() == [0] * 8


def test_rates_change_where_the_day_says():
    line = twin.CallLine(0, 1.0, 0.0, EXPONENTIAL, rates=(0.1, 0.0, 0.4, 0.0))
    (calls,) = calls_of(twin.Day([line], [EVERYONE] * 300, (0.0, 10_000.0, 20_000.0, 30_000.0)), 1e6, 1)
    counts = np.histogram(calls.arrived_s, [0, 10_000, 20_000, 30_000, 1e9])[0]
    assert counts[0] == pytest.approx(1000, rel=0.12)
    assert counts[2] == pytest.approx(4000, rel=0.06)
    assert counts[1] == counts[3] == 0


def test_measured_patience_is_lived():
    """Whoever is drawn from a hazard curve gives up as it says."""
    curve = Hazard((0.0, 60.0, 120.0, 600.0), (0.0, 0.1, 1.1, 1.5))
    line = twin.CallLine(0, 1.0, 0.0, EXPONENTIAL, arrivals=(0.0,) * 20_000, patience=curve)
    (calls,) = calls_of(twin.Day([line], [twin.Shift(frozenset([0]), ((1e6, inf),))]), 2e6, 1)
    for at, hazard in ((60.0, 0.1), (120.0, 1.1), (600.0, 1.5), (900.0, 1.75)):
        assert np.mean(calls.took_s > at) == pytest.approx(exp(-hazard), abs=0.012)


def test_due_promises_get_their_share():
    """Strict order starves the last line; the guard lane still starts its due promises, about three in ten."""
    lines = [
        twin.CallLine(0, 1.0, 1e9, EXPONENTIAL, (3 * 20 / 300,), 900.0),
        twin.CallLine(0, 1.0, 0.0, EXPONENTIAL, (2 * 20 / 300,), 900.0, promise_s=60.0),
    ]
    (calls,) = calls_of(twin.Day(lines, [EVERYONE] * 20, guard_percent=30), 300_000.0, 1)
    later = calls.served & (calls.turn_s > 3000)
    assert np.mean(calls.line[later] == 1) == pytest.approx(0.3, abs=0.02)


def test_draws_are_the_numbers_that_are_said():
    for number in range(50):
        assert int(draws.draw(np.uint64(77), np.uint64(number))) == draw(77, number)
    for share in (1e-300, 1e-12, 0.01, 0.0749, 0.3, 0.5, 0.925, 0.99999):
        assert draws.normal_at(share) == pytest.approx(NormalDist().inv_cdf(share), rel=1e-13)


@given(st.floats(1e-9, 1 - 1e-9), st.floats(0, 1e4), st.floats(1, 1e5))
def test_sure_stay_is_never_longer_than_the_stay(share, waited_s, mean_s):
    curves = np.zeros((0, 2, 2))
    for sort in (laws.EXPONENTIAL, laws.LOGNORMAL):
        law = np.array([sort, mean_s, 5.0, 1.0])
        stay = laws.stays(law, curves, waited_s, share)
        assert laws.surely_stays(law, waited_s, share) <= stay * (1 + 1e-12)


def test_warming_up_makes_what_everything_uses():
    twin.warm()
    kept = len(all_paths.signatures)  # type: ignore[attr-defined]
    state = random_floor(Random(5))
    for part in parts(state):
        if part.seats:
            twin.run(pool_start(part, state, RULES), np.random.default_rng(1), 2, 100, 100)
    assert len(all_paths.signatures) == kept == 1  # type: ignore[attr-defined]


def test_look_ahead_tells_the_same_from_arrays_and_from_the_twin():
    state = random_floor(Random(11))
    told = [look_ahead(state, RULES, np.random.default_rng(1), 800, run=run) for run in (paths.run, twin.run)]
    for contact, wait in told[0].remaining.items():
        other = told[1].remaining[contact]
        assert type(wait) is type(other)
        if isinstance(wait, Wait) and isinstance(other, Wait):
            assert other.median_s == pytest.approx(wait.median_s, rel=0.1, abs=15)


def test_the_usual_course_of_the_day_is_followed():
    """From 100 s on ten times as many urgent ones come, and an ordinary contact waits for them."""
    urgent, ordinary = Lane(1, "live", Group()), Lane(3, "live", Group())
    waiting = [Head(number, ordinary, 0.0, 0.0) for number in range(10)]
    agents = [OnFloor(1, held=(Held("live", 50.0),))]
    calm = FloorState(waiting, agents, {("live", ""): HandleTime(100.0)}, {urgent: 0.001})
    told = [
        look_ahead(state, RULES, np.random.default_rng(1), 400, run=twin.run).remaining[9]
        for state in (calm, replace(calm, pulse=((100.0, 5.0),)), replace(calm, pulse=((100.0, 0.0),)))
    ]
    waits = [wait.median_s for wait in told if isinstance(wait, Wait)]
    assert waits[2] < waits[0] < 0.8 * waits[1]
