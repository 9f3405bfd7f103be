"""The same person at the desk: joined with one key, taken apart with another, and answered each by their own road."""

from datetime import datetime
from typing import Any

import pytest
from django.db import OperationalError
from django.utils import timezone

from pharos.actions import certain
from pharos.models import Contact, Identity, Merge, Message, NotSame
from pharos.queries import suggested
from tests.factories import make_contact

SAID = {
    "name": "Ani Petrosyan",
    "email": "ani@example.org",
    "booking": "AB12CD",
    "text": "My ferry AB12CD is cancelled",
}


def test_who_may_be_the_same_stands_beside_it_and_one_key_joins(desk: Any) -> None:
    mine = desk.held(**SAID)
    again = make_contact(desk.organisation, now=timezone.now(), **SAID)
    page = desk.get(mine).content.decode()
    assert f'value="join:{again.reference}" id="same-join" data-key="KeyJ"' in page
    assert "The same mail address" in page
    joined = desk.post(mine, "same", {"same": f"join:{again.reference}"}, script=True)
    assert joined.status_code == 200
    merge = Merge.objects.get()
    assert (merge.keep, merge.join, merge.by) == (mine, again, desk.agent.user)
    assert merge.reasons
    page = desk.get(mine).content.decode()
    assert 'data-key="KeyU"' in page
    assert f'<option value="{again.reference}"' in page
    after = Message.objects.filter(author=desk.agent.user).count()
    desk.post(mine, "say", {"body": "To you", "to": again.reference, "after": after})
    assert Message.objects.get(body="To you").contact == again
    desk.post(mine, "same", {"same": f"undo:{again.reference}"})
    assert Contact.objects.get(pk=again.pk).state == Contact.State.WAITING
    assert f"join:{again.reference}" not in desk.get(mine).content.decode()


def test_who_is_somebody_else_is_not_suggested_again(desk: Any) -> None:
    mine = desk.held(**SAID)
    again = make_contact(desk.organisation, now=timezone.now(), **SAID)
    desk.post(mine, "same", {"same": f"apart:{again.reference}"})
    assert NotSame.objects.count() == 1
    assert f"join:{again.reference}" not in desk.get(mine).content.decode()


def test_what_is_certain_is_joined_by_itself(desk: Any) -> None:
    now = timezone.now()
    first, again = (make_contact(desk.organisation, now=now, **SAID) for _ in range(2))
    other = make_contact(desk.organisation, now=now)
    Identity.objects.filter(sort="email").update(verified_at=now, verified_by="code")
    assert certain.join_due(now=now) is False
    assert Contact.objects.get(pk=again.pk).merged_into == first
    assert Contact.objects.get(pk=other.pk).merged_into is None
    assert not Contact.objects.filter(is_compared=False, state="waiting").exists()


def test_one_that_cannot_be_compared_keeps_no_other_from_it(desk: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    now = timezone.now()
    broken = make_contact(desk.organisation, now=now)
    first, again = (make_contact(desk.organisation, now=now, **SAID) for _ in range(2))
    Identity.objects.filter(sort="email").update(verified_at=now, verified_by="code")
    matches = suggested.matches

    def broken_for_one(contact: Contact, *, now: datetime) -> Any:
        if contact == broken:
            raise ValueError("no such thing")
        return matches(contact, now=now)

    monkeypatch.setattr(certain, "matches", broken_for_one)
    certain.join_due(now=now)
    assert Contact.objects.get(pk=again.pk).merged_into == first
    assert not Contact.objects.filter(is_compared=False, state="waiting").exists()


def test_a_store_that_is_away_leaves_them_to_be_compared_later(desk: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    now = timezone.now()
    make_contact(desk.organisation, now=now)

    def away(contact: Contact, *, now: datetime) -> Any:
        raise OperationalError

    monkeypatch.setattr(certain, "matches", away)
    with pytest.raises(OperationalError):
        certain.join_due(now=now)
    assert Contact.objects.filter(is_compared=False).count() == 1


def test_an_address_that_was_only_typed_joins_nobody_by_itself(desk: Any) -> None:
    now = timezone.now()
    first, again = (make_contact(desk.organisation, now=now, **SAID) for _ in range(2))
    Identity.objects.filter(person=first.person, sort="email").update(verified_at=now, verified_by="code")
    Identity.objects.filter(person=again.person, sort="email").update(verified_at=now, verified_by="thread")
    certain.join_due(now=now)
    assert not Merge.objects.exists()


def test_the_page_of_each_shows_its_own_words_until_it_is_confirmed(desk: Any) -> None:
    mine = desk.held(**SAID)
    again = make_contact(desk.organisation, now=timezone.now(), **{**SAID, "text": "Words of the other"})
    desk.post(mine, "same", {"same": f"join:{again.reference}"})
    host = desk.organisation.hosts.get().host

    def page(contact: Contact) -> str:
        return str(desk.client.get(f"/en/r/{contact.page_token}/", headers={"host": host}).content.decode())

    assert "Words of the other" in page(again)
    assert "is cancelled" not in page(again)
    assert "Words of the other" not in page(mine)
    assert "A person is working on your request now" in page(again)
    desk.post(mine, "same", {"same": f"confirm:{again.reference}"})
    assert "is cancelled" in page(again)
