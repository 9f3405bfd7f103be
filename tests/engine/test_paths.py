"""The look-ahead follows the real order: without chance both give the same starts, contact by contact."""

from math import inf
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pharos.engine.classes import KINDS, ClassRules, Kind
from pharos.engine.discipline import Buckets, FreeAgent, Group, GuardLane, Head, Lane, assign, lanes_of
from pharos.engine.estimates import Unknown, Wait
from pharos.engine.handling import HandleTime
from pharos.engine.paths import run
from pharos.engine.snapshot import FloorState, Held, OnFloor, Part, Seat, parts, pool_start
from pharos.engine.waits import look_ahead
from tests.engine.floors import LANGUAGES, OTHER_RULES, RULES, SKILLS


def random_floor(rng: Random) -> FloorState:
    """A floor of the present without chance: every agent busy for a known time, service of known length."""
    groups = [Group(rng.choice(SKILLS), rng.choice(("", *LANGUAGES))) for _ in range(rng.randint(1, 4))]
    waiting = []
    for number in range(rng.randint(1, 60)):
        waited_s = rng.uniform(0, 4000)
        waiting.append(
            Head(
                contact_id=number,
                lane=Lane(rng.choice((0, 1, 2, 3, 3)), rng.choice(KINDS), rng.choice(groups)),
                waited_s=waited_s,
                arrival=-waited_s,
                guard_due=rng.choice([None, rng.uniform(-500, 1500)]),
                exempt=rng.choice([None] * 9 + ["raised"]),
            )
        )
    return FloorState(
        waiting=waiting,
        agents=[_agent(rng, number) for number in range(rng.randint(1, 6))],
        handle={(kind, skill): HandleTime(rng.uniform(50, 500), 0) for kind in KINDS for skill in ("", *SKILLS)},
        buckets={GuardLane(kind, group): rng.randint(0, 100) for kind in KINDS for group in groups},
    )


def _agent(rng: Random, number: int) -> OnFloor:
    whole = rng.random() < 0.4
    capacity = {kind: 1 if whole else rng.randint(0, 2) for kind in KINDS}
    busy = [Held(kind, rng.uniform(0, 50)) for kind in KINDS for _ in range(capacity[kind])]
    return OnFloor(
        agent_id=number,
        skills={skill: 1 for skill in SKILLS if rng.random() < 0.7},
        languages=frozenset(language for language in LANGUAGES if rng.random() < 0.7),
        capacity=capacity,
        held=tuple(busy[:1] if whole else busy),
        whole=whole,
    )


def starts_of_the_real_order(part: Part, state: FloorState, rules: ClassRules) -> dict[int, float]:
    """When each contact starts if every room asks the real order at the moment it becomes free."""
    rooms = [(seat, held) for seat in part.seats for held in seat.held]
    free_at = [(mean_s(state, held.kind, held.skill) - held.elapsed_s, room) for room, (_, held) in enumerate(rooms)]
    waiting = {head.contact_id: head for head in part.waiting}
    buckets: Buckets = {lane: tokens for lane, tokens in state.buckets.items() if lane in part.groups}
    started: dict[int, float] = {}
    while free_at and waiting:
        now, room = min(free_at)
        free_at.remove((now, room))
        heads = [head._replace(waited_s=head.waited_s + now) for head in waiting.values()]
        result = assign(lanes_of(heads, now), [as_free(rooms[room][0])], buckets, rules)
        buckets = result.buckets
        for pick in result.picks:
            head = waiting.pop(pick.contact_id)
            started[pick.contact_id] = now
            free_at.append((now + mean_s(state, head.lane.kind, head.lane.group.skill), room))
    return started


def mean_s(state: FloorState, kind: Kind, skill: str) -> float:
    handle = state.handle_time(kind, skill)
    assert handle is not None
    return handle.mean_s


def as_free(seat: Seat) -> FreeAgent:
    agent = seat.agent
    return FreeAgent(
        agent.agent_id, agent.skills, agent.languages, agent.gates, capacity=dict.fromkeys(seat.kinds, 1), most=1
    )


@settings(max_examples=300)
@given(st.integers(0, 2**32), st.sampled_from([RULES, OTHER_RULES]))
def test_starts_are_those_of_the_real_order(seed, rules):
    state = random_floor(Random(seed))
    for part in parts(state):
        if not part.seats:
            continue
        starts = run(pool_start(part, state, rules), np.random.default_rng(0), 3, 1e9, 10_000)
        expected = starts_of_the_real_order(part, state, rules)
        for column, head in enumerate(part.waiting):
            assert starts[:, column].tolist() == pytest.approx([expected.get(head.contact_id, inf)] * 3)


def known(wait: Wait | Unknown) -> Wait:
    assert isinstance(wait, Wait)
    return wait


def test_agents_come_and_go_by_the_roster():
    lane = Lane(3, "live", Group())
    state = FloorState(
        waiting=[Head(number, lane, 100.0 - number, number - 100.0) for number in range(6)],
        agents=[
            OnFloor(1, held=(Held("live", 70.0),)),
            OnFloor(2, from_s=250.0),
            OnFloor(3, from_s=40.0, until_s=100.0),
            OnFloor(4, until_s=-1.0),
            OnFloor(5, from_s=inf),
        ],
        handle={("live", ""): HandleTime(100, 0)},
    )
    curve = look_ahead(state, RULES, np.random.default_rng(0), 5)
    remaining = [curve.remaining[number] for number in range(6)]
    # Agent 3 takes contact 1 at 40 s and leaves; agent 1 is free at 30 s and every 100 s, agent 2 from 250 s on.
    assert [round(known(wait).median_s, 6) for wait in remaining] == [30, 40, 130, 230, 250, 330]


def test_idle_agents_take_arrivals_and_the_urgent_still_pass():
    """An idle specialist serves new arrivals of its own skill while the others wait for the only agent of theirs."""
    ours, theirs = Lane(3, "live", Group("refund")), Lane(3, "live", Group("change"))
    both = OnFloor(1, {"refund": 1, "change": 1}, held=(Held("live", 0.0),))
    state = FloorState(
        waiting=[Head(1, ours, 10.0, -10.0)],
        agents=[both, OnFloor(2, {"change": 1})],
        handle={("live", ""): HandleTime(1000, 0)},
        arrivals_per_s={theirs: 1 / 1100},
    )
    curve = look_ahead(state, RULES, np.random.default_rng(0), 50)
    assert known(curve.remaining[1]).median_s == pytest.approx(1000)
    assert known(curve.of(theirs)).high_s == 0.0


def test_rosters_end_for_idle_agents_too():
    lane, other = Lane(3, "live", Group("a")), Lane(3, "live", Group("b"))
    state = FloorState(
        waiting=[Head(1, lane, 0.0, 0.0)],
        agents=[OnFloor(1, {"a": 1, "b": 1}, held=(Held("live", 0.0),)), OnFloor(2, {"b": 1}, until_s=50.0)],
        handle={("live", ""): HandleTime(5000, 0)},
        arrivals_per_s={other: 1 / 1000},
    )
    curve = look_ahead(state, RULES, np.random.default_rng(0), 400)
    # Once the other has gone nobody takes b's arrivals, and a's contact still goes before them.
    assert known(curve.remaining[1]).median_s == pytest.approx(5000)
