"""A centre of its own for one measurement: an empty database, the example organisation in it, its processes."""

import contextlib
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.load.servers import clean, free_port, running, wait_until_answered
from tests import services

PHAROS = Path(sys.executable).with_name("pharos")
DATABASES = ("SQLite", "PostgreSQL")


@dataclass(frozen=True)
class Centre:
    """Where it keeps its data, and the settings that every process of it gets."""

    data: Path
    settings: Mapping[str, str]

    def pharos(self, *arguments: str) -> str:
        """Run one command to its end; returns what it printed."""
        done = subprocess.run(
            [PHAROS, *arguments], env=clean(self.settings), check=True, stdout=subprocess.PIPE, text=True
        )
        return done.stdout

    def example(self, *, agents: int = 0) -> Any:
        """Make the example organisation; returns its addresses and tokens."""
        return json.loads(self.pharos("demo", "--json", "--agents", str(agents)))

    @contextlib.contextmanager
    def web(self) -> Iterator[tuple[int, int]]:
        """One web process; yields its port and its process id."""
        port = free_port()
        with running([PHAROS, "web", "--port", str(port)], clean(self.settings), self.data / "web.log") as pid:
            wait_until_answered(f"http://127.0.0.1:{port}/healthz")
            yield port, pid

    @contextlib.contextmanager
    def worker(self, *loops: str) -> Iterator[int]:
        """One worker; yields its process id."""
        with running([PHAROS, "work", *loops], clean(self.settings), self.data / "worker.log") as pid:
            yield pid

    def measured(self, module: str, *arguments: str) -> Any:
        """What the module, run by itself on this centre's database, prints as JSON."""
        command = [sys.executable, "-m", module, *arguments]
        settings = clean({**self.settings, "DJANGO_SETTINGS_MODULE": "pharos.settings"})
        done = subprocess.run(command, env=settings, check=True, stdout=subprocess.PIPE, text=True)
        return json.loads(done.stdout)


@contextlib.contextmanager
def centre(database: str) -> Iterator[Centre]:
    """An empty centre on one of `DATABASES`; nothing of it is left behind."""
    with tempfile.TemporaryDirectory(prefix="pharos-bench-", ignore_cleanup_errors=True) as name:
        settings = {"PHAROS_DATA_DIR": name, "PHAROS_LOG_LEVEL": "WARNING"}
        if database == "SQLite":
            yield Centre(Path(name), settings)
            return
        with services.postgresql() as url:
            yield Centre(Path(name), {**settings, "PHAROS_DATABASE_URL": url})


def share(values: list[float], part: float) -> float:
    """The value below which this part of the values lies; 0 for none."""
    ordered = sorted(values) or [0.0]
    return ordered[min(len(ordered) - 1, int(len(ordered) * part))]
