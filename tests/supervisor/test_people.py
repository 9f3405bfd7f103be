"""People: adding, changing, inviting, importing."""

import re

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from pharos.models import Agent, OneTimeLink, Organisation, Role, StaffMail, User
from tests.factories import make_agent, make_user

pytestmark = pytest.mark.django_db
HEAD = "name,user_name,email,role,languages,skills,live,written\n"


def filled(centre, **fields) -> dict[str, object]:
    skills = {f"skill_{skill.pk}": 3 if skill.code == "general" else 0 for skill in centre.skills.all()}
    return {
        "name": "Sara Ahmadi",
        "username": "Sara",
        "email": "sara@example.org",
        "role": "agent",
        "languages": ["fa"],
        "capacity_live": 1,
        "capacity_written": 2,
        **skills,
        **fields,
    }


def test_add_makes_a_link_shown_once_and_mailed(centre, as_admin):
    answer = as_admin.post(reverse("person_add"), filled(centre))
    assert answer.status_code == 200
    assert "no-store" in answer["Cache-Control"]
    link = re.search(rf"{re.escape(settings.PUBLIC_URL)}/invitation/[\w-]+/", answer.text)
    assert link
    assert link[0] in StaffMail.objects.get().body
    user = User.objects.get(username="sara")
    assert (user.agent.languages, user.agent.capacity_written) == (["fa"], 2)
    assert link[0] not in as_admin.get(reverse("people")).text


def test_invitation_leads_to_the_centres_own_address_whatever_host_was_asked_for(centre, as_admin):
    Organisation.objects.filter(pk=centre.pk).update(address="https://help.example.org")
    answer = as_admin.post(reverse("person_add"), filled(centre), headers={"host": "evil.example.net"})
    assert answer.text.count("https://help.example.org/invitation/") == 1
    assert "evil.example.net/invitation" not in answer.text + StaffMail.objects.get().body


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"username": "ADMIN"}, "username"),
        ({"username": "two words"}, "username"),
        ({"name": ""}, "name"),
        ({"email": "nonsense"}, "email"),
        ({"languages": []}, "languages"),
        ({"capacity_live": 21}, "capacity_live"),
        ({"role": "owner"}, "role"),
    ],
)
def test_add_names_the_field_that_is_wrong(fields, field, centre, as_admin):
    answer = as_admin.post(reverse("person_add"), filled(centre, **fields))
    assert answer.status_code == 422
    assert f"#id_{field}_field" in answer.text
    assert User.objects.count() == 1


def test_add_an_agent_without_skills_is_refused(centre, as_admin):
    none = {f"skill_{skill.pk}": 0 for skill in centre.skills.all()}
    assert as_admin.post(reverse("person_add"), filled(centre, **none)).status_code == 422


def test_change_shows_and_keeps_what_is_there(centre, as_admin):
    agent = make_agent(centre, "sara", skills={"general": 5})
    path = reverse("person", args=[agent.user.pk])
    page = as_admin.get(path).text
    assert 'value="sara"' in page
    assert as_admin.post(path, filled(centre, username="sara", name="Sara A")).status_code == 302
    agent.user.refresh_from_db()
    assert agent.user.name == "Sara A"


def test_change_of_the_last_administrator_is_refused_with_words(centre, admin, as_admin):
    answer = as_admin.post(reverse("person", args=[admin.pk]), filled(centre, username="admin", role="agent"))
    assert answer.status_code == 422
    assert "last administrator" in answer.text
    admin.refresh_from_db()
    assert admin.role == Role.ADMIN


def test_invite_again_sign_off_and_let_in(centre, as_admin):
    user = make_agent(centre, "sara").user
    assert "/invitation/" in as_admin.post(reverse("person_invite", args=[user.pk])).text
    assert OneTimeLink.objects.count() == 1
    as_admin.post(reverse("person_sign_off", args=[user.pk]))
    user.refresh_from_db()
    assert not user.is_active
    answer = as_admin.post(reverse("person_invite", args=[user.pk]), follow=True)
    assert "signed off" in answer.text
    as_admin.post(reverse("person_let_in", args=[user.pk]))
    user.refresh_from_db()
    assert user.is_active


def test_sign_off_oneself_is_refused_with_words(admin, as_admin):
    answer = as_admin.post(reverse("person_sign_off", args=[admin.pk]), follow=True)
    assert "cannot sign yourself off" in answer.text


@pytest.mark.parametrize("name", ["people", "person"])
def test_queries_do_not_grow_with_people(name, centre, admin, as_admin):
    path = reverse("people") if name == "people" else reverse("person", args=[admin.pk])
    counts = []
    for _ in range(3):
        make_agent(centre)
        with CaptureQueriesContext(connection) as queries:
            as_admin.get(path)
        counts.append(len(queries))
    assert counts[0] == counts[2]


def test_import_previews_first_and_stores_only_when_confirmed(centre, as_admin):
    path = reverse("people_import")
    text = HEAD + "Ani,ani,ani@example.org,,hy,general,,\nسارا,sara,,,fa,care:5,,\n"
    upload = SimpleUploadedFile("people.csv", text.encode("utf-8-sig"), content_type="text/csv")
    preview = as_admin.post(path, {"file": upload})
    assert preview.status_code == 200
    assert "2 people can be added" in preview.text
    assert User.objects.count() == 1
    stored = as_admin.post(path, {"text": text, "store": "all"})
    assert stored.text.count("/invitation/") == 2
    assert set(User.objects.values_list("username", flat=True)) == {"admin", "ani", "sara"}
    assert StaffMail.objects.count() == 1


def test_import_with_problems_stores_nothing_unless_they_are_left_out(centre, as_admin):
    path = reverse("people_import")
    text = HEAD + "Ani,ani,,,hy,general,,\nBad,,,,,,,\n"
    preview = as_admin.post(path, {"text": text})
    assert preview.status_code == 422
    assert "1 row needs another look" in preview.text
    assert as_admin.post(path, {"text": text, "store": "all"}).status_code == 422
    assert User.objects.count() == 1
    as_admin.post(path, {"text": text, "store": "good"})
    assert set(User.objects.values_list("username", flat=True)) == {"admin", "ani"}


def test_import_confirmed_twice_adds_once(centre, as_admin):
    path, text = reverse("people_import"), HEAD + "Ani,ani,,,hy,general,,\n"
    as_admin.post(path, {"text": text, "store": "all"})
    again = as_admin.post(path, {"text": text, "store": "all"})
    assert again.status_code == 422
    assert "taken" in again.text
    assert Agent.objects.count() == 1


def test_import_refused_keeps_what_was_pasted(as_admin):
    answer = as_admin.post(reverse("people_import"), {"text": "just,words\na,b"})
    assert answer.status_code == 422
    assert "just,words" in answer.text


def test_import_hostile_names_are_shown_as_text(centre, as_admin):
    text = HEAD + "<script>alert(1)</script>,x,,,en,general,,\n"
    answer = as_admin.post(reverse("people_import"), {"text": text})
    assert "<script>alert" not in answer.text


def test_import_sample_is_a_download_that_reads_back(centre, as_admin):
    answer = as_admin.get(reverse("people_sample"))
    assert answer["Content-Disposition"] == 'attachment; filename="people.csv"'
    assert answer.content.startswith(b"\xef\xbb\xbfname,user_name")


def test_people_shows_who_can_sign_in(centre, as_admin):
    make_user(centre, "gone", is_active=False)
    page = as_admin.get(reverse("people")).text
    assert "Signed off" in page
    assert "Can sign in" in page
