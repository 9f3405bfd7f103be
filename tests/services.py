"""What the tests need from the machine: a Chromium, and private servers that live as long as one run."""

import contextlib
import getpass
import os
import re
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

CHROMIUM_NAMES = ("chromium", "google-chrome", "google-chrome-stable", "chromium-browser")
UNICODE = ("--encoding=UTF8", "--locale=C.UTF-8")
DOVECOT = """
base_dir = {home}/run
state_dir = {home}/run
log_path = {home}/log
protocols = imap
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
auth_failure_delay = 0 secs
default_internal_user = {user}
default_internal_group = {user}
default_login_user = {login}
mail_location = maildir:{home}/mail/%u
mailbox_idle_check_interval = 1 secs
first_valid_uid = 1
auth_mechanisms = plain
passdb {{
  driver = static
  args = password=lantern
}}
userdb {{
  driver = static
  args = uid={user} gid={user} home={home}/mail/%u
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
service anvil {{
  chroot =
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
{more}
"""


class Missing(RuntimeError):
    """A program the tests cannot do without; the text says how to get it."""


def chromium() -> str:
    """Path of the browser: `PHAROS_CHROMIUM`, else the first Chromium or Chrome found; a snap cannot be driven."""
    named = os.environ.get("PHAROS_CHROMIUM")
    if named:
        if os.access(named, os.X_OK):
            return named
        raise Missing(f"PHAROS_CHROMIUM={named} is not a program that can be started")
    for name in CHROMIUM_NAMES:
        path = shutil.which(name)
        if path and not _is_snap(Path(path)):
            return path
    downloaded = sorted((Path.home() / ".cache/ms-playwright").glob("chromium-*/chrome-linux*/chrome"))
    if downloaded:
        return str(downloaded[-1])
    raise Missing("no Chromium found; install one, or set PHAROS_CHROMIUM=/path/to/chromium")


def _is_snap(path: Path) -> bool:
    if "snap" in path.resolve().parts:
        return True
    with path.open("rb") as file:
        head = file.read(4096)
    return head.startswith(b"#!") and b"/snap/bin" in head


def postgresql_programs() -> Path:
    """Folder with `initdb` and `postgres` of the newest PostgreSQL on this machine, 15 or later."""
    folders = [path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/initdb")]
    on_path = shutil.which("initdb")
    if on_path:
        folders.append(Path(on_path).resolve().parent)
    fitting = [(version, folder) for folder in folders if (version := _version(folder)) >= 15]
    if not fitting:
        raise Missing("no PostgreSQL 15 or later found; install one (its server programs are enough, it need not run)")
    return max(fitting)[1]


def _version(folder: Path) -> int:
    said = subprocess.run([folder / "postgres", "--version"], capture_output=True, text=True, check=False).stdout
    found = re.search(r"(\d+)", said)
    return int(found[1]) if found else 0


class Server:
    """A PostgreSQL server of the tests' own, which may be stopped and started again in between.

    PostgreSQL refuses to run as root, so root runs it as `postgres`, the user that the Debian package makes.
    """

    def __init__(self, home: Path) -> None:
        self._home = home
        self._programs = postgresql_programs()
        self._user = "postgres" if os.geteuid() == 0 else None
        self._port = _free_port()
        self._process: subprocess.Popen[bytes] | None = None
        self.url = f"postgresql://pharos:pharos@127.0.0.1:{self._port}/postgres"

    def make(self) -> None:
        """Lay out the data of an empty server."""
        password = self._home / "password"
        password.write_text("pharos\n")
        if self._user:
            for path in (self._home, password):
                shutil.chown(path, self._user)
        wanted = ["-U", "pharos", "-A", "scram-sha-256", f"--pwfile={password}", *UNICODE]
        _quietly(
            [self._programs / "initdb", "-D", self._home / "data", *wanted],
            user=self._user,
            cwd=self._home,
        )

    def start(self) -> None:
        """Start it and wait until it answers."""
        options = {
            "port": self._port,
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": self._home,
            "max_connections": 200,
        }
        # A run that is killed takes its server with it.
        bound = ["setpriv", "--pdeathsig", "INT"] if shutil.which("setpriv") else []
        settings = [f"--{key}={value}" for key, value in options.items()]
        with (self._home / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [*bound, self._programs / "postgres", "-D", self._home / "data", *settings],
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
                user=self._user,
                group=self._user,
                extra_groups=[] if self._user else None,
                cwd=self._home,
                start_new_session=True,
            )
        _wait_until_ready(self._programs, self._process, self._home, self._port)

    @property
    def pid(self) -> int:
        """Its first process, above all others."""
        assert self._process is not None
        return self._process.pid

    @property
    def is_running(self) -> bool:
        """Whether it has not ended by itself."""
        return self._process is not None and self._process.poll() is None

    def stop(self) -> None:
        """Stop it: sessions are cut off at once, and everything is written."""
        if self._process is None:
            return
        self._process.send_signal(2)  # SIGINT is PostgreSQL's fast shutdown
        try:
            self._process.wait(20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None


@contextlib.contextmanager
def postgresql_server() -> Iterator[Server]:
    """A fresh PostgreSQL server on a free port of the loopback, running; it leaves nothing behind."""
    with tempfile.TemporaryDirectory(prefix="pharos-postgresql-", ignore_cleanup_errors=True) as name:
        server = Server(Path(name))
        server.make()
        try:
            server.start()
            yield server
        finally:
            server.stop()


@contextlib.contextmanager
def postgresql() -> Iterator[str]:
    """The same by its address alone."""
    with postgresql_server() as server:
        yield server.url


def dovecot_program() -> Path:
    """Path of the IMAP server."""
    found = shutil.which("dovecot", path=os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin")
    if not found or not any(Path(folder, "dovecot/imap").exists() for folder in ("/usr/lib", "/usr/libexec")):
        raise Missing("no Dovecot found; install dovecot-imapd (it need not run)")
    return Path(found)


class Dovecot:
    """An IMAP server of the tests' own, without encryption; everybody's password is `lantern`.

    Root runs it as the users that the Debian package makes; `more` is added to its configuration.
    """

    def __init__(self, home: Path, *, more: str = "") -> None:
        self.home = home
        self.host, self.port = "127.0.0.1", _free_port()
        self._program = dovecot_program()
        self._process: subprocess.Popen[bytes] | None = None
        is_root = os.geteuid() == 0
        user, login = ("dovecot", "dovenull") if is_root else (getpass.getuser(),) * 2
        for folder in ("run", "mail"):
            (home / folder).mkdir()
        config = DOVECOT.format(home=home, user=user, login=login, port=self.port, more=more)
        (home / "conf").write_text(config)
        home.chmod(0o755)
        if is_root:
            shutil.chown(home / "mail", user, user)

    def start(self) -> None:
        """Start it and wait until it greets."""
        bound = ["setpriv", "--pdeathsig", "TERM"] if shutil.which("setpriv") else []
        self._process = subprocess.Popen(
            [*bound, self._program, "-F", "-c", self.home / "conf"],
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )
        for _ in range(600):
            if self._process.poll() is not None:
                raise Missing(f"Dovecot stopped at once:\n{self._said()}")
            with (
                contextlib.suppress(OSError),
                socket.create_connection((self.host, self.port), timeout=5) as wire,
            ):
                if wire.recv(16).startswith(b"* OK"):
                    return
            time.sleep(0.05)
        raise Missing(f"Dovecot did not answer within 30 seconds:\n{self._said()}")

    def stop(self) -> None:
        """Stop it: whoever is connected is cut off."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait(20)
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, 9)  # who serves a connection outlives the first process for a moment
            self._process = None

    def _said(self) -> str:
        log = self.home / "log"
        return log.read_text() if log.exists() else ""


@contextlib.contextmanager
def dovecot(*, more: str = "") -> Iterator[Dovecot]:
    """A fresh IMAP server on a free port of the loopback, running; it leaves nothing behind."""
    with tempfile.TemporaryDirectory(prefix="pharos-dovecot-", ignore_cleanup_errors=True) as name:
        server = Dovecot(Path(name), more=more)
        try:
            server.start()
            yield server
        finally:
            server.stop()


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port: int = listening.getsockname()[1]
        return port


def _quietly(command: list[str | Path], *, user: str | None, cwd: Path) -> None:
    done = subprocess.run(
        command,
        user=user,
        group=user,
        extra_groups=[] if user else None,
        cwd=cwd,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise Missing(f"{command[0]} failed:\n{done.stdout}{done.stderr}")


def _wait_until_ready(programs: Path, server: subprocess.Popen[bytes], home: Path, port: int) -> None:
    for _ in range(600):
        if server.poll() is not None:
            raise Missing(f"PostgreSQL stopped at once:\n{(home / 'log').read_text()}")
        asked = subprocess.run([programs / "pg_isready", "-q", "-h", "127.0.0.1", "-p", str(port)], check=False)
        if asked.returncode == 0:
            return
        time.sleep(0.05)
    raise Missing(f"PostgreSQL did not answer within 30 seconds:\n{(home / 'log').read_text()}")
