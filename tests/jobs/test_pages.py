"""Copies of the public pages as plain files."""

import errno
import os
import re
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from pharos.actions import incidents
from pharos.content import LANGUAGES
from pharos.jobs import pages
from pharos.models import Incident, Organisation, Role, User, WaitEstimate
from pharos.queries.pages import public_page
from tests.factories import make_incident, make_organisation, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def public(settings, tmp_path: Path) -> Path:
    settings.PUBLIC_DIR = folder = tmp_path / "public"
    settings.PUBLIC_URL = "https://live.example"
    return folder


@pytest.fixture
def organisation() -> Organisation:
    return make_organisation("ferry")


@pytest.fixture
def lead(organisation: Organisation) -> User:
    return make_user(organisation, "lead", role=Role.LEAD)


@pytest.fixture
def incident(organisation: Organisation, lead: User, now: datetime) -> Incident:
    return incidents.declare(organisation=organisation, crisis_type="outage", name={"en": "Storm"}, by=lead, now=now)


def files(public: Path) -> set[str]:
    return {str(path.relative_to(public)) for path in public.rglob("*") if path.is_file()}


def test_a_change_writes_every_page_a_file_server_needs(public, incident, now) -> None:
    assert pages.write_changed(now=now)
    written = files(public)
    for language in LANGUAGES:
        assert {f"{language}/index.html", f"{language}/i/storm/index.html", f"{language}/i/storm/atom.xml"} <= written
    assert {"index.html", "static/css/pharos.css", "static/css/public.css", "static/img/favicon.svg"} <= written
    page = (public / "en/i/storm/index.html").read_text()
    assert 'href="https://live.example/en/i/storm/request/"' in page
    assert "csrf" not in page
    incident.refresh_from_db()
    assert incident.written_version == incident.page_version


def test_every_file_that_a_page_names_is_there(public, incident, now) -> None:
    pages.write_changed(now=now)
    for page in public.rglob("*.html"):
        for link in re.findall(r'(?:href|src)="(/[^"#]*)"', page.read_text()):
            target = public / link.strip("/")
            assert target.is_file() or (target / "index.html").is_file(), f"{page}: {link}"


def test_what_is_up_to_date_is_not_written_again(public, incident, now) -> None:
    pages.write_changed(now=now)
    before = {path: path.stat().st_ino for path in public.rglob("*.html")}
    assert not pages.write_changed(now=now)
    assert not pages.write_all(now=now)
    assert {path: path.stat().st_ino for path in public.rglob("*.html")} == before


def test_waits_and_missed_updates_reach_the_copies_by_themselves(public, incident, organisation, now) -> None:
    pages.write_changed(now=now)
    queue = organisation.queues.get(code="general")
    WaitEstimate.objects.create(
        organisation=organisation, queue=queue, language="en", band=3, kind="written", low_s=600, median_s=900,
        high_s=1800, at=now,
    )  # fmt: skip
    assert pages.write_all(now=now)
    assert "usually 10 to 30 minutes" in (public / "en/i/storm/index.html").read_text().replace("\xa0", " ")
    assert pages.write_all(now=now + timedelta(minutes=61))
    assert "The next update is late" in (public / "en/i/storm/index.html").read_text()


def test_a_close_reaches_the_copies_and_the_homes(public, incident, lead, now) -> None:
    pages.write_changed(now=now)
    assert "/en/i/storm/" in (public / "en/index.html").read_text()
    incidents.close(incident=Incident.objects.get(pk=incident.pk), by=lead, now=now)
    assert pages.write_changed(now=now)
    assert "It is over" in (public / "en/i/storm/index.html").read_text()
    assert "/en/i/storm/" not in (public / "en/index.html").read_text()


def test_a_lost_copy_comes_back(public, incident, lead, now) -> None:
    incidents.close(incident=incident, by=lead, now=now)
    pages.write_changed(now=now)
    (public / "fa/i/storm/index.html").unlink()
    (public / "static/css/public.css").write_text("broken")
    assert pages.write_all(now=now)
    assert (public / "fa/i/storm/index.html").exists()
    assert (public / "static/css/public.css").read_text() != "broken"


def test_a_drill_and_what_is_only_watched_never_leave_the_house(public, organisation, now) -> None:
    make_incident(organisation, "drill", is_drill=True)
    make_incident(organisation, "maybe", state="watching")
    assert not pages.write_changed(now=now)
    pages.write_all(now=now)
    assert not list(public.rglob("i"))
    assert "drill" not in (public / "en/index.html").read_text()


def test_organisations_do_not_share_a_folder(public, incident, now) -> None:
    other = make_organisation("rail")
    make_incident(other, "storm", name={"en": "Points failure"})
    pages.write_changed(now=now)
    assert "Points failure" in (public / "organisations/rail/en/i/storm/index.html").read_text()
    assert "Points failure" not in (public / "en/i/storm/index.html").read_text()
    assert (public / "organisations/rail/static/css/public.css").exists()


def test_a_change_while_writing_is_written_next(public, incident, lead, now, monkeypatch) -> None:
    real = public_page

    def change_then_read(*args, **kwargs):
        monkeypatch.setattr(pages, "public_page", real)
        page = real(*args, **kwargs)
        incidents.move(incident=incident, state="contained", by=lead, now=now)
        return page

    monkeypatch.setattr(pages, "public_page", change_then_read)
    pages.write_changed(now=now)
    assert pages.write_changed(now=now)
    assert "Contained" in (public / "en/i/storm/index.html").read_text()
    assert not pages.write_changed(now=now)


def test_a_full_disk_is_reported_and_leaves_no_half_page(public, incident, lead, now, monkeypatch) -> None:
    pages.write_changed(now=now)
    before = {path: path.read_bytes() for path in public.rglob("*") if path.is_file()}
    incidents.move(incident=Incident.objects.get(pk=incident.pk), state="contained", by=lead, now=now)

    def full(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(pages.NotWritten, match="No space left"):
        pages.write_changed(now=now)
    assert {path: path.read_bytes() for path in public.rglob("*") if path.is_file()} == before
    monkeypatch.undo()
    assert pages.write_changed(now=now)
    assert "Contained" in (public / "en/i/storm/index.html").read_text()


def test_one_page_that_cannot_be_written_does_not_keep_the_others_from_it(public, incident, organisation, now) -> None:
    make_incident(organisation, "second", name={"en": "Second"})
    (public / "en/i").mkdir(parents=True)
    (public / "en/i/storm").write_text("a file where a folder belongs")
    with pytest.raises(pages.NotWritten, match="1 copies"):
        pages.write_changed(now=now)
    assert (public / "en/i/second/index.html").exists()
    assert (public / "en/index.html").exists()
    incident.refresh_from_db()
    assert incident.written_version == 0


def test_copies_can_be_read_by_another_user(public, incident, now) -> None:
    pages.write_changed(now=now)
    assert {path.stat().st_mode & 0o777 for path in public.rglob("*") if path.is_file()} == {0o644}
