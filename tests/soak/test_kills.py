"""Web and worker are killed at random moments under load: what was acknowledged is there once, and goes on."""

import logging
import os
import random
import signal
import time
from collections import Counter

import pytest

from tests.channels.conftest import Mailbox, mail_server
from tests.journeys.conftest import Installation
from tests.soak.load import Agents, Senders
from tests.soak.store import Store, wait_until

AGENTS = 3
pytestmark = pytest.mark.usefixtures("quiet_mail_server")
OPEN_MAIL = "SELECT COUNT(*) FROM pharos_message WHERE state IN ('queued', 'sending') AND attempts < 3"
UNDER_WAY = "SELECT COUNT(*) FROM pharos_message WHERE state = 'sending'"
WAITING = "SELECT COUNT(*) FROM pharos_contact WHERE state <> 'closed'"
MAILS = "SELECT id, state, maybe_twice, sort FROM pharos_message WHERE direction = 'out' AND address <> ''"
LEASE_S = 20


@pytest.fixture
def quiet_mail_server(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING, logger="mail.log")


def kill_again_and_again(installation: Installation, mailbox: Mailbox, *, kills: int, pause_s: tuple[float, float]):
    rng = random.Random(kills)
    installation.environment["PHAROS_SMTP_URL"] = mailbox.url
    made = installation.demo(agents=AGENTS)
    store = Store(installation)
    store.change("UPDATE pharos_organisation SET is_demo = " + ("FALSE" if installation.is_postgresql else "0"))
    address = installation.start()
    with (
        Senders(address, made["api_token"], count=2, pause_s=0.3) as senders,
        Agents(address, [one["token"] for one in made["agents"]]) as agents,
    ):
        senders.until(kept=5)
        for number in range(kills):
            time.sleep(rng.uniform(*pause_s))
            children = installation.children()
            if children:
                os.kill(children[(number + rng.randrange(2)) % len(children)], signal.SIGKILL)
            senders.until(kept=1, within_s=90)
        installation.wait()
        senders.until(kept=5)
    assert senders.wrong == []
    store.check(kept=senders.kept, unsure=senders.unsure)
    with Agents(address, [one["token"] for one in made["agents"]]) as again:
        wait_until(lambda: store.number(WAITING) == 0, within_s=60 + kills * 10, what="everybody is served")
    if store.number(UNDER_WAY):
        _let_leases_end(installation, store)
    wait_until(lambda: store.number(OPEN_MAIL) == 0, within_s=LEASE_S + 90, what="all mail went out")
    installation.stop()
    store.check(kept=senders.kept, unsure=senders.unsure)
    assert agents.wrong + again.wrong == []
    twice = _sent_once_or_marked(store, mailbox, kills=kills)
    print(
        f"{kills} kills: {len(senders.kept)} kept, {dict(senders.statuses)}, "
        f"{len(mailbox.mails)} mails, {twice} of them twice"
    )


def _let_leases_end(installation: Installation, store: Store) -> None:
    """What a killed worker was sending is leased for two minutes: with everything stopped these may end at once."""
    installation.stop()
    then = "now() - interval '1 second'" if installation.is_postgresql else "datetime('now', '-1 second')"
    store.change(f"UPDATE pharos_message SET lease_until = {then} WHERE state = 'sending'")
    installation.start()
    due = "now()" if installation.is_postgresql else "datetime('now')"
    time.sleep(6)  # the loop that gives them back runs every five seconds
    assert store.number(UNDER_WAY + " AND attempts = 1") == 0
    store.change(f"UPDATE pharos_message SET due_at = {due} WHERE state = 'queued' AND maybe_twice")


def _sent_once_or_marked(store: Store, mailbox: Mailbox, *, kills: int) -> int:
    """Every mail arrived; one that arrived more than once is marked. Returns how many did."""
    keys = [str(mail["Message-ID"]).partition(".")[0] for mail in mailbox.mails]
    arrived = Counter(int(key.removeprefix("<m")) for key in keys if key.startswith("<m"))  # not what staff got
    rows = {pk: (state, bool(marked)) for pk, state, marked, _sort in store.rows(MAILS)}
    assert {pk: state for pk, (state, _) in rows.items() if state != "sent"} == {}
    assert [pk for pk in rows if not arrived[pk]] == []
    twice = [pk for pk, count in arrived.items() if count > 1]
    assert [pk for pk in twice if not rows[pk][1]] == []
    assert all(count <= 1 + kills for count in arrived.values())
    assert len(twice) <= kills * 2  # no more than were under way in the two hands of a worker that was killed
    return len(twice)


def test_parts_killed_under_load(installation: Installation) -> None:
    with mail_server() as mailbox:
        kill_again_and_again(installation, mailbox, kills=3, pause_s=(0.5, 2.0))


@pytest.mark.soak
def test_parts_killed_fifty_times(installation: Installation) -> None:
    with mail_server() as mailbox:
        kill_again_and_again(installation, mailbox, kills=50, pause_s=(3.0, 9.0))
