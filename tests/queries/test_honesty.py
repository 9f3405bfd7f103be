"""How honest the waits were that people were told."""

from datetime import datetime, timedelta

import pytest

from pharos.models import LookAhead, Organisation, Promise
from pharos.queries import honesty
from tests.factories import make_contact, make_organisation

pytestmark = pytest.mark.django_db


def told(
    organisation: Organisation,
    *,
    now: datetime,
    waited_s: int | None,
    kept: bool | None = True,
    band: int = 3,
    ago: timedelta = timedelta(days=1),
) -> None:
    contact = make_contact(organisation, now=now - ago - timedelta(hours=1))
    contact.promises.all().delete()
    at = now - ago
    Promise.objects.create(
        contact=contact, told_at=at - timedelta(seconds=waited_s or 900), band=band, kind="written", by=at,
        low_s=300, median_s=600, high_s=1200, settled_at=at, waited_s=waited_s, kept=kept,
    )  # fmt: skip


def test_ranges_and_promises_are_held_against_what_came(now: datetime) -> None:
    organisation = make_organisation()
    for waited_s in (300, 600, 1200):
        told(organisation, now=now, waited_s=waited_s)
    told(organisation, now=now, waited_s=1800, kept=False, band=2)
    told(make_organisation("there"), now=now, waited_s=9999, kept=False)
    told(organisation, now=now, waited_s=9999, kept=False, ago=timedelta(days=8))
    every, urgent, ordinary = honesty.honesty(organisation=organisation, now=now)
    assert (every.band, every.kind, every.kept) == (None, None, honesty.Kept(4, 3))
    assert (urgent.band, urgent.kept) == (2, honesty.Kept(1, 0))
    assert every.score
    assert urgent.score
    assert ordinary.score
    assert (every.score.coverage, urgent.score.late, ordinary.score.coverage) == (0.75, 1.0, 1.0)
    assert ordinary.score.mean_s == 700


def test_a_wait_that_was_broken_before_it_ended_lies_outside_its_range(now: datetime) -> None:
    organisation = make_organisation()
    told(organisation, now=now, waited_s=None, kept=False)
    told(organisation, now=now, waited_s=None, kept=None)  # they left in time: nothing is known
    every, _ = honesty.honesty(organisation=organisation, now=now)
    assert every.kept == honesty.Kept(1, 0)
    assert every.score
    assert (every.score.told, every.score.late) == (1, 1.0)


def test_what_was_told_without_a_middle_is_scored_by_that_of_its_range(now: datetime) -> None:
    organisation = make_organisation()
    told(organisation, now=now, waited_s=750)
    Promise.objects.update(median_s=None)
    assert (score := honesty.honesty(organisation=organisation, now=now)[0].score)
    assert score.rmse_share == 0


def test_before_anything_came_due_nothing_is_said(now: datetime) -> None:
    organisation = make_organisation()
    assert honesty.honesty(organisation=organisation, now=now) == []
    assert honesty.kept(organisation=organisation, now=now).share is None
    assert honesty.look(organisation=organisation) is None


def test_the_public_is_told_a_share_only_of_enough_promises(now: datetime) -> None:
    organisation = make_organisation()
    for number in range(honesty.FEWEST):
        assert honesty.public_share(organisation=organisation, now=now) is None
        told(organisation, now=now, waited_s=600, kept=number > 0)
    assert honesty.public_share(organisation=organisation, now=now) == 1 - 1 / honesty.FEWEST


def test_how_waits_are_worked_out(now: datetime) -> None:
    organisation = make_organisation()
    LookAhead.objects.create(organisation=organisation, at=now, paths=200, learned_at=now, lessons=7, gain=-0.1)
    assert honesty.look(organisation=organisation) == honesty.Look(now, 200, "", now, 7, False, -0.1)
