"""The processes of one machine: prepared once, forked, watched, started again when they die, ended together."""

import atexit
import fcntl
import logging
import os
import resource
import shutil
import signal
import socket
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from django.db.backends.base.base import BaseDatabaseWrapper
    from django.db.backends.utils import CursorWrapper

log = logging.getLogger(__name__)
PAUSE_S = 0.5  # before a dead process is started again
SHORT_LIFE_S = 5.0
SHORT_LIVES = 5  # this many in a row: starting once more would not help
STOP_S = 15.0
MIGRATING = 0x9A805  # the key of PostgreSQL's lock


def listen(host: str, port: int) -> socket.socket:
    """A listening socket; a port that is taken ends the program with one clear line."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listening = socket.create_server((host, port), family=family, backlog=2048)
    except OSError as error:
        raise SystemExit(f"pharos: cannot listen on {host} port {port}: {os.strerror(error.errno or 0)}") from None
    listening.set_inheritable(True)
    return listening


def address(listening: socket.socket) -> str:
    """Where a listening socket is reached from this machine."""
    host, port = listening.getsockname()[:2]
    shown = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)  # noqa: S104
    return f"http://{shown}:{port}"


def prepare() -> None:
    """Bring the database up to date; does next to nothing when it is, or when a newer release has done more already.

    Of several who begin at once, one does it; those that run meanwhile go on.
    """
    from django.core.management import call_command  # noqa: PLC0415
    from django.db import connection, connections  # noqa: PLC0415
    from django.db.migrations.executor import MigrationExecutor  # noqa: PLC0415

    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        call_command("migrate", verbosity=0, interactive=False)
    connections.close_all()


@contextmanager
def alone(connection: "BaseDatabaseWrapper") -> Iterator[None]:
    """Others who would change the schema wait here until we are through. SQLite locks each step, not all of them."""
    from django.conf import settings  # noqa: PLC0415
    from django.db import Error  # noqa: PLC0415

    if connection.vendor != "postgresql":
        with (settings.DATA_DIR / "migrating").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield
        return
    with connection.cursor() as sql:
        while not _is_locked(sql):  # whoever waits inside PostgreSQL is waited for by an index that is built online
            time.sleep(PAUSE_S)
        try:
            yield
        finally:
            with suppress(Error):  # what failed is told; the end of the connection lets go as well
                sql.execute("SELECT pg_advisory_unlock(%s)", [MIGRATING])


def _is_locked(sql: "CursorWrapper") -> bool:
    sql.execute("SELECT pg_try_advisory_lock(%s)", [MIGRATING])
    return bool(sql.fetchone()[0])


def web(listening: socket.socket) -> None:
    """Serve until told to stop."""
    import uvicorn  # noqa: PLC0415
    from django.conf import settings  # noqa: PLC0415

    from pharos import cores  # noqa: PLC0415
    from pharos.live import hub  # noqa: PLC0415

    class Server(uvicorn.Server):
        async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
            """End the live streams first: they would never end by themselves."""
            await hub.stop()
            await super().shutdown(sockets)

    _as_many_files_as_allowed()
    cores.stay()
    config = uvicorn.Config(
        "pharos.asgi:application",
        log_config=None,
        access_log=False,
        proxy_headers=bool(settings.ENVIRONMENT.trusted_proxies),
        forwarded_allow_ips=settings.ENVIRONMENT.trusted_proxies or None,
        timeout_graceful_shutdown=10,
        server_header=False,
        lifespan="on",
        ws="none",
    )
    Server(config).run(sockets=[listening])


def count_together() -> None:
    """Before anything is counted: let several web processes count into one folder, so that any of them tells all."""
    folder = Path(tempfile.mkdtemp(prefix="pharos-metrics-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(folder)


def _as_many_files_as_allowed() -> None:
    """Every open page is a file: the usual limit of 1,024 is for other programs."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != hard:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def work(names: Sequence[str]) -> None:
    """Run loops until told to stop."""
    from pharos.jobs import worker  # noqa: PLC0415

    worker.run(names)


def supervise(parts: Mapping[str, Callable[[], None]], *, listening: socket.socket | None = None) -> None:
    """Run each part in a process of its own until this one is told to stop."""
    from django.db import connections  # noqa: PLC0415

    connections.close_all()  # several processes on one connection would speak into each other's transactions
    stopping: list[int] = []
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda received, _frame: stopping.append(received))
    life = os.pipe()  # its end is the end of this process, however that came
    started = {_fork(part, life): (name, time.monotonic()) for name, part in parts.items()}
    short_lives = 0
    while not stopping:
        ended, _status = _ended()
        if not ended:
            time.sleep(0.1)
            continue
        name, since = started.pop(ended)
        short_lives = short_lives + 1 if time.monotonic() - since < SHORT_LIFE_S else 0
        if short_lives >= SHORT_LIVES:
            log.error("%s does not stay up; see the lines above", name)
            break
        log.warning("%s ended and is started again", name)
        time.sleep(PAUSE_S)
        started[_fork(parts[name], life)] = name, time.monotonic()
    if listening is not None:
        listening.close()
    _end(list(started))
    if not stopping:
        sys.exit(1)


def _fork(part: Callable[[], None], life: tuple[int, int]) -> int:
    child = os.fork()
    if child:
        return child
    code = 1
    try:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, signal.SIG_DFL)
        os.close(life[1])
        threading.Thread(target=_end_with_parent, args=(life[0],), name="parent", daemon=True).start()
        part()
        code = 0
    except BaseException:
        log.exception("ended by an error")
    finally:
        logging.shutdown()
        os._exit(code)


def _end_with_parent(life: int) -> None:
    """A parent that is killed must not leave children that hold its port."""
    os.read(life, 1)
    os.kill(os.getpid(), signal.SIGTERM)


def _ended() -> tuple[int, int]:
    try:
        return os.waitpid(-1, os.WNOHANG)
    except ChildProcessError:
        return 0, 0


def _end(children: list[int]) -> None:
    """Ask all to stop, wait, and end those that do not."""
    for child in children:
        _signal(child, signal.SIGTERM)
    until = time.monotonic() + STOP_S
    while children and time.monotonic() < until:
        ended, _status = _ended()
        if ended in children:
            children.remove(ended)
        else:
            time.sleep(0.05)
    for child in children:
        _signal(child, signal.SIGKILL)


def _signal(child: int, number: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(child, number)
