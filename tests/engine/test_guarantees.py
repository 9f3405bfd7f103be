"""The six guarantees of the queue, on every sample path.

Outside danger to life, and for starts of agents who could have taken whoever is spoken of: no order can give a person
the minutes of an agent who may not serve them.
"""

from collections import deque
from dataclasses import replace
from math import inf
from random import Random
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pharos.engine.classes import DANGER, KINDS, ClassRules, Kind, index
from pharos.engine.discipline import (
    Buckets,
    FreeAgent,
    Head,
    Lane,
    LaneView,
    assign,
    lanes_of,
    pick,
    place,
    serving_order,
    waited_after_change,
)
from pharos.engine.erlang import erlang_a
from tests.engine import reference
from tests.engine.floors import (
    ANYONE,
    OTHER_RULES,
    RULES,
    after_start,
    can_take,
    is_ordinary,
    outside_danger,
    random_plan,
    run,
)

seeds = st.integers(0, 2**32)
many = settings(max_examples=150)


def index_of(head: Head, rules: ClassRules) -> float:
    return rules.index(head.lane.band, head.lane.kind, head.waited_s)


def check_no_idling(path):
    for turn in path.turns:
        agents = {agent.agent_id: agent for agent in turn.agents}
        waiting = {head.contact_id: head for head in turn.waiting}
        for start in turn.result.picks:
            head = waiting.pop(start.contact_id)
            agents[start.agent_id] = after_start(agents[start.agent_id], head)
        assert not any(can_take(agent, head) for agent in agents.values() for head in waiting.values())


def check_no_inversion(path):
    for start in path.starts():
        others = [head for head in start.waiting if head is not start.head and start.could_take(head)]
        if start.head.lane.band == DANGER:
            rivals = [head for head in others if head.lane.band == DANGER]
            assert all((start.head.arrival, start.head.contact_id) < (head.arrival, head.contact_id) for head in rivals)
            continue
        assert all(outside_danger(head) for head in others)
        if is_ordinary(start):
            assert all(start.pick.index >= index_of(head, path.plan.rules) for head in others)


def check_first_in_first_out(path):
    for start in filter(is_ordinary, path.starts()):
        same = [head for head in start.waiting if head.lane == start.head.lane]
        assert min((head.arrival, head.contact_id) for head in same) == (start.head.arrival, start.pick.contact_id)


def overtaking_bound(later, earlier, waited_s):
    """The most seconds after `earlier` (who waited `waited_s` in all) that `later` may arrive and still start first.

    At the start of the later one, when the earlier has waited u and u >= s: (u - s + h_l) / D_l >= (u + h_k) / D_k, so
    s <= u (1 - D_l / D_k) + h_l - h_k D_l / D_k. For D_l <= D_k that grows with u, so u is the whole wait. For
    D_l > D_k it falls, and u = s is the loosest. Below zero: never.
    """
    ratio = later.target_s / earlier.target_s
    if ratio <= 1:
        return min(waited_s, waited_s * (1 - ratio) + later.head_start_s - earlier.head_start_s * ratio)
    return min(waited_s, later.head_start_s / ratio - earlier.head_start_s)


def check_bounded_overtaking(path):
    started = {start.pick.contact_id: start.now for start in path.starts()}
    for start in filter(is_ordinary, path.starts()):
        for head in start.waiting:
            after_s = start.head.arrival - head.arrival
            if after_s < 0 or head is start.head or not outside_danger(head) or not start.could_take(head):
                continue
            waited_s = started.get(head.contact_id, inf) - head.arrival
            later, earlier = (path.plan.rules[one.lane.band, one.lane.kind] for one in (start.head, head))
            assert after_s <= overtaking_bound(later, earlier, waited_s) + 1e-6


def check_hard_bound_after_a_broken_promise(path):
    percent = path.plan.rules.guard_percent
    ahead: dict[int, int] = {}
    starts: dict[int, int] = {}
    seen = {start.pick.contact_id: start for start in path.starts()}
    for turn in path.turns:
        due = sorted(
            filter(lambda head: outside_danger(head) and reference.is_due(head, turn.now), turn.waiting),
            key=reference.due,
        )
        for before, head in enumerate(due):
            ahead.setdefault(head.contact_id, before)
        for one in turn.result.picks:
            start = seen[one.contact_id]
            if not outside_danger(start.head):
                continue
            for head in start.waiting:
                if head.contact_id in ahead and start.could_take(head):
                    starts[head.contact_id] = starts.get(head.contact_id, 0) + 1
                    assert starts[head.contact_id] <= reference.most_starts(ahead[head.contact_id], percent)


def check_explainable(path):
    """Every pick says its index, its runner-up and its reason, and a replay of what was seen picks the same."""
    for turn in path.turns:
        again = assign(lanes_of(reversed(turn.waiting), turn.now), turn.agents[::-1], turn.buckets, path.plan.rules)
        assert again == turn.result
        picks, tokens = reference.assign(turn.waiting, turn.agents, turn.buckets, path.plan.rules, turn.now)
        assert list(turn.result.picks) == picks
        assert turn.result.buckets == tokens


def check_specialists_first(path):
    """The specialist team takes those with needs, and leaves the others, wherever one of both is free."""
    for start in path.starts():
        if start.pick.agent_id == start.head.prefers:
            continue
        free = [agent for agent in start.agents.values() if can_take(agent, start.head)]
        if start.agent.is_specialist != start.head.has_needs:
            assert all(agent.is_specialist != start.head.has_needs for agent in free)


@many
@given(seeds)
def test_those_with_needs_go_to_the_specialist_team_first(seed):
    path = run(random_plan(Random(seed)))
    check_specialists_first(path)


@many
@given(seeds)
def test_nobody_waits_longer_for_the_specialist_team(seed):
    """Where everyone can serve everyone, every contact starts at the same instant with such a team as without."""
    plan = random_plan(Random(seed), one_pool=True)
    without = replace(plan, arrivals=tuple(replace(arrival, has_needs=False) for arrival in plan.arrivals))
    started = [[(start.now, start.pick.contact_id) for start in run(one).starts()] for one in (plan, without)]
    assert started[0] == started[1]


@many
@given(seeds)
def test_no_agent_idles_beside_a_contact_it_may_serve(seed):
    path = run(random_plan(Random(seed)))
    check_no_idling(path)


@many
@given(seeds)
def test_no_smaller_index_starts_before_a_larger_one(seed):
    path = run(random_plan(Random(seed)))
    check_no_inversion(path)
    check_first_in_first_out(path)


@many
@given(seeds)
def test_overtaking_is_bounded_by_the_formula(seed):
    path = run(random_plan(Random(seed)))
    check_bounded_overtaking(path)


@many
@given(seeds)
def test_broken_promise_starts_within_the_bound_of_agents_who_could_take_it(seed):
    path = run(random_plan(Random(seed)))
    check_hard_bound_after_a_broken_promise(path)


@many
@given(seeds)
def test_broken_promise_starts_within_the_bound_of_all_starts_of_its_pool(seed):
    """Where all agents serve all contacts, every start outside danger counts: the guarantee word for word."""
    path = run(random_plan(Random(seed), one_pool=True))
    for start in path.starts():
        assert all(start.could_take(head) for head in start.waiting)
    check_hard_bound_after_a_broken_promise(path)


@many
@given(seeds)
def test_every_pick_is_explained_and_replays(seed):
    path = run(random_plan(Random(seed)))
    check_explainable(path)


def test_all_guarantees_hold_on_long_paths():
    for seed in range(100):
        path = run(random_plan(Random(seed), contacts=70, one_pool=seed % 4 == 0))
        check_no_idling(path)
        check_no_inversion(path)
        check_bounded_overtaking(path)
        check_hard_bound_after_a_broken_promise(path)


@pytest.mark.parametrize(
    ("later", "earlier", "waited_s", "most_s"),
    [
        ((1, "live"), (3, "live"), 36 * 60, 36 * 60),  # a fresh band 1 passes band 3 that waited up to 36 min
        ((1, "live"), (3, "live"), 60 * 60, 58 * 60),
        ((3, "live"), (1, "live"), 3600, -180),  # never
        ((2, "written"), (3, "live"), 3600, 15 * 60),
        ((1, "written"), (3, "live"), 3600, 30 * 60),
        ((1, "written"), (3, "written"), 12 * 3600, 12 * 3600),
        ((3, "live"), (3, "live"), 3600, 0),
    ],
)
def test_overtaking_bound_has_the_values_of_the_default_classes(later, earlier, waited_s, most_s):
    assert overtaking_bound(RULES[later], RULES[earlier], waited_s) == pytest.approx(most_s)


classes: st.SearchStrategy[tuple[int, Kind]] = st.tuples(st.sampled_from([1, 2, 3]), st.sampled_from(KINDS))


@settings(max_examples=300)
@given(classes, classes, st.floats(1, 200_000), st.floats(0.001, 0.999), st.sampled_from([RULES, OTHER_RULES]))
def test_overtaking_bound_is_tight(earlier, later, waited_s, share, rules):
    """Just inside the bound there is a moment at which the later arrival goes first, just outside there is none."""
    bound = overtaking_bound(rules[later], rules[earlier], waited_s)
    lanes = [Lane(band, kind, ANYONE) for band, kind in (earlier, later)]
    gaps = [(bound * share, True), (bound + 1.0, False)] if bound > 0 else [(1.0, False)]
    for after_s, possible in gaps:
        if after_s > waited_s:
            continue
        moments = (after_s, waited_s)
        heads = [(Head(1, lanes[0], moment, 0.0), Head(2, lanes[1], moment - after_s, after_s)) for moment in moments]
        first = [serving_order(lanes_of(pair, 0.0), rules)[0].contact_id for pair in heads]
        assert (2 in first) is possible


def place_of(head: Head, order) -> int:
    found = place(order, head.contact_id)
    assert found is not None
    return found


@settings(max_examples=400)
@given(seeds, st.data())
def test_a_change_of_class_never_makes_a_place_worse(seed, data):
    plan = random_plan(Random(seed))
    now = plan.arrivals[-1].at + 1
    heads = [arrival.head(now) for arrival in plan.arrivals]
    chosen = data.draw(st.sampled_from(heads))
    tighter = data.draw(st.integers(0, chosen.lane.band))
    kind = data.draw(st.sampled_from(KINDS))
    rules = plan.rules
    old = rules[chosen.lane.band, chosen.lane.kind]
    new = rules[tighter, kind]
    waited_s = waited_after_change(old, new, chosen.waited_s)
    moved = chosen._replace(
        lane=Lane(tighter, kind, chosen.lane.group),
        waited_s=waited_s,
        arrival=chosen.arrival - (waited_s - chosen.waited_s),
    )
    assert index(new, waited_s) >= index(old, chosen.waited_s) * (1 - 1e-12)
    before = serving_order(lanes_of(heads, now), rules)
    after = serving_order(lanes_of([head for head in heads if head is not chosen] + [moved], now), rules)
    assert place_of(chosen, after) <= place_of(chosen, before)


@many
@given(seeds)
def test_due_promises_overtake_with_no_more_than_their_share_of_the_starts(seed):
    path = run(random_plan(Random(seed), one_pool=True))
    starts = [start for start in path.starts() if outside_danger(start.head)]
    overtaking = sum(start.pick.guard for start in starts)
    assert 100 * overtaking <= path.plan.rules.guard_percent * len(starts)


def test_no_rule_changes_who_gives_up_when_service_and_patience_do_not_depend_on_the_class():
    """Erlang A holds for this order as for every one that does not idle."""
    servers, rate, aht_s, patience_s = 6, 7 / 300, 300.0, 400.0
    measured = abandonment(Random(7), servers=servers, rate=rate, aht_s=aht_s, patience_s=patience_s, contacts=30_000)
    exact = erlang_a(servers, rate, aht_s, patience_s)
    assert measured.abandoned == pytest.approx(exact.abandon_probability, abs=0.012)
    assert measured.waited == pytest.approx(exact.wait_probability, abs=0.02)


class Measured(NamedTuple):
    abandoned: float
    waited: float


def abandonment(rng: Random, *, servers, rate, aht_s, patience_s, contacts) -> Measured:
    """The shares who give up and who wait, in a line of three classes under the real order."""
    lines: dict[Lane, deque[Caller]] = {Lane(band, "live", ANYONE): deque() for band in (1, 2, 3)}
    ends = [0.0] * servers
    buckets: Buckets = {}
    now, given_up, waited = 0.0, 0, 0
    for number in range(contacts):
        now += rng.expovariate(rate)
        while min(ends) <= now and any(lines.values()):
            end = min(ends)
            for line in lines.values():
                here = [one for one in line if one.leaves > end]
                given_up += len(line) - len(here)
                line.clear()
                line.extend(here)
            views = [LaneView(lane, [one.head(lane, end) for one in line]) for lane, line in lines.items()]
            found = pick(views, FreeAgent(1), buckets, RULES)
            buckets = found.buckets
            for start in found.picks:
                for line in lines.values():
                    if line and line[0].number == start.contact_id:
                        line.popleft()
                ends[ends.index(end)] = end + rng.expovariate(1 / aht_s)
        if min(ends) <= now:
            ends[ends.index(min(ends))] = now + rng.expovariate(1 / aht_s)
        else:
            waited += 1
            lines[rng.choice(list(lines))].append(Caller(number, now, now + rng.expovariate(1 / patience_s)))
    return Measured(given_up / contacts, waited / contacts)


class Caller(NamedTuple):
    number: int
    arrived: float
    leaves: float

    def head(self, lane: Lane, now: float) -> Head:
        return Head(self.number, lane, now - self.arrived, self.arrived)
