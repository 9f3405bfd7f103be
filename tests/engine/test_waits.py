from time import process_time

import numpy as np
import pytest

from pharos.engine.classes import ClassRules, Kind
from pharos.engine.erlang import wait_quantile
from pharos.engine.estimates import BEYOND_HORIZON, NO_AGENTS, NO_HANDLE_TIME, NOT_ASKED, Unknown, Wait
from pharos.engine.lanes import Group, Head, Lane
from pharos.engine.waits import FloorState, HandleTime, Held, OnFloor, look_ahead

RULES = ClassRules()
LANE = Lane(3, "live", Group())
Handle = dict[tuple[Kind, str], HandleTime]
EXPONENTIAL: Handle = {("live", ""): HandleTime(300.0, 1.0, "exponential")}


def line(length, lane=LANE):
    return [Head(number, lane, 500.0 - number, number - 500.0) for number in range(length)]


def busy(agents, elapsed_s=50.0):
    return [OnFloor(number, held=(Held("live", elapsed_s),)) for number in range(agents)]


def ask(state, paths=4000, seed=3, **more):
    return look_ahead(state, RULES, np.random.default_rng(seed), paths, **more)


@pytest.mark.parametrize(
    ("agents", "ahead", "patience_s"), [(5, 20, 600.0), (50, 100, 300.0), (5, 0, 600.0), (5, 20, None)]
)
def test_next_arrival_follows_the_exact_law(agents, ahead, patience_s):
    patience: dict[Kind, float] = {"live": patience_s} if patience_s else {}
    state = FloorState(line(ahead), busy(agents), EXPONENTIAL, {LANE: 0.02}, patience)
    wait = ask(state).of(LANE)
    assert isinstance(wait, Wait)
    for share, told_s in ((0.1, wait.low_s), (0.5, wait.median_s), (0.9, wait.high_s)):
        exact_s = wait_quantile(agents, 300.0, patience_s, ahead, share)
        assert told_s == pytest.approx(exact_s, rel=0.03, abs=3)


def test_everyone_who_waits_is_told_what_is_left():
    curve = ask(FloorState(line(30), busy(10), EXPONENTIAL, patience_s={"live": 600.0}))
    for ahead in (0, 9, 29):
        wait = curve.remaining[ahead]
        assert isinstance(wait, Wait)
        assert wait.median_s == pytest.approx(wait_quantile(10, 300.0, 600.0, ahead, 0.5), rel=0.04, abs=3)


def test_asking_about_more_lanes_changes_nothing():
    few = FloorState(line(20), busy(5), EXPONENTIAL)
    more = FloorState(line(20), busy(5), EXPONENTIAL, lanes=[Lane(band, "live", Group()) for band in range(4)])
    one, other = ask(few).of(LANE), ask(more).of(LANE)
    assert isinstance(one, Wait)
    assert isinstance(other, Wait)
    assert other.median_s == pytest.approx(one.median_s, rel=0.02)


def test_urgent_arrivals_wait_less_and_danger_least():
    lanes = [Lane(band, "live", Group()) for band in range(4)]
    curve = ask(FloorState(line(60), busy(6), EXPONENTIAL, dict.fromkeys(lanes, 0.003)), paths=300)
    waits = [curve.of(lane) for lane in lanes]
    medians = [wait.median_s for wait in waits if isinstance(wait, Wait)]
    assert len(medians) == 4
    assert medians == sorted(medians)
    assert medians[1] < 100 < medians[3] / 10


def test_free_agents_mean_no_wait():
    wait = ask(FloorState((), [OnFloor(1)], EXPONENTIAL, lanes=[LANE]), paths=20).of(LANE)
    assert wait == Wait(0.0, 0.0, 0.0, 20)


def test_same_seed_tells_the_same():
    state = FloorState(line(30), busy(5), EXPONENTIAL, {LANE: 0.02})
    assert ask(state, 40) == ask(state, 40)
    assert ask(state, 40) != ask(state, 40, seed=4)


def test_nobody_on_duty_is_said():
    state = FloorState(line(2), [OnFloor(1, capacity={"written": 3})], EXPONENTIAL, lanes=[LANE])
    curve = ask(state)
    assert curve.of(LANE) == Unknown(NO_AGENTS)
    assert curve.remaining == {0: Unknown(NO_AGENTS), 1: Unknown(NO_AGENTS)}


def test_nobody_with_the_language_is_said_for_that_language_alone():
    persian = Lane(3, "live", Group("", "fa"))
    agents = [OnFloor(1, languages=frozenset({"en"}))]
    curve = ask(FloorState((), agents, EXPONENTIAL, lanes=[persian, LANE]), paths=10)
    assert curve.of(persian) == Unknown(NO_AGENTS)
    assert isinstance(curve.of(LANE), Wait)


def test_missing_handle_time_is_said():
    assert ask(FloorState(line(1), busy(1), {})).remaining[0] == Unknown(NO_HANDLE_TIME)


def test_lane_that_was_not_asked_about_is_not_known():
    assert ask(FloorState()).of(LANE) == Unknown(NOT_ASKED)


def test_wait_beyond_the_horizon_is_not_known_but_at_least_so_long():
    state = FloorState(line(50), busy(1), {("live", ""): HandleTime(1000.0, 0.1)})
    curve = ask(state, 30, horizon_s=20_000.0)
    assert isinstance(curve.remaining[5], Wait)
    assert curve.remaining[49] == Unknown(BEYOND_HORIZON)


def test_far_end_beyond_the_horizon_gives_the_near_end_as_a_least():
    state = FloorState(line(1), busy(1), {("live", ""): HandleTime(1000.0, 1.0, "exponential")})
    wait = ask(state, horizon_s=1000.0).remaining[0]
    assert isinstance(wait, Unknown)
    assert wait.reason == BEYOND_HORIZON
    assert wait.at_least_s == pytest.approx(105, rel=0.2)


def test_long_held_contacts_are_expected_to_last_longer():
    handle = HandleTime(300.0, 1.5)
    uniforms = np.linspace(0.0005, 0.9995, 1000)
    fresh, old, ancient = (float(handle.remaining(elapsed, uniforms).mean()) for elapsed in (0.0, 2000.0, 1e7))
    assert fresh == pytest.approx(300, rel=0.02)
    assert fresh < old < ancient


@pytest.mark.parametrize(("mean_s", "cv"), [(0.0, 1.0), (-5.0, 1.0), (float("nan"), 1.0), (300.0, -0.1)])
def test_impossible_handle_times_are_refused(mean_s, cv):
    with pytest.raises(ValueError, match="handle time"):
        HandleTime(mean_s, cv)


def test_remaining_time_without_chance_is_what_is_left():
    uniforms = np.array([0.2, 0.7])
    assert HandleTime(300.0, 0.0).remaining(120.0, uniforms).tolist() == [180.0, 180.0]
    assert HandleTime(300.0, 0.0).remaining(500.0, uniforms).tolist() == [0.0, 0.0]


def test_agents_shared_between_kinds_are_counted_once():
    written = Lane(3, "written", Group())
    handle: Handle = {("live", ""): HandleTime(300.0), ("written", ""): HandleTime(300.0)}
    waiting = [*line(20), *(head._replace(contact_id=head.contact_id + 99) for head in line(20, written))]
    apart = FloorState(waiting, [OnFloor(n, held=(Held("live", 9.0), Held("written", 9.0))) for n in range(4)], handle)
    shared = FloorState(waiting, [OnFloor(n, held=(Held("live", 9.0),), whole=True) for n in range(4)], handle)
    one, other = ask(apart, 200).remaining[118], ask(shared, 200).remaining[118]
    assert isinstance(one, Wait)
    assert isinstance(other, Wait)
    assert other.median_s > 1.7 * one.median_s


def test_thousand_waiting_two_hundred_agents_sixty_paths_in_time():
    rng = np.random.default_rng(1)
    groups = [Group(f"skill-{number}") for number in range(6)]
    waiting = [
        Head(n, Lane(n % 3 + 1, "live", groups[n % 6]), w, -w, guard_due=900 - w)
        for n, w in enumerate(rng.uniform(0, 1800, 1000).tolist())
    ]
    agents = [
        OnFloor(n, {f"skill-{n % 6}": 1, f"skill-{n % 5}": 1}, held=(Held("live", float(n)),)) for n in range(200)
    ]
    arrivals = {Lane(band, "live", group): 0.02 for group in groups for band in (1, 2, 3)}
    state = FloorState(waiting, agents, {("live", ""): HandleTime(480.0, 0.9)}, arrivals, {"live": 900.0})
    spent_s = []
    for _ in range(3):
        before = process_time()
        curve = ask(state, 60)
        spent_s.append(process_time() - before)
    assert min(spent_s) < 1.5
    assert all(isinstance(wait, Wait) for wait in curve.remaining.values())
