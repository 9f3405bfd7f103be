from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from random import Random
from time import process_time

import pytest

from pharos.engine.calendar import Calendar, Span
from pharos.engine.classes import ClassRules, index
from pharos.engine.discipline import (
    FreeAgent,
    Group,
    GuardLane,
    Head,
    Lane,
    LaneView,
    arrival_at_head,
    assign,
    lanes_of,
    pick,
    place,
    pools,
    serving_order,
    virtual_arrival_after_change,
    virtual_arrival_after_merge,
)

RULES = ClassRules()
ANYONE = Group()
REFUND = Group("refund")
PERSIAN = Group("refund", "fa")
NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)


def waiting(number, band=3, waited_s=0.0, *, kind="live", group=ANYONE, **more):
    return Head(number, Lane(band, kind, group), waited_s, -waited_s, **more)


def picked(heads, agents, *, buckets=None, now=0.0):
    return assign(lanes_of(heads, now), agents, buckets or {}, RULES).picks


def order(heads, **more):
    return [start.contact_id for start in serving_order(lanes_of(heads, 0.0), RULES, **more)]


def test_danger_goes_before_everything_by_arrival():
    heads = [waiting(1, 1, 9000), waiting(2, 0, 5), waiting(3, 0, 50), waiting(4, 2, 100, exempt="raised")]
    assert order(heads) == [3, 2, 4, 1]


def test_fresh_urgent_contact_passes_ordinary_ones_of_less_than_36_minutes():
    assert order([waiting(1, 3, 35 * 60), waiting(2, 1, 0)]) == [2, 1]
    assert order([waiting(1, 3, 37 * 60), waiting(2, 1, 0)]) == [1, 2]


def test_fresh_urgent_email_passes_ordinary_ones_of_less_than_12_hours():
    assert order([waiting(1, 3, 11 * 3600, kind="written"), waiting(2, 1, 0, kind="written")]) == [2, 1]
    assert order([waiting(1, 3, 13 * 3600, kind="written"), waiting(2, 1, 0, kind="written")]) == [1, 2]


def test_equal_index_goes_by_arrival_then_id():
    heads = [waiting(4, 3, 60), waiting(2, 3, 60), waiting(9, 2, 0, group=REFUND), waiting(8, 3, 720)]
    assert RULES.index(2, "live", 0) == RULES.index(3, "live", 720)
    assert order(heads) == [8, 9, 2, 4]


def test_exempt_contacts_say_why():
    heads = [waiting(1, 1, 600), waiting(2, 3, 5, exempt="callback_due"), waiting(3, 3, 1, exempt="raised")]
    starts = serving_order(lanes_of(heads, 0.0), RULES)
    assert [(start.contact_id, start.reason) for start in starts] == [
        (2, "callback_due"),
        (3, "raised"),
        (1, "largest_index"),
    ]


def test_pick_names_the_runner_up_that_the_same_agent_could_have_taken():
    heads = [waiting(1, 1, 60, group=REFUND), waiting(2, 3, 600, group=REFUND), waiting(3, 2, 600, group=PERSIAN)]
    (start,) = picked(heads, [FreeAgent(7, {"refund": 1})])
    assert (start.contact_id, start.agent_id, start.reason) == (1, 7, "largest_index")
    assert start.index == 240 / 300
    assert start.runner_up == (2, 600 / 3600)


def test_no_runner_up_when_nobody_else_waits():
    (start,) = picked([waiting(1)], [FreeAgent(7)])
    assert start.runner_up is None


def test_least_flexible_agent_takes_the_contact():
    both = FreeAgent(1, {"refund": 1}, frozenset({"fa"}), idle_since=-99)
    one = FreeAgent(2, {"refund": 1}, idle_since=0)
    heads = [waiting(1, 3, 50, group=REFUND), waiting(2, 3, 10, group=PERSIAN)]
    assert [(start.contact_id, start.agent_id) for start in picked(heads, [both, one])] == [(1, 2), (2, 1)]


def test_then_the_agent_with_least_in_hand_then_longest_idle_then_least_id():
    team = [
        FreeAgent(1, holding=1, idle_since=0),
        FreeAgent(4, idle_since=20),
        FreeAgent(3, idle_since=20),
        FreeAgent(2, idle_since=30),
    ]
    heads = [waiting(number, 3, 100 - number) for number in range(4)]
    assert [start.agent_id for start in picked(heads, team)] == [3, 4, 2, 1]


def test_contact_meets_the_agent_it_knows_when_that_one_is_free():
    team = [FreeAgent(1, idle_since=0), FreeAgent(2, idle_since=50)]
    (start,) = picked([waiting(1, prefers=2)], team)
    assert start.agent_id == 2
    (start,) = picked([waiting(1, prefers=99)], team)
    assert start.agent_id == 1


def test_agent_takes_no_more_than_its_room_per_kind_and_in_all():
    heads = [waiting(n, 3, n, kind="written") for n in range(5)] + [waiting(9, 1), waiting(8, 3)]
    agent = FreeAgent(1, capacity={"live": 1, "written": 2})
    assert sorted(start.contact_id for start in picked(heads, [agent])) == [3, 4, 9]
    assert [start.contact_id for start in picked(heads, [replace(agent, most=1)])] == [9]
    assert picked(heads, [replace(agent, capacity={})]) == ()


@pytest.mark.parametrize(
    ("group", "agent", "may"),
    [
        (Group("refund", level=3), FreeAgent(1, {"refund": 2}), False),
        (Group("refund", level=3), FreeAgent(1, {"refund": 3}), True),
        (Group("", "fa"), FreeAgent(1, {}, frozenset({"en"})), False),
        (Group("", "fa"), FreeAgent(1, {}, frozenset({"fa"})), True),
        (Group(gates=("crisis", "calm")), FreeAgent(1, gates=frozenset({"crisis"})), False),
        (Group(gates=("crisis", "calm")), FreeAgent(1, gates=frozenset({"crisis", "calm", "more"})), True),
    ],
)
def test_agents_start_only_what_they_may(group, agent, may):
    assert bool(picked([waiting(1, group=group)], [agent])) is may


def test_due_promise_is_served_as_soon_as_its_lane_has_saved_a_start():
    lane = GuardLane("live", ANYONE)
    heads = [waiting(1, 3, 10, guard_due=-1.0), *(waiting(n, 1, 900 - n) for n in range(2, 9))]
    result = assign(lanes_of(heads, 0.0), [FreeAgent(1, capacity={"live": 5})], {}, RULES)
    assert [start.contact_id for start in result.picks] == [2, 3, 4, 1, 5]
    assert [start.guard for start in result.picks] == [False, False, False, True, False]
    assert result.picks[3].reason == "guard"
    assert result.picks[3].runner_up == (5, (895 + 180) / 300)
    assert result.buckets == {lane: 50}


def test_due_promise_starts_once_though_it_stands_in_two_lines():
    heads = [waiting(n, 3, n, guard_due=float(-n)) for n in range(1, 6)]
    assert sorted(order(heads)) == [1, 2, 3, 4, 5]


def test_promise_that_is_not_due_yet_waits_its_turn():
    heads = [waiting(1, 3, 10, guard_due=5.0), waiting(2, 1, 900)]
    full = {GuardLane("live", ANYONE): 100}
    assert order(heads, buckets=full) == [2, 1]
    assert [start.contact_id for start in serving_order(lanes_of(heads, 5.0), RULES, buckets=full)] == [1, 2]


def test_due_promise_whose_own_turn_comes_is_not_charged():
    full = {GuardLane("live", ANYONE): 100}
    result = assign(lanes_of([waiting(1, 1, 900, guard_due=-1.0), waiting(2)], 0.0), [FreeAgent(1)], full, RULES)
    assert [(start.contact_id, start.reason) for start in result.picks] == [(1, "largest_index")]
    assert result.buckets == full


def test_guard_start_is_charged_to_every_lane_it_went_before():
    lanes = {GuardLane("live", REFUND): 90, GuardLane("live", PERSIAN): 90, GuardLane("live", Group("other")): 90}
    heads = [waiting(1, 3, 5, group=REFUND, guard_due=-9.0), waiting(2, 3, 5, group=PERSIAN, guard_due=-3.0)]
    heads.append(waiting(3, 1, 900, group=REFUND))
    agent = FreeAgent(1, {"refund": 1}, frozenset({"fa"}))
    result = assign(lanes_of(heads, 0.0), [agent], lanes, RULES)
    assert [start.contact_id for start in result.picks] == [1]
    assert sorted(result.buckets.values()) == [20, 20, 90]


def test_guard_start_is_not_charged_to_a_lane_with_an_older_promise():
    lanes = {GuardLane("live", REFUND): 90, GuardLane("live", PERSIAN): 30}
    heads = [waiting(1, 3, 5, group=REFUND, guard_due=-3.0), waiting(2, 3, 5, group=PERSIAN, guard_due=-9.0)]
    heads.append(waiting(3, 1, 900, group=REFUND))
    agent = FreeAgent(1, {"refund": 1}, frozenset({"fa"}))
    result = assign(lanes_of(heads, 0.0), [agent], lanes, RULES)
    assert [start.contact_id for start in result.picks] == [1]
    assert result.buckets == {GuardLane("live", REFUND): 20, GuardLane("live", PERSIAN): 60}


def test_danger_pays_no_tokens():
    result = assign(lanes_of([waiting(1, 0)], 0.0), [FreeAgent(1)], {}, RULES)
    assert result.buckets == {GuardLane("live", ANYONE): 0}


def test_lines_are_read_only_as_far_as_contacts_start():
    read = count()
    lane = Lane(3, "live", ANYONE)

    def endless():
        for number in range(1_000_000):
            next(read)
            yield Head(number, lane, 1e6 - number, float(number))

    result = assign([LaneView(lane, endless())], [FreeAgent(n) for n in range(5)], {}, RULES)
    assert [start.contact_id for start in result.picks] == [0, 1, 2, 3, 4]
    assert next(read) == 6


def test_pick_serves_one_agent_once():
    result = pick(lanes_of([waiting(1, 3, 9), waiting(2, 3, 5)], 0.0), FreeAgent(1, capacity={"live": 3}), {}, RULES)
    assert [start.contact_id for start in result.picks] == [1]


def test_serving_order_serves_every_group_and_can_be_cut():
    heads = [waiting(n, 3, 100 - n, group=group) for n, group in enumerate([REFUND, PERSIAN, Group("x", level=9)])]
    assert order(heads) == [0, 1, 2]
    assert order(heads, limit=2) == [0, 1]
    starts = serving_order(lanes_of(heads, 0.0), RULES)
    assert place(starts, 2) == 2
    assert place(starts, 77) is None


def test_serving_order_of_ten_thousand_is_quick():
    rng = Random(1)
    groups = [Group(f"s{n}", language) for n in range(5) for language in ("en", "fa")]
    heads = [
        waiting(
            n, rng.choice([1, 2, 3, 3]), rng.uniform(0, 9e3), group=rng.choice(groups), guard_due=rng.uniform(-9, 9)
        )
        for n in range(10_000)
    ]
    views = lanes_of(heads, 0.0)
    before = process_time()
    starts = serving_order(views, RULES)
    assert process_time() - before < 3
    assert sorted(start.contact_id for start in starts) == list(range(10_000))


def test_pools_join_groups_that_share_an_agent():
    alone = Group("nobody")
    found = pools(
        [REFUND, PERSIAN, Group("change"), alone],
        [FreeAgent(1, {"refund": 1}, frozenset({"fa"})), FreeAgent(2, {"refund": 1}), FreeAgent(3, {"change": 2})],
    )
    assert {(pool.groups, pool.agents) for pool in found} == {
        (frozenset({REFUND, PERSIAN}), frozenset({1, 2})),
        (frozenset({Group("change")}), frozenset({3})),
        (frozenset({alone}), frozenset()),
    }


def test_group_and_guard_lane_survive_storage():
    lane = GuardLane("written", Group("refund", "fa", 2, ("crisis", "a b")))
    assert GuardLane.from_key(lane.key()) == lane
    with pytest.raises(KeyError):
        GuardLane.from_key('spoken ["", "", 1, []]')


OFFICE = Calendar("UTC", tuple(Span(day, 9 * 60, 17 * 60) for day in range(5)))


def test_looser_class_by_kind_keeps_the_index_by_an_earlier_virtual_arrival():
    arrival = NOW - timedelta(minutes=30)
    old, new = RULES[3, "live"], RULES[2, "written"]
    moved = virtual_arrival_after_change(arrival, NOW, old=old, new=new, old_calendar=OFFICE)
    assert moved == NOW - timedelta(hours=1)
    assert index(new, OFFICE.open_seconds(moved, NOW)) == index(old, 1800)


def test_shifted_virtual_arrival_skips_closed_hours():
    monday = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
    old, new = RULES[3, "live"], RULES[2, "written"]
    moved = virtual_arrival_after_change(monday - timedelta(minutes=30), monday, old=old, new=new, old_calendar=OFFICE)
    assert moved == datetime(2026, 2, 27, 16, 30, tzinfo=UTC)


def test_tighter_class_keeps_the_arrival_where_the_index_grows_by_itself():
    arrival = NOW - timedelta(minutes=30)
    moved = virtual_arrival_after_change(arrival, NOW, old=RULES[3, "live"], new=RULES[1, "live"], old_calendar=OFFICE)
    assert moved == arrival


def test_danger_keeps_its_arrival():
    arrival = NOW - timedelta(minutes=30)
    for old, new in ((0, 1), (1, 0)):
        moved = virtual_arrival_after_change(
            arrival, NOW, old=RULES[old, "live"], new=RULES[new, "live"], old_calendar=OFFICE
        )
        assert moved == arrival


def test_virtual_arrival_in_a_channel_that_never_opened_stays():
    arrival = NOW - timedelta(minutes=30)
    moved = virtual_arrival_after_change(
        arrival, NOW, old=RULES[3, "live"], new=RULES[2, "written"], old_calendar=OFFICE, new_calendar=Calendar()
    )
    assert moved == arrival


def test_merge_keeps_the_earliest_arrival_and_the_largest_index():
    always = Calendar(always_open=True)
    email = (NOW - timedelta(hours=20), RULES[3, "written"], always)
    chat = (NOW - timedelta(minutes=1), RULES[3, "live"], always)
    assert virtual_arrival_after_merge([email, chat], NOW, RULES[3, "live"], always) == email[0]
    urgent = (NOW - timedelta(minutes=10), RULES[1, "live"], always)
    merged = virtual_arrival_after_merge([urgent, email], NOW, RULES[1, "written"], always)
    wanted = max(index(urgent[1], 600), index(email[1], 20 * 3600))
    assert index(RULES[1, "written"], (NOW - merged).total_seconds()) >= wanted


def test_head_of_the_band_is_before_every_head_that_waits_there():
    assert arrival_at_head(500.0, [waiting(1, 1, 100), waiting(2, 1, 300)]) == -301.0
    assert arrival_at_head(-900.0, [waiting(1, 1, 100)]) == -900.0
