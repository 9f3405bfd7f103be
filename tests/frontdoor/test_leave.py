"""A person no longer needs us: what they are told fits what becomes of their request."""

from datetime import datetime

import pytest
from django.test import Client
from django.urls import reverse

from pharos.models import Cue
from tests.factories import make_contact, make_organisation

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
