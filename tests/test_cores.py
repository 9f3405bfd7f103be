"""One core for a process of many threads, and which."""

import os
import subprocess
import sys

import pytest

from pharos.cores import better, busy

STAT = """\
cpu  300 20 90 5000 70 6 4 2 0 0
cpu0 100 20 40 2500 30 3 2 1 0 0
cpu1 200 0 50 2500 40 3 2 1 0 0
intr 1 2 3
ctxt 12
"""
STAYING = """
import os, threading
from pharos import cores
cores.stay()
later = []
thread = threading.Thread(target=lambda: later.append(os.sched_getaffinity(0)))
thread.start()
thread.join()
print(len(os.sched_getaffinity(0)), len(later[0]))
with cores.aside():
    print(len(os.sched_getaffinity(0)) > 1)
    cores._move(cores._Process.core)
    print(len(os.sched_getaffinity(0)) > 1)
print(len(os.sched_getaffinity(0)))
"""


def test_busy_leaves_out_waiting_and_low_priority() -> None:
    ticks = os.sysconf("SC_CLK_TCK")
    assert busy(STAT) == {0: 146 / ticks, 1: 256 / ticks}


def test_busy_of_a_text_without_cores() -> None:
    assert busy("intr 1 2 3\n") == {}


@pytest.mark.parametrize(
    ("core", "others", "wanted"),
    [
        (0, {0: 0.1, 1: 0.0}, 0),  # not worth it
        (0, {0: 0.9, 1: 0.1}, 1),
        (1, {0: 0.9, 1: 0.9}, 1),  # crowded everywhere
        (1, {0: 0.6, 1: 0.9, 2: 0.2}, 2),
    ],
)
def test_better(core: int, others: dict[int, float], wanted: int) -> None:
    assert better(core, others) == wanted


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="this system lets nobody choose")
def test_stay_holds_for_all_threads() -> None:
    done = subprocess.run([sys.executable, "-c", STAYING], check=True, capture_output=True, text=True)
    more = str(len(os.sched_getaffinity(0)) > 1)
    assert done.stdout.split() == ["1", "1", more, more, "1"]
