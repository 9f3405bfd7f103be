"""Copies of the public pages as plain files, so that any file server can carry them when nothing else does."""

import os
import tempfile
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Final

from django.conf import settings
from django.contrib.staticfiles import finders
from django.db.models import F, QuerySet

from pharos.actions import incidents
from pharos.content import LANGUAGES
from pharos.http import pages
from pharos.models import Incident, Organisation
from pharos.queries import organisations
from pharos.queries.home import home
from pharos.queries.incidents import PUBLIC_STATES
from pharos.queries.pages import path, public_page

ASSETS: Final = ("css/pharos.css", "css/public.css", "img/favicon.svg")
READABLE: Final = 0o644  # the file server is another user
SHOWN: Final = (*PUBLIC_STATES, Incident.State.CLOSED)


class NotWritten(OSError):
    """Some copies could not be written; all others are. The next turn tries again."""


def write_changed(*, now: datetime) -> bool:
    """Write the pages that changed since their copy was made, and the homes that list them."""
    changed = list(_shown().filter(page_version__gt=F("written_version")))
    homes = {incident.organisation_id: incident.organisation for incident in changed}
    writers = [_incident_writer(incident, now) for incident in changed]
    _try_each([*writers, *(_home_writer(organisation, now) for organisation in homes.values())])
    return bool(changed)


def write_all(*, now: datetime) -> bool:
    """Bring every copy up to date, for waits and hours change by themselves. Says whether any was written."""
    due = [incident for incident in _shown() if incident.is_open or not _is_there(incident)]
    homes = [_home_writer(organisation, now) for organisation in Organisation.objects.all()]
    return bool(_try_each([*homes, *(_incident_writer(incident, now) for incident in due)]))


def folder(organisation: Organisation) -> Path:
    """Where the copies of an organisation lie: at the top for the one that unknown host names reach."""
    public = Path(settings.PUBLIC_DIR)
    return public if organisation == organisations.first() else public / "organisations" / organisation.slug


def _shown() -> "QuerySet[Incident]":
    return Incident.objects.filter(state__in=SHOWN, is_drill=False).select_related("organisation").order_by("id")


def _incident_writer(incident: Incident, now: datetime) -> Callable[[], list[Path]]:
    def write() -> list[Path]:
        root = folder(incident.organisation)
        written = []
        for language in LANGUAGES:
            page = public_page(incident, language=language, now=now)
            place = root / path(incident, language).strip("/")
            written += _put(place / "index.html", pages.incident_page(page, copy=True))
            written += _put(place / "atom.xml", pages.feed(page))
        incidents.copied(incident=incident)
        return written

    return write


def _home_writer(organisation: Organisation, now: datetime) -> Callable[[], list[Path]]:
    def write() -> list[Path]:
        root = folder(organisation)
        written = _put(root / "index.html", pages.languages_page())
        for language in LANGUAGES:
            page = home(organisation, language=language, now=now)
            written += _put(root / language / "index.html", pages.home_page(page, copy=True))
        for name in ASSETS:
            written += _put(root / "static" / name, _asset(name))
        return written

    return write


def _asset(name: str) -> str:
    found = finders.find(name)
    if not isinstance(found, str):
        raise NotWritten(f"{name} is not among the static files")
    return Path(found).read_text()


def _is_there(incident: Incident) -> bool:
    root = folder(incident.organisation)
    return all((root / path(incident, language).strip("/") / "index.html").is_file() for language in LANGUAGES)


def _try_each(tasks: Iterable[Callable[[], list[Path]]]) -> list[Path]:
    """One page that cannot be written does not keep the others from it."""
    written: list[Path] = []
    failures: list[OSError] = []
    for task in tasks:
        try:
            written += task()
        except OSError as error:
            failures.append(error)
    if failures:
        raise NotWritten(f"{len(failures)} copies could not be written: {failures[0]}") from failures[0]
    return written


def _put(target: Path, text: str) -> list[Path]:
    """Write a file whole or not at all; one that holds the same already stays. Returns it if it was written."""
    data = text.encode()
    with suppress(FileNotFoundError, NotADirectoryError):
        if target.read_bytes() == data:
            return []
    target.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=target.parent, prefix=".new-")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(READABLE)
        Path(name).replace(target)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    return [target]
