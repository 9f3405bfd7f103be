"""Taking a merge back: everybody stands again where they would stand without it."""

from datetime import datetime
from typing import Any, Final

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from pharos.actions import along, further, holds, lanes, leaving, promises, rights, standings, trail, webhooks
from pharos.actions.errors import Refused
from pharos.models import Agent, Contact, Kind, Merge, NotSame, Promise, User
from pharos.queries import family

State = Contact.State
UNTAKEN: Final = (State.WAITING, State.OFFERED)
HANDS: Final = (State.ACTIVE, State.WRAP_UP, State.PENDING)


def undo(*, merge: Merge, by: User, now: datetime) -> None:
    """Take it back, and keep that they are not one person: no words or answers are lost or change whose they are.

    By the colleague who has the contact in hand or closed it, or by a lead. Refused when it was taken back before.
    """
    with transaction.atomic():
        top = held_to_change(merge, by=by)
        rows = Merge.objects.filter(pk=merge.pk, undone_at__isnull=True)
        fresh = Merge.objects.select_related("keep", "join").get(pk=merge.pk)
        keep, join = standings.now_at(fresh.keep_id), standings.now_at(fresh.join_id)
        kept = standings.own(keep)
        top_kept = standings.own(top) if top.pk != keep.pk else None
        if not rows.update(undone_at=now, undone_by=by):
            raise Refused("not_merged", _("This was taken back already."))
        left = family.below(top)  # who shares the place without `join`
        Contact.objects.filter(pk__in=family.below(join)).exclude(pk=join.pk).update(merged_into=join)
        Contact.objects.filter(pk=join.pk).update(merged_into=None)
        along.give_back(join, fresh.before, at=fresh.at)
        along.let_go(keep, fresh.before)
        _stand_again(join, fresh, by=by, now=now)
        _unanswer(keep, kept, fresh, left)
        standings.refold(keep, kept, now=now)
        if top_kept is not None:
            standings.refold(top, top_kept, now=now)
        _sleep_again(top, fresh, left, now=now)
        _in_line(join, fresh, now=now)
        _leave_alone(top, now=now)
        keep_apart(keep, join, by=by, now=now)
        _tell(fresh, top, join, by=by, now=now)


def held_to_change(merge: Merge, *, by: User) -> Contact:
    """The contact in whose place a merged one waits, once nobody else changes either, if this colleague may."""
    top_id = Contact.objects.values_list("merged_into", flat=True).get(pk=merge.join_id)
    if top_id is None:
        raise Refused("not_merged", _("This was taken back already."))
    holds.in_order(Contact.objects.filter(pk__in=[top_id, merge.keep_id, merge.join_id]))
    top = standings.now_at(top_id)
    refuse_strangers(top, by=by)
    return top


def refuse_strangers(contact: Contact, *, by: User) -> None:
    """Only whoever has a contact in hand, or closed it, and the leads."""
    if contact.agent is None or contact.agent.user_id != by.pk or contact.state == State.OFFERED:
        rights.lead(by, organisation_id=contact.organisation_id)


def keep_apart(one: Contact, other: Contact, *, by: User, now: datetime) -> bool:
    """Keep that these are different people; False when that was said before."""
    first, second = sorted((one, other), key=lambda contact: contact.pk)
    _row, is_new = NotSame.objects.get_or_create(first=first, second=second, defaults={"by": by, "at": now})
    return is_new


def _stand_again(join: Contact, merge: Merge, *, by: User, now: datetime) -> None:
    """In the state it was in; whoever wrote meanwhile waits, and an agent who has gone home gets nothing back."""
    mine, kept = family.below(join), merge.before
    state = standings.loaded(kept, standings.STATE)
    wrote = along.unanswered_words(mine, kept["last_message"])
    agent = Agent.objects.select_related("user").filter(pk=state["agent_id"] or 0).first()
    if state["state"] in HANDS and not _is_here(agent, by=by):
        state |= {"state": State.WAITING, "agent_id": None, "preferred_agent_id": state["agent_id"], "wake_at": None}
        state |= {"accepted_at": None, "finished_at": None}
    Contact.objects.filter(pk=join.pk).update(**state)
    if wrote:
        further.wake(join, now=now)
    fresh = standings.now_at(join.pk)
    if fresh.left_at and fresh.state in (State.WAITING, State.PENDING) and not wrote:
        leaving.leave(contact=fresh, since=fresh.left_at, now=now)


def _leave_alone(top: Contact, *, now: datetime) -> None:
    """Whose place it is had left, and it stood for the other: now it stands for nobody."""
    fresh = standings.now_at(top.pk)
    if fresh.left_at and fresh.state == State.WAITING:
        leaving.leave(contact=fresh, since=fresh.left_at, now=now)


def _in_line(join: Contact, merge: Merge, *, now: datetime) -> None:
    """In the place that is its own, with a promise."""
    fresh = standings.now_at(join.pk)
    if family.merges(fresh).exists():
        standings.refold(fresh, standings.own(fresh), now=now)
    elif fresh.state != State.CLOSED:
        lanes.regrade(fresh, now=now, to_head=not merge.before["in_danger"])
    if fresh.state != State.CLOSED:
        _promise_again(standings.now_at(join.pk), now=now)


def _is_here(agent: Agent | None, *, by: User) -> bool:
    if agent is None:
        return False
    return agent.user_id == by.pk or (agent.user.is_active and agent.status != Agent.Status.OFFLINE)


def _promise_again(contact: Contact, *, now: datetime) -> None:
    """Who waits has a promise: what they were told last while it is still to come, else told anew."""
    if contact.state not in UNTAKEN or contact.promises.filter(settled_at__isnull=True).exists():
        return
    if contact.promise_by and contact.promise_by > now and contact.promises.exists():
        lane = contact.lane
        Promise.objects.create(contact=contact, told_at=now, band=lane.band, kind=lane.kind, by=contact.promise_by)
    else:
        promises.tell_again(contact, now=now)


def _unanswer(keep: Contact, kept: dict[str, Any], merge: Merge, left: list[int]) -> None:
    """What was answered was `join` alone: then `keep` still waits for its answer."""
    mine, last = family.below(merge.join), merge.before["last_message"]
    if along.answered_since(left, last) or not along.answered_since(mine, last):
        return
    along.unsettle(Promise.objects.filter(pk__in=kept["promises"], contact=keep))
    if kept["first_answered_at"] is None and keep.lane.kind != Kind.LIVE:
        Contact.objects.filter(pk=keep.pk).update(first_answered_at=None)


def _sleep_again(top: Contact, merge: Merge, left: list[int], *, now: datetime) -> None:
    """A place that only the merge made wait again goes back to where it was, while nobody has taken it."""
    woken = merge.before["woken"]
    if woken is None:
        return
    if along.unanswered_words(left, merge.before["last_message"]):
        return
    state = standings.loaded(woken, standings.STATE)
    taken_up = Q(state=State.ACTIVE, agent=state["agent_id"], accepted_at=merge.at)  # by the merge itself
    rows = Contact.objects.filter(Q(state=State.WAITING) | taken_up, pk=top.pk)
    if not along.answered_since(left, merge.before["last_message"]) and rows.update(**state):
        promises.drop(top, now=now)


def _tell(merge: Merge, top: Contact, join: Contact, *, by: User, now: datetime) -> None:
    trail.record(top, "unmerged", now=now, by=by, reference=join.reference)
    trail.record(join, "unmerged_from", now=now, by=by, reference=top.reference)
    webhooks.announce(
        organisation_id=top.organisation_id,
        event="contact.unmerged",
        body={"reference": join.reference, "from": top.reference},
        now=now,
    )
    for contact in (standings.now_at(top.pk), standings.now_at(join.pk)):
        trail.tell(contact, now=now, topics=["queue"])
