"""The incident console over HTTP: leads only, one screen to declare, nothing lost between two leads."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from pharos.actions import advisories, incidents
from pharos.content import LANGUAGES
from pharos.models import Incident, IncidentEvent, Organisation, Role, User
from tests.factories import make_incident, make_organisation, make_user

pytestmark = pytest.mark.django_db
BASE = "/lead/incidents/"


@pytest.fixture
def organisation() -> Organisation:
    return make_organisation("ferry", host="ferry.example.org", time_zone="Asia/Yerevan")


@pytest.fixture
def lead(organisation: Organisation) -> User:
    return make_user(organisation, "lead", role=Role.LEAD, name="Mina")


@pytest.fixture
def desk(lead: User) -> Client:
    """A signed-in lead's browser."""
    client = Client(headers={"host": "ferry.example.org"})
    client.force_login(lead)
    return client


@pytest.fixture
def incident(organisation: Organisation, lead: User) -> Incident:
    return incidents.declare(
        organisation=organisation,
        crisis_type="outage",
        name={"en": "Storm", "fa": "توفان"},
        by=lead,
        now=timezone.now(),
    )


def texts(name: str, **languages: str) -> dict[str, str]:
    """What a browser sends for a text in each language."""
    return {f"{name}_{code}": languages.get(code, "") for code in LANGUAGES}


def declaration(**more: Any) -> dict[str, Any]:
    return {"crisis_type": "transport_incident", "nonce": "n1", **texts("name", en="Ferry lost"), **more}


def everything() -> list[Any]:
    return [list(model.objects.order_by("pk").values()) for model in (Incident, IncidentEvent)]


def test_one_screen_declares_and_the_page_is_there(desk) -> None:
    assert desk.get(f"{BASE}declare/").status_code == 200
    response = desk.post(f"{BASE}declare/", declaration())
    assert (response.status_code, response["Location"]) == (302, f"{BASE}ferry-lost/")
    incident = Incident.objects.get()
    assert (incident.severity, incident.is_drill, incident.time_zone) == ("severe", False, "")
    for language in ("en", "fa", "hy", "zh-hans"):
        assert desk.get(f"/{language}/i/ferry-lost/").status_code == 200


def test_a_double_click_declares_once_and_lands_on_the_same_console(desk) -> None:
    places = {desk.post(f"{BASE}declare/", declaration())["Location"] for _ in range(2)}
    assert places == {f"{BASE}ferry-lost/"}
    assert Incident.objects.count() == 1


@pytest.mark.parametrize(
    "wrong",
    [
        {"crisis_type": "meteor"},
        texts("name"),
        {"severity": "mild"},
        {"time_zone": "Mars/Olympus"},
        {"nonce": ""},
        {"name_en": "x" * 121},
    ],
)
def test_a_wrong_declaration_keeps_what_was_typed_and_nothing_else(desk, wrong) -> None:
    response = desk.post(f"{BASE}declare/", declaration(time_zone="Asia/Tehran") | wrong)
    assert response.status_code == 422
    assert not Incident.objects.exists()
    assert 'value="transport_incident" selected' in response.text or "crisis_type" in wrong
    assert 'value="Asia/Tehran" selected' in response.text or "time_zone" in wrong


def test_all_choices_of_the_screen_are_kept(desk) -> None:
    desk.post(f"{BASE}declare/", declaration(severity="extreme", time_zone="Asia/Tehran", is_drill="on"))
    incident = Incident.objects.get()
    assert (incident.slug, incident.severity, incident.time_zone, incident.is_drill) == (
        "drill-ferry-lost",
        "extreme",
        "Asia/Tehran",
        True,
    )


def test_only_leads_come_in_and_nothing_changes_for_others(organisation, incident) -> None:
    section, text = incident.sections.first(), incident.texts.first()
    paths = [BASE, f"{BASE}declare/", *console_paths(incident, section, text)]
    strangers: list[tuple[User | None, int]] = [
        (None, 302),
        (make_user(organisation, "agent"), 403),
        (make_user(make_organisation("rail", host="rail.example.org"), "theirs", role=Role.ADMIN), 403),
    ]
    before = everything()
    for user, status in strangers:
        client = Client(headers={"host": "ferry.example.org"})
        if user:
            client.force_login(user)
        for path in paths:
            for answer in (client.get(path), client.post(path, {"state": "closed"})):
                assert answer.status_code in {status, 405}, path
    assert everything() == before


def console_paths(incident: Incident, section: Any, text: Any) -> list[str]:
    base = f"{BASE}{incident.slug}/"
    rows = [f"page/{section.pk}/", f"page/{section.pk}/remove/", f"texts/{text.pk}/"]
    return [base, *(f"{base}{rest}" for rest in ("state/", "describe/", "page/add/policy/", *rows))]


def test_another_organisations_incident_is_not_found(desk) -> None:
    rail = make_organisation("rail", host="rail.example.org")
    theirs = incidents.declare(
        organisation=rail,
        crisis_type="outage",
        name={"en": "Theirs"},
        by=make_user(rail, "rail-lead", role=Role.LEAD),
        now=timezone.now(),
    )
    before = everything()
    for path in console_paths(theirs, theirs.sections.first(), theirs.texts.first()):
        assert desk.get(path).status_code in {404, 405}
        assert desk.post(path, {"state": "closed"}).status_code in {404, 405}
    assert everything() == before
    assert "Theirs" not in desk.get(BASE).text


def test_a_part_of_another_incident_is_not_found(desk, incident, organisation, lead) -> None:
    other = incidents.declare(
        organisation=organisation, crisis_type="outage", name={"en": "Other"}, by=lead, now=timezone.now()
    )
    section, text = other.sections.first(), other.texts.first()
    assert section is not None
    assert text is not None
    for rest in (f"page/{section.pk}/", f"texts/{text.pk}/"):
        assert desk.get(f"{BASE}{incident.slug}/{rest}").status_code == 404
    assert desk.post(f"{BASE}{incident.slug}/page/{section.pk}/remove/").status_code == 404


def test_the_list_begins_with_what_is_open(desk, incident, organisation) -> None:
    make_incident(organisation, "over", state="closed", name={"en": "Over"}, declared_at=timezone.now())
    page = desk.get(BASE).text
    assert page.index("Storm") < page.index("Over")


def test_the_console_shows_what_is_missing_and_what_the_page_says(desk, incident, lead) -> None:
    section = incident.sections.filter(sort="happened").get()
    incidents.write_section(
        section=section,
        title={},
        body={"en": "{crisis_name} has come."},
        seen=section.changed_at,
        by=lead,
        now=timezone.now(),
    )
    page = desk.get(f"{BASE}storm/").text
    assert "Storm has come." in page
    assert "not written:" in page
    assert "/en/i/storm/" in page
    assert "Mina" in page


@pytest.mark.parametrize(
    ("minutes", "told", "offered"),
    [(30, "Next public update:", False), (9, "due soon", True), (-3, "The public update is late", True)],
)
def test_the_clock_is_in_sight_and_offers_no_news_when_it_is_time(desk, incident, minutes, told, offered) -> None:
    due = timezone.now() + timedelta(minutes=minutes)
    Incident.objects.filter(pk=incident.pk).update(next_update_at=due)
    page = desk.get(f"{BASE}storm/").text
    assert told in page
    assert (f'action="{BASE}storm/updates/no-news/"' in page) is offered


def test_state_buttons_move_close_and_open_again(desk, incident) -> None:
    for sent, state in (
        ("contained", "contained"),
        ("recovering", "recovering"),
        ("closed", "closed"),
        ("", "recovering"),
    ):
        assert desk.post(f"{BASE}storm/state/", {"state": sent}).status_code == 302
        incident.refresh_from_db()
        assert incident.state == state
    page = desk.get(f"{BASE}storm/").text
    assert "Open again. The page takes requests." in page


def test_what_cannot_be_done_says_why_and_changes_nothing(desk, incident) -> None:
    before = everything()
    response = desk.post(f"{BASE}storm/state/", {"state": "declared"}, follow=True)
    assert "It is in this state already." in response.text
    assert everything() == before


def test_words_are_written_side_by_side(desk, incident) -> None:
    section = incident.sections.filter(sort="question").first()
    path = f"{BASE}storm/page/{section.pk}/"
    page = desk.get(path).text
    assert page.count("<textarea") == 4
    sent = {
        "seen": section.changed_at.isoformat(),
        **texts("title", en="Why?"),
        **texts("body", en="Wind.", hy="Քամի։"),
    }
    assert desk.post(path, sent).status_code == 302
    section.refresh_from_db()
    assert (section.title, section.body) == ({"en": "Why?"}, {"en": "Wind.", "hy": "Քամի։"})
    assert "Readers see:" in desk.get(path).text


def test_the_second_of_two_writers_is_told_and_loses_no_word(desk, incident) -> None:
    section = incident.sections.filter(sort="happened").get()
    path = f"{BASE}storm/page/{section.pk}/"
    seen = section.changed_at.isoformat()
    desk.post(path, {"seen": seen, **texts("body", en="First.")})
    response = desk.post(path, {"seen": seen, **texts("body", en="Second.")})
    assert response.status_code == 422
    assert "Someone changed this while you were writing" in response.text
    assert "Second." in response.text
    section.refresh_from_db()
    assert section.body == {"en": "First."}


@pytest.mark.parametrize("seen", ["", "yesterday", "2026-03-10T12:00:00"])
def test_a_form_that_does_not_know_what_it_saw_changes_nothing(desk, incident, seen) -> None:
    section = incident.sections.filter(sort="happened").get()
    before = section.body
    assert desk.post(f"{BASE}storm/page/{section.pk}/", {"seen": seen, **texts("body", en="X")}).status_code == 422
    section.refresh_from_db()
    assert section.body == before


def test_a_part_is_added_and_taken_off(desk, incident) -> None:
    desk.post(f"{BASE}storm/page/add/policy/", {**texts("title"), **texts("body", en="Refunds are free.")})
    section = incident.sections.get(sort="policy", body={"en": "Refunds are free."})
    assert "Refunds are free." in desk.get("/en/i/storm/").text
    desk.post(f"{BASE}storm/page/{section.pk}/remove/")
    assert "Refunds are free." not in desk.get("/en/i/storm/").text
    assert desk.post(f"{BASE}storm/page/add/gossip/", texts("body", en="X")).status_code == 422


def test_a_system_text_refuses_a_value_that_nothing_fills(desk, incident) -> None:
    row = incident.texts.get(code="auto_ack", channel="email")
    path = f"{BASE}storm/texts/{row.pk}/"
    response = desk.post(path, {**texts("title", en="Got it"), **texts("body", en="Hello {nmae}")})
    assert response.status_code == 422
    assert "{nmae}" in response.text
    sent = {**texts("title", en="Got {reference}"), **texts("body", en="By {answer_by}.")}
    assert desk.post(path, sent).status_code == 302
    row.refresh_from_db()
    assert (row.subject, row.body) == ({"en": "Got {reference}"}, {"en": "By {answer_by}."})


def test_the_name_is_changed_in_place(desk, incident) -> None:
    sent = {**texts("name", en="Great storm"), "severity": "extreme", "time_zone": ""}
    assert desk.post(f"{BASE}storm/describe/", sent).status_code == 302
    assert "Great storm" in desk.get("/en/i/storm/").text


def test_the_console_costs_the_same_with_few_rows_and_many(
    desk: Client, incident: Incident, django_assert_max_num_queries: Callable[..., Any]
) -> None:
    for number in range(1, 6):
        incident.advisories.create(number=number, state="published", created_at=timezone.now(), body={"en": "News"})
        incident.events.create(at=timezone.now(), code="moved")
        with django_assert_max_num_queries(13):
            desk.get(f"{BASE}storm/")


def test_console_says_channels_and_updates_in_the_words_and_digits_of_the_reader(
    desk: Client, incident: Incident, lead: User
) -> None:
    advisories.draft(incident=incident, title={}, body={"fa": "باد می‌وزد."}, by=lead, now=timezone.now())
    desk.cookies["pharos_language"] = "fa"
    page = desk.get(f"{BASE}{incident.slug}/").content.decode()
    assert "به‌روزرسانی ۱، نسخهٔ ۱" in page
    assert "نسخهٔ ۱ ·" in " ".join(page.split())
    assert '<span class="muted small">پیامک</span>' in page


def test_a_phone_window_is_opened_told_and_ended(desk, incident) -> None:
    url, public = f"{BASE}{incident.slug}/", f"/en/i/{incident.slug}/"
    assert "Lines are very busy" not in desk.get(public).text
    assert '<option value="3" selected>' in desk.get(url).text
    desk.post(f"{url}phone/", {"days": "5"})
    incident.refresh_from_db()
    assert incident.phone_window_days == 5
    assert "for those who travel within 5 days" in desk.get(url).text
    assert "depend on us within the next 5 days" in desk.get(public).text
    fa = Client(headers={"host": "ferry.example.org"}).get(f"/fa/i/{incident.slug}/").text
    assert "تا ۵ روز آینده سفر دارید" in fa
    refused = desk.post(f"{url}phone/", {"days": "99"}, follow=True)
    assert "Choose from one day to fourteen." in refused.text
    desk.post(f"{url}phone/", {"days": "5", "end": "1"})
    incident.refresh_from_db()
    assert incident.phone_window_days is None
