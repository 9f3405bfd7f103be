"""More words from the person: once, in the old place, and waiting again."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from functools import partial

import pytest
from django.db import IntegrityError, connections

from pharos.actions import conversation, further, intake
from pharos.actions.errors import KeyReused
from pharos.models import Message, Submission
from tests.actions.test_conversation import State, fresh, taken

pytestmark = pytest.mark.django_db


def test_words_after_the_close_reopen_with_the_old_place_and_agent(now: datetime) -> None:
    contact, agent = taken(now)
    conversation.close(contact=contact, disposition="solved", summary="Done.", by=agent.user, now=now)
    later = now + timedelta(days=1)
    further.add_words(contact=fresh(contact), text="Still broken", door="page", key="k", digest="d", now=later)
    again = fresh(contact)
    assert (again.state, again.agent, again.preferred_agent) == (State.WAITING, None, agent)
    assert again.virtual_arrival == contact.virtual_arrival
    assert again.promises.filter(settled_at__isnull=True).count() == 1


def test_the_same_words_twice_are_there_once(now: datetime) -> None:
    contact, _ = taken(now)
    for _ in range(2):
        further.add_words(contact=contact, text="More", door="page", key="k", digest="d", now=now)
    assert contact.messages.filter(sort=Message.Sort.WORDS).count() == 1


def test_other_words_under_the_same_key_are_refused(now: datetime) -> None:
    contact, _ = taken(now)
    further.add_words(contact=contact, text="More", door="page", key="k", digest="d", now=now)
    with pytest.raises(KeyReused):
        further.add_words(contact=contact, text="Other", door="page", key="k", digest="e", now=now)
    assert contact.messages.filter(sort=Message.Sort.WORDS).count() == 1


@pytest.mark.django_db(transaction=True)
def test_the_same_words_at_once_are_there_once(now: datetime) -> None:
    contact, _ = taken(now)

    def add(_number: int) -> int:
        try:
            same = partial(further.add_words, text="More", door="page", key="k", digest="d")
            return same(contact=fresh(contact), now=now).pk
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        assert len(set(pool.map(add, range(6)))) == 1
    assert contact.messages.filter(sort=Message.Sort.WORDS).count() == 1


def test_words_that_cannot_be_kept_say_why_and_leave_no_proof_of_delivery(now: datetime, monkeypatch) -> None:
    contact, _ = taken(now)

    def fail(*_: object, **__: object) -> None:
        raise IntegrityError("of something else")

    monkeypatch.setattr(intake, "adopt", fail)
    before = Submission.objects.count()
    with pytest.raises(IntegrityError, match="of something else"):
        further.add_words(contact=contact, text="More", door="page", key="k", digest="d", now=now)
    assert (Submission.objects.count(), contact.messages.filter(sort=Message.Sort.WORDS).count()) == (before, 0)
