"""Who may not, may not: and nothing changes when they try."""

import pytest
from django.apps import apps
from django.test import Client
from django.urls import URLPattern, reverse

from pharos.models import Alarm, ApiToken, Queue, Role, Skill
from pharos.supervisor.urls import urlpatterns
from tests.factories import make_agent, make_contact, make_incident, make_organisation, make_user
from tests.supervisor.conftest import HOST

KEYS = {
    "pk": 1,
    "post": 1,
    "reference": "K7M-4QD",
    "slug": "storm",
    "file": "x",
    "name": "x.eml",
    "sort": "staff",
    "adapter": "imap",
}
NAMES = [str(pattern.name) for pattern in urlpatterns if isinstance(pattern, URLPattern)]
ADMINISTRATORS_ONLY = (
    "set_up",
    "people",
    "person",
    "queue",
    "skill",
    "hours",
    "rules",
    "connections",
    "entries",
    "entry",
    "register",
    "token",
    "webhook",
    "mail",
    "kept",
    "quarantined",
)


def address(name: str) -> str:
    pattern = next(one for one in urlpatterns if isinstance(one, URLPattern) and one.name == name)
    keys = pattern.pattern.converters
    return reverse(name, kwargs={key: KEYS[key] for key in keys if key in KEYS})


def everything() -> dict[str, list[tuple]]:
    """All rows there are, but for what signing in leaves behind."""
    return {
        model.__name__: list(model._default_manager.order_by("pk").values_list())
        for model in apps.get_app_config("pharos").get_models()
    }


def refused(client: Client, path: str) -> bool:
    answers = {client.get(path).status_code, client.post(path).status_code}
    return 403 in answers and answers <= {403, 405}


@pytest.mark.parametrize("name", NAMES)
def test_an_agent_is_refused_and_nothing_changes(name, agent, signed_in):
    client = signed_in(agent.user)
    before = everything()
    assert refused(client, address(name))
    assert everything() == before


@pytest.mark.parametrize("name", [name for name in NAMES if name.startswith(ADMINISTRATORS_ONLY)])
def test_a_lead_is_kept_out_of_set_up(name, as_lead):
    assert refused(as_lead, address(name))


@pytest.mark.parametrize("name", NAMES)
def test_an_administrator_of_another_organisation_is_refused(name, centre, signed_in):
    stranger = make_user(make_organisation("other", host="other.example.org"), "stranger", role=Role.ADMIN)
    client = signed_in(stranger)
    before = everything()
    assert refused(client, address(name))
    assert everything() == before


@pytest.mark.parametrize("name", NAMES)
def test_a_stranger_is_sent_to_sign_in(name, centre):
    client = Client(headers={"host": HOST})
    answers = [client.get(address(name)), client.post(address(name))]
    assert {answer.status_code for answer in answers} <= {302, 405}
    assert any(answer.status_code == 302 and answer["Location"].startswith("/account/login/") for answer in answers)


def test_a_part_of_a_live_page_takes_the_page_to_sign_in(centre):
    answer = Client(headers={"host": HOST}).get(reverse("board_figures"), headers={"HX-Request": "true"})
    assert answer["HX-Refresh"] == "true"


def test_rows_of_another_organisation_are_not_there(as_admin, centre, now):
    other = make_organisation("other", host="other.example.org")
    contact = make_contact(other, now=now)
    make_incident(other, "storm")
    alarm = Alarm.objects.create(organisation=other, sort="danger", subject="x", raised_at=now)
    user = make_agent(other, "theirs").user
    token = ApiToken.objects.create(organisation=other, name="t", digest="d", created_at=now)
    queue = Queue.objects.filter(organisation=other).first()
    skill = Skill.objects.filter(organisation=other).first()
    assert queue
    assert skill
    before = everything()
    got = [
        as_admin.get(reverse("lead_contact", args=[contact.reference])),
        as_admin.post(reverse("raise_contact", args=[contact.reference]), {"to": 1, "reason": "x"}),
        as_admin.post(reverse("raise_undo", args=[contact.reference])),
        as_admin.post(reverse("acknowledge", args=[alarm.pk])),
        as_admin.get(reverse("person", args=[user.pk])),
        as_admin.post(reverse("person_sign_off", args=[user.pk])),
        as_admin.post(reverse("person_invite", args=[user.pk])),
        as_admin.post(reverse("token_revoke", args=[token.pk])),
        as_admin.post(reverse("queue", args=[queue.pk]), {"names_en": "Mine"}),
        as_admin.post(reverse("queue_remove", args=[queue.pk])),
        as_admin.post(reverse("skill_remove", args=[skill.pk])),
    ]
    assert {answer.status_code for answer in got} == {404}
    assert everything() == before


def test_acknowledge_all_touches_one_organisation(as_lead, centre, now):
    other = make_organisation("other", host="other.example.org")
    alarm = Alarm.objects.create(organisation=other, sort="danger", subject="x", raised_at=now)
    as_lead.post(reverse("acknowledge_all"), {"sort": "danger"})
    alarm.refresh_from_db()
    assert alarm.acknowledged_at is None
