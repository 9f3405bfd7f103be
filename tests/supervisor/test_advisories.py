"""Public updates over HTTP: draft, publish with the time of the next one, correct, withdraw."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from pharos.models import Advisory, Incident, Organisation, Role, User
from pharos.supervisor.forms.incidents import ahead
from tests.factories import make_incident, make_organisation, make_user

pytestmark = pytest.mark.django_db
BASE = "/lead/incidents/storm/updates/"


@pytest.fixture
def organisation() -> Organisation:
    return make_organisation("ferry", host="ferry.example.org", time_zone="Asia/Yerevan")


@pytest.fixture
def incident(organisation: Organisation) -> Incident:
    return make_incident(organisation, "storm", declared_at=timezone.now())


@pytest.fixture
def lead(organisation: Organisation) -> User:
    return make_user(organisation, "lead", role=Role.LEAD)


@pytest.fixture
def desk(lead: User, incident: Incident) -> Client:
    client = Client(headers={"host": "ferry.example.org"})
    client.force_login(lead)
    return client


def sent(body: str = "All safe", *, do: str = "publish", **more: Any) -> dict[str, Any]:
    return {"nonce": "n1", "body_en": body, "next_update": "60", "do": do, **more}


def newest(incident: Incident) -> Advisory:
    return incident.advisories.order_by("-number", "-version")[0]


def test_an_update_is_published_from_one_screen(desk, incident, lead) -> None:
    page = desk.get(f"{BASE}new/").text
    assert page.count("<textarea") == 4
    before = timezone.now()
    assert desk.post(f"{BASE}new/", sent()).status_code == 302
    row = newest(incident)
    assert (row.state, row.body, row.author, row.approved_by) == ("published", {"en": "All safe"}, lead, lead)
    incident.refresh_from_db()
    assert row.next_update_at == incident.next_update_at
    assert incident.next_update_at is not None
    assert before + timedelta(minutes=60) <= incident.next_update_at < before + timedelta(minutes=66)
    assert "All safe" in desk.get("/en/i/storm/").text


def test_a_double_click_publishes_once(desk, incident) -> None:
    assert {desk.post(f"{BASE}new/", sent()).status_code for _ in range(2)} == {302}
    assert incident.advisories.count() == 1


def test_a_draft_waits_until_it_is_published(desk, incident) -> None:
    desk.post(f"{BASE}new/", sent("Draft words", do="keep"))
    row = newest(incident)
    assert row.state == "draft"
    assert "Draft words" not in desk.get("/en/i/storm/").text
    path = f"{BASE}{row.pk}/"
    assert "Draft words" in desk.get(path).text
    desk.post(path, sent("Better words"))
    row.refresh_from_db()
    assert (row.state, row.body) == ("published", {"en": "Better words"})
    assert desk.get(path)["Location"] == "/lead/incidents/storm/"


@pytest.mark.parametrize(
    "wrong",
    [
        {"body_en": ""},
        {"next_update": ""},
        {"next_update": "7"},
        {"next_update": "other"},
        {"next_update": "other", "day": "31/12/2020", "clock": "10:00"},
        {"next_update": "other", "day": "nonsense", "clock": "10:00"},
        {"next_update": "other", "day": "31/12/2099", "clock": "25:00"},
        {"nonce": ""},
    ],
)
def test_nothing_is_published_without_its_words_and_the_time_of_the_next(desk, incident, wrong) -> None:
    response = desk.post(f"{BASE}new/", sent(**wrong))
    assert response.status_code == 422
    assert not incident.advisories.exists()


def test_another_time_is_told_by_the_incidents_clock(desk, incident) -> None:
    desk.post(f"{BASE}new/", sent(next_update="other", day="31/12/2099", clock="10:30"))
    assert newest(incident).next_update_at == datetime(2099, 12, 31, 6, 30, tzinfo=UTC)


def test_a_correction_replaces_what_is_shown(desk, incident) -> None:
    desk.post(f"{BASE}new/", sent("214 are safe"))
    first = newest(incident)
    path = f"{BASE}{first.pk}/correct/"
    assert "214 are safe" in desk.get(path).text
    desk.post(path, sent("212 are safe", nonce="n2"))
    assert (newest(incident).version, newest(incident).state) == (2, "published")
    page = desk.get("/en/i/storm/").text
    assert page.index("212 are safe") < page.index("214 are safe")
    console = desk.get("/lead/incidents/storm/").text
    assert "All versions" in console
    assert "214 are safe" in console


def test_withdraw_and_discard(desk, incident) -> None:
    desk.post(f"{BASE}new/", sent())
    public = newest(incident)
    assert "The draft is gone." not in desk.post(f"{BASE}{public.pk}/discard/", follow=True).text
    desk.post(f"{BASE}{public.pk}/withdraw/")
    public.refresh_from_db()
    assert public.state == "withdrawn"
    assert "All safe" not in desk.get("/en/i/storm/").text
    assert "All safe" in desk.get("/lead/incidents/storm/").text
    desk.post(f"{BASE}new/", sent("Another", do="keep", nonce="n2"))
    desk.post(f"{BASE}{newest(incident).pk}/discard/")
    assert list(incident.advisories.all()) == [public]


def test_no_news_is_one_click_and_one_look(desk, incident) -> None:
    places = {desk.post(f"{BASE}no-news/", {"nonce": "n1"})["Location"] for _ in range(2)}
    row = newest(incident)
    assert places == {f"{BASE}{row.pk}/"}
    assert set(row.body) == {"en", "fa", "hy", "zh-hans"}
    assert "nothing has changed" in desk.get(f"{BASE}{row.pk}/").text


def test_a_closed_incident_takes_no_update(desk, incident) -> None:
    Incident.objects.filter(pk=incident.pk).update(state="closed")
    response = desk.post(f"{BASE}new/", sent())
    assert response.status_code == 422
    assert "This is over" in response.text
    assert desk.post(f"{BASE}no-news/", {"nonce": "n"})["Location"] == "/lead/incidents/storm/"
    assert not incident.advisories.exists()


def test_only_leads_of_the_organisation_and_only_its_own_updates(desk, incident, organisation) -> None:
    desk.post(f"{BASE}new/", sent())
    row = newest(incident)
    paths = [f"{BASE}{rest}" for rest in ("new/", "no-news/", f"{row.pk}/", f"{row.pk}/correct/")]
    paths += [f"{BASE}{row.pk}/withdraw/", f"{BASE}{row.pk}/discard/"]
    agent = Client(headers={"host": "ferry.example.org"})
    agent.force_login(make_user(organisation, "agent"))
    before = list(Advisory.objects.values())
    assert {agent.post(path, sent(nonce="x")).status_code for path in paths} == {403}
    make_incident(organisation, "other")
    crossed = [path.replace("/storm/", "/other/") for path in paths if str(row.pk) in path]
    assert {desk.post(path, sent(nonce="x")).status_code for path in crossed} == {404}
    assert list(Advisory.objects.values()) == before


@pytest.mark.parametrize(("declared_ago", "usual"), [(timedelta(hours=1), "60"), (timedelta(days=2), "1440")])
def test_the_usual_interval_is_chosen_already(desk, incident, declared_ago, usual) -> None:
    Incident.objects.filter(pk=incident.pk).update(declared_at=timezone.now() - declared_ago)
    assert f'<option value="{usual}" selected>' in desk.get(f"{BASE}new/").text


@pytest.mark.parametrize(("minute", "told"), [(0, 0), (1, 5), (4, 5), (5, 5), (6, 10)])
def test_announced_times_fall_on_five_minutes(minute, told) -> None:
    now = datetime(2026, 3, 10, 12, minute, tzinfo=UTC)
    assert ahead(now, 60) == datetime(2026, 3, 10, 13, told, tzinfo=UTC)
