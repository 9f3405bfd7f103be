"""Contacts kept per second, through HTTP: our form and our API beside django-helpdesk's form, equally durable.

Both write to the same disk, on SQLite (write-ahead log, `synchronous=FULL`: on disk before it is acknowledged) or on
one private PostgreSQL (`synchronous_commit=on`); one web process of eight threads each; mail is kept in files. Theirs
sends the mail while the form waits. Ours has a worker that looks ahead while the doors are measured, and sends the mail
after that, which is measured by itself: processor time for each mail is to be added to that of each contact.
"""

import argparse
import contextlib
import json
import os
import platform
import re
import sqlite3
import subprocess
import sys
import tempfile
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator
from http.cookies import SimpleCookie
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple

import psycopg

from bench.load import clients, servers
from bench.load.centres import Centre
from tests import services

HERE = Path(__file__).parent
HELPDESK = HERE.parent / "build/helpdesk/bin"  # an environment of its own: `make bench` makes it
MADE = HERE.parent / "build"  # a worker's machine code: made once in the life of a centre, not while it is measured
CLIENTS = (1, 8, 32)
THREADS = 8
AGENTS = 20
LOOKING_AHEAD = ("waits", "promises", "bands")
SENDING = "messages"
WORDS = "My ferry is cancelled and I have nowhere to stay tonight. What can I do?"
COLUMNS = "{:<18}{:<12}{:>8}{:>12}{:>9}{:>9}{:>9}{:>9}{:>10}{:>9}"


class Door(NamedTuple):
    """One way in: who offers it, where it listens, what is sent, what a kept contact is answered with."""

    name: str
    port: int
    request: bytes
    kept: int


class Site(NamedTuple):
    """A product that runs: its doors, who answers, all its processes, how to count what it kept, what sends mail."""

    doors: list[Door]
    web: list[int]
    every: list[int]
    count: str
    sends: Centre | None


class Row(NamedTuple):
    """One line of the table."""

    door: str
    database: str
    clients: int
    rate: float
    p50_ms: float
    p99_ms: float
    web_ms: float
    all_ms: float
    cpu_share: float


def form_door(name: str, port: int, path: str, fields: dict[str, str]) -> Door:
    """A form as a browser sends it: with the cookie and the secret that came with its page."""
    page = urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=30)
    cookie = SimpleCookie(page.headers["Set-Cookie"])["csrftoken"].value
    found = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page.read().decode())
    assert found, "the form has no secret"
    body = urllib.parse.urlencode({"csrfmiddlewaretoken": found[1], **fields})
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Cookie": f"csrftoken={cookie}"}
    return Door(name, port, clients.post(path, host=f"127.0.0.1:{port}", headers=headers, body=body), 302)


def api_door(port: int, token: str, incident: str) -> Door:
    number = clients.NUMBER.decode()
    person = {"name": "Ani Petrosyan", "email": f"ani-{number}@example.org"}
    body = {"channel": "web", "incident": incident, "language": "en", "text": WORDS, "person": person}
    headers = {
        "Content-Type": "application/json",
        "Authorization": f"Bearer {token}",
        "Idempotency-Key": f"bench-{number}",
    }
    request = clients.post("/api/v1/contacts", host=f"127.0.0.1:{port}", headers=headers, body=json.dumps(body))
    return Door("Pharos API", port, request, 201)


@contextlib.contextmanager
def helpdesk(home: Path, url: str) -> Iterator[Site]:
    """The compared site."""
    port = servers.free_port()
    (home / "outbox").mkdir()
    given = {
        "HELPDESK_DATA": str(home),
        "HELPDESK_DATABASE_URL": url,
        "DJANGO_SETTINGS_MODULE": "site_settings",
        "PYTHONPATH": str(HERE / "helpdesk"),
    }
    environment = servers.clean(given)
    subprocess.run([HELPDESK / "python", HERE / "helpdesk/prepare.py"], env=environment, check=True)
    serve = ["-k", "gthread", "-w", "1", "--threads", f"{THREADS}", "-b", f"127.0.0.1:{port}", "--no-control-socket"]
    command = [HELPDESK / "gunicorn", *serve, "--keep-alive", "60", "django.core.wsgi:get_wsgi_application()"]
    with servers.running(command, environment, home / "log") as pid:
        servers.wait_until_answered(f"http://127.0.0.1:{port}/tickets/submit/")
        number = clients.NUMBER.decode()
        fields = {"queue": "1", "title": f"Ferry {number}", "body": WORDS, "priority": "3"}
        fields["submitter_email"] = f"ani-{number}@example.org"
        door = form_door("helpdesk form", port, "/tickets/submit/", fields)
        yield Site([door], [pid], [pid], "SELECT count(*) FROM helpdesk_ticket", None)


@contextlib.contextmanager
def pharos(home: Path, url: str) -> Iterator[Site]:
    """The example organisation on the day of its storm, with agents on duty."""
    settings = {"PHAROS_DATA_DIR": str(home), "PHAROS_DATABASE_URL": url, "PHAROS_WEB_THREADS": f"{THREADS}"}
    settings["NUMBA_CACHE_DIR"] = str(MADE)
    centre = Centre(home, settings)
    demo = centre.example(agents=AGENTS)
    with centre.web() as (port, web), centre.worker(*LOOKING_AHEAD) as worker:
        for agent in demo["agents"]:
            come_to_work(port, agent["token"])
        number = clients.NUMBER.decode()
        fields = {"text": WORDS, "name": "Ani Petrosyan", "email": f"ani-{number}@example.org", "nonce": f"n{number}"}
        form = form_door("Pharos form", port, f"/en/i/{demo['incident']}/request/", fields)
        api = api_door(port, demo["api_token"], demo["incident"])
        yield Site([form, api], [web], [web, worker], "SELECT count(*) FROM pharos_contact", centre)


def come_to_work(port: int, token: str) -> None:
    url = f"http://127.0.0.1:{port}/api/v1/agents/me/status"
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    urllib.request.urlopen(urllib.request.Request(url, b'{"status": "available"}', headers), timeout=30).read()


def measure(site: Site, database: str, counted: "Counted", *, seconds: float, server: list[int]) -> list[Row]:
    """Every door at every number of clients; what was acknowledged must be there, once."""
    rows, acknowledged = [], 0
    for door in site.doors:
        acknowledged += clients.measure(door.request, port=door.port, clients=4, seconds=2).statuses[door.kept]
    for number in CLIENTS:
        for door in site.doors:
            web, every = servers.cpu_seconds(*site.web), servers.cpu_seconds(*site.every, *server)
            came = clients.measure(door.request, port=door.port, clients=number, seconds=seconds)
            web, every = servers.cpu_seconds(*site.web) - web, servers.cpu_seconds(*site.every, *server) - every
            kept = came.statuses[door.kept]
            acknowledged += kept
            if kept != sum(came.statuses.values()):
                raise SystemExit(f"{door.name}: answered with {dict(came.statuses)}")
            rows.append(
                Row(
                    door.name,
                    database,
                    number,
                    kept / came.seconds,
                    came.p50_ms,
                    came.p99_ms,
                    1000 * web / kept,
                    1000 * every / kept,
                    came.cpu_share,
                )
            )
            print(f"  {door.name}, {database}, {number} clients: {rows[-1].rate:.0f}/s", file=sys.stderr, flush=True)
    if counted(site.count) != acknowledged:
        raise SystemExit(f"{site.doors[0].name}: {acknowledged} acknowledged, {counted(site.count)} kept")
    if site.sends:
        print(f"{database}: {mail_ms(site.sends, counted, seconds, server):.2f} ms of CPU for each mail sent later")
    return rows


def mail_ms(centre: Centre, counted: "Counted", seconds: float, server: list[int]) -> float:
    """Processor time for one acknowledgement, sender and database, in milliseconds."""
    sent = "SELECT count(*) FROM pharos_message WHERE state = 'sent'"
    with centre.worker(SENDING) as worker:
        until = time.monotonic() + servers.GIVE_UP_S
        while not (before := counted(sent)) and time.monotonic() < until:
            time.sleep(0.1)
        used = servers.cpu_seconds(worker, *server)
        time.sleep(seconds)
        return 1000 * (servers.cpu_seconds(worker, *server) - used) / max(counted(sent) - before, 1)


class Counted:
    """Asks a database how many rows there are."""

    def __init__(self, url: str) -> None:
        self._url = url

    def __call__(self, statement: str) -> int:
        if self._url.startswith("sqlite"):
            with contextlib.closing(sqlite3.connect(self._url.removeprefix("sqlite:///"))) as connection:
                return int(connection.execute(statement).fetchone()[0])
        with psycopg.connect(self._url) as postgresql:
            return int(postgresql.execute(statement.encode()).fetchone()[0])  # type: ignore[index]


def on_sqlite(seconds: float) -> Iterator[Row]:
    for product in (helpdesk, pharos):
        with tempfile.TemporaryDirectory(prefix="pharos-intake-", ignore_cleanup_errors=True) as home:
            url = f"sqlite:///{home}/bench.sqlite3"
            with product(Path(home), url) as site:
                yield from measure(site, "SQLite", Counted(url), seconds=seconds, server=[])


def on_postgresql(seconds: float) -> Iterator[Row]:
    with services.postgresql_server() as server:
        for product in (helpdesk, pharos):
            name = product.__name__
            with psycopg.connect(server.url, autocommit=True) as connection:
                connection.execute(f"CREATE DATABASE {name}".encode())
            url = server.url.rpartition("/")[0] + f"/{name}"
            with (
                tempfile.TemporaryDirectory(prefix="pharos-intake-", ignore_cleanup_errors=True) as home,
                product(Path(home), url) as site,
            ):
                yield from measure(site, "PostgreSQL", Counted(url), seconds=seconds, server=[server.pid])


def show(rows: list[Row]) -> None:
    """One table; the ratio is to django-helpdesk on the same database with the same clients."""
    theirs = {(row.database, row.clients): row.rate for row in rows if row.door == "helpdesk form"}
    print(COLUMNS.format("", "", "", "contacts", "p50", "p99", "CPU ms", "CPU ms", "clients'", "times"))
    print(COLUMNS.format("door", "database", "clients", "/s", "ms", "ms", "web", "all", "CPU", "helpdesk"))
    for row in sorted(rows, key=lambda row: (row.database != "SQLite", row.clients)):
        ratio = row.rate / theirs[row.database, row.clients] if (row.database, row.clients) in theirs else 0.0
        numbers = (
            f"{row.rate:.0f}",
            f"{row.p50_ms:.1f}",
            f"{row.p99_ms:.1f}",
            f"{row.web_ms:.2f}",
            f"{row.all_ms:.2f}",
        )
        print(COLUMNS.format(row.door, row.database, row.clients, *numbers, f"{row.cpu_share:.0%}", f"{ratio:.1f}"))


def machine() -> str:
    """What it was measured on."""
    load = Path("/proc/loadavg").read_text().split()[0]
    helpdesk_version = subprocess.run(
        [HELPDESK / "python", "-c", "from importlib.metadata import version as v; print(v('django-helpdesk'))"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.strip()
    postgres = services.postgresql_programs() / "postgres"
    said = subprocess.run([postgres, "--version"], capture_output=True, text=True, check=True).stdout.split()
    return (
        f"{os.cpu_count()} cores, load {load} before; Python {platform.python_version()}, Django {version('Django')}, "
        f"django-helpdesk {helpdesk_version}, SQLite {sqlite3.sqlite_version}, PostgreSQL {said[2]}"
    )


def main() -> None:
    """Print a table."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--quick", action="store_true", help="two seconds for each line instead of eight")
    options.add_argument("--only", choices=("sqlite", "postgresql"), help="one database alone")
    given = options.parse_args()
    seconds = 2.0 if given.quick else 8.0
    print(machine())
    rows: list[Row] = []
    if given.only != "postgresql":
        rows += on_sqlite(seconds)
    if given.only != "sqlite":
        rows += on_postgresql(seconds)
    show(rows)


if __name__ == "__main__":
    main()
