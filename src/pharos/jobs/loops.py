"""The named loops: what the centre does by itself, and how often."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import NamedTuple

import numpy as np
from django.conf import settings

from pharos.actions import (
    alarms,
    certain,
    chats,
    clocks,
    cues,
    delivery,
    learning,
    need_times,
    promises,
    routing,
    trims,
    waits,
    words,
)
from pharos.channels import webhooks
from pharos.channels.delivery import deliver_messages, deliver_staff_mail
from pharos.channels.email.mailboxes import Reader
from pharos.channels.sms.media import fetch_due
from pharos.channels.social.changes import look_again
from pharos.channels.social.inbox import read_due as read_social
from pharos.channels.social.posting import deliver_posts
from pharos.jobs import machine, pages
from pharos.jobs.dispatching import Dispatching
from pharos.models import Organisation
from pharos.queries import hearing


class Turn(NamedTuple):
    """What a loop gets each time: the clock, and whether it may go on with another piece of work."""

    clock: Callable[[], datetime]
    going: Callable[[], bool]


Run = Callable[[Turn], bool]
DROPS = (
    trims.cues,
    trims.live_log,
    trims.quarantined,
    trims.staged_attachments,
    trims.submissions,
    trims.wait_readings,
    trims.webhook_deliveries,
)


@dataclass(frozen=True)
class Loop:
    """One named loop. `begin` makes its function, once in each thread that runs it; that says whether to go on at once.

    `alone`: one worker at a time runs it. The others lease their rows, so every worker runs them, in `hands` threads.
    """

    name: str
    every_s: float
    begin: Callable[[], Run]
    alone: bool = True
    hands: int = 1


def _at(action: Callable[..., object]) -> Callable[[], Run]:
    """A loop around an action that looks through all organisations by itself."""

    def run(turn: Turn) -> bool:
        action(now=turn.clock())
        return False

    return lambda: run


def _each(action: Callable[..., object]) -> Callable[[], Run]:
    """A loop around an action on one organisation: what fails in one does not keep the others waiting."""

    def run(turn: Turn) -> bool:
        return for_each(Organisation.objects.order_by("id"), lambda one: action(organisation=one, now=turn.clock()))

    return lambda: run


def for_each(organisations: Iterable[Organisation], action: Callable[[Organisation], object]) -> bool:
    """Act for each, then raise what failed on the way. Always False: nothing more to do now."""
    failures: list[Exception] = []
    for organisation in organisations:
        try:
            action(organisation)
        except Exception as error:  # noqa: BLE001 - raised below, after the others have had their turn
            failures.append(error)
    if failures:
        raise failures[0] if len(failures) == 1 else ExceptionGroup("several organisations", failures)
    return False


def _sending(deliver: Callable[..., int]) -> Callable[[], Run]:
    return lambda: lambda turn: bool(deliver(clock=turn.clock, going=turn.going))


def _mailboxes() -> Run:
    reader = Reader()
    return lambda turn: bool(reader.read_due(clock=turn.clock, going=turn.going))


def _waits() -> Run:
    rng = np.random.default_rng()

    def run(turn: Turn) -> bool:
        publish = partial(waits.publish, rng=rng, player=machine.player())
        return for_each(Organisation.objects.order_by("id"), lambda one: publish(organisation=one, now=turn.clock()))

    return run


def _words(_turn: Turn) -> bool:
    return words.write_due()


def _signals() -> Run:
    hearing.warm()
    return lambda turn: cues.hear_due(now=turn.clock())


def _pages(turn: Turn) -> bool:
    return pages.write_changed(now=turn.clock())


def _trims(turn: Turn) -> bool:
    """True while there is more than one batch."""
    now = turn.clock()
    dropped = [drop(now=now) for drop in DROPS]
    return max(dropped) >= trims.BATCH


def _offers() -> Run:
    dispatching = Dispatching()

    def run(turn: Turn) -> bool:
        return for_each(dispatching.due(), lambda one: routing.dispatch(organisation=one, now=turn.clock()))

    return run


def _plain(run: Run) -> Callable[[], Run]:
    return lambda: run


LOOPS: Mapping[str, Loop] = {
    loop.name: loop
    for loop in (
        Loop("offers", settings.ENVIRONMENT.sweep_seconds, _offers),
        Loop("expired-offers", 1.0, _at(routing.expire_offers)),
        Loop("bands", 10.0, _at(routing.reband_due)),
        Loop("wake", 5.0, _at(routing.wake_due)),
        Loop("waits", 5.0, _waits),
        Loop("learning", 600.0, _each(learning.learn_at_night)),
        Loop("promises", 5.0, _each(promises.revise)),
        Loop("alarms", 2.0, _each(alarms.sweep)),
        Loop("messages", 0.5, _sending(deliver_messages), alone=False, hands=4),
        Loop("staff-mail", 1.0, _sending(deliver_staff_mail), alone=False),
        Loop("webhooks", 1.0, _sending(webhooks.deliver_due), alone=False, hands=4),
        Loop("files", 1.0, _sending(fetch_due), alone=False),
        Loop("social", 5.0, _sending(read_social)),
        Loop("social-changes", 120.0, _sending(look_again)),
        Loop("posts", 2.0, _sending(deliver_posts), alone=False),
        Loop("mailboxes", 0.5, _mailboxes),
        Loop("interrupted", 5.0, _at(delivery.release_expired)),
        Loop("chats", 15.0, _each(chats.hand_over)),
        Loop("clock", 5.0, _at(clocks.put_right)),
        Loop("pages", 1.0, _plain(_pages)),
        Loop("page-copies", 60.0, _at(pages.write_all)),
        Loop("needs", 60.0, _at(need_times.pass_on)),
        Loop("words", 1.0, _plain(_words)),
        Loop("signals", 0.5, _signals),
        Loop("same-person", 2.0, _plain(lambda turn: certain.join_due(now=turn.clock()))),
        Loop("trims", 300.0, _plain(_trims)),
    )
}
