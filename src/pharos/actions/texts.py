"""Words to the number itself: no more texts, texts again, what is this."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from pharos.actions import entries, letters, trail
from pharos.models import Channel, Contact, EntryPoint, Message, OptOut, Submission
from pharos.queries.optouts import contact_of

State = Message.State


@dataclass(frozen=True, kw_only=True)
class Word:
    """A message to the number itself: where it came in, from whom, and by what its delivery is known."""

    entry: EntryPoint
    sender: str
    text: str
    key: str
    digest: str


def stop(*, word: Word, now: datetime) -> bool:
    """Nothing more goes to this number; False when this delivery came before, or the number was silent already.

    Whoever is in line stays there, and sees it on the page; the word is kept for the agent and wakes nobody.
    """
    organisation, sender = word.entry.organisation, word.sender
    with transaction.atomic():
        contact = contact_of(organisation.pk, sender)
        if contact and not _keep(contact, word, now=now):
            return False
        silent, is_new = OptOut.objects.get_or_create(
            organisation=organisation, address=sender, defaults={"since": now}
        )
        if not is_new:
            return False
        queued = Message.objects.filter(
            organisation=organisation, channel=Channel.SMS, address=sender, state=State.QUEUED
        )
        queued.exclude(sort=Message.Sort.CODE).update(state=State.SHOWN, due_at=None, settled_at=now)
        if contact:
            told = letters.text(contact, "texts_stopped", entry=word.entry, address=sender, now=now)
            told.save(force_insert=True)
            OptOut.objects.filter(pk=silent.pk).update(told=told)
            trail.record(contact, "texts_stopped", now=now)
            trail.tell(contact, now=now)
    return True


def start(*, word: Word, now: datetime) -> bool:
    """Texts go to this number again; False when it never was silent, and so the word is a person's like any other."""
    organisation, sender = word.entry.organisation, word.sender
    with transaction.atomic():
        contact = contact_of(organisation.pk, sender)
        if contact and _is_known(contact, word):
            return True
        if not OptOut.objects.filter(organisation=organisation, address=sender).delete()[0]:
            return False
        if contact:
            _keep(contact, word, now=now)
            letters.text(contact, "texts_started", entry=word.entry, address=sender, now=now).save(force_insert=True)
            trail.record(contact, "texts_started", now=now)
            trail.tell(contact, now=now)
    return True


def explain(*, contact: Contact, entry: EntryPoint, address: str, now: datetime) -> None:
    """Who we are, where the request stands, and how texts are stopped: to somebody who asked."""
    with transaction.atomic():
        letters.text(contact, "texts_explained", entry=entry, address=address, now=now).save(force_insert=True)
        trail.tell(contact, now=now)


def unwanted(*, organisation_id: int, address: str, now: datetime) -> None:
    """The carrier says that this number has stopped our texts, which it then never told us."""
    OptOut.objects.get_or_create(organisation_id=organisation_id, address=address, defaults={"since": now})


def unwanted_message(*, message_id: int, entry: EntryPoint, now: datetime) -> None:
    """The same, said of one of our texts."""
    for address in Message.objects.filter(pk=message_id, entry=entry).values_list("address", flat=True):
        unwanted(organisation_id=entry.organisation_id, address=address, now=now)


def _is_known(contact: Contact, word: Word) -> bool:
    rows = Submission.objects.filter(
        organisation_id=contact.organisation_id, door=entries.door(word.entry), key=word.key
    )
    return rows.filter(message__sort=Message.Sort.AUTOMATIC).exists()


def _keep(contact: Contact, word: Word, *, now: datetime) -> bool:
    """The word among the messages of the contact, once; False when it was there before."""
    seen, is_new = Submission.objects.get_or_create(
        organisation_id=contact.organisation_id,
        door=entries.door(word.entry),
        key=word.key,
        defaults={"digest": word.digest, "contact": contact, "at": now},
    )
    if not is_new:
        return False
    message = Message.objects.create(
        organisation_id=contact.organisation_id,
        contact=contact,
        direction=Message.Direction.IN,
        sort=Message.Sort.AUTOMATIC,
        channel=Channel.SMS,
        state=State.RECEIVED,
        language=contact.language,
        entry=word.entry,
        address=word.sender,
        body=word.text,
        created_at=now,
        settled_at=now,
        carrier_id=word.key,
    )
    Submission.objects.filter(pk=seen.pk).update(message=message)
    return True
