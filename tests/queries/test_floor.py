"""Who may serve whom, and who is asked first."""

from dataclasses import replace
from datetime import datetime, timedelta

import numpy as np
import pytest

from pharos.actions import needs, queues, routing, waits
from pharos.engine.lanes import Group, GuardLane
from pharos.models import AgentSkill, Contact, GuardBucket, Offer, Queue, Skill
from pharos.queries import floor
from tests.factories import make_agent, make_contact, make_organisation

pytestmark = pytest.mark.django_db


@pytest.fixture
def centre():
    centre = make_organisation()
    Skill.objects.filter(organisation=centre, code="care").update(is_specialist=True)
    return centre


def offered(contact: Contact) -> tuple[str, str]:
    offer = Offer.objects.get(contact=contact)
    return str(offer.agent), offer.fit


def test_recorded_needs_go_to_the_specialist_team_first_and_leave_others_alone(centre, now: datetime) -> None:
    make_agent(centre, "ani", skills={"general": 3})
    make_agent(centre, "care", skills={"general": 3, "care": 3})
    ordinary = make_contact(centre, now=now - timedelta(minutes=1))
    asks = make_contact(centre, now=now, needs=("hearing",))
    assert (ordinary.has_needs, asks.has_needs) == (False, True)
    routing.dispatch(organisation=centre, now=now)
    assert offered(asks) == ("care", "specialist")
    assert offered(ordinary) == ("ani", "")


def test_with_no_specialist_free_nobody_waits_for_one(centre, now: datetime) -> None:
    make_agent(centre, "ani", skills={"general": 3})
    busy = make_agent(centre, "care", skills={"general": 3, "care": 3})
    routing.set_status(agent=busy, status=busy.Status.BREAK, now=now)
    asks = make_contact(centre, now=now, needs_words="Please write, I cannot hear")
    routing.dispatch(organisation=centre, now=now)
    assert offered(asks) == ("ani", "no_specialist")


def test_a_need_taken_back_or_only_noticed_asks_for_no_specialist(centre, now: datetime) -> None:
    contact = make_contact(centre, now=now, needs=("hearing",))
    needs.withdraw(contact=contact, need=None, by=None, now=now)
    assert not Contact.objects.get(pk=contact.pk).has_needs
    noticed = make_contact(centre, now=now)
    agent = make_agent(centre, "ani")
    Contact.objects.filter(pk=noticed.pk).update(state="active", agent=agent)
    noticed.refresh_from_db()
    needs.observe(contact=noticed, code="hearing", words="", by=agent.user, now=now)
    assert not Contact.objects.get(pk=noticed.pk).has_needs
    needs.record(contact=noticed, code="hearing", words="", consent=True, by=agent.user, now=now)
    assert Contact.objects.get(pk=noticed.pk).has_needs


def test_a_need_taken_back_while_the_floor_was_read_is_not_told_with_the_offer(
    centre, now: datetime, monkeypatch
) -> None:
    make_agent(centre, "ani", skills={"general": 3})
    contact = make_contact(centre, now=now, needs=("hearing",))
    read = floor.lane_views

    def read_before(**asked):
        views = [replace(view, waiting=list(view.waiting)) for view in read(**asked)]
        needs.withdraw(contact=contact, need=None, by=None, now=now)
        return views

    monkeypatch.setattr(floor, "lane_views", read_before)
    routing.dispatch(organisation=centre, now=now)
    assert offered(contact) == ("ani", "")


def test_level_and_training_of_a_queue_decide_who_is_offered_its_contacts(centre, now: datetime) -> None:
    refunds, training = Queue.objects.get(code="refunds"), Skill.objects.get(code="general")
    queues.change_queue(
        queue=refunds, names={"en": "Refunds"}, skill=refunds.skill, level=4, training=[training], now=now
    )
    contact = make_contact(centre, now=now, request_type="refund")
    make_agent(centre, "young", skills={"refunds": 3, "general": 3})
    make_agent(centre, "untrained", skills={"refunds": 5})
    assert routing.dispatch(organisation=centre, now=now) == 0
    able = make_agent(centre, "able", skills={"refunds": 4, "general": 1})
    assert routing.dispatch(organisation=centre, now=now) == 1
    assert offered(contact)[0] == "able"
    group = floor.group_of(contact.lane.__class__.objects.select_related("queue__skill").get(pk=contact.lane_id))
    assert (group.level, group.gates) == (4, (str(training.pk),))
    assert floor.buckets(centre).keys() == {GuardLane("written", group)}
    AgentSkill.objects.filter(agent=able, skill=training).delete()
    Offer.objects.all().delete()
    Contact.objects.update(state="waiting", agent=None)
    assert routing.dispatch(organisation=centre, now=now) == 0


def test_the_name_of_a_guard_lane_has_room_for_all_training(now: datetime) -> None:
    group = Group("x" * 50, "zh-hans", 5, tuple(str(10**7 + number) for number in range(queues.MOST_TRAINING)))
    most = GuardBucket._meta.get_field("lane").max_length
    assert most
    assert len(floor.bucket_key(GuardLane("written", group))) <= most


def test_waits_are_told_of_those_who_may_serve(centre, now: datetime) -> None:
    rng = np.random.default_rng(7)
    refunds = Queue.objects.get(code="refunds")
    make_agent(centre, "young", skills={"refunds": 3})
    queues.change_queue(queue=refunds, names={"en": "Refunds"}, skill=refunds.skill, level=4, now=now)
    waits.publish(organisation=centre, now=now, rng=rng)
    row = centre.wait_estimates.get(queue=refunds, language="en", band=3, kind="live")
    assert (row.high_s, bool(row.unknown)) == (None, True)
    queues.change_queue(queue=refunds, names={"en": "Refunds"}, skill=refunds.skill, level=3, now=now)
    waits.publish(organisation=centre, now=now, rng=rng)
    row.refresh_from_db()
    assert row.high_s is not None
