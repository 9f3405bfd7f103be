"""Set-up pages: overview, organisation, queues, hours, rules."""

import re
from datetime import date

import pytest
from django.urls import reverse

from pharos.actions import queues
from pharos.models import Agent, Kind, Organisation
from pharos.queries.calendars import calendars
from pharos.queries.rules import rule
from tests.factories import make_agent, make_contact

pytestmark = pytest.mark.django_db


def test_overview_says_what_is_next_and_who_is_missing(centre, as_admin):
    Organisation.objects.update(is_set_up=False)
    page = as_admin.get(reverse("set_up")).text
    assert "Next: Add the people who answer." in page
    assert "Armenian" in page
    make_agent(centre, languages=("en", "fa", "zh-hans"), skills={"general": 3})
    page = as_admin.get(reverse("set_up")).text
    assert "Everything is ready." in page
    assert "No one answers in: Armenian" in page
    assert "Refunds" in page


def test_overview_done_leads_to_the_board(centre, as_admin):
    Organisation.objects.update(is_set_up=False)
    assert as_admin.post(reverse("set_up_finish"))["Location"] == "/lead/"
    centre.refresh_from_db()
    assert centre.is_set_up


def organisation_fields(**fields) -> dict[str, object]:
    return {
        "names_en": "Northern Ferries",
        "names_hy": "Հյուսիս",
        "languages": ["en", "hy"],
        "time_zone": "Asia/Yerevan",
        "phone": "+374 10 000000",
        "emergency_phone": "112",
        "mail_from": "help@example.org",
        "quick_exit_url": "https://example.org/",
        **fields,
    }


def test_organisation_is_changed(centre, as_admin):
    assert as_admin.post(reverse("set_up_organisation"), organisation_fields()).status_code == 302
    centre.refresh_from_db()
    assert centre.name == {"en": "Northern Ferries", "hy": "Հյուսիս"}
    assert (centre.languages, centre.time_zone, centre.mail_from) == (["en", "hy"], "Asia/Yerevan", "help@example.org")


@pytest.mark.parametrize(
    "fields",
    [
        {"names_en": "", "names_hy": ""},
        {"languages": []},
        {"languages": ["xx"]},
        {"time_zone": "Mars/Base"},
        {"mail_from": "a@example.org\nBcc: b@example.org"},
        {"quick_exit_url": "javascript:alert(1)"},
        {"emergency_phone": ""},
        {"names_en": "x" * 201},
    ],
)
def test_organisation_bad_input_changes_nothing(fields, centre, as_admin):
    before = centre.name
    assert as_admin.post(reverse("set_up_organisation"), organisation_fields(**fields)).status_code == 422
    centre.refresh_from_db()
    assert centre.name == before


def test_queues_pages_add_change_route_remove(centre, as_admin):
    as_admin.post(reverse("queue_add"), {"names_en": "Luggage", "skill": ""})
    luggage = centre.queues.get(code="luggage")
    types = ("refund", "cancellation", "change", "information", "complaint", "assistance")
    routes = {f"type_{code}": str(luggage.pk) for code in types}
    assert as_admin.post(reverse("queues"), {**routes, "default": str(luggage.pk)}).status_code == 302
    assert make_contact(centre, request_type="refund").lane.queue == luggage
    care = centre.skills.get(code="care")
    as_admin.post(reverse("queue", args=[luggage.pk]), {"names_fa": "بار", "skill": str(care.pk)})
    luggage.refresh_from_db()
    assert (luggage.name, luggage.skill, luggage.level, luggage.training) == ({"fa": "بار"}, care, 1, [])
    general = centre.skills.get(code="general")
    fields = {"names_fa": "بار", "skill": str(care.pk), "level": "4", "training": [str(general.pk)]}
    as_admin.post(reverse("queue", args=[luggage.pk]), fields)
    luggage.refresh_from_db()
    assert (luggage.level, luggage.training) == (4, [general.pk])
    shown = as_admin.get(reverse("queue", args=[luggage.pk])).text
    assert '<option value="4" selected>' in shown
    fields["training"] = ["999999"]
    assert as_admin.post(reverse("queue", args=[luggage.pk]), fields).status_code == 422
    answer = as_admin.post(reverse("queue_remove", args=[luggage.pk]), follow=True)
    assert "Choose another for them first" in answer.text
    assert as_admin.post(reverse("queue_add"), {"skill": ""}).status_code == 422


def test_a_queue_that_nobody_can_answer_is_said_on_its_page_and_after_saving(centre, as_admin):
    make_agent(centre, "ani", skills={"refunds": 3})
    make_agent(centre, "care", skills={"care": 3})
    refunds, care = centre.queues.get(code="refunds"), centre.skills.get(code="care")
    page = reverse("queue", args=[refunds.pk])
    assert "nobody would answer it" not in as_admin.get(page).text
    assert "Of the specialist team" not in as_admin.get(page).text
    queues.rename_skill(skill=care, names={"en": "Care"}, is_specialist=True)
    assert "are never offered its contacts: care" in as_admin.get(page).text
    fields = {"names_en": "Refunds", "skill": str(refunds.skill_id), "level": "4"}
    higher = "asks for a higher level than anyone here has"
    assert higher in as_admin.post(page, fields, follow=True).text
    assert higher in as_admin.get(page).text
    trained = {**fields, "level": "3", "training": [str(care.pk)]}
    assert "No one here has all the training" in as_admin.post(page, trained, follow=True).text
    added = as_admin.post(reverse("queue_add"), {"names_en": "Luggage", "skill": ""}, follow=True).text
    assert "No one here has the skill for this queue" in added


def test_queues_routes_elsewhere_means_the_default(centre, as_admin):
    types = ("refund", "cancellation", "change", "information", "complaint", "assistance")
    general = centre.queues.get(code="general")
    as_admin.post(reverse("queues"), {**{f"type_{code}": "0" for code in types}, "default": str(general.pk)})
    assert {tuple(queue.request_types) for queue in centre.queues.all()} == {()}
    assert make_contact(centre, request_type="refund").lane.queue == general


def test_skill_pages_add_rename_remove(centre, as_admin):
    as_admin.post(reverse("skill_add"), {"names_en": "Sign language"})
    skill = centre.skills.get(code="sign-language")
    assert not skill.opens_needs
    as_admin.post(reverse("skill", args=[skill.pk]), {"names_en": "BSL", "opens_needs": "on", "is_specialist": "on"})
    skill.refresh_from_db()
    assert (skill.name, skill.opens_needs, skill.is_specialist) == ({"en": "BSL"}, True, True)
    queue = centre.queues.get(code="refunds")
    queue.training = [skill.pk]
    queue.save()
    assert "A queue asks for this skill" in as_admin.post(reverse("skill_remove", args=[skill.pk]), follow=True).text
    queue.training = []
    queue.save()
    as_admin.post(reverse("skill_remove", args=[skill.pk]))
    assert not centre.skills.filter(pk=skill.pk).exists()
    answer = as_admin.post(reverse("skill_remove", args=[centre.skills.get(code="care").pk]), follow=True)
    assert "A queue asks for this skill" in answer.text


def hours_fields(**fields) -> dict[str, str]:
    return {"live_mode": "weekly", "written_mode": "always", **fields}


def test_hours_form_keeps_and_shows_spans_and_special_days(centre, as_admin):
    answer = as_admin.post(
        reverse("hours"),
        hours_fields(
            live_0_0_opens="8:30",
            live_0_0_closes="12",
            live_0_1_opens="۱۳:۰۰",
            live_0_1_closes="24:00",
            live_6_0_opens="0:00",
            live_6_0_closes="00:00",
            day_0_date="25/12/2026",
            day_0_kind="both",
            day_1_date="2026-12-31",
            day_1_kind="live",
            day_1_opens="10:00",
            day_1_closes="14:00",
        ),
    )
    assert answer.status_code == 302
    spans = centre.opening_hours.filter(kind=Kind.LIVE).order_by("weekday", "opens_minute")
    assert list(spans.values_list("weekday", "opens_minute", "closes_minute")) == [
        (0, 510, 720),
        (0, 780, 1440),
        (6, 0, 1440),
    ]
    assert set(centre.special_days.values_list("kind", "date", "opens_minute")) == {
        ("live", date(2026, 12, 25), None),
        ("written", date(2026, 12, 25), None),
        ("live", date(2026, 12, 31), 600),
    }
    page = as_admin.get(reverse("hours")).text
    for value in ("08:30", "12:00", "13:00", "24:00", "25/12/2026", "31/12/2026"):
        assert f'value="{value}"' in page
    assert page.count('value="always"') == 2
    again = as_admin.post(reverse("hours"), {"live_mode": "always", "written_mode": "always"})
    assert again.status_code == 302
    assert all(calendar.always_open for calendar in calendars(centre).values())


@pytest.mark.parametrize(
    "fields",
    [
        {"live_0_0_opens": "9:00"},
        {"live_0_0_opens": "25:00", "live_0_0_closes": "26:00"},
        {"live_0_0_opens": "nine", "live_0_0_closes": "five"},
        {"live_0_0_opens": "17:00", "live_0_0_closes": "9:00"},
        {},
        {"live_0_0_opens": "9", "live_0_0_closes": "17", "day_0_date": "sometime"},
        {"live_0_0_opens": "9", "live_0_0_closes": "17", "day_0_opens": "9:00", "day_0_closes": "10:00"},
        {"live_0_0_opens": "9", "live_0_0_closes": "17", "day_0_kind": "phone", "day_0_date": "1/1/2027"},
        {"live_mode": "sometimes"},
    ],
)
def test_hours_form_bad_input_changes_nothing(fields, centre, as_admin):
    assert as_admin.post(reverse("hours"), hours_fields(**fields)).status_code == 422
    assert not centre.opening_hours.exists()
    assert not centre.special_days.exists()


def test_hours_form_in_persian_shows_and_reads_persian_dates_and_digits(centre, as_admin):
    as_admin.cookies["pharos_language"] = "fa"
    fields = hours_fields(live_0_0_opens="۹", live_0_0_closes="۱۷:۳۰", day_0_date="۱۴۰۵/۰۱/۰۱", day_0_kind="live")
    assert as_admin.post(reverse("hours"), fields).status_code == 302
    assert centre.special_days.get().date == date(2026, 3, 21)
    page = as_admin.get(reverse("hours")).text
    assert "۱۷:۳۰" in page
    assert "۱۴۰۵/۰۱/۰۱" in page


def rules_fields(page: str, **fields) -> dict[str, str]:
    """What the form sends when only `fields` were changed."""
    found = dict(re.findall(r'<input type="number" name="([\w]+)" value="([\d.]+)"', page))
    return {**found, **fields}


def test_rules_form_sends_back_what_ships_and_keeps_nothing(centre, as_admin):
    page = as_admin.get(reverse("rules")).text
    assert as_admin.post(reverse("rules"), rules_fields(page)).status_code == 302
    centre.refresh_from_db()
    assert centre.rules == {}


def test_rules_form_changes_marks_and_resets(centre, as_admin):
    page = as_admin.get(reverse("rules")).text
    as_admin.post(reverse("rules"), rules_fields(page, target_1_live="4", guard_share="40", capacity_live="2"))
    centre.refresh_from_db()
    assert (rule(centre, "guard_share"), rule(centre, "capacity_live")) == (0.4, 2)
    assert centre.rules["classes"] == {"1": {"live": {"target_s": 240.0, "head_start_s": 180.0}}}
    assert as_admin.get(reverse("rules")).text.count(">changed<") == 3
    as_admin.post(reverse("rules_reset"))
    centre.refresh_from_db()
    assert centre.rules == {}


@pytest.mark.parametrize(
    "fields",
    [
        {"target_1_live": "16"},
        {"guard_share": "0"},
        {"guard_share": "101"},
        {"target_2_live": ""},
        {"target_3_live": "x"},
    ],
)
def test_rules_form_bad_input_changes_nothing(fields, centre, as_admin):
    page = as_admin.get(reverse("rules")).text
    assert as_admin.post(reverse("rules"), rules_fields(page, **fields)).status_code == 422
    centre.refresh_from_db()
    assert centre.rules == {}


def test_set_up_queries_do_not_grow(centre, as_admin, django_assert_max_num_queries):
    for _ in range(5):
        make_agent(centre)
    for name in ("set_up", "queues", "hours", "rules", "connections", "mail"):
        with django_assert_max_num_queries(16):
            as_admin.get(reverse(name))
    assert Agent.objects.count() == 5
