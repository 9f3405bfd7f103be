"""The clock jumps an hour: nothing is stuck for longer than a lease, and nothing goes out twice without saying so."""

from datetime import datetime, timedelta

import pytest

from pharos.actions import clocks, conversation, delivery, loops, routing, webhooks
from pharos.jobs.loops import LOOPS, Turn
from pharos.models import Agent, Contact, Loop, Message, Offer, Organisation, Post, Webhook, WebhookDelivery
from tests.factories import NOW, make_agent, make_contact, make_organisation

HOUR = timedelta(hours=1)
BACK, AHEAD = NOW - HOUR, NOW + HOUR
EVENT = {"type": "contact.received"}


@pytest.fixture
def organisation(db):
    return make_organisation()


def run_all(now: datetime) -> None:
    """Each loop once, as a worker runs it, without what leaves the machine."""
    for name in LOOPS:
        if name not in {"offers", "messages", "staff-mail", "webhooks", "pages", "page-copies"}:
            LOOPS[name].begin()(Turn(lambda: now, lambda: True))
    routing.dispatch(organisation=Organisation.objects.get(), now=now)


def mail() -> Message:
    return Message.objects.get(direction=Message.Direction.OUT)


@pytest.mark.parametrize("then", [BACK, AHEAD])
def test_loops_go_on_after_a_jump(organisation, then):
    make_contact(organisation)
    make_agent(organisation)
    run_all(NOW)
    run_all(then)
    run_all(then + timedelta(seconds=5))
    assert Contact.objects.get().state in {"waiting", "offered"}


@pytest.mark.parametrize("then", [BACK, AHEAD])
def test_loop_of_a_dead_worker_is_taken_over_within_a_lease(db, then):
    loops.enter(names=["offers"], known=["offers"])
    assert loops.claim(names=["offers"], holder="dead", now=NOW) == {"offers"}
    assert loops.claim(names=["offers"], holder="other", now=then) == {"offers"}


def test_lease_of_a_machine_whose_clock_is_a_little_ahead_is_kept(db):
    loops.enter(names=["offers"], known=["offers"])
    loops.claim(names=["offers"], holder="one", now=NOW + timedelta(seconds=1))
    assert loops.claim(names=["offers"], holder="other", now=NOW) == frozenset()


def test_report_after_the_clock_was_put_back_is_written(db):
    loops.enter(names=["offers"], known=["offers"])
    loops.report(fared=[loops.Fared("offers", NOW, NOW, 0, "")])
    loops.report(fared=[loops.Fared("offers", BACK, BACK, 2, "OperationalError")])
    assert Loop.objects.get().failures == 2


def test_message_written_before_the_clock_was_put_back_goes_out_once(organisation):
    make_contact(organisation)
    assert delivery.lease(model=Message, now=BACK) is None
    assert clocks.put_right(now=BACK) == 1
    leased = delivery.lease(model=Message, now=BACK)
    assert leased is not None
    assert delivery.sent(mail=leased, carrier_id="<a@b>", now=BACK)
    assert clocks.put_right(now=BACK) == 0
    assert delivery.lease(model=Message, now=AHEAD) is None
    assert (mail().state, mail().maybe_twice) == ("sent", False)


def test_message_under_way_when_the_clock_was_put_back_is_sent_again_and_says_so(organisation):
    make_contact(organisation)
    assert delivery.lease(model=Message, now=NOW)  # and its worker dies
    clocks.put_right(now=BACK)
    assert delivery.release_expired(now=BACK) == 1
    assert (mail().state, mail().maybe_twice) == ("queued", True)
    assert mail().due_at == BACK


def test_message_under_way_when_the_clock_jumped_ahead_is_marked(organisation):
    make_contact(organisation)
    leased = delivery.lease(model=Message, now=NOW)
    assert leased is not None
    delivery.release_expired(now=AHEAD)
    assert delivery.sent(mail=leased, carrier_id="<a@b>", now=AHEAD) is False
    assert (mail().state, mail().maybe_twice) == ("queued", True)


@pytest.mark.parametrize("attempts", range(1, delivery.ATTEMPTS_MAX))
def test_pause_after_a_failure_is_kept_but_not_made_longer(organisation, attempts):
    make_contact(organisation)
    pause = timedelta(seconds=delivery.PAUSES_S[attempts - 1])
    Message.objects.filter(pk=mail().pk).update(attempts=attempts, due_at=NOW + pause)
    assert clocks.put_right(now=NOW) == 0
    assert clocks.put_right(now=BACK) == 1
    assert mail().due_at == BACK


@pytest.mark.parametrize("wait_s", [90.0, 900.0, 3600.0])
def test_time_that_a_carrier_asked_for_is_waited_for(organisation, wait_s):
    make_contact(organisation)
    leased = delivery.lease(model=Message, now=NOW)
    assert leased is not None
    delivery.put_off(mail=leased, reason="too many", maybe_twice=False, wait_s=wait_s, now=NOW)
    assert clocks.put_right(now=NOW) == 0
    assert mail().due_at == NOW + timedelta(seconds=wait_s)
    assert clocks.put_right(now=NOW - 2 * HOUR) == 1


def test_public_post_goes_on_when_the_clock_was_put_back(organisation):
    contact = make_contact(organisation)
    made = {"organisation": organisation, "contact": contact, "language": "en", "created_at": NOW, "due_at": NOW}
    post = Post.objects.create(**made)
    assert clocks.put_right(now=BACK) == 2  # and the acknowledgement
    assert delivery.lease(model=Post, now=BACK) == post


def test_event_for_another_system_goes_on(organisation):
    hook = Webhook.objects.create(
        organisation=organisation, url="https://example.org/", secret="whsec_", events=[], created_at=NOW
    )
    rows = [
        WebhookDelivery(webhook=hook, event="x", body=EVENT, created_at=NOW, due_at=NOW),
        WebhookDelivery(
            webhook=hook,
            event="x",
            body=EVENT,
            created_at=NOW,
            due_at=NOW,
            state="sending",
            attempts=1,
            lease_until=NOW + webhooks.LEASE,
        ),
    ]
    WebhookDelivery.objects.bulk_create(rows)
    assert clocks.put_right(now=NOW) == 0
    assert clocks.put_right(now=BACK) == 2
    assert len(webhooks.lease(now=BACK)) == 2


def test_offer_begins_anew_when_the_clock_was_put_back(organisation):
    make_contact(organisation)
    agent = make_agent(organisation)
    routing.dispatch(organisation=organisation, now=NOW)
    life = Offer.objects.get().expires_at - NOW
    assert clocks.put_right(now=BACK) == 2  # the offer, and the acknowledgement
    offer = Offer.objects.get()
    assert (offer.offered_at, offer.expires_at) == (BACK, BACK + life)
    assert routing.expire_offers(now=BACK + life - timedelta(seconds=1)) == 0
    contact = routing.accept(offer=offer, agent=agent, now=BACK)
    conversation.reply(contact=contact, body="A coach waits.", by=agent.user, now=BACK)
    conversation.close(contact=contact, disposition="answered", summary="A coach.", by=agent.user, now=BACK)
    assert Contact.objects.get().state == "closed"


def test_offer_that_nobody_answers_goes_back_after_its_life_whatever_the_clock_did(organisation):
    make_contact(organisation)
    agent = make_agent(organisation)
    routing.dispatch(organisation=organisation, now=NOW)
    life = Offer.objects.get().expires_at - NOW
    clocks.put_right(now=BACK)
    assert routing.expire_offers(now=BACK + life) == 1
    assert Contact.objects.get().state == "waiting"
    agent.refresh_from_db()
    assert agent.status == Agent.Status.BREAK


def test_contacts_of_before_and_after_are_all_served(organisation):
    make_contact(organisation, now=NOW)
    make_contact(organisation, now=BACK)
    for _ in range(2):
        make_agent(organisation)
    assert routing.dispatch(organisation=organisation, now=BACK) == 2
