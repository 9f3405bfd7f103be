"""Why a contact is where it is, in every state."""

from datetime import datetime, timedelta

import pytest

from pharos.actions import conversation, overrides, routing
from pharos.models import Contact, Offer, Role
from pharos.queries.explanation import NEAR, explain
from tests.factories import make_agent, make_contact, make_organisation, make_user

pytestmark = pytest.mark.django_db


def fresh(contact: Contact) -> Contact:
    return Contact.objects.select_related("lane__queue", "organisation").get(pk=contact.pk)


@pytest.fixture
def centre():
    return make_organisation()


def test_who_waits_is_told_its_index_and_who_goes_before(centre, now: datetime) -> None:
    danger = make_contact(centre, now=now, danger=True)
    urgent = make_contact(centre, now=now, needed_by=now.date())
    older = make_contact(centre, now=now - timedelta(hours=1))
    contact = make_contact(centre, now=now - timedelta(minutes=6), channel="chat")
    found = explain(fresh(contact), now=now)
    assert found.index == pytest.approx(0.1)
    assert found.place == 3
    assert [(one.contact, one.reason) for one in found.near] == [(danger, "danger"), (urgent, "largest_index")]
    assert dict(found.ahead) == {0: 1, 1: 1}
    assert explain(fresh(older), now=now).place == 4
    assert (found.picks, len(found.promises), found.overrides) == ([], 1, [])


def test_of_many_ahead_the_nearest_are_named(centre, now: datetime) -> None:
    rows = [make_contact(centre, now=now - timedelta(minutes=minutes)) for minutes in range(NEAR + 4, -1, -1)]
    found = explain(fresh(rows[-1]), now=now)
    assert [one.contact for one in found.near] == rows[-NEAR - 1 : -1]
    assert found.ahead.total() == NEAR + 4


def test_deeper_than_is_read_the_place_is_counted(centre, now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pharos.queries.explanation.READ", 2)
    rows = [make_contact(centre, now=now - timedelta(minutes=minutes)) for minutes in range(4, -1, -1)]
    found = explain(fresh(rows[-1]), now=now)
    assert (found.place, found.mine, found.near) == (5, None, ())


def test_in_hand_and_closed_it_tells_the_pick(centre, now: datetime) -> None:
    contact = make_contact(centre, now=now - timedelta(minutes=12), channel="chat")
    behind = make_contact(centre, now=now, channel="chat")
    lead = make_user(centre, role=Role.LEAD)
    overrides.raise_band(contact=contact, band=2, reason="Alone", by=lead, now=now)
    agent = make_agent(centre)
    routing.dispatch(organisation=centre, now=now)
    offered = explain(fresh(contact), now=now)
    assert (offered.index, offered.place, offered.undoable is not None) == (None, None, True)
    routing.accept(offer=Offer.objects.get(), agent=agent, now=now)
    held = explain(fresh(contact), now=now)
    assert [(one.reason, one.runner_up and one.runner_up["reference"]) for one in held.picks] == [
        ("largest_index", behind.reference)
    ]
    assert held.undoable is None
    contact.refresh_from_db()
    conversation.close(contact=contact, disposition="solved", summary="Done", by=agent.user, now=now)
    closed = explain(fresh(contact), now=now)
    assert (len(closed.picks), len(closed.promises), closed.overrides[0].reason) == (1, 1, "Alone")


@pytest.mark.parametrize("others", [1, 3])
def test_it_costs_the_same_whoever_waits(centre, now: datetime, others: int, django_assert_num_queries) -> None:
    for minutes in range(others):
        make_contact(centre, now=now - timedelta(minutes=minutes))
    contact = make_contact(centre, now=now)
    lead = make_user(centre, role=Role.LEAD)
    for _ in range(others):
        overrides.raise_band(contact=contact, band=1, reason="Alone", by=lead, now=now)
        overrides.undo(contact=contact, by=lead, now=now)
    found = fresh(contact)
    explain(found, now=now)
    with django_assert_num_queries(14):
        explain(found, now=now)
