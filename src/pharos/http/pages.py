"""Drawing the public pages: the same page whether it is asked for or written down as a copy."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, NamedTuple
from uuid import NAMESPACE_URL, uuid5

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.feedgenerator import Atom1Feed
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from pharos import content
from pharos.content import Picked, calendars, words
from pharos.engine.classes import KINDS
from pharos.http.context import shown
from pharos.http.order import percent
from pharos.models import Organisation
from pharos.queries.home import Days, HomePage, Hours, OtherHours, Spans
from pharos.queries.organisations import site
from pharos.queries.pages import PublicPage, Update, Version, address, path, with_day
from pharos.queries.ways import Road, Way

ATOM_TYPE: Final = "application/atom+xml; charset=utf-8"
NEWEST: Final = 2  # updates that stand open: "no news", or one withdrawn, must not hide the news before it
_UNSAFE_IN_SCRIPT: Final = {ord(character): f"\\u{ord(character):04x}" for character in "<>&\u2028\u2029"}


class When(NamedTuple):
    """A moment for a <time>: as machines read it, and in words with its day, for a page may be read later."""

    iso: str
    text: str


class RoadText(NamedTuple):
    """One way to reach us, in words."""

    channel: str
    address: str
    wait: str
    is_closed: bool


def incident_page(page: PublicPage, *, copy: bool = False) -> str:
    """The page of an incident. A copy points to the living form and says what to do when that does not answer."""
    template = "frontdoor/incident.html" if page.incident.is_open else "frontdoor/incident_closed.html"
    with translation.override(page.language):
        return render_to_string(template, _incident_context(page, copy=copy))


def home_page(page: HomePage, *, copy: bool = False) -> str:
    """The organisation's own page."""
    base = site(page.organisation) if copy else ""
    with translation.override(page.language):
        context = {
            **_frame(page.organisation, page.language, f"/{page.language}/"),
            "page": page,
            "incidents": [{"name": name, "url": path(incident, page.language)} for incident, name in page.incidents],
            "form_url": f"{base}/{page.language}/request/",
            "hours": [_hours(hours, page.language) for hours in page.hours],
            "kept": None if page.kept is None else percent(page.kept, page.language),
            "zone": calendars.zone_name(page.organisation.time_zone, page.language),
            "copy": copy,
        }
        return render_to_string("frontdoor/home.html", context)


def languages_page() -> str:
    """The first page of a copy, where nothing can ask the browser for its language."""
    links = [(code, name, f"/{code}/") for code, name in settings.LANGUAGES]
    with translation.override("en"):
        return render_to_string("frontdoor/languages.html", {"links": links})


def feed(page: PublicPage) -> str:
    """The updates of an incident as an Atom feed in one language. An entry keeps its id through corrections."""
    incident, url = page.incident, address(page.incident, page.language)
    with translation.override(page.language):
        atom = _Feed(
            title=page.name.text,
            link=url,
            description=page.state.text,
            language=page.language,
            author_name=page.organisation_name.text,
            feed_url=f"{url}atom.xml",
            feed_guid=_guid(page, "feed"),
        )
        atom.updated = page.changed_at
        if incident.closed_at and not incident.is_open:
            _entry(atom, page, "over", title=_("It is over"), body=page.over, at=incident.closed_at)
        for update in page.updates:
            title, body = _entry_words(update, page)
            _entry(
                atom, page, str(update.number), title=title, body=body, at=update.first_at, changed=update.changed_at
            )
        return str(atom.writeString("utf-8"))


class _Feed(Atom1Feed):
    """Says when the page last changed, also before the first update."""

    updated: datetime

    def latest_post_date(self) -> datetime:
        return self.updated


def _entry(
    atom: Atom1Feed,
    page: PublicPage,
    key: str,
    *,
    title: str,
    body: Picked,
    at: datetime,
    changed: datetime | None = None,
) -> None:
    atom.add_item(
        title=title,
        link=f"{address(page.incident, page.language)}#update-{key}",
        description=body.text,
        unique_id=_guid(page, key),
        pubdate=at,
        updateddate=changed or at,
    )


def _entry_words(update: Update, page: PublicPage) -> tuple[str, Picked]:
    number = calendars.local_digits(update.number, page.language)
    if not update.versions:
        return _("Update %(number)s was withdrawn") % {"number": number}, Picked("", page.language)
    newest = update.versions[0]
    return newest.title.text or _("Update %(number)s") % {"number": number}, newest.body


def _guid(page: PublicPage, key: str) -> str:
    """Never changes, whatever the host is called."""
    name = f"pharos:{page.incident.organisation.slug}:{page.incident.slug}:{page.language}:{key}"
    return uuid5(NAMESPACE_URL, name).urn


def _incident_context(page: PublicPage, *, copy: bool) -> dict[str, Any]:
    incident, language = page.incident, page.language
    base = site(incident.organisation) if copy else ""
    updates = [update_in_words(update, zone=page.zone, language=language) for update in page.updates]
    in_words = [place for place, update in enumerate(updates, 1) if update["shown"]]
    cut = in_words[NEWEST - 1] if len(in_words) >= NEWEST else len(updates)
    return {
        **_frame(incident.organisation, language, page.path),
        "page": page,
        "incident": incident,
        "contact": incident.organisation,
        "copy": copy,
        "form_url": f"{base}{page.path}request/",
        "ordinary_form_url": f"{base}/{language}/request/",
        "feed_url": f"{page.path}atom.xml",
        "page_url": address(incident, language),
        "changed": _when(page.changed_at, page.zone, language),
        "next_update": _when(page.next_update_at, page.zone, language),
        "measured": _when(page.measured_at, page.zone, language),
        "ways": [_way(way, page, base) for way in page.ways if not way.is_seldom],
        "seldom_ways": [_way(way, page, base) for way in page.ways if way.is_seldom],
        "closed": _closed(page),
        "newest": updates[:cut],
        "earlier": updates[cut:],
        "json_ld": "" if incident.is_drill else _json_ld(page),
    }


def _frame(organisation: Organisation, language: str, here: str) -> dict[str, Any]:
    rest = here.removeprefix(f"/{language}/")
    return {
        "organisation": shown(organisation),
        "home_url": f"/{language}/",
        "language_links": [(code, own, f"/{code}/{rest}") for code, own in settings.LANGUAGES],
    }


def _way(way: Way, page: PublicPage, base: str) -> dict[str, Any]:
    return {"name": way.name, "response": way.response, "roads": [_road(road, page, base) for road in way.roads]}


def _road(road: Road, page: PublicPage, base: str) -> RoadText:
    wait = calendars.duration_range(road.wait.low_s, road.wait.high_s, page.language) if road.wait else ""
    address = f"{base}{road.address}" if road.channel == "chat" else road.address
    return RoadText(road.channel, address, wait, road.is_closed)


def _closed(page: PublicPage) -> list[dict[str, Any]]:
    """Which kinds of channel are closed, and when they open; one line when all open at the same time."""
    told = {kind: _when(at, page.zone, page.language) for kind, at in page.opens.items()}
    if len(told) == len(KINDS) and len(set(told.values())) == 1:
        return [{"kind": "all", "opens": next(iter(told.values()))}]
    return [{"kind": kind, "opens": opens} for kind, opens in told.items()]


def update_in_words(update: Update, *, zone: str, language: str) -> dict[str, Any]:
    """An update as templates show it: what holds now is `shown`, None once it was withdrawn."""

    def day_and_time(at: datetime) -> When:
        return When(at.isoformat(), with_day(at, zone, language, zone_named=False))

    def told(version: Version) -> dict[str, Any]:
        return {"number": version.number, "at": day_and_time(version.at), "title": version.title, "body": version.body}

    versions = [told(version) for version in update.versions]
    return {
        "number": update.number,
        "first": day_and_time(update.first_at),
        "changed": day_and_time(update.changed_at),
        "shown": versions[0] if versions else None,
        "before": versions[1:],
    }


def _when(at: datetime | None, zone: str, language: str) -> When | None:
    if at is None:
        return None
    return When(at.isoformat(), with_day(at, zone, language))


def _json_ld(page: PublicPage) -> SafeString:
    incident = page.incident
    newest = next((update.versions[0].body.text for update in page.updates if update.versions), "")
    happened = "\n".join(block.body.text for block in page.happened)
    data = {
        "@context": "https://schema.org",
        "@type": "SpecialAnnouncement",
        "name": page.name.text,
        "text": newest or happened,
        "inLanguage": page.language,
        "datePosted": incident.declared_at.isoformat(),
        "dateModified": page.changed_at.isoformat(),
        "expires": incident.closed_at.isoformat() if incident.closed_at else None,
        "url": address(incident, page.language),
        "webFeed": f"{address(incident, page.language)}atom.xml",
        "publisher": {"@type": "Organization", "name": page.organisation_name.text},
    }
    told = json.dumps({key: value for key, value in data.items() if value}, ensure_ascii=False)
    return mark_safe(told.translate(_UNSAFE_IN_SCRIPT))  # noqa: S308 - nothing is left that could end the script


def _hours(hours: Hours, language: str) -> dict[str, Any]:
    return {
        "kind": hours.kind,
        "week": [{"days": _days(days, language), "spans": _spans(days.spans, language)} for days in hours.week],
        "soon": [_other(other, language) for other in hours.soon],
    }


def _other(other: OtherHours, language: str) -> Mapping[str, str]:
    return {"days": calendars.local_date(other.on, language, "day"), "spans": _spans(other.spans, language)}


def _days(days: Days, language: str) -> str:
    names = words.WEEKDAYS[content.known_language(language)]
    if days.first == days.last:
        return names[days.first]
    if (days.first, days.last) == (0, 6):
        return _("Every day")
    return _("%(first)s to %(last)s") % {"first": names[days.first], "last": names[days.last]}


def _spans(spans: Spans, language: str) -> str:
    if not spans:
        return _("closed")
    if spans == ((0, 1440),):
        return _("day and night")
    return " · ".join(f"{_clock(opens, language)}–{_clock(closes, language)}" for opens, closes in spans)


def _clock(minutes: int, language: str) -> str:
    return calendars.local_digits(f"{minutes // 60:02}:{minutes % 60:02}", language)
