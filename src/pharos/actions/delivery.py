"""The way out of a message: leased, sent by a channel outside any transaction, settled; nothing stays under way."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any, TypeAlias, TypeVar

from django.db import transaction
from django.db.models import Q, QuerySet

from pharos import live
from pharos.actions import trail
from pharos.models import Message, Post, StaffMail, User

LEASE = timedelta(seconds=20)  # renewed while the sending lasts, so that a worker's death costs no more than this
PAUSES_S = (15, 60, 300, 900, 1800, 3600, 7200, 14400, 28800)  # after each failed attempt; then it has failed
BATCH = 500
ATTEMPTS_MAX = len(PAUSES_S) + 1
FAILURE_MAX = 300
LONGEST_WAIT = timedelta(hours=1)  # that a carrier may ask for
PATIENCE = timedelta(days=1)  # so long a carrier may ask us to wait without that being counted
LATER = (Message.Sort.PROMISE_MOVED, Message.Sort.SUMMARY)
SOON = {Message: ~Q(sort__in=LATER), StaffMail: Q(), Post: Q()}  # first who has not heard from us at all, or asked
RELATED = {
    Message: ("contact__organisation", "entry"),
    StaffMail: ("organisation",),
    Post: ("organisation", "entry", "advisory__incident", "contact__incident"),
}
INTERRUPTED = "interrupted"

Mail: TypeAlias = Message | StaffMail | Post
AnyMail = TypeVar("AnyMail", bound=Mail)


def lease(*, model: type[AnyMail], now: datetime, but: Collection[str] = ()) -> AnyMail | None:
    """Take the next row that is due, for `LEASE`; None when there is none. Two workers never take the same.

    Acknowledgements and replies go before what we write by ourselves later on. `but`: channels whose carrier is away.
    """
    due: QuerySet[Any] = model._default_manager.filter(state="queued", due_at__lte=now).order_by("due_at", "id")
    if but:
        due = due.filter(~Q(channel__in=but)) if model is Message else due.none()
    if not due.exists():  # looking must not take SQLite's only write lock
        return None
    free = due.select_related(*RELATED[model]).select_for_update(no_key=True, skip_locked=True, of=("self",))
    with transaction.atomic():
        row: AnyMail | None = free.filter(SOON[model]).first() or free.first()
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
            if isinstance(mail, Post) and mail.contact:
                trail.record(mail.contact, "answered_in_public", now=now)
            _tell(mail, now=now)
    return settled


def put_off(*, mail: Mail, reason: str, maybe_twice: bool, now: datetime, wait_s: float | None = None) -> bool:
    """It did not go out this time: again later, or failed after the last attempt. An interrupted one is due at once.

    `wait_s`: the carrier asked us to wait so long. For a day that is no failed attempt.
    """
    if _has_arrived(mail, now=now):
        return True
    uncounted = wait_s is not None and now - mail.created_at < PATIENCE
    if mail.attempts >= ATTEMPTS_MAX and not uncounted:
        return failed(mail=mail, reason=reason, now=now)
    marks = {"maybe_twice": True} if maybe_twice and not isinstance(mail, StaffMail) else {}
    counted = {"attempts": mail.attempts - 1} if uncounted else {}
    due_at = now + _pause(mail, reason, wait_s)
    return _settle(mail, state="queued", failure=reason[:FAILURE_MAX], due_at=due_at, **marks, **counted)


def _has_arrived(mail: Mail, *, now: datetime) -> bool:
    """We never heard the carrier's yes, but meanwhile it has said that the person has it: it went out."""
    if not isinstance(mail, Message):
        return False
    with transaction.atomic():
        there = _mine(mail).filter(delivered_at__isnull=False)
        settled = there.update(lease_until=None, state="sent", failure="", settled_at=now, **_forgotten(mail))
        if settled:
            _tell(mail, now=now)
    return bool(settled)


def _pause(mail: Mail, reason: str, wait_s: float | None) -> timedelta:
    if wait_s is not None:
        return min(timedelta(seconds=max(1.0, wait_s)), LONGEST_WAIT)
    return timedelta(0) if reason == INTERRUPTED else timedelta(seconds=PAUSES_S[mail.attempts - 1])


def failed(*, mail: Mail, reason: str, now: datetime, maybe_twice: bool = False) -> bool:
    """It will not go out; a person must look. `maybe_twice`: perhaps it is out, and nobody can tell from here."""
    if isinstance(mail, StaffMail):
        return _settle(mail, state="failed", failure=reason[:FAILURE_MAX])
    marks = {"maybe_twice": True} if maybe_twice else {}
    with transaction.atomic():
        settled = _settle(
            mail, state="failed", failure=reason[:FAILURE_MAX], settled_at=now, **marks, **_forgotten(mail)
        )
        if settled:
            if isinstance(mail, Message):
                trail.record(mail.contact, "delivery_failed", now=now, message=mail.pk)
            _tell(mail, now=now)
    return settled


def send_again(*, mail: Mail, by: User, now: datetime) -> bool:
    """Try once more what had failed, as often as the first time; False when it is no longer failed."""
    fresh = {"state": "queued", "attempts": 0, "due_at": now, "failure": ""}
    if isinstance(mail, StaffMail):
        return bool(StaffMail.objects.filter(pk=mail.pk, state="failed").update(**fresh))
    with transaction.atomic():
        again = _failed_ones(mail).update(settled_at=None, **fresh)
        if again:
            if isinstance(mail, Message):
                trail.record(mail.contact, "sent_again", now=now, by=by, message=mail.pk)
            _tell(mail, now=now)
    return bool(again)


def _failed_ones(mail: Message | Post) -> QuerySet[Any]:
    if isinstance(mail, Message):
        return Message.objects.filter(pk=mail.pk, state="failed").exclude(sort=Message.Sort.CODE)
    return Post.objects.filter(pk=mail.pk, state="failed")


def _forgotten(mail: Message | Post) -> dict[str, str]:
    """A code that has gone out is nobody's any more but the person's."""
    return {"body": ""} if isinstance(mail, Message) and mail.sort == Message.Sort.CODE else {}


def release_expired(*, now: datetime) -> int:
    """Rows whose worker died while sending go out again: better twice than lost. Returns how many."""
    return sum(_release(model, now=now) for model in (Message, StaffMail, Post))


def _release(model: type[Mail], *, now: datetime) -> int:
    expired = model._default_manager.filter(state="sending", lease_until__lte=now).order_by("lease_until")
    return sum(put_off(mail=row, reason=INTERRUPTED, maybe_twice=True, now=now) for row in expired[:BATCH])


def _settle(mail: Mail, **values: object) -> bool:
    """Change the row only while the lease is still ours."""
    return bool(_mine(mail).update(lease_until=None, **values))


def _mine(mail: Mail) -> QuerySet[Any]:
    """The row while our lease lasts; every lease counts one more attempt."""
    return type(mail)._default_manager.filter(pk=mail.pk, state="sending", attempts=mail.attempts)


def _tell(mail: Message | Post, *, now: datetime) -> None:
    if isinstance(mail, Message) or mail.contact_id:
        topics = [f"contact:{mail.contact_id}"]
    else:
        topics = [f"incident:{mail.advisory.incident_id}"] if mail.advisory else []
    live.nudge(organisation_id=mail.organisation_id, topics=topics, now=now)
