"""A carrier of texts that is out of reach: an alarm while something waits for it or was given up, and no longer."""

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from pharos.actions import delivery, entries
from pharos.channels.delivery import deliver_messages
from pharos.models import Message
from pharos.queries import watch
from tests.channels import sms_peer
from tests.channels.sms_peer import PERSON
from tests.factories import make_contact, make_user

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


def test_carrier_out_of_reach_is_an_alarm_until_it_is_reached_though_the_text_was_given_up(peer, start):
    peer.requests.answer = lambda _: BUSY
    message, told = text(peer, start), []
    for hour in range(20):
        for minute in range(0, 60, 4):
            deliver(start + timedelta(hours=hour, minutes=minute))
        told.append(is_alarm(start + timedelta(hours=hour, minutes=59)))
    message.refresh_from_db()
    assert message.state == "failed"
    assert told == [True] * 20
    later = start + timedelta(days=7)
    assert (is_alarm(later), is_alarm(later + MINUTE)) == (True, False)
    peer.requests.answer = lambda count: (201, {"sid": f"SM{count:032x}", "status": "queued"})
    delivery.send_again(mail=message, by=make_user(peer.entry.organisation), now=start + timedelta(hours=21))
    deliver(start + timedelta(hours=21))
    assert not is_alarm(start + timedelta(hours=22))


@pytest.mark.parametrize("attempts", [1, 2])
def test_text_that_was_refused_before_it_reached_the_carrier_says_nothing_of_it(peer, start, attempts):
    peer.requests.answer = lambda _: BUSY
    message = text(peer, start)
    for second in (0, 15):
        deliver(start + timedelta(seconds=second))
    gone = Message.objects.filter(pk=message.pk)
    gone.update(state="failed", settled_at=timezone.now(), attempts=attempts)
    assert is_alarm(start + 2 * MINUTE) is (attempts > 1)
    gone.update(settled_at=start - MINUTE)  # before it was out of reach
    assert not is_alarm(start + 2 * MINUTE)


def test_looking_for_what_waits_goes_by_the_indexes_of_few_messages(peer, start):
    entries.failed(entry=peer.entry, reason="gone", now=start)
    text(peer, start)
    Message.objects.bulk_create(
        Message(
            organisation=peer.entry.organisation,
            contact=Message.objects.latest("pk").contact,
            entry=peer.entry,
            direction="out",
            channel="sms",
            state="sent",
            attempts=1,
            created_at=start,
            settled_at=start,
        )
        for _ in range(3000)
    )
    if connection.vendor == "postgresql":
        with connection.cursor() as sql:
            sql.execute("ANALYZE pharos_message")
    plan = watch.out_of_reach(now=start + MINUTE).explain()
    assert [name for name in ("message_due", "message_lease", "message_failed") if name not in plan] == []
    assert "SCAN U0\n" not in plan + "\n"
    assert "Seq Scan on pharos_message" not in plan


def test_text_that_was_not_tried_yet_is_no_alarm_days_after_another_failed(peer, start):
    peer.requests.answer = lambda _: BUSY
    first = text(peer, start)
    for second in (0, 15):
        deliver(start + timedelta(seconds=second))
    assert not is_alarm(start + MINUTE / 2)
    assert is_alarm(start + 2 * MINUTE)
    Message.objects.filter(pk=first.pk).delete()
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
