"""Who somebody is: a code to their address, another way that a colleague names, and what closes only after it."""

import re
from datetime import datetime, timedelta

import pytest

from pharos import content
from pharos.actions import codes, conversation, identity, rules
from pharos.actions.errors import Refused
from pharos.models import Agent, Contact, IdentityCheck, Message, Organisation
from pharos.queries import checks
from tests.factories import make_agent, make_contact, make_incident, make_organisation, who_has

pytestmark = pytest.mark.django_db
HOLDS = timedelta(minutes=content.rule("identity_holds_minutes"))


@pytest.fixture
def centre() -> Organisation:
    return make_organisation()


@pytest.fixture
def contact(centre: Organisation, now: datetime) -> Contact:
    return held(centre, now, email="Ani@example.org")


def held(centre: Organisation, now: datetime, **fields: object) -> Contact:
    """A contact in an agent's hands."""
    found = make_contact(centre, now=now, **fields)
    agent = make_agent(centre)
    Contact.objects.filter(pk=found.pk).update(state=Contact.State.ACTIVE, agent=agent)
    return Contact.objects.select_related("agent__user", "organisation", "person", "lane__queue").get(pk=found.pk)


def letter(contact: Contact) -> Message:
    found = contact.messages.filter(sort=Message.Sort.CODE).last()
    assert found
    return found


def code_in(message: Message) -> str:
    found = re.search(r"(?<!\d)\d{6}(?!\d)", message.body)
    assert found
    return found[0]


def trail_of(contact: Contact) -> list[str]:
    codes_ = contact.events.filter(code__startswith="identity").order_by("id")
    return list(codes_.values_list("code", flat=True))


def close(contact: Contact, disposition: str, now: datetime) -> None:
    conversation.close(contact=contact, disposition=disposition, summary="Done.", by=who_has(contact), now=now)


def test_a_code_told_to_the_colleague_shows_who_it_is(contact: Contact, now: datetime) -> None:
    by = who_has(contact)
    identity.ask(contact=contact, by=by, now=now)
    mail = letter(contact)
    assert (mail.address, by.get_full_name() in mail.body) == ("Ani@example.org", True)
    assert checks.standing(contact, now=now) is None
    identity.told(contact=contact, code=code_in(mail), by=by, now=now)
    check = checks.standing(contact, now=now)
    assert check
    assert (check.way, check.by, check.holds_until) == ("code", by, now + HOLDS)
    assert checks.standing(contact, now=now + HOLDS) is None
    assert trail_of(contact) == ["identity_asked", "identity_shown"]


def test_a_wrong_code_shows_nothing_and_is_in_the_trail(contact: Contact, now: datetime) -> None:
    by = who_has(contact)
    identity.ask(contact=contact, by=by, now=now)
    code = code_in(letter(contact))
    with pytest.raises(Refused, match="wrong_code"):
        identity.told(contact=contact, code=f"{(int(code) + 1) % 10**6:06}", by=by, now=now)
    assert not IdentityCheck.objects.exists()
    assert trail_of(contact) == ["identity_asked", "identity_not_shown"]


def test_a_code_for_the_page_is_not_to_be_told_to_anybody(contact: Contact, now: datetime) -> None:
    codes.send(contact=contact, now=now)
    code = code_in(letter(contact))
    with pytest.raises(Refused, match="wrong_code"):
        identity.told(contact=contact, code=code, by=who_has(contact), now=now)
    assert codes.enter(contact=contact, code=code, now=now)
    check = checks.standing(contact, now=now)
    assert check
    assert (check.way, check.by) == ("page", None)


def test_a_code_for_the_colleague_opens_nothing_on_the_page(contact: Contact, now: datetime) -> None:
    by = who_has(contact)
    identity.ask(contact=contact, by=by, now=now)
    code = code_in(letter(contact))
    assert not codes.enter(contact=contact, code=code, now=now)
    assert not IdentityCheck.objects.exists()
    identity.told(contact=contact, code=code, by=by, now=now)


def test_codes_for_the_page_use_up_none_of_the_colleagues(contact: Contact, now: datetime) -> None:
    by = who_has(contact)
    identity.ask(contact=contact, by=by, now=now)
    code = code_in(letter(contact))
    for _ in range(5):
        codes.send(contact=contact, now=now)
    identity.ask(contact=contact, by=by, now=now + timedelta(seconds=1))
    newest = code_in(letter(contact))
    if newest != code:
        with pytest.raises(Refused, match="wrong_code"):
            identity.told(contact=contact, code=code, by=by, now=now + timedelta(seconds=2))
    identity.told(contact=contact, code=newest, by=by, now=now + timedelta(seconds=2))


def test_the_colleague_reads_whose_address_is_missing(centre: Organisation, now: datetime) -> None:
    one = held(centre, now, email="")
    with pytest.raises(Refused) as refused:
        identity.ask(contact=one, by=who_has(one), now=now)
    assert str(refused.value.message) == "We have no address of this person to send a code to."


@pytest.mark.parametrize("disposition", [code for code, one in content.dispositions().items() if one.asks_who])
def test_what_changes_or_pays_closes_only_once_it_is_known_who(
    contact: Contact, now: datetime, disposition: str
) -> None:
    with pytest.raises(Refused, match="identity"):
        close(contact, disposition, now)
    assert Contact.objects.get(pk=contact.pk).state == Contact.State.ACTIVE
    identity.vouch(contact=contact, way="booking", by=who_has(contact), now=now)
    with pytest.raises(Refused, match="identity"):
        close(contact, disposition, now + HOLDS)
    close(contact, disposition, now + HOLDS - timedelta(seconds=1))
    assert Contact.objects.get(pk=contact.pk).disposition == disposition


@pytest.mark.parametrize("disposition", [code for code, one in content.dispositions().items() if not one.asks_who])
def test_all_else_closes_without(contact: Contact, now: datetime, disposition: str) -> None:
    close(contact, disposition, now)
    assert Contact.objects.get(pk=contact.pk).state == Contact.State.CLOSED


def test_an_organisation_may_not_ask_for_it(contact: Contact, now: datetime) -> None:
    rules.set_rules(organisation=contact.organisation, classes={}, values={"identity_holds_minutes": 0}, now=now)
    contact.organisation.refresh_from_db()
    close(contact, "refund_started", now)
    assert Contact.objects.get(pk=contact.pk).state == Contact.State.CLOSED


@pytest.mark.parametrize("way", ["", "code", "page", "caller_id"])
def test_only_real_ways_count(contact: Contact, now: datetime, way: str) -> None:
    with pytest.raises(Refused, match="way"):
        identity.vouch(contact=contact, way=way, by=who_has(contact), now=now)
    assert not IdentityCheck.objects.exists()


def test_only_who_has_the_contact_checks(contact: Contact, centre: Organisation, now: datetime) -> None:
    other = make_agent(centre, status=Agent.Status.BREAK).user
    for act in (
        lambda: identity.ask(contact=contact, by=other, now=now),
        lambda: identity.told(contact=contact, code="000000", by=other, now=now),
        lambda: identity.vouch(contact=contact, way="document", by=other, now=now),
    ):
        with pytest.raises(Refused, match="moved_on"):
            act()
    assert not IdentityCheck.objects.exists()
    assert not contact.messages.filter(sort=Message.Sort.CODE).exists()


def test_without_an_address_and_in_a_drill_no_code_goes_out(centre: Organisation, now: datetime) -> None:
    for one in (held(centre, now, email=""), held(centre, now, incident=make_incident(centre, is_drill=True))):
        with pytest.raises(Refused, match="no_address"):
            identity.ask(contact=one, by=who_has(one), now=now)


def test_a_check_is_of_its_own_contact_only(contact: Contact, centre: Organisation, now: datetime) -> None:
    other = held(centre, now, email="Ani@example.org")
    identity.vouch(contact=contact, way="document", by=who_has(contact), now=now)
    assert checks.standing(other, now=now) is None
