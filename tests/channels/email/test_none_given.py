"""A server that lists mail and gives none of it: told for as long as that is so, and nothing behind it is held up."""

from datetime import timedelta

import pytest

from pharos.channels.email import imap, turn
from pharos.channels.email.imap import Mailbox
from pharos.models import Quarantined
from pharos.queries import watch
from tests.channels.email.conftest import box, make_mailbox, read, reading, written
from tests.channels.email.moody import moods
from tests.channels.email.test_mailboxes import fresh, texts
from tests.channels.email.test_not_given import turns
from tests.factories import NOW, make_organisation

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


def mails(*words: str) -> list[bytes]:
    return [written(word, sender=f"{word}@example.org") for word in words]


def is_alarm(now) -> bool:
    return watch.out_of_reach(now=now).exists()


def test_server_that_gives_nothing_is_an_alarm_until_it_gives(dovecot, monkeypatch):
    entry = make_mailbox(make_organisation(), dovecot)
    words = [f"mail{number}" for number in range(8)]
    with box(dovecot, entry) as theirs, reading() as reader, moods(monkeypatch) as server:
        server.hangs_up_over = {*range(100)}
        theirs.put(*mails(*words))
        told = []
        for minute in range(0, 40, 2):
            turns(reader, NOW + minute * MINUTE, 2, every=40)
            told.append(is_alarm(NOW + (minute + 2) * MINUTE))
        assert told[3:] == [True] * 17
        assert len(fresh(entry).cursor["missed"]) == 3
        server.hangs_up_over = set()
        turns(reader, NOW + 40 * MINUTE, 15, every=40)
        assert sorted(texts()) == words
        assert (is_alarm(NOW + 55 * MINUTE), fresh(entry).cursor["missed"]) == (False, {})
    assert not Quarantined.objects.filter(state="kept").exists()


@pytest.mark.parametrize("hangs_up", [False, True])
def test_server_that_gives_none_of_what_trickles_in_is_an_alarm_until_it_gives(dovecot, monkeypatch, hangs_up):
    entry = make_mailbox(make_organisation(), dovecot)
    words = [f"mail{number}" for number in range(5)]
    with box(dovecot, entry) as theirs, reading() as reader, moods(monkeypatch) as server:
        server.gives_nothing, server.hangs_up_over = not hangs_up, {*range(100)} if hangs_up else set()
        told = []
        for at, word in enumerate(words):
            theirs.put(*mails(word))
            turns(reader, NOW + at * 5 * MINUTE, 5)
            told.append(is_alarm(NOW + (at + 1) * 5 * MINUTE))
        assert told == [False] * 3 + [True] * 2
        server.gives_nothing, server.hangs_up_over = False, set()
        turns(reader, NOW + 25 * MINUTE, 15)
    assert sorted(texts()) == words
    assert (is_alarm(NOW + 40 * MINUTE), fresh(entry).cursor["missed"]) == (False, {})


def test_mails_not_given_before_come_though_the_only_new_one_is_bad(dovecot, monkeypatch):
    entry = make_mailbox(make_organisation(), dovecot)
    with box(dovecot, entry) as theirs, reading() as reader, moods(monkeypatch) as server:
        server.leaves_out = {1, 2, 3}
        theirs.put(*mails("one", "two", "three"))
        turns(reader, NOW, 1)
        server.leaves_out, server.hangs_up_over = set(), {4}
        theirs.put(*mails("bad"))
        turns(reader, NOW + 5 * MINUTE, 5)
        assert sorted(texts()) == ["one", "three", "two"]
        assert fresh(entry).cursor["missed"].keys() == {"4"}
        assert not is_alarm(NOW + 10 * MINUTE)


@pytest.mark.parametrize("hangs_up", [False, True])
def test_many_bad_mails_at_the_front_hold_up_nothing_behind_them(dovecot, monkeypatch, hangs_up):
    monkeypatch.setattr(turn, "AT_ONCE", 5)
    entry = make_mailbox(make_organisation(), dovecot)
    with box(dovecot, entry) as theirs, reading() as reader, moods(monkeypatch) as server:
        bad = {*range(1, 15)} - {10}
        server.leaves_out, server.hangs_up_over = (set(), bad) if hangs_up else (bad, set())
        theirs.put(*mails(*(f"front{number}" for number in range(1, 15)), "behind", "last"))
        turns(reader, NOW, 3, every=5)
        assert {"behind", "last"} <= set(texts())
        turns(reader, NOW + 3 * MINUTE, 5)
        assert texts().count("front10") == 1
        assert len(fresh(entry).cursor["missed"]) == 13
        assert not is_alarm(NOW + 8 * MINUTE)
        theirs.put(*mails("new"))
        turns(reader, NOW + 8 * MINUTE, 5)
        assert texts()[-1] == "new"


def test_bad_large_mails_at_the_front_hold_up_nothing_behind_them(dovecot, monkeypatch):
    """Though all that waits is asked for at once: of that, the server is asked for some megabytes."""
    bodies = Mailbox._bodies

    def some(self: Mailbox, uids, part):
        return {uid: raw for uid, raw in bodies(self, uids, part).items() if uid > 4}

    monkeypatch.setattr(Mailbox, "_bodies", some)
    entry = make_mailbox(make_organisation(), dovecot)
    large = [written("photo " * 100, sender=f"{number}@example.org") for number in range(5)]
    monkeypatch.setattr(imap, "AT_ONCE_BYTES", 4 * max(map(len, large)))
    with box(dovecot, entry) as theirs, reading() as reader:
        theirs.put(*large, *mails("behind", "last"))
        turns(reader, NOW, 1)
        assert texts()[1:] == ["behind", "last"]
        assert fresh(entry).cursor["missed"].keys() == {"1", "2", "3", "4"}
        assert fresh(entry).failing_since is None


def test_bad_mails_are_no_alarm_on_a_night_without_others(dovecot, monkeypatch):
    entry = make_mailbox(make_organisation(), dovecot)
    with box(dovecot, entry) as theirs, reading() as reader, moods(monkeypatch) as server:
        server.hangs_up_over = {1, 2, 3, 4, 5}
        theirs.put(*mails("a", "b", "c", "d", "e", "good"))
        turns(reader, NOW, 8)
        assert texts() == ["good"]
        for minute in range(8, 60, 5):
            turns(reader, NOW + minute * MINUTE, 5)
            assert not is_alarm(NOW + (minute + 5) * MINUTE)
    assert Quarantined.objects.filter(why="not_given", state="kept").count() == 5


def test_one_break_of_the_line_puts_no_mail_aside(dovecot, monkeypatch):
    entry = make_mailbox(make_organisation(), dovecot)
    with box(dovecot, entry) as theirs, reading() as reader, moods(monkeypatch) as server:
        theirs.put(*mails("alone"))
        server.breaks = 1
        assert read(reader) == 0
        assert fresh(entry).cursor["missed"] == {}
        assert read(reader, NOW + timedelta(seconds=5)) == 1
        assert (texts(), server.asked) == (["alone"], [[1], [1]])


def test_after_one_mail_over_which_the_server_hangs_up_mail_is_read_in_parts_again(dovecot, monkeypatch):
    monkeypatch.setattr(turn, "AT_ONCE", 4)
    entry = make_mailbox(make_organisation(), dovecot)
    with box(dovecot, entry) as theirs, reading() as reader, moods(monkeypatch) as server:
        server.hangs_up_over = {2}
        theirs.put(*mails(*(f"mail{number}" for number in range(8))))
        turns(reader, NOW, 1, every=5)
        assert server.asked == [[1, 2, 3, 4], [1], [2], [2], [3], [4], [5, 6, 7, 8]]
        assert fresh(entry).cursor["missed"] == {"2": 1}
