"""Mail that a server lists and does not give: it holds up no other, is asked for again, and is shown and never lost."""

from datetime import timedelta
from pathlib import Path

import pytest

from pharos.channels.email.imap import Given, Mailbox
from pharos.models import Message, Quarantined
from tests.channels.email.conftest import box, make_mailbox, read, reading, written
from tests.channels.email.test_mailboxes import fresh, texts
from tests.factories import NOW, make_organisation

pytestmark = pytest.mark.django_db(transaction=True)
MINUTE = timedelta(minutes=1)


def file_of(folder: Path, said: str) -> Path:
    """The file in which the server keeps the mail that says this."""
    return next(file for file in folder.glob("[cn][ue][rw]/*") if said in file.read_text())


def allow(file: Path, mode: int) -> None:
    """The server renames a file when it is listed or marked."""
    for found in file.parent.parent.glob(f"[cn][ue][rw]/{file.name.partition(':')[0]}*"):
        found.chmod(mode)


def turns(reader, start, minutes: int) -> None:
    """What a worker does in this time."""
    for step in range(minutes * 3):
        read(reader, start + step * MINUTE / 3)


def test_mail_over_which_the_server_hangs_up_holds_up_no_other_and_comes_when_it_can(dovecot):
    entry = make_mailbox(make_organisation(), dovecot)
    with box(dovecot, entry) as theirs, reading() as reader:
        theirs.put(*(written(said) for said in ("first", "broken", "last")))
        broken = file_of(dovecot.home / "mail" / entry.address, "broken")
        allow(broken, 0)
        turns(reader, NOW, 2)
        assert texts() == ["first", "last"]
        assert (fresh(entry).failing_since, Quarantined.objects.exists()) == (None, False)
        turns(reader, NOW + 2 * MINUTE, 6)
        row = Quarantined.objects.get()
        assert (row.why, row.state, row.entry, bytes(row.raw), row.size) == ("not_given", "kept", entry, b"", 0)
        theirs.put(written("after all that"))
        turns(reader, NOW + 8 * MINUTE, 1)
        assert texts() == ["first", "last", "after all that"]
        for minutes in (19, 20, 30):
            read(reader, NOW + minutes * MINUTE)
        assert Quarantined.objects.count() == 1
        allow(broken, 0o600)
        for minutes in (41, 42):
            read(reader, NOW + minutes * MINUTE)
        assert texts() == ["first", "last", "after all that", "broken"]
        row.refresh_from_db()
        assert (row.state, row.message) == ("taken", Message.objects.filter(direction="in").latest("id"))
        assert theirs.holds(criteria="KEYWORD PharosTaken") == 4
    assert fresh(entry).cursor["missed"] == {}


def test_mail_that_is_left_out_is_asked_for_again_and_forgotten_when_it_is_gone(dovecot, monkeypatch):
    whole, hidden = Mailbox.fetch, {2}

    def fetch(self: Mailbox, uids):
        given = whole(self, uids)
        left_out = [uid for uid in uids if uid in hidden]
        return Given([mail for mail in given.mails if mail.uid not in hidden], [*given.left_out, *left_out])

    monkeypatch.setattr(Mailbox, "fetch", fetch)
    entry = make_mailbox(make_organisation(), dovecot)
    with box(dovecot, entry) as theirs, reading() as reader:
        theirs.put(*(written(said) for said in ("one", "two", "three")))
        assert read(reader) == 2
        assert (texts(), fresh(entry).cursor["missed"]) == (["one", "three"], {"2": 1})
        assert entry.cursor["uid"] == 3
        hidden.clear()
        assert read(reader, NOW + timedelta(seconds=59)) == 0
        assert read(reader, NOW + MINUTE) == 1
        assert (texts(), fresh(entry).cursor["missed"]) == (["one", "three", "two"], {})
        hidden.add(4)
        theirs.put(written("four"))
        read(reader, NOW + 10 * MINUTE)
        assert fresh(entry).cursor["missed"] == {"4": 1}
        theirs.client.select("INBOX")
        theirs.client.uid("STORE", "4", "+FLAGS", "(\\Deleted)")
        theirs.client.expunge()
        read(reader, NOW + 12 * MINUTE)
        assert (fresh(entry).cursor["missed"], Quarantined.objects.exists()) == ({}, False)


def test_server_that_gives_none_of_many_is_out_of_reach_and_loses_nothing(dovecot, monkeypatch):
    whole = Mailbox.fetch
    monkeypatch.setattr(Mailbox, "fetch", lambda self, uids: Given([], list(uids)))
    entry = make_mailbox(make_organisation(), dovecot)
    with box(dovecot, entry) as theirs, reading() as reader:
        theirs.put(*(written(f"mail {number}") for number in range(6)))
        turns(reader, NOW, 3)
        assert fresh(entry).failures > 2
        assert "gives none" in entry.failure
        monkeypatch.setattr(Mailbox, "fetch", whole)
        turns(reader, NOW + 3 * MINUTE, 2)
    assert texts() == [f"mail {number}" for number in range(6)]
    assert (fresh(entry).failing_since, Quarantined.objects.exists()) == (None, False)
