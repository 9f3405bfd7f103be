"""More words from the person, by whatever road: kept once, where they belong, and the contact waits again."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Literal, NamedTuple

from django.db import transaction
from django.db.models import Case, F, Q, When
from django.utils.translation import gettext_lazy as _

from pharos.actions import intake, lanes, letters, promises, trail
from pharos.actions.errors import KeyReused, Refused
from pharos.actions.states import TAKEN, State, in_states
from pharos.models import Channel, Contact, EntryPoint, MailPage, Message, Submission
from pharos.queries import family


class Delivery(NamedTuple):
    """By what words that come twice are known: the door they came by, their key there, and a digest of them."""

    door: str
    key: str
    digest: str


class Carried(NamedTuple):
    """How words came: the channel and entry point, from which address, and as what the carrier knows them.

    `is_automatic`: no person wrote them. They are kept and change nothing.
    """

    channel: str = Channel.WEB
    entry: EntryPoint | None = None
    address: str = ""
    carrier_id: str = ""
    subject: str = ""
    language: str = ""  # blank: the contact's
    is_public: bool = False
    is_automatic: bool = False
    quoted: str = ""
    html: str = ""
    not_taken: tuple[Mapping[str, str], ...] = ()


def add_words(
    *,
    contact: Contact,
    text: str,
    attachments: tuple[str, ...] = (),
    door: str,
    key: str,
    digest: str,
    now: datetime,
    carried: Carried | None = None,
) -> Message:
    """More words from the person: they join the same place in line, and make a closed contact wait again.

    The same delivery again changes nothing. Raises `KeyReused` when the key came before with another body. `carried`:
    by what road they came, when that is not our own page.
    """
    if not text.strip() and not attachments and carried is None:  # a carrier's empty message is kept: it was sent
        raise Refused("empty", _("Please write something."))
    delivery = Delivery(door, key, digest)
    came = carried or Carried()
    return once(contact, delivery, lambda: _join(contact, text, attachments, came, now=now), now=now)


def once(contact: Contact, delivery: Delivery, write: Callable[[], Message], *, now: datetime) -> Message:
    """The message that this delivery became before, else the one that it becomes now."""
    with transaction.atomic():
        seen, is_new = Submission.objects.get_or_create(
            organisation_id=contact.organisation_id,
            door=delivery.door,
            key=delivery.key,
            defaults={"digest": delivery.digest, "contact": contact, "at": now},
        )
        if not is_new:
            return _known(seen, contact, digest=delivery.digest)
        message = write()
        Submission.objects.filter(pk=seen.pk).update(message=message)
    return message


def _join(contact: Contact, text: str, attachments: tuple[str, ...], carried: Carried, *, now: datetime) -> Message:
    message = Message.objects.create(
        organisation_id=contact.organisation_id,
        contact=contact,
        direction=Message.Direction.IN,
        sort=Message.Sort.AUTOMATIC if carried.is_automatic else Message.Sort.WORDS,
        channel=carried.channel,
        state=Message.State.RECEIVED,
        language=carried.language or contact.language,
        entry=carried.entry,
        address=carried.address,
        carrier_id=carried.carrier_id,
        subject=carried.subject,
        is_public=carried.is_public,
        body=text,
        quoted=carried.quoted,
        not_taken=[dict(one) for one in carried.not_taken],
        created_at=now,
        settled_at=now,
    )
    if carried.html:
        MailPage.objects.create(message=message, html=carried.html)
    intake.adopt(attachments, message=message)
    if carried.is_automatic:
        trail.tell(contact, now=now)
    else:
        _heard_again(contact, now=now)
    return message


def _heard_again(contact: Contact, *, now: datetime) -> None:
    """The person has written: whoever has the contact sees it, and what was set aside or closed waits again."""
    top = family.root(contact)
    _here_again(contact, top, now=now)
    contact.refresh_from_db(fields=["merged_into"])
    if (contact.merged_into_id or contact.pk) != top.pk:  # joined to another, or parted from it, while we waited
        top = family.root(contact)
        _here_again(contact, top, now=now)
    trail.record(contact, "words_added", now=now)
    woken = wake(top, now=now)
    if woken:
        top.refresh_from_db()
        if woken == "reopened":  # what its words suggested went with the close, and what followed from them goes now
            lanes.regrade(top, now=now)
        promises.tell_again(top, now=now)
        if woken == "reopened":
            letters.reopened(contact, now=now).save(force_insert=True)
        trail.record(top, woken, now=now)
    trail.tell(top, now=now, topics=["queue"])
    if top.pk != contact.pk:
        trail.record(top, "words_joined", now=now, reference=contact.reference)
        trail.tell(contact, now=now)


def _here_again(contact: Contact, top: Contact, *, now: datetime) -> None:
    """Both have heard; who has left is here again, unless it may be somebody else whose place it is."""
    same = family.shown_on(contact) if top.pk != contact.pk else [contact.pk]
    stays = When(Q(state__in=TAKEN) | ~Q(pk__in=same), then=F("left_at"))
    rows = Contact.objects.filter(pk__in=(contact.pk, top.pk))
    rows.update(last_inbound_at=now, left_at=Case(stays, default=None))


def wake(contact: Contact, *, now: datetime, in_hand: bool = False) -> Literal["reopened", "woken", ""]:
    """Make a contact wait again that was closed or set aside; `in_hand`: whoever set it aside goes on with it."""
    reopened = in_states(contact, (State.CLOSED,)).update(
        state=State.WAITING,
        agent=None,
        preferred_agent=F("agent"),
        closed_at=None,
        finished_at=None,
        accepted_at=None,
        front_at=None,
        disposition="",
        summary="",
    )
    if reopened:
        return "reopened"
    aside = in_states(contact, (State.PENDING,))
    if in_hand:
        return "woken" if aside.update(state=State.ACTIVE, wake_at=None, accepted_at=now) else ""
    again = aside.update(state=State.WAITING, agent=None, preferred_agent=F("agent"), wake_at=None)
    return "woken" if again else ""


def _known(before: Submission, contact: Contact, *, digest: str) -> Message:
    if before.digest != digest or before.contact_id != contact.pk or before.message is None:
        raise KeyReused("key_reused", intake.OTHER_WORDS)
    return before.message
