from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pharos.engine.calendar import Calendar, Span
from pharos.engine.estimates import NO_AGENTS, Unknown, Wait
from pharos.engine.promise import Promise, PromiseRules, Revision, Score, grain, kept, promise, revise, round_up

ALWAYS = Calendar(always_open=True)
OFFICE = Calendar("Europe/London", tuple(Span(day, 9 * 60, 17 * 60) for day in range(5)))
NOW = datetime(2026, 3, 2, 12, 2, 30, tzinfo=UTC)


def minutes(low, median, high):
    return Wait(low * 60.0, median * 60.0, high * 60.0, 60)


def told(high_minutes, zone="UTC", now=NOW, calendar=ALWAYS):
    by = promise(now, minutes(1, high_minutes / 2, high_minutes), calendar, None, zone).by
    assert by is not None
    return by.astimezone(ZoneInfo(zone)).strftime("%a %H:%M")


@pytest.mark.parametrize(
    ("high_minutes", "expected"),
    [
        (0, "Mon 12:05"),
        (2.5, "Mon 12:05"),
        (2.6, "Mon 12:10"),
        (20, "Mon 12:25"),
        (60, "Mon 13:05"),
        (61, "Mon 13:15"),
        (180, "Mon 15:15"),
        (240, "Mon 16:15"),
        (241, "Mon 16:30"),
        (9 * 60, "Mon 21:30"),
        (24 * 60, "Tue 12:30"),
        (25 * 60, "Tue 14:00"),
        (60 * 60, "Thu 01:00"),
    ],
)
def test_promise_is_rounded_up_to_a_time_a_person_can_hold(high_minutes, expected):
    assert told(high_minutes) == expected


@pytest.mark.parametrize(
    ("zone", "expected"),
    [("Asia/Kathmandu", "Mon 19:00"), ("Asia/Tehran", "Mon 16:45"), ("Australia/Eucla", "Mon 22:00")],
)
def test_the_clock_is_the_persons_own(zone, expected):
    assert told(62, zone) == expected


def test_rounding_a_time_on_the_grid_leaves_it():
    at = datetime(2026, 3, 2, 12, 30, tzinfo=UTC)
    assert round_up(at, NOW, "UTC") == at


@settings(max_examples=200)
@given(
    st.integers(0, 2_000_000_000).map(lambda second: datetime.fromtimestamp(second, UTC)),
    st.integers(0, 10**12),
    st.sampled_from(["UTC", "Asia/Tehran", "Asia/Kathmandu", "America/New_York", "Australia/Lord_Howe"]),
)
def test_rounding_never_promises_less_than_the_wait_nor_a_step_more(now, micros, zone):
    at = now + timedelta(microseconds=micros)
    by = round_up(at, now, zone)
    assert at <= by < at + grain(at - now)


def test_range_and_promise_go_through_the_opening_hours():
    friday = datetime(2026, 3, 6, 16, 30, tzinfo=UTC)
    found = promise(friday, minutes(10, 40, 70), OFFICE, None, "Europe/London")
    assert found.by == datetime(2026, 3, 9, 10, 0, tzinfo=UTC)
    assert found.low_s == 600
    assert found.expected == datetime(2026, 3, 9, 9, 10, tzinfo=UTC)
    assert found.high_s == (datetime(2026, 3, 9, 9, 40, tzinfo=UTC) - friday).total_seconds()


def test_no_promise_without_an_estimate():
    assert promise(NOW, Unknown(NO_AGENTS), ALWAYS, None, "UTC") == Promise(None, reason=NO_AGENTS)


def test_no_promise_where_nobody_ever_opens():
    assert promise(NOW, minutes(1, 2, 3), Calendar(), None, "UTC") == Promise(None, reason="closed")


DAY = 24 * 60


def test_promise_is_held_to_the_needed_date_while_that_can_be_met():
    found = promise(NOW, minutes(600, DAY, 2 * DAY), ALWAYS, date(2026, 3, 3), "UTC")
    assert found.capped
    assert not found.too_late
    assert found.by == datetime(2026, 3, 3, 23, 59, tzinfo=UTC)


def test_promise_is_held_to_the_last_open_moment_of_the_needed_date():
    found = promise(NOW, minutes(60, 5 * 60, 20 * 60), OFFICE, date(2026, 3, 3), "Europe/London")
    assert found.by == datetime(2026, 3, 3, 17, tzinfo=UTC)
    found = promise(NOW, minutes(60, 25 * 60, 60 * 60), OFFICE, date(2026, 3, 8), "Europe/London")
    assert found.by == datetime(2026, 3, 6, 17, tzinfo=UTC)


def test_needed_date_is_the_persons_own():
    found = promise(NOW, minutes(60, DAY, 2 * DAY), ALWAYS, date(2026, 3, 3), "Pacific/Kiritimati")
    assert found.by == datetime(2026, 3, 3, 9, 59, tzinfo=UTC)


def test_honest_time_is_told_when_the_needed_date_cannot_be_met():
    found = promise(NOW, minutes(2 * DAY, 3 * DAY, 4 * DAY), ALWAYS, date(2026, 3, 3), "UTC")
    assert found.too_late
    assert found.by == datetime(2026, 3, 6, 13, tzinfo=UTC)


def test_date_that_has_passed_holds_nothing():
    found = promise(NOW, minutes(1, 2, 30), ALWAYS, date(2026, 3, 1), "UTC")
    assert found.by == datetime(2026, 3, 2, 12, 35, tzinfo=UTC)
    assert not found.too_late


def revised(old_minutes, median, high, **more):
    new = promise(NOW, minutes(0, median, high), ALWAYS, None, "UTC")
    return revise(NOW + timedelta(minutes=old_minutes), NOW, new, **more)


@pytest.mark.parametrize(
    ("old_minutes", "median", "high", "move"),
    [
        (60, 40, 58, "unchanged"),
        (60, 40, 90, "unchanged"),  # longer, but it will rather hold
        (60, 59, 200, "unchanged"),
        (60, 61, 90, "later"),
        (-5, 1, 3, "later"),  # it is broken already
        (-5, 0, 1, "later"),
        (60, 30, 55, "unchanged"),  # five minutes of an hour
        (60, 10, 30, "earlier"),
        (60, 30, 44, "earlier"),
        (600, 100, 560, "unchanged"),
        (600, 100, 400, "earlier"),
        (4, 0, 0, "unchanged"),
    ],
)
def test_promise_moves_only_when_it_is_worth_it(old_minutes, median, high, move):
    found = revised(old_minutes, median, high)
    assert found.move == move
    assert found.must_tell is (move == "later")
    old_by = NOW + timedelta(minutes=old_minutes)
    assert found.by is not None
    assert (found.by > old_by, found.by < old_by) == (move == "later", move == "earlier")


def test_no_estimate_moves_nothing():
    assert revise(NOW, NOW, Promise(None, reason=NO_AGENTS)) == Revision("unchanged", NOW)


def test_operator_sets_how_steady_a_promise_is():
    assert revised(600, 100, 560, rules=PromiseRules(earlier_share=0.01)).move == "earlier"


@settings(max_examples=60)
@given(st.lists(st.floats(-0.08, 0.08), min_size=5, max_size=40))
def test_trembling_estimates_tell_nobody(trembles):
    """An estimate that stays within a twelfth of the truth never moves the promise later."""
    truth_s = 3600.0
    first = promise(NOW, Wait(0.8 * truth_s, truth_s, 1.3 * truth_s, 60), ALWAYS, None, "UTC")
    by = first.by
    assert by is not None
    for step, tremble in enumerate(trembles):
        now = NOW + timedelta(seconds=step * 60)
        left = (truth_s - step * 60) * (1 + tremble)
        new = promise(now, Wait(0.8 * left, left, 1.3 * left, 60), ALWAYS, None, "UTC")
        found = revise(by, now, new)
        assert not found.must_tell
        assert found.by is not None
        by = found.by


def test_answer_at_the_promised_moment_keeps_it():
    assert kept(NOW, NOW)
    assert not kept(NOW, NOW + timedelta(microseconds=1))


def test_scores_are_counted():
    score = Score()
    assert score.coverage is None
    assert score.kept_share is None
    for actual_s in (50, 100, 150, 200, 201):
        score = score.add_range(100, 200, actual_s)
    score = score.add_promise(NOW, NOW).add_promise(NOW, NOW + timedelta(1)).add_promise(NOW, NOW - timedelta(1))
    assert score == Score(early=1, inside=3, late=1, promises=3, kept=2)
    assert score.coverage == 3 / 5
    assert score.kept_share == 2 / 3
