from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pharos.engine.banding import Banding, Facts, Reason, band
from pharos.engine.zones import day_start, local_day
from tests.engine.test_zones import ZONES

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def needed(days, zone="UTC", now=NOON):
    return Facts(needed_by=local_day(now, zone) + timedelta(days=days), time_zone=zone)


@pytest.mark.parametrize(
    ("facts", "expected", "reasons"),
    [
        (Facts(), 3, [Reason("ordinary")]),
        (Facts(danger=True), 0, [Reason("danger")]),
        (needed(8), 3, [Reason("ordinary")]),
        (needed(7), 1, [Reason("leaves_in_days", {"days": 7})]),
        (needed(6), 1, [Reason("leaves_in_days", {"days": 6})]),
        (needed(1), 1, [Reason("leaves_in_days", {"days": 1})]),
        (needed(0), 1, [Reason("leaves_today")]),
        (needed(-1), 1, [Reason("date_passed")]),
        (needed(-400), 1, [Reason("date_passed")]),
        (Facts(need_weights={"sight": 0, "hearing": 1}), 3, [Reason("ordinary")]),
        (Facts(need_weights={"dementia": 2}), 2, [Reason("need", {"code": "dementia", "weight": 2})]),
        (Facts(need_weights={"oxygen": 3}), 1, [Reason("need", {"code": "oxygen", "weight": 3})]),
        (
            Facts(need_weights={"b": 2, "a": 2, "z": 3}),
            1,
            [Reason("need", {"code": "z", "weight": 3}), Reason("need", {"code": "a", "weight": 2}),
             Reason("need", {"code": "b", "weight": 2})],
        ),
        (Facts(request_type="assistance"), 2, [Reason("care_request")]),
        (Facts(request_type="accessibility"), 2, [Reason("care_request")]),
        (Facts(request_type="refund"), 3, [Reason("ordinary")]),
        (Facts(raised_band=2, raised_by="Ada"), 2, [Reason("raised", {"band": 2, "by": "Ada"})]),
        (Facts(raised_band=0, raised_by="lead"), 0, [Reason("raised", {"band": 0, "by": "lead"})]),
        (Facts(raised_band=3, raised_by="Ada"), 3, [Reason("ordinary")]),
        (
            Facts(danger=True, request_type="care", need_weights={"z": 3}, raised_band=2, raised_by="rule"),
            0,
            [Reason("danger"), Reason("need", {"code": "z", "weight": 3}), Reason("care_request"),
             Reason("raised", {"band": 2, "by": "rule"})],
        ),
    ],
)  # fmt: skip
def test_band_rests_on_explicit_facts_and_says_why(facts, expected, reasons):
    found = band(facts, NOON)
    assert found.band == expected
    assert list(found.reasons) == reasons


def test_text_that_speaks_of_danger_goes_to_the_head_of_band_1_and_no_further():
    assert band(Facts(danger_signal=True), NOON) == Banding(1, (Reason("danger_signal"),), None, at_head=True)
    assert not band(Facts(danger_signal=True, danger=True), NOON).at_head


def test_operator_may_choose_another_number_of_days():
    assert band(needed(3), NOON, urgent_days=2).band == 3
    assert band(needed(2), NOON, urgent_days=2).band == 1


@pytest.mark.parametrize(
    ("zone", "last_ordinary", "first_urgent"),
    [
        # Needed by 12 April; London went to summer time on 29 March, New York on 8 March.
        ("Europe/London", datetime(2026, 4, 4, 22, 59, 59, tzinfo=UTC), datetime(2026, 4, 4, 23, tzinfo=UTC)),
        ("America/New_York", datetime(2026, 4, 5, 3, 59, 59, tzinfo=UTC), datetime(2026, 4, 5, 4, tzinfo=UTC)),
        ("Asia/Tehran", datetime(2026, 4, 4, 20, 29, 59, tzinfo=UTC), datetime(2026, 4, 4, 20, 30, tzinfo=UTC)),
        ("Pacific/Kiritimati", datetime(2026, 4, 4, 9, 59, 59, tzinfo=UTC), datetime(2026, 4, 4, 10, tzinfo=UTC)),
        ("Pacific/Pago_Pago", datetime(2026, 4, 5, 10, 59, 59, tzinfo=UTC), datetime(2026, 4, 5, 11, tzinfo=UTC)),
    ],
)
def test_exactly_seven_days_counts_from_midnight_on_the_persons_own_clock(zone, last_ordinary, first_urgent):
    facts = Facts(needed_by=date(2026, 4, 12), time_zone=zone)
    assert band(facts, last_ordinary).band == 3
    assert band(facts, last_ordinary).reband_at == first_urgent
    assert band(facts, first_urgent).reasons == (Reason("leaves_in_days", {"days": 7}),)


@pytest.mark.parametrize(
    ("now", "days"),
    [
        (datetime(2026, 3, 28, 12, tzinfo=UTC), 7),
        (datetime(2026, 3, 28, 23, 59, 59, tzinfo=UTC), 7),
        (datetime(2026, 3, 29, 0, tzinfo=UTC), 6),
        (datetime(2026, 3, 29, 22, 59, 59, tzinfo=UTC), 6),  # a day of 23 hours
        (datetime(2026, 3, 29, 23, tzinfo=UTC), 5),
    ],
)
def test_days_are_calendar_days_across_a_clock_change(now, days):
    found = band(Facts(needed_by=date(2026, 4, 4), time_zone="Europe/London"), now)
    assert found.reasons == (Reason("leaves_in_days", {"days": days}),)


def test_days_are_counted_again_where_midnight_is_skipped():
    facts = Facts(needed_by=date(2018, 11, 10), time_zone="America/Sao_Paulo")
    evening = datetime(2018, 11, 4, 2, 59, tzinfo=UTC)
    found = band(facts, evening)
    assert found.reasons == (Reason("leaves_in_days", {"days": 7}),)
    assert found.reband_at == datetime(2018, 11, 4, 3, tzinfo=UTC)
    assert band(facts, found.reband_at).reasons == (Reason("leaves_in_days", {"days": 6}),)


def test_nothing_is_counted_again_without_a_date_or_once_it_has_passed():
    assert band(Facts(danger=True), NOON).reband_at is None
    assert band(needed(-1), NOON).reband_at is None


def test_today_is_counted_again_at_midnight():
    assert band(needed(0), NOON).reband_at == datetime(2026, 3, 3, tzinfo=UTC)


def test_day_that_begins_twice_is_counted_again_each_time():
    """St John's put its clocks back at 00:01 until 2010: the 7th of November began at 02:30 and at 03:30 UTC."""
    facts = Facts(needed_by=date(2010, 11, 11), time_zone="America/St_Johns")
    minute_of_the_7th = datetime(2010, 11, 7, 2, 30, 30, tzinfo=UTC)
    found = band(facts, minute_of_the_7th)
    assert found.reasons == (Reason("leaves_in_days", {"days": 4}),)
    back_on_the_6th = datetime(2010, 11, 7, 3, tzinfo=UTC)
    found = band(facts, back_on_the_6th)
    assert found.reasons == (Reason("leaves_in_days", {"days": 5}),)
    assert found.reband_at == datetime(2010, 11, 7, 3, 30, tzinfo=UTC)


moments = st.integers(631_152_000, 2_051_222_400).map(lambda second: datetime.fromtimestamp(second, UTC))


@settings(max_examples=300)
@given(moments, st.integers(-3, 20), st.sampled_from(ZONES))
def test_nothing_changes_before_it_is_counted_again_and_something_does_then(now, days, zone):
    facts = needed(days, zone, now)
    found = band(facts, now)
    if found.reband_at is None:
        assert band(facts, now + timedelta(days=40)).reasons == found.reasons
        return
    assert found.reband_at > now
    # Once a year a day may be shown, taken back and shown again: then an earlier count is right, and too early is safe.
    if local_day(now, zone) < local_day(found.reband_at, zone) and day_start(local_day(now, zone), zone) <= now:
        last = band(facts, found.reband_at - timedelta(microseconds=1))
        assert (last.band, last.reasons) == (found.band, found.reasons)
        after = band(facts, found.reband_at)
        assert (after.band, after.reasons) != (found.band, found.reasons)


@given(moments, st.integers(-3, 20), st.sampled_from(ZONES), st.dictionaries(st.text(max_size=3), st.integers(0, 3)))
def test_more_facts_never_loosen_a_band(now, days, zone, weights):
    plain = needed(days, zone, now)
    more = Facts(needed_by=plain.needed_by, time_zone=zone, need_weights=weights, request_type="care")
    assert band(more, now).band <= band(plain, now).band
    assert band(more, now).band <= 2
    assert band(more, now).band > 0
