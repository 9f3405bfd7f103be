"""Text messages: by a Twilio-compatible carrier, or by any other that is asked over HTTP."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from django.utils import timezone

from pharos.actions import entries, texts
from pharos.channels import DeliveryError, Outbound, Send
from pharos.channels.sms import generic, numbers, twilio
from pharos.channels.sms.adapters import ADAPTERS
from pharos.channels.sms.incoming import Unwanted
from pharos.channels.sms.reports import callback_url
from pharos.models import EntryPoint
from pharos.queries import optouts

__all__ = ["ADAPTERS", "Sms"]

SENDING: Mapping[str, Callable[[Outbound, EntryPoint, str], str]] = {
    twilio.NAME: twilio.send,
    generic.NAME: generic.send,
}


class Sms:
    """The carrier of text messages."""

    @contextmanager
    def opened(self) -> Iterator[Send]:
        """Every message is a request of its own, by the number it goes out by."""
        known: dict[int, EntryPoint] = {}

        def send(outbound: Outbound) -> str:
            if not numbers.is_reachable(outbound.address):
                raise DeliveryError("this is not a telephone number", permanent=True)
            entry = _entry(outbound, known)
            if not optouts.may_write(entry.organisation_id, outbound.address, key=outbound.key):
                raise DeliveryError("the person wants no more texts", permanent=True)
            return f"kept.{outbound.key}" if outbound.sender.is_demo else _send(outbound, entry)

        yield send


def _send(outbound: Outbound, entry: EntryPoint) -> str:
    """Hand it over; a carrier that cannot be reached is seen where the number is set up, until it answers."""
    report_to = callback_url(entry, key=outbound.key, attempt=outbound.attempt)
    try:
        carrier_id = SENDING[entry.adapter](outbound, entry, report_to)
    except DeliveryError as error:
        if error.down:
            entries.failed(entry=entry, reason=error.reason, now=timezone.now())
        else:
            _reached(entry)
        if isinstance(error, Unwanted):
            texts.unwanted(organisation_id=entry.organisation_id, address=outbound.address, now=timezone.now())
        raise
    _reached(entry)
    return carrier_id


def _reached(entry: EntryPoint) -> None:
    if entry.failing_since:
        entries.read(entry=entry, cursor=entry.cursor, now=timezone.now())


def _entry(outbound: Outbound, known: dict[int, EntryPoint]) -> EntryPoint:
    """The number that it goes out by, looked up once in a block."""
    if outbound.via is None:
        raise DeliveryError("there is no number to send texts from", permanent=False)
    pk = outbound.via.pk
    if pk not in known:
        found = EntryPoint.objects.select_related("organisation").filter(pk=pk, adapter__in=SENDING).first()
        if found is None:
            raise DeliveryError("the number to send texts from was removed", permanent=False)
        known[pk] = found
    return known[pk]
