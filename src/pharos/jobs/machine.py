"""The twin's machine code: made by a process of its own, read back by a thread, while the arrays answer.

Only a worker needs it; the web processes never import numba.
"""

import logging
import os
import shutil
import subprocess
import sys
import threading
from pathlib import Path
from typing import Final

from django.conf import settings

from pharos.actions.waits import ARRAYS, Player
from pharos.http.logs import describe
from pharos.jobs.making import NICE

logger = logging.getLogger(__name__)
PATHS: Final = 200
WORK: Final = 800_000
FOLDER: Final = "pharos-compiled"
NOT_YET: Final = "its machine code is being made"
LONGEST_S: Final = 600.0

_player = ARRAYS._replace(without=NOT_YET)
_begun = threading.Lock()


def player() -> Player:
    """Who plays the futures now."""
    return _player


def begin() -> None:
    """Start to make the machine code, once in a process."""
    if _begun.acquire(blocking=False):
        threading.Thread(target=_make, name="machine-code", daemon=True).start()


def _make() -> None:
    global _player  # noqa: PLW0603 - one for all threads of the process
    os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICE)  # contacts are offered meanwhile
    try:
        _player = made(settings.DATA_DIR / FOLDER)
    except Exception as error:
        logger.exception("the waits are worked out without machine code")
        _player = ARRAYS._replace(without=describe(error))
    else:
        logger.info("the waits are worked out by machine code")


def made(folder: Path) -> Player:
    """The twin, warm. What is kept lies in a folder that is ours alone, for what is damaged goes with all of it."""
    named = os.environ.get("NUMBA_CACHE_DIR")
    if named and Path(named).name != FOLDER:
        folder = Path(named) / FOLDER
    os.environ["NUMBA_CACHE_DIR"] = str(folder)
    try:
        return _kept()
    except Exception:  # noqa: BLE001 - whatever lies there, it can be made again
        shutil.rmtree(folder, ignore_errors=True)
        return _kept()


def _kept() -> Player:
    """The twin from what another process has made: that takes seconds, in which this one goes on."""
    make_apart()
    from pharos.engine import twin  # noqa: PLC0415 - memory for this process alone

    twin.warm()
    return Player(twin.run, PATHS, WORK)


def make_apart() -> None:
    """Make what is not kept yet; CalledProcessError or TimeoutExpired when that can't be done."""
    command = [sys.executable, "-m", "pharos.jobs.making"]
    path = os.pathsep.join(filter(None, sys.path))
    with subprocess.Popen(  # noqa: S603 - the program and words are ours
        command, stdin=subprocess.PIPE, env={**os.environ, "PYTHONPATH": path}, start_new_session=True
    ) as making:
        try:
            code = making.wait(LONGEST_S)
        except subprocess.TimeoutExpired:
            making.kill()
            raise
    if code:
        raise subprocess.CalledProcessError(code, command)
