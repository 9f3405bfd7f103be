"""The machine's clock jumps an hour ahead and back under load: everybody is served, once, and nothing stays behind."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.journeys.conftest import Installation
from tests.soak.load import Agents, Senders
from tests.soak.store import Store, wait_until

AGENTS = 3
OPEN = "SELECT COUNT(*) FROM pharos_contact WHERE state <> 'closed'"
HOURS = {True: "EXTRACT(HOUR FROM arrived_at)", False: "strftime('%H', arrived_at)"}  # by whether it is PostgreSQL
# `pharos`, with a clock that goes as many seconds wrong as a file says.
SHIFTED = """
import sys
from datetime import timedelta
from pathlib import Path
from django.utils import timezone
right, file = timezone.now, Path(sys.argv.pop(1))
timezone.now = lambda: right() + timedelta(seconds=int(file.read_text() or 0))
from pharos.cli import main
main()
"""


def start(installation: Installation, clock: Path) -> str:
    command = [sys.executable, "-c", SHIFTED, str(clock), "run", "--port", "0"]
    with installation.output.open("w") as output:
        installation.process = subprocess.Popen(
            command, env=installation.environment, stdout=output, stderr=subprocess.STDOUT, text=True
        )
    return installation.wait()


@pytest.mark.soak
def test_clock_that_jumps_both_ways_under_load(installation: Installation, tmp_path: Path) -> None:
    clock = tmp_path / "clock"
    clock.write_text("0")
    made = installation.demo(agents=AGENTS)
    address = start(installation, clock)
    store = Store(installation)
    with (
        Senders(address, made["api_token"], pause_s=0.3) as senders,
        Agents(address, [one["token"] for one in made["agents"]]) as agents,
    ):
        for wrong_s in (0, 3600, 0, -3600, 0):
            clock.write_text(str(wrong_s))
            senders.until(kept=10)
            served = len(agents.answered)
            wait_until(lambda before=served: len(agents.answered) > before + 5, within_s=90, what=f"{wrong_s} s")  # type: ignore[misc]
    with Agents(address, [one["token"] for one in made["agents"]]) as again:
        wait_until(lambda: store.number(OPEN) == 0, within_s=180, what="everybody is served")
    installation.stop()
    assert senders.wrong + agents.wrong + again.wrong == []
    store.check(kept=senders.kept, unsure=senders.unsure)
    hours = store.number(f"SELECT COUNT(DISTINCT {HOURS[installation.is_postgresql]}) FROM pharos_contact")
    print(f"{len(senders.kept)} kept in {hours} hours of the clock, {len(agents.answered | again.answered)} answered")
    assert hours >= 3
