"""Words that a carrier brings: they land on the place in line that the person already has, else they get one."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal, NamedTuple

from django.db.models import Exists, OuterRef, QuerySet

from pharos.actions import further, intake
from pharos.actions import identities as own
from pharos.actions.errors import KeyReused
from pharos.actions.inbound import Inbound
from pharos.engine.references import normal_reference
from pharos.engine.text.languages import identify
from pharos.models import Channel, Contact, EntryPoint, Identity, Message, Organisation, Submission
from pharos.queries import family, identities, likeness

CONVERSATIONS: Final = (Channel.SMS, Channel.SOCIAL)  # one thread between two addresses
NUMBERS: Final = (Channel.SMS, Channel.VOICE)
RECENT: Final = timedelta(hours=72)  # words after a close within this time are about the same matter
SURE: Final = 0.5  # of a guess of the language
REFERENCE: Final = re.compile(r"(?<!\w)[2-9B-DF-HJ-NP-TV-Z]{3}-[2-9B-DF-HJ-NP-TV-Z]{3}(?!\w)", re.IGNORECASE)
MOST: Final = 50  # messages of ours that one of theirs may answer
MOST_REFERENCES: Final = 5  # looked at in one text


@dataclass(frozen=True, kw_only=True)
class Arrival:
    """One message as a carrier gave it. `door` and `key` name the delivery, `digest` is of what was sent.

    `thread`: carrier ids of messages of ours that it answers, newest first. `contact_id`: named by a mark of ours whose
    signature the channel has checked. `answer`: whether we may write back by ourselves. `quoted`: what the words repeat
    of earlier ones; `html`: the mail as it was sent, made safe, where that says more. `not_taken`: files that came
    along and were refused, each with its `name` and `why`.
    """

    organisation: Organisation
    entry: EntryPoint | None
    channel: Channel
    door: str
    key: str
    digest: str
    sender: str
    text: str
    name: str = ""
    subject: str = ""
    language: str = ""
    attachments: tuple[str, ...] = ()
    carrier_id: str = ""
    thread: tuple[str, ...] = ()
    contact_id: int | None = None
    is_automatic: bool = False
    is_public: bool = False
    answer: bool = True
    quoted: str = ""
    html: str = ""
    not_taken: tuple[Mapping[str, str], ...] = ()


class Took(NamedTuple):
    """What became of it: a contact of its own, words of one that was there, or the same delivery once more."""

    contact: Contact
    message: Message
    how: Literal["new", "joined", "again"]


class Place(NamedTuple):
    """The contact that words belong to, and whether they answer something that we sent to their sender."""

    contact: Contact
    is_answer: bool


def take(arrival: Arrival, *, now: datetime) -> Took:
    """Keep the words where they belong; durable when it returns. The same delivery again changes nothing.

    Raises `KeyReused` when its key came before with other words.
    """
    before = _before(arrival)
    if before:
        return before
    place = _place(arrival, now=now)
    if place is None:
        return _anew(arrival, now=now)
    if place.is_answer and not arrival.is_automatic:
        _proven(place.contact, arrival, now=now)
    try:
        return Took(place.contact, _add(place.contact, arrival, now=now), "joined")
    except KeyReused:
        again = _before(arrival)  # the same delivery at the same moment was quicker, and made the place we found
        if again is None:
            raise
        return again


def _before(arrival: Arrival) -> Took | None:
    rows = Submission.objects.filter(organisation=arrival.organisation, door=arrival.door, key=arrival.key)
    seen = rows.select_related("contact__organisation", "message").first()
    if seen is None:
        return None
    if seen.digest != arrival.digest:
        raise KeyReused("key_reused", intake.OTHER_WORDS)
    return Took(seen.contact, seen.message or first_words(seen.contact), "again")


def first_words(contact: Contact) -> Message:
    """What made it a contact."""
    return contact.messages.filter(direction=Message.Direction.IN).earliest("created_at", "id")


def _place(arrival: Arrival, *, now: datetime) -> Place | None:
    """Where the words belong for certain; None when nobody could say so, which is a contact of its own."""
    sender = identities.sender(arrival.channel, arrival.sender, arrival.language)
    if sender is None:
        return None
    answered = _answered(arrival, sender)
    if answered:
        return Place(answered, is_answer=True)
    named = _followed(arrival) or _named(arrival, sender) or _conversation(arrival, sender, now=now)
    named = named or _again(arrival, sender, now=now)
    return Place(named, is_answer=False) if named else None


def _answered(arrival: Arrival, sender: identities.Known) -> Contact | None:
    """Whose message from us this answers, when it is the one we wrote to who answers."""
    ours = Message.objects.filter(organisation=arrival.organisation, channel=arrival.channel, direction="out")
    ours = ours.select_related("contact__organisation").order_by("-id")
    answered = list(ours.filter(carrier_id__in=arrival.thread).exclude(carrier_id="")[:MOST]) if arrival.thread else []
    if arrival.contact_id:
        answered += ours.filter(contact_id=arrival.contact_id)[:MOST]
    return next((one.contact for one in answered if _is(sender, arrival, one.address)), None)


def _followed(arrival: Arrival) -> Contact | None:
    """Whose own words the sender goes on with."""
    if not arrival.thread:
        return None
    theirs = Message.objects.filter(organisation=arrival.organisation, direction="in", address=arrival.sender)
    before = theirs.filter(channel=arrival.channel, carrier_id__in=arrival.thread).exclude(carrier_id="")
    last = before.select_related("contact__organisation").order_by("-created_at", "-id").first()
    return last.contact if last else None


def _is(sender: identities.Known, arrival: Arrival, address: str) -> bool:
    known = identities.sender(arrival.channel, address, arrival.language)
    return known is not None and known.value == sender.value


def _named(arrival: Arrival, sender: identities.Known) -> Contact | None:
    """A contact of the sender whose reference stands in the words."""
    found = (normal_reference(one) for one in REFERENCE.findall(_words(arrival))[:MOST_REFERENCES])
    references = [one for one in found if one]
    return _of_sender(arrival, sender).filter(reference__in=references).first() if references else None


def _conversation(arrival: Arrival, sender: identities.Known, *, now: datetime) -> Contact | None:
    """The open contact of the same two addresses, or one that was closed a short while ago."""
    if arrival.channel not in CONVERSATIONS or arrival.entry is None:
        return None
    between = Message.objects.filter(entry=arrival.entry, address__iexact=arrival.sender)
    said = between.filter(contact=OuterRef("pk"), is_public=arrival.is_public)
    still = family.open_or_closed_since(now - RECENT)
    return _of_sender(arrival, sender).filter(still, Exists(said)).first()


def _again(arrival: Arrival, sender: identities.Known, *, now: datetime) -> Contact | None:
    """The contact of the same verified address about the same matter; what is said in public joins nothing private."""
    if arrival.is_public:
        return None
    return likeness.certain(
        organisation=arrival.organisation,
        sender=sender,
        text=_words(arrival),
        name=arrival.name,
        incident=arrival.entry.incident if arrival.entry else None,
        now=now,
    )


def _of_sender(arrival: Arrival, sender: identities.Known) -> QuerySet[Contact]:
    """The contacts of whoever is known by this address, the last that we heard from first."""
    known = Identity.objects.filter(organisation=arrival.organisation, sort=sender.sort, value=sender.value)
    rows = Contact.objects.filter(person__in=known.values("person"))
    return rows.select_related("organisation").order_by("-last_inbound_at", "-id")


def _proven(contact: Contact, arrival: Arrival, *, now: datetime) -> None:
    """What we sent to an address was answered from there: it is theirs."""
    sender = identities.sender(arrival.channel, arrival.sender, arrival.language)
    if sender:
        own.verified(person_id=contact.person_id, known=sender, proof=Identity.Proof.THREAD, now=now)


def _add(contact: Contact, arrival: Arrival, *, now: datetime) -> Message:
    carried = further.Carried(
        channel=arrival.channel,
        entry=arrival.entry,
        address=arrival.sender,
        carrier_id=arrival.carrier_id,
        subject=arrival.subject,
        language=_language(arrival, contact.language),
        is_public=arrival.is_public,
        is_automatic=arrival.is_automatic,
        quoted=arrival.quoted,
        html=arrival.html,
        not_taken=arrival.not_taken,
    )
    return further.add_words(
        contact=contact,
        text=arrival.text or arrival.subject,
        attachments=arrival.attachments,
        door=arrival.door,
        key=arrival.key,
        digest=arrival.digest,
        carried=carried,
        now=now,
    )


def _anew(arrival: Arrival, *, now: datetime) -> Took:
    inbound = Inbound(
        organisation=arrival.organisation,
        door=arrival.door,
        key=arrival.key,
        digest=arrival.digest,
        channel=arrival.channel,
        language=_language(arrival),
        text=arrival.text or arrival.subject,
        entry=arrival.entry,
        address=arrival.sender,
        carrier_id=arrival.carrier_id,
        subject=arrival.subject,
        is_public=arrival.is_public,
        quoted=arrival.quoted,
        html=arrival.html,
        not_taken=arrival.not_taken,
        acknowledge=arrival.answer and not arrival.is_automatic,
        incident=arrival.entry.incident if arrival.entry else None,
        name=arrival.name,
        attachments=arrival.attachments,
        email=arrival.sender if arrival.channel == Channel.EMAIL else "",
        phone=arrival.sender if arrival.channel in NUMBERS else "",
        handle=arrival.sender if arrival.channel not in {Channel.EMAIL, *NUMBERS} else "",
    )
    contact, created = intake.receive(inbound, now=now)
    return Took(contact, first_words(contact), "new" if created else "again")


def _language(arrival: Arrival, theirs: str = "") -> str:
    """The language the words are in; where they don't tell, the person's, the entry point's, the house's first."""
    at_home = arrival.organisation.languages or ["en"]
    expected = theirs or arrival.language or (arrival.entry.language if arrival.entry else "") or str(at_home[0])
    guess = identify(_words(arrival), expected)
    return guess.language if guess.language in at_home and guess.score >= SURE else expected


def _words(arrival: Arrival) -> str:
    return f"{arrival.subject}\n{arrival.text}"
