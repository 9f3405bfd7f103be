"""The loops do their work on a real centre; what fails in one organisation keeps no other waiting."""

from datetime import timedelta

import pytest
from django.utils import timezone

from pharos.actions import routing
from pharos.jobs.dispatching import Dispatching
from pharos.jobs.loops import LOOPS, Turn, for_each
from pharos.models import Agent, Contact, Message, Offer, Organisation, WaitEstimate
from tests.factories import NOW, make_agent, make_contact, make_organisation

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def folders(settings, tmp_path):
    settings.OUTBOX_DIR, settings.PUBLIC_DIR = tmp_path / "outbox", tmp_path / "public"


def run(name: str, now=NOW) -> bool:
    return LOOPS[name].begin()(Turn(lambda: now, lambda: True))


@pytest.mark.parametrize("name", LOOPS)
def test_loop_on_an_empty_installation_has_nothing_to_do(name):
    assert run(name) is False


@pytest.mark.parametrize("name", LOOPS)
def test_loop_on_a_centre_at_work_runs_through(name):
    organisation = make_organisation()
    make_agent(organisation)
    for channel in ("web", "voice"):
        make_contact(organisation, channel=channel)
    assert run(name) in {True, False}


def test_offers_and_waits_and_mail_of_each_organisation():
    houses = [make_organisation(), make_organisation()]
    for house in houses:
        make_agent(house)
        make_contact(house)
        make_contact(house)
    run("offers")
    assert sorted(Offer.objects.values_list("organisation", flat=True)) == [house.pk for house in houses]
    run("waits")
    assert set(WaitEstimate.objects.values_list("organisation", flat=True)) == {house.pk for house in houses}
    assert run("messages") is True
    assert set(Message.objects.filter(direction="out").values_list("state", flat=True)) == {"sent"}


def test_unanswered_offer_comes_back_and_is_offered_to_another():
    organisation = make_organisation()
    make_agent(organisation)
    contact = make_contact(organisation)
    run("offers")
    run("expired-offers", NOW + timedelta(minutes=2))
    contact.refresh_from_db()
    assert (contact.state, contact.virtual_arrival) == (Contact.State.WAITING, NOW)
    make_agent(organisation)
    run("offers", NOW + timedelta(minutes=2))
    contact.refresh_from_db()
    assert contact.state == Contact.State.OFFERED


def test_failure_in_one_organisation_keeps_no_other_waiting():
    houses = [make_organisation() for _ in range(3)]
    served = []

    def action(organisation: Organisation) -> None:
        if organisation == houses[0]:
            raise ZeroDivisionError
        served.append(organisation)

    with pytest.raises(ZeroDivisionError):
        for_each(houses, action)
    assert served == houses[1:]
    with pytest.raises(ExceptionGroup) as several:
        for_each([houses[0], houses[0]], action)
    assert len(several.value.exceptions) == 2


def test_dispatching_looks_where_something_changed_and_all_round_now_and_then(monkeypatch):
    monkeypatch.setattr("pharos.live.log.close_old_connections", lambda: None)
    busy, quiet = make_organisation(), make_organisation()
    dispatching = Dispatching()
    assert dispatching.due() == [busy, quiet]
    assert dispatching.due() == []
    make_contact(busy)
    assert dispatching.due() == [busy]
    agent = make_agent(quiet, status=Agent.Status.OFFLINE)
    routing.set_status(agent=agent, status=Agent.Status.AVAILABLE, now=timezone.now())
    assert dispatching.due() == [quiet]
    dispatching._round_at = 0.0
    assert dispatching.due() == [busy, quiet]
