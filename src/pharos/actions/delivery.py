"""The way out of a message: leased, sent by a channel outside any transaction, settled; nothing stays under way."""

from datetime import datetime, timedelta
from typing import Any, TypeAlias

from django.db import transaction
from django.db.models import Q, QuerySet

from pharos import live
from pharos.actions import trail
from pharos.models import Message, StaffMail, User

LEASE = timedelta(seconds=20)  # renewed while the sending lasts, so that a worker's death costs no more than this
PAUSES_S = (15, 60, 300, 900, 1800, 3600, 7200, 14400, 28800)  # after each failed attempt; then it has failed
BATCH = 500
ATTEMPTS_MAX = len(PAUSES_S) + 1
FAILURE_MAX = 300
LATER = (Message.Sort.PROMISE_MOVED, Message.Sort.SUMMARY)
SOON = {Message: ~Q(sort__in=LATER), StaffMail: Q()}  # first who has not heard from us at all, or asked
RELATED = {Message: ("contact__organisation", "entry"), StaffMail: ("organisation",)}
INTERRUPTED = "interrupted"

Mail: TypeAlias = Message | StaffMail


def lease(*, model: type[Mail], now: datetime) -> Mail | None:
    """Take the next row that is due, for `LEASE`; None when there is none. Two workers never take the same.

    Acknowledgements and replies go before what we write by ourselves later on.
    """
    due = model._default_manager.filter(state="queued", due_at__lte=now).order_by("due_at", "id")
    if not due.exists():  # looking must not take SQLite's only write lock
        return None
    free = due.select_related(*RELATED[model]).select_for_update(no_key=True, skip_locked=True, of=("self",))
    with transaction.atomic():
        row = free.filter(SOON[model]).first() or free.first()
        if row is None:
            return None
        row.state, row.lease_until, row.attempts = "sending", now + LEASE, row.attempts + 1
        still = model._default_manager.filter(pk=row.pk, state="queued")
        still.update(state=row.state, lease_until=row.lease_until, attempts=row.attempts)
    return row


def renew(*, mail: Mail, now: datetime) -> bool:
    """Go on with a sending that takes long; False when it is no longer ours."""
    return bool(_mine(mail).update(lease_until=now + LEASE))


def sent(*, mail: Mail, carrier_id: str, now: datetime) -> bool:
    """The carrier has it. False when the lease was lost meanwhile: another worker will send it once more."""
    if isinstance(mail, StaffMail):
        return _settle(mail, state="sent", failure="")
    with transaction.atomic():
        settled = _settle(mail, state="sent", failure="", carrier_id=carrier_id, settled_at=now, **_forgotten(mail))
        if settled:
            _tell(mail, now=now)
    return settled


def put_off(*, mail: Mail, reason: str, maybe_twice: bool, now: datetime) -> bool:
    """It did not go out this time: again later, or failed after the last attempt. An interrupted one is due at once."""
    if mail.attempts >= ATTEMPTS_MAX:
        return failed(mail=mail, reason=reason, now=now)
    due_at = now if reason == INTERRUPTED else now + timedelta(seconds=PAUSES_S[mail.attempts - 1])
    marks = {"maybe_twice": True} if maybe_twice and isinstance(mail, Message) else {}
    return _settle(mail, state="queued", failure=reason[:FAILURE_MAX], due_at=due_at, **marks)


def failed(*, mail: Mail, reason: str, now: datetime) -> bool:
    """It will not go out; a person must look."""
    if isinstance(mail, StaffMail):
        return _settle(mail, state="failed", failure=reason[:FAILURE_MAX])
    with transaction.atomic():
        settled = _settle(mail, state="failed", failure=reason[:FAILURE_MAX], settled_at=now, **_forgotten(mail))
        if settled:
            trail.record(mail.contact, "delivery_failed", now=now, message=mail.pk)
            _tell(mail, now=now)
    return settled


def send_again(*, mail: Message | StaffMail, by: User, now: datetime) -> bool:
    """Try once more what had failed, as often as the first time; False when it is no longer failed."""
    fresh = {"state": "queued", "attempts": 0, "due_at": now, "failure": ""}
    if isinstance(mail, StaffMail):
        return bool(StaffMail.objects.filter(pk=mail.pk, state="failed").update(**fresh))
    with transaction.atomic():
        failed_ones = Message.objects.filter(pk=mail.pk, state="failed").exclude(sort=Message.Sort.CODE)
        again = failed_ones.update(settled_at=None, **fresh)
        if again:
            trail.record(mail.contact, "sent_again", now=now, by=by, message=mail.pk)
            _tell(mail, now=now)
    return bool(again)


def _forgotten(message: Message) -> dict[str, str]:
    """A code that has gone out is nobody's any more but the person's."""
    return {"body": ""} if message.sort == Message.Sort.CODE else {}


def release_expired(*, now: datetime) -> int:
    """Rows whose worker died while sending go out again: better twice than lost. Returns how many."""
    return sum(_release(model, now=now) for model in (Message, StaffMail))


def _release(model: type[Mail], *, now: datetime) -> int:
    expired = model._default_manager.filter(state="sending", lease_until__lte=now).order_by("lease_until")
    return sum(put_off(mail=row, reason=INTERRUPTED, maybe_twice=True, now=now) for row in expired[:BATCH])


def _settle(mail: Mail, **values: object) -> bool:
    """Change the row only while the lease is still ours."""
    return bool(_mine(mail).update(lease_until=None, **values))


def _mine(mail: Mail) -> QuerySet[Any]:
    """The row while our lease lasts; every lease counts one more attempt."""
    return type(mail)._default_manager.filter(pk=mail.pk, state="sending", attempts=mail.attempts)


def _tell(message: Message, *, now: datetime) -> None:
    live.nudge(organisation_id=message.organisation_id, topics=[f"contact:{message.contact_id}"], now=now)
