"""Marking what is kept: a server that fails over it holds up no reading, and is asked again."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest

from pharos.actions import trims
from pharos.channels.email import cursor as cursors
from pharos.channels.email.cursor import Cursor
from pharos.channels.email.imap import Mailbox
from pharos.channels.email.imap_failures import Unreachable
from pharos.models import Contact
from tests.channels.email.conftest import box, make_mailbox, read, reading, written
from tests.channels.email.test_mailboxes import fresh, texts
from tests.channels.email.test_not_given import turns
from tests.factories import NOW, make_organisation

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


@contextmanager
def fails_over(monkeypatch, *bad: int, error: type[Exception] = Unreachable) -> Iterator[list[list[int]]]:
    """The server hangs up when one of these is marked, of whatever mailbox; what it was asked to mark."""
    whole, asked = Mailbox.settle, list[list[int]]()

    def settle(opened, uids):
        asked.append(list(uids))
        if not bad or {*bad} & {*uids}:
            raise error("the connection ended")
        whole(opened, uids)

    with monkeypatch.context() as patched:
        patched.setattr(Mailbox, "settle", settle)
        yield asked


@pytest.mark.parametrize("error", [Unreachable, LookupError])
def test_mail_that_cannot_be_marked_holds_up_none_and_is_the_only_one_without_a_mark(dovecot, monkeypatch, error):
    entry = make_mailbox(make_organisation(), dovecot)
    with box(dovecot, entry) as theirs, reading() as reader, fails_over(monkeypatch, 2, error=error) as asked:
        theirs.put(*(written(f"mail {number}", sender=f"p{number}@example.org") for number in range(1, 31)))
        for _ in range(4):
            read(reader)
        assert texts() == [f"mail {number}" for number in range(1, 31)]
        assert (fresh(entry).failing_since, entry.cursor["uid"]) == (None, 30)
        turns(reader, NOW + MINUTE, 20)
        assert theirs.holds(criteria="KEYWORD PharosTaken") == 29
        assert (fresh(entry).cursor["unmarked"], entry.failing_since) == ({}, None)
        over = [uids for uids in asked if 2 in uids]
        assert [len(uids) for uids in over] == [25, 5, 1, 1, 1]
        before = len(asked)
        theirs.put(written("after all that"))
        turns(reader, NOW + 30 * MINUTE, 5)
        assert asked[before:] == [[31]]


def test_server_that_marks_nothing_doubles_no_contact_after_a_month(dovecot, monkeypatch):
    entry = make_mailbox(make_organisation(), dovecot)
    with box(dovecot, entry) as theirs, reading() as reader, fails_over(monkeypatch):
        theirs.put(*(written(f"mail {number}", sender=f"p{number}@example.org") for number in range(1, 6)))
        turns(reader, NOW, 3)
        assert Contact.objects.count() == 5
        trims.submissions(now=NOW + timedelta(days=31))
        turns(reader, NOW + timedelta(days=31), 10)
    assert Contact.objects.count() == 5


@pytest.mark.parametrize("options", [{}, {"keep_in": "Taken"}])
def test_what_was_not_marked_when_the_worker_stopped_is_marked_by_the_next(dovecot, monkeypatch, options):
    entry = make_mailbox(make_organisation(), dovecot, **options)
    with box(dovecot, entry) as theirs:
        theirs.put(written("one"), written("two", sender="two@example.org"))
        with reading() as reader, fails_over(monkeypatch):
            read(reader)
        assert fresh(entry).cursor["unmarked"] == {"1": 1, "2": 1}
        with reading() as reader:
            assert read(reader, NOW + MINUTE) == 0
        assert theirs.holds(options.get("keep_in", "INBOX"), "SEEN KEYWORD PharosTaken") == 2
    assert fresh(entry).cursor["unmarked"] == {}


def test_quiet_mailbox_is_marked_without_new_mail_and_then_left_alone(dovecot, monkeypatch):
    entry = make_mailbox(make_organisation(), dovecot)
    with box(dovecot, entry) as theirs, reading() as reader:
        theirs.put(written("one"))
        with fails_over(monkeypatch):
            read(reader)
            read(reader)
        assert reader._lines[entry.pk].rests(NOW)
        read(reader, NOW + timedelta(seconds=61))
        assert theirs.holds(criteria="KEYWORD PharosTaken") == 1
        assert reader._lines[entry.pk].rests(NOW + 4 * MINUTE)
        assert reader._lines[entry.pk].mark_at is None


def test_mails_numbered_anew_are_not_marked_by_their_old_numbers(dovecot, monkeypatch):
    entry = make_mailbox(make_organisation(), dovecot)
    with box(dovecot, entry) as theirs, reading() as reader, fails_over(monkeypatch) as asked:
        theirs.put(written("one"))
        read(reader)
        kept = fresh(entry).cursor
        entry.cursor = {**kept, "validity": kept["validity"] - 1, "unmarked": {"77": 0}}
        entry.save()
        read(reader, NOW + 5 * MINUTE)
    assert asked == [[1], [1]]


def test_what_is_remembered_to_be_marked_has_an_end(monkeypatch):
    monkeypatch.setattr(cursors, "MOST_UNMARKED", 3)
    cursor = Cursor().passed(given=[1, 2]).passed(given=[3, 4])
    assert list(cursor.unmarked) == ["2", "3", "4"]
    assert Cursor.of(cursor.kept()) == cursor
