"""Speaking in public: updates on our accounts when a lead says so, and one answer to a public mention."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from pharos.actions import holds, rights, trail
from pharos.actions.errors import Refused
from pharos.actions.incidents import record
from pharos.models import Advisory, Contact, ContactEvent, EntryPoint, Message, Post, User
from pharos.queries import posts

State = Post.State


def publish(*, advisory: Advisory, entries: Iterable[EntryPoint], by: User, now: datetime) -> int:
    """Post a published update on these accounts, on each of them once; returns on how many it is new.

    In a drill, and in a demonstration, the posts are kept and nothing leaves.
    """
    incident = advisory.incident
    rights.lead(by, organisation_id=incident.organisation_id)
    chosen = [one for one in entries if one.organisation_id == incident.organisation_id]
    if not chosen:
        raise Refused("accounts", _("Choose at least one account."))
    stays = incident.is_drill or incident.organisation.is_demo
    with transaction.atomic():
        still = Advisory.objects.select_for_update(no_key=True).filter(pk=advisory.pk, state=Advisory.State.PUBLISHED)
        if still.first() is None:
            raise Refused("stale", _("Only an update that the public can read is posted."))
        there = set(Post.objects.filter(advisory=advisory).values_list("entry_id", flat=True))
        new = [_of_update(advisory, one, stays=stays, by=by, now=now) for one in chosen if one.pk not in there]
        Post.objects.bulk_create(new)
        if new:
            record(incident, "advisory_posted", by=by, now=now, number=advisory.number, version=advisory.version)
    return len(new)


def answer(*, contact: Contact, entry: EntryPoint, mention: str, to: str, now: datetime) -> Post | None:
    """Answer a public mention in public: once for a contact, and not at all in a pile-on, a drill or a demonstration.

    `mention`: the carrier's id of the post that is answered; `to`: whose it is. The same again changes nothing.
    """
    in_drill = bool(contact.incident and contact.incident.is_drill)
    if Post.objects.filter(contact=contact).exists() or not posts.room_for_answers(entry, now=now):
        return None
    made = Post(
        organisation_id=contact.organisation_id,
        entry=entry,
        account=entry.address,
        contact=contact,
        answers=mention,
        to=to,
        language=contact.language,
        body=posts.answer_text(contact),
        state=State.KEPT if in_drill or contact.organisation.is_demo else State.QUEUED,
        created_at=now,
        due_at=now,
    )
    with transaction.atomic():
        holds.contact(contact.pk)  # another worker answers the same at this moment
        if Post.objects.filter(contact=contact).exists():
            return None
        made.save(force_insert=True)
        trail.tell(contact, now=now)
    return made


def deleted(*, message: Message, now: datetime) -> bool:
    """The person took back what they had posted: written in the trail, once. What we were told is kept."""
    with transaction.atomic():
        holds.contact(message.contact_id)
        if ContactEvent.objects.filter(contact=message.contact, code="post_deleted", data__message=message.pk).exists():
            return False
        trail.record(message.contact, "post_deleted", now=now, message=message.pk)
        trail.tell(message.contact, now=now)
    return True


def _of_update(advisory: Advisory, entry: EntryPoint, *, stays: bool, by: User, now: datetime) -> Post:
    return Post(
        organisation_id=entry.organisation_id,
        entry=entry,
        account=entry.address,
        advisory=advisory,
        language=posts.language_of(entry),
        body=posts.update_text(advisory, entry),
        author=by,
        state=State.KEPT if stays else State.QUEUED,
        created_at=now,
        due_at=now,
    )
