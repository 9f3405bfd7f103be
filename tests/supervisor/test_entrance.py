"""The ways in: the first administrator, an invitation, the start page, the language."""

from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from django.test import Client
from django.utils import timezone

from pharos.actions import setup, staff
from pharos.models import Organisation, Role, User
from tests.factories import make_organisation, make_user
from tests.supervisor.conftest import HOST

pytestmark = pytest.mark.django_db
FILLED = {
    "username": "Ada",
    "name": "Ada Admin",
    "password": "Lantern-1912",
    "names_en": "Northern Ferries",
    "names_fa": "کشتی‌های شمال",
    "time_zone": "Asia/Yerevan",
    "languages": ["en", "fa"],
}


def fresh_path() -> str:
    link = setup.first_administrator_link(now=timezone.now())
    assert link
    return "/" + link.split("/", 3)[3]


def test_first_administrator_fills_one_form_and_is_in():
    path = fresh_path()
    client = Client(headers={"host": "ferries.example.org:8000"})
    assert client.get(path).status_code == 200
    answer = client.post(path, FILLED, headers={"Accept-Language": "fa"})
    assert (answer.status_code, answer["Location"]) == (302, "/lead/set-up/")
    organisation = Organisation.objects.get()
    assert organisation.name == {"en": "Northern Ferries", "fa": "کشتی‌های شمال"}
    assert (organisation.time_zone, organisation.languages) == ("Asia/Yerevan", ["en", "fa"])
    assert [row.host for row in organisation.hosts.all()] == ["ferries.example.org"]
    user = User.objects.get()
    assert (user.username, user.role, user.check_password("Lantern-1912")) == ("ada", "admin", True)
    page = client.get("/lead/set-up/")
    assert page.status_code == 200
    assert "/lead/set-up/people/" in page.text


def test_first_administrator_form_names_each_problem_and_keeps_what_was_typed():
    answer = Client().post(
        fresh_path(), {**FILLED, "password": "tiny9", "names_en": "", "names_fa": "", "languages": []}
    )
    assert answer.status_code == 422
    for field in ("password", "names", "languages"):
        assert f"#id_{field}_field" in answer.text
    assert 'value="Ada Admin"' in answer.text
    assert "tiny9" not in answer.text
    assert not User.objects.exists()


@pytest.mark.parametrize("password", ["", "1234567890", "password123", "ada-admin-ada"])
def test_first_administrator_weak_password_is_refused(password):
    given = {**FILLED, "username": "ada-admin", "password": password}
    assert Client().post(fresh_path(), given).status_code == 422


@pytest.mark.parametrize("token", ["unknown", "x" * 500])
def test_first_administrator_unknown_link_says_how_to_get_a_new_one(token):
    answer = Client().get(f"/set-up/{token}/")
    assert answer.status_code == 410
    assert "pharos run" in answer.text


def test_first_administrator_used_link_points_to_sign_in():
    path = fresh_path()
    Client().post(path, FILLED)
    answer = Client().post(path, {**FILLED, "username": "second"})
    assert answer.status_code == 410
    assert "/account/login/" in answer.text
    assert User.objects.count() == 1


def test_invitation_sets_the_password_once(agent, signed_in):
    link = staff.invite(users=[agent.user], now=timezone.now())[0].link
    path = urlsplit(link).path
    client = Client(headers={"host": HOST})
    assert "agent" in client.get(path).text
    answer = client.post(path, {"password": "Harbour-light-9"})
    assert (answer.status_code, answer["Location"]) == (302, "/home/")
    agent.user.refresh_from_db()
    assert agent.user.check_password("Harbour-light-9")
    over = Client(headers={"host": HOST}).post(path, {"password": "Another-light-9"})
    assert over.status_code == 410
    agent.user.refresh_from_db()
    assert agent.user.check_password("Harbour-light-9")


def test_invitation_is_over_after_a_week_and_for_those_who_left(agent, admin):
    now = timezone.now()
    old = staff.invite(users=[agent.user], now=now - timedelta(days=7))[0].link
    assert Client(headers={"host": HOST}).get(urlsplit(old).path).status_code == 410
    new = staff.invite(users=[agent.user], now=now)[0].link
    staff.deactivate(user=agent.user, by=admin, now=now)
    assert Client(headers={"host": HOST}).get(urlsplit(new).path).status_code == 410


@pytest.mark.parametrize(
    ("role", "is_set_up", "target"),
    [
        (Role.AGENT, True, "/desk/"),
        (Role.AGENT, False, "/desk/"),
        (Role.LEAD, True, "/lead/"),
        (Role.LEAD, False, "/lead/"),
        (Role.ADMIN, True, "/lead/"),
        (Role.ADMIN, False, "/lead/set-up/"),
    ],
)
def test_home_by_role(role, is_set_up, target, centre, signed_in):
    Organisation.objects.update(is_set_up=is_set_up)
    assert signed_in(make_user(centre, role=role)).get("/home/")["Location"] == target


def test_language_is_kept_in_the_browser_and_with_the_user(lead, as_lead):
    answer = as_lead.post("/language/", {"language": "fa", "next": "/lead/contacts/"})
    assert (answer.status_code, answer["Location"]) == (302, "/lead/contacts/")
    lead.refresh_from_db()
    assert lead.language == "fa"
    assert 'lang="fa" dir="rtl"' in as_lead.get("/lead/contacts/").text


@pytest.mark.parametrize(
    ("language", "target"),
    [("xx", "/lead/"), ("en", "https://elsewhere.example.org/"), ("en", "//elsewhere"), ("", "")],
)
def test_language_takes_no_unknown_language_and_leads_nowhere_else(language, target, as_lead):
    answer = as_lead.post("/language/", {"language": language, "next": target})
    assert answer["Location"] in {"/lead/", "/home/"}


def test_language_of_someone_who_is_not_signed_in(centre):
    answer = Client(headers={"host": HOST}).post("/language/", {"language": "hy", "next": "/account/login/"})
    assert answer.cookies["pharos_language"].value == "hy"


@pytest.mark.parametrize("page", ["password/reset/", "email/", "confirm-email/", "login/code/confirm/"])
def test_nobody_is_mailed_a_link_to_the_host_name_that_was_asked_for(client, mailoutbox, page):
    user = make_user(make_organisation(), email="ada@example.org")
    client.force_login(user)
    answer = client.post(f"/account/{page}", {"email": user.email}, headers={"host": "elsewhere.example.net"})
    assert (answer.status_code, mailoutbox) == (404, [])


def test_a_whole_shift_signs_in_from_one_address():
    organisation = make_organisation()
    names = [make_user(organisation).username for _ in range(32)]
    answers = [Client().post("/account/login/", {"login": name, "password": "Lantern-1912"}) for name in names]
    assert {answer.status_code for answer in answers} == {302}
