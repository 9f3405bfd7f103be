"""Words to the number itself: honoured at once, by whole messages only, and nobody leaves the line by them."""

import pytest
from django.test import Client

from pharos import content
from pharos.actions import conversation, letters
from pharos.channels.registry import CARRIERS
from pharos.channels.sms import numbers
from pharos.engine.segments import segments
from pharos.models import Channel, Contact, ContactEvent, Message, OptOut
from pharos.queries import roads
from tests.channels.sms_peer import PERSON, SmsDoor
from tests.factories import NOW, make_agent, make_contact, make_incident, make_organisation, who_has

pytestmark = pytest.mark.django_db
State = Message.State
STOPS = {"en": "STOP", "fa": "لغو", "hy": "Ստոպ", "zh-hans": "退订"}
STARTS = {"en": "start", "fa": "شروع", "hy": "Սկսել", "zh-hans": "开始"}
SAID = {
    "en": "Our ferry is cancelled.",
    "fa": "کشتی ما لغو شد.",
    "hy": "Մեր լաստանավը չեղարկվել է։",
    "zh-hans": "我们的船取消了。",
}


@pytest.fixture
def door() -> SmsDoor:
    organisation = make_organisation(name={"en": "Ferry Lines"}, address="https://help.example.org")
    return SmsDoor("twilio", Client(), organisation)


def out() -> list[Message]:
    return list(Message.objects.filter(direction="out").order_by("id"))


@pytest.mark.parametrize("language", content.LANGUAGES)
def test_stop_is_honoured_at_once_and_said_once(door, language):
    door.deliver("one", SAID[language])
    contact = Contact.objects.get()
    assert contact.language == language
    assert door.deliver("two", STOPS[language]) == 200
    told = out()
    assert [one.state for one in told] == [State.SHOWN, State.QUEUED]  # the acknowledgement was on its way
    assert (OptOut.objects.get().address, OptOut.objects.get().told) == (PERSON, told[1])
    assert door.deliver("three", STOPS[language]) == 200
    assert len(out()) == 2
    contact.refresh_from_db()
    assert (contact.state, roads.road(contact, now=NOW)) == (Contact.State.WAITING, roads.PAGE)


def test_stop_and_start_delivered_five_times_out_of_order_hold_as_they_first_came(door):
    door.deliver("one", SAID["en"])
    for key, text in [("two", "STOP"), ("three", "START"), *[("two", "STOP"), ("three", "START")] * 4]:
        assert door.deliver(key, text) == 200
    assert not OptOut.objects.exists()
    assert [one.state for one in out()] == [State.SHOWN, State.QUEUED, State.QUEUED]
    assert Contact.objects.count() == 1


@pytest.mark.parametrize("language", content.LANGUAGES)
def test_start_takes_it_back(door, language):
    door.deliver("one", SAID[language])
    door.deliver("two", STOPS[language])
    door.deliver("three", STARTS[language])
    assert not OptOut.objects.exists()
    assert roads.road(Contact.objects.get(), now=NOW).channel == Channel.SMS
    assert list(ContactEvent.objects.filter(code__startswith="texts_").values_list("code", flat=True)) == [
        "texts_stopped",
        "texts_started",
    ]


def test_start_of_who_never_stopped_is_a_message_like_any_other(door):
    door.deliver("one", "start")
    assert (Contact.objects.count(), len(out())) == (1, 1)


def test_words_of_danger_with_stop_in_them_are_words(door):
    door.deliver("one", "please make him STOP he has a knife")
    assert not OptOut.objects.exists()
    assert Contact.objects.count() == 1


def test_stop_of_an_unknown_number_makes_no_contact(door):
    assert door.deliver("one", "STOP") == 200
    assert (Contact.objects.count(), OptOut.objects.count(), len(out())) == (0, 1, 0)
    assert door.deliver("two", "START") == 200
    assert OptOut.objects.count() == 0


def test_stop_and_start_of_a_number_that_somebody_typed_tell_nothing_of_their_request(door):
    theirs = make_contact(door.entry.organisation, phone=PERSON, email="")
    before = len(out())
    assert door.deliver("one", "STOP") == 200
    assert door.deliver("two", "START") == 200
    assert len(out()) == before
    assert theirs.messages.filter(direction="in").count() == 1


def test_agent_sees_the_word_and_it_is_no_unanswered_message(door):
    door.deliver("one", SAID["en"])
    before = Contact.objects.get().last_inbound_at
    door.deliver("two", "Stop")
    contact = Contact.objects.get()
    assert contact.messages.filter(direction="in").order_by("-id")[0].body == "Stop"
    assert contact.last_inbound_at == before


def test_reply_to_who_stopped_is_on_the_page_and_goes_nowhere(door):
    door.deliver("one", SAID["en"])
    door.deliver("two", "STOP")
    contact = Contact.objects.get()
    agent = make_agent(contact.organisation)
    Contact.objects.update(state=Contact.State.ACTIVE, agent=agent)
    contact.refresh_from_db()
    reply = conversation.reply(contact=contact, body="We call you at six.", by=who_has(contact), now=NOW)
    assert (reply.state, reply.channel) == (State.SHOWN, Channel.WEB)


def test_words_after_a_stop_are_taken_in_and_not_answered(door):
    door.deliver("one", "STOP")
    door.deliver("two", SAID["en"])
    assert (Contact.objects.count(), len(out())) == (1, 0)


def test_stop_after_the_close_wakes_nobody(door):
    door.deliver("one", SAID["en"])
    Contact.objects.update(state=Contact.State.CLOSED, closed_at=NOW)
    door.deliver("two", "STOP")
    assert Contact.objects.get().state == Contact.State.CLOSED
    assert OptOut.objects.exists()


def test_stop_is_for_one_house(door):
    other = SmsDoor("twilio", Client(), make_organisation())
    other.deliver("one", SAID["en"])
    door.deliver("one", "STOP")
    assert roads.road(Contact.objects.get(), now=NOW).channel == Channel.SMS


@pytest.mark.parametrize("word", ["HELP", "کمک", "Օգնություն", "求助", "?"])
def test_call_for_help_is_a_contact_and_gets_an_explanation(door, word):
    door.deliver("one", word)
    contact = Contact.objects.get()
    assert contact.messages.get(direction="in").body == word
    (told,) = out()
    assert (told.state, told.address) == (State.QUEUED, PERSON)
    assert contact.organisation.emergency_phone in told.body
    assert contact.reference in told.body
    for _ in range(3):
        door.deliver("one", word)
    assert len(out()) == 1


def test_drill_sends_no_text(door):
    door.entry.incident = make_incident(door.entry.organisation, is_drill=True)
    door.entry.save()
    door.deliver("one", SAID["en"])
    door.deliver("two", "STOP")
    assert {one.state for one in out()} == {State.SHOWN}


@pytest.mark.parametrize("language", content.LANGUAGES)
@pytest.mark.parametrize(
    ("code", "most"),
    [
        *(
            (code, 2)
            for code in ("acknowledgement", "acknowledgement_no_promise", "promise_told", "joined", "reopened")
        ),
        *((code, 2) for code in ("need_check_in", "texts_stopped", "texts_started", "texts_explained")),
        *((code, 3) for code in ("promise_later", "promise_later_unknown", "closing_summary")),  # what they owe is long
    ],
)
def test_our_texts_are_short(code, most, language):
    values = {
        "org_name": "Ferry Lines",
        "reference": "K7M-4QD",
        "promise_time": "14:05",
        "page_url": f"https://help.example.org/{language}/r/{'x' * 32}/",
        "emergency_phone": "112",
        "summary": "We rebooked you on the 18:00 ferry.",
    }
    text = content.fill_lines(content.template(code, "sms").body[language], **values)
    assert segments(text).parts <= most


def test_reply_that_is_too_long_for_a_text_says_where_the_rest_is(door):
    door.deliver("one", SAID["en"])
    contact = Contact.objects.get()
    agent = make_agent(contact.organisation)
    Contact.objects.update(state=Contact.State.ACTIVE, agent=agent)
    contact.refresh_from_db()
    long, short = "We call you at six. " * 100, "We call you at six."
    said = {body: conversation.reply(contact=contact, body=body, by=agent.user, now=NOW) for body in (long, short)}
    assert letters.framed(said[short]) == short
    sent = letters.framed(said[long])
    assert said[long].body == long
    assert sent.startswith("We call you at six. We call")
    assert f"/r/{contact.page_token}/" in sent
    assert segments(sent).parts <= letters.TEXT_PARTS


def test_every_carrier_of_texts_asks_who_wants_none(door):
    assert Channel.SMS in CARRIERS
    assert [numbers.written(one) for one in ("+374 91 23-45-67", "0037491234567", "37491234567", "1234", "POST")] == [
        "+37491234567",
        "+37491234567",
        "+37491234567",
        "1234",
        "POST",
    ]
