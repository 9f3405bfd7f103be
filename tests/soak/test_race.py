"""Many processes put the same contacts before the same agents and take them: each is taken once, without an error."""

import json
import os
import subprocess
import sys
from collections import Counter

import pytest
from django.conf import settings

from pharos.models import Contact, Message, Offer
from tests.channels.test_delivery import address_of_the_database
from tests.factories import make_agent, make_contact, make_organisation

pytestmark = pytest.mark.django_db(transaction=True)
PROCESSES = 4 if settings.SQLITE else 8
AGENTS = 12


def race(contacts: int) -> None:
    organisation = make_organisation()
    for _ in range(AGENTS):
        make_agent(organisation)
    for number in range(contacts):
        make_contact(organisation, request_type=("", "refund", "assistance")[number % 3])
    environment = {**os.environ, "PHAROS_DATABASE_URL": address_of_the_database(), "PHAROS_LOG_LEVEL": "ERROR"}
    done = subprocess.run(
        [sys.executable, "-m", "tests.soak.race", str(PROCESSES)],
        env=environment,
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert [line for one in told for line in one["wrong"]] == []
    accepted = Counter(contact for one in told for contact in one["accepted"])
    assert accepted == Counter(Contact.objects.values_list("pk", flat=True))
    assert Contact.objects.filter(state="closed").count() == contacts
    assert not Offer.objects.filter(state=Offer.State.OPEN).exists()
    assert Offer.objects.filter(state=Offer.State.ACCEPTED).count() == contacts
    assert Message.objects.filter(sort=Message.Sort.REPLY).count() == contacts
    assert sum(bool(one["accepted"]) for one in told) > 1
    took = [len(one["accepted"]) for one in told]
    slowest_s = max(one["slowest_s"] for one in told)
    late = sum(one["refused"] for one in told)
    print(f"{contacts} by {PROCESSES}: {took}, {late} came late, slowest act {slowest_s:.1f} s")


def test_contacts_that_several_processes_want_are_taken_once() -> None:
    race(200)


@pytest.mark.soak
def test_two_thousand_contacts_are_taken_once() -> None:
    race(2000)
