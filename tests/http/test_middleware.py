"""What every request passes."""

import pytest
from django.db import DataError, connection, transaction
from django.http import HttpResponse
from django.test import Client, RequestFactory

from pharos.http.middleware import NoNul
from pharos.models import Draft
from tests.desktop.conftest import Desk
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


@pytest.fixture
def desk() -> Desk:
    return Desk()


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


def test_value_with_a_nul_that_the_store_is_asked_for_is_no_failure(desk: Desk) -> None:
    response = desk.post(desk.held(), "say", {"body": "We come", "after": "0", "to": "K7M\0"})
    assert response.status_code == (400 if connection.vendor == "postgresql" else 404)
    assert Draft.objects.get().body == "We come"


@pytest.mark.postgresql
@pytest.mark.parametrize(
    ("statement", "value", "status"),
    [
        ("SELECT %s::text", "a\0b", 400),
        ("SELECT %s::jsonb->>'why', NULL", r'{"why": "a\u0000b"}', 400),
        ("SELECT %s::integer, NULL", "seven", None),
        ("SELECT %s::jsonb, NULL", r'{"why": a\u0000b}', None),
    ],
)
def test_only_a_nul_is_what_the_store_cannot_be_asked(
    rf: RequestFactory, statement: str, value: str, status: int | None
) -> None:
    with connection.cursor() as cursor, pytest.raises(DataError) as refused, transaction.atomic():
        cursor.execute(statement, [value])
    answer = NoNul(lambda _request: HttpResponse()).process_exception(rf.get("/en/"), refused.value)
    assert (answer.status_code if answer else None) == status


def test_cookie_with_a_nul_is_no_cookie(client: Client) -> None:
    asked = Client(
        headers={"host": HOST, "cookie": 'sessionid="no-session-of-ours\\000"'}, raise_request_exception=False
    )
    assert asked.get("/desk/").headers["Location"].startswith("/account/login/")
    assert asked.get("/account/login/").status_code == 200


def test_address_without_one_is_answered(client: Client) -> None:
    assert client.get("/en/?q=0").status_code == 200
    assert client.get("/desk/?open=100").status_code == 200
