"""Mailboxes on a real IMAP server: nothing is lost and nothing is taken twice, whatever happens on the way."""

import os
import select
import signal
import subprocess
import sys
from datetime import timedelta

import pytest
from django.conf import settings
from django.db import OperationalError

from pharos.actions import entries
from pharos.channels.email import inbox
from pharos.models import Contact, EntryPoint, Message, Quarantined, Submission
from tests import services
from tests.channels.email.conftest import box, make_mailbox, read, reading, written
from tests.channels.test_delivery import address_of_the_database
from tests.factories import NOW, make_organisation

pytestmark = pytest.mark.django_db(transaction=True)
KILLED_IN_THE_MIDDLE = """
import os, signal
import django
django.setup()
from datetime import datetime, UTC
from pharos.channels.email import inbox
from pharos.channels.email.mailboxes import Reader
whole, count = inbox.take_in, [0]
def take_in(came, *, now):
    took = whole(came, now=now)
    count[0] += 1
    if count[0] == 3:
        os.kill(os.getpid(), signal.SIGKILL)
    return took
inbox.take_in = take_in
Reader().read_due(clock=lambda: datetime(2026, 3, 10, 12, tzinfo=UTC), going=lambda: True)
"""


def texts() -> list[str]:
    rows = Message.objects.filter(direction="in").order_by("id")
    return [text.strip() for text in rows.values_list("body", flat=True)]


def fresh(entry: EntryPoint) -> EntryPoint:
    entry.refresh_from_db()
    return entry


def test_mail_becomes_a_contact_and_is_marked(dovecot):
    entry = make_mailbox(make_organisation(), dovecot)
    with box(dovecot, entry) as theirs, reading() as reader:
        theirs.put(written("Where is my bus?"))
        assert read(reader) == 1
        assert theirs.holds(criteria="SEEN KEYWORD PharosTaken") == 1
    contact = Contact.objects.get()
    assert (contact.channel, contact.person.identities.get().value) == ("email", "ani@example.org")
    message = contact.messages.get(direction="in")
    assert (message.body.strip(), message.subject, message.entry, message.address) == (
        "Where is my bus?", "Ferry", entry, "ani@example.org",
    )  # fmt: skip
    assert message.carrier_id.endswith("@theirs.example.org>")
    assert (fresh(entry).read_at, entry.failing_since) == (NOW, None)


def test_mailbox_is_read_in_order_and_in_parts(dovecot):
    entry = make_mailbox(make_organisation(), dovecot)
    words = [f"Number {number}" for number in range(30)]
    with box(dovecot, entry) as theirs, reading() as reader:
        theirs.put(*(written(one, sender=f"p{at}@example.org") for at, one in enumerate(words)))
        assert reader.read_due(clock=lambda: NOW, going=lambda: True) == 25
        assert read(reader) == 5
        assert read(reader, NOW + timedelta(hours=1)) == 0
    assert texts() == words


def test_server_tells_of_new_mail_by_itself(dovecot):
    entry = make_mailbox(make_organisation(), dovecot)
    with box(dovecot, entry) as theirs, reading() as reader:
        assert read(reader) == 0
        theirs.put(written("Hello"))
        line = reader._lines[entry.pk]
        assert line.box
        assert line.box.is_idle
        select.select([line.box._box.client.sock], [], [], 10)
        assert line.box.has_news()
        assert read(reader) == 1


def test_server_that_tells_nothing_is_asked_from_time_to_time():
    plain = "protocol imap {\n imap_capability = IMAP4rev1 LITERAL+\n}"
    with services.dovecot(more=plain) as server:
        entry = make_mailbox(make_organisation(), server, keep_in="Taken")
        with box(server, entry) as theirs, reading() as reader:
            assert read(reader) == 0
            plain_box = reader._lines[entry.pk].box
            assert plain_box
            assert not plain_box.has_idle
            theirs.put(written("Hello"))
            assert read(reader, NOW + timedelta(seconds=14)) == 0
            assert read(reader, NOW + timedelta(seconds=15)) == 1
            assert theirs.holds("Taken") == 1
            assert theirs.holds(criteria="UNDELETED") == 0


def test_mail_is_moved_where_it_is_to_go(dovecot):
    entry = make_mailbox(make_organisation(), dovecot, keep_in="Über uns")
    with box(dovecot, entry) as theirs, reading() as reader:
        theirs.put(written("Hello"), written("Again"))
        assert read(reader) == 2
        assert (theirs.holds(), theirs.holds('"&ANw-ber uns"')) == (0, 2)


@pytest.mark.parametrize(("start", "taken"), [("unread", 1), ("new", 0), ("all", 2)])
def test_what_was_there_before_is_taken_as_it_was_said(dovecot, start, taken):
    entry = make_mailbox(make_organisation(), dovecot, start=start)
    with box(dovecot, entry) as theirs, reading() as reader:
        theirs.put(written("read"), flags="\\Seen")
        theirs.put(written("unread", sender="other@example.org"))
        assert read(reader) == taken
        theirs.put(written("later", sender="third@example.org"), flags="\\Seen")
        assert read(reader, NOW + timedelta(minutes=5)) == 1
    assert texts()[-1] == "later"


def test_newest_mail_that_was_answered_by_hand_before_is_not_taken(dovecot):
    entry = make_mailbox(make_organisation(), dovecot, start="unread")
    with box(dovecot, entry) as theirs, reading() as reader:
        theirs.put(written("unread"))
        theirs.put(written("answered by hand", sender="other@example.org"), flags="\\Seen")
        assert read(reader) == 1
        assert read(reader, NOW + timedelta(minutes=5)) == 0
    assert texts() == ["unread"]


def test_newest_mail_that_is_marked_is_not_taken_again_when_the_mailbox_is_numbered_anew(dovecot):
    """Though it came so long ago that nothing here knows it any more."""
    entry = make_mailbox(make_organisation(), dovecot)
    with box(dovecot, entry) as theirs:
        theirs.put(written("long ago"))
        with reading() as reader:
            assert read(reader) == 1
        Submission.objects.all().delete()
        cursor = fresh(entry).cursor
        EntryPoint.objects.filter(pk=entry.pk).update(cursor={**cursor, "validity": cursor["validity"] - 1})
        with reading() as reader:
            assert read(reader, NOW + timedelta(days=40)) == 0
    assert texts() == ["long ago"]


def test_mailbox_that_is_numbered_anew_gives_nothing_twice_and_loses_nothing(dovecot):
    entry = make_mailbox(make_organisation(), dovecot, start="unread")
    with box(dovecot, entry) as theirs:
        theirs.put(written("old and read"), flags="\\Seen", came="01-Jan-2026")
        theirs.put(written("one"), written("two", sender="two@example.org"))
        with reading() as reader:
            assert read(reader) == 2
        theirs.put(written("three", sender="three@example.org"))
        before = fresh(entry).cursor
        theirs.client.create("Aside")
        theirs.client.select("INBOX")
        theirs.client.copy("1:*", "Aside")
        theirs.client.select("Aside")
    entries.change(
        entry=entry, address=entry.address, language="", incident=None, secret={},
        options={**entry.options, "folder": "Aside"},
    )  # fmt: skip
    EntryPoint.objects.filter(pk=entry.pk).update(cursor={**before, "box": before["box"].replace("INBOX", "Aside")})
    with reading() as reader:
        assert read(reader) == 1
    assert texts() == ["one", "two", "three"]
    assert fresh(entry).cursor["validity"] != before["validity"]


def test_mark_that_was_lost_takes_nothing_twice(dovecot):
    """Another server, all numbers and marks gone: what was taken is still known by its id."""
    entry = make_mailbox(make_organisation(), dovecot)
    with box(dovecot, entry) as theirs:
        mails = [written(f"Number {number}", sender=f"p{number}@example.org") for number in range(3)]
        theirs.put(*mails)
        with reading() as reader:
            assert read(reader) == 3
        EntryPoint.objects.update(cursor={})
        theirs.client.select("INBOX")
        theirs.client.store("1:*", "FLAGS", "()")
        theirs.put(mails[0].replace(b"From:", b"Received: by another road\r\nFrom:"))
        with reading() as reader:
            assert read(reader) == 4
    assert Contact.objects.count() == 3
    assert Message.objects.filter(direction="in").count() == 3
    assert not Quarantined.objects.exists()


def test_one_bad_mail_is_kept_aside_and_the_rest_go_on(dovecot):
    entry = make_mailbox(make_organisation(), dovecot)
    bad = b"\r\n\r\nno head at all"
    with box(dovecot, entry) as theirs, reading() as reader:
        theirs.put(written("before"), bad, written("after", sender="other@example.org"))
        assert read(reader) == 3
    assert texts() == ["before", "after"]
    kept = Quarantined.objects.get()
    assert (kept.why, bytes(kept.raw), kept.size, kept.entry) == ("unreadable", bad, len(bad), entry)


def test_mail_that_is_too_large_is_kept_aside_by_its_head(dovecot, monkeypatch):
    from pharos.channels.email import imap

    monkeypatch.setattr(imap, "MOST_BYTES", 5_000)
    monkeypatch.setattr(imap, "HEAD_BYTES", 1_000)
    entry = make_mailbox(make_organisation(), dovecot)
    large = written("x" * 60 + "\n" * 10_000)
    with box(dovecot, entry) as theirs, reading() as reader:
        theirs.put(large, written("small"))
        assert read(reader) == 2
        assert theirs.holds() == 2
    kept = Quarantined.objects.get()
    assert (kept.why, len(kept.raw), kept.size) == ("too_large", 1_000, len(large))
    assert texts() == ["small"]


def test_several_mailboxes_are_read_and_a_mail_to_two_of_them_is_one(dovecot):
    organisation = make_organisation()
    first, second = make_mailbox(organisation, dovecot), make_mailbox(organisation, dovecot)
    mail = written("To both")
    with box(dovecot, first) as one, box(dovecot, second) as two, reading() as reader:
        one.put(b"Delivered-To: one\r\n" + mail)
        two.put(b"Delivered-To: two\r\n" + mail, written("To one", sender="other@example.org"))
        assert read(reader) == 3
    assert sorted(texts()) == ["To both", "To one"]


def test_mailbox_that_is_switched_off_is_left_alone(dovecot):
    entry = make_mailbox(make_organisation(), dovecot)
    with box(dovecot, entry) as theirs, reading() as reader:
        theirs.put(written("Hello"))
        entries.switch(entry=entry, on=False)
        assert read(reader) == 0
        entries.switch(entry=entry, on=True)
        assert read(reader) == 1


def test_wrong_password_is_told_and_the_other_mailbox_is_read(dovecot):
    organisation = make_organisation()
    wrong, right = make_mailbox(organisation, dovecot), make_mailbox(organisation, dovecot)
    EntryPoint.objects.filter(pk=wrong.pk).update(secret={"password": "lost"})
    with box(dovecot, right) as theirs, reading() as reader:
        theirs.put(written("Hello"))
        assert read(reader) == 1
    assert (fresh(wrong).failing_since, "Authentication failed" in wrong.failure) == (NOW, True)
    assert fresh(right).failing_since is None


def test_server_that_is_gone_for_an_hour_loses_nothing():
    with services.dovecot() as server:
        entry = make_mailbox(make_organisation(), server)
        with reading() as reader:
            with box(server, entry) as theirs:
                theirs.put(written("before"))
                assert read(reader) == 1
                theirs.put(written("while it went", sender="other@example.org"))
            server.stop()
            tries = []
            for minute in range(60):
                now = NOW + timedelta(minutes=minute)
                read(reader, now)
                tries.append(fresh(entry).failing_since)
            assert set(tries) == {NOW}
            assert entry.failures == 60
            assert entry.failure
            server.start()
            assert read(reader, NOW + timedelta(minutes=60)) == 1
    assert (fresh(entry).failing_since, entry.failure, entry.failures) == (None, "", 0)
    assert texts() == ["before", "while it went"]


def test_database_that_fails_in_the_middle_has_the_mail_come_again(dovecot, monkeypatch):
    entry = make_mailbox(make_organisation(), dovecot)
    whole = inbox.take_in

    def away(came, *, now):
        if b"second" in came.raw:
            raise OperationalError("the database is away")
        return whole(came, now=now)

    with box(dovecot, entry) as theirs, reading() as reader:
        theirs.put(*(written(one, sender=f"{one}@example.org") for one in ("first", "second", "third")))
        monkeypatch.setattr(inbox, "take_in", away)
        with pytest.raises(OperationalError):
            read(reader)
        monkeypatch.setattr(inbox, "take_in", whole)
        assert read(reader) == 3
    assert texts() == ["first", "second", "third"]
    assert not Quarantined.objects.exists()


def test_reader_killed_in_the_middle_of_a_fetch_loses_nothing_and_takes_nothing_twice(dovecot):
    entry = make_mailbox(make_organisation(), dovecot, keep_in="Taken")
    words = [f"Number {number}" for number in range(6)]
    same = {"PHAROS_DATA_DIR": str(settings.DATA_DIR), "PHAROS_DATABASE_URL": address_of_the_database()}
    with box(dovecot, entry) as theirs:
        theirs.put(*(written(one, sender=f"p{at}@example.org") for at, one in enumerate(words)))
        killed = subprocess.run(
            [sys.executable, "-c", KILLED_IN_THE_MIDDLE], env={**os.environ, **same}, capture_output=True, check=False
        )
        assert killed.returncode == -signal.SIGKILL, killed.stderr.decode()
        assert (len(texts()), theirs.holds("INBOX")) == (3, 6)
        with reading() as reader:
            assert read(reader) == 6
        assert (theirs.holds("INBOX"), theirs.holds("Taken")) == (0, 6)
    assert texts() == words
