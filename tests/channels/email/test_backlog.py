"""A mailbox of very many mails: each turn looks at some of them, none is left out, and the order stays."""

from datetime import timedelta

import pytest

from pharos.channels.email import imap
from pharos.channels.email.imap import Mailbox
from tests.channels.email.conftest import box, make_mailbox, read, reading, written
from tests.channels.email.moody import moods
from tests.channels.email.test_mailboxes import fresh, texts
from tests.channels.email.test_not_given import turns
from tests.factories import NOW, make_organisation

pytestmark = pytest.mark.django_db


@pytest.fixture
def searches(monkeypatch) -> list[tuple[str, int]]:
    """What was searched for, and how many mails the server named. A stretch has four UIDs."""
    whole, seen = Mailbox._search, list[tuple[str, int]]()

    def search(opened, criteria):
        found = whole(opened, criteria)
        seen.append((criteria, len(found)))
        return found

    monkeypatch.setattr(imap, "STRETCH", 4)
    monkeypatch.setattr(Mailbox, "_search", search)
    return seen


def mails(first: int, last: int) -> list[bytes]:
    return [written(f"mail {number}", sender=f"p{number}@example.org") for number in range(first, last + 1)]


def said(first: int, last: int) -> list[str]:
    return [f"mail {number}" for number in range(first, last + 1)]


def gone(theirs, uids: str) -> None:
    theirs.client.select("INBOX")
    theirs.client.uid("STORE", uids, "+FLAGS", "(\\Deleted)")
    theirs.client.expunge()


def test_all_of_it_is_read_in_order_a_stretch_at_a_time(dovecot, searches):
    entry = make_mailbox(make_organisation(), dovecot)
    with box(dovecot, entry) as theirs, reading() as reader:
        theirs.put(*mails(1, 30))
        assert read(reader) == 30
        assert texts() == said(1, 30)
        assert searches[0] == ("UID 1:4 ALL UNDELETED", 4)
        assert max(named for _criteria, named in searches) <= 8
        theirs.put(*mails(31, 33))
        read(reader, NOW + timedelta(minutes=5))
    assert (texts(), fresh(entry).cursor["uid"]) == (said(1, 33), 33)


def test_stretch_without_mail_ends_nothing(dovecot, searches):
    entry = make_mailbox(make_organisation(), dovecot)
    with box(dovecot, entry) as theirs, reading() as reader:
        theirs.put(*mails(1, 24))
        gone(theirs, "1:9,12:20")
        assert read(reader) == 6
    assert texts() == said(10, 11) + said(21, 24)


def test_what_came_since_is_read_in_stretches_too(dovecot, searches):
    entry = make_mailbox(make_organisation(), dovecot)
    with box(dovecot, entry) as theirs:
        theirs.put(*mails(1, 2))
        with reading() as reader:
            read(reader)
        theirs.put(*mails(3, 24))
        searches.clear()
        with reading() as reader:
            read(reader)
    assert texts() == said(1, 24)
    assert searches[0] == ("UID 3:6 UNDELETED", 4)
    assert max(named for _criteria, named in searches) <= 8


def test_bad_mails_of_a_whole_stretch_hold_up_none_behind_it(dovecot, searches, monkeypatch):
    entry = make_mailbox(make_organisation(), dovecot)
    with box(dovecot, entry) as theirs, reading() as reader, moods(monkeypatch) as server:
        server.leaves_out = {*range(1, 9)}
        theirs.put(*mails(1, 24))
        turns(reader, NOW, 3)
        assert sorted(texts()) == sorted(said(9, 24))
        assert fresh(entry).failing_since is None
        server.leaves_out = set()
        turns(reader, NOW, 20)
    assert sorted(texts()) == sorted(said(1, 24))
