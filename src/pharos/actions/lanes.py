"""Which lane a contact waits in, and why."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any, NamedTuple

from pharos import content
from pharos.actions import holds, trail
from pharos.engine.banding import Banding, Facts, Reason, band
from pharos.models import Contact, Lane, Organisation, Override, Queue, User
from pharos.queries import cues, family, floor, heads
from pharos.queries import needs as register
from pharos.queries.rules import rule


class Standing(NamedTuple):
    """What a contact's facts come to."""

    band: int
    reasons: list[dict[str, Any]]
    reband_at: datetime | None
    at_head: bool = False


def standing(
    *,
    organisation: Organisation,
    danger: bool,
    needed_by: date | None,
    time_zone: str,
    needs: Iterable[str],
    request_type: str,
    raised_band: int | None,
    raised_by: str,
    now: datetime,
    weights: Iterable[int] = (),
    danger_signal: bool = False,
) -> Standing:
    """The band that explicit facts give, its reasons as data, and when midnight changes them.

    `needs`: codes that came with the request; `weights`: of those in the register. A reason names the weight alone.
    `danger_signal`: the words may mean danger to life, which is no such fact and never more than the head of band 1.
    """
    known = content.needs()
    asked = {code: known[code].weight for code in needs if code in known}
    asked |= {f"register:{number}": weight for number, weight in enumerate(weights)}
    facts = Facts(
        danger=danger,
        needed_by=needed_by,
        time_zone=time_zone,
        need_weights=asked,
        request_type=request_type,
        raised_band=raised_band,
        raised_by=raised_by,
        danger_signal=danger_signal,
    )
    result: Banding = band(facts, now, urgent_days=rule(organisation, "departure_priority_days"))
    reasons: list[dict[str, Any]] = []
    for reason in result.reasons:
        told = {"code": reason.code, "params": _told(reason)}
        if told not in reasons:
            reasons.append(told)
    return Standing(result.band, reasons, result.reband_at, result.at_head)


def _told(reason: Reason) -> dict[str, Any]:
    """What is kept of a reason: which need it was, only the register knows."""
    return {name: value for name, value in reason.params.items() if reason.code != "need" or name != "code"}


def standing_of(contact: Contact, *, now: datetime) -> Standing:
    """The standing of a contact that is already here: the best of its own and of those who wait in its place."""
    stands = _own_standing(contact, needed_by=contact.needed_by, now=now)
    for member in family.members(contact):
        # The tightest date stands with the contact itself, where it can be put right.
        day = member.needed_by if member.needed_by == contact.needed_by else None
        stands = _better(stands, _own_standing(member, needed_by=day, now=now))
    return stands._replace(reasons=[*_brought(contact), *stands.reasons]) if contact.front_at else stands


def _own_standing(contact: Contact, *, needed_by: date | None, now: datetime) -> Standing:
    return standing(
        organisation=contact.organisation,
        danger=contact.danger,
        needed_by=needed_by,
        time_zone=contact.time_zone,
        needs=contact.needs,
        weights=register.weights(contact.person_id, now=now),
        request_type=contact.request_type,
        raised_band=contact.raised_band,
        raised_by=contact.raised_by.get_full_name() if contact.raised_by else "",
        danger_signal=cues.danger_stands(contact),
        now=now,
    )


def _better(one: Standing, other: Standing) -> Standing:
    """The higher band, with the reasons of both: the deciding ones first, each once."""
    first, second = (one, other) if one.band <= other.band else (other, one)
    told = {reason["code"] for reason in first.reasons} - {"need"}
    more = [reason for reason in second.reasons if reason not in first.reasons and reason["code"] not in told]
    reasons = [*first.reasons, *(reason for reason in more if reason["code"] != "ordinary")]
    rebands = [at for at in (one.reband_at, other.reband_at) if at]
    is_at_head = (one.at_head or other.at_head) and first.band == 1
    return Standing(first.band, reasons, min(rebands, default=None), is_at_head)


def _brought(contact: Contact) -> list[dict[str, Any]]:
    """A lead brought it to the front, and who that was."""
    rows = Override.objects.filter(family.of(contact), band__isnull=True, undone_at__isnull=True)
    last = rows.select_related("by").order_by("id").last()
    return [{"code": "raised", "params": {"by": last.by.get_full_name() if last and last.by else ""}}]


def regrade(
    contact: Contact,
    *,
    now: datetime,
    by: User | None = None,
    since: tuple[Lane, datetime] | None = None,
    to_head: bool = True,
) -> None:
    """Give a contact the band its facts now come to. In line, no change of class makes its index smaller.

    The facts are read anew while the row is held, so that of two changes at once neither undoes the other. `since`: the
    lane and the virtual arrival to begin with, where these are not its present ones. `to_head`: whether words of danger
    bring it to the head, which they do once.
    """
    holds.contact(contact.pk)
    contact.refresh_from_db()
    stands = standing_of(contact, now=now)
    present = contact.lane
    contact.lane, contact.virtual_arrival = since or (present, contact.virtual_arrival)
    before = contact.lane
    new = before
    arrival = contact.virtual_arrival
    if stands.band != before.band:
        new = lane(
            organisation=contact.organisation,
            queue=before.queue,
            language=before.language,
            band=stands.band,
            kind=before.kind,
        )
        arrival = floor.arrival_after_change(contact, lane=new, now=now)
    if stands.at_head and to_head:
        arrival = min(arrival, heads.arrival_at_head(contact, lane=new, now=now) or arrival)
    Contact.objects.filter(pk=contact.pk, lane=present).update(
        lane=new, reasons=stands.reasons, reband_at=stands.reband_at, virtual_arrival=arrival
    )
    if new.band != present.band:
        trail.record(contact, "rebanded", now=now, by=by, before=present.band, after=stands.band)
    contact.lane, contact.virtual_arrival, contact.reasons = new, arrival, stands.reasons


def lane(*, organisation: Organisation, queue: Queue, language: str, band: int, kind: str) -> Lane:
    """The lane of a class and group, made when first needed."""
    found, _ = Lane.objects.get_or_create(
        queue=queue, language=language, band=band, kind=kind, defaults={"organisation": organisation}
    )
    return found


def queue_for(organisation: Organisation, request_type: str) -> Queue:
    """The queue that a request type is routed to, else the default one."""
    return routed(list(organisation.queues.all()), request_type)


def routed(queues: list[Queue], request_type: str) -> Queue:
    """The one of an organisation's queues that a request type is routed to, else the default one."""
    named = [queue for queue in queues if request_type and request_type in queue.request_types]
    return (named or [queue for queue in queues if queue.is_default] or queues)[0]
