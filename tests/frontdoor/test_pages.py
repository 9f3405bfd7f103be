"""The public addresses: who may read what, and what may be kept."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from pharos.actions import incidents
from pharos.content import LANGUAGES
from pharos.models import Incident, Organisation, Role, User
from pharos.queries import doors
from tests.factories import make_incident, make_organisation, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def organisation() -> Organisation:
    return make_organisation("ferry", host="ferry.example.org")


@pytest.fixture
def lead(organisation: Organisation) -> User:
    return make_user(organisation, "lead", role=Role.LEAD)


@pytest.fixture
def reader(organisation: Organisation) -> Client:
    return Client(headers={"host": "ferry.example.org"})


@pytest.fixture
def declare(organisation: Organisation, lead: User) -> Callable[..., Incident]:
    def make(**fields) -> Incident:
        return incidents.declare(
            organisation=organisation,
            crisis_type="outage",
            by=lead,
            now=timezone.now(),
            **{"name": {"en": "Storm"}, **fields},
        )

    return make


@pytest.mark.parametrize(
    ("asked", "cookie", "told"),
    [
        ("", "", "en"),
        ("fa-IR,fa;q=0.9,en;q=0.5", "", "fa"),
        ("hy", "", "hy"),
        ("zh-CN,zh;q=0.9", "", "zh-hans"),
        ("de", "", "en"),
        ("fa", "hy", "hy"),
        ("fa", "klingon", "fa"),
    ],
)
def test_the_bare_address_leads_to_the_readers_language(reader, asked, cookie, told) -> None:
    reader.cookies["pharos_language"] = cookie
    response = reader.get("/", headers={"accept-language": asked})
    assert (response.status_code, response["Location"]) == (302, f"/{told}/")
    assert "Accept-Language" in response["Vary"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_declared_incident_is_there_at_once_in_every_language(reader, declare, language) -> None:
    declare()
    page = reader.get(f"/{language}/i/storm/")
    assert (page.status_code, page["Content-Language"]) == (200, language)
    assert f'href="/{language}/i/storm/"' in reader.get(f"/{language}/").text
    assert reader.get(f"/{language}/i/storm/atom.xml")["Content-Type"] == "application/atom+xml; charset=utf-8"
    assert reader.get(f"/{language}/i/storm/request/").status_code == 200


def test_a_page_may_be_kept_ten_seconds_by_everyone(reader, declare) -> None:
    declare()
    for path in ("/en/i/storm/", "/en/i/storm/atom.xml", "/en/"):
        response = reader.get(path)
        assert response["Cache-Control"] == "public, max-age=10"
        assert "Cookie" not in response.get("Vary", "")
        assert not response.cookies


def test_asking_again_costs_nothing_until_something_changed(reader, declare, lead) -> None:
    incident = declare()
    first = reader.get("/en/i/storm/")
    mark, at = first["ETag"], first["Last-Modified"]
    again = reader.get("/en/i/storm/", headers={"if-none-match": mark})
    assert (again.status_code, again.content, again["ETag"]) == (304, b"", mark)
    assert reader.get("/en/i/storm/", headers={"if-modified-since": at}).status_code == 304
    incidents.move(incident=incident, state="contained", by=lead, now=timezone.now() + timedelta(seconds=2))
    changed = reader.get("/en/i/storm/", headers={"if-none-match": mark})
    assert changed.status_code == 200
    assert "Contained" in changed.text
    assert reader.get("/en/i/storm/", headers={"if-modified-since": at}).status_code == 200


def test_only_reading_is_possible(reader, declare) -> None:
    declare()
    for path in ("/", "/en/", "/en/i/storm/", "/en/i/storm/atom.xml"):
        assert reader.post(path).status_code == 405
        assert reader.head(path).status_code in {200, 302}


def test_a_drill_is_for_staff_of_the_organisation_only(reader, declare, organisation) -> None:
    declare(is_drill=True)
    paths = ["/en/i/drill-storm/", "/en/i/drill-storm/atom.xml"]
    theirs = make_user(make_organisation("rail", host="rail.example.org"), "theirs", role=Role.ADMIN)
    for who in (None, theirs):
        if who:
            reader.force_login(who)
        assert [reader.get(path).status_code for path in paths] == [404, 404]
    assert "drill" not in reader.get("/en/").text
    reader.force_login(make_user(organisation, "agent"))
    for path in paths:
        response = reader.get(path)
        assert (response.status_code, response["Cache-Control"]) == (200, "private, no-store")
    assert "This is a drill" in reader.get(paths[0]).text


def test_what_is_only_watched_is_for_staff(reader, organisation, lead) -> None:
    make_incident(organisation, "maybe", state="watching")
    assert reader.get("/en/i/maybe/").status_code == 404
    reader.force_login(lead)
    response = reader.get("/en/i/maybe/")
    assert (response.status_code, response["Cache-Control"]) == (200, "private, no-store")


def test_another_organisations_incident_is_not_found(reader, organisation) -> None:
    rail = make_organisation("rail", host="rail.example.org")
    make_incident(rail, "theirs")
    for path in ("/en/i/theirs/", "/en/i/theirs/atom.xml"):
        assert reader.get(path).status_code == 404
        assert reader.get(path, headers={"host": "rail.example.org"}).status_code == 200
    assert "theirs" not in reader.get("/en/").text


def test_the_same_address_is_each_organisations_own(reader, declare) -> None:
    declare()
    make_incident(make_organisation("rail", host="rail.example.org"), "storm", name={"en": "Points failure"})
    assert "Points failure" not in reader.get("/en/i/storm/").text
    assert "Points failure" in reader.get("/en/i/storm/", headers={"host": "rail.example.org"}).text


def test_a_language_we_do_not_speak_is_not_found(reader, declare) -> None:
    declare()
    assert reader.get("/de/i/storm/").status_code == 404


def test_before_the_set_up_the_home_says_what_to_do() -> None:
    response = Client().get("/en/")
    assert response.status_code == 503
    assert "has not been set up yet" in response.text


def test_the_page_costs_a_handful_of_queries(reader, declare, django_assert_max_num_queries) -> None:
    declare()
    with django_assert_max_num_queries(10):
        assert reader.get("/en/i/storm/").status_code == 200
    with django_assert_max_num_queries(5):
        assert reader.get("/en/").status_code == 200


def test_a_page_that_thousands_ask_for_is_drawn_once_a_second(
    reader, declare, monkeypatch, django_assert_max_num_queries
) -> None:
    monkeypatch.setattr(doors, "FRESH", timedelta(minutes=1))
    incident = declare()
    first = reader.get("/en/i/storm/")
    with django_assert_max_num_queries(3):
        again = reader.get("/en/i/storm/")
    assert (again.text, again["ETag"]) == (first.text, first["ETag"])
    assert reader.get("/fa/i/storm/").text != first.text
    Incident.objects.filter(pk=incident.pk).update(name={"en": "Flood"}, page_version=incident.page_version + 1)
    assert "Flood" in reader.get("/en/i/storm/").text
