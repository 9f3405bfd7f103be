"""Words that a carrier brings: they land where they belong, and only where that is certain."""

from datetime import datetime, timedelta

import pytest

from pharos.actions import arrivals, conversation, merging
from pharos.actions.arrivals import Arrival, Took
from pharos.actions.errors import KeyReused
from pharos.models import Channel, Contact, Identity, Message, Organisation
from tests.factories import make_agent, make_contact, make_entry, make_organisation

pytestmark = pytest.mark.django_db
State = Contact.State


@pytest.fixture
def organisation() -> Organisation:
    return make_organisation("ferry")


def came(organisation: Organisation, *, now: datetime, **fields: object) -> Took:
    number = Message.objects.count()
    given = {
        "organisation": organisation,
        "entry": None,
        "channel": Channel.EMAIL,
        "door": "mail:help",
        "key": f"<{number}@example.org>",
        "digest": f"digest-{number}",
        "sender": "ani@example.org",
        "text": "Our boat is gone. What shall we do?",
        **fields,
    }
    return arrivals.take(Arrival(**given), now=now)  # type: ignore[arg-type]


def sent(contact: Contact, carrier_id: str) -> Message:
    """The acknowledgement, as it went out."""
    message = contact.messages.filter(direction="out").latest("id")
    message.state, message.carrier_id = Message.State.SENT, carrier_id
    message.save()
    return message


def test_first_words_become_a_contact_that_is_answered_where_they_came_from(
    organisation: Organisation, now: datetime
) -> None:
    entry = make_entry(organisation, Channel.EMAIL, "help@example.org")
    took = came(organisation, now=now, entry=entry, name="Ani", subject="Boat", carrier_id="<1@example.org>")
    assert took.how == "new"
    contact = took.contact
    assert (contact.channel, contact.language, contact.person.name) == ("email", "en", "Ani")
    words = contact.messages.get(direction="in")
    assert (words.address, words.carrier_id, words.subject, words.entry) == (
        "ani@example.org",
        "<1@example.org>",
        "Boat",
        entry,
    )
    answer = contact.messages.get(direction="out")
    assert (answer.channel, answer.address, answer.entry, answer.state) == ("email", "ani@example.org", entry, "queued")


def test_same_delivery_again_changes_nothing(organisation: Organisation, now: datetime) -> None:
    first = came(organisation, now=now, key="a", digest="d")
    again = came(organisation, now=now, key="a", digest="d")
    assert (again.how, again.contact, again.message) == ("again", first.contact, first.message)
    with pytest.raises(KeyReused):
        came(organisation, now=now, key="a", digest="other")
    assert Message.objects.filter(direction="in").count() == 1


def test_answer_to_our_mail_joins_and_shows_whose_address_it_is(organisation: Organisation, now: datetime) -> None:
    contact = came(organisation, now=now).contact
    ours = sent(contact, "<m1@ours>")
    took = came(organisation, now=now, thread=("<m1@ours>",), sender="Ani@Example.org", text="And our luggage?")
    assert (took.how, took.contact, took.message.body) == ("joined", contact, "And our luggage?")
    known = Identity.objects.get(person=contact.person)
    assert (known.verified_at, known.verified_by) == (now, "thread")
    other = came(organisation, now=now, contact_id=contact.pk, text="By the mark in the address.")
    assert (other.how, other.contact) == ("joined", contact)
    assert ours.address == "ani@example.org"


def test_a_verified_address_about_the_same_matter_joins_and_a_public_word_does_not(
    organisation: Organisation, now: datetime
) -> None:
    first = came(organisation, now=now, name="Ani").contact
    assert came(organisation, now=now).how == "new"
    Identity.objects.filter(person=first.person).update(verified_at=now, verified_by=Identity.Proof.CODE)
    again = came(organisation, now=now + timedelta(hours=30))
    assert (again.how, again.contact) == ("joined", first)
    assert came(organisation, now=now, name="Ben Okafor").how == "new"
    assert came(organisation, now=now + timedelta(hours=30), is_public=True).how == "new"


def test_somebody_else_who_answers_our_mail_gets_a_contact_of_their_own(
    organisation: Organisation, now: datetime
) -> None:
    contact = came(organisation, now=now).contact
    sent(contact, "<m1@ours>")
    took = came(organisation, now=now, thread=("<m1@ours>",), contact_id=contact.pk, sender="other@example.org")
    assert took.how == "new"
    assert took.contact != contact
    assert Identity.objects.filter(verified_at__isnull=False).count() == 0


def test_reference_in_the_words_counts_only_for_those_who_are_known_there(
    organisation: Organisation, now: datetime
) -> None:
    contact = make_contact(organisation, now=now, email="ani@example.org")
    assert came(organisation, now=now, text=f"About {contact.reference.lower()}: any news?").contact == contact
    assert came(organisation, now=now, subject=f"Re: {contact.reference}", sender="b@example.org").contact != contact


def test_text_messages_between_two_numbers_are_one_conversation(organisation: Organisation, now: datetime) -> None:
    entry = make_entry(organisation, Channel.SMS, "+3197010250000")
    by_text = {"entry": entry, "channel": Channel.SMS, "sender": "+37491555555"}
    contact = came(organisation, now=now, **by_text).contact
    assert came(organisation, now=now, text="Hello?", **by_text).contact == contact
    ended = now + timedelta(hours=1)
    Contact.objects.filter(pk=contact.pk).update(state=State.CLOSED, closed_at=ended, disposition="answered")
    took = came(organisation, now=ended + timedelta(hours=71), text="Thank you!", **by_text)
    assert (took.how, took.contact.pk) == ("joined", contact.pk)
    contact.refresh_from_db()
    assert contact.state == State.WAITING
    Contact.objects.filter(pk=contact.pk).update(state=State.CLOSED, closed_at=ended)
    assert came(organisation, now=ended + timedelta(hours=73), text="A year later", **by_text).how == "new"


def test_same_delivery_twice_at_the_same_moment_is_one_message(
    organisation: Organisation, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    entry = make_entry(organisation, Channel.SMS, "+3197010250000")
    by_text = {"entry": entry, "channel": Channel.SMS, "sender": "+37491555555", "key": "SM1", "digest": "d"}
    look = arrivals._place
    first: list[Took] = []

    def slowly(arrival: Arrival, *, now: datetime) -> arrivals.Place | None:
        monkeypatch.setattr(arrivals, "_place", look)
        first.append(came(organisation, now=now, **by_text))
        return look(arrival, now=now)

    monkeypatch.setattr(arrivals, "_place", slowly)
    second = came(organisation, now=now, **by_text)
    assert (second.how, second.contact, second.message) == ("again", first[0].contact, first[0].message)
    assert Message.objects.filter(direction="in").count() == 1


def test_other_words_under_a_key_are_refused_at_the_same_moment_too(
    organisation: Organisation, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    entry = make_entry(organisation, Channel.SMS, "+3197010250000")
    by_text = {"entry": entry, "channel": Channel.SMS, "sender": "+37491555555", "key": "SM1"}
    came(organisation, now=now, digest="one", **by_text)
    looked = arrivals._before
    seen: list[Arrival] = []

    def late(arrival: Arrival) -> Took | None:
        seen.append(arrival)
        return looked(arrival) if len(seen) > 1 else None

    monkeypatch.setattr(arrivals, "_before", late)
    with pytest.raises(KeyReused):
        came(organisation, now=now, digest="two", **by_text)


def test_texts_join_the_place_that_theirs_was_joined_to_for_as_long_as_it_is_open(
    organisation: Organisation, now: datetime
) -> None:
    keep = make_contact(organisation, now=now, email="ani@example.org")
    entry = make_entry(organisation, Channel.SMS, "+3197010250000")
    by_text = {"entry": entry, "channel": Channel.SMS, "sender": "+37491555555"}
    contact = came(organisation, now=now, **by_text).contact
    merging.merge(keep=keep, join=contact, by=None, reasons=[], now=now)
    later = now + timedelta(hours=100)
    assert came(organisation, now=later, text="Hello?", **by_text).contact == contact
    Contact.objects.filter(pk=keep.pk).update(state=State.CLOSED, closed_at=later)
    assert came(organisation, now=later + timedelta(hours=73), text="A year later", **by_text).how == "new"


def test_a_number_that_came_by_another_road_joins_nothing_by_itself(organisation: Organisation, now: datetime) -> None:
    make_contact(organisation, now=now, phone="+37491555555", email="")
    entry = make_entry(organisation, Channel.SMS, "+3197010250000")
    took = came(organisation, now=now, entry=entry, channel=Channel.SMS, sender="+37491555555")
    assert took.how == "new"


def test_a_number_that_somebody_named_beside_their_own_does_not_bring_its_words_to_them(
    organisation: Organisation, now: datetime
) -> None:
    entry = make_entry(organisation, Channel.SMS, "+3197010250000")
    theirs = came(organisation, now=now, entry=entry, channel=Channel.SMS, sender="+37491555555").contact
    named = {"organisation": organisation, "person": theirs.person, "sort": "phone", "typed": "+37491666666"}
    Identity.objects.create(**named, value="+37491666666")
    took = came(organisation, now=now, entry=entry, channel=Channel.SMS, sender="+37491666666", text="I am at home.")
    assert took.how == "new"


def test_what_was_typed_on_a_page_takes_no_mail_by_itself_though_the_address_has_answered_there(
    organisation: Organisation, now: datetime
) -> None:
    typed = make_contact(organisation, now=now, email="ani@example.org", name="")
    sent(typed, "<m1@ours>")
    assert came(organisation, now=now, thread=("<m1@ours>",), text="That was not me.").contact == typed
    assert Identity.objects.get(person=typed.person).verified_by == "thread"
    assert came(organisation, now=now, text="My boat is gone.").how == "new"


def test_who_began_by_mail_and_answered_ours_goes_on_there(organisation: Organisation, now: datetime) -> None:
    first = came(organisation, now=now, sender="Ani@example.org").contact
    sent(first, "<m1@ours>")
    came(organisation, now=now, thread=("<m1@ours>",))
    assert came(organisation, now=now + timedelta(hours=1)).contact == first


def test_what_came_by_itself_is_kept_and_wakes_nobody(organisation: Organisation, now: datetime) -> None:
    contact = came(organisation, now=now).contact
    sent(contact, "<m1@ours>")
    Contact.objects.filter(pk=contact.pk).update(state=State.CLOSED, closed_at=now)
    took = came(organisation, now=now, thread=("<m1@ours>",), is_automatic=True, text="I am away.")
    assert (took.how, took.message.sort) == ("joined", Message.Sort.AUTOMATIC)
    contact.refresh_from_db()
    assert contact.state == State.CLOSED
    assert contact.messages.filter(direction="out").count() == 1
    alone = came(organisation, now=now, sender="robot@example.org", is_automatic=True).contact
    assert alone.messages.filter(direction="out").count() == 0


def test_empty_words_are_kept(organisation: Organisation, now: datetime) -> None:
    contact = came(organisation, now=now, text="").contact
    sent(contact, "<m1@ours>")
    assert came(organisation, now=now, thread=("<m1@ours>",), text="").how == "joined"
    assert contact.messages.filter(direction="in").count() == 2


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("کشتی ما لغو شده است. چه کار کنیم؟", "fa"),
        ("Մեր նավը չեղարկվել է։ Ի՞նչ անենք։", "hy"),
        ("我们的船被取消了，怎么办？", "zh-hans"),
        ("12345", "fa"),
    ],
)
def test_language_is_that_of_the_words_else_of_the_entry_point(
    organisation: Organisation, now: datetime, text: str, language: str
) -> None:
    entry = make_entry(organisation, Channel.EMAIL, "help@example.org", language="fa")
    assert came(organisation, now=now, entry=entry, text=text).contact.language == language


def test_reply_goes_where_the_last_words_came_from(organisation: Organisation, now: datetime) -> None:
    entry = make_entry(organisation, Channel.SMS, "+3197010250000")
    contact = came(organisation, now=now, entry=entry, channel=Channel.SMS, sender="+37491555555").contact
    agent = make_agent(organisation)
    Contact.objects.filter(pk=contact.pk).update(state=State.ACTIVE, agent=agent, accepted_at=now)
    reply = conversation.reply(contact=contact, body="We are on it.", by=agent.user, now=now)
    assert (reply.channel, reply.address, reply.entry) == ("sms", "+37491555555", entry)
