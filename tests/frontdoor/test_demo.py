"""One click to be somebody: on this machine, in the example, and nowhere else."""

from datetime import datetime

import pytest
from django.test import Client

from pharos.actions import demo
from pharos.models import Channel, EntryPoint, HostName, Organisation, User
from tests.factories import make_organisation, make_user

pytestmark = pytest.mark.django_db
HOST = {"Host": "127.0.0.1:8000"}


@pytest.fixture
def example(now: datetime) -> Organisation:
    """The example organisation."""
    return Organisation.objects.get(slug=demo.ensure(now=now).organisation)


def test_demo_page_offers_everybody_who_works_there(example: Organisation) -> None:
    page = Client().get("/demo/", headers=HOST).content.decode()
    assert all(f"/demo/sign-in/{user.username}/" in page for user in example.users.all())
    assert "/en/i/storm/" in page


def test_demo_page_and_its_incident_lead_to_the_chat(example: Organisation) -> None:
    entry = example.entry_points.get(channel=Channel.CHAT)
    chat = f'href="/fa/chat/{entry.token}/"'
    for path in ("/demo/", "/fa/i/storm/"):
        page = Client(headers=HOST | {"Accept-Language": "fa"}).get(path).content.decode()
        assert chat in page
    assert Client().get(f"/fa/chat/{entry.token}/", headers=HOST).status_code == 200
    EntryPoint.objects.filter(pk=entry.pk).update(is_on=False)
    assert chat not in Client(headers=HOST | {"Accept-Language": "fa"}).get("/demo/").content.decode()


def test_demo_page_leaves_out_helpers_that_programs_play(example: Organisation, now: datetime) -> None:
    demo.ensure(now=now, agents=2)
    assert "helper-" not in Client().get("/demo/", headers=HOST).content.decode()


@pytest.mark.parametrize("username", ["anahit", "maryam", "demo-administrator"])
def test_demo_sign_in_signs_in(example: Organisation, username: str) -> None:
    client = Client()
    response = client.post(f"/demo/sign-in/{username}/", headers=HOST)
    assert (response.status_code, response.headers["Location"]) == (302, "/home/")
    assert client.session["_auth_user_id"] == str(User.objects.get(username=username).pk)


@pytest.mark.parametrize(
    ("headers", "address"),
    [
        ({"Host": "127.0.0.1", "X-Forwarded-For": "192.0.2.1"}, "127.0.0.1"),
        ({"Host": "127.0.0.1", "Forwarded": "for=192.0.2.1"}, "127.0.0.1"),
        ({"Host": "127.0.0.1", "Via": "1.1 proxy"}, "127.0.0.1"),
        ({"Host": "127.0.0.1"}, "192.0.2.1"),
        ({"Host": "127.0.0.1"}, ""),
        ({"Host": "rebound.example.org"}, "127.0.0.1"),
        ({"Host": "127.0.0.1.example.org"}, "127.0.0.1"),
    ],
)
def test_demo_is_not_there_for_anybody_else(example: Organisation, headers: dict[str, str], address: str) -> None:
    client = Client(REMOTE_ADDR=address)
    assert client.get("/demo/", headers=headers).status_code == 404
    assert client.post("/demo/sign-in/anahit/", headers=headers).status_code == 404
    assert "_auth_user_id" not in client.session


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "localhost:8000", "demo.localhost:8000"])
def test_demo_is_there_under_each_local_name(example: Organisation, host: str) -> None:
    assert Client().get("/demo/", headers={"Host": host}).status_code == 200


def test_demo_is_not_there_in_a_real_organisation() -> None:
    real = make_organisation(host="127.0.0.1")
    make_user(real, "ani")
    assert Client().get("/demo/", headers=HOST).status_code == 404
    assert Client().post("/demo/sign-in/ani/", headers=HOST).status_code == 404


def test_demo_sign_in_crosses_to_no_other_organisation(example: Organisation) -> None:
    real = make_organisation()
    make_user(real, "ani")
    assert HostName.objects.get(host="127.0.0.1").organisation == example
    assert Client().post("/demo/sign-in/ani/", headers=HOST).status_code == 404


def test_demo_sign_in_needs_the_form_secret(example: Organisation) -> None:
    client = Client(enforce_csrf_checks=True)
    assert client.post("/demo/sign-in/anahit/", headers=HOST).status_code == 403
    assert client.get("/demo/sign-in/anahit/", headers=HOST).status_code == 405
