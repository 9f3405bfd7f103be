"""Putting right the date and the link of a contact."""

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from pharos.actions import contacts
from pharos.actions.errors import Refused
from pharos.models import Contact
from pharos.queries import floor
from tests.factories import NOW, make_contact, make_organisation, make_user

days_ahead = st.one_of(st.none(), st.integers(min_value=-3, max_value=40))


def day(ahead: int | None, now: datetime = NOW) -> date | None:
    return None if ahead is None else (now + timedelta(days=ahead)).date()


class DatePutRight(TestCase):
    """A place in line never gets worse by a tighter date, and no index by any."""

    @given(before=days_ahead, after=days_ahead, waited_h=st.integers(min_value=0, max_value=60))
    def test_date_put_right_makes_no_index_smaller(self, before, after, waited_h):
        organisation = make_organisation()
        contact = make_contact(organisation, now=NOW - timedelta(hours=waited_h), needed_by=day(before))
        old = floor.serving_order(organisation=organisation, now=NOW, limit=1)[0].index
        contacts.correct_date(contact=contact, needed_by=day(after), by=make_user(organisation), now=NOW)
        new = floor.serving_order(organisation=organisation, now=NOW, limit=1)[0].index
        assert new >= old - 1e-9


@pytest.mark.django_db
def test_tighter_date_moves_the_contact_up(now):
    organisation = make_organisation()
    first = make_contact(organisation, now=now - timedelta(hours=1))
    second = make_contact(organisation, now=now, needed_by=day(30, now))
    assert floor.place(contact=second, now=now) == 2
    contacts.correct_date(contact=second, needed_by=day(1, now), by=make_user(organisation), now=now)
    second.refresh_from_db()
    assert (floor.place(contact=second, now=now), second.lane.band) == (1, 1)
    assert floor.place(contact=first, now=now) == 2


@pytest.mark.django_db
def test_date_changed_by_someone_else_meanwhile_is_looked_at_again(now):
    organisation = make_organisation()
    contact = make_contact(organisation, now=now, needed_by=day(3, now))
    Contact.objects.filter(pk=contact.pk).update(needed_by=day(5, now))
    with pytest.raises(Refused):
        contacts.correct_date(contact=contact, needed_by=day(1, now), by=make_user(organisation), now=now)
    assert Contact.objects.get(pk=contact.pk).needed_by == day(5, now)


@pytest.mark.django_db
def test_link_pressed_twice_is_made_once(now):
    organisation = make_organisation()
    contact = make_contact(organisation, now=now)
    same = Contact.objects.get(pk=contact.pk)
    by = make_user(organisation)
    contacts.renew_page(contact=contact, by=by, now=now)
    contacts.renew_page(contact=same, by=by, now=now)
    assert Contact.objects.get(pk=contact.pk).page_token == contact.page_token
    assert contact.events.filter(code="page_renewed").count() == 1


@pytest.mark.django_db
def test_link_stopped_twice_is_stopped_once(now):
    organisation = make_organisation()
    contact = make_contact(organisation, now=now)
    by = make_user(organisation)
    for _ in range(2):
        contacts.revoke_page(contact=contact, by=by, now=now)
    assert Contact.objects.get(pk=contact.pk).page_token is None
    assert contact.events.filter(code="page_revoked").count() == 1
