"""Making contacts findable."""

import pytest

from pharos.actions import conversation, words
from pharos.models import ContactWords, Message
from tests.factories import make_contact, make_organisation, make_user

pytestmark = pytest.mark.django_db


def said(contact) -> set[str]:
    return set(ContactWords.objects.get(contact=contact).words.split(" "))


def test_a_contact_has_its_words(now):
    contact = make_contact(
        make_organisation(), now=now, name="Ani", text="A refund, please", phone="0912 345 6789", language="fa"
    )
    assert words.write_due() is False
    assert {"ani", "refund", "please", "09123456789", "989123456789"} <= said(contact)
    assert contact.reference.replace("-", "").lower() in said(contact)


def test_later_words_and_notes_are_found_too(now):
    organisation = make_organisation()
    contact = make_contact(organisation, now=now, text="First")
    words.write_due()
    conversation.note(contact=contact, body="Called back", by=make_user(organisation), now=now)
    assert Message.objects.filter(is_findable=False).count() == 1
    words.write_due()
    assert {"first", "called", "back"} <= said(contact)
    assert not Message.objects.filter(is_findable=False).exists()


def test_what_everybody_is_sent_is_no_word_of_a_contact(now):
    contact = make_contact(make_organisation(), now=now, text="Hello")
    body = Message.objects.get(contact=contact, sort=Message.Sort.ACKNOWLEDGEMENT).body
    words.write_due()
    assert body
    assert len(said(contact)) < 12


def test_much_is_written_a_batch_at_a_time(now, monkeypatch):
    monkeypatch.setattr(words, "BATCH", 2)
    organisation = make_organisation()
    contacts = [make_contact(organisation, now=now) for _ in range(2)]
    assert [words.write_due() for _ in range(3)] == [True, True, False]
    assert ContactWords.objects.count() == len(contacts)


def test_nothing_is_due(now, django_assert_num_queries):
    with django_assert_num_queries(1):
        assert words.write_due() is False


def test_the_number_of_queries_does_not_grow(now, django_assert_num_queries):
    organisation = make_organisation()
    for count in (1, 3):
        for _ in range(count):
            make_contact(organisation, now=now)
        with django_assert_num_queries(14):
            words.write_due()
