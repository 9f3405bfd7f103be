"""A carrier of texts that is out of reach: an alarm while something waits for it, and no longer."""

from datetime import timedelta

import pytest
from django.utils import timezone

from pharos.channels.delivery import deliver_messages
from pharos.models import Message
from pharos.queries import watch
from tests.channels import sms_peer
from tests.channels.sms_peer import PERSON
from tests.factories import make_contact

MINUTE = timedelta(minutes=1)
BUSY = (503, {"code": 20503})
NO_SUCH_NUMBER = (400, {"code": 21211})


@pytest.fixture
def peer(db, settings, tmp_path):
    with sms_peer.opened("twilio")(settings, tmp_path) as one:
        yield one


@pytest.fixture
def start():
    return timezone.now()


def text(peer, at) -> Message:
    """One that is due at this moment, by our number."""
    contact = make_contact(peer.entry.organisation, now=at)
    mine = contact.messages.filter(direction="out")
    mine.update(channel="sms", address=PERSON, entry=peer.entry, state="queued", due_at=at, created_at=at)
    return mine.get()


def deliver(now) -> None:
    deliver_messages(clock=lambda: now, going=lambda: True)


def is_alarm(now) -> bool:
    return watch.out_of_reach(now=now).exists()


def test_carrier_out_of_reach_is_an_alarm_until_the_text_has_failed_for_good(peer, start):
    peer.requests.answer = lambda _: BUSY
    message, told = text(peer, start), []
    for hour in range(20):
        for minute in range(0, 60, 4):
            deliver(start + timedelta(hours=hour, minutes=minute))
        told.append(is_alarm(start + timedelta(hours=hour, minutes=59)))
    message.refresh_from_db()
    assert message.state == "failed"
    assert told == [True] * told.index(False) + [False] * told[told.index(False) :].count(False)
    assert 10 < told.index(False) < 20


def test_text_that_was_not_tried_yet_is_no_alarm_days_after_another_failed(peer, start):
    peer.requests.answer = lambda _: BUSY
    first = text(peer, start)
    for second in (0, 15):
        deliver(start + timedelta(seconds=second))
    assert not is_alarm(start + MINUTE / 2)
    assert is_alarm(start + 2 * MINUTE)
    Message.objects.filter(pk=first.pk).update(state="failed")
    assert not is_alarm(start + 3 * MINUTE)
    later = start + timedelta(days=2)
    second_text = text(peer, later)
    assert not is_alarm(later + MINUTE)
    deliver(later + MINUTE)
    assert is_alarm(later + 2 * MINUTE)
    peer.requests.answer = lambda count: (201, {"sid": f"SM{count:032x}", "status": "queued"})
    deliver(later + 2 * MINUTE)
    second_text.refresh_from_db()
    assert (second_text.state, is_alarm(later + 3 * MINUTE)) == ("sent", False)


def test_carrier_that_refuses_one_text_is_reached(peer, start):
    peer.requests.answer = lambda _: BUSY
    text(peer, start)
    for second in (0, 15):
        deliver(start + timedelta(seconds=second))
    peer.requests.answer = lambda _: NO_SUCH_NUMBER
    text(peer, start)
    deliver(start + MINUTE)
    assert not is_alarm(start + 2 * MINUTE)
    peer.entry.refresh_from_db()
    assert (peer.entry.failing_since, peer.entry.failures) == (None, 0)
