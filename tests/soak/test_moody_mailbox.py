"""A mail server that gives and withholds as it likes for a day: at its end every mail was taken in, each once."""

from datetime import datetime, timedelta
from random import Random

import pytest

from pharos.channels.email import turn
from pharos.models import Quarantined
from pharos.queries import watch
from tests.channels.email.conftest import box, dovecot, make_mailbox, reading, written
from tests.channels.email.moody import Moods, moods
from tests.channels.email.test_mailboxes import fresh, texts
from tests.channels.email.test_not_given import one_turn, turns
from tests.factories import NOW, make_organisation

__all__ = ["dovecot"]
MINUTE = timedelta(minutes=1)


def change(server: Moods, rng: Random) -> None:
    """Which mails it withholds now, and how."""
    share = rng.choice([0, 0.1, 0.3, 0.5])
    server.leaves_out, server.hangs_up_over = ({uid for uid in range(200) if rng.random() < share} for _ in range(2))
    server.breaks, server.gives_nothing = rng.choice([0, 0, 1, 3]), rng.random() < 0.1


def a_day(reader, theirs, server: Moods, rng: Random) -> tuple[list[str], datetime]:
    """The words of all mails that came, and when it ends."""
    words: list[str] = []
    now = NOW
    for _ in range(24):
        for _ in range(rng.choice([0, 0, 1, 1, 6])):
            words.append(f"mail {len(words)}")
            theirs.put(written(words[-1], sender=f"p{len(words)}@example.org"))
        change(server, rng)
        for _ in range(rng.choice([1, 5, 30])):
            now += timedelta(seconds=rng.choice([5, 20, 60]))
            one_turn(reader, now)
    return words, now


@pytest.mark.soak
@pytest.mark.django_db
@pytest.mark.parametrize("seed", range(20))
def test_server_that_withholds_mail_at_will_loses_none_and_has_none_taken_twice(dovecot, monkeypatch, seed):
    rng = Random(seed)
    monkeypatch.setattr(turn, "AT_ONCE", 4)
    entry = make_mailbox(make_organisation(), dovecot, keep_in=rng.choice(["", "Taken"]))
    with box(dovecot, entry) as theirs, reading() as reader, moods(monkeypatch) as server:
        words, now = a_day(reader, theirs, server, rng)
        server.leaves_out, server.hangs_up_over, server.breaks, server.gives_nothing = set(), set(), 0, False
        turns(reader, now + 10 * MINUTE, 45)
        assert sorted(texts()) == sorted(words)
        assert fresh(entry).cursor["missed"] == {}
    assert not watch.out_of_reach(now=now + 60 * MINUTE).exists()
    assert not Quarantined.objects.filter(state="kept").exists()
