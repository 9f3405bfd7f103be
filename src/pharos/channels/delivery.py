"""Sending what is due: lease a message, hand it to its carrier outside any transaction, settle it."""

import logging
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime
from typing import Literal, TypeAlias

from django.conf import settings

from pharos import content
from pharos.actions import delivery, letters
from pharos.channels import DeliveryError, Outbound, Send, Sender
from pharos.channels.registry import CARRIERS
from pharos.channels.vias import via_of
from pharos.models import Channel, Message, Organisation, StaffMail

logger = logging.getLogger(__name__)

BATCH = 50  # messages over one connection
Letter: TypeAlias = Message | StaffMail
_under_way: dict[tuple[str, int], Letter] = {}  # what the threads of this process are sending


def deliver_messages(*, clock: Callable[[], datetime], going: Callable[[], bool]) -> int:
    """Send what is due to people, until nothing is, every carrier is out of reach, or `going` says stop."""
    return _deliver(Message, clock=clock, going=going)


def deliver_staff_mail(*, clock: Callable[[], datetime], going: Callable[[], bool]) -> int:
    """The same for mail to members of staff."""
    return _deliver(StaffMail, clock=clock, going=going)


def keep_under_way(*, now: datetime) -> None:
    """Renew the leases of what this process has been sending for long: a mail server may take its time."""
    for mail in list(_under_way.values()):
        if mail.lease_until is None or mail.lease_until - now > delivery.LEASE / 2:
            continue
        if delivery.renew(mail=mail, now=now):
            mail.lease_until = now + delivery.LEASE


def _deliver(model: type[Letter], *, clock: Callable[[], datetime], going: Callable[[], bool]) -> int:
    done = 0
    with ExitStack() as connections:
        opened: dict[str, Send] = {}

        def send(channel: str, outbound: Outbound) -> str:
            if channel not in CARRIERS:
                raise DeliveryError("no carrier for this channel", permanent=True)
            if channel not in opened:
                opened[channel] = connections.enter_context(CARRIERS[channel].opened())
            return opened[channel](outbound)

        away: set[str] = set()  # channels whose carrier is out of reach: the others go on
        while done < BATCH and going():
            mail = delivery.lease(model=model, now=clock(), but=away)
            if mail is None:
                break
            done += 1
            with _kept(mail):
                reached = _send(mail, send, clock=clock)
            if not reached:
                away.add(mail.channel if isinstance(mail, Message) else Channel.EMAIL)
    return done


@contextmanager
def _kept(mail: Letter) -> Iterator[None]:
    key = type(mail).__name__, mail.pk
    _under_way[key] = mail
    try:
        yield
    finally:
        del _under_way[key]


def _send(mail: Letter, send: Callable[[str, Outbound], str], *, clock: Callable[[], datetime]) -> bool:
    """Send one and settle it; False when its carrier is out of reach."""
    try:
        if isinstance(mail, Message):
            carrier_id = send(mail.channel, _to_person(mail))
        else:
            carrier_id = send(Channel.EMAIL, _to_staff(mail))
    except DeliveryError as error:
        logger.warning("%s %d did not go out (attempt %d)", type(mail).__name__.lower(), mail.pk, mail.attempts)
        if error.permanent:
            delivery.failed(mail=mail, reason=error.reason, now=clock())
        else:
            delivery.put_off(mail=mail, reason=error.reason, maybe_twice=error.unsure, wait_s=error.wait_s, now=clock())
        return not error.down
    if not delivery.sent(mail=mail, carrier_id=carrier_id, now=clock()):
        logger.warning("%s %d was sent after its lease had ended", type(mail).__name__.lower(), mail.pk)
    return True


def _to_person(message: Message) -> Outbound:
    came, thread = _thread(message)
    return Outbound(
        key=f"m{message.pk}",
        attempt=message.attempts,
        sender=_sender(message.contact.organisation, message.language),
        address=message.address,
        language=message.language,
        subject=message.subject,
        body=letters.framed(message),
        written_at=message.created_at,
        answers=_answers(message),
        in_reply_to=came,
        references=thread,
        via=via_of(message.entry) if message.entry else None,
        is_public=message.is_public,
        contact_id=message.contact_id,
    )


def _to_staff(mail: StaffMail) -> Outbound:
    return Outbound(
        key=f"s{mail.pk}",
        sender=_sender(mail.organisation, ""),
        address=mail.to,
        language="",
        subject=mail.subject,
        body=mail.body,
        written_at=mail.created_at,
        answers="auto-generated",
    )


def _sender(organisation: Organisation, language: str) -> Sender:
    return Sender(
        house=organisation.slug,
        address=organisation.mail_from or settings.ENVIRONMENT.mail_from,
        name=content.pick(organisation.name, language).text,
        is_demo=organisation.is_demo,
    )


def _answers(message: Message) -> Literal["", "auto-replied", "auto-generated"]:
    if message.sort == Message.Sort.ACKNOWLEDGEMENT:
        return "auto-replied"
    return "" if message.author_id else "auto-generated"


def _thread(message: Message) -> tuple[str, tuple[str, ...]]:
    """The carrier's id of the person's last message on this road, and those of the first and the last."""
    rows = message.contact.messages.filter(channel=message.channel).exclude(carrier_id="").order_by("created_at", "id")
    known = list(rows.values_list("direction", "carrier_id"))
    came = [carrier_id for direction, carrier_id in known if direction == Message.Direction.IN]
    first = [carrier_id for _, carrier_id in known[:1]]
    return (came or [""])[-1], tuple(dict.fromkeys(first + came[-1:]))
