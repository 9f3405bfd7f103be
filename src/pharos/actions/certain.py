"""Joining by itself what is certain: the same verified address and matter within three days; no more than that."""

import logging
from datetime import datetime
from typing import Final

from django.db import InterfaceError, OperationalError

from pharos.actions import merging
from pharos.actions.errors import Refused
from pharos.engine.identity import WITHIN
from pharos.models import Contact, Identity, Kind
from pharos.queries import identities
from pharos.queries.suggested import Match, matches

log = logging.getLogger(__name__)
BATCH: Final = 50
ADDRESSES: Final = (Identity.Sort.EMAIL, Identity.Sort.HANDLE)
State = Contact.State


def join_due(*, now: datetime) -> bool:
    """Compare the contacts that nobody has compared yet; True while there may be more. Once each."""
    due = list(
        Contact.objects.filter(is_compared=False, state=State.WAITING)
        .select_related("organisation", "person", "lane", "incident")
        .order_by("id")[:BATCH]
    )
    for contact in due:
        if contact.lane.kind == Kind.WRITTEN:  # who is on the line is being talked to: their agent decides
            _try_to_join(contact, now=now)
        Contact.objects.filter(pk=contact.pk).update(is_compared=True)
    return len(due) == BATCH


def _try_to_join(contact: Contact, *, now: datetime) -> None:
    """One that cannot be compared must not keep all others from it, for ever; colleagues see them side by side."""
    try:
        _join(contact, now=now)
    except (OperationalError, InterfaceError):
        raise  # the store is away: the same contact again, later
    except Exception as error:  # noqa: BLE001 - its words go nowhere, the log least of all
        log.error("contact %d cannot be compared: %s", contact.pk, type(error).__name__)  # noqa: TRY400


def _join(contact: Contact, *, now: datetime) -> None:
    match = next((one for one in matches(contact, now=now) if _is_certain(one, contact)), None)
    if match is None:
        return
    keep, join = match.contact, contact
    if keep.state == State.WAITING and (keep.arrived_at, keep.pk) > (join.arrived_at, join.pk):
        keep, join = join, keep
    reasons = [one._asdict() | {"params": dict(one.params)} for one in match.likeness.reasons]
    try:
        merging.merge(keep=keep, join=join, by=None, reasons=reasons, probability=match.likeness.probability, now=now)
    except Refused:
        return  # somebody was quicker: the agent sees both side by side


def _is_certain(match: Match, contact: Contact) -> bool:
    other = match.contact
    near = abs(other.last_inbound_at - contact.arrived_at) <= WITHIN
    if match.likeness.verdict != "certain" or not match.same_matter or not near or other.lane.kind != Kind.WRITTEN:
        return False
    return bool(_addresses(contact) & _addresses(other))


def _addresses(contact: Contact) -> set[tuple[str, str]]:
    """That make certain who it is. Numbers are shared; what was only typed may be somebody else's."""
    return {one for one in identities.own(contact) if one[0] in ADDRESSES}
