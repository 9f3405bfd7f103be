"""Makes the twin's machine code and keeps it, in a process of its own: low in priority, and never for long."""

import fcntl
import os
import resource
import sys
import threading
from pathlib import Path
from typing import Final

CPU_S: Final = 180  # of one processor; it takes about twenty
NICE: Final = 10  # contacts are offered meanwhile


def main() -> None:
    """Make it. Ends with whoever holds the other end of the input, and at the latest after `CPU_S`."""
    os.setpriority(os.PRIO_PROCESS, 0, max(os.getpriority(os.PRIO_PROCESS, 0), NICE))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_S, CPU_S))
    threading.Thread(target=_end_with_input, daemon=True).start()
    from pharos.engine import twin  # noqa: PLC0415 - only now is all of the above in force

    folder = Path(os.environ["NUMBA_CACHE_DIR"])
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "turn").open("w") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)  # of several workers one makes it, the others read it
        twin.warm()


def _end_with_input() -> None:
    os.read(sys.stdin.fileno(), 1)  # not the reader of `sys.stdin`: the program could not end while it waits
    os._exit(1)


if __name__ == "__main__":
    main()
