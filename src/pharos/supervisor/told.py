"""What the incident console says about times, versions and what was done."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from pharos import content
from pharos.content.calendars import about, duration, local_digits, local_moment
from pharos.content.lists import joined
from pharos.models import Advisory, Incident, IncidentText, PageSection
from pharos.queries.incidents import Bulletin, Console
from pharos.queries.pages import said, timed
from pharos.queries.posts import Standing

Sort = PageSection.Sort
SORTS: Final[Mapping[str, Any]] = {
    Sort.HAPPENED: _("What happened"),
    Sort.TO_DO: _("What people can do now"),
    Sort.POLICY: _("What changes for people"),
    Sort.QUESTION: _("Questions and answers"),
}
TEXTS: Final[Mapping[str, Any]] = {
    "first_notice": _("First notice, banner and greeting"),
    "auto_ack": _("Acknowledgement"),
    "auto_ack_urgent": _("Acknowledgement when it is urgent"),
    "no_news": _("Update without news"),
    "phone_window": _("Phone for those who travel soon"),
    "all_clear": _("When it is over"),
}
ROADS: Final[Mapping[str, Any]] = {
    "web": _("Web page"),
    "email": _("Email"),
    "sms": _("Text message"),
    "ivr": _("Phone"),
    "social": _("Social network"),
    "chat": _("Chat"),
}
EVENTS: Final[Mapping[str, Any]] = {
    "declared": _("Declared"),
    "described": _("Name or severity changed"),
    "moved": _("State changed"),
    "closed": _("Closed"),
    "reopened": _("Opened again"),
    "section_added": _("Part of the page added"),
    "section_written": _("Part of the page rewritten"),
    "section_removed": _("Part of the page removed"),
    "text_written": _("System text rewritten"),
    "phone_window": _("Phone window changed"),
    "advisory_drafted": _("Update drafted"),
    "advisory_written": _("Draft rewritten"),
    "advisory_discarded": _("Draft dropped"),
    "advisory_published": _("Update published"),
    "advisory_withdrawn": _("Update withdrawn"),
    "advisory_posted": _("Update posted on our accounts"),
}


def incident_state_names() -> dict[str, str]:
    """The states of an incident in the reader's language."""
    return {code: content.pick(name, get_language()).text for code, name in content.incident_states().items()}


def update_clock(console: Console, *, now: datetime, language: str) -> dict[str, Any] | None:
    """When the next update is due, and how far that is."""
    clock = console.clock
    if clock is None:
        return None
    seconds = (clock.due_at - now).total_seconds()
    return {
        "due": _moment(clock.due_at, console.incident, now=now, language=language),
        "due_iso": clock.due_at.isoformat(),
        "ahead": "" if clock.is_late else about(seconds, language),
        "late": duration(-seconds, language) if clock.is_late else "",
        "is_near": clock.is_near,
        "is_late": clock.is_late,
    }


def written(
    bulletin: Bulletin, incident: Incident, *, now: datetime, language: str, posted: Standing | None = None
) -> dict[str, Any]:
    """One update with all its versions, the newest first. `posted`: what became of each on our accounts."""
    return {
        "number": bulletin.number,
        "draft": bulletin.draft,
        "shown": bulletin.shown,
        "is_withdrawn": bool(bulletin.released) and bulletin.shown is None,
        "versions": [
            _version(row, incident, now=now, language=language) | {"posts": (posted or {}).get(row.pk, {})}
            for row in bulletin.versions
        ],
    }


def part(row: PageSection, incident: Incident, *, language: str) -> dict[str, Any]:
    """One block of the page as readers see it."""
    return {
        "pk": row.pk,
        "name": SORTS[row.sort],
        "title": said(content.pick(row.title, language), incident),
        "body": said(content.pick(row.body, language), incident),
        "missing": _missing(row.body),
    }


def own_text(row: IncidentText, *, language: str) -> dict[str, Any]:
    """One of the system's own texts, with the names of what is filled in when it goes out."""
    return {
        "pk": row.pk,
        "label": TEXTS.get(row.code, row.code),
        "channel": ROADS.get(row.channel, row.channel),
        "title": content.pick(row.subject, language),
        "body": content.pick(row.body, language),
        "missing": _missing(row.body),
    }


def history(console: Console, *, now: datetime, language: str) -> list[dict[str, Any]]:
    """What was done, by whom, the newest first."""
    states = incident_state_names()
    return [
        {
            "at": _moment(event.at, console.incident, now=now, language=language, zone_named=False),
            "at_iso": event.at.isoformat(),
            "title": EVENTS.get(event.code, event.code),
            "text": _detail(event.data, states, language),
            "by": event.user.get_full_name() if event.user else "",
            "past": True,
        }
        for event in console.events
    ]


def _version(row: Advisory, incident: Incident, *, now: datetime, language: str) -> dict[str, Any]:
    at = row.withdrawn_at or row.published_at or row.created_at
    people = [user.get_full_name() for user in (row.author, row.approved_by) if user]
    following = row.next_update_at
    return {
        "row": row,
        "title": content.pick(row.title, language),
        "body": timed(row, incident, language=language),
        "at": _moment(at, incident, now=now, language=language, zone_named=False),
        "at_iso": at.isoformat(),
        "people": joined(dict.fromkeys(people), language),
        "next": _moment(following, incident, now=now, language=language) if following else "",
        "missing": _missing(row.body),
    }


def _missing(texts: Mapping[str, str]) -> list[str]:
    return [code for code in content.LANGUAGES if not texts.get(code)]


def _detail(data: Mapping[str, Any], states: Mapping[str, str], language: str) -> str:
    if "after" in data:
        return f"{states.get(data['before'], '')} → {states.get(data['after'], '')}"
    if "number" in data:
        said = {name: local_digits(data[name], language) for name in ("number", "version") if name in data}
        text = _("Update %(number)s, version %(version)s") if "version" in said else _("Update %(number)s")
        return str(text % said)
    return ""


def _moment(at: datetime, incident: Incident, *, now: datetime, language: str, zone_named: bool = True) -> str:
    return local_moment(at, incident.zone, language, now=now, zone_named=zone_named)
