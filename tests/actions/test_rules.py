"""The operator's own numbers."""

from datetime import timedelta

import pytest

from pharos import content
from pharos.actions import routing, rules
from pharos.actions.errors import Refused
from pharos.models import Contact, Organisation
from pharos.queries.rules import class_rules, rule
from tests.factories import make_contact, make_organisation

pytestmark = pytest.mark.django_db


@pytest.fixture
def centre() -> Organisation:
    return make_organisation()


def shipped() -> dict[str, dict[str, dict[str, float]]]:
    found: dict[str, dict[str, dict[str, float]]] = {}
    for one in content.service_classes():
        values = {"target_s": float(one.target_s), "head_start_s": float(one.head_start_s)}
        found.setdefault(str(one.band), {})[one.mode] = values
    return found


def test_set_rules_keeps_only_what_differs_and_is_what_the_order_reads(centre, now):
    classes = shipped()
    classes["1"]["live"]["target_s"] = 240.0
    rules.set_rules(organisation=centre, classes=classes, values={"guard_share": 0.4, "capacity_live": 1}, now=now)
    centre.refresh_from_db()
    assert centre.rules == {
        "guard_share": 0.4,
        "classes": {"1": {"live": {"target_s": 240.0, "head_start_s": 180.0}}},
    }
    held = class_rules(centre)
    assert (held[1, "live"].target_s, held[2, "live"].target_s, held.guard_percent) == (240.0, 900.0, 40)


def test_set_rules_as_shipped_keeps_nothing(centre, now):
    rules.set_rules(organisation=centre, classes=shipped(), values={"guard_share": 0.3}, now=now)
    centre.refresh_from_db()
    assert centre.rules == {}


@pytest.mark.parametrize("target", [0, -5, 901])
def test_set_rules_that_do_not_fit_together_change_nothing(target, centre, now):
    classes = shipped()
    classes["1"]["live"]["target_s"] = target
    with pytest.raises(Refused):
        rules.set_rules(organisation=centre, classes=classes, values={"alarm_second_person_minutes": 9}, now=now)
    centre.refresh_from_db()
    assert centre.rules == {}
    assert rule(centre, "alarm_second_person_minutes") == 5


def test_reset_forgets_every_own_number(centre, now):
    rules.set_rules(organisation=centre, classes=shipped(), values={"guard_share": 0.5}, now=now)
    rules.reset(organisation=centre, now=now)
    centre.refresh_from_db()
    assert rule(centre, "guard_share") == 0.3


def test_days_to_a_date_are_the_centres_own_for_who_comes_and_who_waits(centre, now):
    in_ten_days = (now + timedelta(days=10)).date()
    before = make_contact(centre, needed_by=in_ten_days, now=now)
    assert before.lane.band == 3
    rules.set_rules(organisation=centre, classes=shipped(), values={"departure_priority_days": 10}, now=now)
    assert make_contact(Organisation.objects.get(), needed_by=in_ten_days, now=now).lane.band == 1
    assert routing.reband_due(now=now) == 1
    assert Contact.objects.select_related("lane").get(pk=before.pk).lane.band == 1
    rules.reset(organisation=centre, now=now)
    routing.reband_due(now=now)
    assert {one.lane.band for one in Contact.objects.select_related("lane")} == {3}
