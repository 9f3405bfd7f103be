"""What the public reads on an incident's page, as plain values in one language."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from pharos import content
from pharos.content import Picked
from pharos.content import calendars as clocks
from pharos.engine.classes import Kind
from pharos.engine.estimates import Wait
from pharos.models import Advisory, Incident, IncidentText, Organisation, PageSection, WaitEstimate
from pharos.queries import incidents, waits
from pharos.queries.calendars import calendars
from pharos.queries.organisations import site
from pharos.queries.rules import rule
from pharos.queries.ways import Way, ways

Sort = PageSection.Sort
_PLACEHOLDER: Final = re.compile(r"\{([a-z_]+)\}")
OWN_TEXTS: Final = {"over": ("all_clear", "web"), "share": ("first_notice", "social")}


class Block(NamedTuple):
    """One block of the page; `title` is blank where it has none."""

    title: Picked
    body: Picked


class Version(NamedTuple):
    """The words of an update as they stood from `at` on."""

    number: int
    at: datetime
    title: Picked
    body: Picked


class Update(NamedTuple):
    """One update: its versions, the newest first; none once it was withdrawn."""

    number: int
    first_at: datetime
    changed_at: datetime
    versions: tuple[Version, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class PublicPage:
    """Everything on an incident's page, in one language. A text that lacks it is in another and says in which."""

    incident: Incident
    language: str
    zone: str
    organisation_name: Picked
    name: Picked
    kind: Picked
    state: Picked
    happened: tuple[Block, ...]
    to_do: tuple[Block, ...]
    policies: tuple[Block, ...]
    questions: tuple[Block, ...]
    ways: tuple[Way, ...]
    opens: Mapping[Kind, datetime | None]  # when a kind of channel that is closed now opens next
    updates: tuple[Update, ...]
    phone_window: Picked | None  # for whom the phone is, while lines are full
    over: Picked
    share: Picked
    next_update_at: datetime | None
    is_late: bool
    changed_at: datetime
    measured_at: datetime | None

    @property
    def path(self) -> str:
        """The address of the page on its host."""
        return path(self.incident, self.language)

    @property
    def modified_at(self) -> datetime:
        """When anything on the page last changed, the measured waits and a missed update included."""
        late = self.next_update_at if self.is_late else None
        return max(at for at in (self.changed_at, self.measured_at, late) if at)


def with_day(at: datetime, zone: str, language: str, *, zone_named: bool = True) -> str:
    """A moment with its day, also when that is today: a page may be read later than it was written."""
    return clocks.local_moment(at, zone, language, now=at - timedelta(days=1), zone_named=zone_named)


def path(incident: Incident, language: str) -> str:
    """The address of an incident's page on its host."""
    return f"/{language}/i/{incident.slug}/"


def address(incident: Incident, language: str) -> str:
    """The address of an incident's page, from anywhere."""
    return site(incident.organisation) + path(incident, language)


def public_page(incident: Incident, *, language: str, now: datetime) -> PublicPage:
    """The page of an incident as it reads now. `incident` comes with its organisation."""
    organisation = incident.organisation
    blocks = _blocks(incident, language)
    own = _own_texts(incident, language)
    estimates = _estimates(organisation, language=language, now=now) if incident.is_open else []
    opens = _opens(organisation, now=now) if incident.is_open else {}
    clock = incidents.clock(incident, now=now)
    return PublicPage(
        incident=incident,
        language=language,
        zone=incident.zone,
        organisation_name=content.pick(organisation.name, language),
        name=content.pick(incident.name, language),
        kind=content.pick(content.crisis_types()[incident.crisis_type].name, language),
        state=content.pick(content.incident_states()[incident.state], language),
        happened=blocks[Sort.HAPPENED],
        to_do=blocks[Sort.TO_DO],
        policies=blocks[Sort.POLICY],
        questions=blocks[Sort.QUESTION],
        ways=ways(incident, estimates, opens, language=language) if incident.is_open else (),
        opens=opens,
        updates=tuple(_updates(incident, language)),
        phone_window=phone_window(incident, channel="web", language=language) if incident.phone_window_days else None,
        over=own["over"],
        share=own["share"],
        next_update_at=clock.due_at if clock else None,
        is_late=bool(clock and clock.is_late),
        changed_at=incident.changed_at or incident.declared_at,
        measured_at=max((row.at for row in estimates), default=None),
    )


def said(text: Picked, incident: Incident, **more: str) -> Picked:
    """A text with its {values} filled in, in the language that the text is in. What nobody knows stays as it is."""
    organisation, language = incident.organisation, text.language
    values = {
        "crisis_name": content.pick(incident.name, language).text,
        "org_name": content.pick(organisation.name, language).text,
        "emergency_phone": organisation.emergency_phone,
        "phone": organisation.phone,
        "landing_url": address(incident, language),
        "form_url": address(incident, language) + "request/",
        **more,
    }
    unknown = {name: f"{{{name}}}" for name in _PLACEHOLDER.findall(text.text) if name not in values}
    return Picked(content.fill_lines(text.text, **values, **unknown), language)


def phone_window(incident: Incident, *, channel: str, language: str) -> Picked:
    """For whom the phone is while lines are full, as the incident's lead has it said on a channel."""
    own = IncidentText.objects.filter(incident=incident, code="phone_window", channel=channel).first()
    text = content.pick(own.body if own else content.template("phone_window", channel).body, language)
    return said(text, incident, phone_window_days=clocks.local_digits(incident.phone_window_days or 0, text.language))


def _blocks(incident: Incident, language: str) -> dict[str, tuple[Block, ...]]:
    found: dict[str, list[Block]] = {sort: [] for sort in Sort.values}
    for row in incident.sections.order_by("order", "id"):
        title, body = content.pick(row.title, language), content.pick(row.body, language)
        found[row.sort].append(Block(said(title, incident), said(body, incident)))
    return {sort: tuple(blocks) for sort, blocks in found.items()}


def _own_texts(incident: Incident, language: str) -> dict[str, Picked]:
    codes = [code for code, _ in OWN_TEXTS.values()]
    rows = {(row.code, row.channel): row.body for row in IncidentText.objects.filter(incident=incident, code__in=codes)}
    return {
        name: said(content.pick(rows.get(key) or content.template(*key).body, language), incident)
        for name, key in OWN_TEXTS.items()
    }


def timed(row: Advisory, incident: Incident, *, language: str) -> Picked:
    """An update's words with its own times in them; a draft has none yet."""
    text = content.pick(row.body, language)
    moments = {"last_update": row.published_at, "next_update_time": row.next_update_at}
    told = {name: with_day(at, incident.zone, text.language) for name, at in moments.items() if at}
    return said(text, incident, **told)


def newest_update(incident: Incident, *, language: str) -> Update | None:
    """The newest update that still stands. `incident` comes with its organisation."""
    return next((update for update in _updates(incident, language) if update.versions), None)


def _updates(incident: Incident, language: str) -> Iterable[Update]:
    for bulletin in incidents.bulletins(incident):
        first_at, changed_at = bulletin.first_published_at, bulletin.changed_at
        if first_at is None or changed_at is None:
            continue
        versions = [
            Version(
                row.version,
                row.published_at or row.created_at,
                said(content.pick(row.title, language), incident),
                timed(row, incident, language=language),
            )
            for row in (bulletin.released if bulletin.shown else ())
            if row.state == Advisory.State.PUBLISHED  # what was withdrawn is not read again in a correction
        ]
        yield Update(bulletin.number, first_at, changed_at, tuple(versions))


def _estimates(organisation: Organisation, *, language: str, now: datetime) -> list[WaitEstimate]:
    fresh = now - timedelta(seconds=rule(organisation, "wait_valid_seconds"))
    rows = WaitEstimate.objects.filter(organisation=organisation, language=language, at__gte=fresh)
    return [row for row in rows if isinstance(waits.told(row), Wait)]


def _opens(organisation: Organisation, *, now: datetime) -> dict[Kind, datetime | None]:
    found = calendars(organisation)
    return {kind: calendar.next_open(now) for kind, calendar in found.items() if not calendar.is_open(now)}
