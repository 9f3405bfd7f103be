"""What a carrier says later about a message that it took: states only go forward, however often and in what order."""

from datetime import datetime, timedelta
from enum import Enum, auto
from typing import Final

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Coalesce

from pharos import live
from pharos.actions import delivery, trail
from pharos.models import Message

State = Message.State
UNREACHED: Final = timedelta(minutes=15)  # the network has tried for a while itself


class Verdict(Enum):
    """On its way, with the person, or come back."""

    UNDER_WAY = auto()
    DELIVERED = auto()
    FAILED = auto()


def delivered(*, message_id: int, entry_id: int, carrier_id: str, now: datetime) -> bool:
    """The person's device has it, whatever was said before; True when that is news."""
    with transaction.atomic():
        rows = _ours(message_id, entry_id)
        settled = {"state": State.SENT, "settled_at": Coalesce(F("settled_at"), now), "failure": "", "due_at": None}
        arrived = rows.filter(state=State.SENDING).update(delivered_at=now, carrier_id=carrier_id) or rows.filter(
            state__in=(State.QUEUED, State.SENT, State.FAILED)
        ).update(delivered_at=now, carrier_id=carrier_id, **settled)
        if arrived:
            _tell(message_id, now=now)
    return bool(arrived)


def came_back(
    *, message_id: int, entry_id: int, attempt: int, carrier_id: str, reason: str, permanent: bool, now: datetime
) -> bool:
    """This attempt did not arrive: again later, or failed for good; True when that is news.

    An attempt that was given up before, or that arrived, changes nothing.
    """
    with transaction.atomic():
        rows = (
            _ours(message_id, entry_id)
            .select_for_update(no_key=True, of=("self",))
            .filter(Q(state=State.SENDING) | Q(state=State.SENT, carrier_id__in=("", carrier_id)), attempts=attempt)
        )
        message = rows.select_related("contact").first()
        if message is None:
            return False
        over = permanent or message.attempts >= delivery.ATTEMPTS_MAX or message.sort == Message.Sort.CODE
        changes = _failed(now) if over else _again(message, now)
        kept = {"lease_until": None, "carrier_id": carrier_id, "failure": reason[: delivery.FAILURE_MAX]}
        Message.objects.filter(pk=message.pk).update(**kept, **changes)
        if over:
            trail.record(message.contact, "delivery_failed", now=now, message=message.pk)
        _tell(message_id, now=now)
    return True


def _ours(message_id: int, entry_id: int) -> "QuerySet[Message]":
    """The message while it is not known to have arrived; a carrier is heard on what went out by its own number."""
    rows = Message.objects.filter(pk=message_id, entry=entry_id, direction=Message.Direction.OUT)
    return rows.filter(delivered_at__isnull=True)


def _failed(now: datetime) -> dict[str, object]:
    return {"state": State.FAILED, "settled_at": now}


def _again(message: Message, now: datetime) -> dict[str, object]:
    pause = max(UNREACHED, timedelta(seconds=delivery.PAUSES_S[message.attempts - 1]))
    return {"state": State.QUEUED, "due_at": now + pause, "settled_at": None}


def _tell(message_id: int, *, now: datetime) -> None:
    for contact, organisation in Message.objects.filter(pk=message_id).values_list("contact_id", "organisation_id"):
        live.nudge(organisation_id=organisation, topics=[f"contact:{contact}"], now=now)
