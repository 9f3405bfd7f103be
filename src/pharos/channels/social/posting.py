"""Public posts on their way: leased one after the other, posted outside any transaction, settled."""

import logging
from collections.abc import Callable
from datetime import datetime
from typing import Final

from pharos.actions import delivery
from pharos.channels import DeliveryError
from pharos.channels.social import announce, bridge, mastodon
from pharos.channels.vias import via_of
from pharos.models import Advisory, EntryPoint, Post

logger = logging.getLogger(__name__)

BATCH: Final = 20


def deliver_posts(*, clock: Callable[[], datetime], going: Callable[[], bool]) -> int:
    """Post what is due until nothing is, or `going` says stop."""
    done = 0
    while done < BATCH and going():
        post = delivery.lease(model=Post, now=clock())
        if post is None:
            break
        done += 1
        _deliver(post, clock=clock)
    return done


def _deliver(post: Post, *, clock: Callable[[], datetime]) -> None:
    try:
        carrier_id = _post(post)
    except DeliveryError as error:
        logger.warning("post %d did not go out (attempt %d)", post.pk, post.attempts)
        if error.permanent:
            delivery.failed(mail=post, reason=error.reason, maybe_twice=error.unsure, now=clock())
        else:
            delivery.put_off(mail=post, reason=error.reason, maybe_twice=error.unsure, wait_s=error.wait_s, now=clock())
        return
    if not delivery.sent(mail=post, carrier_id=carrier_id, now=clock()):
        logger.warning("post %d went out after its lease had ended", post.pk)


def _post(post: Post) -> str:
    """Hand it to its network; the network's id of it."""
    if post.entry is None or not post.entry.is_on:
        raise DeliveryError("this account is not in use any more", permanent=True)
    if said := _held_back(post):
        raise DeliveryError(said, permanent=True)
    key = f"{post.organisation.slug}-p{post.pk}"
    if post.entry.adapter == mastodon.NETWORK:
        return _on_mastodon(post, post.entry, key=key)
    if post.entry.adapter == bridge.ADAPTER:
        sort: bridge.Sort = "answer" if post.contact_id else "post"
        return bridge.tell(
            via_of(post.entry),
            sort=sort,
            key=key,
            text=post.body,
            language=post.language,
            to=post.to,
            in_reply_to=post.answers,
        )
    return announce.post(post.body, via_of(post.entry))


def _held_back(post: Post) -> str:
    """Why it may not go out any more; blank when it may. What is no longer so is not spread."""
    incident = post.advisory.incident if post.advisory else post.contact.incident if post.contact else None
    if post.organisation.is_demo or (incident and incident.is_drill):
        return "a drill or a demonstration: nothing leaves"
    if post.advisory and post.advisory.state != Advisory.State.PUBLISHED:
        return "the update was withdrawn meanwhile"
    return ""


def _on_mastodon(post: Post, entry: EntryPoint, *, key: str) -> str:
    ours = mastodon.account(via_of(entry))
    begins, reply_to = "", ""
    if post.contact_id:
        begins, reply_to = mastodon.name_of(post.to) + " ", mastodon.local_id(post.answers, ours)
        if not reply_to:
            raise DeliveryError("the mention is not on this server", permanent=True)
    text = begins + post.body
    visibility: mastodon.Visibility = "unlisted" if post.contact_id else "public"
    made = ours.post(text, visibility=visibility, key=key, language=post.language, reply_to=reply_to)
    return mastodon.carrier_id(made, ours)
