"""Programs that are started, asked until they answer, measured by their processor time, and stopped."""

import contextlib
import os
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

GIVE_UP_S = 60
TICKS = os.sysconf("SC_CLK_TCK")


def free_port() -> int:
    """A port that nobody uses now."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


def clean(more: Mapping[str, str]) -> dict[str, str]:
    """This environment without settings of another installation, and with `more`."""
    mine = {name: value for name, value in os.environ.items() if not name.startswith(("PHAROS_", "DJANGO_"))}
    return {**mine, **more}


@contextlib.contextmanager
def running(command: Sequence[str | Path], environment: Mapping[str, str], log: Path) -> Iterator[int]:
    """A program while it is needed; yields the id of its process."""
    with log.open("ab") as said:
        process = subprocess.Popen(command, env=environment, stdout=said, stderr=said, stdin=subprocess.DEVNULL)
    try:
        yield process.pid
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def wait_until_answered(url: str) -> None:
    """Return at the first answer, whatever it is."""
    until = time.monotonic() + GIVE_UP_S
    while time.monotonic() < until:
        try:
            urllib.request.urlopen(url, timeout=5).read()
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise SystemExit(f"no answer from {url}")


def cpu_seconds(*roots: int) -> float:
    """Processor time of these processes and of all below them, so far."""
    parents: dict[int, int] = {}
    ticks: dict[int, int] = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        pid = int(path.parent.name)
        parents[pid] = int(fields[1])
        ticks[pid] = sum(map(int, fields[11:15]))  # its own and its ended children's, user and system
    return sum(spent for pid, spent in ticks.items() if _is_below(pid, parents, set(roots))) / TICKS


def _is_below(pid: int, parents: Mapping[int, int], roots: set[int]) -> bool:
    while pid and pid not in roots:
        pid = parents.get(pid, 0)
    return pid in roots
