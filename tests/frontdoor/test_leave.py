"""A person no longer needs us: what they are told fits what becomes of their request."""

from datetime import datetime

import pytest
from django.test import Client
from django.urls import reverse

from pharos.actions import merging
from pharos.models import Contact, Cue, Role
from tests.factories import make_contact, make_organisation, make_user

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("in_danger", [False, True])
def test_a_place_is_said_to_be_free_only_when_it_is(client: Client, now: datetime, in_danger: bool) -> None:
    contact = make_contact(make_organisation(), now=now)
    if in_danger:
        Cue.objects.create(
            contact=contact,
            message=contact.messages.earliest("pk"),
            sort=Cue.Sort.DANGER,
            code=Cue.Sort.DANGER,
            score=1.0,
            source=Cue.Source.LEXICON,
            found_at=now,
        )
    where = reverse("person_leave", kwargs={"language": "en", "token": contact.page_token})
    host = {"host": contact.organisation.hosts.get().host}
    page = client.post(where, headers=host, follow=True).content.decode()
    assert ("Your place is free" in page) is not in_danger
    assert ("Whoever has your request will see it" in page) is in_danger


def test_who_left_a_place_that_another_shares_is_shown_as_left(client: Client, now: datetime) -> None:
    organisation = make_organisation()
    contact, other = make_contact(organisation, now=now), make_contact(organisation, now=now)
    lead = make_user(organisation, role=Role.LEAD)
    merging.merge(keep=contact, join=other, by=lead, reasons=[], now=now)
    host = {"host": organisation.hosts.get().host}
    where = reverse("person_leave", kwargs={"language": "en", "token": contact.page_token})
    page = client.post(where, headers=host, follow=True).content.decode()
    assert "Whoever has your request will see it" in page
    Contact.objects.filter(pk=contact.pk).update(state=Contact.State.ACTIVE)  # an agent talks to the other
    for one, is_left in ((contact, True), (other, False)):
        address = reverse("person_page", kwargs={"language": "en", "token": one.page_token})
        page = client.get(address, headers=host).content.decode()
        assert ("You told us that you no longer need help." in page) is is_left
        assert ("A person is working on your request now." in page) is not is_left
