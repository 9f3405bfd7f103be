"""What every request passes."""

import pytest
from django.test import Client

from tests.factories import make_agent, make_contact, make_organisation

pytestmark = pytest.mark.django_db
HOST = "centre.example.org"


@pytest.fixture
def client() -> Client:
    """An agent's browser: it may ask for everything that an agent may, and for what everybody may."""
    centre = make_organisation("centre", host=HOST)
    make_contact(centre)
    browser = Client(headers={"host": HOST}, raise_request_exception=False)
    browser.force_login(make_agent(centre).user)
    return browser


@pytest.mark.parametrize(
    "address",
    [
        "/en/r/%00/",
        "/fa/i/storm%00/",
        "/desk/K7M%00/",
        "/desk/K7M/files/%00/",
        "/lead/contacts/?q=%00",
        "/lead/contacts/?q=storm&page=%00",
        "/live/?topics=%00",
        "/account/login/?next=%00",
        "/static/css/%00.css",
        "/healthz?%00",
    ],
)
def test_address_with_a_nul_is_a_bad_request(client: Client, address: str) -> None:
    for read in (client.get, client.post):
        assert read(address).status_code == 400


def test_address_with_a_nul_is_refused_in_the_readers_language(client: Client) -> None:
    assert 'lang="fa"' in client.get("/fa/i/%00/").content.decode()


def test_call_with_a_nul_is_a_problem(client: Client) -> None:
    answer = client.get("/api/v1/contacts/%00")
    assert (answer.status_code, answer.headers["Content-Type"]) == (400, "application/problem+json")
    assert client.get("/api/v1/queue?queue=%00").status_code == 400


def test_address_without_one_is_answered(client: Client) -> None:
    assert client.get("/en/?q=0").status_code == 200
    assert client.get("/desk/?open=100").status_code == 200
