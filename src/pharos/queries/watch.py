"""What is wrong right now: the conditions behind the alarms, as sets."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import reduce
from operator import or_
from typing import Any, NamedTuple, TypeAlias

from django.db.models import Case, Count, Exists, F, Min, OuterRef, Q, Subquery, When
from django.db.models.functions import Coalesce, Greatest
from django.db.models.query import QuerySet

from pharos.engine.lanes import Group, Skilled, eligible
from pharos.models import Alarm, Channel, Contact, Cue, EntryPoint, Incident, Lane, Message, Organisation, Promise
from pharos.queries import cues, floor, workforce
from pharos.queries.calendars import calendars
from pharos.queries.rules import rule

Sort = Alarm.Sort
State = Contact.State
UNTAKEN = (State.WAITING, State.OFFERED)
OPEN = (State.WAITING, State.OFFERED, State.ACTIVE, State.PENDING, State.WRAP_UP)
ANSWERS = (Message.Sort.REPLY, Message.Sort.SUMMARY)
URGENT_BANDS = (0, 1)
LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
ONCE_IS_NO_SIGN = 2  # failures in a row of a carrier, and the time they have to last
SHORT = timedelta(seconds=60)
FORGOTTEN = timedelta(days=7)  # a message that failed longer ago is history


Contacts: TypeAlias = "QuerySet[Contact, Any]"


class Finding(NamedTuple):
    """One thing that is wrong, and what it is about."""

    subject: str
    contact_id: int | None = None
    incident_id: int | None = None
    data: Mapping[str, Any] = {}


def contacts(sort: str, *, organisation: Organisation, now: datetime) -> Contacts:
    """The contacts to which this condition applies now."""
    return CONDITIONS[sort](organisation, now)


def _danger(organisation: Organisation, now: datetime) -> Contacts:
    return Contact.objects.filter(lane__organisation=organisation, lane__band=0, state__in=UNTAKEN)


def _danger_words(organisation: Organisation, now: datetime) -> Contacts:
    """Those whose words may mean danger to life, while nobody has said whether they do; band 0 has its own alarm.

    An alarm that nobody has put a name to stays, whatever becomes of its contact: a close is no answer to it.
    """
    open_cues = cues.in_danger().filter(state=Cue.State.OPEN, contact__organisation=organisation)
    untaken = Alarm.objects.filter(organisation=organisation, sort=Sort.DANGER_WORDS, cleared_at__isnull=True)
    unread = Q(pk__in=untaken.filter(acknowledged_at__isnull=True).values("contact_id"))
    return Contact.objects.filter(unread | Q(pk__in=open_cues.values("contact"), state__in=OPEN, lane__band__gt=0))


def _escalated(organisation: Organisation, now: datetime) -> Contacts:
    """Those whose agent has asked for the duty lead and still holds them: over when it is settled or they move on."""
    asked = Alarm.objects.filter(organisation=organisation, sort=Sort.ESCALATED, cleared_at__isnull=True)
    held = (State.ACTIVE, State.PENDING, State.WRAP_UP)
    return Contact.objects.filter(pk__in=asked.values("contact_id"), state__in=held)


def _urgent_soon_unanswered(organisation: Organisation, now: datetime) -> Contacts:
    limit = timedelta(days=rule(organisation, "urgent_unanswered_alert_days"))
    early = timedelta(hours=rule(organisation, "urgent_unanswered_warning_hours"))
    return _urgent(organisation, since=now - limit + early, after=now - limit)


def _urgent_unanswered(organisation: Organisation, now: datetime) -> Contacts:
    return _urgent(organisation, since=now - timedelta(days=rule(organisation, "urgent_unanswered_alert_days")))


def _urgent(organisation: Organisation, *, since: datetime, after: datetime = LONG_AGO) -> Contacts:
    """Urgent contacts whose last words have had no answer since then, counted from the first of those words.

    A note is no answer. Who is being talked to is being answered.
    """
    mine = Message.objects.filter(contact=OuterRef("pk"))
    said = mine.filter(direction=Message.Direction.OUT, sort__in=ANSWERS).order_by("-created_at")
    words = mine.filter(direction=Message.Direction.IN, created_at__gt=OuterRef("answered_at")).order_by("created_at")
    rows = Contact.objects.filter(
        organisation=organisation, state__in=OPEN, arrived_at__lte=since, lane__band__in=URGENT_BANDS
    ).exclude(lane__kind="live", state__in=(State.ACTIVE, State.WRAP_UP))
    return (
        rows.annotate(answered_at=_answered_at(said))
        .filter(Q(first_answered_at__isnull=True) | Q(last_inbound_at__gt=F("answered_at")))
        .annotate(
            unanswered_since=Case(
                When(first_answered_at__isnull=True, then=F("arrived_at")),
                default=Coalesce(Subquery(words.values("created_at")[:1]), F("last_inbound_at")),
            )
        )
        .filter(unanswered_since__lte=since, unanswered_since__gt=after)
    )


def _answered_at(said: "QuerySet[Message, Any]") -> Greatest:
    return Greatest(F("first_answered_at"), Coalesce(Subquery(said.values("created_at")[:1]), F("first_answered_at")))


def _promise_at_risk(organisation: Organisation, now: datetime) -> Contacts:
    live = now + timedelta(minutes=rule(organisation, "promise_at_risk_live_minutes"))
    written = now + timedelta(minutes=rule(organisation, "promise_at_risk_written_minutes"))
    near = Q(lane__kind="live", promise_by__lte=live) | Q(lane__kind="written", promise_by__lte=written)
    return Contact.objects.filter(
        near,
        organisation=organisation,
        state__in=UNTAKEN,
        promise_by__gt=now,
        promise_by__lte=max(live, written),
        promise_broken_at__isnull=True,
    )


def _promise_broken(organisation: Organisation, now: datetime) -> Contacts:
    told = Promise.objects.filter(contact=OuterRef("pk"), settled_at__isnull=True)
    late = Q(promise_by__lte=now) | Q(promise_broken_at__isnull=False)
    return Contact.objects.filter(late, Exists(told), organisation=organisation, state__in=OPEN)


def unmarked(organisation: Organisation, *, now: datetime) -> Contacts:
    """Contacts in somebody's hands whose promise has passed without an answer and that bear no mark of it yet."""
    held = (State.ACTIVE, State.PENDING, State.WRAP_UP)
    late = _promise_broken(organisation, now).filter(state__in=held, promise_by__lte=now)
    return late.filter(promise_broken_at__isnull=True)


def _delivery_failed(organisation: Organisation, now: datetime) -> Contacts:
    later = Message.objects.filter(
        contact=OuterRef("contact"), state=Message.State.SENT, settled_at__gt=OuterRef("settled_at")
    )
    failed = Message.objects.filter(
        ~Exists(later), organisation=organisation, state=Message.State.FAILED, created_at__gte=now - FORGOTTEN
    )
    return Contact.objects.filter(pk__in=failed.values("contact_id"))


CONDITIONS: Mapping[str, Callable[[Organisation, datetime], Contacts]] = {
    Sort.DANGER: _danger,
    Sort.DANGER_WORDS: _danger_words,
    Sort.ESCALATED: _escalated,
    Sort.URGENT_UNANSWERED: _urgent_unanswered,
    Sort.URGENT_SOON_UNANSWERED: _urgent_soon_unanswered,
    Sort.PROMISE_BROKEN: _promise_broken,
    Sort.PROMISE_AT_RISK: _promise_at_risk,
    Sort.DELIVERY_FAILED: _delivery_failed,
}


def oldest(*, organisation: Organisation, now: datetime) -> list[Finding]:
    """Kinds of channel on which somebody has waited longer than the rule allows, in opening hours; not band 0."""
    limits = {
        "live": 60 * rule(organisation, "oldest_waiting_live_minutes"),
        "written": 3600 * rule(organisation, "oldest_waiting_written_hours"),
    }
    since = Case(When(first_answered_at__isnull=True, then=F("arrived_at")), default=F("last_inbound_at"))
    rows = (
        Contact.objects.filter(organisation=organisation, state=State.WAITING, lane__band__gt=0)
        .values_list("lane__kind")
        .annotate(since=Min(since))
    )
    hours = calendars(organisation)
    return [
        Finding(f"oldest:{kind}", data={"kind": kind, "since": first.isoformat()})
        for kind, first in rows
        if hours[kind].open_seconds(first, now) > limits[kind]
    ]


def overdue_updates(*, organisation: Organisation, now: datetime) -> list[Finding]:
    """Open incidents whose next public update was announced for a time that has passed."""
    rows = Incident.objects.filter(organisation=organisation, next_update_at__lt=now)
    return [
        Finding(f"incident:{row.pk}", incident_id=row.pk, data={"due": row.next_update_at.isoformat()})
        for row in rows.exclude(state=Incident.State.CLOSED)
        if row.next_update_at
    ]


def out_of_reach(*, now: datetime) -> "QuerySet[EntryPoint, EntryPoint]":
    """Mailboxes, numbers and accounts of all organisations that failed again and again, for a minute or longer.

    A number for texts is tried only when there is something to send, so it counts while something waits for it, or was
    given up since it failed first: until it is reached again, or that text is history.
    """
    failing = EntryPoint.objects.filter(is_on=True, failures__gte=ONCE_IS_NO_SIGN, failing_since__lte=now - SHORT)
    in_vain = [Q(Exists(rows)) for rows in _tried_in_vain(now)]
    return failing.filter(~Q(channel=Channel.SMS) | reduce(or_, in_vain))


def _tried_in_vain(now: datetime) -> "list[QuerySet[Message, Message]]":
    """Messages by an entry that were tried and wait to be sent, for a minute or longer, or were given up.

    One state each, as the indexes have them.
    """
    mine = Message.objects.filter(entry=OuterRef("pk"))
    waiting = mine.filter(created_at__lte=now - SHORT)
    given_up = mine.filter(
        organisation=OuterRef("organisation"),
        created_at__gte=now - FORGOTTEN,
        settled_at__gte=OuterRef("failing_since"),
    )
    return [
        waiting.filter(state=Message.State.QUEUED, attempts__gte=1),
        waiting.filter(state=Message.State.SENDING, attempts__gte=2),
        given_up.filter(state=Message.State.FAILED, attempts__gte=2),
    ]


def not_reached(*, organisation: Organisation, now: datetime) -> list[Finding]:
    """Those of one organisation, by their address and never with what the carrier said."""
    rows = out_of_reach(now=now).filter(organisation=organisation).order_by("pk")
    return [Finding(f"entry:{row.pk}", data=_of_entry(row, row.failing_since)) for row in rows if row.failing_since]


def _of_entry(row: EntryPoint, since: datetime) -> dict[str, Any]:
    return {"entry": row.pk, "channel": row.channel, "address": row.address, "since": since.isoformat()}


def without_agents(*, organisation: Organisation) -> list[Finding]:
    """Queue and language of waiting contacts that nobody who works here can serve, and what is missing."""
    waiting = (
        Lane.objects.filter(organisation=organisation, contacts__state=State.WAITING)
        .values_list("queue_id", "language")
        .annotate(waiting=Count("contacts"))
        .order_by("queue_id", "language")
    )
    groups = {(queue, language): count for queue, language, count in waiting}
    if not groups:
        return []
    queues = organisation.queues.select_related("skill").in_bulk()
    staff = workforce.staff(organisation)
    found = []
    for (queue, language), count in groups.items():
        why = missing(floor.group_for(queues[queue], language), staff)
        if why:
            data = {"queue": queues[queue].name, "language": language, "waiting": count, "why": why}
            found.append(Finding(f"queue:{queue}:{language}", data=data))
    return found


def missing(group: Group, staff: Sequence[Skilled]) -> str:
    """What is missing for anybody to serve a group, of those who have all before it: skill, level, training, language.

    Blank when somebody can.
    """
    skilled = group._replace(language="", level=1, gates=())
    steps = {
        "skill": skilled,
        "level": skilled._replace(level=group.level),
        "training": group._replace(language=""),
        "language": group,
    }
    for why, step in steps.items():
        if not any(eligible(one, step) for one in staff):
            return why
    return ""
