"""Finding a contact by whatever a person can name."""

import pytest

from pharos.models import Contact, Organisation
from pharos.queries.search import find
from tests.factories import make_contact, make_organisation

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
    )


@pytest.mark.parametrize(
    "text",
    [
        "سارا",
        "احمدی",
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
def test_find_by_any_spelling(text, centre, contact, now):
    make_contact(centre, now=now, name="Other", email="other@example.org")
    assert find(organisation=centre, text=text) == [contact]


def test_find_by_reference_however_it_is_typed(centre, contact):
    for typed in (contact.reference, contact.reference.lower(), contact.reference.replace("-", " ")):
        assert find(organisation=centre, text=typed) == [contact]


@pytest.mark.parametrize("text", ["", "   ", "nobody", "%", "_", "'; DROP TABLE", "\x00", "9" * 300])
def test_find_nothing(text, centre, contact):
    assert find(organisation=centre, text=text) == []


def test_find_stays_inside_the_organisation(centre, contact):
    assert find(organisation=make_organisation(), text=contact.reference) == []


def test_find_newest_first_and_bounded(centre, now):
    contacts = [make_contact(centre, now=now, name="Ani") for _ in range(3)]
    assert find(organisation=centre, text="ani", limit=2) == contacts[:0:-1]


def test_find_in_one_query(centre, contact, django_assert_num_queries):
    with django_assert_num_queries(1):
        find(organisation=centre, text="0912 345 6789")
