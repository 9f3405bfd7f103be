"""Making contacts findable by their words, and people by their names, soon after these came: no door waits for it."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Final

from django.db import transaction

from pharos.actions import holds, likeness
from pharos.engine.words import document
from pharos.models import Contact, ContactWords, Identity, Message

BATCH: Final = 200  # messages that one pass takes
WORDS_MAX: Final = 4000  # different words of one contact, the newest messages first
AUTOMATIC: Final = (  # the same words for everybody, and codes
    Message.Sort.ACKNOWLEDGEMENT,
    Message.Sort.PROMISE_MOVED,
    Message.Sort.CHECK_IN,
    Message.Sort.CODE,
)
MESSAGES_MAX: Final = 200


def write_due() -> bool:
    """Take the messages that search does not know yet; True while there may be more."""
    due = list(Message.objects.filter(is_findable=False).order_by("id").values_list("id", "contact_id")[:BATCH])
    if not due:
        return False
    contacts = sorted({contact for _message, contact in due})
    with transaction.atomic():
        mine = Message.objects.filter(pk__in=[message for message, _contact in due])
        holds.in_order(mine)
        rows = [ContactWords(contact_id=contact, words=words) for contact, words in _documents(contacts)]
        ContactWords.objects.bulk_create(
            rows, update_conflicts=True, unique_fields=["contact"], update_fields=["words"]
        )
        likeness.write_keys(Contact.objects.filter(pk__in=contacts).values_list("person_id", flat=True))
        mine.update(is_findable=True)
    return len(due) == BATCH


def _documents(ids: Iterable[int]) -> Iterator[tuple[int, str]]:
    contacts = Contact.objects.filter(pk__in=ids).select_related("person").order_by("id")
    names = {one.pk: (one.reference, one.reference.replace("-", ""), one.person.name, one.booking) for one in contacts}
    known = _identities({one.pk: one.person_id for one in contacts})
    said = _said(names)
    for contact, own in names.items():
        yield contact, document([*own, *known[contact], *said[contact]], most=WORDS_MAX)


def _identities(people: dict[int, int]) -> dict[int, list[str]]:
    """What a person is known by, as typed, as kept, and with its digits in one piece."""
    by_person: defaultdict[int, list[str]] = defaultdict(list)
    rows = Identity.objects.filter(person_id__in=set(people.values())).order_by("id")
    for person, sort, value, typed in rows.values_list("person_id", "sort", "value", "typed"):
        together = "".join(filter(str.isalnum, typed)) if sort != Identity.Sort.EMAIL else ""
        by_person[person] += [value, typed, together]
    return {contact: by_person[person] for contact, person in people.items()}


def _said(contacts: Iterable[int]) -> dict[int, list[str]]:
    """What was written, the newest first."""
    texts: dict[int, list[str]] = {contact: [] for contact in contacts}
    rows = Message.objects.filter(contact_id__in=list(texts)).exclude(sort__in=AUTOMATIC).order_by("-id")
    for contact, subject, body in rows.values_list("contact_id", "subject", "body"):
        if len(texts[contact]) < MESSAGES_MAX:
            texts[contact] += [subject, body]
    return texts
