"""The command line as an administrator meets it: real processes on a folder of their own."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from django.db import connection

WAIT_S = 90


class Pharos:
    """One call of `pharos`."""

    def __init__(self, folder: Path, *arguments: str, **settings: str) -> None:
        environment = {name: value for name, value in os.environ.items() if not name.startswith("PHAROS_")}
        environment |= {"PHAROS_DATA_DIR": str(folder), **settings}
        self.said = ""
        self._said = threading.Event()
        self.child = subprocess.Popen(
            [sys.executable, "-m", "pharos.cli", *arguments],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            bufsize=1,
        )
        self._reading = threading.Thread(target=self._read)
        self._reading.start()

    def _read(self) -> None:
        assert self.child.stdout
        with self.child.stdout as lines:
            for line in lines:
                self.said += line
                self._said.set()

    def end(self, number: int = 0) -> int:
        if number:
            self.child.send_signal(number)
        code = self.child.wait(WAIT_S)
        self._reading.join(WAIT_S)
        return code

    def line(self, pattern: str) -> str:
        """The first group of a line, as soon as it is said."""
        assert until(lambda: re.search(pattern, self.said) is not None), self.said
        found = re.search(pattern, self.said)
        assert found
        return found[1]

    @property
    def children(self) -> list[int]:
        pid = self.child.pid
        return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def until(true: Callable[[], bool]) -> bool:
    """Look again and again until it is so."""
    ends_at = time.monotonic() + WAIT_S
    looked = threading.Event()
    while not true():
        if time.monotonic() > ends_at:
            return False
        looked.wait(0.05)
    return True


@pytest.fixture
def pharos(tmp_path) -> Iterator[Callable[..., Pharos]]:
    calls: list[Pharos] = []

    def call(*arguments: str, **settings: str) -> Pharos:
        calls.append(Pharos(tmp_path, *arguments, **settings))
        return calls[-1]

    yield call
    for one in calls:
        if one.child.poll() is None:
            one.child.kill()
        one.end()


def answers(address: str) -> bool:
    try:
        return httpx.get(f"{address}/healthz", timeout=5).status_code == 200
    except httpx.TransportError:
        return False


def is_ready(address: str) -> bool:
    try:
        return httpx.get(f"{address}/readyz", timeout=5).status_code == 200
    except httpx.TransportError:
        return False


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("PHAROS_WEB_THREADS", "many", "PHAROS_WEB_THREADS: "),
        ("PHAROS_WEB_THREADS", "0", "PHAROS_WEB_THREADS: "),
        ("PHAROS_DATABASE_URL", "mysql://x/y", "PHAROS_DATABASE_URL: use postgresql://"),
        ("PHAROS_SMTP_URL", "http://mail", "PHAROS_SMTP_URL: use smtp://"),
        ("PHAROS_SMTP_URL", "smtp://mail:many", "PHAROS_SMTP_URL: "),
        ("PHAROS_SMTP_URL", "smtp://mail?tls=perhaps", "PHAROS_SMTP_URL: use smtp://"),
        ("PHAROS_PUBLIC_URL", "example.org", "PHAROS_PUBLIC_URL: use http://"),
        ("PHAROS_MAIL_FROM", "help", "PHAROS_MAIL_FROM: use name@"),
        ("PHAROS_LOG_LEVEL", "loud", "PHAROS_LOG_LEVEL: use DEBUG"),
        ("PHAROS_PUBLIC_ULR", "http://x", "PHAROS_PUBLIC_ULR is not a setting; did you mean PHAROS_PUBLIC_URL?"),
        ("PHAROS_NEEDS_KEYS", "short", "PHAROS_NEEDS_KEYS: one of these is no key: 32 bytes in URL-safe base64"),
        ("PHAROS_NEEDS_KEYS", f"{'A' * 43}=,é", "PHAROS_NEEDS_KEYS: one of these is no key"),
        ("PHAROS_DATA_DIR", "/proc/nowhere", "PHAROS_DATA_DIR: /proc/nowhere cannot be used: "),
        ("PHAROS_DATABASE_URL", "postgresql://a:b@127.0.0.1:1/c", "PHAROS_DATABASE_URL: the database cannot be used: "),
    ],
)
@pytest.mark.sqlite
def test_wrong_setting_stops_the_start_with_one_line(pharos, name, value, said):
    call = pharos("work", "offers", **{name: value})
    assert call.end() == 1
    assert call.said.startswith(f"pharos: {said}")
    assert call.said.count("\n") == 1


@pytest.mark.sqlite
def test_run_serves_pages_does_the_work_and_stops_clean(pharos):
    run = pharos("run", "--port", "0")
    address = run.line(r"Pharos is at (http://127\.0\.0\.1:\d+)/")
    link = run.line(r"Make the first administrator here.*\n  (http\S+)")
    assert link.startswith(f"{address}/set-up/")
    assert until(lambda: is_ready(address))
    assert httpx.get(link, follow_redirects=True).status_code == 200
    began = time.monotonic()
    assert run.end(signal.SIGTERM) == 0
    assert time.monotonic() - began < 15
    assert not answers(address)
    assert "ERROR" not in run.said


@pytest.mark.sqlite
def test_run_starts_a_process_that_died_again(pharos):
    run = pharos("run", "--port", "0")
    address = run.line(r"Pharos is at (http\S+)/")
    assert until(lambda: is_ready(address))
    before = run.children
    assert len(before) == 2
    for child in before:
        os.kill(child, signal.SIGKILL)
    assert until(lambda: len(set(run.children) - set(before)) == 2)
    assert until(lambda: answers(address))
    assert run.end(signal.SIGINT) == 0


@pytest.mark.sqlite
def test_run_that_is_killed_leaves_no_process_behind(pharos):
    run = pharos("run", "--port", "0")
    address = run.line(r"Pharos is at (http\S+)/")
    assert until(lambda: answers(address))
    children = run.children
    run.child.kill()
    assert until(lambda: not any(Path(f"/proc/{child}/cmdline").exists() for child in children))


@pytest.mark.sqlite
def test_port_that_is_taken_ends_the_start_with_one_line(pharos):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        call = pharos("run", "--port", port)
        assert call.end() == 1
    assert call.said == f"pharos: cannot listen on 127.0.0.1 port {port}: Address already in use\n"


@pytest.mark.sqlite
def test_several_web_processes_on_sqlite_are_refused_with_the_reason(pharos):
    call = pharos("web", "--port", "0", "--workers", "2")
    assert call.end() == 1
    assert "several web processes need PostgreSQL" in call.said


@pytest.mark.sqlite
def test_token_of_nobody_is_refused_and_of_an_agent_is_printed(pharos):
    without = pharos("token", "wave")
    assert without.end() == 1
    assert "there is no such organisation" in without.said
    assert pharos("demo", "--json").end() == 0
    made = pharos("token", "wave")
    assert made.end() == 0
    assert re.fullmatch(r"pharos_\S+\n", made.said)
    nobody = pharos("token", "wave", "--agent", "nobody")
    assert nobody.end() == 1
    assert "nobody is no agent" in nobody.said


@pytest.mark.sqlite
def test_demo_made_by_several_at_once_is_one(pharos):
    calls = [pharos("demo", "--json") for _ in range(3)]
    assert [call.end() for call in calls] == [0, 0, 0]
    made = [json.loads(call.said) for call in calls]
    assert {one["organisation"] for one in made} == {"blue-strait"}
    assert len({one["api_token"] for one in made}) == 3


@pytest.mark.sqlite
def test_needs_are_sealed_anew_and_nothing_starts_without_their_key(pharos, tmp_path):
    made = pharos("demo", "--json")
    assert made.end() == 0
    keep_a_need(pharos, tmp_path)
    file = tmp_path / "needs.key"
    assert file.stat().st_mode & 0o777 == 0o600
    first = file.read_text()
    turned = pharos("rotate-keys")
    assert turned.end() == 0, turned.said
    assert re.fullmatch(r"\d+ needs are sealed with the newest key\.\n", turned.said)
    newest, before = file.read_text().split()
    assert before == first.strip()
    assert pharos("work", "nothing").said.count("needs") == 0
    for wrong in (first, None):
        file.write_text(wrong) if wrong else file.unlink()
        call = pharos("work", "offers")
        assert call.end() == 1
        assert call.said.startswith("pharos: PHAROS_NEEDS_KEYS: recorded needs and passwords are sealed with the key ")
        assert call.said.count("\n") == 1
    file.write_text("damaged")
    call = pharos("work", "offers")
    assert call.end() == 1
    assert call.said.startswith(f"pharos: {file}: one of these is no key")
    assert call.said.endswith("put the file back from a backup\n")
    assert pharos("rotate-keys", PHAROS_NEEDS_KEYS=f"{newest},{before}").end() == 0


def keep_a_need(pharos: Callable[..., Pharos], folder: Path) -> None:
    """As a person does on the form."""
    script = folder / "keep.py"
    script.write_text(
        "from django.utils import timezone\n"
        "from pharos.actions import intake\n"
        "from pharos.actions.inbound import Inbound\n"
        "from pharos.models import Organisation\n"
        "intake.receive(Inbound(organisation=Organisation.objects.get(), door='web', key='1', digest='1',\n"
        "    channel='web', language='en', text='Help', needs=('hearing',)), now=timezone.now())\n"
    )
    call = pharos("manage", "shell", "-c", f"exec(open({str(script)!r}).read())")
    assert call.end() == 0, call.said


@pytest.mark.sqlite
def test_loop_of_no_name_ends_the_worker_with_one_line(pharos):
    call = pharos("work", "nothing")
    assert call.end() == 1
    assert call.said.startswith("pharos: there is no loop nothing; there are offers, ")


@pytest.mark.sqlite
def test_manage_passes_everything_on(pharos):
    call = pharos("manage", "check", "--fail-level", "WARNING")
    assert call.end() == 0


@pytest.fixture
def own_database() -> Iterator[str]:
    """An empty database beside the test's own, on the same server."""
    database = connection.settings_dict
    with connection.cursor() as sql:
        sql.execute("CREATE DATABASE pharos_cli")
    yield "postgresql://{USER}:{PASSWORD}@{HOST}:{PORT}/pharos_cli".format(**database)
    with connection.cursor() as sql:
        sql.execute("DROP DATABASE pharos_cli WITH (FORCE)")


@pytest.mark.postgresql
def test_several_web_processes_and_workers_on_postgresql_work_together(transactional_db, pharos, own_database):
    settings = {"PHAROS_DATABASE_URL": own_database}
    web = pharos("web", "--port", "0", "--workers", "2", **settings)
    workers = [pharos("work", **settings) for _ in range(2)]
    assert until(lambda: len(web.children) == 2), web.said
    port = _port_of(web.children[0])
    address = f"http://127.0.0.1:{port}"
    assert until(lambda: is_ready(address)), web.said
    for _ in range(20):
        assert httpx.get(f"{address}/healthz").status_code == 200
    counted = httpx.get(f"{address}/metrics").text
    assert 'pharos_requests_total{method="GET",status="2xx",view="healthz"} 20.0' in counted
    assert [one.end(signal.SIGTERM) for one in [web, *workers]] == [0, 0, 0]


def _port_of(pid: int) -> int:
    """The port on which a process listens."""
    inodes = {one.readlink().name for one in Path(f"/proc/{pid}/fd").iterdir()}
    for row in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        parts = row.split()
        if parts[3] == "0A" and f"socket:[{parts[9]}]" in inodes:
            return int(parts[1].rpartition(":")[2], 16)
    raise AssertionError("listens nowhere")


def test_paper_forms_are_written_into_a_folder(tmp_path: Path) -> None:
    from click.testing import CliRunner

    from pharos.cli import main

    told = CliRunner().invoke(main, ["paper-form", str(tmp_path / "forms"), "--language", "hy", "--name", "Ferry"])
    assert told.exit_code == 0, told.output
    assert (tmp_path / "forms/pharos-form-hy.pdf").read_bytes().startswith(b"%PDF-")
    told = CliRunner().invoke(main, ["paper-form", str(tmp_path), "--language", "de"])
    assert told.exit_code == 1
    assert "there is no form in de" in told.output
