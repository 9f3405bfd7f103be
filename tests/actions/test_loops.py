"""Leases of loops: one holder at a time, taken over when it is gone."""

from datetime import timedelta

import pytest

from pharos.actions import loops
from pharos.actions.loops import LEASE, Fared
from pharos.models import Loop
from tests.factories import NOW

pytestmark = pytest.mark.django_db
BOTH = ("offers", "waits")


def claim(holder, names=BOTH, now=NOW):
    return loops.claim(names=names, holder=holder, now=now)


@pytest.fixture(autouse=True)
def entered():
    loops.enter(names=BOTH, known=BOTH)


def test_enter_again_keeps_what_is_known_and_forgets_what_is_not():
    claim("a")
    Loop.objects.create(name="of an older version")
    loops.enter(names=["offers", "new"], known=["offers", "waits", "new"])
    assert dict(Loop.objects.values_list("name", "holder")) == {"offers": "a", "waits": "a", "new": ""}


def test_claim_is_held_by_one_until_its_lease_ends():
    assert claim("a") == {"offers", "waits"}
    assert claim("b") == set()
    assert claim("b", now=NOW + LEASE - timedelta(microseconds=1)) == set()
    assert claim("b", now=NOW + LEASE) == {"offers", "waits"}
    assert claim("a", now=NOW + LEASE) == set()


def test_claim_again_renews():
    claim("a")
    later = NOW + LEASE / 2
    assert claim("a", now=later) == {"offers", "waits"}
    assert claim("b", now=NOW + LEASE) == set()


def test_claim_without_a_loop_lets_another_have_it():
    claim("a")
    claim("a", names=["waits"], now=NOW + LEASE / 2)
    assert claim("b", now=NOW + LEASE) == {"offers"}


def test_release_lets_another_go_on_at_once():
    claim("a", names=["offers"])
    claim("b", names=["waits"])
    loops.release(holder="a")
    assert claim("b") == {"offers", "waits"}


def test_report_never_goes_back_in_time():
    new = Fared("offers", NOW, NOW + timedelta(seconds=1), 0, "")
    old = Fared("offers", NOW - timedelta(seconds=1), NOW, 3, "ValueError")
    loops.report(fared=[new])
    loops.report(fared=[old])
    row = Loop.objects.get(name="offers")
    assert (row.last_run_at, row.next_run_at, row.failures, row.last_failure) == new[1:]
