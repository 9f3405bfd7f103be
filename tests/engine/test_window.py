"""Whom the phone window lets through: everyone but who is known to travel later."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pharos.engine.window import PRESSED, Call, verdict

TODAY = date(2026, 3, 10)
LATER = TODAY + timedelta(days=10)
some_days = st.integers(1, 14)
some_dates = st.lists(st.dates(date(2026, 1, 1), date(2026, 12, 31)), max_size=4)


@pytest.mark.parametrize(
    ("ahead", "connect", "why"), [(-4, True, "within_days"), (0, True, "within_days"), (3, True, "within_days"),
                                  (4, False, "later"), (10, False, "later")],
)  # fmt: skip
def test_the_last_day_of_the_window_is_inside(ahead: int, connect: bool, why: str) -> None:
    found = verdict(Call(TODAY, dates=[TODAY + timedelta(days=ahead)]), days=3)
    assert (found.connect, found.announce, found.why) == (connect, not connect, why)


def test_without_a_date_the_message_is_played_and_the_call_goes_on() -> None:
    found = verdict(Call(TODAY), days=3)
    assert (found.connect, found.announce, found.why) == (True, True, "no_date")


def test_the_nearest_date_counts() -> None:
    assert verdict(Call(TODAY, dates=[LATER, TODAY]), days=3).why == "within_days"


def test_without_a_window_nobody_is_asked() -> None:
    found = verdict(Call(TODAY, dates=[LATER]), days=None)
    assert (found.connect, found.announce, found.why) == (True, False, "no_window")


@pytest.mark.parametrize("pressed", sorted(PRESSED))
@given(dates=some_dates, days=some_days)
def test_its_keys_go_before_any_date(pressed: str, dates: list[date], days: int) -> None:
    found = verdict(Call(TODAY, pressed=pressed, dates=dates), days=days)
    assert (found.connect, found.announce, found.why) == (True, False, pressed)


@given(dates=some_dates, days=some_days, pressed=st.sampled_from(["", "other", "news", "callback"]))
def test_danger_and_needs_are_never_held_back(dates: list[date], days: int, pressed: str) -> None:
    for facts in ({"in_danger": True}, {"needs_help": True}, {"in_danger": True, "needs_help": True}):
        found = verdict(Call(TODAY, pressed=pressed, dates=dates, **facts), days=days)
        assert found.connect
        assert not found.announce


@given(dates=some_dates, days=some_days)
def test_a_wider_window_holds_back_nobody_more(dates: list[date], days: int) -> None:
    call = Call(TODAY, dates=dates)
    assert verdict(call, days=days + 1).connect >= verdict(call, days=days).connect
