"""Rows kept to oneself until the transaction ends: of two who change the same thing, one waits and then sees what is.

Keys are left alone, so that whoever writes a row that refers to a held one does not wait for it.
"""

from typing import Any

from django.db.models import Q
from django.db.models.query import QuerySet

from pharos.actions.letters import WITH_ALL
from pharos.models import Contact, Organisation, Person


def contact(pk: int) -> None:
    """One change of a contact at a time."""
    Contact.objects.select_for_update(no_key=True).only("pk").get(pk=pk)


def contact_as_it_is(pk: int) -> Contact:
    """The contact as it is once nobody else changes it: read after the wait, not before it."""
    contact(pk)
    return Contact.objects.select_related(*WITH_ALL).get(pk=pk)


def place(top: int) -> None:
    """The contact whose place it is and all who share it: whoever writes more than one of them takes this first."""
    in_order(Contact.objects.filter(Q(pk=top) | Q(merged_into=top)))


def person(pk: int) -> None:
    """One change of what we know of a person at a time."""
    Person.objects.select_for_update(no_key=True).only("pk").get(pk=pk)


def organisation(pk: int) -> Organisation:
    """The organisation as it is once nobody else changes how it is set up."""
    return Organisation.objects.select_for_update(no_key=True).get(pk=pk)


def in_order(rows: "QuerySet[Any]") -> list[Any]:
    """The keys of these rows, taken in the order in which everyone takes them: nobody waits in a circle."""
    return list(rows.select_for_update(no_key=True).order_by("pk").values_list("pk", flat=True))
