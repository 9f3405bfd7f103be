"""Killed in the middle of a merge: everything is as before, and joining again works."""

import signal
from datetime import timedelta

from django.utils import timezone

from pharos.actions import merging, routing
from pharos.models import Contact, ContactEvent, Merge, Message, NotSame, Offer, WebhookDelivery
from tests.actions.merge_kills import joining
from tests.actions.test_merging import different, fresh, rows
from tests.factories import make_agent, make_contact, make_organisation, who_has

HOUR = timedelta(hours=1)
SAID_ON_THE_WAY = (Merge, NotSame, ContactEvent, WebhookDelivery, Message)


def pair() -> tuple[Contact, Contact]:
    """One in an agent's hands; the other came before it, in danger, with a day and a promise."""
    now = timezone.now()
    centre = make_organisation(time_zone=f"Etc/GMT{now.hour - 12:+d}")  # midday: no midnight comes between
    agent, keep = make_agent(centre), make_contact(centre, now=now - HOUR)
    assert routing.dispatch(organisation=centre, now=now) == 1
    keep = routing.accept(offer=Offer.objects.get(contact=keep, state="open"), agent=agent, now=now)
    join = make_contact(centre, now=now - 2 * HOUR, danger=True, needed_by=(now + timedelta(days=2)).date())
    return keep, join


def everything() -> tuple[dict[str, object], list[int]]:
    return rows(), [model.objects.count() for model in SAID_ON_THE_WAY]


def test_a_process_killed_in_the_middle_of_a_merge_leaves_everything_as_it_was(transactional_db: None) -> None:
    keep, join = pair()
    before = everything()
    killed = 0
    with joining() as process:
        for steps in (1, 5, 12, 20, 30, 40, 50, 60, 80):
            ended = process.killed_after(steps, keep, join)
            if not ended:
                break
            killed += 1
            assert ended == -signal.SIGKILL
            assert everything() == before
    assert killed >= 6
    if ended:
        merging.merge(keep=fresh(keep), join=fresh(join), by=who_has(keep), reasons=[], now=timezone.now())
    assert (fresh(join).merged_into, fresh(keep).needed_by, fresh(keep).lane.band) == (keep, join.needed_by, 0)
    merging.undo(merge=Merge.objects.get(), by=who_has(keep), now=timezone.now())
    assert different(before[0], rows()) == []
