"""The published wait and the promises that hang on it."""

from datetime import datetime, timedelta
from itertools import pairwise

import numpy as np
import pytest

from pharos.actions import promises, waits
from pharos.engine import twin
from pharos.models import (
    Agent,
    Contact,
    LookAhead,
    Message,
    Organisation,
    Promise,
    WaitEstimate,
    WaitReading,
)
from pharos.queries import health, lookahead
from tests.factories import make_agent, make_contact, make_organisation

pytestmark = pytest.mark.django_db


def rng() -> np.random.Generator:
    """The same chance in each test."""
    return np.random.default_rng(7)


def test_with_nobody_on_duty_we_cannot_say_yet(now: datetime) -> None:
    organisation = make_organisation()
    make_agent(organisation, status=Agent.Status.OFFLINE)
    waits.publish(organisation=organisation, now=now, rng=rng())
    assert set(WaitEstimate.objects.values_list("unknown", flat=True)) == {"no_agents"}


def test_a_longer_line_means_a_longer_wait(now: datetime) -> None:
    organisation = make_organisation()
    make_agent(organisation)
    waits.publish(organisation=organisation, now=now, rng=rng())
    rows = WaitEstimate.objects.filter(queue__is_default=True, language="en", band=3, kind="written")
    short = rows.get().high_s
    for _ in range(10):
        make_contact(organisation, now=now)
    waits.publish(organisation=organisation, now=now, rng=rng())
    assert (rows.get().high_s or 0) > (short or 0)
    assert rows.get().waiting == 10


def test_a_contact_that_could_not_be_told_is_told_when_we_can_say(now: datetime) -> None:
    organisation = make_organisation()
    contact = make_contact(organisation, now=now)
    assert contact.promise_by is None
    make_agent(organisation)
    waits.publish(organisation=organisation, now=now, rng=rng())
    promised = Contact.objects.get(pk=contact.pk).promise_by
    assert promised is not None
    assert promised > now


def test_a_broken_promise_is_marked_once_and_the_person_is_told(now: datetime) -> None:
    organisation = make_organisation()
    contact = make_contact(organisation, now=now)
    Contact.objects.filter(pk=contact.pk).update(promise_by=now, guard_at=now)
    Promise.objects.update(by=now)
    later = now + timedelta(minutes=1)
    assert promises.revise(organisation=organisation, now=later) == 1
    assert promises.revise(organisation=organisation, now=later + timedelta(minutes=1)) == 0
    contact.refresh_from_db()
    assert contact.promise_broken_at == later
    assert contact.guard_at == now
    assert contact.messages.filter(sort=Message.Sort.PROMISE_MOVED).count() == 1
    assert Promise.objects.order_by("id").first().kept is False  # type: ignore[union-attr]


def test_a_second_time_that_passes_is_told_too(now: datetime) -> None:
    organisation = make_organisation()
    contact = make_contact(organisation, now=now)
    broken = now + timedelta(minutes=1)
    Contact.objects.filter(pk=contact.pk).update(promise_by=now + timedelta(hours=1), promise_broken_at=broken)
    assert promises.revise(organisation=organisation, now=now + timedelta(minutes=30)) == 0
    assert promises.revise(organisation=organisation, now=now + timedelta(hours=2)) == 1


def test_a_burst_between_two_looks_is_counted_in(now: datetime) -> None:
    organisation = make_organisation()
    make_agent(organisation)
    waits.publish(organisation=organisation, now=now, rng=rng())
    each_s = WaitEstimate.objects.get(queue__is_default=True, language="en", band=3, kind="written").each_s
    told = [make_contact(organisation, now=now + timedelta(seconds=1)).wait_high_s or 0 for _ in range(5)]
    steps = [later - earlier for earlier, later in pairwise(told)]
    assert all(abs(step - each_s) <= 1 for step in steps)


def test_a_broken_promise_without_a_new_time_gets_one_when_we_can_say(now: datetime) -> None:
    organisation = make_organisation()
    make_agent(organisation)
    waits.publish(organisation=organisation, now=now, rng=rng())
    contact = make_contact(organisation, now=now)
    first = contact.promise_by
    assert first
    Agent.objects.update(status=Agent.Status.OFFLINE)
    late = first + timedelta(minutes=2)
    waits.publish(organisation=organisation, now=late, rng=rng())
    promises.revise(organisation=organisation, now=late)
    contact.refresh_from_db()
    assert (contact.promise_by, contact.promise_broken_at) == (None, late)
    Agent.objects.update(status=Agent.Status.AVAILABLE)
    again = late + timedelta(minutes=10)
    waits.publish(organisation=organisation, now=again, rng=rng())
    contact.refresh_from_db()
    assert contact.promise_by
    assert contact.promise_by > again
    assert contact.guard_at == first


def test_a_line_too_long_to_be_followed_is_not_told_short(now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    organisation = make_organisation()
    for _ in range(10):
        make_agent(organisation)
    for _ in range(40):
        make_contact(organisation, now=now)
    for _ in range(5):
        make_contact(organisation, now=now + timedelta(seconds=5), danger=True)

    def told(band: int) -> tuple[float, int]:
        waits.publish(organisation=organisation, now=now + timedelta(seconds=10), rng=rng())
        row = WaitEstimate.objects.get(queue__is_default=True, language="en", band=band, kind="written")
        return row.high_s or 0.0, row.waiting

    ordinary, danger = told(3), told(0)
    monkeypatch.setattr(lookahead, "MOST_WAITING", 15)
    assert told(3)[0] == pytest.approx(ordinary[0], rel=0.35)
    assert told(3)[1] == ordinary[1]
    assert told(0)[0] == pytest.approx(danger[0], rel=0.2)


TWIN = waits.Player(twin.run, 200, 800_000)


def line_up(organisation: Organisation, now: datetime) -> None:
    """Thirty wait, five work on something."""
    for _ in range(5):
        make_agent(organisation)
    for place in range(30):
        make_contact(organisation, now=now - timedelta(minutes=30 - place))


def test_the_twin_tells_what_the_arrays_tell(now: datetime) -> None:
    organisation = make_organisation()
    line_up(organisation, now)
    told = WaitEstimate.objects.filter(queue__is_default=True, language="en", band=3, kind="written")
    waits.publish(organisation=organisation, now=now, rng=rng(), player=waits.ARRAYS._replace(most_paths=400))
    arrays = told.get()
    waits.publish(organisation=organisation, now=now, rng=rng(), player=TWIN._replace(most_paths=400))
    machine = told.get()
    assert arrays.median_s
    assert machine.median_s == pytest.approx(arrays.median_s, rel=0.1)
    assert machine.high_s == pytest.approx(arrays.high_s, rel=0.2)


def test_how_it_was_worked_out_is_kept_and_health_says_what_is_missing(now: datetime) -> None:
    organisation = make_organisation()
    line_up(organisation, now)
    waits.publish(organisation=organisation, now=now, rng=rng(), player=waits.ARRAYS._replace(without="no numba"))
    known = LookAhead.objects.get(organisation=organisation)
    assert (known.at, known.paths, known.without) == (now, 60, "no numba")
    assert health.Check("waits", "worked out without machine code: no numba") in health.notes(now=now)
    waits.publish(organisation=organisation, now=now, rng=rng(), player=TWIN)
    known.refresh_from_db()
    assert (known.paths, known.without) == (200, "")
    assert health.Check("waits", "") in health.notes(now=now)
    assert {one.metric: one.value for one in health.numbers(now=now)}["machine_code"] == 1.0


def test_one_of_each_class_is_read_a_minute_as_it_was_worked_out_before_it_came(now: datetime) -> None:
    organisation = make_organisation()
    line_up(organisation, now)
    waits.publish(organisation=organisation, now=now, rng=rng())
    assert not WaitReading.objects.exists()
    told = WaitEstimate.objects.get(queue__is_default=True, language="en", band=3, kind="written")
    first = make_contact(organisation, now=now + timedelta(seconds=1))
    make_contact(organisation, now=now + timedelta(seconds=2))
    waits.publish(organisation=organisation, now=now + timedelta(seconds=5), rng=rng())
    reading = WaitReading.objects.get()
    assert (reading.contact, reading.at, reading.band, reading.kind) == (first, first.arrived_at, 3, "written")
    assert reading.median_s == pytest.approx((told.basis or {})["point"][1])
    assert reading.said_high_s == (told.basis or {})["range"][1]
    make_contact(organisation, now=now + timedelta(seconds=70))
    waits.publish(organisation=organisation, now=now + timedelta(seconds=75), rng=rng())
    assert WaitReading.objects.count() == 1  # the look ahead before was too long ago
    make_contact(organisation, now=now + timedelta(seconds=78))
    waits.publish(organisation=organisation, now=now + timedelta(seconds=80), rng=rng())
    assert WaitReading.objects.count() == 2


@pytest.mark.parametrize(("missed", "unknown"), [(0, ""), (8, ""), (15, "not_trusted")])
def test_what_is_told_depends_on_how_many_ranges_held(now: datetime, missed: int, unknown: str) -> None:
    organisation = make_organisation()
    line_up(organisation, now)
    answered = make_contact(organisation, now=now - timedelta(hours=3))
    Contact.objects.filter(pk=answered.pk).update(first_answered_at=now - timedelta(hours=2), state="closed")
    told = WaitEstimate.objects.filter(queue__is_default=True, language="en", band=3, kind="written")
    waits.publish(organisation=organisation, now=now, rng=rng())
    few = told.get()
    waited_s = 3600.0
    WaitReading.objects.bulk_create(
        WaitReading(
            organisation=organisation, contact=answered, band=3, kind="written", at=now - timedelta(hours=3),
            ahead_s=waited_s, low_s=waited_s * 0.9, median_s=waited_s, high_s=waited_s * 1.1,
            said_low_s=0.0, said_high_s=waited_s * (0.9 if place < missed else 1.1), state=[],
        )
        for place in range(22)
    )  # fmt: skip
    waits.publish(organisation=organisation, now=now, rng=rng())
    row = told.get()
    assert row.unknown == unknown
    if unknown:
        assert row.high_s is None
        assert (row.basis or {})["range"]  # what would be told is still worked out and held against what comes
    elif not missed:
        assert (row.high_s or 0) < (few.high_s or 0)
    else:
        assert row.high_s == pytest.approx(few.high_s, rel=0.25)
