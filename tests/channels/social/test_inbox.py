"""From a mention to a contact: read in order, kept once, answered in public once and in private always."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

import pytest
from django.db import OperationalError

from pharos import content
from pharos.actions import arrivals, conversation, routing, uploads
from pharos.channels.social import changes
from pharos.models import Agent, Contact, ContactEvent, EntryPoint, Identity, Message, Offer, Organisation, Post
from tests.channels.mastodon_server import PNG, Mastodon, mastodon_server
from tests.channels.social.conftest import always, at, make_account, read, send
from tests.factories import NOW, make_agent, make_incident, who_has

pytestmark = pytest.mark.django_db
SECRET = "lantern"


def words(contact: Contact) -> list[str]:
    return list(contact.messages.filter(direction="in").order_by("id").values_list("body", flat=True))


def test_public_mention_is_a_contact_with_one_public_answer_and_a_private_one(
    site: Mastodon, entry: EntryPoint, organisation: Organisation
) -> None:
    mention = site.writes("ani@far.example", "@help my ferry is cancelled, what now?")
    assert read() == 1
    contact = Contact.objects.get()
    message = contact.messages.get(direction="in")
    assert (contact.channel, message.is_public, message.body) == ("social", True, "my ferry is cancelled, what now?")
    assert message.address == "mastodon:@ani@far.example"
    assert contact.person.identities.get().value == "mastodon:@ani@far.example"
    assert contact.person.identities.get().sort == Identity.Sort.HANDLE
    send()
    (public,), (direct,) = site.public(), site.direct()
    assert public["in_reply_to_id"] == direct["in_reply_to_id"] == mention["id"]
    assert public["text"].startswith("@ani@far.example We have seen your message")
    assert f"/{contact.language}/request/" in public["text"]
    assert direct["text"].startswith("@ani@far.example We have your request")
    assert contact.reference in direct["text"]
    assert public["visibility"] == "unlisted"
    assert contact.events.filter(code="answered_in_public").count() == 1


def test_public_answer_leads_to_the_page_of_the_incident(
    site: Mastodon, entry: EntryPoint, organisation: Organisation
) -> None:
    EntryPoint.objects.update(incident=make_incident(organisation))
    site.writes("ani@far.example", "@help what now?")
    read()
    send()
    assert "/en/i/storm/" in site.public()[0]["text"]


def test_direct_message_is_private(site: Mastodon, entry: EntryPoint) -> None:
    site.writes("ani@far.example", "@help my number is 12345", visibility="direct")
    read()
    send()
    assert not Message.objects.get(direction="in").is_public
    assert site.public() == []
    assert not Post.objects.exists()
    (direct,) = site.direct()
    assert [one["acct"] for one in direct["mentions"]] == ["ani@far.example"]


def test_mention_for_followers_only_is_not_public(site: Mastodon, entry: EntryPoint) -> None:
    site.writes("ani@far.example", "@help are you there?", visibility="private")
    read()
    send()
    assert site.public() == []


def test_no_private_word_ever_gets_into_a_public_post(
    site: Mastodon, entry: EntryPoint, organisation: Organisation
) -> None:
    """From the first mention to the close, with words of every kind: none of them is in public."""
    agent = make_agent(organisation)
    site.writes("ani@far.example", f"@help it is about the {SECRET}-mention")
    read()
    contact = Contact.objects.get()
    site.writes("ani@far.example", f"@help privately: {SECRET}-direct", visibility="direct")
    read()
    routing.dispatch(organisation=organisation, now=NOW)
    routing.accept(offer=Offer.objects.get(), agent=agent, now=NOW)
    contact.refresh_from_db()
    conversation.reply(
        contact=contact, body=f"Dear {SECRET}-reply, ask @stranger@far.example", by=who_has(contact), now=NOW
    )
    conversation.note(contact=contact, body=f"{SECRET}-note", by=who_has(contact), now=NOW)
    conversation.finish(contact=contact, by=who_has(contact), now=NOW)
    closing = {"disposition": next(iter(content.dispositions())), "summary": f"{SECRET}-summary"}
    conversation.close(contact=contact, by=who_has(contact), now=NOW, **closing)
    send()
    contact.refresh_from_db()
    said = " ".join(one["text"] for one in site.direct())
    assert all(f"{SECRET}-{sort}" in said for sort in ("reply", "summary"))
    assert f"{SECRET}-note" not in said
    (public,) = site.public()
    private = [SECRET, contact.reference, str(contact.page_token), "stranger"]
    assert not any(one in public["text"] for one in private)
    assert all([one["acct"] for one in direct["mentions"]] == ["ani@far.example"] for direct in site.direct())
    bodies = {one.body for one in Message.objects.exclude(body="")}
    assert not any(post.body in bodies or SECRET in post.body for post in Post.objects.all())


def test_mention_that_is_told_twice_is_one_contact(site: Mastodon, entry: EntryPoint) -> None:
    mention = site.writes("ani@far.example", "@help what now?")
    site.tells("mention", mention)
    assert read() == 2
    EntryPoint.objects.update(cursor={"after": "0"})
    assert read() == 2
    send()
    assert (Contact.objects.count(), Message.objects.filter(direction="in").count(), len(site.public())) == (1, 1, 1)
    assert len(site.direct()) == 1


def test_further_mentions_join_and_are_answered_in_public_no_more(site: Mastodon, entry: EntryPoint) -> None:
    first = site.writes("ani@far.example", "@help what now?")
    read()
    send()
    answer = site.public()[0]
    site.writes("ani@far.example", "@help still nothing!", reply_to=answer["id"])
    site.writes("ani@far.example", "@help please!!!")
    site.writes("ani@far.example", "@help and privately", visibility="direct", reply_to=first["id"])
    read()
    send()
    assert words(Contact.objects.get()) == ["what now?", "still nothing!", "please!!!", "and privately"]
    assert len(site.public()) == 1


def test_answer_to_the_public_answer_by_another_is_another_contact(site: Mastodon, entry: EntryPoint) -> None:
    site.writes("ani@far.example", "@help what now?")
    read()
    send()
    site.writes("davit@far.example", "@help me too", reply_to=site.public()[0]["id"])
    read()
    send()
    assert Contact.objects.count() == 2
    assert [one["text"].split()[0] for one in site.public()] == ["@ani@far.example", "@davit@far.example"]


def test_same_name_on_another_server_is_another_person(site: Mastodon, entry: EntryPoint) -> None:
    site.writes("ani@far.example", "@help what now?")
    site.writes("ani@near.example", "@help what now?")
    site.writes("ani", "@help what now?")
    read()
    assert set(Identity.objects.values_list("value", flat=True)) == {
        "mastodon:@ani@far.example",
        "mastodon:@ani@near.example",
        "mastodon:@ani@lines.example",
    }
    assert Contact.objects.count() == 3


def test_pile_on_is_kept_whole_and_answered_in_public_up_to_the_cap(
    site: Mastodon, entry: EntryPoint, organisation: Organisation
) -> None:
    organisation.rules = {"public_answers_per_hour": 5}
    organisation.save()
    for number in range(45):
        site.writes(f"person{number}@far.example", "@help shame on you")
    assert read() + read() == 45
    assert Contact.objects.count() == 45
    assert Post.objects.count() == 5
    later = NOW + timedelta(hours=1, minutes=1)
    site.writes("late@far.example", "@help what now?")
    read(later)
    assert Post.objects.count() == 6


def test_automatic_account_is_kept_and_not_answered(site: Mastodon, entry: EntryPoint) -> None:
    robot = {"id": "1", "acct": "robot@far.example", "display_name": "Robot", "bot": True}
    site.writes("robot@far.example", "@help hello", account=robot)
    read()
    send()
    assert Contact.objects.count() == 1
    assert site.ours == []


def test_pages_are_read_in_order_to_the_end(site: Mastodon, entry: EntryPoint) -> None:
    for number in range(95):
        site.writes("ani@far.example", f"@help number {number}", visibility="direct")
    site.tells("favourite", None)
    assert [read() for _ in range(4)] == [40, 40, 15, 0]
    assert words(Contact.objects.get()) == [f"number {number}" for number in range(95)]
    entry.refresh_from_db()
    assert (entry.read_at, entry.failure) == (NOW, "")


def test_what_was_written_before_the_account_was_set_up_stays_there(site: Mastodon, entry: EntryPoint) -> None:
    site.now = NOW - timedelta(days=3)
    for number in range(90):
        site.writes(f"old{number}@far.example", "@help long ago")
    site.now = NOW
    site.writes("ani@far.example", "@help what now?")
    assert read() == 1
    assert Contact.objects.count() == 1


def test_deleted_notification_and_post_leave_no_gap(site: Mastodon, entry: EntryPoint) -> None:
    site.writes("ani@far.example", "@help one")
    gone = site.writes("davit@far.example", "@help two")
    site.tells("mention", None)
    site.writes("mariam@far.example", "@help three")
    site.deletes(gone)
    read()
    assert sorted(Message.objects.filter(direction="in").values_list("body", flat=True)) == ["one", "three"]


def test_post_deleted_before_the_answer_is_answered_privately_only(site: Mastodon, entry: EntryPoint) -> None:
    mention = site.writes("ani@far.example", "@help what now?")
    read()
    site.deletes(mention)
    send()
    assert site.public() == []
    assert Post.objects.get().state == Post.State.FAILED
    assert len(site.direct()) == 1
    assert site.direct()[0]["in_reply_to_id"] is None


def test_broken_notification_does_not_stop_the_others(site: Mastodon, entry: EntryPoint) -> None:
    site.tells("mention", {"id": "5"})
    site.writes("x@far.example", "@help", account=None)
    site.writes("odd@far.example", "@help odd", content=None, media_attachments="none", poll={"options": 5}, language=7)
    site.writes("ani@far.example", "@help what\0 now?", spoiler_text="flood")
    read()
    bodies = sorted(Message.objects.filter(direction="in").values_list("body", flat=True))
    assert bodies[0] == "flood\n\nwhat now?"
    assert bodies[1].startswith("https://far.example/@odd/")
    assert len(bodies) == 2


def test_pictures_come_along_with_what_they_show(site: Mastodon, entry: EntryPoint) -> None:
    site.files["/media/1.png"] = PNG
    pictures = [
        {"url": f"{site.url}/media/1.png", "description": "A ticket"},
        {"url": f"{site.url}/media/gone.png", "description": None},
    ]
    site.writes("ani@far.example", "@help look", media_attachments=pictures)
    read()
    message = Message.objects.get(direction="in")
    assert message.body == f"look\n\n[A ticket]\n{site.url}/media/gone.png"
    assert [one.media_type for one in message.attachments.all()] == ["image/png"]


@pytest.mark.parametrize(
    ("text", "tag", "language"),
    [
        ("@help سلام، کشتی من لغو شده است. حالا چه کار کنم؟", "en", "fa"),
        ("@help Բարեւ Ձեզ, իմ նավը չեղարկվել է։ Ի՞նչ անեմ հիմա։", "en", "hy"),
        ("@help 您好，我的船被取消了，现在怎么办？", "zh", "zh-hans"),
    ],
)
def test_public_answer_is_in_the_language_of_the_words(
    site: Mastodon, entry: EntryPoint, text: str, tag: str, language: str
) -> None:
    site.writes("ani@far.example", text, language=tag)
    read()
    send()
    assert Contact.objects.get().language == language
    (public,) = site.public()
    assert f"/{language}/request/" in public["text"]
    assert public["language"] == language.partition("-")[0]


def test_changed_words_come_as_further_words_once(site: Mastodon, entry: EntryPoint) -> None:
    mention = site.writes("ani@far.example", "@help the ferry at five")
    read()
    site.edits(mention, "@help the ferry at seven")
    for _ in range(2):
        changes.look_again(clock=at(NOW), going=always)
    assert words(Contact.objects.get()) == ["the ferry at five", "✎ the ferry at seven"]
    assert Post.objects.count() == 1


@pytest.mark.parametrize("has_bulk", [True, False])
def test_deleted_post_is_noted_once(site: Mastodon, entry: EntryPoint, has_bulk: bool) -> None:
    site.has_bulk = has_bulk
    mention = site.writes("ani@far.example", "@help what now?")
    site.writes("davit@far.example", "@help me too")
    read()
    site.deletes(mention)
    for _ in range(2):
        changes.look_again(clock=at(NOW), going=always)
    event = ContactEvent.objects.get(code="post_deleted")
    assert event.contact.person.identities.get().value == "mastodon:@ani@far.example"
    assert words(event.contact) == ["what now?"]


def test_edited_before_we_read_it_is_not_told_twice(site: Mastodon, entry: EntryPoint) -> None:
    mention = site.writes("ani@far.example", "@help five")
    site.edits(mention, "@help seven")
    read()
    changes.look_again(clock=at(NOW), going=always)
    assert words(Contact.objects.get()) == ["seven"]


def test_server_that_is_away_is_left_alone_for_a_while(site: Mastodon, entry: EntryPoint) -> None:
    site.always = 503
    for seconds in (0, 1, 5, 6, 20, 21, 60, 80):
        read(NOW + timedelta(seconds=seconds))
    assert len(site.calls) == 4
    entry.refresh_from_db()
    assert (entry.failing_since, entry.failure) == (NOW, "HTTP 503: the server did not take it")
    site.always = 0
    site.writes("ani@far.example", "@help what now?")
    assert read(NOW + timedelta(hours=1)) == 1
    entry.refresh_from_db()
    assert (entry.failing_since, entry.failure) == (None, "")


def test_server_that_nobody_answers_is_a_failure_with_a_reason(
    site: Mastodon, entry: EntryPoint, organisation: Organisation
) -> None:
    other = make_account(
        organisation, site, address="@x@gone.example", options={"url": "http://127.0.0.1:1"}, token="t"
    )
    site.writes("ani@far.example", "@help what now?")
    assert read() == 1  # one account that is away does not stop the other
    other.refresh_from_db()
    assert other.failure.startswith("ConnectError")


@contextmanager
def poison(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A post with this word is one that we fail on, until the block ends."""
    whole = arrivals.take

    def take(arrival: arrivals.Arrival, *, now: datetime) -> arrivals.Took:
        if "poison" in arrival.text:
            raise LookupError(arrival.text)
        return whole(arrival, now=now)

    with monkeypatch.context() as patched:
        patched.setattr(arrivals, "take", take)
        yield


def test_post_that_we_fail_on_keeps_nobody_waiting_and_is_taken_when_it_can_be(
    site: Mastodon, entry: EntryPoint, organisation: Organisation, monkeypatch: pytest.MonkeyPatch
) -> None:
    with mastodon_server() as theirs, poison(monkeypatch):
        other = make_account(organisation, theirs, address="@help@other.example", token="t")
        for number, said in enumerate(("one", "poison", "three")):
            site.writes(f"p{number}@far.example", f"@help {said}")
        theirs.writes("ani@far.example", "@help what now?")
        for seconds in (0, 5, 20):
            read(NOW + timedelta(seconds=seconds))
    heard = Message.objects.filter(direction="in").order_by("id")
    assert list(heard.values_list("body", flat=True)) == ["one", "three", "what now?"]
    assert Post.objects.count() == 3
    for account in (entry, other):
        account.refresh_from_db()
    assert (entry.failing_since, entry.failure, entry.failures) == (NOW, "LookupError", 3)
    assert other.failing_since is None
    read(NOW + timedelta(minutes=10))
    entry.refresh_from_db()
    assert (heard.count(), heard.latest("id").body, entry.failing_since) == (4, "poison", None)
    assert read(NOW + timedelta(minutes=11)) == 0


def test_database_that_is_away_is_no_failure_of_an_account(
    site: Mastodon, entry: EntryPoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_given: object, **_named: object) -> None:
        raise OperationalError

    site.writes("ani@far.example", "@help what now?")
    with monkeypatch.context() as patched:
        patched.setattr(arrivals, "take", away)
        with pytest.raises(OperationalError):
            read()
    entry.refresh_from_db()
    assert (entry.failing_since, entry.cursor) == (None, {})
    assert read() == 1


def test_file_that_we_fail_on_leaves_its_address_with_the_words(
    site: Mastodon, entry: EntryPoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(**_named: object) -> None:
        raise LookupError

    monkeypatch.setattr(uploads, "keep", broken)
    site.files["/media/1.png"] = PNG
    site.writes("ani@far.example", "@help look", media_attachments=[{"url": f"{site.url}/media/1.png"}])
    read()
    assert Message.objects.get(direction="in").body == f"look\n{site.url}/media/1.png"


def test_post_that_we_fail_on_when_it_was_changed_keeps_no_other_waiting(
    site: Mastodon, entry: EntryPoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    with mastodon_server() as theirs, poison(monkeypatch):
        make_account(entry.organisation, theirs, address="@help@other.example", token="t")
        changed = [site.writes("ani@far.example", "@help five"), theirs.writes("eve@far.example", "@help five")]
        read()
        site.edits(changed[0], "@help poison")
        theirs.edits(changed[1], "@help seven")
        changes.look_again(clock=at(NOW), going=always)
    assert "✎ seven" in Message.objects.filter(direction="in").values_list("body", flat=True)


def test_reading_waits_as_long_as_the_server_asks(site: Mastodon, entry: EntryPoint) -> None:
    site.says, site.reset = [429], NOW + timedelta(minutes=4)
    read()
    read(NOW + timedelta(seconds=239))
    assert len(site.calls) == 1
    read(NOW + timedelta(seconds=240))
    assert len(site.calls) > 1


def test_account_that_is_switched_off_is_not_read(site: Mastodon, entry: EntryPoint) -> None:
    EntryPoint.objects.update(is_on=False)
    site.writes("ani@far.example", "@help what now?")
    assert read() == 0
    assert site.calls == []


def test_demonstration_and_drill_say_nothing_outside(
    site: Mastodon, entry: EntryPoint, organisation: Organisation
) -> None:
    incident = make_incident(organisation, is_drill=True)
    EntryPoint.objects.update(incident=incident)
    site.writes("ani@far.example", "@help what now?")
    read()
    send()
    assert site.ours == []
    assert Post.objects.get().state == Post.State.KEPT


def test_agent_sees_who_reads_it(site: Mastodon, entry: EntryPoint, organisation: Organisation) -> None:
    site.writes("ani@far.example", "@help in public")
    site.writes("ani@far.example", "@help in private", visibility="direct")
    read()
    assert list(Message.objects.filter(direction="in").values_list("is_public", flat=True)) == [True, False]
    assert Agent.objects.count() == 0


def test_account_that_moved_to_another_server_is_read_from_its_beginning_there(
    site: Mastodon, entry: EntryPoint
) -> None:
    EntryPoint.objects.update(cursor={"after": "999999999", "host": "old.example"})
    site.writes("ani@far.example", "@help what now?")
    assert (read(), read()) == (1, 0)
    entry.refresh_from_db()
    assert entry.cursor["host"] == site.url.removeprefix("http://")
