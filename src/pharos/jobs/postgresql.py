"""PostgreSQL's own programs for backup and restore: found, fitting, and told where the database is."""

import os
import re
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final, NamedTuple

from django.db import connection

HOMES: Final = Path("/usr/lib/postgresql")
# What libpq reads from the environment: the password must not stand in a list of processes.
VARIABLES: Final = {
    "host": "PGHOST",
    "hostaddr": "PGHOSTADDR",
    "port": "PGPORT",
    "user": "PGUSER",
    "password": "PGPASSWORD",
    "dbname": "PGDATABASE",
    "passfile": "PGPASSFILE",
    "service": "PGSERVICE",
    "sslmode": "PGSSLMODE",
    "sslrootcert": "PGSSLROOTCERT",
    "sslcert": "PGSSLCERT",
    "sslkey": "PGSSLKEY",
}


class ProgramFailed(Exception):
    """A program is missing, too old or ended badly; the text is one line for the administrator."""


class Program(NamedTuple):
    """A program of PostgreSQL's and its major version."""

    path: Path
    version: int


def program(name: str, *, least: int) -> Path:
    """The newest program of this name, not older than the server; `ProgramFailed` when there is none."""
    folders = sorted(HOMES.glob("*/bin"))
    on_path = shutil.which(name)
    paths = [folder / name for folder in folders] + ([Path(on_path)] if on_path else [])
    found = [Program(path, _version(path)) for path in paths if path.is_file()]
    fitting = [one for one in found if one.version >= least]
    if not fitting:
        older = f"; the newest here is {max(one.version for one in found)}" if found else ""
        raise ProgramFailed(f"{name} {least} or newer is needed{older}: install postgresql-client-{least}")
    return max(fitting, key=lambda one: one.version).path


def _version(path: Path) -> int:
    command: list[str | Path] = [path, "--version"]
    said = subprocess.run(command, capture_output=True, text=True, check=False).stdout  # noqa: S603 - found by us
    found = re.search(r"\)\s+(\d+)", said)
    return int(found[1]) if found else 0


def server_version() -> int:
    """The major version of the server."""
    connection.ensure_connection()
    return int(connection.pg_version) // 10000  # type: ignore[attr-defined]


def run(path: Path, arguments: Sequence[str | Path]) -> None:
    """Run a program on our database to its end; `ProgramFailed` with what it said first when it fails."""
    done = subprocess.run(  # noqa: S603 - the programs and words are ours
        [path, *arguments],
        env=_environment(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        said = done.stderr.strip().partition("\n")[0] or f"ended with {done.returncode}"
        raise ProgramFailed(f"{path.name}: {said}")


def _environment() -> Mapping[str, str]:
    parameters = connection.get_connection_params()
    told = {variable: str(parameters[name]) for name, variable in VARIABLES.items() if parameters.get(name)}
    return {**os.environ, **told}
