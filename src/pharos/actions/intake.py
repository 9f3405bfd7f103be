"""One door for every channel: a request comes in, is kept, gets its place and its promise."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import chain
from typing import NamedTuple, TypeAlias

from django.db import IntegrityError, connection, transaction
from django.db.backends.utils import CursorWrapper
from django.db.models import Model
from django.utils.translation import gettext_lazy as _

from pharos import content, live
from pharos.actions import lanes, letters, needs, promises, webhooks
from pharos.actions.errors import KeyReused
from pharos.actions.together import Together
from pharos.engine.classes import kind_of
from pharos.engine.references import page_token, reference
from pharos.models import (
    Attachment,
    Behalf,
    Channel,
    Contact,
    ContactEvent,
    Enquiry,
    EntryPoint,
    Identity,
    Incident,
    Lane,
    MailPage,
    Message,
    Organisation,
    Person,
    Submission,
    SupportNeed,
    User,
)
from pharos.models.insertion import fresh, insert, insert_all
from pharos.queries import doors, identities, roads

ATTEMPTS = 4  # a reference that is taken already is drawn again
OTHER_WORDS = _("This was sent before with other words.")
MOST_AT_ONCE = 32  # contacts in one transaction
SEEN = """
    SELECT organisation_id, door, key, digest, contact_id FROM pharos_submission
    WHERE (organisation_id, door, key) IN (VALUES {})
"""


class OnBehalf(NamedTuple):
    """Whom it is about, who the writer is to them, and on what ground they write, as they say."""

    name: str
    relation: str
    authority: str


class Looked(NamedTuple):
    """Whom somebody is looking for."""

    name: str
    age: int | None = None
    last_seen: str = ""


@dataclass(frozen=True, kw_only=True)
class Inbound:
    """A request as a door understood it. `door` and `key` together name the delivery; `digest` is of what was sent.

    A door whose carrier numbers messages as well gives that number as `other_key`: either names the delivery.
    What came by a carrier says where it came in (`entry`), from where (`address`) and the carrier's number of it; the
    address is then how we answer. Without `acknowledge` nothing is written back by itself: it was no person's mail.
    """

    organisation: Organisation
    door: str
    key: str
    digest: str
    channel: Channel
    language: str
    text: str
    other_key: str = ""
    entry: EntryPoint | None = None
    address: str = ""
    carrier_id: str = ""
    subject: str = ""
    is_public: bool = False
    quoted: str = ""
    html: str = ""
    not_taken: tuple[Mapping[str, str], ...] = ()
    acknowledge: bool = True
    incident: Incident | None = None
    name: str = ""
    email: str = ""
    phone: str = ""
    handle: str = ""
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
    arrived: datetime | None = None  # when the person spoke, where that was before now: their place counts from then
    taken_by: User | None = None  # the colleague who took it down
    behalf: OnBehalf | None = None  # the writer asks for somebody else
    looked_for: Looked | None = None
    taken_how: Mapping[str, str] = field(default_factory=dict)  # kept in the trail: never words of the person


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
            new = _new(inbound, now=now)
            # Written with all who come at this moment, or in the caller's own transaction.
            became = _write([new])[0] if connection.in_atomic_block else _together.do(new)
        except IntegrityError:  # the reference is taken, or staff removed just now what it leans on
            doors.forget(inbound.organisation)
            if attempt == ATTEMPTS - 1:
                raise
        else:
            return _received(became)
    raise AssertionError("unreachable")


class New(NamedTuple):
    """A contact that is ready to be written: its messages, and as `parts` all else, the rows of each table together."""

    inbound: Inbound
    contact: Contact
    messages: Sequence[Message]
    parts: Sequence[Sequence[Model]]
    now: datetime


Became: TypeAlias = Contact | int | KeyReused  # a new contact, the key of one that was here before, or a refusal


def _received(became: Became) -> Received:
    if isinstance(became, KeyReused):
        raise became
    if isinstance(became, Contact):
        return Received(became, True)
    contacts = Contact.objects.select_related("person", "lane__queue", "incident", "organisation")
    return Received(contacts.get(pk=became), False)


def _new(inbound: Inbound, *, now: datetime) -> New:
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
    return New(inbound, contact, [request, *answers], parts, now)


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
    return [fresh(Submission, **given, key=key, contact=contact) for key in _keys(inbound)]


def _keys(inbound: Inbound) -> list[str]:
    return [key for key in (inbound.key, inbound.other_key) if key]


def _write(many: Sequence[New]) -> list[Became]:
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
    names = [(one.organisation.pk, one.door, key) for one in many for key in _keys(one)]
    groups = ", ".join(["(%s, %s, %s)"] * len(names))
    cursor.execute(SEEN.format(groups), list(chain.from_iterable(names)))
    rows = cursor.fetchall()
    return {(organisation, door, key): (digest, contact) for organisation, door, key, digest, contact in rows}


def _before(inbound: Inbound, seen: Mapping[Delivery, tuple[str, int]]) -> int | KeyReused | None:
    found = [seen[name] for key in _keys(inbound) if (name := (inbound.organisation.pk, inbound.door, key)) in seen]
    if any(digest != inbound.digest for digest, _contact in found):
        return KeyReused("key_reused", OTHER_WORDS)
    return min((contact for _digest, contact in found), default=None)


def _insert(new: Sequence[New], cursor: CursorWrapper) -> None:
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
