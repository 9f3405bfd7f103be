"""Moved up by hand: always with a reason, always up, kept, and taken back while nobody has the contact."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from pharos.actions import contacts, conversation, overrides, routing
from pharos.actions.errors import Refused
from pharos.models import Contact, Message, Offer, Override, Role
from pharos.queries import explanation, floor
from tests.factories import NOW, make_agent, make_contact, make_organisation, make_user

pytestmark = pytest.mark.django_db


def references(organisation, now: datetime) -> list[str]:
    return [one.contact.reference for one in floor.serving_order(organisation=organisation, now=now, limit=20)]


def fresh(contact: Contact) -> Contact:
    return Contact.objects.select_related("lane__queue", "organisation").get(pk=contact.pk)


@pytest.fixture
def centre():
    return make_organisation()


@pytest.fixture
def lead(centre):
    return make_user(centre, "lead", role=Role.LEAD, name="Lena Lead")


def test_to_the_front_goes_after_danger_and_before_every_index(centre, lead, now: datetime) -> None:
    urgent = make_contact(centre, now=now - timedelta(hours=3), needed_by=now.date())
    late = make_contact(centre, now=now)
    danger = make_contact(centre, now=now, danger=True)
    overrides.to_front(contact=late, reason="Her mother calls the whole time", by=lead, now=now)
    assert references(centre, now) == [danger.reference, late.reference, urgent.reference]
    assert [floor.place(contact=fresh(one), now=now) for one in (danger, late, urgent)] == [1, 2, 3]
    make_agent(centre)
    routing.dispatch(organisation=centre, now=now)
    make_agent(centre)
    routing.dispatch(organisation=centre, now=now)
    pick = Offer.objects.get(contact=late)
    assert pick.reason == "raised"
    assert pick.runner_up
    assert pick.runner_up["reference"] == urgent.reference
    assert fresh(late).reasons[0] == {"code": "raised", "params": {"by": "Lena Lead"}}


def test_the_change_is_kept_with_who_and_why(centre, lead, now: datetime) -> None:
    contact = make_contact(centre, now=now)
    overrides.to_front(contact=contact, reason="  Alone with a baby ", by=lead, now=now)
    kept = Override.objects.get()
    assert (kept.by, kept.reason, kept.band, kept.band_before) == (lead, "Alone with a baby", None, 3)
    event = contact.events.get(code="raised")
    assert (event.user, event.data) == (lead, {"band": None, "why": "Alone with a baby"})
    note = contact.messages.get(direction=Message.Direction.NOTE)
    assert "Alone with a baby" in note.body


@pytest.mark.parametrize("reason", ["", "   "])
def test_without_a_reason_nothing_changes(centre, lead, now: datetime, reason: str) -> None:
    contact = make_contact(centre, now=now)
    for act in (overrides.to_front, lambda **said: overrides.raise_band(band=1, **said)):
        with pytest.raises(Refused):
            act(contact=contact, reason=reason, by=lead, now=now)
    assert not Override.objects.exists()
    assert (fresh(contact).front_at, fresh(contact).raised_band) == (None, None)


def test_nobody_is_brought_to_the_front_twice_or_from_an_agents_hands(centre, lead, now: datetime) -> None:
    contact = make_contact(centre, now=now)
    overrides.to_front(contact=contact, reason="Alone", by=lead, now=now)
    with pytest.raises(Refused):
        overrides.to_front(contact=contact, reason="Alone", by=lead, now=now)
    agent = make_agent(centre)
    routing.dispatch(organisation=centre, now=now)
    with pytest.raises(Refused):
        overrides.to_front(contact=contact, reason="Alone", by=lead, now=now)
    routing.accept(offer=Offer.objects.get(), agent=agent, now=now)
    assert fresh(contact).front_at is None  # taken: it holds no longer
    assert Override.objects.count() == 1


def test_taken_back_it_stands_where_it_stood(centre, lead, now: datetime) -> None:
    first = make_contact(centre, now=now - timedelta(minutes=30))
    contact = make_contact(centre, now=now - timedelta(minutes=5))
    before = fresh(contact)
    for band in (2, 1):
        overrides.raise_band(contact=fresh(contact), band=band, reason="Alone", by=lead, now=now)
    overrides.to_front(contact=fresh(contact), reason="Alone", by=lead, now=now)
    assert references(centre, now) == [contact.reference, first.reference]
    later = now + timedelta(minutes=1)
    for _ in range(3):
        overrides.undo(contact=fresh(contact), by=lead, now=later)
    after = fresh(contact)
    assert (after.lane, after.virtual_arrival, after.reasons) == (before.lane, before.virtual_arrival, before.reasons)
    assert (after.front_at, after.raised_band, after.raised_by) == (None, None, None)
    assert references(centre, later) == [first.reference, contact.reference]
    assert list(Override.objects.values_list("undone_by", flat=True)) == [lead.pk] * 3
    assert [event.data["band"] for event in contact.events.filter(code="raise_undone").order_by("id")] == [None, 1, 2]
    with pytest.raises(Refused):
        overrides.undo(contact=after, by=lead, now=later)


def test_what_came_to_be_known_meanwhile_holds_after_it_is_taken_back(centre, lead, now: datetime) -> None:
    contact = make_contact(centre, now=now)
    overrides.raise_band(contact=contact, band=0, reason="He is hurt", by=lead, now=now)
    contacts.correct_date(contact=fresh(contact), needed_by=now.date(), by=lead, now=now)
    overrides.undo(contact=fresh(contact), by=lead, now=now)
    assert fresh(contact).lane.band == 1


def test_once_an_agent_has_it_nothing_is_taken_back(centre, lead, now: datetime) -> None:
    contact = make_contact(centre, now=now)
    overrides.raise_band(contact=contact, band=1, reason="Alone", by=lead, now=now)
    agent = make_agent(centre)
    routing.dispatch(organisation=centre, now=now)
    assert explanation.undoable(fresh(contact)) is not None  # offered and not taken: it may come back
    routing.accept(offer=Offer.objects.get(), agent=agent, now=now)
    with pytest.raises(Refused):
        overrides.undo(contact=fresh(contact), by=lead, now=now)
    contact.refresh_from_db()
    conversation.pend(contact=contact, until=now + timedelta(hours=1), by=agent.user, now=now)
    routing.wake_due(now=now + timedelta(hours=1))
    assert fresh(contact).state == Contact.State.WAITING
    assert explanation.undoable(fresh(contact)) is None


def test_of_two_leads_at_once_the_second_lowers_nobody(centre, lead, now: datetime) -> None:
    contact = make_contact(centre, now=now)
    seen_before = fresh(contact)
    overrides.raise_band(contact=fresh(contact), band=0, reason="He is hurt", by=lead, now=now)
    with pytest.raises(Refused, match="not_up"):
        overrides.raise_band(contact=seen_before, band=1, reason="Alone", by=lead, now=now)
    assert (fresh(contact).lane.band, fresh(contact).raised_band) == (0, 0)
    assert Override.objects.count() == 1


def test_a_closed_contact_is_not_raised(centre, lead, now: datetime) -> None:
    contact = make_contact(centre, now=now)
    Contact.objects.filter(pk=contact.pk).update(state="closed")
    for act in (overrides.to_front, lambda **said: overrides.raise_band(band=0, **said)):
        with pytest.raises(Refused, match="not_up"):
            act(contact=contact, reason="Alone", by=lead, now=now)
    assert fresh(contact).lane.band == 3
    assert not Override.objects.exists()


def test_only_a_lead_of_the_house_changes_a_place(centre, lead, now: datetime) -> None:
    contact = make_contact(centre, now=now)
    overrides.raise_band(contact=contact, band=2, reason="Alone", by=lead, now=now)
    for by in (make_user(centre), make_user(make_organisation(), role=Role.LEAD)):
        for act in (
            lambda by=by: overrides.raise_band(contact=contact, band=0, reason="Alone", by=by, now=now),
            lambda by=by: overrides.to_front(contact=contact, reason="Alone", by=by, now=now),
            lambda by=by: overrides.undo(contact=contact, by=by, now=now),
        ):
            with pytest.raises(Refused, match="not_allowed"):
                act()
    assert (fresh(contact).lane.band, fresh(contact).front_at) == (2, None)


class NeverWorse(TestCase):
    """No change by hand makes any place worse for whom it is made, and the others keep their order."""

    @settings(max_examples=25)
    @given(
        waited_m=st.lists(st.integers(0, 300), min_size=2, max_size=5),
        chosen=st.integers(0, 4),
        to=st.sampled_from([None, 2, 1, 0]),
    )
    def test_moved_up_and_taken_back(self, waited_m, chosen, to):
        organisation = make_organisation()
        lead = make_user(organisation, role=Role.LEAD)
        rows = [make_contact(organisation, now=NOW - timedelta(minutes=waited)) for waited in waited_m]
        contact = rows[chosen % len(rows)]
        before = references(organisation, NOW)
        if to is None:
            overrides.to_front(contact=contact, reason="Alone", by=lead, now=NOW)
        else:
            overrides.raise_band(contact=contact, band=to, reason="Alone", by=lead, now=NOW)
        moved = references(organisation, NOW)
        assert moved.index(contact.reference) <= before.index(contact.reference)
        assert [one for one in moved if one != contact.reference] == [one for one in before if one != contact.reference]
        assert [floor.place(contact=fresh(one), now=NOW) for one in rows] == [
            1 + moved.index(one.reference) for one in rows
        ]
        overrides.undo(contact=fresh(contact), by=lead, now=NOW)
        assert references(organisation, NOW) == before
