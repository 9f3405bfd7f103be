"""Keeps a process of many Python threads on one core.

Only one thread of a process runs Python at a time. On two cores they wake each other across cores for every statement
of a database, which costs more than the second core gives. Which core is looked at again and again: others come and go.
Long work in C that lets Python go on meanwhile is done `aside`, on any core.
"""

import math
import os
import random
import threading
import time
from collections.abc import Iterator, Mapping, Set
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

LOOK_S: Final = 5.0
WORTH: Final = 0.25  # of a core: used so much less by others, another one is worth the move
TICKS_S: Final = os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 100
USER, SYSTEM, INTERRUPT, STOLEN = 1, 3, (6, 7), 8  # columns of `/proc/stat`, see proc(5); who is nice makes way


class _Process:
    """Where this process is, where it may be, and which of its threads are aside."""

    core = -1
    allowed: frozenset[int] = frozenset()
    aside: Final[set[int]] = set()
    moving: Final = threading.Lock()


def stay() -> None:
    """From now on; call it before there are threads. Does nothing where there is one core, or no choice of cores."""
    allowed = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else set()
    if len(allowed) > 1 and (before := _used()):
        _Process.allowed = frozenset(allowed)
        _move(sorted(allowed)[os.getpid() % len(allowed)])
        threading.Thread(target=_look, args=(before,), name="core", daemon=True).start()


@contextmanager
def aside() -> Iterator[None]:
    """This thread may be on any core while it lasts, so that those who answer people need not share theirs with it."""
    own = threading.get_native_id()
    with _Process.moving:
        if is_kept := bool(_Process.allowed):
            _Process.aside.add(own)
            _put(own, _Process.allowed)
    try:
        yield
    finally:
        if is_kept:
            with _Process.moving:
                _Process.aside.discard(own)
                _put(own, {_Process.core})


def better(core: int, others: Mapping[int, float]) -> int:
    """Where to be: on this core, or the one that others use least if it is worth the move. `others`: 0 to 1 of each."""
    best = min(others, key=lambda one: others[one])
    return best if others.get(core, math.inf) - others[best] > WORTH else core


def busy(stat: str) -> dict[int, float]:
    """Seconds that each core has worked, from the text of `/proc/stat`; without what it did at low priority."""
    lines = (line.split() for line in stat.splitlines() if line.startswith("cpu") and line[3].isdigit())
    return {
        int(line[0][3:]): sum(int(line[column]) for column in (USER, SYSTEM, *INTERRUPT, STOLEN)) / TICKS_S
        for line in lines
    }


def _look(before: Mapping[int, float]) -> None:
    looked, own = time.monotonic(), time.process_time()
    while True:
        time.sleep(LOOK_S * random.uniform(0.5, 1.5))  # noqa: S311 - so that two do not move to one core at once
        core, now, own_now, after = _Process.core, time.monotonic(), time.process_time(), _used()
        known = _Process.allowed & after.keys() & before.keys()
        used = {one: (after[one] - before[one]) / (now - looked) for one in known}
        if core in used:
            used[core] -= (own_now - own) / (now - looked)
        if used and (wanted := better(core, used)) != core:
            _move(wanted)
        looked, own, before = now, own_now, after


def _used() -> dict[int, float]:
    try:
        return busy(Path("/proc/stat").read_text())
    except OSError:
        return {}


def _move(core: int) -> None:
    """With all its threads that are not aside; those that begin later begin where their maker is."""
    with _Process.moving:
        _Process.core = core
        for thread in Path("/proc/self/task").iterdir():
            if int(thread.name) not in _Process.aside:
                _put(int(thread.name), {core})


def _put(thread: int, where: Set[int]) -> None:
    with suppress(OSError):  # it has ended, or the administrator has taken a core away
        os.sched_setaffinity(thread, where)
