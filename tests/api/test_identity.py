"""Checking over the API who somebody is."""

import re
from datetime import datetime

import pytest

from pharos.models import Contact, IdentityCheck, Message, Organisation
from tests.api.conftest import Caller, caller_of, problem_of
from tests.factories import make_agent, make_contact


@pytest.fixture
def contact(organisation: Organisation, now: datetime) -> Contact:
    """A contact in the caller's hands."""
    found = make_contact(organisation, now=now, email="ani@example.org")
    Contact.objects.filter(pk=found.pk).update(state=Contact.State.ACTIVE, agent=make_agent(organisation, "anahit"))
    return Contact.objects.select_related("agent__user").get(pk=found.pk)


@pytest.fixture
def caller(contact: Contact, organisation: Organisation, now: datetime) -> Caller:
    return caller_of(organisation, now=now, agent=contact.agent)


def test_code_sent_told_and_closed(caller: Caller, contact: Contact) -> None:
    path = f"/contacts/{contact.reference}"
    close = {"disposition": "rebooked", "summary": "The coach at nine."}
    assert problem_of(caller.post(f"{path}/close", close), 409, "conflict")["code"] == "identity"
    sent = caller.post(f"{path}/identity/code")
    assert (sent.status_code, sent.json()["sent_to"]) == (200, "a…@e…")
    letter = contact.messages.filter(sort=Message.Sort.CODE).get()
    found = re.search(r"(?<!\d)\d{6}(?!\d)", letter.body)
    assert found
    wrong = f"{(int(found[0]) + 1) % 10**6:06}"
    assert problem_of(caller.post(f"{path}/identity", {"code": wrong}), 409, "conflict")["code"] == "wrong_code"
    told = caller.post(f"{path}/identity", {"code": found[0]})
    assert (told.status_code, told.json()["way"]) == (200, "code")
    assert caller.post(f"{path}/close", close).json()["state"] == "closed"


def test_another_way(caller: Caller, contact: Contact) -> None:
    told = caller.post(f"/contacts/{contact.reference}/identity", {"way": "called_back"})
    assert told.json().keys() == {"way", "at", "holds_until"}
    assert IdentityCheck.objects.get().way == "called_back"


@pytest.mark.parametrize("body", [{}, {"code": "1", "way": "booking"}, {"way": "caller_id"}, {"way": "page"}])
def test_what_makes_no_sense_is_refused(caller: Caller, contact: Contact, body: dict[str, str]) -> None:
    problem_of(caller.post(f"/contacts/{contact.reference}/identity", body), 422, "invalid")
    assert not IdentityCheck.objects.exists()


def test_only_the_agent_who_has_it(
    caller: Caller, system: Caller, contact: Contact, organisation: Organisation
) -> None:
    other = make_contact(organisation)
    problem_of(caller.post(f"/contacts/{other.reference}/identity", {"way": "booking"}), 404, "not-found")
    assert system.post(f"/contacts/{contact.reference}/identity/code").status_code in {401, 403}
    assert not IdentityCheck.objects.exists()
