"""What the doors know of an organisation, read at most once a second: in a burst hundreds ask for the same.

What staff change, and a newer look ahead, hold for contacts that come up to a second later.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Generic, TypeVar, overload

from django.db.models import Count

from pharos.content import Wording
from pharos.engine.calendar import Calendar
from pharos.engine.classes import Kind
from pharos.engine.estimates import Unknown, Wait
from pharos.models import ApiToken, Contact, Incident, IncidentText, Lane, Organisation, Queue, WaitEstimate, Webhook
from pharos.queries import api, calendars, floor, organisations, waits
from pharos.queries.rules import rule

FRESH = timedelta(seconds=1)
LONGEST = 2  # times that, while somebody reads it anew
MOST = 1_000  # names that a stranger may ask for are kept up to so many

Key = TypeVar("Key")
Value = TypeVar("Value")
Class = tuple[int, str, int, str]  # queue, language, band, kind


class Recent(Generic[Key, Value]):
    """What was read within the last second."""

    def __init__(self) -> None:
        self._kept: dict[Key, tuple[datetime, Value]] = {}
        self._being_read: set[Key] = set()

    @overload
    def of(self, key: Key, read: Callable[[], Value], *, now: datetime) -> Value: ...

    @overload
    def of(self, key: Key, read: Callable[[], Value | None], *, now: datetime) -> Value | None: ...

    def of(self, key: Key, read: Callable[[], Value | None], *, now: datetime) -> Value | None:
        """What is known, else what `read` finds. That there is nothing is asked for each time."""
        known = self.get(key, now=now)
        if known is not None:
            return known
        found = read()
        if found is None:
            self.forget(key)
            return None
        return self.keep(key, found, now=now)

    def get(self, key: Key, *, now: datetime) -> Value | None:
        """What is known; None when that is too old: whoever hears so reads it, and others go on with it meanwhile."""
        read_at, value = self._kept.get(key, (None, None))
        if read_at is None or (age := abs(now - read_at)) >= LONGEST * FRESH:
            return None
        if age < FRESH or key in self._being_read:
            return value
        self._being_read.add(key)
        return None

    def keep(self, key: Key, value: Value, *, now: datetime) -> Value:
        """Remember it for a second."""
        if len(self._kept) >= MOST:
            self._kept.clear()
        self._kept[key] = now, value
        self._being_read.discard(key)
        return value

    def forget(self, key: Key) -> None:
        """Read it anew next time."""
        self._kept.pop(key, None)
        self._being_read.discard(key)


@dataclass(frozen=True)
class Doors:
    """One organisation as its doors see it. `lanes` grows, and `came` counts, while contacts come in."""

    organisation: Organisation
    queues: list[Queue]
    hours: Mapping[Kind, Calendar]
    hooks: list[Webhook]
    wordings: Mapping[tuple[int, str], Wording]
    lanes: dict[Class, Lane]
    estimates: Mapping[Class, WaitEstimate]
    came: Counter[Class]  # since the look ahead whose estimates these are

    def wait(self, lane: Lane) -> Wait | Unknown:
        """As `waits.wait_of`, of what is known here."""
        estimate = self.estimates.get(class_of(lane))
        if estimate is None:
            return Unknown(waits.NOT_MEASURED)
        return waits.with_more(estimate, self._ahead(lane))

    def _ahead(self, lane: Lane) -> int:
        return sum(
            count
            for (queue, _language, band, kind), count in list(self.came.items())  # others count on meanwhile
            if queue == lane.queue_id and kind == lane.kind and band <= lane.band
        )


@dataclass
class Place:
    """Where the last one of a lane came to stand."""

    number: int


_doors: Recent[int, Doors] = Recent()
_places: Recent[int, Place] = Recent()
_organisations: Recent[str, Organisation] = Recent()
_incidents: Recent[tuple[int, str], Incident] = Recent()
_tokens: Recent[str, ApiToken] = Recent()


def of(organisation: Organisation, *, now: datetime) -> Doors:
    """What the doors of an organisation know."""
    return _doors.of(organisation.pk, lambda: _read(organisation, now), now=now)


def forget(organisation: Organisation) -> None:
    """Something was not as it was known."""
    _doors.forget(organisation.pk)


def of_host(host: str, *, now: datetime) -> Organisation | None:
    """The organisation whose doors are reached under a host name."""
    return _organisations.of(host, lambda: organisations.of_host(host), now=now)


def token_of(plain: str, *, now: datetime) -> ApiToken | None:
    """As `api.token_of`; another system's token, revoked, may still open the door for a second."""
    key = api.digest(plain)
    known = _tokens.get(key, now=now)
    if known is not None:
        return known
    found = api.token_of(plain)
    if found is None or found.agent_id is not None:
        _tokens.forget(key)
        return found
    return _tokens.keep(key, found, now=now)


def incident_of(organisation: Organisation, slug: str, *, now: datetime) -> Incident | None:
    """The incident that a form belongs to."""

    def read() -> Incident | None:
        return Incident.objects.filter(organisation=organisation, slug=slug).select_related("organisation").first()

    return _incidents.of((organisation.pk, slug), read, now=now)


def place_of(*, contact: Contact, now: datetime) -> int | None:
    """The place in line of a contact that has just come in: one behind the last of its lane within this second."""
    last = _places.get(contact.lane_id, now=now)
    if last is not None:
        last.number += 1
        return last.number
    number = floor.place(contact=contact, now=now)
    return number and _places.keep(contact.lane_id, Place(number), now=now).number


def class_of(row: Lane | WaitEstimate) -> Class:
    """What a lane is for, and an estimate about."""
    return row.queue_id, row.language, row.band, row.kind


def _read(organisation: Organisation, now: datetime) -> Doors:
    estimates = _estimates(organisation, now)
    queues = list(organisation.queues.select_related("skill").order_by("id"))
    lanes = {class_of(lane): lane for lane in Lane.objects.filter(organisation=organisation)}
    by_id = {queue.pk: queue for queue in queues}
    for lane in lanes.values():
        lane.organisation = organisation
        if lane.queue_id in by_id:
            lane.queue = by_id[lane.queue_id]
    texts = IncidentText.objects.filter(incident__organisation=organisation, channel="email")
    return Doors(
        organisation=organisation,
        queues=queues,
        hours=calendars.calendars(organisation),
        hooks=list(Webhook.objects.filter(organisation=organisation, is_active=True)),
        wordings={(text.incident_id, text.code): Wording(text.body, text.subject or None) for text in texts},
        lanes=lanes,
        estimates=estimates,
        came=_came(organisation, lanes, min((row.at for row in estimates.values()), default=None)),
    )


def _estimates(organisation: Organisation, now: datetime) -> dict[Class, WaitEstimate]:
    fresh = now - timedelta(seconds=rule(organisation, "wait_valid_seconds"))
    rows = WaitEstimate.objects.filter(organisation=organisation, at__gte=fresh)
    return {class_of(row): row for row in rows}


def _came(organisation: Organisation, lanes: Mapping[Class, Lane], since: datetime | None) -> Counter[Class]:
    """Who came after the look ahead and waits, by class."""
    if since is None:
        return Counter()
    rows = Contact.objects.filter(organisation=organisation, state=Contact.State.WAITING, arrived_at__gt=since)
    counted = dict(rows.order_by().values_list("lane").annotate(count=Count("id")))
    return Counter({key: counted[lane.pk] for key, lane in lanes.items() if lane.pk in counted})
