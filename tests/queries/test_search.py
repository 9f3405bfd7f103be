"""Finding a contact by whatever a person can name."""

import pytest

from pharos.actions import conversation, words
from pharos.models import Contact, Organisation
from pharos.queries import search
from pharos.queries.search import Wanted, page
from tests.factories import make_contact, make_incident, make_organisation, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def centre() -> Organisation:
    return make_organisation()


@pytest.fixture
def contact(centre, now) -> Contact:
    return make_contact(
        centre,
        now=now,
        name="سارا احمدی",
        email="Sara.Ahmadi@Example.org",
        phone="0912 345 6789",
        language="fa",
        booking="ab-12 34",
        text="پرواز من لغو شد و می‌خواهم پول را پس بگیرم",
    )


def find(organisation: Organisation, text: str = "", **wanted) -> list[Contact]:
    return page(organisation=organisation, wanted=Wanted(text=text, **wanted)).contacts


@pytest.mark.parametrize(
    "text",
    [
        "sara.ahmadi@example.org",
        " SARA.AHMADI@EXAMPLE.ORG ",
        "+98 912 345 6789",
        "0912-345-6789",
        "۰۹۱۲۳۴۵۶۷۸۹",
        "00989123456789",
        "AB1234",
        "ab-12 34",
    ],
)
def test_find_by_any_spelling_at_once(text, centre, contact, now):
    make_contact(centre, now=now, name="Other", email="other@example.org")
    assert find(centre, text) == [contact]


@pytest.mark.parametrize(
    "text",
    ["سارا", "احمد", "احمدي", "پول", "پرواز لغو", "میخواهم", "سارا پول", "ahmadi@example", "0912345", "۰۹۱۲۳", "ab-12"],
)
def test_find_by_words_and_their_begin(text, centre, contact, now):
    make_contact(centre, now=now, name="Other", email="other@example.com")
    words.write_due()
    assert find(centre, text) == [contact]


@pytest.mark.parametrize(
    ("said", "text"),
    [
        ("我的航班取消了，想退票", "航班"),
        ("我的航班取消了，想退票", "退票"),
        ("我的航班取消了，想退票", "票"),
        ("我的航班取消了，想退票", "航班 退票"),
        ("Իմ նավը չեղարկվել է, ԵՐԵՎԱՆ", "երևան"),
        ("Իմ նավը չեղարկվել է", "չեղարկ"),
        ("Mon billet est annulé", "ANNULE"),
    ],
)
def test_find_words_of_every_language(said, text, centre, now):
    contact = make_contact(centre, now=now, text=said)
    make_contact(centre, now=now, text="Something else")
    words.write_due()
    assert find(centre, text) == [contact]


def test_find_by_what_was_answered(centre, contact, now):
    conversation.note(contact=contact, body="Spoke with the harbour", by=make_user(centre), now=now)
    words.write_due()
    assert find(centre, "harbour") == [contact]
    assert find(centre, "harbour elsewhere") == []


def test_find_by_reference_however_it_is_typed(centre, contact):
    for typed in (contact.reference, contact.reference.lower(), contact.reference.replace("-", " ")):
        assert find(centre, typed) == [contact]


@pytest.mark.parametrize("text", ["nobody", "%", "_", "'; DROP TABLE", "9" * 300, '"', "' | '", "-", "NEAR(a)"])
def test_find_nothing(text, centre, contact):
    words.write_due()
    assert find(centre, text) == []


def test_find_stays_inside_the_organisation(centre, contact):
    words.write_due()
    other = make_organisation()
    assert find(other) == find(other, contact.reference) == find(other, "سارا") == []
    assert find(other, queue=contact.lane.queue_id) == find(other, incident=1) == []


def test_list_narrowed(centre, now):
    incident = make_incident(centre)
    ordinary = make_contact(centre, now=now)
    refund = make_contact(centre, now=now, request_type="refund", incident=incident)
    danger = make_contact(centre, now=now, danger=True)
    Contact.objects.filter(pk=ordinary.pk).update(state="closed")
    assert find(centre) == [danger, refund, ordinary]
    assert find(centre, state="closed") == [ordinary]
    assert find(centre, queue=refund.lane.queue_id) == [refund]
    assert find(centre, band=0) == [danger]
    assert find(centre, band=3) == [refund, ordinary]
    assert find(centre, incident=incident.pk) == [refund]
    assert find(centre, state="waiting", band=3) == [refund]
    words.write_due()
    assert find(centre, "ferry", state="waiting", queue=danger.lane.queue_id) == [danger]


@pytest.mark.parametrize("text", ["", "ani"])
def test_pages_lead_to_every_contact_and_back(text, centre, now):
    contacts = [make_contact(centre, now=now, name="Ani") for _ in range(5)][::-1]
    words.write_due()

    def look(**wanted):
        return page(organisation=centre, wanted=Wanted(text=text, **wanted), limit=2)

    first = look()
    assert (first.contacts, first.newer) == (contacts[:2], None)
    second = look(before=first.older)
    last = look(before=second.older)
    assert second.contacts + last.contacts == contacts[2:]
    assert last.older is None
    assert look(after=last.newer).contacts == second.contacts
    back = look(after=second.newer)
    assert (back.contacts, back.newer) == (first.contacts, None)


def test_a_page_costs_the_same_for_one_and_for_three(centre, now, django_assert_num_queries):
    for count in (1, 2):
        for _ in range(count):
            contact = make_contact(centre, now=now)
        words.write_due()
        with django_assert_num_queries(2):
            shown = [(vars(one)["gist"], one.lane.queue.code, one.incident, one.agent) for one in find(centre)]
        assert {gist[:8] for gist, *_rest in shown} == {"My ferry"}
        with django_assert_num_queries(5):
            assert find(centre, "ferry", queue=contact.lane.queue_id, band=3)


def test_a_word_of_very_many_is_found_as_well(centre, now, monkeypatch):
    monkeypatch.setattr(search, "FEW", 1)
    contacts = [make_contact(centre, now=now, request_type="refund" if number else "") for number in range(3)]
    words.write_due()
    assert find(centre, "ferry") == contacts[::-1]
    assert find(centre, "ferry", queue=contacts[0].lane.queue_id) == contacts[:1]
