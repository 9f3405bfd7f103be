"""How long until the first page after `pharos run`: on an empty folder, and every time after that."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

PHAROS = Path(sys.executable).with_name("pharos")
TRIES = 5
GIVE_UP_S = 60


def free_port() -> int:
    """A port that nobody uses now."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


def seconds_to_first_page(data: str) -> float:
    """Start, wait for the first answered page, stop."""
    port = free_port()
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PHAROS_")}
    started = time.monotonic()
    process = subprocess.Popen(
        [PHAROS, "run", "--port", str(port)],
        env={**environment, "PHAROS_DATA_DIR": data},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        while time.monotonic() - started < GIVE_UP_S:
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/en/", timeout=5).read()
            except urllib.error.HTTPError:
                return time.monotonic() - started
            except OSError:
                time.sleep(0.01)
            else:
                return time.monotonic() - started
        raise SystemExit("no page within a minute")
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)


def main() -> None:
    """Print a table."""
    data = tempfile.mkdtemp(prefix="pharos-start-")
    try:
        first = seconds_to_first_page(data)
        later = sorted(seconds_to_first_page(data) for _ in range(TRIES))
    finally:
        shutil.rmtree(data)
    print(f"{'start':24}{'seconds to the first page':>28}")
    print(f"{'first (makes database)':24}{first:28.2f}")
    print(f"{f'later, median of {TRIES}':24}{later[TRIES // 2]:28.2f}")
    print(f"{'later, worst':24}{later[-1]:28.2f}")


if __name__ == "__main__":
    main()
