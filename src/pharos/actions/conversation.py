"""Talking with the person, setting aside, wrapping up and closing."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from pharos import content
from pharos.actions import checks, cues, drafts, holds, letters, promises, trail, webhooks
from pharos.actions.errors import Refused
from pharos.actions.further import Delivery, once
from pharos.actions.states import HELD, State, held_by
from pharos.models import Agent, Contact, Draft, Message, User
from pharos.queries import family, staying
from pharos.queries.cues import danger_is_open, danger_was_said

UNSEEN = timedelta(seconds=30)  # what was said this long ago, the agent may not have on the screen yet


def reply(
    *,
    contact: Contact,
    body: str,
    by: User,
    now: datetime,
    after: int | None = None,
    delivery: Delivery | None = None,
    to: Contact | None = None,
) -> Message:
    """Answer the person: by mail when we have an address, and on their page always.

    `to`: of those who share this place, the one whose words are answered; the answer goes by its road and is its own.

    `after`: the author's last message on this contact when this was written. The same words after the same message are
    sent once; other words are refused, because the author has said something in another window meanwhile.
    `delivery`: the same again is the same message, whatever has become of the contact since; raises `KeyReused` when
    its key came before with other words.
    """
    _refuse_empty(body)
    if delivery is None:
        return _reply(contact, body, to=to, by=by, after=after, now=now)
    return once(contact, delivery, lambda: _reply(contact, body, to=to, by=by, after=after, now=now), now=now)


def _reply(contact: Contact, body: str, *, to: Contact | None, by: User, after: int | None, now: datetime) -> Message:
    with transaction.atomic():
        if to:
            holds.place(contact.pk)
        _move(contact, by=by, now=now, states=HELD)
        said = _said_since(contact, body, Message.Direction.OUT, by=by, after=after)
        if said:
            return said
        if to and to.pk not in family.ids(contact):
            raise Refused("not_merged", _("These requests are apart again. Look at it once more, then send."))
        message = letters.reply(to or contact, body=body, by=by, now=now)
        message.save(force_insert=True)
        if to:
            _answered_on(to, now=now)
        drafts.forget(contact=contact, by=by, sort=Draft.Sort.REPLY)
        _answered(contact, now=now)
        trail.record(contact, "replied", now=now, by=by)
        trail.tell(contact, now=now)
    return message


def note(*, contact: Contact, body: str, by: User, now: datetime, after: int | None = None) -> Message:
    """Write something down for colleagues; once, as with `reply`. A note is not an answer."""
    _refuse_empty(body)
    with transaction.atomic():
        holds.contact(contact.pk)
        said = _said_since(contact, body, Message.Direction.NOTE, by=by, after=after)
        if said:
            return said
        message = letters.note(contact, body=body, by=by, now=now)
        message.save(force_insert=True)
        drafts.forget(contact=contact, by=by, sort=Draft.Sort.REPLY)
        trail.record(contact, "noted", now=now, by=by)
        trail.tell(contact, now=now)
    return message


def _said_since(
    contact: Contact, body: str, direction: Message.Direction, *, by: User, after: int | None
) -> Message | None:
    """The message that these words have become already, while the contact's row is held."""
    if after is None:
        return None
    since = Message.objects.filter(family.of(contact), author=by, pk__gt=after)
    said = since.filter(direction=direction, body=body).first()
    if said is None and since.exists():
        raise Refused("said_meanwhile", _("You wrote something in another window meanwhile. Look at it, then send."))
    return said


def finish(*, contact: Contact, by: User, now: datetime) -> None:
    """The conversation is over; the agent writes down what was agreed."""
    with transaction.atomic():
        _move(contact, by=by, now=now, states=(State.ACTIVE,), state=State.WRAP_UP, finished_at=now)
        trail.record(contact, "finished", now=now, by=by)
        trail.tell(contact, now=now)


def close(*, contact: Contact, disposition: str, summary: str, by: User, now: datetime) -> None:
    """Close with how it ended and a summary, which the person gets as well.

    Refused while nobody has said whether words of the person mean danger to life.
    """
    if disposition not in content.dispositions():
        raise Refused("disposition", _("Choose how it ended."))
    if not summary.strip():
        raise Refused("summary", _("Write a short summary: the person gets it too."))
    checks.refuse_unknown(contact, disposition, now=now)
    with transaction.atomic():
        holds.place(contact.pk)
        _refuse_danger(contact, by=by, now=now)
        _move(
            contact,
            by=by,
            now=now,
            states=HELD,
            state=State.CLOSED,
            disposition=disposition,
            summary=summary.strip(),
            closed_at=now,
            wake_at=None,
            front_at=None,
        )
        _answered(contact, now=now)
        to = _whom_it_is_about(contact)
        if to:
            letters.summary(to, said=contact.summary, by=by, now=now).save(force_insert=True)
        if to and to.pk != contact.pk:
            _answered_on(to, now=now)
        _close_with(contact, to, now=now)
        drafts.forget_all(contact=contact, by=by)
        cues.forget(contact)
        _idle(contact, now=now)
        trail.record(contact, "closed", now=now, by=by, disposition=disposition)
        webhooks.announce(
            organisation_id=contact.organisation_id,
            event="contact.closed",
            body={"reference": contact.reference, "disposition": disposition},
            now=now,
        )
        trail.tell(contact, now=now, topics=["queue"])


def _refuse_danger(contact: Contact, *, by: User, now: datetime) -> None:
    """The contact's row is held from here on, so that no words of danger are heard between this and the close.

    Nor does somebody close who cannot have seen yet that a lead takes the words for danger.
    """
    if held_by(by, contact).select_for_update(no_key=True).first() is None:
        return
    if danger_is_open(contact):
        raise Refused("danger_open", _("Say first whether the words mean danger to life. Then close."))
    if danger_was_said(contact, since=now - UNSEEN, but_by=by):
        raise Refused(
            "danger_said", _("A lead has just said that there may be danger to life. Please look, then close.")
        )


def _whom_it_is_about(contact: Contact) -> Contact | None:
    """Who gets the summary: whose place it is; where they have left and it stood for another, whom we answered last.

    Nobody, where it cannot be told: what is said of one must not be read by another.
    """
    here = staying.still_here(contact) if contact.left_at else [contact]
    if not here or contact in here:
        return contact
    ours = Message.objects.filter(family.of(contact), sort=Message.Sort.REPLY, author__isnull=False)
    last = ours.order_by("-id").values_list("contact", flat=True).first()
    return next((one for one in here if one.pk == last), None)


def _close_with(contact: Contact, to: Contact | None, *, now: datetime) -> None:
    """Who shares the place and may be somebody else reads that it is closed and how it opens again, and no more.

    Not who has the summary, nor who has left.
    """
    known = family.shown_on(to) if to else []
    for merge in family.all_merges(contact):
        if merge.join_id in known or (merge.join.left_at and staying.has_left(merge.join)):
            continue
        if merge.confirmed_at is None and merge.before["promises"]:
            letters.closed_with_another(merge.join, now=now).save(force_insert=True)
            trail.tell(merge.join, now=now)


def pend(*, contact: Contact, until: datetime, by: User, now: datetime) -> None:
    """Wait for the person or for others; comes back at `until`, or with the person's next words."""
    if until <= now:
        raise Refused("past", _("Choose a time that is still to come."))
    with transaction.atomic():
        # Time set aside is no time of work: handle times are measured from `accepted_at`.
        aside = {"state": State.PENDING, "wake_at": until, "accepted_at": None}
        _move(contact, by=by, now=now, states=(State.ACTIVE, State.WRAP_UP), **aside)
        _idle(contact, now=now)
        trail.record(contact, "pended", now=now, by=by, until=until.isoformat())
        trail.tell(contact, now=now, topics=["queue"])


def resume(*, contact: Contact, by: User, now: datetime) -> None:
    """Go on with a contact that was set aside or being wrapped up."""
    with transaction.atomic():
        again = {"state": State.ACTIVE, "wake_at": None, "accepted_at": contact.accepted_at or now}
        _move(contact, by=by, now=now, states=(State.PENDING, State.WRAP_UP), **again)
        trail.record(contact, "resumed", now=now, by=by)
        trail.tell(contact, now=now)


def _refuse_empty(body: str) -> None:
    if not body.strip():
        raise Refused("empty", _("Please write something."))


def _move(contact: Contact, *, by: User, now: datetime, states: tuple[Contact.State, ...], **changes: object) -> None:
    """Change a contact that `by` holds and that is in one of `states`, or refuse and change nothing."""
    rows = held_by(by, contact, states)
    if not rows.update(**changes or {"last_inbound_at": F("last_inbound_at")}):
        raise Refused("not_yours_now", _("This contact is no longer with you, or has moved on. Nothing was changed."))
    for name, value in changes.items():
        setattr(contact, name, value)


def _answered_on(to: Contact, *, now: datetime) -> None:
    """One of those who share a place was answered on its own road."""
    Contact.objects.filter(pk=to.pk, first_answered_at__isnull=True).update(first_answered_at=now)
    trail.tell(to, now=now)


def _answered(contact: Contact, *, now: datetime) -> None:
    if Contact.objects.filter(pk=contact.pk, first_answered_at__isnull=True).update(first_answered_at=now):
        contact.first_answered_at = now
        webhooks.announce(
            organisation_id=contact.organisation_id,
            event="contact.answered",
            body={"reference": contact.reference},
            now=now,
        )
    promises.settle(contact, now=now)


def _idle(contact: Contact, *, now: datetime) -> None:
    if contact.agent_id:
        Agent.objects.filter(pk=contact.agent_id).update(idle_since=now)
