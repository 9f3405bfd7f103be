"""The rows of the way out: nothing is settled by one who has lost the lease."""

from datetime import timedelta

import pytest

from pharos.actions import delivery
from pharos.models import Message, StaffMail
from tests.factories import NOW, make_contact, make_organisation

LATER = NOW + delivery.LEASE


@pytest.fixture
def message(db) -> Message:
    make_contact(make_organisation())
    return Message.objects.get(direction=Message.Direction.OUT)


def leased(now=NOW) -> Message:
    row = delivery.lease(model=Message, now=now)
    assert isinstance(row, Message)
    return row


def test_lease_takes_a_row_once_and_only_when_it_is_due(message):
    assert delivery.lease(model=Message, now=NOW - timedelta(seconds=1)) is None
    mine = leased()
    assert (mine.pk, mine.attempts, mine.lease_until) == (message.pk, 1, LATER)
    assert delivery.lease(model=Message, now=LATER) is None


@pytest.mark.parametrize(
    "settle",
    [
        lambda mail: delivery.sent(mail=mail, carrier_id="<x@y>", now=LATER),
        lambda mail: delivery.put_off(mail=mail, reason="busy", maybe_twice=False, now=LATER),
        lambda mail: delivery.failed(mail=mail, reason="no", now=LATER),
    ],
)
def test_settling_after_the_lease_was_taken_over_changes_nothing(message, settle):
    mine = leased()
    delivery.release_expired(now=LATER)
    before = Message.objects.values().get(pk=message.pk)
    events = message.contact.events.count()
    assert settle(mine) is False
    assert Message.objects.values().get(pk=message.pk) == before
    assert message.contact.events.count() == events


def test_release_of_a_message_that_was_interrupted_every_time_fails_it(message):
    now = NOW
    for _ in range(delivery.ATTEMPTS_MAX):
        Message.objects.filter(pk=message.pk).update(due_at=now)
        leased(now)
        now += delivery.LEASE
        assert delivery.release_expired(now=now) == 1
    message.refresh_from_db()
    assert (message.state, message.failure) == ("failed", delivery.INTERRUPTED)


def test_release_brings_staff_mail_back_too(db):
    organisation = make_organisation()
    StaffMail.objects.create(
        organisation=organisation, to="a@example.org", subject="x", body="x", created_at=NOW, due_at=NOW
    )
    assert delivery.lease(model=StaffMail, now=NOW)
    assert delivery.release_expired(now=LATER) == 1
    assert StaffMail.objects.get().state == "queued"


def test_failure_longer_than_the_field_is_cut(message):
    delivery.put_off(mail=leased(), reason="x" * 1000, maybe_twice=False, now=NOW)
    message.refresh_from_db()
    assert message.failure == "x" * delivery.FAILURE_MAX
