"""PostgreSQL's own disk is full: doors say so, nothing kept is lost, and it goes on when there is room again."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests import services
from tests.journeys.conftest import Installation
from tests.soak.test_disk_full import full

pytestmark = [pytest.mark.postgresql, pytest.mark.soak]


@contextmanager
def small_disk(folder: Path) -> Iterator[Path]:
    """A disk of its own; only root may mount one."""
    assert os.geteuid() == 0, "run this as root: it mounts a small disk"
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=200m,mode=0755", "tmpfs", str(folder)], check=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def test_disk_of_the_server_that_is_full(installation: Installation, tmp_path: Path) -> None:
    """A server that gave up for want of room is started again, as its process manager does."""
    for parent in (tmp_path, *tmp_path.parents[:2]):
        parent.chmod(0o755)  # the server runs as another user
    with small_disk(tmp_path / "disk") as disk:
        home = disk / "server"
        home.mkdir()
        server = services.Server(home)
        server.make()
        server.start()
        installation.environment["PHAROS_DATABASE_URL"] = server.url
        ballast = disk / "ballast"

        def fill() -> None:
            with ballast.open("wb", buffering=0) as file:
                for size in (1 << 20, 1 << 12):
                    try:
                        while True:
                            file.write(b"\0" * size)
                    except OSError:
                        continue

        def free() -> None:
            ballast.unlink()
            if not server.is_running:
                server.start()

        try:
            full(installation, fill=fill, free=free, seen_by_readyz=False)
        finally:
            if installation.process is not None and installation.process.poll() is None:
                installation.stop()
            server.stop()
