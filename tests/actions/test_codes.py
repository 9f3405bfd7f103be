"""Codes for what people told us: six digits, ten minutes, five tries, to their own address."""

import re
from datetime import datetime, timedelta

import pytest

from pharos.actions import codes, delivery
from pharos.actions.errors import Refused
from pharos.models import Contact, Identity, Message, PageCode
from tests.factories import make_contact, make_incident, make_organisation

pytestmark = pytest.mark.django_db


@pytest.fixture
def contact(now: datetime) -> Contact:
    return make_contact(make_organisation(), now=now, email="Ani@example.org")


def letter(contact: Contact) -> Message:
    found = contact.messages.filter(sort=Message.Sort.CODE).last()
    assert found
    return found


def send(contact: Contact, now: datetime) -> str:
    codes.send(contact=contact, now=now)
    found = re.search(r"(?<!\d)\d{6}(?!\d)", letter(contact).body)
    assert found
    return found[0]


def test_the_right_code_opens_once_and_verifies_the_address(contact, now):
    code = send(contact, now)
    assert letter(contact).address == "Ani@example.org"
    assert code not in PageCode.objects.get().digest
    assert codes.enter(contact=contact, code=f" {code[:3]} {code[3:]} ", now=now)
    assert Identity.objects.get(person=contact.person, sort="email").verified_at == now
    assert not codes.enter(contact=contact, code=code, now=now)


def test_a_code_in_persian_digits_is_the_same_code(contact, now):
    code = send(contact, now).translate(str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹"))
    assert codes.enter(contact=contact, code=code, now=now)


def test_a_code_is_over_after_ten_minutes(contact, now):
    code = send(contact, now)
    assert not codes.enter(contact=contact, code=code, now=now + timedelta(minutes=10))


def test_five_wrong_tries_end_a_code(contact, now):
    code = send(contact, now)
    wrong = f"{(int(code) + 1) % 10**6:06}"
    for _ in range(5):
        assert not codes.enter(contact=contact, code=wrong, now=now)
    assert not codes.enter(contact=contact, code=code, now=now)
    assert Identity.objects.get(person=contact.person, sort="email").verified_at is None


def test_a_new_code_ends_the_one_before(contact, now):
    first = send(contact, now)
    second = send(contact, now + timedelta(seconds=1))
    if first != second:
        assert not codes.enter(contact=contact, code=first, now=now + timedelta(seconds=2))
    assert codes.enter(contact=contact, code=second, now=now + timedelta(seconds=2))


def test_a_code_is_for_its_own_contact_only(contact, now):
    code = send(contact, now)
    other = make_contact(contact.organisation, now=now, email="Ani@example.org")
    assert not codes.enter(contact=other, code=code, now=now)


def test_only_so_many_codes_an_hour(contact, now):
    for _ in range(5):
        send(contact, now)
    with pytest.raises(Refused, match="many_codes"):
        codes.send(contact=contact, now=now + timedelta(minutes=59))
    codes.send(contact=contact, now=now + timedelta(minutes=61))


def test_without_an_address_and_in_a_drill_no_code_is_sent(contact, now):
    without = make_contact(contact.organisation, now=now, email="")
    drill = make_contact(contact.organisation, now=now, incident=make_incident(contact.organisation, is_drill=True))
    for one in (without, drill):
        with pytest.raises(Refused, match="no_address"):
            codes.send(contact=one, now=now)
    assert not PageCode.objects.exists()


def test_a_code_that_has_gone_out_is_forgotten_here(contact, now):
    send(contact, now)
    Message.objects.exclude(sort=Message.Sort.CODE).update(state="sent")
    mail = delivery.lease(model=Message, now=now)
    assert isinstance(mail, Message)
    assert mail.sort == Message.Sort.CODE
    delivery.sent(mail=mail, carrier_id="1", now=now)
    assert letter(contact).body == ""
    Message.objects.filter(pk=mail.pk).update(state="failed")
    assert not delivery.send_again(mail=mail, by=None, now=now)  # type: ignore[arg-type]
