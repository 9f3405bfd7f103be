"""Whatever one mailbox's server does, its failure is its own: the others are read, and it is shown as failing."""

from datetime import timedelta

import pytest
from django.db import OperationalError

from pharos.channels.email import imap
from pharos.channels.email.cursor import Cursor
from pharos.channels.email.imap import Mailbox
from pharos.channels.email.imap_failures import Unreachable, text
from pharos.models import EntryPoint
from tests.channels.email.conftest import box, make_mailbox, read, reading, written
from tests.channels.email.test_mailboxes import fresh, texts
from tests.factories import NOW, make_organisation

pytestmark = pytest.mark.django_db


@pytest.fixture
def mailboxes(dovecot):
    """The first is bad; of another organisation than the good one."""
    return [make_mailbox(make_organisation(), dovecot) for _ in range(2)]


def read_both(dovecot, mailboxes: list[EntryPoint]) -> EntryPoint:
    """The bad one, after the good one was read though."""
    bad, good = mailboxes
    with box(dovecot, bad) as first, box(dovecot, good) as second, reading() as reader:
        first.put(written("at the bad one"))
        second.put(written("help us"))
        for seconds in (0, 5, 15):
            read(reader, NOW + timedelta(seconds=seconds))
    assert texts() == ["help us"]
    assert fresh(good).failing_since is None
    assert (fresh(bad).failing_since, bad.failures) == (NOW, 3)
    return bad


def test_port_that_no_system_knows(dovecot, mailboxes):
    mailboxes[0].options["port"] = 10**20
    mailboxes[0].save()
    assert "too large" in read_both(dovecot, mailboxes).failure


@pytest.mark.parametrize("step", ["_connected", "waiting"])
def test_failure_that_nobody_foresaw(dovecot, mailboxes, monkeypatch, caplog, step):
    whole = getattr(imap if step == "_connected" else Mailbox, step)

    def broken(first, *more):
        where = first if step == "_connected" else first._where
        if where.user == mailboxes[0].address:
            raise LookupError("a secret")
        return whole(first, *more)

    monkeypatch.setattr(imap if step == "_connected" else Mailbox, step, broken)
    assert read_both(dovecot, mailboxes).failure == "LookupError"
    assert "nobody foresaw" in caplog.text
    assert "secret" not in caplog.text


def test_database_that_is_away_is_no_failure_of_a_mailbox(dovecot, mailboxes, monkeypatch):
    def away(*_given):
        raise OperationalError

    with reading() as reader, monkeypatch.context() as patched:
        patched.setattr(Mailbox, "waiting", away)
        with pytest.raises(OperationalError):
            read(reader)
    assert not EntryPoint.objects.exclude(failing_since=None).exists()


def test_answer_to_a_search_may_say_how_new_it_is(dovecot, mailboxes):
    with box(dovecot, mailboxes[0]) as theirs, reading() as reader:
        theirs.put(written("one"), written("two"))
        read(reader)
        opened = reader._lines[mailboxes[0].pk].box
        assert opened
        opened._awake()
        assert b"(MODSEQ" in opened._box.client.uid("SEARCH", "MODSEQ 1")[1][0]
        assert opened._search("MODSEQ 1") == [1, 2]


def test_answer_to_a_search_that_is_no_list_of_mails_is_a_failure_of_the_mailbox(dovecot, mailboxes, monkeypatch):
    with reading() as reader:
        read(reader)
        opened = reader._lines[mailboxes[0].pk].box
        assert opened
        opened._awake()
        monkeypatch.setattr(opened._box.client, "uid", lambda *_: ("OK", [b"1 2 x"]))
        with pytest.raises(Unreachable):
            opened.waiting(Cursor(validity=opened.validity))


def test_what_a_server_says_is_one_line_that_can_be_kept():
    assert text([b"NO\0 such\r\nfolder", b"\xff"]) == "NO such folder �"
