"""One door for every channel: a request comes in, is kept, gets its place and its promise."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import chain
from typing import NamedTuple, TypeAlias

from django.db import IntegrityError, connection, transaction
from django.db.backends.utils import CursorWrapper
from django.utils.translation import gettext_lazy as _

from pharos import live
from pharos.actions.errors import KeyReused
from pharos.actions.inbound import Inbound
from pharos.actions.new_contact import NewContact, prepared
from pharos.actions.together import Together
from pharos.models import Attachment, Contact, Message
from pharos.models.insertion import insert, insert_all
from pharos.queries import doors

ATTEMPTS = 4  # a reference that is taken already is drawn again
OTHER_WORDS = _("This was sent before with other words.")
MOST_AT_ONCE = 32  # contacts in one transaction
SEEN = """
    SELECT organisation_id, door, key, digest, contact_id FROM pharos_submission
    WHERE (organisation_id, door, key) IN (VALUES {})
"""


class Received(NamedTuple):
    """The contact that the delivery became, and whether it is new."""

    contact: Contact
    created: bool


def receive(inbound: Inbound, *, now: datetime) -> Received:
    """Keep the request; the same delivery again is the same contact.

    Durable when it returns. Raises `KeyReused` when the key came before with another body.
    """
    for attempt in range(ATTEMPTS):
        try:
            new = prepared(inbound, now=now)
            # Written with all who come at this moment, or in the caller's own transaction.
            became = _write([new])[0] if connection.in_atomic_block else _together.do(new)
        except IntegrityError:  # the reference is taken, or staff removed just now what it leans on
            doors.forget(inbound.organisation)
            if attempt == ATTEMPTS - 1:
                raise
        else:
            return _received(became)
    raise AssertionError("unreachable")


Became: TypeAlias = Contact | int | KeyReused  # a new contact, the key of one that was here before, or a refusal


def _received(became: Became) -> Received:
    if isinstance(became, KeyReused):
        raise became
    if isinstance(became, Contact):
        return Received(became, True)
    contacts = Contact.objects.select_related("person", "lane__queue", "incident", "organisation")
    return Received(contacts.get(pk=became), False)


def _write(many: Sequence[NewContact]) -> list[Became]:
    """What became of each; all of them, or none."""
    with transaction.atomic(), connection.cursor() as cursor:
        seen = _seen([one.inbound for one in many], cursor)
        before = [_before(one.inbound, seen) for one in many]
        _insert([one for one, found in zip(many, before, strict=True) if found is None], cursor)
    return [one.contact if found is None else found for one, found in zip(many, before, strict=True)]


_together = Together(_write, most=MOST_AT_ONCE)
Delivery = tuple[int, str, str]


def _seen(many: Sequence[Inbound], cursor: CursorWrapper) -> Mapping[Delivery, tuple[str, int]]:
    """The digest and the contact of what came before under the same names."""
    names = [(one.organisation.pk, one.door, key) for one in many for key in one.keys]
    groups = ", ".join(["(%s, %s, %s)"] * len(names))
    cursor.execute(SEEN.format(groups), list(chain.from_iterable(names)))
    rows = cursor.fetchall()
    return {(organisation, door, key): (digest, contact) for organisation, door, key, digest, contact in rows}


def _before(inbound: Inbound, seen: Mapping[Delivery, tuple[str, int]]) -> int | KeyReused | None:
    found = [seen[name] for key in inbound.keys if (name := (inbound.organisation.pk, inbound.door, key)) in seen]
    if any(digest != inbound.digest for digest, _contact in found):
        return KeyReused("key_reused", OTHER_WORDS)
    return min((contact for _digest, contact in found), default=None)


def _insert(new: Sequence[NewContact], cursor: CursorWrapper) -> None:
    insert([one.contact.person for one in new], cursor)
    insert([one.contact for one in new], cursor)
    with_more = [one for one in new if one.inbound.attachments or one.inbound.html]  # they ask for the message's key
    insert([one.messages[0] for one in with_more], cursor)
    messages = [message for one in new for message in one.messages if message._state.adding]
    by_table = zip(*(one.parts for one in new), strict=True)
    insert_all([messages, *([row for rows in table for row in rows] for table in by_table)], cursor)
    for one in with_more:
        adopt(one.inbound.attachments, message=one.messages[0])
    for organisation, now in {one.contact.organisation_id: one.now for one in new}.items():
        live.nudge(organisation_id=organisation, topics=("board", "queue"), now=now)


def adopt(tokens: tuple[str, ...], *, message: Message) -> None:
    """Give the files that were kept for a form to the message that they came with."""
    if tokens:
        Attachment.objects.filter(
            organisation_id=message.organisation_id, token__in=tokens, message__isnull=True
        ).update(message=message)
