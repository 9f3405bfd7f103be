"""After a machine's clock was put back: times further ahead than we ever write are brought back to now.

A clock that jumps ahead needs no repair: leases and offers end early, and their ordinary repairs follow.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import reduce
from operator import or_

from django.db.models import Q

from pharos.actions import delivery, webhooks
from pharos.models import Message, Offer, Post, StaffMail, WebhookDelivery

SKEW = timedelta(seconds=60)  # the clocks of several machines may differ by less than this
BATCH = 500


def put_right(*, now: datetime) -> int:
    """Leases end, work is due, and offers begin anew, where otherwise all would wait for the old time to come again."""
    pauses = [timedelta(seconds=pause_s) for pause_s in delivery.PAUSES_S]
    mails = sum(_work(model, delivery.LEASE, pauses, now=now) for model in (Message, StaffMail, Post))
    return mails + _work(WebhookDelivery, webhooks.LEASE, webhooks.PAUSES, now=now) + _offers(now)


def _work(
    model: type[delivery.Mail | WebhookDelivery],
    lease: timedelta,
    pauses: Sequence[timedelta],
    *,
    now: datetime,
) -> int:
    rows = model._default_manager
    held = rows.filter(state="sending", lease_until__gt=now + lease + SKEW).update(lease_until=now)
    longest = [timedelta(0), *pauses]  # by the attempts made so far
    ahead = reduce(or_, (Q(attempts=made, due_at__gt=now + pause + SKEW) for made, pause in enumerate(longest)))
    if model is not WebhookDelivery:  # after a failure, the carrier may have named a later time
        ahead &= Q(failure="") | Q(due_at__gt=now + delivery.LONGEST_WAIT + SKEW)
    return held + rows.filter(ahead, state="queued", due_at__gt=now + SKEW).update(due_at=now)


def _offers(now: datetime) -> int:
    """The agent gets the whole time once more; nobody is set on a break for a clock."""
    ahead = Offer.objects.filter(state=Offer.State.OPEN, offered_at__gt=now + SKEW)
    return sum(
        Offer.objects.filter(pk=offer.pk, state=Offer.State.OPEN).update(
            offered_at=now, expires_at=now + (offer.expires_at - offer.offered_at)
        )
        for offer in ahead[:BATCH]
    )
