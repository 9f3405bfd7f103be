"""Dispatch, offers and their ends."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from pharos.actions import contacts, overrides, routing
from pharos.actions.errors import Refused
from pharos.engine import discipline
from pharos.models import Agent, Contact, GuardBucket, Offer, Role
from pharos.queries import floor
from tests.factories import make_agent, make_contact, make_organisation, make_user

pytestmark = pytest.mark.django_db


def state_of(contact: Contact) -> str:
    """The state that is stored now."""
    return Contact.objects.get(pk=contact.pk).state


def test_dispatch_offers_the_most_urgent_first(now: datetime) -> None:
    organisation = make_organisation()
    make_contact(organisation, now=now - timedelta(minutes=30))
    danger = make_contact(organisation, now=now, danger=True)
    agent = make_agent(organisation)
    assert routing.dispatch(organisation=organisation, now=now) == 1
    offer = Offer.objects.get()
    assert (offer.contact, offer.agent, offer.reason) == (danger, agent, "danger")


def test_dispatch_gives_each_agent_one_offer(now: datetime) -> None:
    organisation = make_organisation()
    for _ in range(5):
        make_contact(organisation, now=now)
    make_agent(organisation)
    make_agent(organisation)
    assert routing.dispatch(organisation=organisation, now=now) == 2
    assert routing.dispatch(organisation=organisation, now=now) == 0


def test_dispatch_offers_nothing_an_agent_may_not_serve(now: datetime) -> None:
    organisation = make_organisation()
    make_contact(organisation, now=now, language="hy")
    make_contact(organisation, now=now, request_type="refund")
    make_agent(organisation, languages=("en",), skills={"general": 3})
    assert routing.dispatch(organisation=organisation, now=now) == 0


def test_accept_makes_the_contact_active(now: datetime) -> None:
    organisation = make_organisation()
    contact = make_contact(organisation, now=now)
    agent = make_agent(organisation)
    routing.dispatch(organisation=organisation, now=now)
    routing.accept(offer=Offer.objects.get(), agent=agent, now=now)
    assert state_of(contact) == Contact.State.ACTIVE


def test_accept_of_another_agents_offer_changes_nothing(now: datetime) -> None:
    organisation = make_organisation()
    contact = make_contact(organisation, now=now)
    make_agent(organisation)
    routing.dispatch(organisation=organisation, now=now)
    other = make_agent(organisation)
    with pytest.raises(Refused):
        routing.accept(offer=Offer.objects.get(), agent=other, now=now)
    assert state_of(contact) == Contact.State.OFFERED


def test_an_unanswered_offer_goes_back_with_its_old_place(now: datetime) -> None:
    organisation = make_organisation()
    first = make_contact(organisation, now=now)
    make_contact(organisation, now=now + timedelta(seconds=1))
    agent = make_agent(organisation)
    routing.dispatch(organisation=organisation, now=now)
    later = now + timedelta(minutes=5)
    assert routing.expire_offers(now=later) == 1
    order = floor.serving_order(organisation=organisation, now=later, limit=10)
    assert order[0].contact == first
    agent.refresh_from_db()
    assert (agent.status, agent.missed_offers) == (Agent.Status.BREAK, 1)


def test_a_break_gives_the_open_offer_back_at_once(now: datetime) -> None:
    organisation = make_organisation()
    contact = make_contact(organisation, now=now)
    agent = make_agent(organisation)
    routing.dispatch(organisation=organisation, now=now)
    routing.set_status(agent=agent, status=Agent.Status.BREAK, now=now)
    assert state_of(contact) == Contact.State.WAITING
    assert Offer.objects.get().state == Offer.State.WITHDRAWN


def test_a_raise_moves_up_and_is_in_the_trail(now: datetime) -> None:
    organisation = make_organisation()
    early = make_contact(organisation, now=now - timedelta(hours=1))
    late = make_contact(organisation, now=now)
    lead = make_user(organisation, role=Role.LEAD)
    overrides.raise_band(contact=late, band=1, reason="Dialysis at ten", by=lead, now=now)
    order = floor.serving_order(organisation=organisation, now=now, limit=10)
    assert [place.contact for place in order] == [late, early]
    event = late.events.get(code="raised")
    assert (event.user, event.data) == (lead, {"band": 1, "why": "Dialysis at ten"})


def test_place_is_the_rank_in_the_serving_order(now: datetime) -> None:
    organisation = make_organisation()
    for minutes in range(40, 0, -2):
        make_contact(organisation, now=now - timedelta(minutes=minutes), channel="chat" if minutes % 4 else "web")
    urgent = make_contact(organisation, now=now, needed_by=(now + timedelta(days=6)).date())
    assert urgent.reasons == [{"code": "leaves_in_days", "params": {"days": 6}}]
    order = [place.contact for place in floor.serving_order(organisation=organisation, now=now, limit=100)]
    places = [floor.place(contact=contact, now=now) for contact in order]
    assert places == list(range(1, 22))


def test_reband_at_local_midnight(now: datetime) -> None:
    organisation = make_organisation(time_zone="Asia/Yerevan")
    contact = make_contact(organisation, now=now, needed_by=(now + timedelta(days=8)).date())
    assert contact.lane.band == 3
    assert contact.reband_at is not None
    assert routing.reband_due(now=contact.reband_at - timedelta(seconds=1)) == 0
    assert routing.reband_due(now=contact.reband_at) == 1
    contact.refresh_from_db()
    assert (contact.lane.band, contact.reasons[0]["params"]) == (1, {"days": 7})


def test_a_raise_holds_when_the_contact_changed_its_lane_meanwhile(now: datetime) -> None:
    organisation = make_organisation()
    lead = make_user(organisation, role=Role.LEAD)
    contact = make_contact(organisation, now=now)
    seen_before = Contact.objects.select_related("lane__queue", "organisation").get(pk=contact.pk)
    contacts.correct_date(contact=contact, needed_by=(now + timedelta(days=2)).date(), by=lead, now=now)
    overrides.raise_band(contact=seen_before, band=0, reason="He is hurt", by=lead, now=now)
    assert Contact.objects.get(pk=contact.pk).lane.band == 0


def buckets() -> list[int]:
    return list(GuardBucket.objects.values_list("tokens", flat=True))


def test_the_guard_share_is_kept_with_each_offer(now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    organisation = make_organisation()
    for _ in range(2):
        make_contact(organisation, now=now)
        make_agent(organisation)
    put, puts = routing._put, iter([False, True])

    def dies_at_the_second(*arguments: Any, **named: Any) -> None:
        if next(puts):
            raise SystemExit
        put(*arguments, **named)

    monkeypatch.setattr(routing, "_put", dies_at_the_second)
    with pytest.raises(SystemExit):
        routing.dispatch(organisation=organisation, now=now)
    assert (Offer.objects.count(), buckets()) == (1, [30])


def test_a_guard_start_is_charged_with_its_offer_and_not_without(
    now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    organisation = make_organisation()
    due, _newer = make_contact(organisation, now=now), make_contact(organisation, danger=False, now=now)
    make_agent(organisation)
    urgent = make_contact(organisation, needed_by=now.date(), now=now - timedelta(hours=3))
    Contact.objects.filter(pk=due.pk).update(guard_at=now - timedelta(minutes=1), promise_by=now)
    lane = discipline.GuardLane("written", floor.group_of(due.lane))
    GuardBucket.objects.create(organisation=organisation, lane=floor.bucket_key(lane), tokens=100)
    with monkeypatch.context() as patched:
        patched.setattr(routing, "_offer", lambda *_, **__: False)
        routing.dispatch(organisation=organisation, now=now)
    assert buckets() == [100]
    assert routing.dispatch(organisation=organisation, now=now) == 1
    offer = Offer.objects.get()
    assert (offer.contact, offer.guard, urgent.state) == (due, True, "waiting")
    assert buckets() == [30]
