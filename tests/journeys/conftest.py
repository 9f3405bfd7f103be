"""A whole installation in processes of its own, as an administrator starts it."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import httpx
import psycopg
import pytest
from django.conf import settings

PHAROS = Path(sys.executable).with_name("pharos")
PATIENCE_S = 60


@dataclass
class Installation:
    """One data folder and database, and what runs on it."""

    environment: dict[str, str]
    process: subprocess.Popen[str] | None = None
    output: Path = Path()

    @property
    def is_postgresql(self) -> bool:
        """Whether it keeps its data there, rather than in a file."""
        return "PHAROS_DATABASE_URL" in self.environment

    def pharos(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run one command to its end."""
        return subprocess.run(
            [PHAROS, *arguments], env=self.environment, check=False, capture_output=True, text=True, timeout=240
        )

    def demo(self, *, agents: int = 0) -> dict[str, Any]:
        """The example organisation's addresses and fresh tokens; with so many agents who can take everything."""
        return dict(json.loads(self.pharos("demo", "--json", "--agents", str(agents)).stdout))

    def start(self, *arguments: str) -> str:
        """`pharos run`, until it is ready; returns its address."""
        with self.output.open("w") as output:
            self.process = subprocess.Popen(
                [PHAROS, "run", "--port", "0", *arguments],
                env=self.environment,
                stdout=output,
                stderr=subprocess.STDOUT,
                text=True,
            )
        return self.wait()

    def wait(self) -> str:
        """Until web and worker are up; returns the address."""
        address = Path(self.environment["PHAROS_DATA_DIR"]) / "address"
        until = time.monotonic() + PATIENCE_S
        while time.monotonic() < until:
            assert self.process is None or self.process.poll() is None, self.output.read_text()
            try:
                found = address.read_text()
                if httpx.get(f"{found}/readyz", timeout=5).status_code == httpx.codes.OK:
                    return found
            except (OSError, httpx.HTTPError):
                pass
            time.sleep(0.1)
        raise AssertionError(self.output.read_text())

    def children(self) -> list[int]:
        """The process ids of web and worker, in the order in which they were started."""
        assert self.process is not None
        listed = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text()
        return [int(one) for one in listed.split()]

    def stop(self) -> int:
        """Stop as an administrator does; returns the exit code."""
        assert self.process is not None
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        return self.process.wait(30)


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[Installation]:
    """An installation that nobody has started yet, on the kind of database that this run is about."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PHAROS_")}
    environment["PHAROS_DATA_DIR"] = str(tmp_path / "data")
    made = Installation(environment, output=tmp_path / "output")
    url = settings.ENVIRONMENT.database_url
    if settings.SQLITE:
        yield made
        _end(made)
        return
    name = f"journey_{tmp_path.name.replace('-', '_')}_{os.getpid()}"[:60].lower()
    with psycopg.connect(url, autocommit=True) as server:
        server.execute(f'CREATE DATABASE "{name}"')
        environment["PHAROS_DATABASE_URL"] = urlunsplit(urlsplit(url)._replace(path=f"/{name}"))
        yield made
        _end(made)
        server.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def _end(installation: Installation) -> None:
    if installation.process is not None and installation.process.poll() is None:
        installation.stop()
