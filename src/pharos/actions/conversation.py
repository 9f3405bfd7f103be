"""Talking with the person, wrapping up and closing; and what the person does on their own page."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, Literal, NamedTuple

from django.db import transaction
from django.db.models import Case, F, When
from django.utils.translation import gettext_lazy as _

from pharos import content, live
from pharos.actions import checks, cues, drafts, holds, intake, lanes, letters, promises, trail, webhooks
from pharos.actions.errors import KeyReused, Refused
from pharos.models import Agent, Channel, Contact, Draft, EntryPoint, MailPage, Message, Offer, Submission, User
from pharos.queries import family
from pharos.queries.cues import danger_is_open, danger_stands, danger_was_said

State = Contact.State
HELD = (State.ACTIVE, State.WRAP_UP, State.PENDING)
TAKEN = (State.ACTIVE, State.WRAP_UP)
FREE = (State.WAITING, State.PENDING)
UNSEEN = timedelta(seconds=30)  # what was said this long ago, the agent may not have on the screen yet
ATTEMPTS = 5


class Delivery(NamedTuple):
    """By what words that come twice are known: the door they came by, their key there, and a digest of them."""

    door: str
    key: str
    digest: str


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
    return _once(contact, delivery, lambda: _reply(contact, body, to=to, by=by, after=after, now=now), now=now)


def _reply(contact: Contact, body: str, *, to: Contact | None, by: User, after: int | None, now: datetime) -> Message:
    with transaction.atomic():
        _move(contact, by=by, now=now, states=HELD)
        said = _said_since(contact, body, Message.Direction.OUT, by=by, after=after)
        if said:
            return said
        if to and to.pk not in family.ids(contact):
            raise Refused("not_merged", _("These requests are apart again. Look at it once more, then send."))
        message = letters.reply(to or contact, body=body, by=by, now=now)
        message.save(force_insert=True)
        if to:
            Contact.objects.filter(pk=to.pk, first_answered_at__isnull=True).update(first_answered_at=now)
            trail.tell(to, now=now)
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
        letters.summary(contact, by=by, now=now).save(force_insert=True)
        _close_with(contact, now=now)
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


def _close_with(contact: Contact, *, now: datetime) -> None:
    """Who shares the place and may be somebody else reads that it is closed and how it opens again, and no more."""
    for merge in family.all_merges(contact):
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


class Carried(NamedTuple):
    """How words came: the channel and entry point, from which address, and as what the carrier knows them.

    `is_automatic`: no person wrote them. They are kept and change nothing.
    """

    channel: str = Channel.WEB
    entry: EntryPoint | None = None
    address: str = ""
    carrier_id: str = ""
    subject: str = ""
    language: str = ""  # blank: the contact's
    is_public: bool = False
    is_automatic: bool = False
    quoted: str = ""
    html: str = ""
    not_taken: tuple[Mapping[str, str], ...] = ()


def add_words(
    *,
    contact: Contact,
    text: str,
    attachments: tuple[str, ...] = (),
    door: str,
    key: str,
    digest: str,
    now: datetime,
    carried: Carried | None = None,
) -> Message:
    """More words from the person: they join the same place in line, and make a closed contact wait again.

    The same delivery again changes nothing. Raises `KeyReused` when the key came before with another body. `carried`:
    by what road they came, when that is not our own page.
    """
    if not text.strip() and not attachments and carried is None:  # a carrier's empty message is kept: it was sent
        raise Refused("empty", _("Please write something."))
    delivery = Delivery(door, key, digest)
    came = carried or Carried()
    return _once(contact, delivery, lambda: _join(contact, text, attachments, came, now=now), now=now)


def _once(contact: Contact, delivery: Delivery, write: Callable[[], Message], *, now: datetime) -> Message:
    """The message that this delivery became before, else the one that it becomes now."""
    with transaction.atomic():
        seen, is_new = Submission.objects.get_or_create(
            organisation_id=contact.organisation_id,
            door=delivery.door,
            key=delivery.key,
            defaults={"digest": delivery.digest, "contact": contact, "at": now},
        )
        if not is_new:
            return _known(seen, contact, digest=delivery.digest)
        message = write()
        Submission.objects.filter(pk=seen.pk).update(message=message)
    return message


def _join(contact: Contact, text: str, attachments: tuple[str, ...], carried: Carried, *, now: datetime) -> Message:
    message = Message.objects.create(
        organisation_id=contact.organisation_id,
        contact=contact,
        direction=Message.Direction.IN,
        sort=Message.Sort.AUTOMATIC if carried.is_automatic else Message.Sort.WORDS,
        channel=carried.channel,
        state=Message.State.RECEIVED,
        language=carried.language or contact.language,
        entry=carried.entry,
        address=carried.address,
        carrier_id=carried.carrier_id,
        subject=carried.subject,
        is_public=carried.is_public,
        body=text,
        quoted=carried.quoted,
        not_taken=[dict(one) for one in carried.not_taken],
        created_at=now,
        settled_at=now,
    )
    if carried.html:
        MailPage.objects.create(message=message, html=carried.html)
    intake.adopt(attachments, message=message)
    if carried.is_automatic:
        trail.tell(contact, now=now)
    else:
        _heard_again(contact, now=now)
    return message


def _heard_again(contact: Contact, *, now: datetime) -> None:
    """The person has written: whoever has the contact sees it, and what was set aside or closed waits again."""
    top = family.root(contact)
    here_again = Case(When(state__in=TAKEN, then=F("left_at")), default=None)
    heard = {"last_inbound_at": now, "left_at": here_again}
    Contact.objects.filter(pk__in=(contact.pk, top.pk)).update(**heard)
    contact.refresh_from_db(fields=["merged_into"])
    if (contact.merged_into_id or contact.pk) != top.pk:  # joined to another, or parted from it, while we waited
        top = family.root(contact)
        Contact.objects.filter(pk=top.pk).update(**heard)
    trail.record(contact, "words_added", now=now)
    woken = wake(top, now=now)
    if woken:
        top.refresh_from_db()
        if woken == "reopened":  # what its words suggested went with the close, and what followed from them goes now
            lanes.regrade(top, now=now)
        promises.tell_again(top, now=now)
        if woken == "reopened":
            letters.reopened(contact, now=now).save(force_insert=True)
        trail.record(top, woken, now=now)
    trail.tell(top, now=now, topics=["queue"])
    if top.pk != contact.pk:
        trail.record(top, "words_joined", now=now, reference=contact.reference)
        trail.tell(contact, now=now)


def wake(contact: Contact, *, now: datetime, in_hand: bool = False) -> Literal["reopened", "woken", ""]:
    """Make a contact wait again that was closed or set aside; `in_hand`: whoever set it aside goes on with it."""
    reopened = _rows(contact, (State.CLOSED,)).update(
        state=State.WAITING,
        agent=None,
        preferred_agent=F("agent"),
        closed_at=None,
        finished_at=None,
        accepted_at=None,
        front_at=None,
        disposition="",
        summary="",
    )
    if reopened:
        return "reopened"
    aside = _rows(contact, (State.PENDING,))
    if in_hand:
        return "woken" if aside.update(state=State.ACTIVE, wake_at=None, accepted_at=now) else ""
    again = aside.update(state=State.WAITING, agent=None, preferred_agent=F("agent"), wake_at=None)
    return "woken" if again else ""


def _known(before: Submission, contact: Contact, *, digest: str) -> Message:
    if before.digest != digest or before.contact_id != contact.pk or before.message is None:
        raise KeyReused("key_reused", intake.OTHER_WORDS)
    return before.message


def leave(*, contact: Contact, now: datetime) -> None:
    """The person says that we are no longer needed; an agent who is already talking is told instead, once.

    While their words mean danger to life, or nobody has said that they do not, the contact stays where it is, with that
    mark, until an agent closes it.
    """
    if contact.merged_into_id:
        _leave_merged(contact, now=now)
        return
    for _attempt in range(ATTEMPTS):
        if _leave(contact, now=now):
            return


def _leave_merged(contact: Contact, *, now: datetime) -> None:
    """Whose place it is stays, unless it was confirmed that both are one person; the agent reads that one has left."""
    with transaction.atomic():
        if not Contact.objects.filter(pk=contact.pk, left_at__isnull=True).update(left_at=now):
            return
        top = family.root(contact)
        trail.record(contact, "left", now=now)
        trail.record(top, "member_left", now=now, reference=contact.reference)
        for one in (contact, top):
            trail.tell(one, now=now)
    if top.pk in family.shown_on(contact):
        leave(contact=top, now=now)


def _leave(contact: Contact, *, now: datetime) -> bool:
    """False when the contact was moved between our steps: offered, set aside, or heard to be in danger.

    Offer first, then contact, as everywhere. Nobody else moves an offered contact whose offer is withdrawn.
    """
    left = {"state": State.CLOSED, "disposition": "left", "closed_at": now, "left_at": now, "wake_at": None}
    if danger_stands(contact):
        _mark_left(contact, now=now)
        return True
    with transaction.atomic():
        states = (*FREE, State.OFFERED) if withdraw(contact, now=now) else FREE
        if _rows(contact, states).update(agent=None, front_at=None, **left):
            if danger_stands(contact):
                transaction.set_rollback(True)
                return False
            promises.drop(contact, now=now)
            cues.forget(contact)
        elif not _rows(contact, TAKEN).filter(left_at__isnull=True).update(left_at=now):
            return not _rows(contact, (*FREE, State.OFFERED)).exists()
        trail.record(contact, "left", now=now)
        trail.tell(contact, now=now, topics=["queue"])
    return True


def _mark_left(contact: Contact, *, now: datetime) -> None:
    with transaction.atomic():
        if _rows(contact, (*FREE, State.OFFERED, *TAKEN)).filter(left_at__isnull=True).update(left_at=now):
            trail.record(contact, "left", now=now)
            trail.tell(contact, now=now, topics=["queue"])


def withdraw(contact: Contact, *, now: datetime) -> bool:
    """Take back the offer of a contact, if there is one; whoever does so moves the contact in the same transaction."""
    for offer in Offer.objects.filter(contact=contact, state=Offer.State.OPEN):
        still = Offer.objects.filter(pk=offer.pk, state=Offer.State.OPEN)
        if still.update(state=Offer.State.WITHDRAWN, settled_at=now):
            live.nudge(organisation_id=contact.organisation_id, topics=[f"agent:{offer.agent_id}"], now=now)
            return True
    return False


def rate(*, contact: Contact, rating: int, words: str, now: datetime) -> None:
    """How it went, in the person's own view: 1 (badly) to 5 (well). Refused while it is not over."""
    if not 1 <= rating <= 5:
        raise Refused("rating", _("Choose one of the five answers."))
    with transaction.atomic():
        top = family.root(contact)
        is_over = top.state in (State.CLOSED, State.WRAP_UP)
        if not is_over or not _rows(contact, (State.CLOSED, State.WRAP_UP)).update(rating=rating, rating_words=words):
            raise Refused("not_over", _("Your request is open again. Please tell us how it went when it is over."))
        trail.record(contact, "rated", now=now)
        trail.tell(contact, now=now)


def _refuse_empty(body: str) -> None:
    if not body.strip():
        raise Refused("empty", _("Please write something."))


def _rows(contact: Contact, states: tuple[Contact.State, ...]) -> Any:
    return Contact.objects.filter(pk=contact.pk, state__in=states)


def held_by(by: User, contact: Contact, states: tuple[Contact.State, ...] = HELD) -> Any:
    """The contact while `by` holds it. Only its own columns are asked: PostgreSQL asks those again after a wait."""
    agent = Agent.objects.filter(user=by).values_list("pk", flat=True).first()
    return _rows(contact, states).filter(agent_id=agent or 0)


def _move(contact: Contact, *, by: User, now: datetime, states: tuple[Contact.State, ...], **changes: object) -> None:
    """Change a contact that `by` holds and that is in one of `states`, or refuse and change nothing."""
    rows = held_by(by, contact, states)
    if not rows.update(**changes or {"last_inbound_at": F("last_inbound_at")}):
        raise Refused("not_yours_now", _("This contact is no longer with you, or has moved on. Nothing was changed."))
    for name, value in changes.items():
        setattr(contact, name, value)


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
