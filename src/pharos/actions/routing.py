"""Putting the next contact before the right agent, and all that may happen to it on the way."""

from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from pharos import live
from pharos.actions import lanes, letters, promises, trail, webhooks
from pharos.actions.errors import Refused
from pharos.engine import discipline
from pharos.models import Agent, Contact, GuardBucket, Kind, Offer, Organisation, Queue, User
from pharos.queries import floor, workforce
from pharos.queries.rules import class_rules, rule

State = Contact.State
BATCH = 500  # rows that one pass of a repair loop takes


def dispatch(*, organisation: Organisation, now: datetime) -> int:
    """Offer waiting contacts to free agents in the order of the queue; returns how many offers were made."""
    agents = workforce.free(organisation=organisation)
    if not agents:
        return 0
    views = floor.lane_views(organisation=organisation, now=now)
    if not views:
        return 0
    assignment = discipline.assign(views, agents, floor.buckets(organisation), class_rules(organisation))
    return sum(_offer(organisation, pick, now=now) for pick in assignment.picks)


def _offer(organisation: Organisation, pick: discipline.Pick, *, now: datetime) -> bool:
    """One pick, made true: contact and agent are taken only if they still are as the snapshot saw them."""
    try:
        with transaction.atomic():
            free = Agent.objects.filter(pk=pick.agent_id, status=Agent.Status.AVAILABLE)
            if not free.update(status=Agent.Status.AVAILABLE):  # holds the row against a break taken at this moment
                return False
            if not Contact.objects.filter(pk=pick.contact_id, state=State.WAITING).update(
                state=State.OFFERED, agent_id=pick.agent_id
            ):
                return False
            contact = Contact.objects.select_related("lane").get(pk=pick.contact_id)
            _put(organisation, contact, pick, now=now)
            _keep_buckets(organisation, pick.tokens)
            return True
    except IntegrityError:  # another dispatcher was first
        return False


def _put(organisation: Organisation, contact: Contact, pick: discipline.Pick, *, now: datetime) -> None:
    seconds = rule(organisation, f"offer_expiry_{contact.lane.kind}_seconds")
    is_past = pick.fit in Offer.OF_NEEDS and not contact.has_needs  # taken back since the floor was read
    Offer.objects.create(
        organisation=organisation,
        contact=contact,
        agent_id=pick.agent_id,
        offered_at=now,
        expires_at=now + timedelta(seconds=seconds),
        index=floor.finite(pick.index),
        reason=pick.reason,
        guard=pick.guard,
        fit="" if is_past else pick.fit,
        runner_up=_runner_up(pick),
    )
    trail.record(contact, "offered", now=now, reason=pick.reason, index=floor.finite(pick.index))
    trail.tell(contact, now=now, topics=[f"agent:{pick.agent_id}"])


def _runner_up(pick: discipline.Pick) -> dict[str, object] | None:
    if pick.runner_up is None:
        return None
    contact_id, index = pick.runner_up
    reference = Contact.objects.values_list("reference", flat=True).get(pk=contact_id)
    return {"reference": reference, "index": floor.finite(index)}


def accept(*, offer: Offer, agent: Agent, now: datetime) -> Contact:
    """The agent takes the contact. Refused when the offer is over or is not this agent's."""
    with transaction.atomic():
        Agent.objects.filter(pk=agent.pk).update(missed_offers=0)
        mine = Offer.objects.filter(pk=offer.pk, agent=agent, state=Offer.State.OPEN)
        if not mine.update(state=Offer.State.ACCEPTED, settled_at=now):
            raise Refused("offer_over", _("This offer is over. The person has kept their place."))
        rows = Contact.objects.filter(pk=offer.contact_id, state=State.OFFERED, agent=agent)
        if not rows.update(state=State.ACTIVE, accepted_at=now, front_at=None):
            raise Refused("offer_over", _("This offer is over. The person has kept their place."))
        contact = Contact.objects.select_related("lane", "person", "organisation", "incident").get(pk=offer.contact_id)
        if contact.lane.kind == Kind.LIVE:
            _answered_live(contact, now=now)
        trail.record(contact, "accepted", now=now, by=agent.user)
        trail.tell(contact, now=now, topics=[f"agent:{agent.pk}", "queue"])
    return contact


def _answered_live(contact: Contact, *, now: datetime) -> None:
    """On a live channel taking the contact is the answer."""
    if Contact.objects.filter(pk=contact.pk, first_answered_at__isnull=True).update(first_answered_at=now):
        webhooks.announce(
            organisation_id=contact.organisation_id,
            event="contact.answered",
            body={"reference": contact.reference},
            now=now,
        )
    promises.settle(contact, now=now)


def decline(*, offer: Offer, agent: Agent, now: datetime) -> None:
    """The agent cannot take it: the contact goes back to its old place and the agent is on a break."""
    with transaction.atomic():
        _hold(agent.pk)
        if not _take_back(offer, Offer.State.DECLINED, now=now):
            raise Refused("offer_over", _("This offer is over. The person has kept their place."))
        _step_out(agent, now=now)


def expire_offers(*, now: datetime) -> int:
    """Offers that nobody answered: the contact keeps its old place, the agent is set on a break (RONA)."""
    over = Offer.objects.filter(state=Offer.State.OPEN, expires_at__lte=now).select_related("contact", "agent")
    expired = 0
    for offer in over.order_by("expires_at")[:BATCH]:
        with transaction.atomic():
            _hold(offer.agent_id)
            if _take_back(offer, Offer.State.EXPIRED, now=now):
                Agent.objects.filter(pk=offer.agent_id).update(missed_offers=F("missed_offers") + 1)
                _step_out(offer.agent, now=now)
                expired += 1
    return expired


def _hold(agent_id: int) -> None:
    """Take the agent's row first, then offer, then contact: everywhere in this order, so that no two wait in a ring."""
    Agent.objects.select_for_update(no_key=True).only("pk").filter(pk=agent_id).first()


def _take_back(offer: Offer, state: Offer.State, *, now: datetime) -> bool:
    if not Offer.objects.filter(pk=offer.pk, state=Offer.State.OPEN).update(state=state, settled_at=now):
        return False
    Contact.objects.filter(pk=offer.contact_id, state=State.OFFERED, agent_id=offer.agent_id).update(
        state=State.WAITING, agent=None
    )
    trail.record(offer.contact, f"offer_{state}", now=now)
    trail.tell(offer.contact, now=now, topics=["queue", f"agent:{offer.agent_id}"])
    return True


def _step_out(agent: Agent, *, now: datetime) -> None:
    Agent.objects.filter(pk=agent.pk, status=Agent.Status.AVAILABLE).update(status=Agent.Status.BREAK, status_since=now)


def set_status(*, agent: Agent, status: Agent.Status, now: datetime) -> None:
    """Available, on a break or offline, at once and without asking; an open offer goes back to its old place."""
    with transaction.atomic():
        changes: dict[str, Any] = {"status": status, "status_since": now}
        if status == Agent.Status.AVAILABLE:
            changes |= {"idle_since": now, "missed_offers": 0}
        _hold(agent.pk)
        Agent.objects.filter(pk=agent.pk).exclude(status=status).update(**changes)
        if status != Agent.Status.AVAILABLE:
            for offer in Offer.objects.filter(agent=agent, state=Offer.State.OPEN).select_related("contact"):
                _take_back(offer, Offer.State.WITHDRAWN, now=now)
        topics = ["board", "queue", f"agent:{agent.pk}"]
        live.nudge(organisation_id=agent.organisation_id, topics=topics, now=now)
    agent.status = status


def transfer(*, contact: Contact, queue: Queue, by: User, reason: str, now: datetime) -> None:
    """Send a contact to another queue: it keeps its place in line, and its new agents see why it comes."""
    with transaction.atomic():
        lane = lanes.lane(
            organisation=contact.organisation,
            queue=queue,
            language=contact.language,
            band=contact.lane.band,
            kind=contact.lane.kind,
        )
        held = Contact.objects.filter(
            pk=contact.pk, state__in=(State.WAITING, State.ACTIVE, State.WRAP_UP, State.PENDING), agent=contact.agent
        )
        if not held.update(state=State.WAITING, lane=lane, agent=None, wake_at=None, accepted_at=None):
            raise Refused("moved_on", _("This contact has moved on. Nothing was changed."))
        topics = ["queue"]
        if contact.agent_id:
            Agent.objects.filter(pk=contact.agent_id).update(idle_since=now)
            topics.append(f"agent:{contact.agent_id}")
        _note(contact, reason, by=by, now=now)
        trail.record(contact, "transferred", now=now, by=by, to=queue.code)
        contact.refresh_from_db()
        promises.tell_again(contact, now=now)
        trail.tell(contact, now=now, topics=topics)


def change_request_type(*, contact: Contact, request_type: str, by: User, reason: str, now: datetime) -> None:
    """Another kind of request may belong to another team: set it, route it anew if it waits, and record why."""
    queue = lanes.queue_for(contact.organisation, request_type)
    with transaction.atomic():
        Contact.objects.filter(pk=contact.pk).update(request_type=request_type)
        trail.record(contact, "retyped", now=now, by=by, before=contact.request_type, after=request_type, reason=reason)
        contact.request_type = request_type
        lanes.regrade(contact, now=now, by=by)
        if queue.pk != contact.lane.queue_id and contact.state == State.WAITING:
            transfer(contact=contact, queue=queue, by=by, reason=reason, now=now)


def reband_due(*, now: datetime) -> int:
    """Local midnight came for these: days left, and with them reason and band, are worked out again."""
    due = Contact.objects.filter(state=State.WAITING, reband_at__lte=now).select_related(
        "organisation", "lane__queue", "raised_by"
    )
    changed = 0
    for contact in due.order_by("reband_at")[:BATCH]:
        with transaction.atomic():
            lanes.regrade(contact, now=now)
            trail.tell(contact, now=now, topics=["queue"])
        changed += 1
    return changed


def wake_due(*, now: datetime) -> int:
    """Contacts that were set aside until now wait again, with their old place and their agent preferred."""
    due = Contact.objects.filter(state=State.PENDING, wake_at__lte=now).select_related("organisation")
    woken = 0
    for contact in due.order_by("wake_at")[:BATCH]:
        with transaction.atomic():
            rows = Contact.objects.filter(pk=contact.pk, state=State.PENDING, wake_at=contact.wake_at)
            if rows.update(state=State.WAITING, agent=None, preferred_agent=F("agent"), wake_at=None):
                contact.refresh_from_db()
                promises.tell_again(contact, now=now)
                trail.record(contact, "woken", now=now)
                trail.tell(contact, now=now, topics=["queue"])
                woken += 1
    return woken


def _note(contact: Contact, body: str, *, by: User, now: datetime) -> None:
    if body.strip():
        letters.note(contact, body=body, by=by, now=now).save(force_insert=True)


def _keep_buckets(organisation: Organisation, tokens: discipline.Buckets) -> None:
    """What the guard lanes hold after an offer, kept with it; in one order, so that two dispatchers never deadlock."""
    saved = sorted((floor.bucket_key(lane), left) for lane, left in tokens.items())
    if saved:
        GuardBucket.objects.bulk_create(
            [GuardBucket(organisation=organisation, lane=lane, tokens=left) for lane, left in saved],
            update_conflicts=True,
            unique_fields=["organisation", "lane"],
            update_fields=["tokens"],
        )
