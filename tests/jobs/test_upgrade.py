"""From the first release to this one: nothing is lost, and nobody who asks meanwhile meets a failure."""

import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone

from pharos.jobs import processes
from pharos.queries import health
from tests.jobs.first_release import ROWS, TOKEN
from tests.journeys.conftest import PHAROS, Installation, installation
from tests.soak.store import Store, wait_until

__all__ = ["installation"]
# Serves at once, whatever the schema: as a process does that came up a moment before.
SERVE = """
import sys, django
django.setup()
from pharos.jobs import processes
processes.web(processes.listen("127.0.0.1", int(sys.argv[1])))
"""


class Doors:
    """One who asks at every door again and again; `answers` by door and status."""

    def __init__(self, address: str) -> None:
        self.answers: Counter[tuple[str, int]] = Counter()
        self.kept: dict[str, str] = {}
        self.wrong: list[str] = []
        self._address = address
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._ask)

    def __enter__(self) -> "Doors":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join(60)

    def until(self, door: str, status: int, more: int = 3) -> None:
        """Wait for so many more of such answers."""
        wanted = self.answers[door, status] + more
        wait_until(lambda: self.answers[door, status] >= wanted, within_s=60, what=f"{door} {status} {self.answers}")

    def _ask(self) -> None:
        page = f"/en/r/{ROWS['contact'][0]['page_token']}/"
        number = 0
        headers = {"Host": "help.example.org"}
        with httpx.Client(base_url=self._address, headers=headers, timeout=30) as client:
            while not self._over.wait(0.02):
                self._note("home", client.get("/en/"))
                self._note("person", client.get(page))
                key = f"k{number}"
                sent = {"channel": "web", "text": "The ferry is cancelled.", "person": {"name": key}}
                allowed = {"Authorization": f"Bearer {TOKEN}", "Idempotency-Key": key}
                answer = self._note("api", client.post("/api/v1/contacts", json=sent, headers=allowed))
                if answer.status_code in {200, 201}:
                    self.kept[key] = answer.json()["reference"]
                    number += 1

    def _note(self, door: str, answer: httpx.Response) -> httpx.Response:
        self.answers[door, answer.status_code] += 1
        is_honest = answer.status_code == httpx.codes.SERVICE_UNAVAILABLE and "Retry-After" in answer.headers
        if not (answer.is_success or is_honest):
            self.wrong.append(f"{door} {answer.status_code} {answer.text[:300]}")
        return answer


@contextmanager
def serving(installation: Installation) -> Iterator[str]:
    """A web process of this release, which does not look at the schema first."""
    listening = processes.listen("127.0.0.1", 0)
    port = listening.getsockname()[1]
    listening.close()
    environment = installation.environment | {"DJANGO_SETTINGS_MODULE": "pharos.settings"}
    process = subprocess.Popen([sys.executable, "-c", SERVE, str(port)], env=environment)
    try:
        address = f"http://127.0.0.1:{port}"
        wait_until(lambda: _answers(address), within_s=60, what="it serves")
        yield address
    finally:
        process.terminate()
        assert process.wait(30) in {0, -15}


def _answers(address: str) -> bool:
    try:
        return httpx.get(f"{address}/healthz").is_success
    except httpx.HTTPError:
        return False


def first_release(installation: Installation) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.jobs.first_release"],
        env=installation.environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def stored(store: Store) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of the first release, in the columns that it knew."""
    found = {}
    for name, rows in ROWS.items():
        if rows and name not in {"loop", "apitoken"}:  # a token remembers when it was last used
            columns = ", ".join(f'"{column}"' for column in sorted(rows[0]))
            found[name] = store.rows(f"SELECT {columns} FROM pharos_{name} WHERE id <= {rows[-1]['id']} ORDER BY id")
    return found


def test_upgrade_from_the_first_release_under_requests(installation: Installation) -> None:
    first_release(installation)
    store = Store(installation)
    before = stored(store)
    assert {name: len(rows) for name, rows in before.items()} == {name: len(ROWS[name]) for name in before}
    with serving(installation) as address, Doors(address) as doors:
        doors.until("api", 503)
        done = installation.pharos("manage", "migrate")
        assert done.returncode == 0, done.stderr
        for door, status in (("home", 200), ("person", 200), ("api", 201)):
            doors.until(door, status)
    assert doors.wrong == []
    assert stored(store) == before
    found = dict(
        store.rows("SELECT p.name, c.reference FROM pharos_contact c JOIN pharos_person p ON p.id=c.person_id")
    )
    assert {key: found.get(key) for key in doors.kept} == doors.kept
    address = installation.start()
    assert httpx.get(f"{address}/readyz").is_success
    assert stored(store)["message"][0] == before["message"][0]


@pytest.mark.django_db(transaction=True)
def test_release_beside_a_newer_one_starts_and_is_ready() -> None:
    """What a later release has added to the schema is none of this one's business."""
    MigrationRecorder(connection).record_applied("pharos", "9999_of_a_later_release")
    processes.prepare()
    found = {check.name: check.reason for check in health.checks(now=timezone.now())}
    assert (found["database"], found["migrations"]) == ("", "")


@pytest.mark.postgresql
@pytest.mark.parametrize(
    "held", ["SELECT COUNT(*) FROM pharos_message", "UPDATE pharos_contact SET language = language WHERE id = 1"]
)
def test_migration_that_would_wait_for_somebody_tries_again(installation: Installation, held: str) -> None:
    """Somebody reads, or writes, for a while: whoever comes after must not wait behind the migration."""
    import psycopg

    first_release(installation)
    url = installation.environment["PHAROS_DATABASE_URL"]
    with psycopg.connect(url) as reader, psycopg.connect(url, autocommit=True) as other:
        reader.execute(held)
        command = [str(PHAROS), "manage", "migrate"]
        with subprocess.Popen(command, env=installation.environment, stdout=subprocess.PIPE, text=True) as migrating:
            assert migrating.stdout is not None
            assert any("trying again" in line for line in migrating.stdout)
            other.execute("SET statement_timeout = '20s'")
            assert other.execute("SELECT COUNT(*) FROM pharos_message").fetchone() == (len(ROWS["message"]),)
            reader.rollback()
            migrating.stdout.read()
        assert migrating.returncode == 0


def test_several_that_start_together_upgrade_once(installation: Installation) -> None:
    first_release(installation)
    command = [str(PHAROS), "manage", "migrate"]
    together = [
        subprocess.Popen(
            command, env=installation.environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        for _ in range(3)
    ]
    said = [one.communicate(timeout=120)[0] for one in together]
    assert [one.returncode for one in together] == [0, 0, 0], said
    assert sum("Applying pharos.0002" in one for one in said) == 1
