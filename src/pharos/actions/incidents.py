"""Declaring a crisis, moving it on, keeping its page true, and closing it."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any, Final, NamedTuple
from zoneinfo import available_timezones

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from pharos import content, live
from pharos.actions import rights, webhooks, wording
from pharos.actions.errors import Refused
from pharos.models import Incident, IncidentEvent, IncidentText, Organisation, PageSection, User
from pharos.queries.rules import rule

State = Incident.State
RUNNING: Final = (State.DECLARED, State.CONTAINED, State.RECOVERING)
TEXTS: Final = ("first_notice", "auto_ack", "auto_ack_urgent", "no_news", "phone_window", "all_clear")
WINDOW_DAYS_MOST: Final = 14
SLUG_MAX: Final = 40
SLUG_ATTEMPTS: Final = 100
RESERVED: Final = frozenset({"declare"})  # pages of the console
STALE: Final = _("Someone changed this while you were writing. Look at what is there now and try again.")


class Block(NamedTuple):
    """One block of a page before it is kept."""

    sort: PageSection.Sort
    body: Mapping[str, str]
    title: Mapping[str, str] = MappingProxyType({})


def declare(
    *,
    organisation: Organisation,
    crisis_type: str,
    name: Mapping[str, str],
    by: User,
    now: datetime,
    severity: str = "",
    slug: str = "",
    sections: Iterable[Block] | None = None,
    is_drill: bool = False,
    time_zone: str = "",
    key: str | None = None,
) -> Incident:
    """Set up page, texts and update clock of a crisis at once. The same `key` again is the same incident."""
    rights.lead(by, organisation_id=organisation.pk)
    if slug != slugify(slug) or slug in RESERVED:
        raise Refused("slug", _("An address has small letters, digits and hyphens only."))
    kind = content.crisis_types().get(crisis_type)
    if kind is None:
        raise Refused("crisis_type", _("Choose what kind of crisis it is."))
    values = {
        "crisis_type": kind.code,
        "severity": _known_severity(severity or kind.default_severity),
        "name": wording.required(wording.line(name), _("Give it a name in at least one language.")),
        "time_zone": _known_zone(time_zone),
        "is_drill": is_drill,
        "declared_at": now,
        "declared_by": by,
        "next_update_at": now + first_day_interval(organisation),
    }
    with transaction.atomic():
        incident, created = _insert(organisation, slug=slug, key=key, values=values)
        if created:
            _fill(incident, shipped_page(kind.code) if sections is None else sections, now=now)
            record(incident, "declared", by=by, now=now, severity=incident.severity, drill=is_drill)
            announce(incident, "incident.declared", now=now)
    return incident


def describe(
    *, incident: Incident, name: Mapping[str, str], severity: str, time_zone: str, by: User, now: datetime
) -> None:
    """Change what the incident is called, how severe it is and whose clock its times are told by."""
    rights.lead(by, organisation_id=incident.organisation_id)
    texts = wording.required(wording.line(name), _("Give it a name in at least one language."))
    with transaction.atomic():
        show(incident, now=now, name=texts, severity=_known_severity(severity), time_zone=_known_zone(time_zone))
        record(incident, "described", by=by, now=now)


def move(*, incident: Incident, state: str, by: User, now: datetime) -> None:
    """Say that the crisis is contained, recovering, or again in full course."""
    rights.lead(by, organisation_id=incident.organisation_id)
    if state not in RUNNING:
        raise Refused("state", _("Choose one of the states on this page."))
    if not incident.is_open:
        raise Refused("closed", _("This is over: open it again first."))
    with transaction.atomic():
        before = _enter(incident, State(state), now=now)
        record(incident, "moved", by=by, now=now, before=before, after=state)


def close(*, incident: Incident, by: User, now: datetime) -> None:
    """The crisis is over: the page says so and takes no new requests, our own words are the ordinary ones again."""
    rights.lead(by, organisation_id=incident.organisation_id)
    with transaction.atomic():
        before = _enter(incident, State.CLOSED, now=now, closed_at=now, next_update_at=None, phone_window_days=None)
        record(incident, "closed", by=by, now=now, before=before)
        announce(incident, "incident.closed", now=now)


def reopen(*, incident: Incident, by: User, now: datetime) -> None:
    """It was closed too soon: page, form and texts are back, and the next update has a time again."""
    rights.lead(by, organisation_id=incident.organisation_id)
    if incident.is_open:
        raise Refused("open", _("It is open already."))
    due = now + first_day_interval(incident.organisation)
    with transaction.atomic():
        _enter(incident, State.RECOVERING, now=now, closed_at=None, next_update_at=due)
        record(incident, "reopened", by=by, now=now)
        announce(incident, "incident.declared", now=now)


def set_phone_window(*, incident: Incident, days: int | None, by: User, now: datetime) -> None:
    """Ask callers who travel later than in `days` to take another way; None: nobody is asked any more.

    It never applies to a need, to danger, or to who wants a person: `engine.window` decides for each call.
    """
    rights.lead(by, organisation_id=incident.organisation_id)
    if days is not None and not 0 < days <= WINDOW_DAYS_MOST:
        raise Refused("days", _("Choose from one day to fourteen."))
    if not incident.is_open:
        raise Refused("closed", _("This is over: open it again first."))
    if days == incident.phone_window_days:
        return
    with transaction.atomic():
        show(incident, now=now, phone_window_days=days)
        record(incident, "phone_window", by=by, now=now, before=incident.phone_window_days, after=days)


def add_section(
    *, incident: Incident, sort: str, title: Mapping[str, str], body: Mapping[str, str], by: User, now: datetime
) -> PageSection:
    """Put one more block on the page, after the others of its sort. The same words twice are one block."""
    rights.lead(by, organisation_id=incident.organisation_id)
    if sort not in PageSection.Sort.values:
        raise Refused("sort", _("Choose where it belongs on the page."))
    heading, text = wording.line(title), wording.required(wording.body(body))
    with transaction.atomic():
        show(incident, now=now)
        if same := incident.sections.filter(sort=sort, title=heading, body=text).first():
            return same
        last = incident.sections.filter(sort=sort).order_by("-order").values_list("order", flat=True).first()
        section = PageSection.objects.create(
            incident=incident,
            sort=sort,
            order=0 if last is None else last + 1,
            title=heading,
            body=text,
            changed_at=now,
        )
        record(incident, "section_added", by=by, now=now, section=section.pk, sort=sort)
    return section


def write_section(
    *, section: PageSection, title: Mapping[str, str], body: Mapping[str, str], seen: datetime, by: User, now: datetime
) -> None:
    """Change a block's words. `seen`: its `changed_at` when the writer began; refused when it is another by now."""
    incident = section.incident
    rights.lead(by, organisation_id=incident.organisation_id)
    text = wording.required(wording.body(body))
    with transaction.atomic():
        mine = PageSection.objects.filter(pk=section.pk, changed_at=seen)
        if not mine.update(title=wording.line(title), body=text, changed_at=now):
            raise Refused("stale", STALE)
        show(incident, now=now)
        record(incident, "section_written", by=by, now=now, section=section.pk, sort=section.sort)


def remove_section(*, section: PageSection, by: User, now: datetime) -> None:
    """Take a block off the page; the trail keeps its words."""
    incident = section.incident
    rights.lead(by, organisation_id=incident.organisation_id)
    with transaction.atomic():
        if not PageSection.objects.filter(pk=section.pk).delete()[0]:
            raise Refused("stale", STALE)
        show(incident, now=now)
        words = {"title": section.title, "body": section.body}
        record(incident, "section_removed", by=by, now=now, section=section.pk, sort=section.sort, **words)


def write_text(
    *, text: IncidentText, subject: Mapping[str, str], body: Mapping[str, str], by: User, now: datetime
) -> None:
    """Change what the system itself says in this incident. Only values that it can fill in may stand in braces."""
    incident = text.incident
    rights.lead(by, organisation_id=incident.organisation_id)
    words = wording.required(wording.body(body))
    heading = wording.line(subject)
    shipped = content.template(text.code, text.channel)
    wording.placeholders_within(words, shipped.body)
    wording.placeholders_within(heading, shipped.subject or {})
    with transaction.atomic():
        IncidentText.objects.filter(pk=text.pk).update(subject=heading, body=words)
        show(incident, now=now)
        record(incident, "text_written", by=by, now=now, text=text.code, channel=text.channel)


def shipped_page(crisis_type: str) -> list[Block]:
    """What the page of a fresh crisis says, until facts take its place."""
    page = content.incident_pages()[crisis_type]
    sort = PageSection.Sort
    return [
        Block(sort.HAPPENED, page.what_happened),
        *(Block(sort.TO_DO, step) for step in page.what_to_do),
        Block(sort.POLICY, page.policy),
        *(Block(sort.QUESTION, one.answer, one.question) for one in page.questions),
    ]


def first_day_interval(organisation: Organisation) -> timedelta:
    """How long after an update the next one is due while the crisis is fresh."""
    return timedelta(minutes=rule(organisation, "update_interval_minutes_first_day"))


def show(incident: Incident, *, now: datetime, **values: Any) -> None:
    """Change the incident's own row in a way that its page shows: copies of the page are written anew."""
    Incident.objects.filter(pk=incident.pk).update(page_version=F("page_version") + 1, changed_at=now, **values)


def copied(*, incident: Incident) -> None:
    """The static copies hold this incident as it was read; a change since then leaves them behind again."""
    behind = Incident.objects.filter(pk=incident.pk, written_version__lt=incident.page_version)
    behind.update(written_version=incident.page_version)


def record(incident: Incident, code: str, *, by: User, now: datetime, **data: object) -> None:
    """Add one event to the incident's trail and let live pages know."""
    IncidentEvent.objects.create(incident=incident, at=now, code=code, user=by, data=data)
    topics = [f"incident:{incident.pk}", "board"]
    live.nudge(organisation_id=incident.organisation_id, topics=topics, now=now)


def announce(incident: Incident, event: str, *, now: datetime) -> None:
    """Tell other systems. A drill stays inside."""
    if incident.is_drill:
        return
    webhooks.announce(organisation_id=incident.organisation_id, event=event, body={"incident": incident.slug}, now=now)


def _enter(incident: Incident, state: Incident.State, *, now: datetime, **values: Any) -> str:
    before = incident.state
    if before == state:
        raise Refused("state", _("It is in this state already."))
    still = Incident.objects.filter(pk=incident.pk, state=before)
    if not still.update(state=state, page_version=F("page_version") + 1, changed_at=now, **values):
        raise Refused("stale", STALE)
    return before


def _insert(organisation: Organisation, *, slug: str, key: str | None, values: dict[str, Any]) -> tuple[Incident, bool]:
    for candidate in _slugs(slug, values):
        try:
            with transaction.atomic():
                row = Incident(organisation=organisation, slug=candidate, declaration_key=key or None, **values)
                row.save(force_insert=True)
                return row, True
        except IntegrityError:
            if key and (before := Incident.objects.filter(organisation=organisation, declaration_key=key).first()):
                return before, False
            if slug:
                break
    raise Refused("slug", _("This address is taken. Choose another."))


def _slugs(slug: str, values: dict[str, Any]) -> Iterable[str]:
    if slug:
        return [slug]
    named = slugify(values["name"].get("en", "")) or slugify(values["crisis_type"].replace("_", "-"))
    stem = (f"drill-{named}" if values["is_drill"] else named)[:SLUG_MAX].strip("-")
    names = (stem if number == 1 else f"{stem}-{number}" for number in range(1, SLUG_ATTEMPTS))
    return (name for name in names if name not in RESERVED)


def _fill(incident: Incident, blocks: Iterable[Block], *, now: datetime) -> None:
    PageSection.objects.bulk_create(
        PageSection(
            incident=incident,
            sort=block.sort,
            order=order,
            title=dict(block.title),
            body=dict(block.body),
            changed_at=now,
        )
        for order, block in enumerate(blocks)
    )
    shipped = content.message_templates()
    IncidentText.objects.bulk_create(
        IncidentText(
            incident=incident, code=code, channel=channel, subject=dict(words.subject or {}), body=dict(words.body)
        )
        for code in TEXTS
        for channel, words in shipped[code].wordings.items()
    )


def _known_severity(code: str) -> str:
    if code not in content.severity_scale():
        raise Refused("severity", _("Choose how severe it is."))
    return code


def _known_zone(name: str) -> str:
    if name and name not in available_timezones():
        raise Refused("time_zone", _("This is not a time zone we know."))
    return name
