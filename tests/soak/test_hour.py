"""Two web processes and four workers on PostgreSQL under load, while pages stay open: they agree with the database.

An hour long, or `SOAK_MINUTES`; each of two senders pauses for `SOAK_PAUSE_S` (0.3) between two requests.
"""

import os
import re
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from itertools import cycle

import httpx
import pytest

from tests.journeys.conftest import PHAROS, Installation
from tests.soak.load import Agents, Senders
from tests.soak.pages import Page, of_board, of_desk, of_person
from tests.soak.store import Store, wait_until

pytestmark = [pytest.mark.postgresql]
WEBS, WORKERS, AGENTS, PERSONS = 2, 4, 6, 20
WAITING = "SELECT COUNT(*) FROM pharos_contact WHERE state IN ('waiting', 'offered')"
TOKENS = "SELECT page_token FROM pharos_contact WHERE state = 'waiting' ORDER BY id DESC LIMIT 1"
SETTLED_S = 30.0


@contextmanager
def processes(installation: Installation) -> Iterator[list[str]]:
    """So many of each; yields the addresses of the web processes."""
    ports = [free_port() for _ in range(WEBS)]
    commands = [["web", "--port", str(port)] for port in ports] + [["work"]] * WORKERS
    with installation.output.open("w") as output:
        started = [
            subprocess.Popen([PHAROS, *one], env=installation.environment, stdout=output, stderr=subprocess.STDOUT)
            for one in commands
        ]
        try:
            addresses = [f"http://127.0.0.1:{port}" for port in ports]
            for address in addresses:
                wait_until(lambda at=address: _is_ready(at), within_s=60, what=f"{address} is ready")  # type: ignore[misc]
            yield addresses
            assert [one.poll() for one in started] == [None] * len(started), installation.output.read_text()[-3000:]
        finally:
            for one in started:
                one.terminate()
            for one in started:
                one.wait(30)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port: int = listening.getsockname()[1]
        return port


def _is_ready(address: str) -> bool:
    try:
        return httpx.get(f"{address}/readyz", timeout=5).is_success
    except httpx.HTTPError:
        return False


def signed_in(stack: ExitStack, address: str, user: str) -> httpx.Client:
    session = stack.enter_context(httpx.Client(base_url=address, timeout=40))
    secret = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', session.get("/demo/").text)
    assert secret
    session.post(f"/demo/sign-in/{user}/", data={"csrfmiddlewaretoken": secret[1]})
    return session


def elsewhere(stack: ExitStack, session: httpx.Client, address: str) -> httpx.Client:
    other = httpx.Client(base_url=address, cookies=session.cookies, timeout=40)
    return stack.enter_context(other)


def play(installation: Installation, *, minutes: float, pause_s: float) -> None:
    made = installation.demo(agents=AGENTS)
    store = Store(installation)
    with processes(installation) as (first, second), ExitStack() as stack:
        lead = signed_in(stack, first, "maryam")
        board = {"/lead/parts/figures/": ("board",)}
        pages = [Page(lead, elsewhere(stack, lead, second), "/live/staff/?topics=board,alarms", board, of_board)]
        helpers = store.rows(
            "SELECT u.username, a.id FROM pharos_agent a JOIN pharos_user u ON u.id = a.user_id "
            f"WHERE u.username LIKE 'helper%' ORDER BY a.id LIMIT {AGENTS}"
        )
        for (user, pk), (at, other) in zip(helpers, cycle([(first, second), (second, first)]), strict=False):
            desk = signed_in(stack, at, user)
            stream = f"/live/staff/?topics=agent:{pk}"
            own = {"/desk/own/": (f"agent-{pk}",)}
            pages.append(Page(desk, elsewhere(stack, desk, other), stream, own, of_desk))
        for page in pages:
            stack.enter_context(page)
        tokens = [one["token"] for one in made["agents"]]
        until = time.monotonic() + minutes * 60
        with (
            Senders(first, made["api_token"], count=1, pause_s=pause_s) as one,
            Senders(second, made["api_token"], count=1, pause_s=pause_s, name="second") as two,
            Agents(first, tokens[::2]) as some,
            Agents(second, tokens[1::2]) as others,
        ):
            for at, other in cycle([(first, second), (second, first)]):
                if time.monotonic() > until:
                    break
                found = store.rows(TOKENS)
                if found and len(pages) < 1 + AGENTS + PERSONS:
                    pages.append(stack.enter_context(person(stack, found[0][0], at, other)))
                time.sleep(min(max(minutes * 60 / PERSONS, 1), 20))
            wait_until(lambda: store.number(WAITING) < 50, within_s=600, what="the line gets shorter")
        kept, unsure = one.kept | two.kept, one.unsure | two.unsure
        until = time.monotonic() + SETTLED_S
        while time.monotonic() < until and any(page.facts() != page.truth() for page in pages):
            time.sleep(1)
        for page in pages:
            assert page.facts() == page.truth(), page.parts
        assert int(pages[0].facts()[1]) == store.number("SELECT COUNT(*) FROM pharos_contact WHERE state = 'waiting'")
    fetched = sum(page.fetched for page in pages)
    statuses = dict(one.statuses + two.statuses)
    print(f"{minutes} min: {len(kept)} kept, {statuses}, {len(pages)} open pages fetched {fetched} parts again")
    assert [line for page in pages for line in page.wrong] == []
    assert one.wrong + two.wrong + some.wrong + others.wrong == []
    store.check(kept=kept, unsure=unsure)
    assert "ERROR" not in installation.output.read_text()


def person(stack: ExitStack, token: str, address: str, other: str) -> Page:
    clients = [stack.enter_context(httpx.Client(base_url=at, timeout=40)) for at in (address, other)]
    page = f"/en/r/{token}/part"
    parts = {f"{page}/state/": ("contact", "place"), f"{page}/messages/": ("contact",)}
    return Page(clients[0], clients[1], f"/live/r/{token}/", parts, of_person)


@pytest.mark.soak
def test_live_pages_agree_with_the_database_after_an_hour(installation: Installation) -> None:
    minutes = float(os.environ.get("SOAK_MINUTES", "60"))
    play(installation, minutes=minutes, pause_s=float(os.environ.get("SOAK_PAUSE_S", "0.3")))
