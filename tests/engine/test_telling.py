import pytest

from pharos.engine.calibration import Stretch
from pharos.engine.estimates import NOT_TRUSTED, Unknown, Wait
from pharos.engine.handling import HandleTime
from pharos.engine.lanes import Group, Head, Lane
from pharos.engine.residual import Residual
from pharos.engine.snapshot import FloorState, Held, OnFloor
from pharos.engine.telling import LAST, Came, Record, Situation, Teller, record

LANE = Lane(3, "written", Group("general", "en"))
WAIT = Wait(300.0, 600.0, 1200.0, 200)
SURE = Record(coverage=0.8, scored=60)


def came(waited_s, ended=True):
    return Came(300.0, 600.0, 1200.0, 300.0, 1200.0, waited_s, ended)


def test_a_trusted_range_is_told_in_whole_minutes():
    said = Teller({(3, "written"): SURE}).say(LANE, Wait(310.0, 600.0, 1190.0, 200), ())
    assert said.told == Wait(300.0, 600.0, 1200.0, 200)


def test_nobody_is_told_less_than_a_minute():
    assert Teller({(3, "written"): SURE}).say(LANE, Wait(0.0, 0.0, 0.0, 200), ()).told == Wait(0.0, 0.0, 60.0, 200)


def test_with_few_scored_the_range_is_wider_and_with_most_missed_none_is_told():
    assert Teller().say(LANE, WAIT, ()).told == Wait(120.0, 600.0, 1500.0, 200)
    low = Teller({(3, "written"): Record(coverage=0.6, scored=60)}).say(LANE, WAIT, ())
    assert low.told == Wait(120.0, 600.0, 1500.0, 200)
    assert low.range == WAIT
    none = Teller({(3, "written"): Record(coverage=0.3, scored=60)}).say(LANE, WAIT, ())
    assert none.told == Unknown(NOT_TRUSTED, 300.0)
    assert none.range == WAIT


def test_ends_move_as_the_last_waits_ask():
    wide = Teller({(3, "written"): Record(Stretch(1.0, 2.0, 60), 0.8, 60)}).say(LANE, WAIT, ())
    assert wide.told == Wait(300.0, 600.0, 1800.0, 200)


def test_the_answer_comes_some_time_after_the_offer():
    said = Teller({(3, "written"): SURE}, answering_s={"written": 120.0}).say(LANE, WAIT, ())
    assert said.told == Wait(420.0, 720.0, 1320.0, 200)
    assert said.ahead_s == 720.0


def test_a_residual_speaks_in_states_it_knows_and_only_where_a_state_is_given():
    residual = Residual((0.0,), (1.0,), (0.5, 0.0, 0.0), ((1.0,),), 2.0, 10_000)
    teller = Teller({(3, "written"): SURE}, residual)
    assert teller.say(LANE, WAIT, (0.0,)).point.median_s > 800
    assert teller.say(LANE, WAIT, (50.0,)).point.median_s == 600
    assert teller.say(LANE, WAIT, ()).point.median_s == 600


def test_a_record_counts_the_last_that_are_known():
    found = record([came(600.0)] * 45 + [came(2000.0)] * 15 + [came(2000.0)] * 40)
    assert (found.scored, found.coverage) == (LAST, 0.75)
    assert found.stretch.high > 1


def test_who_left_before_the_far_end_says_nothing_and_after_it_was_missed():
    assert record([came(100.0, ended=False)] * 30).scored == 0
    late = record([came(1300.0, ended=False)] * 30)
    assert (late.scored, late.coverage) == (30, 0.0)
    assert late.stretch.high > 1


def test_situation_in_numbers():
    other = Lane(1, "live", Group("refunds", "fa"))
    state = FloorState(
        waiting=[Head(1, LANE, 10.0, 0.0), Head(2, other, 10.0, 0.0)],
        agents=[
            OnFloor(1, {"general": 1}, frozenset({"en"}), held=(Held("written", 60.0),)),
            OnFloor(2, {"refunds": 1}, frozenset({"fa"})),
        ],
        handle={("written", ""): HandleTime(600.0)},
        arrivals_per_s={LANE: 0.001},
    )
    situation = Situation(state, 2.0)
    assert situation.servers(LANE) == {1}
    band, live, ahead, waiting, servers, load, _, busy, usual = situation.numbers(LANE)
    assert (band, live, busy) == (3.0, 0.0, 1.0)
    assert ahead == waiting > servers > 0
    assert load == pytest.approx(0.6)
    assert usual == pytest.approx(1.0986, abs=1e-3)
    assert len(situation.numbers(other)) == 9
