"""Queues, skills and routes."""

import pytest

from pharos.actions import queues
from pharos.actions.errors import Refused
from pharos.models import Organisation, Queue, Skill
from tests.factories import make_contact, make_organisation

pytestmark = pytest.mark.django_db


@pytest.fixture
def centre() -> Organisation:
    return make_organisation()


def test_add_queue_makes_a_skill_of_its_name_unless_one_is_given(centre, now):
    own = queues.add_queue(organisation=centre, names={"en": "Lost luggage"}, skill=None, now=now)
    assert (own.code, own.skill.code, own.is_default) == ("lost-luggage", "lost-luggage", False)
    given = queues.add_queue(organisation=centre, names={"fa": "بار گم‌شده"}, skill=own.skill, now=now)
    assert (given.code, given.skill) == ("queue", own.skill)
    again = queues.add_queue(organisation=centre, names={"en": "Lost luggage"}, skill=own.skill, now=now)
    assert again.code == "lost-luggage-2"


def test_add_queue_without_a_name_is_refused(centre, now):
    with pytest.raises(Refused):
        queues.add_queue(organisation=centre, names={"en": " \x00 "}, skill=None, now=now)
    assert centre.queues.count() == 3


def test_route_moves_a_request_type_and_the_default(centre, now):
    general, refunds, care = (centre.queues.get(code=code) for code in ("general", "refunds", "care"))
    queues.route(organisation=centre, default=care, routes={"refund": general.pk, "change": refunds.pk}, now=now)
    found = {queue.code: (queue.request_types, queue.is_default) for queue in centre.queues.all()}
    assert found == {"general": (["refund"], False), "refunds": (["change"], False), "care": ([], True)}
    assert make_contact(centre, now=now, request_type="refund").lane.queue == general
    assert make_contact(centre, now=now, request_type="complaint").lane.queue == care


def test_route_to_a_queue_of_another_organisation_is_refused(centre, now):
    other = make_organisation().queues.get(code="general")
    with pytest.raises(Refused):
        queues.route(organisation=centre, default=other, routes={}, now=now)
    assert centre.queues.get(is_default=True).code == "general"


def test_change_queue_renames_and_takes_another_skill(centre, now):
    queue, skill = centre.queues.get(code="refunds"), centre.skills.get(code="care")
    queues.change_queue(queue=queue, names={"en": "Money back"}, skill=skill, now=now)
    queue.refresh_from_db()
    assert (queue.name, queue.skill, queue.code) == ({"en": "Money back"}, skill, "refunds")


def test_a_queue_asks_for_no_skill_that_is_gone_or_of_another_house(centre, now):
    queue, gone = centre.queues.get(code="refunds"), queues.add_skill(organisation=centre, names={"en": "Sign"})
    Skill.objects.filter(pk=gone.pk).delete()
    names, strange = {"en": "Refunds"}, make_organisation().skills.get(code="care")
    for one in (gone, strange):
        for given in ({"skill": one}, {"skill": queue.skill, "training": [one]}):
            with pytest.raises(Refused, match="unknown_skill"):
                queues.change_queue(queue=queue, names=names, now=now, **given)
            with pytest.raises(Refused, match="unknown_skill"):
                queues.add_queue(organisation=centre, names=names, now=now, **given)
    queue.refresh_from_db()
    assert (queue.skill.code, queue.training or []) == ("refunds", [])
    assert centre.queues.count() == 3


def test_what_a_skill_allows_stays_as_it_is_now_unless_said(centre):
    seen_before = centre.skills.get(code="care")
    queues.rename_skill(skill=seen_before, names={"en": "Care"}, opens_needs=True, is_specialist=True)
    queues.rename_skill(skill=seen_before, names={"en": "Care team"})
    now_there = centre.skills.get(code="care")
    assert (now_there.opens_needs, now_there.is_specialist) == (True, True)


def test_remove_queue_only_when_it_never_held_a_contact_and_is_not_the_default(centre, now):
    make_contact(centre, now=now, request_type="refund")
    for code in ("general", "refunds"):
        with pytest.raises(Refused):
            queues.remove_queue(queue=centre.queues.get(code=code), now=now)
    queues.remove_queue(queue=centre.queues.get(code="care"), now=now)
    assert set(Queue.objects.values_list("code", flat=True)) == {"general", "refunds"}


def test_skills_are_added_renamed_and_removed_unless_a_queue_asks_for_them(centre, now):
    skill = queues.add_skill(organisation=centre, names={"en": "Sign language"})
    assert skill.code == "sign-language"
    queues.rename_skill(skill=skill, names={"en": "BSL"})
    skill.refresh_from_db()
    assert (skill.name, skill.code) == ({"en": "BSL"}, "sign-language")
    queues.remove_skill(skill=skill, now=now)
    with pytest.raises(Refused):
        queues.remove_skill(skill=centre.skills.get(code="care"), now=now)
    assert Skill.objects.filter(organisation=centre).count() == 3
