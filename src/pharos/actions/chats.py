"""What a chat page tells us: that it is there and how far it was read, that it is left, where else we write."""

from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.db.models import F, Q
from django.db.models.functions import Greatest
from django.utils.translation import gettext_lazy as _

from pharos.actions import letters, trail
from pharos.actions.errors import Refused
from pharos.live import hub
from pharos.models import Channel, Chat, Contact, Identity, Message, Organisation
from pharos.queries import family, identities, roads
from pharos.queries.rules import rule

OFTEN: Final = timedelta(seconds=20)  # being there is written down no more often than this
BATCH: Final = 200
MOST_REACHES: Final = 20  # times that one chat names where else it goes on
UNREAD: Final = (Message.Sort.REPLY, Message.Sort.SUMMARY, Message.Sort.PROMISE_MOVED)


def here(*, contact: Contact, read_to: int, now: datetime) -> None:
    """The page is open and was read as far as this message. Mostly nothing is written."""
    chat = Chat.objects.filter(contact=contact).first()
    if chat is None:
        Chat.objects.get_or_create(contact=contact, defaults={"seen_at": now, "read_to": read_to})
        return
    is_back = bool(chat.away_at or chat.handed_at)
    if not is_back and chat.read_to >= read_to and now - chat.seen_at < OFTEN:
        return
    with transaction.atomic():
        again = {"away_at": None, "handed_at": None}
        Chat.objects.filter(pk=chat.pk).update(seen_at=now, read_to=Greatest(F("read_to"), read_to), **again)
        if chat.handed_at:
            trail.record(contact, "chat_back", now=now)
            trail.tell(contact, now=now)
    if is_back or read_to > chat.read_to:
        _whisper(contact)


def away(*, contact: Contact, now: datetime) -> None:
    """The page is being left; it may come back at once, so nothing else follows yet."""
    rows = Chat.objects.filter(contact=contact, away_at__isnull=True)
    if rows.exists() and rows.update(away_at=now):
        _whisper(contact)


def hand_over(*, organisation: Organisation, now: datetime) -> int:
    """Chats that were left go on by mail, if we have an address: what was not read there is sent. Returns how many."""
    long_ago = now - timedelta(minutes=rule(organisation, "chat_left_minutes"))
    left = Q(seen_at__lt=long_ago) & (Q(away_at__isnull=True) | Q(away_at__lt=long_ago))
    due = Chat.objects.filter(left, contact__organisation=organisation, handed_at__isnull=True)
    related = [f"contact__{name}" for name in letters.WITH_ALL]
    return sum(_hand_over(chat, now=now) for chat in due.select_related(*related).order_by("seen_at")[:BATCH])


def _hand_over(chat: Chat, *, now: datetime) -> bool:
    contact = chat.contact
    with transaction.atomic():
        still = Chat.objects.filter(pk=chat.pk, handed_at__isnull=True, seen_at=chat.seen_at, away_at=chat.away_at)
        if not still.update(handed_at=now):
            return False
        address = _mail_address(contact)
        if address:
            _send_unread(chat, address, now=now)
        if family.root(contact).state != Contact.State.CLOSED:
            trail.record(contact, "chat_left", now=now, by_mail=bool(address))
        trail.tell(contact, now=now)
    return True


def _mail_address(contact: Contact) -> str:
    if contact.incident and contact.incident.is_drill:
        return ""
    known = identities.mail_of(contact.person_id)
    return known.typed if known else ""


def _send_unread(chat: Chat, address: str, *, now: datetime) -> None:
    """What was shown to nobody goes out; who has not heard from us by mail gets the reference and the page too."""
    contact = chat.contact
    ours = Message.objects.filter(contact=contact, direction=Message.Direction.OUT)
    unread = ours.filter(channel=Channel.CHAT, state=Message.State.SHOWN, sort__in=UNREAD, pk__gt=chat.read_to)
    sent = ours.filter(channel=Channel.EMAIL).exists()
    if not sent and family.root(contact).state != Contact.State.CLOSED:
        road = roads.mail(address)
        letters.acknowledgement(contact, road=road, own={}, now=now).save(force_insert=True)
    by_mail = {"channel": Channel.EMAIL, "address": address, "entry": None}
    unread.update(state=Message.State.QUEUED, due_at=now, settled_at=None, **by_mail)


def reach(*, contact: Contact, email: str, phone: str, now: datetime) -> None:
    """Where the person is reached when they do not stay: mail, or a number to be called. Their place stays the same."""
    known = [
        (identities.email(email), _("Please check the email address: name@example.org")) if email else None,
        (identities.phone(phone, contact.language), _("Please check the phone number, for example +44 7700 900123"))
        if phone
        else None,
    ]
    given = [one for one in known if one]
    if not given:
        raise Refused("empty", _("Please give an email address or a phone number."))
    for one, wrong in given:
        if one is None:
            raise Refused("address", wrong)
    if contact.events.filter(code="chat_reach").count() >= MOST_REACHES:
        said = _("We have many ways to reach you already. Please write in the chat which of them is right.")
        raise Refused("many", said)
    with transaction.atomic():
        for one, _wrong in given:
            if one is not None:
                Identity.objects.get_or_create(
                    person_id=contact.person_id,
                    sort=one.sort,
                    value=one.value,
                    defaults={"organisation_id": contact.organisation_id, "typed": one.typed},
                )
        trail.record(contact, "chat_reach", now=now, email=bool(email), phone=bool(phone))
        if phone:
            trail.record(contact, "callback_asked", now=now)
        trail.tell(contact, now=now)


def _whisper(contact: Contact) -> None:
    hub.whisper(organisation_id=contact.organisation_id, topic=f"chat:{contact.pk}")
