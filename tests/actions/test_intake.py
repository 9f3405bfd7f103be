"""One door: kept whole, kept once, with its place and its promise."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from django.db import connections

from pharos.actions import intake
from pharos.actions.errors import KeyReused
from pharos.models import Contact, Identity, LiveEvent, Message, Promise, WaitEstimate
from tests.factories import make_contact, make_inbound, make_incident, make_organisation

Kept = Callable[..., Contact]


@pytest.mark.django_db
def test_a_request_gets_its_place_its_trail_and_its_acknowledgement(now: datetime) -> None:
    organisation = make_organisation()
    contact = make_contact(organisation, now=now, email="Ani@Example.org", phone="+44 7700 900123", booking="k7-m4")
    assert contact.state == Contact.State.WAITING
    assert {one.sort: one.value for one in Identity.objects.all()} == {
        "email": "ani@example.org",
        "phone": "+447700900123",
        "booking": "K7M4",
    }
    sent = contact.messages.get(sort=Message.Sort.ACKNOWLEDGEMENT)
    assert (sent.state, sent.address, sent.due_at) == ("queued", "Ani@Example.org", now)
    assert contact.reference in sent.body
    assert contact.page_token is not None
    assert contact.page_token in sent.body
    assert [event.code for event in contact.events.all()] == ["received"]
    assert set(LiveEvent.objects.values_list("topic", flat=True)) == {"board", "queue"}


@pytest.mark.django_db
def test_without_a_measured_wait_nothing_is_promised(now: datetime) -> None:
    contact = make_contact(make_organisation(), now=now)
    assert (contact.promise_by, contact.wait_high_s) == (None, None)
    assert Promise.objects.get().by is None


@pytest.mark.django_db
def test_the_promise_is_the_far_end_of_the_measured_wait(now: datetime) -> None:
    organisation = make_organisation()
    queue = organisation.queues.get(is_default=True)
    WaitEstimate.objects.create(
        organisation=organisation,
        queue=queue,
        language="en",
        band=3,
        kind="written",
        low_s=600,
        median_s=900,
        high_s=1500,
        at=now,
    )
    contact = make_contact(organisation, now=now)
    assert (contact.wait_low_s, contact.wait_high_s) == (600, 1500)
    assert contact.promise_by == contact.guard_at == now + timedelta(minutes=25)
    stale = make_contact(organisation, now=now + timedelta(minutes=10))
    assert stale.promise_by is None


@pytest.mark.django_db
def test_the_same_delivery_is_the_same_contact(now: datetime) -> None:
    inbound = make_inbound(make_organisation())
    first = intake.receive(inbound, now=now)
    again = intake.receive(inbound, now=now + timedelta(seconds=5))
    assert (first.created, again.created, again.contact) == (True, False, first.contact)


@pytest.mark.django_db
def test_the_same_key_with_another_body_is_refused_and_changes_nothing(now: datetime) -> None:
    inbound = make_inbound(make_organisation())
    intake.receive(inbound, now=now)
    with pytest.raises(KeyReused):
        intake.receive(replace(inbound, digest="other"), now=now)
    assert Contact.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_eight_at_once_make_one_contact(now: datetime) -> None:
    inbound = make_inbound(make_organisation())

    def deliver() -> int:
        try:
            return intake.receive(inbound, now=now).contact.pk
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        found = {future.result() for future in [pool.submit(deliver) for _ in range(8)]}
    assert len(found) == Contact.objects.count() == Message.objects.filter(direction="in").count() == 1


@pytest.mark.django_db
def test_a_drill_sends_no_mail(now: datetime) -> None:
    organisation = make_organisation()
    contact = make_contact(organisation, now=now, incident=make_incident(organisation, is_drill=True))
    assert not contact.messages.exclude(state__in=["received", "shown"]).exists()


@pytest.mark.django_db
@pytest.mark.parametrize(("days", "band"), [(-1, 1), (0, 1), (6, 1), (7, 1), (8, 3)])
def test_the_date_counts_in_the_persons_own_zone(now: datetime, days: int, band: int) -> None:
    organisation = make_organisation()
    today = date(2026, 3, 11)  # Auckland is a day ahead at noon in UTC
    contact = make_contact(organisation, now=now, needed_by=today + timedelta(days=days), time_zone="Pacific/Auckland")
    assert contact.lane.band == band


@pytest.mark.django_db
def test_a_request_type_goes_to_its_team(now: datetime) -> None:
    organisation = make_organisation()
    assert make_contact(organisation, now=now, request_type="refund").lane.queue.code == "refunds"
    assert make_contact(organisation, now=now, request_type="complaint").lane.queue.code == "general"
    care = make_contact(organisation, now=now, request_type="assistance")
    assert (care.lane.queue.code, care.lane.band) == ("care", 2)


@pytest.mark.django_db
def test_a_recorded_need_that_cannot_wait_is_band_one_and_is_not_named(now: datetime) -> None:
    contact = make_contact(make_organisation(), now=now, needs=("medical_equipment",))
    assert contact.lane.band == 1
    sent = contact.messages.get(sort=Message.Sort.ACKNOWLEDGEMENT)
    assert "medical" not in sent.body
