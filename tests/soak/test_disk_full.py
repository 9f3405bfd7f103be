"""Nothing more can be written: doors say so, pages can still be read, nothing is damaged, and it goes on by itself."""

import resource
from collections.abc import Callable
from functools import partial
from pathlib import Path

import httpx
import pytest

from tests.journeys.conftest import Installation
from tests.soak.disks import fill, small_disk
from tests.soak.load import Senders
from tests.soak.store import Store, wait_until
from tests.soak.test_database_away import _again

pytestmark = pytest.mark.sqlite
BACK_S = 20.0
LEAST = 4096  # bytes of any file: every write to the database fails
PDF = b"%PDF-1.4 " + b"a ticket " * 2000


def full(
    installation: Installation, *, fill: Callable[[], None], free: Callable[[], None], seen_by_readyz: bool
) -> None:
    made = installation.demo()
    address = installation.start()
    store = Store(installation)
    with (
        httpx.Client(base_url=address, timeout=60) as reader,
        Senders(address, made["api_token"], count=2) as senders,
    ):
        senders.until(kept=10)
        form = _again(reader.get("/en/request/").text) | {"text": "I am stuck at the port", "name": "Ani"}
        fill()
        wait_until(lambda: senders.statuses[503] > 3, within_s=30, what="the API says that it cannot keep anything")
        unsent = reader.post("/en/request/", data=form)
        assert (unsent.status_code, unsent.headers["Retry-After"]) == (503, "2")
        again = _again(unsent.text)
        assert again["text"] == form["text"]
        ticket = {"files": ("ticket.pdf", PDF, "application/pdf")}
        with_file = reader.post("/en/request/", data=form, files=ticket)
        assert with_file.status_code == httpx.codes.SERVICE_UNAVAILABLE
        assert reader.get("/en/").status_code == httpx.codes.OK
        assert reader.get("/healthz").status_code == httpx.codes.OK
        if seen_by_readyz:
            told = reader.get("/readyz")
            assert (told.status_code, "MB are free" in told.json()["reasons"]["disk"]) == (503, True)
        free()
        senders.until(kept=10)
        assert reader.post("/en/request/", data=again).status_code == httpx.codes.FOUND
        wait_until(lambda: reader.get("/readyz").is_success, within_s=BACK_S, what="it is ready again")
    assert senders.wrong == []
    ani = store.rows("SELECT reference FROM pharos_contact c JOIN pharos_person p ON p.id=c.person_id WHERE name='Ani'")
    store.check(kept=senders.kept | {"Ani": ani[0][0]}, unsure=senders.unsure)
    assert len(ani) == 1
    installation.stop()
    assert store.is_whole()
    print(f"{len(senders.kept)} kept, {dict(senders.statuses)}")


def test_disk_that_takes_nothing_more(installation: Installation) -> None:
    hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]

    def limit(most: int) -> None:
        for child in installation.children():
            resource.prlimit(child, resource.RLIMIT_FSIZE, (most, hard))

    full(installation, fill=lambda: limit(LEAST), free=lambda: limit(hard), seen_by_readyz=False)


@pytest.mark.soak
def test_disk_that_is_really_full(installation: Installation, tmp_path: Path) -> None:
    """A disk of its own, filled to the last byte; only root may mount one."""
    with small_disk(tmp_path / "disk", size_mb=300) as disk:
        installation.environment["PHAROS_DATA_DIR"] = str(disk / "data")
        ballast = disk / "ballast"
        try:
            full(installation, fill=partial(fill, ballast), free=ballast.unlink, seen_by_readyz=True)
        finally:
            if installation.process is not None and installation.process.poll() is None:
                installation.stop()
