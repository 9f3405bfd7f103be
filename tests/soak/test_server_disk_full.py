"""PostgreSQL's own disk is full: doors say so, nothing kept is lost, and it goes on when there is room again."""

from functools import partial
from pathlib import Path

import pytest

from tests import services
from tests.journeys.conftest import Installation
from tests.soak.disks import fill, small_disk
from tests.soak.test_disk_full import full

pytestmark = [pytest.mark.postgresql, pytest.mark.soak]


def test_disk_of_the_server_that_is_full(installation: Installation, tmp_path: Path) -> None:
    """A server that gave up for want of room is started again, as its process manager does."""
    for parent in (tmp_path, *tmp_path.parents[:2]):
        parent.chmod(0o755)  # the server runs as another user
    with small_disk(tmp_path / "disk", size_mb=200) as disk:
        home = disk / "server"
        home.mkdir()
        server = services.Server(home)
        server.make()
        server.start()
        installation.environment["PHAROS_DATABASE_URL"] = server.url
        ballast = disk / "ballast"

        def free() -> None:
            ballast.unlink()
            if not server.is_running:
                server.start()

        try:
            full(installation, fill=partial(fill, ballast), free=free, seen_by_readyz=False)
        finally:
            if installation.process is not None and installation.process.poll() is None:
                installation.stop()
            server.stop()
