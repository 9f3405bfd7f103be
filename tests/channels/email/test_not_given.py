"""Mail that a server lists and does not give: it holds up no other, is asked for again, and is shown and never lost."""

from datetime import timedelta
from itertools import count
from pathlib import Path

import pytest

from pharos.channels.email import turn
from pharos.channels.email.imap import Mailbox
from pharos.channels.email.imap_failures import Unreachable
from pharos.models import EntryPoint, Message, Quarantined
from tests.channels.email.conftest import box, make_mailbox, read, reading, written
from tests.channels.email.moody import moods
from tests.channels.email.test_mailboxes import fresh, texts
from tests.factories import NOW, make_organisation

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


def file_of(folder: Path, said: str) -> Path:
    """The file in which the server keeps the mail that says this."""
    return next(file for file in folder.glob("[cn][ue][rw]/*") if said in file.read_text())


def allow(file: Path, mode: int) -> None:
    """The server renames a file when it is listed or marked."""
    for found in file.parent.parent.glob(f"[cn][ue][rw]/{file.name.partition(':')[0]}*"):
        found.chmod(mode)


def turns(reader, start, minutes: int, *, every: int = 20) -> None:
    """What a worker does in this time, looking after so many seconds."""
    for second in range(0, minutes * 60, every):
        read(reader, start + timedelta(seconds=second))


def one_turn(reader, now) -> None:
    """Though more may wait."""
    reader.read_due(clock=lambda: now, going=lambda: True)


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
        turns(reader, NOW + 8 * MINUTE, 5)
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
    entry = make_mailbox(make_organisation(), dovecot)
    with box(dovecot, entry) as theirs, reading() as reader, moods(monkeypatch) as server:
        server.leaves_out = {2}
        theirs.put(*(written(said) for said in ("one", "two", "three")))
        assert read(reader) == 2
        assert (texts(), fresh(entry).cursor["missed"]) == (["one", "three"], {"2": 1})
        assert entry.cursor["uid"] == 3
        server.leaves_out = set()
        assert read(reader, NOW + timedelta(seconds=59)) == 0
        assert read(reader, NOW + MINUTE) == 1
        assert (texts(), fresh(entry).cursor["missed"]) == (["one", "three", "two"], {})
        server.leaves_out = {4}
        theirs.put(written("four"))
        read(reader, NOW + 10 * MINUTE)
        assert fresh(entry).cursor["missed"] == {"4": 1}
        taken_away(theirs, 4)
        turns(reader, NOW + 12 * MINUTE, 2)
        assert (fresh(entry).cursor["missed"], Quarantined.objects.exists()) == ({}, False)


def test_server_that_gives_none_of_many_is_out_of_reach_and_loses_nothing(dovecot, monkeypatch):
    entry = make_mailbox(make_organisation(), dovecot)
    with box(dovecot, entry) as theirs, reading() as reader, moods(monkeypatch) as server:
        server.gives_nothing = True
        theirs.put(*(written(f"mail {number}") for number in range(6)))
        turns(reader, NOW, 3)
        assert fresh(entry).failures > 2
        assert "gives none" in entry.failure
        server.gives_nothing = False
        turns(reader, NOW + 3 * MINUTE, 2)
    assert texts() == [f"mail {number}" for number in range(6)]
    assert (fresh(entry).failing_since, Quarantined.objects.exists()) == (None, False)


def test_mail_that_was_not_given_is_asked_for_while_other_mail_waits(dovecot, monkeypatch):
    monkeypatch.setattr(turn, "AT_ONCE", 1)
    entry = make_mailbox(make_organisation(), dovecot)
    with box(dovecot, entry) as theirs, reading() as reader, moods(monkeypatch) as server:
        server.leaves_out, server.hangs_up_over = {1, 3}, {2}
        theirs.put(*(written(f"mail {number}", sender=f"p{number}@example.org") for number in range(1, 41)))
        for step in range(12):
            one_turn(reader, NOW + step * MINUTE / 2)
        assert {1, 2, 3} <= {uids[0] for uids in server.asked[5:]}
        server.leaves_out = {1}
        for step in range(12, 20):
            one_turn(reader, NOW + step * MINUTE / 2)
        assert "mail 3" in texts()
        assert "mail 40" not in texts()
        in_vain = [uids[0] for uids in server.asked[5:] if uids[0] <= 2]
        assert len(in_vain) <= 10  # in ten minutes: the others are not slowed down for it


@pytest.mark.parametrize("until", [1, 2])
def test_mail_that_is_left_out_is_not_forgotten_when_the_worker_stops_in_between(dovecot, monkeypatch, until):
    entry = make_mailbox(make_organisation(), dovecot)
    with box(dovecot, entry) as theirs, moods(monkeypatch) as server:
        server.leaves_out = {1, 3}
        theirs.put(*(written(said, sender=f"{said}@example.org") for said in ("one", "two", "three", "four")))
        with reading() as reader:
            asked = count()
            reader.read_due(clock=lambda: NOW, going=lambda: next(asked) < until)
        assert texts() == ["two"][: until - 1]
        assert fresh(entry).cursor["missed"] == ({"1": 1} if until > 1 else {})
        server.leaves_out = set()
        with reading() as reader:
            turns(reader, NOW + MINUTE, 3)
    assert sorted(texts()) == ["four", "one", "three", "two"]
    assert fresh(entry).cursor["missed"] == {}


def test_many_mails_that_were_not_given_hold_up_no_other(dovecot):
    """Though a server refuses a command that names them all."""
    entry = make_mailbox(make_organisation(), dovecot)
    with box(dovecot, entry) as theirs, reading() as reader:
        theirs.put(written("one"))
        read(reader)
        missed = {str(10_000 + number): 2 for number in range(12_000)}
        EntryPoint.objects.filter(pk=entry.pk).update(cursor={**fresh(entry).cursor, "missed": missed})
        theirs.put(written("two"))
        read(reader, NOW + 5 * MINUTE)
    assert texts() == ["one", "two"]
    assert fresh(entry).failing_since is None


def row_of_a_mail_not_given(theirs, reader, server) -> Quarantined:
    """After eight minutes, of the only mail in the box."""
    server.leaves_out = {1}
    theirs.put(written("one"))
    turns(reader, NOW, 8)
    row = Quarantined.objects.get()
    assert (row.why, row.state) == ("not_given", "kept")
    return row


def taken_away(theirs, uid: int) -> None:
    """By somebody with a mail program."""
    theirs.client.select("INBOX")
    theirs.client.uid("STORE", str(uid), "+FLAGS", "(\\Deleted)")
    theirs.client.expunge()


def test_mail_shown_as_not_given_is_shown_no_more_when_somebody_took_it_away(dovecot, monkeypatch):
    entry = make_mailbox(make_organisation(), dovecot)
    with box(dovecot, entry) as theirs, reading() as reader, moods(monkeypatch) as server:
        row = row_of_a_mail_not_given(theirs, reader, server)
        taken_away(theirs, 1)
        turns(reader, NOW + 20 * MINUTE, 2)
    row.refresh_from_db()
    assert (row.state, row.settled_at, row.settled_by) == ("discarded", NOW + 21 * MINUTE, None)


def test_mail_shown_as_not_given_stays_when_the_server_lists_none_for_a_moment(dovecot, monkeypatch):
    entry = make_mailbox(make_organisation(), dovecot)
    with box(dovecot, entry) as theirs, reading() as reader, moods(monkeypatch) as server:
        row = row_of_a_mail_not_given(theirs, reader, server)
        with monkeypatch.context() as patched:
            patched.setattr(Mailbox, "_search", lambda _box, _criteria: [])
            read(reader, NOW + 20 * MINUTE)
        row.refresh_from_db()
        assert (row.state, fresh(entry).cursor["missed"].keys()) == ("kept", {"1"})
        server.leaves_out = set()
        read(reader, NOW + 21 * MINUTE)
    row.refresh_from_db()
    assert (row.state, texts(), fresh(entry).cursor["missed"]) == ("taken", ["one"], {})


def test_mail_that_is_left_out_is_not_forgotten_when_the_server_lists_none_for_a_moment(dovecot, monkeypatch):
    entry = make_mailbox(make_organisation(), dovecot)
    with box(dovecot, entry) as theirs, reading() as reader, moods(monkeypatch) as server:
        server.leaves_out = {1}
        theirs.put(written("one"), written("two", sender="two@example.org"))
        with monkeypatch.context() as patched:
            patched.setattr(Mailbox, "listed", lambda _box, _uids: [])
            read(reader, NOW)
            read(reader, NOW + MINUTE)
        server.leaves_out = set()
        read(reader, NOW + 2 * MINUTE)
    assert texts() == ["two", "one"]


def numbered_anew(entry: EntryPoint, row: Quarantined) -> None:
    """As if what is known of the mailbox were of another numbering."""
    cursor = fresh(entry).cursor
    EntryPoint.objects.filter(pk=entry.pk).update(cursor={**cursor, "validity": cursor["validity"] - 1})
    Quarantined.objects.update(key=row.key.replace(str(cursor["validity"]), str(cursor["validity"] - 1)))


def test_mail_shown_as_not_given_is_shown_no_more_when_the_mailbox_is_numbered_anew(dovecot, monkeypatch):
    entry = make_mailbox(make_organisation(), dovecot)
    with box(dovecot, entry) as theirs, moods(monkeypatch) as server:
        with reading() as reader:
            row = row_of_a_mail_not_given(theirs, reader, server)
        server.leaves_out = set()
        numbered_anew(entry, row)
        with reading() as reader:
            turns(reader, NOW + 20 * MINUTE, 1)
    row.refresh_from_db()
    assert (row.state, texts(), fresh(entry).cursor["missed"]) == ("discarded", ["one"], {})


@pytest.mark.parametrize(("days", "state", "taken"), [(22, "discarded", ["one"]), (28, "kept", [])])
def test_mail_not_given_stays_shown_when_it_is_too_old_to_be_asked_for_by_a_new_number(
    dovecot, monkeypatch, days, state, taken
):
    """Where the server keeps no marks: older mails that were taken in are known no more, and would all come again."""
    enter = Mailbox._enter

    def without_marks(self: Mailbox):
        enter(self)
        self._keeps_marks = False

    monkeypatch.setattr(Mailbox, "_enter", without_marks)
    entry = make_mailbox(make_organisation(), dovecot, start="new")
    with box(dovecot, entry) as theirs, moods(monkeypatch) as server:
        with reading() as reader:
            read(reader, NOW - 10 * MINUTE)
            server.leaves_out = {1}
            theirs.put(written("one"), came=f"{NOW:%d-%b-%Y}")
            turns(reader, NOW, 8)
        row = Quarantined.objects.get()
        numbered_anew(entry, row)
        server.leaves_out = set()
        with reading() as reader:
            turns(reader, NOW + timedelta(days=days), 1)
    row.refresh_from_db()
    assert (row.state, texts()) == (state, taken)


def test_mail_shown_as_not_given_stays_when_another_mailbox_is_set(dovecot, monkeypatch):
    """Nobody asks for it any more, so somebody has to look."""
    entry = make_mailbox(make_organisation(), dovecot)
    with box(dovecot, entry) as theirs, reading() as reader, moods(monkeypatch) as server:
        row = row_of_a_mail_not_given(theirs, reader, server)
        theirs.client.create("Other")
        EntryPoint.objects.filter(pk=entry.pk).update(options={**entry.options, "folder": "Other"})
        turns(reader, NOW + 20 * MINUTE, 1)
        assert "Other" in fresh(entry).cursor["box"]
    row.refresh_from_db()
    assert row.state == "kept"


def test_mail_that_came_after_all_is_shown_no_more_though_the_line_broke_when_it_was_moved(dovecot, monkeypatch):
    entry = make_mailbox(make_organisation(), dovecot, keep_in="Taken")
    moved = Mailbox.settle

    def settle(self: Mailbox, uids):
        moved(self, uids)
        raise Unreachable("the connection ended")

    with box(dovecot, entry) as theirs, reading() as reader, moods(monkeypatch) as server:
        row = row_of_a_mail_not_given(theirs, reader, server)
        server.leaves_out = set()
        with monkeypatch.context() as patched:
            patched.setattr(Mailbox, "settle", settle)
            read(reader, NOW + 20 * MINUTE)
        turns(reader, NOW + 21 * MINUTE, 3)
        assert (theirs.holds(), theirs.holds("Taken")) == (0, 1)
    row.refresh_from_db()
    assert (row.state, row.message) == ("taken", Message.objects.get(direction="in"))
    assert fresh(entry).cursor["missed"] == {}
