"""Putting a backup back: looked through first, then all of it or nothing of it."""

import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db import connection, connections
from django.db.migrations.loader import MigrationLoader

from pharos.actions import loops
from pharos.jobs import postgresql
from pharos.jobs.archive import Manifest, unpack, verified
from pharos.jobs.backup import DATABASE, KEY, NEEDS_KEYS, OUTBOX, UPLOADS
from pharos.models import Loop

COMPANIONS = ("", "-wal", "-shm", "-journal")


class HalfRestored(Exception):
    """The database is back and the disk took not all files; the text is one line that says what to do."""


class NotRestored(Exception):
    """Nothing was changed; the text is one line that says why."""


def restore(source: Path, *, now: datetime, force: bool = False) -> Manifest:
    """Put everything back as it was. What is here already is replaced with `force` only.

    Raises `BadArchive`, `NotRestored` or `postgresql.ProgramFailed`; the data are then as they were before. The one
    exception is `HalfRestored`.
    """
    manifest = verified(source)
    _refuse_unfit(manifest)
    _refuse_full(now=now, force=force)
    with tempfile.TemporaryDirectory(dir=settings.DATA_DIR, prefix=".restore-") as name:
        folder = Path(name)
        unpack(source, folder)
        database = folder / DATABASE[connection.vendor]
        if settings.SQLITE:
            _into_sqlite(database)
        else:
            _into_postgresql(database, folder / "database.sql")
        loops.release_all()
        try:
            _put_files(folder)
        except OSError as error:
            raise HalfRestored(f"the database is back, but not all files: {error}; run it again with --force") from None
    return manifest


def _refuse_unfit(manifest: Manifest) -> None:
    if manifest.database != connection.vendor:
        raise NotRestored(f"this backup is of {manifest.database}; PHAROS_DATABASE_URL leads to {connection.vendor}")
    known = {f"{app}.{name}" for app, name in MigrationLoader(None, ignore_no_migrations=True).disk_migrations or ()}
    unknown = [one for one in manifest.migrations if one.startswith("pharos.") and one not in known]
    if unknown:
        raise NotRestored(
            f"this backup was made by a newer Pharos ({manifest.version}): {unknown[0]} is not known here"
        )


def _refuse_full(*, now: datetime, force: bool) -> None:
    tables = connection.introspection.table_names()
    if Loop._meta.db_table in tables and Loop.objects.filter(lease_until__gt=now).exists():
        raise NotRestored("Pharos is running here; stop it first")
    if force:
        return
    if tables:
        raise NotRestored("the database is not empty; --force replaces what is there")
    full = [path for path in (settings.UPLOADS_DIR, settings.OUTBOX_DIR) if next(_files(path), None)]
    if full:
        raise NotRestored(f"{full[0]} is not empty; --force replaces what is there")


def _files(folder: Path) -> Iterator[Path]:
    return (path for path in folder.rglob("*") if path.is_file())


def _into_sqlite(file: Path) -> None:
    with closing(sqlite3.connect(file)) as database:
        found = database.execute("PRAGMA integrity_check").fetchone()[0]
    if found != "ok":
        raise NotRestored(f"the database in the backup is damaged: {found}")
    connections.close_all()
    target = Path(str(settings.DATABASES["default"]["NAME"]))
    for companion in COMPANIONS[1:]:  # they belong to the file that goes
        target.with_name(target.name + companion).unlink(missing_ok=True)
    if file.stat().st_dev == target.parent.stat().st_dev:
        file.replace(target)
    else:
        part = target.with_name(target.name + ".restore")
        shutil.copyfile(file, part)
        part.replace(target)


def _into_postgresql(dump: Path, script: Path) -> None:
    """One transaction: the old tables go and the new ones come, or nothing happens."""
    least = postgresql.server_version()
    pg_restore, psql = (postgresql.program(name, least=least) for name in ("pg_restore", "psql"))
    postgresql.run(pg_restore, ["--no-owner", "--no-privileges", f"--file={script}", dump])
    tables = connection.introspection.table_names()
    connections.close_all()
    drops = [f'--command=DROP TABLE "{name}" CASCADE' for name in tables]
    quiet = ["--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", "--single-transaction", "--output=/dev/null"]
    postgresql.run(psql, [*quiet, *drops, f"--file={script}"])


def _put_files(folder: Path) -> None:
    for name, target in ((UPLOADS, settings.UPLOADS_DIR), (OUTBOX, settings.OUTBOX_DIR)):
        target.mkdir(parents=True, exist_ok=True)  # and it stays: it may be a disk of its own
        for old in target.iterdir():
            _remove(old)
        for new in (folder / name).iterdir() if (folder / name).exists() else ():
            shutil.move(new, target)
    for name in (KEY, NEEDS_KEYS):
        if (folder / name).exists():
            (folder / name).replace(settings.DATA_DIR / name)


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink()
