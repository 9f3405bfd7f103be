"""Texts that come in and reports on those that went out: through the real addresses, in any order, five times."""

import itertools
import random
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from pharos.actions import clocks, delivery, receipts
from pharos.actions.receipts import Verdict
from pharos.channels.sms.reports import STATES, callback_url, named
from pharos.models import Channel, Contact, ContactEvent, Message, OptOut
from pharos.queries import roads
from tests.channels.sms_peer import PERSON, SmsDoor
from tests.factories import NOW, make_contact, make_organisation

pytestmark = pytest.mark.django_db
State = Message.State
adapters = pytest.mark.parametrize("adapter", ["twilio", "sms_http"])


@pytest.fixture
def organisation():
    return make_organisation(address="https://help.example.org")


@pytest.fixture
def door(adapter, organisation) -> SmsDoor:
    return SmsDoor(adapter, Client(), organisation)


def outgoing(**changes) -> Message:
    """The acknowledgement, sent by text and taken by the carrier."""
    message = Message.objects.get(direction="out")
    values = {"state": State.SENT, "attempts": 1, "carrier_id": "SM1", "settled_at": message.created_at, **changes}
    Message.objects.filter(pk=message.pk).update(**values)
    return Message.objects.get(pk=message.pk)


def report(door: SmsDoor, message: Message, state: str, *, error: str = "", key: str = "SM1", attempt: int = 1) -> int:
    url = callback_url(door.entry, key=f"m{message.pk}", attempt=attempt)
    path = "/" + url.split("/", 3)[3]
    if door.entry.adapter == "twilio":
        fields = {"MessageSid": key, "MessageStatus": state, **({"ErrorCode": error} if error else {})}
    else:
        fields = {"id": key, "state": state, **({"error": error} if error else {})}
    return door.post(path, fields)


@adapters
def test_text_is_acknowledged_by_text(door):
    assert door.deliver("one", "Our ferry is cancelled.") == 200
    contact = Contact.objects.get()
    message = Message.objects.get(direction="out")
    assert (message.channel, message.address, message.entry, message.state) == ("sms", PERSON, door.entry, State.QUEUED)
    assert contact.reference in message.body
    assert contact.person.identities.get().value == PERSON
    assert roads.road(contact, now=NOW) == roads.Road(Channel.SMS, PERSON, door.entry.pk)


@adapters
def test_second_text_joins_the_first(door):
    door.deliver("one", "Our ferry is cancelled.")
    door.deliver("two", "We are three.")
    assert Contact.objects.count() == 1


@adapters
def test_number_is_known_however_the_carrier_writes_it(door):
    for key, sender in enumerate(["37491234567", "+374 91 23-45-67", "0037491234567", PERSON]):
        assert door.deliver(str(key), f"Message {key}", sender=sender) == 200
    assert Contact.objects.count() == 1


@adapters
def test_sender_who_cannot_be_answered_is_kept_and_not_answered(door):
    assert door.deliver("one", "Your parcel is here", sender="POST") == 200
    assert (Contact.objects.count(), Message.objects.filter(direction="out").count()) == (1, 0)


@adapters
def test_own_number_makes_no_loop(door):
    door.deliver("one", "We have your request", sender=door.entry.address)
    assert Message.objects.filter(direction="out").count() == 0


@adapters
def test_number_that_is_off_takes_nothing_and_still_hears_of_its_texts(door):
    door.deliver("one", "Our ferry is cancelled.")
    door.entry.is_on = False
    door.entry.save()
    assert door.deliver("two", "We are three.") == 404
    assert report(door, outgoing(), "delivered") == 204
    assert Message.objects.get(direction="out").delivered_at


@adapters
def test_what_is_too_long_is_refused(door):
    assert door.deliver("one", "a" * 2**17) == 413
    assert Contact.objects.count() == 0


@adapters
def test_only_post_is_answered(door):
    assert door.client.get(door.path).status_code == 405


@adapters
def test_other_numbers_secret_is_none(door, organisation):
    path = door.path
    other = SmsDoor(door.entry.adapter, door.client, make_organisation())
    other.entry.secret = dict.fromkeys(other.entry.secret, "another")
    other.entry.save()
    door.path = other.path
    assert door.deliver("one", "Our ferry is cancelled.") == 403
    door.path = path.replace(door.entry.token, "unknown")
    assert door.deliver("one", "Our ferry is cancelled.") == 404


def test_signature_behind_a_proxy_is_over_the_public_address(organisation):
    door = SmsDoor("twilio", Client(), organisation)
    fields = door._fields("one", "Our ferry is cancelled.", PERSON, ())
    assert door.post(door.path, fields, site="https://help.example.org", HTTP_HOST="10.0.0.7:8000") == 200
    assert door.post(door.path, fields, site="https://elsewhere.example.org", HTTP_HOST="10.0.0.7:8000") == 403


@adapters
def test_report_of_delivery_is_told(door):
    door.deliver("one", "Our ferry is cancelled.")
    message = outgoing()
    assert report(door, message, "delivered") == 204
    message.refresh_from_db()
    assert (message.state, bool(message.delivered_at)) == (State.SENT, True)


@adapters
@pytest.mark.parametrize("seed", range(5))
def test_reports_five_times_and_out_of_order_only_go_forward(door, seed):
    door.deliver("one", "Our ferry is cancelled.")
    message = outgoing()
    said = ["queued", "sending", "sent", "delivered", "something-new"] * 5
    random.Random(seed).shuffle(said)
    seen = []
    for state in said:
        assert report(door, message, state) == 204
        seen.append(bool(Message.objects.get(pk=message.pk).delivered_at))
    assert seen == sorted(seen)
    assert Message.objects.get(pk=message.pk).state == State.SENT


@adapters
def test_report_of_failure_five_times_is_told_once(door):
    door.deliver("one", "Our ferry is cancelled.")
    message = outgoing()
    for _ in range(5):
        assert report(door, message, "failed", error="30005") == 204
        report(door, message, "sent")
    message.refresh_from_db()
    assert (message.state, message.failure[:5], message.delivered_at) == (State.FAILED, "30005", None)
    assert ContactEvent.objects.filter(code="delivery_failed").count() == 1


@adapters
def test_passing_failure_goes_out_again_once_however_often_it_is_reported(door):
    door.deliver("one", "Our ferry is cancelled.")
    message = outgoing()
    for _ in range(5):
        report(door, message, "undelivered", error="30003")
    message.refresh_from_db()
    assert (message.state, message.attempts) == (State.QUEUED, 1)
    assert message.due_at
    assert message.due_at > timezone.now() + timedelta(minutes=14)
    again = delivery.lease(model=Message, now=message.due_at)
    assert again
    for _ in range(5):  # late copies of the old report, while the next attempt is under way and after it
        report(door, message, "undelivered", error="30003")
    assert delivery.sent(mail=again, carrier_id="SM2", now=message.due_at)
    report(door, message, "undelivered", error="30003")
    message.refresh_from_db()
    assert (message.state, message.attempts, message.carrier_id) == (State.SENT, 2, "SM2")


@adapters
def test_report_that_is_faster_than_our_own_record_counts(door):
    door.deliver("one", "Our ferry is cancelled.")
    now = timezone.now()
    leased = delivery.lease(model=Message, now=now)
    assert isinstance(leased, Message)
    report(door, leased, "delivered")
    assert delivery.sent(mail=leased, carrier_id="SM1", now=now)
    leased.refresh_from_db()
    assert (leased.state, bool(leased.delivered_at), leased.carrier_id) == (State.SENT, True, "SM1")


@adapters
def test_text_that_arrived_while_the_carriers_answer_was_lost_does_not_go_out_twice(door):
    door.deliver("one", "Our ferry is cancelled.")
    now = timezone.now()
    leased = delivery.lease(model=Message, now=now)
    assert isinstance(leased, Message)
    report(door, leased, "delivered")
    assert delivery.put_off(mail=leased, reason="no answer in time", maybe_twice=True, now=now)
    leased.refresh_from_db()
    assert (leased.state, leased.maybe_twice, leased.lease_until) == (State.SENT, False, None)


@adapters
def test_passing_failure_is_not_hurried_by_the_look_at_the_clock(door):
    door.deliver("one", "Our ferry is cancelled.")
    message = outgoing()
    report(door, message, "undelivered", error="30003")
    assert clocks.put_right(now=timezone.now()) == 0


@adapters
def test_text_that_arrived_after_all_is_no_failure(door):
    door.deliver("one", "Our ferry is cancelled.")
    message = outgoing()
    for order in itertools.permutations(["failed", "delivered", "sent"]):
        Message.objects.filter(pk=message.pk).update(state=State.SENT, delivered_at=None, failure="", attempts=1)
        for state in order:
            report(door, message, state, error="30005" if state == "failed" else "")
        message.refresh_from_db()
        assert (message.state, bool(message.delivered_at), message.failure) == (State.SENT, True, "")


@adapters
def test_report_with_a_tag_that_is_not_ours_is_refused(door):
    door.deliver("one", "Our ferry is cancelled.")
    message = outgoing()
    url = callback_url(door.entry, key=f"m{message.pk}", attempt=1)
    path = "/" + url.split("/", 3)[3]
    other = path.replace(f"m{message.pk}.1", f"m{message.pk + 1}.1")
    fields = {"MessageSid": "SM1", "MessageStatus": "delivered", "id": "SM1", "state": "delivered"}
    assert (door.post(other, fields), door.post(path, fields, secret="guessed")) == (404, 403)
    assert Message.objects.get(pk=message.pk).delivered_at is None


def test_tag_names_message_and_attempt(organisation):
    door = SmsDoor("twilio", Client(), organisation)
    tag = callback_url(door.entry, key="m12", attempt=3).rstrip("/").rpartition("/")[2]
    assert named(tag) == (12, 3)
    assert [named(one) for one in ("", "m12.3", tag[:-1], f"x{tag}")] == [None] * 4


def test_report_on_a_message_of_another_house_changes_nothing(organisation):
    door = SmsDoor("twilio", Client(), organisation)
    other = make_contact(make_organisation()).messages.get(direction="out")
    Message.objects.filter(pk=other.pk).update(state=State.SENT, attempts=1, carrier_id="SM1")
    report(door, other, "failed", error="30005")
    report(door, other, "delivered")
    other.refresh_from_db()
    assert (other.state, other.delivered_at) == (State.SENT, None)


def test_carrier_that_knows_of_a_stop_is_believed(organisation):
    door = SmsDoor("twilio", Client(), organisation)
    door.deliver("one", "Our ferry is cancelled.")
    report(door, outgoing(), "undelivered", error="21610")
    assert OptOut.objects.get().address == PERSON


def test_states_of_carriers_are_known():
    assert {STATES[state] for state in ("queued", "sent")} == {Verdict.UNDER_WAY}
    assert {STATES[state] for state in ("failed", "undelivered")} == {Verdict.FAILED}


def test_code_that_did_not_arrive_is_not_sent_again_without_its_words(organisation):
    door = SmsDoor("twilio", Client(), organisation)
    door.deliver("one", "Our ferry is cancelled.")
    message = outgoing(sort=Message.Sort.CODE, body="")
    receipts.came_back(
        message_id=message.pk,
        entry_id=door.entry.pk,
        attempt=1,
        carrier_id="SM1",
        reason="30003",
        permanent=False,
        now=timezone.now(),
    )
    message.refresh_from_db()
    assert message.state == State.FAILED
