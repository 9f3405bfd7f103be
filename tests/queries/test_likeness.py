"""Who may be the same person: found by names in any script, addresses, numbers and bookings."""

from datetime import timedelta

import pytest

from pharos.actions import merging, words
from pharos.actions.likeness import write_keys
from pharos.models import Contact, Identity, NotSame, PersonKey
from pharos.queries import identities
from pharos.queries.likeness import certain, likely
from tests.factories import make_contact, make_incident, make_organisation

pytestmark = pytest.mark.django_db
TEXT = "My ferry to the island was cancelled and I need to be there on Friday"


@pytest.fixture
def centre():
    return make_organisation()


def whose(organisation, sender, now, text=TEXT, name="") -> Contact | None:
    known = identities.email(sender)
    assert known
    return certain(organisation=organisation, sender=known, text=text, name=name, now=now)


def anonymous(organisation, **given) -> Contact:
    return make_contact(organisation, name="", email="", **given)


def verify(contact: Contact) -> None:
    Identity.objects.filter(person=contact.person).update(verified_at=contact.arrived_at)


def found(contact, now) -> list[Contact]:
    words.write_due()
    return [match.contact for match in likely(contact, now=now)]


def codes(contact, now) -> list[str]:
    words.write_due()
    (match,) = likely(contact, now=now)
    return [reason.code for reason in match.likeness.reasons]


def test_the_same_address_is_found_at_once(centre, now):
    first = make_contact(centre, now=now, name="Sara Ahmadi", email="sara@example.org", text=TEXT)
    make_contact(centre, now=now, name="Ben Okafor", email="ben@example.org", text="Where is my bag?")
    again = make_contact(centre, now=now, name="Sara Ahmadi", email="Sara@Example.org", text="Any news?")
    (match,) = likely(again, now=now)
    assert match.contact == first
    assert match.likeness.reasons[0].code == "email_same"
    assert match.same_matter


@pytest.mark.parametrize(
    ("name", "again"),
    [
        ("سارا احمدی", "Sara Ahmadi"),
        ("Mohammad Reza Hosseini", "محمدرضا حسینی"),
        ("Անի Պետրոսյան", "Petrosian Ani"),
        ("张伟明", "Zhang Weiming"),
        ("歐陽娜娜", "欧阳娜娜"),
        ("Robert Allen", "Bob Alan"),
    ],
)
def test_a_name_in_another_script_and_the_same_words_are_found(name, again, centre, now):
    first = make_contact(centre, now=now, name=name, text=TEXT)
    make_contact(centre, now=now, name="Samuel Okafor", text="Where is my bag?")
    assert found(make_contact(centre, now=now, name=again, text=TEXT), now) == [first]


def test_a_number_alone_suggests_nobody(centre, now):
    anonymous(centre, now=now, phone="+44 7700 900871", text="I am waiting at the harbour")
    assert found(anonymous(centre, now=now, phone="+44 7700 900871", text="A refund, please"), now) == []


def test_a_number_with_the_same_words_is_suggested(centre, now):
    first = anonymous(centre, now=now, phone="+44 7700 900871", text=TEXT)
    again = anonymous(centre, now=now, phone="07700 900871", text=TEXT)
    assert found(again, now) == [first]
    assert {"phone_same", "text_same"} <= set(codes(again, now))


def test_a_family_with_one_booking_and_number_is_not_one_person(centre, now):
    make_contact(centre, now=now, name="Reza Karimi", phone="+447700900871", booking="KC5283", text="Our ferry")
    other = make_contact(centre, now=now, name="Leyla Karimi", phone="+447700900871", booking="KC5283", text="My bag")
    assert all(match.likeness.verdict != "certain" for match in likely(other, now=now))


def test_a_booking_with_a_slip_and_a_near_name_are_found(centre, now):
    first = make_contact(centre, now=now, email="", name="Jackson Cmielewski", booking="MHQMQY", text=TEXT)
    again = make_contact(centre, now=now, email="", name="Jackson Cmielewsky", booking="MHQMOY", text="Please help")
    assert found(again, now) == [first]


def test_another_house_is_never_looked_at(centre, now):
    make_contact(centre, now=now, name="Sara Ahmadi", email="sara@example.org", text=TEXT)
    elsewhere = make_contact(make_organisation(), now=now, name="Sara Ahmadi", email="sara@example.org", text=TEXT)
    assert found(elsewhere, now) == []


def test_a_drill_and_the_real_thing_do_not_meet(centre, now):
    drill = make_incident(centre, is_drill=True)
    played = make_contact(centre, now=now, email="sara@example.org", text=TEXT, incident=drill)
    real = make_contact(centre, now=now, email="sara@example.org", text=TEXT)
    assert found(real, now) == []
    assert found(played, now) == []


def test_what_is_over_for_long_is_not_suggested(centre, now):
    old = make_contact(centre, now=now, email="sara@example.org", text=TEXT)
    again = make_contact(centre, now=now, email="sara@example.org", text=TEXT)
    Contact.objects.filter(pk=old.pk).update(state=Contact.State.CLOSED, closed_at=now - timedelta(days=4))
    assert found(again, now) == []


def test_the_keys_of_a_person_are_written_once(centre, now):
    make_contact(centre, now=now, name="Sara Ahmadi", email="sara@example.org")
    words.write_due()
    before = PersonKey.objects.count()
    assert before > 3
    write_keys(PersonKey.objects.values_list("person_id", flat=True))
    assert PersonKey.objects.count() == before


def test_the_number_of_questions_does_not_grow(centre, now, django_assert_num_queries):
    contact = make_contact(centre, now=now, name="Sara Ahmadi", email="sara@example.org", text=TEXT)
    for _ in range(2):
        make_contact(centre, now=now, name="Sara Ahmadi", email="sara@example.org", text=TEXT)
        words.write_due()
        contact.refresh_from_db()
        with django_assert_num_queries(11):
            likely(contact, now=now)


def test_a_verified_address_is_certain_within_three_days(centre, now):
    contact = make_contact(centre, now=now, name="Sara Ahmadi", email="sara@example.org", text=TEXT)
    assert whose(centre, "SARA@example.org", now) is None
    verify(contact)
    assert whose(centre, "SARA@example.org", now) == contact
    assert whose(centre, "sara@example.org", now + timedelta(hours=71)) == contact
    assert whose(centre, "sara@example.org", now + timedelta(hours=73)) is None


def test_other_words_are_certain_for_a_day(centre, now):
    verify(make_contact(centre, now=now, email="sara@example.org", text=TEXT))
    assert whose(centre, "sara@example.org", now + timedelta(hours=23), "Any news?")
    assert whose(centre, "sara@example.org", now + timedelta(hours=25), "Any news?") is None


def test_another_name_or_a_second_holder_makes_nothing_certain(centre, now):
    verify(make_contact(centre, now=now, name="Sara Ahmadi", email="office@example.org", text=TEXT))
    assert whose(centre, "office@example.org", now, name="Ben Okafor") is None
    assert whose(centre, "office@example.org", now, name="S. Ahmadi")
    verify(make_contact(centre, now=now, name="Ben Okafor", email="office@example.org", text=TEXT))
    assert whose(centre, "office@example.org", now) is None


def test_a_number_is_never_certain(centre, now):
    verify(anonymous(centre, now=now, phone="+447700900871", text=TEXT))
    known = identities.phone("+447700900871", "en")
    assert known
    assert certain(organisation=centre, sender=known, text=TEXT, now=now) is None


def test_a_merged_contact_stands_for_the_one_in_whose_place_it_waits(centre, now):
    first = make_contact(centre, now=now, name="Sara Ahmadi", email="sara@example.org", text=TEXT)
    other = anonymous(centre, now=now, phone="+447700900871", booking="KC5283", text="Any news of my booking?")
    merging.merge(keep=first, join=other, by=None, reasons=[], now=now)
    again = anonymous(centre, now=now, phone="+447700900871", booking="KC5283", text="Any news of my booking?")
    assert found(again, now) == [first]
    other.refresh_from_db()
    assert found(other, now) == [again]


def test_what_a_colleague_told_apart_is_not_suggested_again(centre, now):
    first = make_contact(centre, now=now, name="Sara Ahmadi", email="sara@example.org", text=TEXT)
    again = make_contact(centre, now=now, name="Sara Ahmadi", email="sara@example.org", text=TEXT)
    assert found(again, now) == [first]
    NotSame.objects.create(first=first, second=again, at=now)
    assert found(again, now) == []
    assert found(first, now) == []
