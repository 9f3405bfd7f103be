"""PostgreSQL goes away under load and comes back: doors say so, nothing kept is lost, everything goes on by itself."""

import html
import os
import re
import signal
import time
from contextlib import contextmanager

import httpx
import pytest

from tests import services
from tests.journeys.conftest import Installation
from tests.soak.load import Agents, Senders
from tests.soak.store import Store, wait_until

pytestmark = pytest.mark.postgresql
AGENTS = 3
LOOPS_BACK_S = 15.0


@pytest.fixture
def server():
    with services.postgresql_server() as one:
        yield one


@contextmanager
def at_the_desk(address: str, store: Store):
    """An agent in a browser, with a contact in hand and words half written; yields (session, address, form)."""
    user, agent = store.rows(
        "SELECT u.username, a.id FROM pharos_agent a JOIN pharos_user u ON u.id = a.user_id "
        "WHERE u.username NOT LIKE 'helper%' AND u.is_active ORDER BY a.id LIMIT 1"
    )[0]
    with httpx.Client(base_url=address, follow_redirects=True, timeout=40) as session:
        page = session.get("/demo/").text
        session.post(f"/demo/sign-in/{user}/", data=_secret(page))
        yield session, agent


def _secret(page: str) -> dict[str, str]:
    found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
    assert found, page
    return {"csrfmiddlewaretoken": found[1]}


def _again(page: str) -> dict[str, str]:
    hidden = re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)"', page)
    shown = re.findall(r'<textarea[^>]* name="(\w+)"[^>]*>(.*?)</textarea>', page, re.DOTALL)
    return {name: html.unescape(value) for name, value in [*hidden, *shown]}


def outage(installation: Installation, server: services.Server, *, away_s: float) -> None:
    installation.environment["PHAROS_DATABASE_URL"] = server.url
    made = installation.demo(agents=AGENTS)
    address = installation.start()
    store = Store(installation)
    with (
        httpx.Client(base_url=address, timeout=40) as reader,
        at_the_desk(address, store) as (desk, agent_id),
        Senders(address, made["api_token"], again_s=min(1.0, away_s / 60)) as senders,
    ):
        senders.until(kept=20)
        typed = {"text": "I am stuck at the port\nwith two children", "name": "Ani", "email": "ani@example.org"}
        form = _again(reader.get("/en/request/").text) | typed
        own = reader.post("/en/request/", data=_again(reader.get("/fa/request/").text) | {"text": "کشتی لغو شد"})
        own_page = own.headers["Location"].partition("?")[0]
        reference = store.rows("SELECT reference FROM pharos_contact WHERE state = 'waiting' ORDER BY id LIMIT 1")[0][0]
        store.change(
            f"UPDATE pharos_contact SET state = 'active', agent_id = {agent_id} WHERE reference = '{reference}'"
        )
        written = desk.get(f"/desk/{reference}/")
        assert written.status_code == httpx.codes.OK, written.text
        draft = {**_secret(written.text), "body": "Dear Ani, a coach", "after": "0", "quiet": "1"}
        assert desk.post(f"/desk/{reference}/keep/", data=draft).status_code == httpx.codes.NO_CONTENT
        draft["body"] += " waits at pier 4."

        server.stop()
        gone_at = time.monotonic()
        told = reader.get(own_page)
        assert (told.status_code, told.headers["Retry-After"]) == (503, "2")
        assert 'lang="en"' in told.text
        unsent = reader.post("/en/request/", data=form)
        assert unsent.status_code == httpx.codes.SERVICE_UNAVAILABLE
        again = _again(unsent.text)
        assert {name: again[name].replace("\r\n", "\n") for name in typed} == typed
        assert desk.post(f"/desk/{reference}/keep/", data=draft).status_code == httpx.codes.SERVICE_UNAVAILABLE
        assert reader.get("/readyz").status_code == httpx.codes.SERVICE_UNAVAILABLE
        assert reader.get("/healthz").status_code == httpx.codes.OK
        kept_before = len(senders.kept)
        time.sleep(max(0.0, away_s - (time.monotonic() - gone_at)))
        assert len(senders.kept) == kept_before

        server.start()
        senders.until(kept=20)
        assert reader.post("/en/request/", data=again).status_code == httpx.codes.FOUND
        assert desk.post(f"/desk/{reference}/keep/", data=draft).status_code == httpx.codes.NO_CONTENT
        assert reader.get(own_page).status_code == httpx.codes.OK
        back_s = wait_until(
            lambda: reader.get("/readyz").status_code == httpx.codes.OK, within_s=LOOPS_BACK_S, what="loops came back"
        )
    assert senders.wrong == []
    assert senders.statuses[503] > 0
    assert store.rows("SELECT body FROM pharos_draft") == [("Dear Ani, a coach waits at pier 4.",)]
    kept = senders.kept | {"Ani": _reference_of(store, "Ani")}
    people = {*senders.unsure, ""}
    with Agents(address, [one["token"] for one in made["agents"]]) as agents:
        wait_until(lambda: len(agents.answered) >= 6, within_s=30, what="offers are made again")
    assert agents.wrong == []
    store.check(kept=kept, unsure=people)
    print(f"away {away_s:.0f} s: {dict(senders.statuses)}; ready again after {back_s:.1f} s; {len(kept)} kept")


def _reference_of(store: Store, name: str) -> str:
    found = store.rows(
        f"SELECT reference FROM pharos_contact c JOIN pharos_person p ON p.id = c.person_id WHERE p.name = '{name}'"
    )
    assert len(found) == 1
    return str(found[0][0])


def test_database_that_is_away_for_a_moment(installation: Installation, server: services.Server) -> None:
    outage(installation, server, away_s=3)


@pytest.mark.soak
@pytest.mark.parametrize("away_s", [30, 600])
def test_database_that_is_away_for_long(installation: Installation, server: services.Server, away_s: int) -> None:
    outage(installation, server, away_s=away_s)


def test_worker_that_starts_without_a_database_begins_when_it_is_there(
    installation: Installation, server: services.Server
) -> None:
    installation.environment["PHAROS_DATABASE_URL"] = server.url
    address = installation.start()
    server.stop()
    for child in installation.children():
        os.kill(child, signal.SIGKILL)
    wait_until(lambda: _answers(address), within_s=20, what="the web process is back")
    time.sleep(2)
    assert httpx.get(f"{address}/readyz").status_code == httpx.codes.SERVICE_UNAVAILABLE
    server.start()
    wait_until(lambda: httpx.get(f"{address}/readyz").is_success, within_s=LOOPS_BACK_S, what="it works again")


def _answers(address: str) -> bool:
    try:
        return httpx.get(f"{address}/healthz").is_success
    except httpx.HTTPError:
        return False
