"""What became of posts that we were told of: changed words come as further words, and a deleted post is noted."""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from pharos.actions import posts
from pharos.channels import DeliveryError
from pharos.channels.own_trouble import is_our_own
from pharos.channels.social import mastodon
from pharos.channels.social.inbox import take
from pharos.channels.vias import via_of
from pharos.models import Channel, EntryPoint, Message
from pharos.queries.posts import lately_said

logger = logging.getLogger(__name__)

WITHIN: Final = timedelta(hours=48)  # after it was posted


def look_again(*, clock: Callable[[], datetime], going: Callable[[], bool]) -> int:
    """Look at the newest posts of every account once more. Always 0: there is no hurry."""
    accounts = EntryPoint.objects.filter(channel=Channel.SOCIAL, adapter=mastodon.NETWORK, is_on=True)
    for entry in accounts.select_related("organisation", "incident").order_by("id"):
        if not going():
            break
        try:
            _look(entry, now=clock())
        except Exception as error:
            if is_our_own(error):
                raise
            logger.exception("the posts of account %d cannot be looked at again", entry.pk)
    return 0


def _look(entry: EntryPoint, *, now: datetime) -> None:
    ours = mastodon.account(via_of(entry))
    said = {mastodon.local_id(one.carrier_id, ours): one for one in _said(entry, now=now)}
    said.pop("", None)
    if not said:
        return
    try:
        there = ours.statuses(said)
    except DeliveryError:
        return  # reading the account says what is wrong with it
    for status_id, message in said.items():
        status = there.get(status_id)
        if status is None:
            posts.deleted(message=message, now=now)
        elif status.get("edited_at"):
            take(entry, ours, status, now=now, edited=str(status["edited_at"]))


def _said(entry: EntryPoint, *, now: datetime) -> list[Message]:
    return lately_said(entry, since=now - WITHIN, most=mastodon.AT_ONCE)
