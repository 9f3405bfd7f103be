"""While the store is away every door says so, calmly and in the reader's language, with what was typed."""

import errno
import html
import re
from datetime import timedelta

import pytest
from django.db import InterfaceError, OperationalError
from django.test import Client
from django.utils import timezone

from pharos.http import away
from pharos.models import Contact
from pharos.queries import organisations
from tests.factories import make_contact, make_organisation

HOST = "help.example.org"
TYPED = {
    "nonce": "n-1",
    "text": "کشتی لغو شد <b> و من در بندرم",
    "name": "Ani Petrosyan",
    "email": "ani@example.org",
    "needs": ["hearing", "sight"],
}


@pytest.fixture
def site(db):
    away._last_known.clear()  # full of the hosts of other tests
    organisation = make_organisation(host=HOST, phone="+44 20 7946 0000", emergency_phone="112")
    client = Client(raise_request_exception=False, headers={"host": HOST})
    return organisation, client


@pytest.fixture
def gone(monkeypatch):
    """Calls after which the store is away, or full."""

    def go(error=None):
        def lookup(host):
            raise error or OperationalError("connection refused")

        monkeypatch.setattr(organisations, "of_host", lookup)

    yield go
    away._last_known.clear()


def fields(page: str) -> dict[str, list[str]]:
    """What the form of a page would send."""
    form = re.search(r"<form class=\"form.*?</form>", page, re.DOTALL)
    assert form, page
    found: dict[str, list[str]] = {}
    for tag in re.findall(r"<input type=\"hidden\"[^>]*>", form[0]):
        for name, value in re.findall(r'name="([^"]*)" value="([^"]*)"', tag):
            found.setdefault(name, []).append(html.unescape(value))
    for name, value in re.findall(r'<textarea[^>]* name="(\w+)"[^>]*>(.*?)</textarea>', form[0], re.DOTALL):
        found.setdefault(name, []).append(html.unescape(value))
    return found


@pytest.mark.parametrize(
    ("error", "is_away"),
    [
        (OperationalError("gone"), True),
        (InterfaceError("connection already closed"), True),
        (OSError(errno.ENOSPC, "No space left on device"), True),
        (OSError(errno.ENOENT, "No such file"), False),
        (ValueError("a fault of ours"), False),
        (None, False),
    ],
)
def test_only_what_is_no_fault_of_the_request_counts_as_away(error, is_away):
    assert away.is_away(error) is is_away


@pytest.mark.parametrize(
    ("path", "language"),
    [("/fa/request/", "fa"), ("/hy/", "hy"), ("/zh-hans/r/abc/", "zh-hans"), ("/en/i/storm/", "en"), ("/desk/", "en")],
)
def test_pages_say_when_to_come_again_in_the_readers_language(site, gone, path, language):
    _organisation, client = site
    client.get("/en/")  # so that the process has seen who answers here
    gone()
    response = client.get(path)
    assert response.status_code == 503
    assert (response["Retry-After"], response["Refresh"], response["Cache-Control"]) == ("2", "20", "no-store")
    assert response["Content-Language"] == language
    page = response.content.decode()
    assert f'<html lang="{language}"' in page
    assert "112" in page or "۱۱۲" in page
    assert response["Content-Security-Policy"]


def test_form_comes_back_with_all_that_was_typed_and_counts_once(site, gone, monkeypatch):
    organisation, _client = site
    client = Client(raise_request_exception=False, enforce_csrf_checks=True, headers={"host": HOST})
    form = client.get("/fa/request/").content.decode()
    [token] = re.findall(r'name="csrfmiddlewaretoken" value="([^"]+)"', form)
    with monkeypatch.context() as patched:
        patched.setattr(organisations, "of_host", _refused)
        away_page = client.post("/fa/request/", {**TYPED, "csrfmiddlewaretoken": token})
    assert away_page.status_code == 503
    assert "Refresh" not in away_page
    again = fields(away_page.content.decode())
    assert {name: again[name] for name in TYPED} == {
        name: value if isinstance(value, list) else [value] for name, value in TYPED.items()
    }
    for _ in range(2):
        sent = client.post("/fa/request/", again)
        assert sent.status_code == 302, sent.content.decode()
    contact = Contact.objects.get(organisation=organisation)
    assert contact.messages.get(sort="request").body == TYPED["text"]


def _refused(host):
    raise OperationalError("connection refused")


def test_form_whose_page_was_never_fetched_here_can_be_sent_again(site, monkeypatch):
    _organisation, _client = site
    client = Client(raise_request_exception=False, enforce_csrf_checks=True, headers={"host": HOST})
    with monkeypatch.context() as patched:
        patched.setattr(organisations, "of_host", _refused)
        again = fields(client.post("/en/request/", TYPED).content.decode())
    assert client.post("/en/request/", again).status_code == 302


def test_files_must_be_chosen_again_and_that_is_said(site, gone, tmp_path):
    _organisation, client = site
    gone()
    (tmp_path / "ticket.txt").write_text("words")
    with (tmp_path / "ticket.txt").open("rb") as file:
        page = client.post("/en/request/", {**TYPED, "files": file}).content.decode()
    assert "choose your files once more" in page
    assert 'type="file"' in page


def test_store_that_goes_away_in_the_middle_of_a_page_is_told_the_same(site, monkeypatch):
    organisation, client = site
    contact = make_contact(organisation, now=timezone.now() - timedelta(minutes=1))

    def lost(*_arguments, **_named):
        raise InterfaceError("connection already closed")

    monkeypatch.setattr("pharos.actions.further.add_words", lost)
    response = client.post(f"/en/r/{contact.page_token}/words/", {"nonce": "n", "text": "One word more"})
    assert (response.status_code, response["Retry-After"]) == (503, "2")
    assert fields(response.content.decode())["text"] == ["One word more"]


def test_words_of_staff_are_shown_but_not_offered_for_sending(site, gone):
    _organisation, client = site
    gone()
    sent = {"text": "Dear Ani, a coach waits.", "after": "12", "token": "two words", "password": "my dear secret"}
    page = client.post("/desk/AB12/say/", sent).content.decode()
    assert "Dear Ani, a coach waits." in page
    assert "two words" not in page
    assert "my dear secret" not in page
    assert "<form" not in page


def test_nothing_typed_at_the_staffs_entrance_is_shown(site, gone):
    _organisation, client = site
    gone()
    page = client.post("/account/login/", {"login": "ani petrosyan", "password": "Lantern 1912"}).content.decode()
    assert "Lantern" not in page
    assert "petrosyan" not in page


def test_full_disk_is_told_the_same(site, gone):
    _organisation, client = site
    gone(OSError(errno.ENOSPC, "No space left on device"))
    assert client.get("/en/").status_code == 503


def test_a_fault_of_ours_is_no_absence(site, gone):
    _organisation, client = site
    gone(ZeroDivisionError())
    assert client.get("/en/").status_code == 500


def test_api_tells_a_program_to_send_the_same_again(site, monkeypatch):
    _organisation, client = site

    def lost(*_arguments, **_named):
        raise OperationalError("server closed the connection unexpectedly")

    monkeypatch.setattr("pharos.queries.doors.token_of", lost)
    response = client.get("/api/v1/queue", headers={"authorization": "Bearer x"})
    assert (response.status_code, response["Retry-After"]) == (503, "2")
    assert response["Content-Type"] == "application/problem+json"
    assert response.json()["type"].endswith("#unavailable")


def test_hosts_that_are_remembered_are_few(site):
    organisation, _client = site
    for number in range(away.HOSTS_MOST + 10):
        away.remember(f"{number}.example.org", organisation)
    assert len(away._last_known) == away.HOSTS_MOST
    away._last_known.clear()
