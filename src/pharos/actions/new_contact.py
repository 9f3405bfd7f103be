"""A contact on its way in: its place, its promise, its acknowledgement and all rows, ready to be written."""

import secrets
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from django.db.models import Model

from pharos import content
from pharos.actions import lanes, letters, needs, promises, webhooks
from pharos.actions.inbound import Inbound
from pharos.engine.classes import kind_of
from pharos.engine.references import page_token, reference
from pharos.models import (
    Behalf,
    Contact,
    ContactEvent,
    Enquiry,
    Identity,
    Lane,
    MailPage,
    Message,
    Person,
    Submission,
    SupportNeed,
)
from pharos.models.insertion import fresh
from pharos.queries import doors, identities, roads


class NewContact(NamedTuple):
    """A contact that is ready to be written: its messages, and as `parts` all else, the rows of each table together."""

    inbound: Inbound
    contact: Contact
    messages: Sequence[Message]
    parts: Sequence[Sequence[Model]]
    now: datetime


def prepared(inbound: Inbound, *, now: datetime) -> NewContact:
    """Its place, its promise and its acknowledgement, worked out before anything is locked."""
    known = doors.of(inbound.organisation, now=now)
    given = _identities(inbound)
    contact = _contact(inbound, known, now=now)
    promise = promises.first(contact, wait=known.wait(contact.lane), hours=known.hours, now=now)
    known.came[doors.class_of(contact.lane)] += 1
    request = _request(inbound, contact, now=now)
    page = [MailPage(message=request, html=inbound.html)] if inbound.html else []
    answers = _answers(inbound, contact, given, known, now=now)
    event = _came_in(inbound, contact, now=now)
    told = webhooks.deliveries(known.hooks, event="contact.received", body={"reference": contact.reference}, now=now)
    parts = (
        _known_by(contact, given),
        _needs(inbound, contact, now=now),
        [promise],
        _delivered(inbound, contact, now=now),
        [event],
        told,
        _for_whom(inbound, contact),
        _enquiry(inbound, contact),
        page,
    )
    return NewContact(inbound, contact, [request, *answers], parts, now)


def _for_whom(inbound: Inbound, contact: Contact) -> list[Behalf]:
    """What they say of it; until a colleague has asked, nothing personal may be said."""
    said = inbound.behalf
    return [Behalf(contact=contact, **said._asdict())] if said else []


def _enquiry(inbound: Inbound, contact: Contact) -> list[Enquiry]:
    return [Enquiry(contact=contact, **inbound.looked_for._asdict())] if inbound.looked_for else []


def _came_in(inbound: Inbound, contact: Contact, *, now: datetime) -> ContactEvent:
    data = {"channel": inbound.channel, "band": contact.lane.band, **inbound.taken_how}
    if contact.arrived_at != now:
        data["taken_at"] = contact.arrived_at.isoformat()
    return fresh(ContactEvent, contact=contact, at=now, code="received", user=inbound.taken_by, data=data)


def _contact(inbound: Inbound, known: doors.Doors, *, now: datetime) -> Contact:
    organisation, incident = inbound.organisation, inbound.incident
    time_zone = inbound.time_zone or (incident.time_zone if incident else "") or organisation.time_zone
    standing = lanes.standing(
        organisation=organisation,
        danger=inbound.danger,
        needed_by=inbound.needed_by,
        time_zone=time_zone,
        needs=_own_needs(inbound),
        request_type=inbound.request_type,
        raised_band=None,
        raised_by="",
        now=now,
    )
    person = fresh(
        Person,
        organisation_id=organisation.pk,
        name=inbound.name,
        language=inbound.language,
        time_zone=inbound.time_zone,
        created_at=now,
    )
    arrived = min(inbound.arrived or now, now)
    return fresh(
        Contact,
        organisation=organisation,
        incident=incident,
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
        has_needs=_has_needs(inbound),
        lane=_lane(inbound, standing.band, known),
        reasons=standing.reasons,
        arrived_at=arrived,
        virtual_arrival=arrived,
        last_inbound_at=arrived,
        reband_at=standing.reband_at,
    )


def _own_needs(inbound: Inbound) -> tuple[str, ...]:
    """What counts for the place in line: not what somebody else says of the person."""
    return () if inbound.needs_basis == SupportNeed.Basis.CARE else inbound.needs


def _has_needs(inbound: Inbound) -> bool:
    if inbound.needs_basis == SupportNeed.Basis.CARE:
        return False
    return bool(inbound.needs_words.strip()) or any(code in content.needs() for code in inbound.needs)


def _lane(inbound: Inbound, band: int, known: doors.Doors) -> Lane:
    queue, kind = lanes.routed(known.queues, inbound.request_type), kind_of(inbound.channel)
    key = (queue.pk, inbound.language, band, kind)
    if key not in known.lanes:
        known.lanes[key] = lanes.lane(
            organisation=inbound.organisation, queue=queue, language=inbound.language, band=band, kind=kind
        )
    return known.lanes[key]


def _answers(
    inbound: Inbound, contact: Contact, given: list[identities.Known], known: doors.Doors, *, now: datetime
) -> list[Message]:
    if not inbound.acknowledge:
        return []
    entry = inbound.entry.pk if inbound.entry else None
    road = roads.road_of(inbound.channel, inbound.address, entry, mail_to=_address(given))
    return [letters.acknowledgement(contact, road=road, own=known.wordings, now=now)]


def _request(inbound: Inbound, contact: Contact, *, now: datetime) -> Message:
    return fresh(
        Message,
        organisation_id=inbound.organisation.pk,
        contact=contact,
        direction=Message.Direction.IN,
        sort=Message.Sort.REQUEST,
        channel=inbound.channel,
        state=Message.State.RECEIVED,
        language=inbound.language,
        entry=inbound.entry,
        address=inbound.address,
        carrier_id=inbound.carrier_id,
        subject=inbound.subject,
        is_public=inbound.is_public,
        body=inbound.text,
        quoted=inbound.quoted,
        not_taken=[dict(one) for one in inbound.not_taken],
        created_at=contact.arrived_at,
        settled_at=now,
    )


def _delivered(inbound: Inbound, contact: Contact, *, now: datetime) -> list[Submission]:
    given = {"organisation_id": inbound.organisation.pk, "door": inbound.door, "digest": inbound.digest, "at": now}
    return [fresh(Submission, **given, key=key, contact=contact) for key in inbound.keys]


def _needs(inbound: Inbound, contact: Contact, *, now: datetime) -> list[SupportNeed]:
    return needs.declared(
        contact=contact,
        codes=inbound.needs,
        words=inbound.needs_words,
        basis=inbound.needs_basis,
        way=inbound.needs_way,
        by=inbound.taken_by,
        now=now,
    )


def _identities(inbound: Inbound) -> list[identities.Known]:
    found = [
        identities.email(inbound.email) if inbound.email else None,
        identities.caller(inbound.phone, inbound.language) if inbound.phone else None,
        identities.booking(inbound.booking) if inbound.booking else None,
        identities.handle(inbound.handle) if inbound.handle else None,
    ]
    return [known for known in found if known]


def _address(known: list[identities.Known]) -> str:
    return next((one.typed for one in known if one.sort == Identity.Sort.EMAIL), "")


def _known_by(contact: Contact, given: list[identities.Known]) -> list[Identity]:
    return [
        fresh(
            Identity,
            organisation_id=contact.organisation_id,
            person=contact.person,
            sort=one.sort,
            value=one.value,
            typed=one.typed,
        )
        for one in given
    ]
