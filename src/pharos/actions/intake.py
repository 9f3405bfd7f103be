"""One door for every channel: a request comes in, is kept, gets its place and its promise."""

import secrets
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from pharos.actions import lanes, letters, needs, promises, trail, webhooks
from pharos.actions.errors import KeyReused
from pharos.engine.classes import kind_of
from pharos.engine.references import page_token, reference
from pharos.models import (
    Attachment,
    Channel,
    Contact,
    ContactEvent,
    Identity,
    Incident,
    Message,
    Organisation,
    Person,
    Submission,
    SupportNeed,
)
from pharos.queries import identities

ATTEMPTS = 4  # a reference that is taken already is drawn again


@dataclass(frozen=True, kw_only=True)
class Inbound:
    """A request as a door understood it. `door` and `key` together name the delivery; `digest` is of what was sent.

    A door whose carrier numbers messages as well gives that number as `other_key`: either names the delivery.
    """

    organisation: Organisation
    door: str
    key: str
    digest: str
    channel: Channel
    language: str
    text: str
    other_key: str = ""
    incident: Incident | None = None
    name: str = ""
    email: str = ""
    phone: str = ""
    booking: str = ""
    request_type: str = ""
    needed_by: date | None = None
    time_zone: str = ""
    danger: bool = False
    needs: tuple[str, ...] = ()
    needs_words: str = ""
    needs_basis: str = SupportNeed.Basis.CONSENT
    needs_way: str = SupportNeed.Way.FORM
    attachments: tuple[str, ...] = ()


class Received(NamedTuple):
    """The contact that the delivery became, and whether it is new."""

    contact: Contact
    created: bool


def receive(inbound: Inbound, *, now: datetime) -> Received:
    """Keep the request; the same delivery again is the same contact.

    Durable when it returns. Raises `KeyReused` when the key came before with another body.
    """
    for attempt in range(ATTEMPTS):
        seen = _seen(inbound)
        if seen:
            return Received(seen, False)
        try:
            with transaction.atomic():
                return Received(_store(inbound, now=now), True)
        except IntegrityError:
            if attempt == ATTEMPTS - 1:
                raise
    raise AssertionError("unreachable")


def _keys(inbound: Inbound) -> list[str]:
    return [key for key in (inbound.key, inbound.other_key) if key]


def _seen(inbound: Inbound) -> Contact | None:
    before = list(
        Submission.objects.filter(organisation=inbound.organisation, door=inbound.door, key__in=_keys(inbound))
        .order_by("id")
        .values_list("digest", "contact_id")
    )
    if any(digest != inbound.digest for digest, _contact in before):
        raise KeyReused("key_reused", _("This was sent before with other words."))
    if not before:
        return None
    contacts = Contact.objects.select_related("person", "lane__queue", "incident", "organisation")
    return contacts.get(pk=before[0][1])


def _store(inbound: Inbound, *, now: datetime) -> Contact:
    organisation = inbound.organisation
    known = _identities(inbound)
    person = _person(inbound, known, now=now)
    time_zone = inbound.time_zone or (inbound.incident.time_zone if inbound.incident else "") or organisation.time_zone
    standing = lanes.standing(
        danger=inbound.danger,
        needed_by=inbound.needed_by,
        time_zone=time_zone,
        needs=inbound.needs,
        request_type=inbound.request_type,
        raised_band=None,
        raised_by="",
        now=now,
    )
    lane = lanes.lane(
        organisation=organisation,
        queue=lanes.queue_for(organisation, inbound.request_type),
        language=inbound.language,
        band=standing.band,
        kind=kind_of(inbound.channel),
    )
    contact = Contact(
        organisation=organisation,
        incident=inbound.incident,
        person=person,
        reference=reference(secrets.token_bytes(16)),
        page_token=page_token(secrets.token_bytes(24)),
        channel=inbound.channel,
        language=inbound.language,
        request_type=inbound.request_type,
        booking=inbound.booking,
        needed_by=inbound.needed_by,
        time_zone=time_zone,
        danger=inbound.danger,
        lane=lane,
        reasons=standing.reasons,
        arrived_at=now,
        virtual_arrival=now,
        last_inbound_at=now,
        reband_at=standing.reband_at,
    )
    told = promises.first(contact, now=now)
    contact.save(force_insert=True)
    told.contact = contact
    told.save(force_insert=True)
    SupportNeed.objects.bulk_create(_needs(inbound, contact, now=now))
    Submission.objects.bulk_create(
        Submission(
            organisation=organisation, door=inbound.door, key=key, digest=inbound.digest, contact=contact, at=now
        )
        for key in _keys(inbound)
    )
    request = Message(
        organisation=organisation,
        contact=contact,
        direction=Message.Direction.IN,
        sort=Message.Sort.REQUEST,
        channel=inbound.channel,
        state=Message.State.RECEIVED,
        language=inbound.language,
        body=inbound.text,
        created_at=now,
        settled_at=now,
    )
    acknowledgement = letters.acknowledgement(contact, address=_address(known), now=now)
    Message.objects.bulk_create([request, acknowledgement])
    adopt(inbound.attachments, message=request)
    ContactEvent.objects.create(
        contact=contact, at=now, code="received", data={"channel": inbound.channel, "band": standing.band}
    )
    webhooks.announce(
        organisation_id=organisation.pk, event="contact.received", body={"reference": contact.reference}, now=now
    )
    trail.tell(contact, now=now, topics=["queue"])
    return contact


def adopt(tokens: tuple[str, ...], *, message: Message) -> None:
    """Give the files that were kept for a form to the message that they came with."""
    if tokens:
        Attachment.objects.filter(
            organisation_id=message.organisation_id, token__in=tokens, message__isnull=True
        ).update(message=message)


def _needs(inbound: Inbound, contact: Contact, *, now: datetime) -> list[SupportNeed]:
    return needs.declared(
        contact=contact,
        codes=inbound.needs,
        words=inbound.needs_words,
        basis=inbound.needs_basis,
        way=inbound.needs_way,
        now=now,
    )


def _identities(inbound: Inbound) -> list[identities.Known]:
    found = [
        identities.email(inbound.email) if inbound.email else None,
        identities.caller(inbound.phone, inbound.language) if inbound.phone else None,
        identities.booking(inbound.booking) if inbound.booking else None,
    ]
    return [known for known in found if known]


def _address(known: list[identities.Known]) -> str:
    return next((one.typed for one in known if one.sort == Identity.Sort.EMAIL), "")


def _person(inbound: Inbound, known: list[identities.Known], *, now: datetime) -> Person:
    person = Person.objects.create(
        organisation=inbound.organisation,
        name=inbound.name,
        language=inbound.language,
        time_zone=inbound.time_zone,
        created_at=now,
    )
    Identity.objects.bulk_create(
        Identity(organisation=inbound.organisation, person=person, sort=one.sort, value=one.value, typed=one.typed)
        for one in known
    )
    return person
