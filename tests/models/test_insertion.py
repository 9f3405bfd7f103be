"""Rows by one statement: the same as Django would write, with their keys."""

from copy import copy
from datetime import date, datetime

import pytest
from django.db import DataError, IntegrityError, connection, transaction

from pharos.models import Channel, Contact, ContactEvent, Message, Person
from pharos.models.insertion import insert, insert_all
from tests.factories import make_contact, make_organisation

pytestmark = pytest.mark.django_db


def written(rows: list[Contact] | list[Message]) -> list[dict[str, object]]:
    """What the database holds of these rows, without their keys."""
    found = type(rows[0])._default_manager.filter(pk__in=[row.pk for row in rows]).order_by("pk").values()
    return [{name: value for name, value in row.items() if name not in {"id", "reference"}} for row in found]


def unsaved(contact: Contact, reference: str) -> Contact:
    row = copy(contact)
    row.pk, row.reference, row.page_token = None, reference, None
    row.needed_by, row.needs, row.danger, row.channel = date(2026, 3, 12), ["a", 'b"c'], True, Channel.SMS
    return row


def test_insert_writes_what_bulk_create_writes(now: datetime) -> None:
    contact = make_contact(make_organisation(), now=now)
    ours = [unsaved(contact, "AAA-AAA"), unsaved(contact, "AAA-AAB")]
    theirs = [unsaved(contact, "AAA-AAC"), unsaved(contact, "AAA-AAD")]
    with connection.cursor() as cursor:
        insert(ours, cursor)
    Contact.objects.bulk_create(theirs)
    assert len({row.pk for row in ours}) == 2
    assert [Contact.objects.get(pk=row.pk).reference for row in ours] == ["AAA-AAA", "AAA-AAB"]
    assert written(ours) == written(theirs)


def test_insert_of_nothing_does_nothing() -> None:
    with connection.cursor() as cursor:
        insert([], cursor)
        insert_all([[], []], cursor)


def test_insert_takes_the_key_of_the_row_beside_it_even_after_a_failure(now: datetime) -> None:
    contact = make_contact(make_organisation(), now=now)
    person = Person(organisation=contact.organisation, language="en", created_at=now)
    again = unsaved(contact, contact.reference)
    again.person = person

    def write() -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            insert([person], cursor)
            insert([again], cursor)

    with pytest.raises(IntegrityError):
        write()
    make_contact(contact.organisation, now=now)
    again.reference = "AAA-AAA"
    write()
    assert Contact.objects.get(reference="AAA-AAA").person == Person.objects.get(pk=person.pk)


def test_insert_all_writes_several_tables(now: datetime) -> None:
    contact = make_contact(make_organisation(), now=now)
    contact.messages.all().delete()
    contact.events.all().delete()
    message = Message(organisation=contact.organisation, contact=contact, body="100 % sure? ; 'yes'", created_at=now)
    event = ContactEvent(contact=contact, at=now, code="received", data={"a": None})
    with connection.cursor() as cursor:
        insert_all([[message], [], [event]], cursor)
    assert contact.messages.get().body == "100 % sure? ; 'yes'"
    assert contact.events.get().data == {"a": None}


@pytest.mark.postgresql
def test_insert_of_what_cannot_be_stored_is_refused_as_django_refuses_it(now: datetime) -> None:
    contact = make_contact(make_organisation(), now=now)
    message = Message(organisation=contact.organisation, contact=contact, body="One\0two", created_at=now)
    with connection.cursor() as cursor, pytest.raises(DataError, match="NUL"):
        insert_all([[message]], cursor)
    assert not Message.objects.filter(body__startswith="One").exists()
