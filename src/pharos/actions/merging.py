"""Two contacts of one person become one place in line, and apart again. Nothing that was said moves or is lost.

What was said to one is answered on its own road. Neither page shows the words of the other until a colleague confirmed
that both are one person.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from pharos.actions import (
    along,
    further,
    holds,
    leaving,
    promises,
    repeats,
    rights,
    standings,
    states,
    trail,
    unmerging,
    webhooks,
)
from pharos.actions.errors import Refused
from pharos.models import Agent, Contact, Merge, NotSame, Offer, User
from pharos.queries import family
from pharos.queries.cues import danger_stands
from pharos.queries.repeats import is_after_silence

State = Contact.State
HELD: Final = states.HELD
ATTEMPTS: Final = 5
DISPOSITION: Final = "merged"  # how a contact ended that waits in another's place
undo = unmerging.undo


def merge(
    *,
    keep: Contact,
    join: Contact,
    by: User | None,
    reasons: Sequence[Mapping[str, Any]],
    now: datetime,
    probability: float | None = None,
) -> Merge:
    """Let `join` wait in the place of `keep`, which takes the best of both. Done before, it changes nothing.

    `by`: the colleague who has one of them in hand, or a lead; None where it is certain. Refused while somebody else
    has `join` in hand.
    """
    for _attempt in range(ATTEMPTS):
        try:
            done = _merge(keep, join, by=by, reasons=reasons, probability=probability, now=now)
        except IntegrityError:  # the same at the same moment
            continue
        if done:
            return done
    raise Refused("moved_on", _("This contact has moved on. Nothing was changed."))


def join_to(*, mine: Contact, other: Contact, by: User, reasons: Sequence[Mapping[str, Any]], now: datetime) -> Merge:
    """Merge what a colleague has in hand with another: the one in hand stays, unless another colleague has the other.

    Then `mine` goes to that colleague, who sees it at once.
    """
    top = family.root(other)
    theirs = top.state in HELD and top.agent_id is not None and top.agent_id != mine.agent_id
    keep, join = (top, mine) if theirs else (mine, top)
    return merge(keep=keep, join=join, by=by, reasons=reasons, now=now)


def _merge(
    keep: Contact,
    join: Contact,
    *,
    by: User | None,
    reasons: Sequence[Mapping[str, Any]],
    probability: float | None,
    now: datetime,
) -> Merge | None:
    """None when one of them was moved between our steps."""
    with transaction.atomic():
        leaving.withdraw(join, now=now)  # offer first, then contact, as everywhere
        top_id = Contact.objects.values_list("merged_into", flat=True).get(pk=keep.pk) or keep.pk
        holds.in_order(Contact.objects.filter(pk__in=[top_id, join.pk]))
        top, joining = standings.now_at(top_id), standings.now_at(join.pk)
        before = family.merge_of(joining)
        if before and before.keep_id in (keep.pk, top_id):
            return before
        if top.merged_into_id or _is_offered(joining):
            transaction.set_rollback(True)
            return None
        _refuse(top, joining, by=by)
        return _join(top, joining, by=by, reasons=reasons, probability=probability, now=now)


def _is_offered(contact: Contact) -> bool:
    return Offer.objects.filter(contact=contact, state=Offer.State.OPEN).exists()


def _refuse(keep: Contact, join: Contact, *, by: User | None) -> None:
    if keep.pk == join.pk:
        raise Refused("already_one", _("These are one request already."))
    if join.merged_into_id:
        raise Refused("already_one", _("This request was joined with another one meanwhile. Look at it again."))
    if keep.organisation_id != join.organisation_id or _drill(keep) != _drill(join):
        raise Refused("not_together", _("These two cannot be joined: one of them belongs to an exercise."))
    if by is None:
        if _are_apart(keep, join) or join.state != State.WAITING:
            raise Refused("moved_on", _("This contact has moved on. Nothing was changed."))
        return
    _refuse_hands(keep, join, by=by)


def _refuse_hands(keep: Contact, join: Contact, *, by: User) -> None:
    """Nobody loses a contact that they are working on to somebody else."""
    mine = Agent.objects.filter(user=by).values_list("pk", flat=True).first()
    hands = {one.agent_id for one in (keep, join) if one.state in HELD}
    if mine is None or mine not in hands:
        rights.lead(by, organisation_id=keep.organisation_id)
    if join.state in HELD and join.agent_id and join.agent_id != mine:
        name = str(join.agent)
        raise Refused("in_other_hands", _("%(name)s has this request in hand. Nothing was changed.") % {"name": name})
    if join.state in HELD and keep.state not in HELD:
        raise Refused("keep_yours", _("Join the other request to the one you have in hand."))


def _drill(contact: Contact) -> bool:
    return bool(contact.incident and contact.incident.is_drill)


def _join(
    keep: Contact,
    join: Contact,
    *,
    by: User | None,
    reasons: Sequence[Mapping[str, Any]],
    probability: float | None,
    now: datetime,
) -> Merge:
    own, stood = standings.own(keep), standings.dumped(join, standings.STATE)
    stood |= {"in_danger": danger_stands(join)}
    if join.state == State.OFFERED:  # the offer is withdrawn
        stood |= {"state": State.WAITING, "agent_id": None}
    merge = Merge(
        organisation_id=keep.organisation_id,
        keep=keep,
        join=join,
        by=by,
        at=now,
        reasons=[dict(one) for one in reasons],
        probability=probability,
        after_silence=is_after_silence(keep, join),
        own=own,
        before=stood | along.take(join, keep, now=now) | {"woken": _wake(keep, join, by=by, now=now), "overruled": []},
    )
    merge.save(force_insert=True)
    if by:
        NotSame.objects.filter(*_pair(keep, join)).delete()
    _leave_the_line(keep, join, now=now)
    standings.refold(keep, own, now=now)
    _tell(merge, keep, join, now=now)
    return merge


def _leave_the_line(keep: Contact, join: Contact, *, now: datetime) -> None:
    Contact.objects.filter(merged_into=join).update(merged_into=keep)
    rows = Contact.objects.filter(pk=join.pk)
    rows.update(merged_into=keep)
    closed = {"state": State.CLOSED, "disposition": DISPOSITION, "summary": "", "closed_at": now}
    rows.exclude(state=State.CLOSED).update(**closed, agent=None, wake_at=None, accepted_at=None, finished_at=None)
    if join.agent_id and join.agent_id != keep.agent_id:
        Agent.objects.filter(pk=join.agent_id).update(idle_since=now)


def _wake(keep: Contact, join: Contact, *, by: User | None, now: datetime) -> dict[str, Any] | None:
    """Who still waits for an answer makes a place wait again that was set aside or closed; returns how it stood."""
    if join.state not in standings.WAITED or keep.state not in (State.PENDING, State.CLOSED):
        return None
    stood = standings.dumped(keep, standings.STATE)
    in_hand = by is not None and keep.state == State.PENDING and keep.agent is not None and keep.agent.user_id == by.pk
    further.wake(keep, in_hand=in_hand, now=now)
    return stood


def _tell(merge: Merge, keep: Contact, join: Contact, *, now: datetime) -> None:
    fresh = standings.now_at(keep.pk)
    if fresh.state == State.WAITING:
        promises.tell_again(fresh, now=now)
    if (keep.arrived_at, keep.pk) < (join.arrived_at, join.pk):
        repeats.tell_once(standings.now_at(join.pk), now=now)
    trail.record(keep, "merged", now=now, by=merge.by, reference=join.reference)
    trail.record(join, "merged_into", now=now, by=merge.by, reference=keep.reference)
    webhooks.announce(
        organisation_id=keep.organisation_id,
        event="contact.merged",
        body={"reference": join.reference, "into": keep.reference},
        now=now,
    )
    trail.tell(fresh, now=now, topics=["queue"])
    trail.tell(join, now=now)


def confirm(*, merge: Merge, by: User, now: datetime) -> None:
    """Both are one person: from now on the page of each shows all that was said. Said again, it changes nothing."""
    with transaction.atomic():
        top = unmerging.held_to_change(merge, by=by)
        rows = Merge.objects.filter(pk=merge.pk, undone_at__isnull=True, confirmed_at__isnull=True)
        if rows.update(confirmed_at=now, confirmed_by=by):
            trail.record(top, "merge_confirmed", now=now, by=by, reference=merge.join.reference)
            for contact in (top, merge.join):
                trail.tell(contact, now=now)


def not_same(*, contact: Contact, other: Contact, by: User, now: datetime) -> None:
    """These are different people: kept, and never suggested again."""
    unmerging.refuse_strangers(contact, by=by)
    with transaction.atomic():
        if contact.organisation_id != other.organisation_id:
            raise Refused("moved_on", _("This contact has moved on. Nothing was changed."))
        if unmerging.keep_apart(contact, other, by=by, now=now):
            trail.record(contact, "not_same", now=now, by=by, reference=other.reference)
            trail.tell(contact, now=now)


def _are_apart(one: Contact, other: Contact) -> bool:
    return NotSame.objects.filter(*_pair(one, other)).exists()


def _pair(one: Contact, other: Contact) -> tuple[Q]:
    first, second = sorted((one.pk, other.pk))
    return (Q(first=first, second=second),)
