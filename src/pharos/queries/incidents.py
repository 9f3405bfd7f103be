"""Incidents as staff and the doors see them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from pharos import content
from pharos.models import Advisory, Incident, IncidentEvent, IncidentText, Organisation, PageSection
from pharos.queries.rules import rule

EVENTS_SHOWN: Final = 30
PUBLIC_STATES: Final = (Incident.State.DECLARED, Incident.State.CONTAINED, Incident.State.RECOVERING)


@dataclass(frozen=True, slots=True)
class UpdateClock:
    """When the next public update was said to come, and how that stands now."""

    due_at: datetime
    is_near: bool
    is_late: bool


@dataclass(frozen=True, slots=True)
class Bulletin:
    """One public update: its versions, the newest first. `shown`: what the public reads; None once it is withdrawn."""

    number: int
    versions: tuple[Advisory, ...]

    @property
    def draft(self) -> Advisory | None:
        """The version that is being written."""
        return next((version for version in self.versions if version.state == Advisory.State.DRAFT), None)

    @property
    def released(self) -> tuple[Advisory, ...]:
        """The versions that the public has seen, the newest first."""
        return tuple(version for version in self.versions if version.state != Advisory.State.DRAFT)

    @property
    def shown(self) -> Advisory | None:
        """What the public reads now."""
        newest = next(iter(self.released), None)
        return newest if newest and newest.state == Advisory.State.PUBLISHED else None

    @property
    def first_published_at(self) -> datetime | None:
        """When the public first saw it."""
        return self.released[-1].published_at if self.released else None

    @property
    def changed_at(self) -> datetime | None:
        """When the public last saw it change."""
        newest = next(iter(self.released), None)
        return (newest.withdrawn_at or newest.published_at) if newest else None


@dataclass(frozen=True, slots=True)
class Console:
    """Everything that the incident console shows."""

    incident: Incident
    clock: UpdateClock | None
    sections: Sequence[PageSection]
    texts: Sequence[IncidentText]
    bulletins: tuple[Bulletin, ...]
    events: Sequence[IncidentEvent]


def of_organisation(organisation: Organisation) -> list[Incident]:
    """All incidents, the open ones first, the newest first."""
    rows = list(Incident.objects.filter(organisation=organisation).order_by("-declared_at", "-id"))
    return sorted(rows, key=lambda row: not row.is_open)


def public(organisation: Organisation) -> list[Incident]:
    """The open incidents that anyone may read about, the newest first; never a drill."""
    rows = Incident.objects.filter(organisation=organisation, state__in=PUBLIC_STATES, is_drill=False)
    return list(rows.order_by("-declared_at", "-id"))


def console(incident: Incident, *, now: datetime) -> Console:
    """One incident with all that a lead may change."""
    return Console(
        incident=incident,
        clock=clock(incident, now=now),
        sections=list(incident.sections.all()),
        texts=list(incident.texts.order_by("id")),
        bulletins=bulletins(incident),
        events=list(incident.events.select_related("user")[:EVENTS_SHOWN]),
    )


def bulletins(incident: Incident) -> tuple[Bulletin, ...]:
    """The incident's updates with all their versions, the newest first."""
    grouped: dict[int, list[Advisory]] = {}
    for row in incident.advisories.select_related("author", "approved_by").order_by("-number", "-version"):
        grouped.setdefault(row.number, []).append(row)
    return tuple(Bulletin(number, tuple(versions)) for number, versions in grouped.items())


def clock(incident: Incident, *, now: datetime) -> UpdateClock | None:
    """The update clock of an open incident; None when no update has been announced."""
    due_at = incident.next_update_at
    if due_at is None or not incident.is_open:
        return None
    warning = timedelta(minutes=rule(incident.organisation, "update_due_warning_minutes"))
    return UpdateClock(due_at, is_near=now >= due_at - warning, is_late=now > due_at)


def wording(incident: Incident | None, code: str, channel: str) -> content.Wording:
    """What the system says: in an open incident its own text, else the shipped one."""
    shipped = content.template(code, channel)
    if incident is None or not incident.is_open:
        return shipped
    own = IncidentText.objects.filter(incident=incident, code=code, channel=channel).first()
    return content.Wording(own.body, own.subject or None) if own else shipped
