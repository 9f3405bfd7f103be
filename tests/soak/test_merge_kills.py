"""Joining and taking apart without end, killed fifty times at any moment: a merge is there whole or not at all."""

import random
import signal

import pytest
from django.utils import timezone

from pharos.actions import merging
from pharos.models import Merge, Message
from tests.actions.merge_kills import joining
from tests.actions.test_merge_kills import pair
from tests.actions.test_merging import different, fresh, rows
from tests.factories import who_has

KILLS = 50


@pytest.mark.soak
def test_a_merge_killed_fifty_times_is_there_whole_or_not_at_all(transactional_db: None) -> None:
    keep, join = pair()
    apart, words = rows(), list(Message.objects.filter(direction="in").order_by("pk").values())
    rng, joined = random.Random(KILLS), 0
    with joining() as process:
        for _ in range(KILLS):
            assert process.killed_within(rng.uniform(0.05, 0.6), keep, join) == -signal.SIGKILL
            standing = Merge.objects.filter(undone_at__isnull=True).first()
            assert (fresh(join).merged_into, fresh(join).state) == ((keep, "closed") if standing else (None, "waiting"))
            joined += bool(standing)
            standing = standing or merging.merge(
                keep=fresh(keep), join=fresh(join), by=who_has(keep), reasons=[], now=timezone.now()
            )
            assert (fresh(keep).needed_by, fresh(keep).lane.band) == (join.needed_by, 0)
            merging.undo(merge=standing, by=who_has(keep), now=timezone.now())
            assert different(apart, rows()) == []
    assert list(Message.objects.filter(direction="in").order_by("pk").values()) == words
    print(f"{KILLS} kills, {joined} of them while joined, {Merge.objects.count()} merges")
