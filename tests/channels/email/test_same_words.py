"""The same words again and again: a person who has no others is heard, and machines come to an end."""

from datetime import datetime, timedelta

import pytest

from pharos.actions import conversation, leaving, routing, trail
from pharos.channels.delivery import deliver_messages
from pharos.channels.email.inbox import Came, take_in
from pharos.models import Agent, Contact, EntryPoint, Message, Offer
from tests.channels.email.conftest import make_pipe, written
from tests.factories import NOW, make_agent, make_contact, make_organisation

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
SAID = "Please help me"
FIRST = "<m0@theirs.example.org>"


@pytest.fixture
def entry() -> EntryPoint:
    return make_pipe(make_organisation())


@pytest.fixture
def agent(entry: EntryPoint) -> Agent:
    return make_agent(entry.organisation)


def say(entry: EntryPoint, now: datetime, *, times: int = 1, said: str = SAID) -> list[str]:
    """One thread of a person with one mail program; what became of each: heard or automatic."""
    took = []
    for number in range(times):
        at = now + timedelta(minutes=number)
        heads = {"message_id": f"<{at.timestamp():.0f}@theirs.example.org>", "References": FIRST}
        mail = written(said, **(heads if Contact.objects.exists() else {"message_id": FIRST}))
        message = take_in(Came(mail, entry, len(mail)), now=at).message
        assert message
        took.append("automatic" if message.sort == Message.Sort.AUTOMATIC else "heard")
    return took


def picked_up(agent: Agent, now: datetime) -> Contact:
    routing.dispatch(organisation=agent.organisation, now=now)
    routing.accept(offer=Offer.objects.get(state="open"), agent=agent, now=now)
    return Contact.objects.get()


def closed(agent: Agent, now: datetime) -> None:
    conversation.close(contact=picked_up(agent, now), disposition="solved", summary="Done.", by=agent.user, now=now)


def test_same_words_wake_nobody_while_nobody_has_answered(entry):
    assert say(entry, NOW, times=6) == ["heard"] * 3 + ["automatic"] * 3
    assert say(entry, NOW + 25 * HOUR) == ["heard"]


def test_same_words_after_the_close_open_it_again(entry, agent):
    assert say(entry, NOW, times=5) == ["heard"] * 3 + ["automatic"] * 2
    closed(agent, NOW + HOUR)
    assert say(entry, NOW + 2 * HOUR) == ["heard"]
    assert Contact.objects.get().state == Contact.State.WAITING
    assert say(entry, NOW + 3 * HOUR, times=4) == ["heard"] * 2 + ["automatic"] * 2


def test_same_words_after_an_answer_are_heard(entry, agent):
    say(entry, NOW, times=4)
    contact = picked_up(agent, NOW + HOUR)
    conversation.reply(contact=contact, body="Where are you?", by=agent.user, now=NOW + HOUR)
    assert say(entry, NOW + 2 * HOUR, times=4) == ["heard"] * 3 + ["automatic"]


def test_same_words_of_somebody_who_had_left_are_heard(entry):
    say(entry, NOW, times=4)
    leaving.leave(contact=Contact.objects.get(), now=NOW + HOUR)
    assert say(entry, NOW + 2 * HOUR) == ["heard"]
    assert Contact.objects.get().state == Contact.State.WAITING


def test_what_was_done_for_another_person_starts_nothing_anew(entry):
    say(entry, NOW, times=4)
    trail.record(make_contact(entry.organisation, email="eve@example.org"), "closed", now=NOW + HOUR)
    assert say(entry, NOW + 2 * HOUR) == ["automatic"]


def deliver_all(now: datetime) -> None:
    while deliver_messages(clock=lambda: now, going=lambda: True):
        pass


def test_two_machines_that_answer_and_close_come_to_an_end(entry, agent, outbox):
    """Theirs answers whatever it gets with the same words; ours, over the API, closes whatever opens."""
    took = []
    for minute in range(16):
        now = NOW + timedelta(minutes=minute)
        took += say(entry, now, said="Your ticket is open.")
        if Contact.objects.get().state == Contact.State.WAITING:
            closed(agent, now + timedelta(seconds=10))
        deliver_all(now)
    assert took == ["heard"] * 12 + ["automatic"] * 4
    assert Contact.objects.get().state == Contact.State.CLOSED
