"""Chat pages: who is there, who has left, and where answers go then."""

from datetime import timedelta

import pytest

from pharos.actions import chats, conversation, routing
from pharos.actions.errors import Refused
from pharos.models import Channel, Chat, Contact, EntryPoint, Message, Organisation
from pharos.queries import chat
from tests.factories import NOW, make_agent, make_contact, make_organisation, who_has

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)
LEFT = NOW + 10 * MINUTE


@pytest.fixture
def organisation() -> Organisation:
    return make_organisation()


def make_entry(organisation: Organisation, **fields) -> EntryPoint:
    defaults = {"adapter": "chat", "address": "site", "token": f"w-{organisation.pk}", "created_at": NOW}
    return EntryPoint.objects.create(organisation=organisation, channel=Channel.CHAT, **{**defaults, **fields})


def make_chat(organisation: Organisation, *, taken: bool = False, **fields) -> Contact:
    entry = EntryPoint.objects.filter(organisation=organisation).first() or make_entry(organisation)
    contact = make_contact(organisation, channel=Channel.CHAT, entry=entry, **fields)
    chats.here(contact=contact, read_to=0, now=NOW)
    if taken:
        make_agent(organisation)
        routing.dispatch(organisation=organisation, now=NOW)
        offer = contact.offers.get()
        routing.accept(offer=offer, agent=offer.agent, now=NOW)
        contact.refresh_from_db()
    return contact


def answer(contact: Contact, body: str = "I am here", *, now=NOW) -> Message:
    return conversation.reply(contact=contact, body=body, by=who_has(contact), now=now)


def test_a_chat_is_live_and_its_answer_is_shown_at_once_and_mailed_to_nobody(organisation):
    contact = make_chat(organisation, taken=True)
    message = answer(contact)
    assert (message.channel, message.state, contact.lane.kind) == ("chat", "shown", "live")


def test_an_answer_goes_by_mail_when_the_page_was_not_there_for_a_minute(organisation):
    contact = make_chat(organisation, taken=True, email="ani@example.org")
    message = answer(contact, now=NOW + 2 * MINUTE)
    assert (message.channel, message.state, message.address) == ("email", "queued", "ani@example.org")


def test_an_answer_to_a_chat_that_was_left_without_an_address_waits_on_the_page(organisation):
    contact = make_chat(organisation, taken=True, email="")
    assert answer(contact, now=NOW + 2 * MINUTE).state == "shown"


def test_a_page_that_says_it_is_there_is_open_and_one_that_is_left_is_not(organisation):
    contact = make_chat(organisation)
    assert chat.is_open(contact, now=NOW + timedelta(seconds=59))
    assert not chat.is_open(contact, now=NOW + timedelta(seconds=61))
    chats.away(contact=contact, now=NOW)
    assert not chat.is_open(contact, now=NOW)
    chats.here(contact=contact, read_to=0, now=NOW)
    assert chat.is_open(contact, now=NOW)


def test_being_there_is_not_written_down_each_time(organisation, django_assert_num_queries):
    contact = make_chat(organisation)
    for second in range(20):
        with django_assert_num_queries(1):
            chats.here(contact=contact, read_to=0, now=NOW + timedelta(seconds=second))
    assert Chat.objects.get().seen_at == NOW
    chats.here(contact=contact, read_to=0, now=NOW + timedelta(seconds=20))
    assert Chat.objects.get().seen_at == NOW + timedelta(seconds=20)


def test_how_far_it_was_read_never_goes_back(organisation):
    contact = make_chat(organisation, taken=True)
    read = answer(contact).pk
    shown = chat.presence(contact, now=NOW)
    assert shown is not None
    assert not shown.has_read
    chats.here(contact=contact, read_to=read, now=NOW)
    chats.here(contact=contact, read_to=1, now=NOW + MINUTE)
    again = chat.presence(contact, now=NOW + MINUTE)
    assert again is not None
    assert again.has_read


def test_what_nobody_read_goes_out_by_mail_once_when_the_chat_was_left(organisation):
    contact = make_chat(organisation, taken=True, email="ani@example.org")
    read, unread = answer(contact, "Read"), answer(contact, "Not read")
    chats.here(contact=contact, read_to=read.pk, now=NOW)
    assert chats.hand_over(organisation=organisation, now=NOW + 2 * MINUTE) == 0
    assert [chats.hand_over(organisation=organisation, now=LEFT) for _ in range(2)] == [1, 0]
    read.refresh_from_db()
    unread.refresh_from_db()
    assert (read.state, read.channel) == ("shown", "chat")
    assert (unread.state, unread.channel, unread.address) == ("queued", "email", "ani@example.org")
    assert contact.events.get(code="chat_left").data == {"by_mail": True}


def test_who_leaves_while_waiting_gets_the_reference_and_the_page_by_mail(organisation):
    contact = make_chat(organisation, email="ani@example.org")
    chats.hand_over(organisation=organisation, now=LEFT)
    mail = contact.messages.get(channel=Channel.EMAIL)
    assert contact.reference in mail.body
    assert str(contact.page_token) in mail.body


def test_who_leaves_without_an_address_keeps_place_and_page(organisation):
    contact = make_chat(organisation, email="")
    chats.hand_over(organisation=organisation, now=LEFT)
    contact.refresh_from_db()
    assert contact.state == Contact.State.WAITING
    assert not contact.messages.filter(channel=Channel.EMAIL).exists()
    assert contact.events.get(code="chat_left").data == {"by_mail": False}


def test_who_comes_back_is_answered_in_the_chat_again(organisation):
    contact = make_chat(organisation, taken=True, email="ani@example.org")
    chats.hand_over(organisation=organisation, now=LEFT)
    chats.here(contact=contact, read_to=0, now=LEFT)
    assert contact.events.filter(code="chat_back").count() == 1
    assert answer(contact, now=LEFT).channel == Channel.CHAT


def test_in_a_drill_nothing_leaves_the_house(organisation):
    contact = make_chat(organisation, taken=True, email="ani@example.org")
    message = answer(contact)
    from tests.factories import make_incident

    drill = make_incident(organisation, is_drill=True)
    Contact.objects.filter(pk=contact.pk).update(incident=drill)
    chats.hand_over(organisation=organisation, now=LEFT)
    message.refresh_from_db()
    assert message.state == "shown"


def test_an_address_given_in_the_chat_is_used_and_a_number_asks_for_a_call(organisation):
    contact = make_chat(organisation, email="")
    chats.reach(contact=contact, email="ani@example.org", phone="+37455123456", now=NOW)
    chats.reach(contact=contact, email="ani@example.org", phone="", now=NOW)
    assert sorted(contact.person.identities.values_list("sort", flat=True)) == ["email", "phone"]
    shown = chat.presence(contact, now=NOW)
    assert shown is not None
    assert shown.call_to == "+37455123456"


@pytest.mark.parametrize(("email", "phone"), [("", ""), ("ani@", ""), ("", "12"), ("ani@example.org", "x")])
def test_an_address_that_is_none_is_refused_and_changes_nothing(organisation, email, phone):
    contact = make_chat(organisation, email="")
    with pytest.raises(Refused):
        chats.reach(contact=contact, email=email, phone=phone, now=NOW)
    assert not contact.person.identities.exists()
    assert not contact.events.filter(code="chat_reach").exists()


def test_a_chat_does_not_pile_up_addresses_without_end(organisation):
    contact = make_chat(organisation, email="")
    for number in range(chats.MOST_REACHES):
        chats.reach(contact=contact, email=f"ani-{number}@example.org", phone="", now=NOW)
    with pytest.raises(Refused):
        chats.reach(contact=contact, email="one-more@example.org", phone="", now=NOW)
    assert contact.person.identities.count() == chats.MOST_REACHES


def test_chats_of_another_organisation_are_left_alone(organisation):
    contact = make_chat(make_organisation(), email="ani@example.org")
    assert chats.hand_over(organisation=organisation, now=LEFT) == 0
    assert chat.is_open(contact, now=NOW)


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("ferry.example", ("https://ferry.example",)),
        (
            "https://Ferry.example:8443/, http://127.0.0.1:81\n*.ferry.example",
            ("https://ferry.example:8443", "http://127.0.0.1:81", "https://*.ferry.example"),
        ),
        ("* 'self' https://a;script-src https:// javascript:x data: a/b", ()),
        ("", ()),
    ],
)
def test_only_sites_may_frame_a_widget(typed, found):
    assert chat.sites({"sites": typed}) == found
