"""Starting, stopping, and what happens to an installation whose parts are killed."""

import os
import re
import signal
import socket
import time

import httpx

from tests.journeys.conftest import Installation


def test_first_start_makes_the_link_for_the_first_administrator(installation: Installation) -> None:
    address = installation.start()
    said = installation.output.read_text()
    link = re.search(rf"{address}/set-up/\S+", said)
    assert link, said
    assert httpx.get(link[0]).status_code == httpx.codes.OK
    empty = httpx.get(f"{address}/", follow_redirects=True)
    assert empty.status_code == httpx.codes.SERVICE_UNAVAILABLE  # nobody is here yet, and that is said
    assert "text/html" in empty.headers["content-type"]
    assert installation.stop() == 0


def test_a_taken_port_is_said_in_one_line(installation: Installation) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        ended = installation.pharos("run", "--port", str(taken.getsockname()[1]))
    assert ended.returncode == 1
    assert ended.stderr.count("\n") == 1
    assert "cannot listen" in ended.stderr


def test_a_wrong_setting_stops_the_start_with_one_line(installation: Installation) -> None:
    installation.environment["PHAROS_SMTP_URL"] = "mail.example.org"
    ended = installation.pharos("run", "--port", "0")
    assert ended.returncode == 1
    assert ended.stderr.startswith("pharos: PHAROS_SMTP_URL: ")
    assert ended.stderr.count("\n") == 1


def test_a_misspelt_setting_is_named(installation: Installation) -> None:
    installation.environment["PHAROS_SMPT_URL"] = "smtp://localhost"
    assert "did you mean PHAROS_SMTP_URL?" in installation.pharos("work").stderr


def test_parts_that_are_killed_come_back(installation: Installation) -> None:
    address = installation.start("--demo")
    before = set(installation.children())
    for child in before:
        os.kill(child, signal.SIGKILL)
    until = time.monotonic() + 30
    while time.monotonic() < until and (before & set(installation.children()) or len(installation.children()) < 2):
        time.sleep(0.1)
    assert installation.wait() == address
    assert installation.stop() == 0


def test_demo_again_and_again_is_one_demo_with_tokens_that_work(installation: Installation) -> None:
    first, second = installation.demo(), installation.demo()
    assert (first["organisation"], first["incident"]) == (second["organisation"], second["incident"])
    address = installation.start("--demo")
    token = installation.demo()["api_token"]
    found = httpx.get(f"{address}/api/v1/queue", headers={"Authorization": f"Bearer {token}"})
    assert found.json() == {"items": []}
