"""Whether the centre can do its work, and the numbers that show how it does."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db import Error, connection
from django.db.migrations.executor import MigrationExecutor
from django.db.models import Count, Min

from pharos.models import Contact, EntryPoint, LookAhead, Loop, Message, Offer, StaffMail, WebhookDelivery
from pharos.queries import hearing, watch

LATE = timedelta(seconds=15)  # a loop may be this much later than it said
FAILING = 3  # this many failures in a row are no accident
FAILED_SINCE = timedelta(days=7)
OPEN_STATES = [state for state in Contact.State if state != Contact.State.CLOSED]
OUTGOING = {"message": Message, "staff_mail": StaffMail, "webhook": WebhookDelivery}


class Check(NamedTuple):
    """One thing that must be so; `reason` says in plain words what is wrong, "" when nothing is."""

    name: str
    reason: str


def checks(*, now: datetime) -> list[Check]:
    """Database, its tables, and the loops. What cannot be known without the database is left out."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except Error:
        return [Check("database", "the database cannot be reached")]
    found = [Check("database", ""), Check("migrations", _migrations())]
    if not found[-1].reason:
        found += _loops(now)
    return found


_migrated = False


def _migrations() -> str:
    global _migrated  # noqa: PLW0603 - what is applied once stays applied under this process
    if not _migrated:
        executor = MigrationExecutor(connection)
        _migrated = not executor.migration_plan(executor.loader.graph.leaf_nodes())
    return "" if _migrated else "the database is older than the program: run `pharos manage migrate`"


def _loops(now: datetime) -> list[Check]:
    rows = list(Loop.objects.order_by("name"))
    if not rows:
        return [Check("worker", "no worker has ever run: start `pharos work`")]
    return [Check(f"loop {row.name}", _loop(row, now)) for row in rows]


def notes(*, now: datetime) -> list[Check]:
    """What works with less than it should have; the centre is ready all the same."""
    return [Check("signals", hearing.model_fault()), Check("waits", _without()), Check("channels", _not_reached(now))]


def _without() -> str:
    """Why waits are worked out without machine code; a database that does not answer is another check's matter."""
    try:
        reasons = LookAhead.objects.exclude(without="").values_list("without", flat=True).distinct().order_by("without")
        return "; ".join(f"worked out without machine code: {reason}" for reason in reasons)
    except Error:
        return ""


def _not_reached(now: datetime) -> str:
    """Which mailboxes, numbers and accounts fail, by their number in set-up."""
    try:
        rows = list(watch.out_of_reach(now=now).order_by("pk").values_list("channel", "pk", "failures"))
    except Error:
        return ""
    return "; ".join(f"{channel} {pk} failed {failures} times in a row" for channel, pk, failures in rows)


def _loop(row: Loop, now: datetime) -> str:
    if row.last_run_at is None or row.next_run_at is None:
        return "has not run yet"
    if now > row.next_run_at + LATE:
        return f"last ran {(now - row.last_run_at).total_seconds():.0f} seconds ago"
    if row.failures >= FAILING:
        return f"failed {row.failures} times in a row: {row.last_failure}"
    return ""


class Number(NamedTuple):
    """One measured value: the metric's name and its labels."""

    metric: str
    labels: tuple[str, ...]
    value: float


def numbers(*, now: datetime) -> list[Number]:
    """What the centre holds and how late it is; all organisations together."""
    return [*_contacts(now), *_signals(), *_outgoing(now), *_of_loops(now), *_of_look_aheads(), *_of_channels(now)]


def _contacts(now: datetime) -> Iterator[Number]:
    open_contacts = Contact.objects.filter(state__in=OPEN_STATES).order_by()
    by_state = open_contacts.values_list("state", "lane__band").annotate(count=Count("pk"))
    for state, band, count in by_state:
        yield Number("contacts", (state, str(band)), count)
    waiting = open_contacts.filter(state__in=[Contact.State.WAITING, Contact.State.OFFERED])
    for band, oldest in waiting.values_list("lane__band").annotate(oldest=Min("arrived_at")):
        yield Number("oldest_waiting", (str(band),), (now - oldest).total_seconds())
    broken = open_contacts.filter(promise_broken_at__isnull=False, first_answered_at__isnull=True)
    yield Number("promises_broken", (), broken.count())
    yield Number("offers_open", (), Offer.objects.filter(state=Offer.State.OPEN).count())


def _signals() -> Iterator[Number]:
    yield Number("unheard", (), Message.objects.filter(direction=Message.Direction.IN, is_heard=False).count())
    yield Number("model_whole", (), float(not hearing.model_fault()))


def _outgoing(now: datetime) -> Iterator[Number]:
    for kind, model in OUTGOING.items():
        rows = model._default_manager.order_by()
        due = rows.filter(state="queued").aggregate(count=Count("pk"), oldest=Min("due_at"))
        late = max(0.0, (now - due["oldest"]).total_seconds()) if due["oldest"] else 0.0
        yield Number("outgoing", (kind, "queued"), due["count"])
        yield Number("outgoing", (kind, "sending"), rows.filter(state="sending").count())
        failed = rows.filter(state="failed", created_at__gt=now - FAILED_SINCE)
        yield Number("outgoing", (kind, "failed"), failed.count())
        yield Number("outgoing_late", (kind,), late)


def _of_loops(now: datetime) -> Iterator[Number]:
    for row in Loop.objects.all():
        if row.last_run_at:
            yield Number("loop_age", (row.name,), (now - row.last_run_at).total_seconds())
        yield Number("loop_failures", (row.name,), row.failures)


def _of_look_aheads() -> Iterator[Number]:
    rows = list(LookAhead.objects.filter(at__isnull=False))
    if rows:
        yield Number("machine_code", (), float(all(not row.without for row in rows)))
        yield Number("look_ahead_paths", (), min(row.paths for row in rows))


def _of_channels(now: datetime) -> Iterator[Number]:
    on = EntryPoint.objects.filter(is_on=True).order_by("channel").values_list("channel", flat=True).distinct()
    lost = Counter(watch.out_of_reach(now=now).values_list("channel", flat=True))
    for channel in on:
        yield Number("not_reached", (channel,), lost[channel])
