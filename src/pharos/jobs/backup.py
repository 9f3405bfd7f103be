"""A backup while everything runs: one moment of the database, and every file that this moment speaks of."""

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager, suppress
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import Final, NamedTuple

from django.conf import settings
from django.db import connection, transaction

from pharos.environment import NEEDS_KEYS_FILE
from pharos.jobs import postgresql
from pharos.jobs.archive import FORMAT, Manifest, Writer, written

DATABASE: Final = {"sqlite": "database.sqlite3", "postgresql": "database.dump"}
KEY: Final = "secret.key"
NEEDS_KEYS: Final = NEEDS_KEYS_FILE
UPLOADS: Final = "uploads"
OUTBOX: Final = "outbox"
MIGRATIONS_TABLE: Final = "django_migrations"
FILES = "SELECT path, message_id IS NOT NULL FROM pharos_attachment ORDER BY id"
MIGRATIONS = "SELECT app || '.' || name FROM django_migrations ORDER BY id"


class Upload(NamedTuple):
    """A file of the snapshot; one that no message holds may be dropped at any time."""

    path: str
    is_held: bool


class Snapshot(NamedTuple):
    """One moment of the database: its copy on disk and what it says of itself."""

    file: Path
    migrations: list[str]
    rows: dict[str, int]
    uploads: list[Upload]


class NotMade(Exception):
    """There is nothing to back up, or a message's file is lost already; the text is one line that says so."""


def backup(target: Path, *, now: datetime) -> Manifest:
    """Write the archive; raises `NotMade`, `postgresql.ProgramFailed` or `OSError`, and leaves nothing then."""
    if MIGRATIONS_TABLE not in connection.introspection.table_names():
        raise NotMade("the database is empty")
    with written(target) as (writer, folder):
        snapshot = _sqlite(folder) if settings.SQLITE else _postgresql(folder)
        writer.add(DATABASE[connection.vendor], snapshot.file)
        snapshot.file.unlink()
        left_out = _uploads(writer, snapshot.uploads)
        _outbox(writer)
        if not settings.ENVIRONMENT.secret_key:
            writer.add(KEY, settings.DATA_DIR / KEY)
        if not settings.ENVIRONMENT.needs_keys:
            writer.add(NEEDS_KEYS, settings.DATA_DIR / NEEDS_KEYS)
        manifest = Manifest(
            format=FORMAT,
            version=version("pharos"),
            made_at=now.isoformat(),
            database=connection.vendor,
            migrations=snapshot.migrations,
            rows=snapshot.rows,
            files=writer.files,
            left_out=left_out,
        )
        writer.finish(manifest)
    return manifest


def _uploads(writer: Writer, uploads: Iterable[Upload]) -> list[str]:
    """Copy after the snapshot: a file is on disk before its row, so all that the snapshot speaks of are there."""
    left_out = []
    for upload in uploads:
        try:
            writer.add(f"{UPLOADS}/{upload.path}", settings.UPLOADS_DIR / upload.path)
        except FileNotFoundError:
            if upload.is_held:
                raise NotMade(f"{upload.path} is missing in {settings.UPLOADS_DIR}") from None
            left_out.append(upload.path)
    return left_out


def _outbox(writer: Writer) -> None:
    for path in sorted(settings.OUTBOX_DIR.rglob("*.eml")):
        with suppress(FileNotFoundError):
            writer.add(f"{OUTBOX}/{path.relative_to(settings.OUTBOX_DIR).as_posix()}", path)


def _sqlite(folder: Path) -> Snapshot:
    """The online backup copies one moment in a single step; in WAL mode nobody waits for it."""
    file = folder / "database"
    connection.ensure_connection()
    with closing(sqlite3.connect(file)) as copy:
        connection.connection.backup(copy, pages=-1)
        copy.execute("PRAGMA journal_mode=DELETE")  # one file, without companions
        names = [row[0] for row in copy.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")]
        return Snapshot(
            file,
            [row[0] for row in copy.execute(MIGRATIONS)],
            {name: copy.execute(_count(name)).fetchone()[0] for name in names if not name.startswith("sqlite_")},
            [Upload(path, bool(is_held)) for path, is_held in copy.execute(FILES)],
        )


def _postgresql(folder: Path) -> Snapshot:
    """`pg_dump` reads the very moment in which we count and list."""
    program = postgresql.program("pg_dump", least=postgresql.server_version())
    file = folder / "database"
    with _one_moment() as moment, connection.cursor() as sql:
        names = sorted(connection.introspection.table_names(sql))
        arguments = ["--format=custom", "--no-owner", "--no-privileges", f"--snapshot={moment}", f"--file={file}"]
        postgresql.run(program, arguments)
        sql.execute(MIGRATIONS)
        migrations = [row[0] for row in sql.fetchall()]
        sql.execute(FILES)
        uploads = [Upload(path, is_held) for path, is_held in sql.fetchall()]
        return Snapshot(file, migrations, dict(_counts(names)), uploads)


@contextmanager
def _one_moment() -> Iterator[str]:
    with transaction.atomic(), connection.cursor() as sql:
        sql.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        sql.execute("SELECT pg_export_snapshot()")
        yield sql.fetchone()[0]


def _counts(names: Iterable[str]) -> Iterator[tuple[str, int]]:
    with connection.cursor() as sql:
        for name in names:
            sql.execute(_count(name))
            yield name, sql.fetchone()[0]


def _count(table: str) -> str:
    return f'SELECT COUNT(*) FROM "{table}"'  # noqa: S608 - the database's own name of a table
