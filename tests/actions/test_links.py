"""Links that work once, until they expire."""

from datetime import timedelta

import pytest

from pharos.actions import links
from pharos.models import OneTimeLink
from tests.factories import make_organisation, make_user

pytestmark = pytest.mark.django_db
INVITATION, FIRST = OneTimeLink.Purpose.INVITATION, OneTimeLink.Purpose.FIRST_ADMINISTRATOR


def test_spend_once_only(now):
    user = make_user(make_organisation())
    token = links.make(purpose=INVITATION, user=user, now=now)
    spent = links.spend(token=token, purpose=INVITATION, now=now)
    assert spent
    assert spent.user == user
    assert links.spend(token=token, purpose=INVITATION, now=now) is None


def test_find_needs_the_right_purpose_and_time(now):
    token = links.make(purpose=FIRST, now=now)
    assert links.find(token=token, purpose=INVITATION, now=now) is None
    assert links.find(token=token, purpose=FIRST, now=now + timedelta(hours=1)) is None
    assert links.find(token=token, purpose=FIRST, now=now)


def test_make_replaces_only_the_unused_one_of_the_same_user(now):
    first, second = make_user(make_organisation()), make_user(make_organisation())
    kept = links.make(purpose=INVITATION, user=second, now=now)
    used = links.make(purpose=INVITATION, user=first, now=now)
    links.spend(token=used, purpose=INVITATION, now=now)
    links.make(purpose=INVITATION, user=first, now=now)
    links.make(purpose=INVITATION, user=first, now=now)
    assert OneTimeLink.objects.count() == 3
    assert links.find(token=kept, purpose=INVITATION, now=now)
