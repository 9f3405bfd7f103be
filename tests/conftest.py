"""What every test may ask for. Runs are sealed off: own data folder, and no setting of the machine but the database."""

import atexit
import contextlib
import os
import shutil
import socket
import tempfile
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import django
import hypothesis
import pytest
import uvicorn
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created

FROM_OUTSIDE = {"PHAROS_DATABASE_URL", "PHAROS_CHROMIUM"}


def _seal() -> None:
    if "PYTEST_XDIST_WORKER" in os.environ:  # the run that started this process has done it
        return
    for name in [name for name in os.environ if name.startswith("PHAROS_") and name not in FROM_OUTSIDE]:
        del os.environ[name]
    folder = tempfile.mkdtemp(prefix="pharos-tests-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    os.environ["PHAROS_DATA_DIR"] = folder
    os.environ["DJANGO_SETTINGS_MODULE"] = "pharos.settings"


_seal()
django.setup()

hypothesis.settings.register_profile("desk", deadline=None)
hypothesis.settings.register_profile("ci", deadline=None, derandomize=True, database=None)
hypothesis.settings.load_profile("ci" if os.environ.get("CI") else "desk")


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--no-skips`: a skipped test fails the run."""
    parser.addoption("--no-skips", action="store_true", help="a skipped test fails the run")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out the tests that mean nothing on the database in use."""
    from django.conf import settings

    other = "postgresql" if settings.SQLITE else "sqlite"
    left_out = [item for item in items if item.get_closest_marker(other)]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if not item.get_closest_marker(other)]


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """With `--no-skips`, fail when a test was skipped."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if exitstatus == 0 and reporter and session.config.getoption("--no-skips") and reporter.stats.get("skipped"):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.fixture
def now() -> datetime:
    """A fixed moment: a Tuesday noon in UTC, so that no zone of the four languages is on another weekday's midnight."""
    return datetime(2026, 3, 10, 12, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _doors_that_look_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """What doors keep for a second is another test's by then; who wants it kept begins with nothing."""
    from pharos.frontdoor import pages
    from pharos.queries import doors

    monkeypatch.setattr(doors, "FRESH", timedelta(0))
    for recent in (doors._doors, doors._places, doors._organisations, doors._incidents, doors._tokens, pages._drawn):
        recent._kept.clear()


class LiveSite:
    """The whole application behind a real socket, on the test database; may be killed and started at its address."""

    def __init__(self) -> None:
        self.port = 0
        self._start()

    @property
    def address(self) -> str:
        """`http://127.0.0.1:port`."""
        return f"http://127.0.0.1:{self.port}"

    def _start(self) -> None:
        from pharos.asgi import application

        listening = socket.create_server(("127.0.0.1", self.port))
        self.port = listening.getsockname()[1]
        config = uvicorn.Config(application, log_config=None, access_log=False, timeout_graceful_shutdown=2)
        self.server = uvicorn.Server(config)
        self.thread = threading.Thread(
            target=self.server.run, kwargs={"sockets": [listening]}, name="live-site", daemon=True
        )
        self.thread.start()
        started = time.monotonic()
        while not self.server.started:
            if not self.thread.is_alive() or time.monotonic() - started > 30:
                pytest.fail("the application did not start")
            time.sleep(0.01)

    def kill(self) -> None:
        """End at once: whoever is connected is cut off."""
        self.server.force_exit = True
        self.stop()

    def start_again(self) -> None:
        """At the same address, knowing nothing but what was written down."""
        self._start()

    def stop(self) -> None:
        """End as an administrator does."""
        self.server.should_exit = True
        self.thread.join(20)
        assert not self.thread.is_alive(), "the application did not stop"


@pytest.fixture
def site_server(transactional_db: None) -> Iterator[LiveSite]:
    """The application, for tests that end it meanwhile."""
    with _closing_connections_of_threads():
        server = LiveSite()
        yield server
        server.stop()


@pytest.fixture
def live_site(site_server: LiveSite) -> str:
    """The address of the whole application behind a real socket: `http://127.0.0.1:port`."""
    return site_server.address


@contextlib.contextmanager
def _closing_connections_of_threads() -> Iterator[None]:
    """Close what other threads open meanwhile: they keep it, and the test database cannot go before that."""
    opened: list[BaseDatabaseWrapper] = []

    def remember(connection: BaseDatabaseWrapper, **_: object) -> None:
        opened.append(connection)

    connection_created.connect(remember)
    try:
        yield
    finally:
        connection_created.disconnect(remember)
        for connection in opened:
            if connection is not connections[connection.alias]:
                connection.inc_thread_sharing()
                connection.close()
                connection.dec_thread_sharing()
