"""A backup made under load is one whole moment; put back, every row and every file is as it was."""

import io
import json
import os
import sqlite3
import stat
import tarfile
import threading
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import httpx
import psycopg
import pytest
from django.conf import settings

from pharos.jobs import postgresql
from pharos.jobs.archive import BadArchive, Entry, Manifest, unpack, verified, written
from tests.journeys.conftest import Installation, installation
from tests.soak.load import Senders

__all__ = ["installation"]
PDF = b"%PDF-1.4 a ticket " + bytes(range(128)) * 40
WHOLE = """
SELECT COUNT(*) FROM pharos_contact c
WHERE NOT EXISTS (SELECT 1 FROM pharos_submission s WHERE s.contact_id = c.id)
   OR NOT EXISTS (SELECT 1 FROM pharos_promise p WHERE p.contact_id = c.id)
   OR (SELECT COUNT(*) FROM pharos_message m WHERE m.contact_id = c.id) < 2
"""


@contextmanager
def database_of(one: Installation):
    """The database of an installation, whichever it is: a function from a question to its rows."""
    url = one.environment.get("PHAROS_DATABASE_URL")
    if url:
        with psycopg.connect(url) as server:
            yield lambda sql: server.execute(sql).fetchall()
    else:
        with closing(sqlite3.connect(Path(one.environment["PHAROS_DATA_DIR"]) / "pharos.sqlite3")) as file:
            yield lambda sql: file.execute(sql).fetchall()


def tables(ask: Any) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table."""
    if settings.SQLITE:
        names = ask("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
    else:
        names = ask("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    return {name: sorted(ask(f'SELECT * FROM "{name}"'), key=repr) for (name,) in names}


def files(one: Installation) -> dict[str, bytes]:
    data = Path(one.environment["PHAROS_DATA_DIR"])
    kept = [path for name in ("uploads", "outbox") for path in (data / name).rglob("*") if path.is_file()]
    return {str(path.relative_to(data)): path.read_bytes() for path in [*kept, data / "secret.key", data / "needs.key"]}


@pytest.fixture
def elsewhere(installation: Installation, tmp_path: Path):
    """Makes the environments of other, empty installations."""
    made: list[str] = []

    def make(name: str) -> Installation:
        other = Installation({**installation.environment, "PHAROS_DATA_DIR": str(tmp_path / name)})
        if not settings.SQLITE:
            database = f"{urlsplit(installation.environment['PHAROS_DATABASE_URL']).path[1:50]}_{name}"
            with psycopg.connect(settings.ENVIRONMENT.database_url, autocommit=True) as server:
                server.execute(f'CREATE DATABASE "{database}"')
            made.append(database)
            url = urlsplit(settings.ENVIRONMENT.database_url)._replace(path=f"/{database}")
            other.environment["PHAROS_DATABASE_URL"] = urlunsplit(url)
        return other

    yield make
    for database in made:
        with psycopg.connect(settings.ENVIRONMENT.database_url, autocommit=True) as server:
            server.execute(f'DROP DATABASE "{database}" WITH (FORCE)')


@contextmanager
def files_arriving(address: str):
    """People who send a file with their request, without a pause."""
    over = threading.Event()

    def send() -> None:
        with httpx.Client(base_url=address, timeout=60) as client:
            number = 0
            while not over.is_set():
                number += 1
                page = client.get("/en/request/")
                secret = page.text.partition('name="csrfmiddlewaretoken" value="')[2].partition('"')[0]
                typed = {"csrfmiddlewaretoken": secret, "text": f"My ticket {number}", "nonce": f"file-{number}"}
                sent = {"files": ("ticket.pdf", PDF + str(number).encode(), "application/pdf")}
                assert client.post("/en/request/", data=typed, files=sent).status_code == httpx.codes.FOUND

    thread = threading.Thread(target=send)
    thread.start()
    yield
    over.set()
    thread.join(60)


def test_backup_under_load_is_one_moment_and_comes_back_to_the_last_byte(
    installation: Installation, elsewhere, tmp_path: Path
) -> None:
    made = installation.demo()
    address = installation.start()
    early, late = tmp_path / "early.tar", tmp_path / "late.tar"
    with Senders(address, made["api_token"], count=2) as senders, files_arriving(address):
        senders.until(kept=10)
        known = dict(senders.kept)
        done = installation.pharos("backup", str(early))
        assert done.returncode == 0, done.stderr
        senders.until(kept=5)
    assert senders.wrong == []
    assert stat.S_IMODE(early.stat().st_mode) == 0o600

    one = elsewhere("one")
    done = one.pharos("restore", str(early))
    assert done.returncode == 0, done.stderr
    manifest = verified(early)
    with database_of(one) as ask:
        assert {name: len(rows) for name, rows in tables(ask).items()} == manifest.rows
        assert ask(WHOLE) == [(0,)]
        assert ask("SELECT count(*) FROM pharos_loop WHERE lease_until IS NOT NULL") == [(0,)]
        references = {reference for (reference,) in ask("SELECT reference FROM pharos_contact")}
        assert set(known.values()) <= references
        attached = ask("SELECT path, size FROM pharos_attachment")
    uploads = Path(one.environment["PHAROS_DATA_DIR"]) / "uploads"
    assert attached
    assert {path: (uploads / path).stat().st_size for path, _size in attached} == dict(attached)

    refused = installation.pharos("restore", str(early), "--force")
    assert refused.returncode == 1
    assert "stop it first" in refused.stderr
    installation.stop()
    done = installation.pharos("backup", str(late))
    assert done.returncode == 0, done.stderr
    refused = one.pharos("restore", str(late))
    assert refused.returncode == 1
    assert "--force" in refused.stderr
    assert one.pharos("restore", str(late), "--force").returncode == 0
    with database_of(installation) as before, database_of(one) as after:
        assert tables(after) == tables(before)
    assert files(one) == files(installation)


def test_backup_of_nothing_is_refused_in_one_line(installation: Installation, tmp_path: Path) -> None:
    refused = installation.pharos("backup", str(tmp_path / "kept.tar"))
    assert (refused.returncode, refused.stderr) == (1, "Error: no backup was made: the database is empty\n")
    assert not (tmp_path / "kept.tar").exists()


def manifest(**fields: Any) -> Manifest:
    return Manifest(
        **{
            "format": 1,
            "version": "0",
            "made_at": "",
            "database": "sqlite",
            "migrations": ["pharos.0001_first"],
            "rows": {},
            **fields,
        }
    )


def write(target: Path, **contents: bytes) -> Path:
    source = target.with_suffix(".source")
    with written(target) as (writer, _folder):
        for name, content in contents.items():
            source.write_bytes(content)
            writer.add(name, source)
        writer.finish(manifest())
    return target


def test_archive_comes_back_as_it_was_written(tmp_path: Path) -> None:
    path = write(tmp_path / "kept.tar", one=b"1" * 3_000_000, two=b"")
    assert verified(path).files["two"] == Entry(0, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
    unpack(path, tmp_path / "out")
    assert (tmp_path / "out/one").read_bytes() == b"1" * 3_000_000
    assert stat.S_IMODE((tmp_path / "out/one").stat().st_mode) == 0o600


def test_archive_that_could_not_be_finished_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError), written(tmp_path / "kept.tar") as (writer, _folder):
        writer.add("one", tmp_path / "nowhere")
    assert list(tmp_path.iterdir()) == []


def test_one_changed_byte_is_found(tmp_path: Path) -> None:
    path = write(tmp_path / "kept.tar", one=b"words of a person")
    path.write_bytes(path.read_bytes().replace(b"words", b"Words"))
    with pytest.raises(BadArchive, match="one is not as it was written"):
        verified(path)


@pytest.mark.parametrize("share", [0.2, 0.6, 0.8])
def test_archive_that_was_cut_off_is_found(tmp_path: Path, share: float) -> None:
    path = write(tmp_path / "kept.tar", one=os.urandom(50_000))
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * share)])
    with pytest.raises(BadArchive):
        verified(path)


def odd(path: Path, member: tarfile.TarInfo, content: bytes = b"") -> Path:
    with tarfile.open(path, "w") as tar:
        member.size = len(content)
        tar.addfile(member, io.BytesIO(content))
    return path


@pytest.mark.parametrize("name", ["../outside", "/etc/outside", "uploads/../../outside"])
def test_file_that_would_lie_outside_is_refused(tmp_path: Path, name: str) -> None:
    path = odd(tmp_path / "kept.tar", tarfile.TarInfo(name))
    for use in (verified, lambda one: unpack(one, tmp_path / "out")):
        with pytest.raises(BadArchive, match="no place"):
            use(path)


def test_link_is_refused(tmp_path: Path) -> None:
    link = tarfile.TarInfo("uploads/link")
    link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
    with pytest.raises(BadArchive, match="no place"):
        verified(odd(tmp_path / "kept.tar", link))


@pytest.mark.parametrize("content", [b"{}", b"no json", json.dumps({"format": 2}).encode()])
def test_manifest_of_another_kind_is_refused(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(BadArchive):
        verified(odd(tmp_path / "kept.tar", tarfile.TarInfo("manifest.json"), content))


def test_what_is_no_archive_is_refused(tmp_path: Path) -> None:
    (tmp_path / "kept.tar").write_text("words")
    for name in ("kept.tar", "nowhere.tar"):
        with pytest.raises(BadArchive):
            verified(tmp_path / name)


def test_missing_program_is_said_with_the_package_to_install(monkeypatch, tmp_path: Path) -> None:
    monkeypatch.setattr(postgresql, "HOMES", tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(postgresql.ProgramFailed, match="install postgresql-client-15"):
        postgresql.program("pg_dump", least=15)


def test_program_that_is_too_old_is_said(monkeypatch, tmp_path: Path) -> None:
    folder = tmp_path / "9/bin"
    folder.mkdir(parents=True)
    (folder / "pg_dump").write_text("#!/bin/sh\necho 'pg_dump (PostgreSQL) 9.6.1'\n")
    (folder / "pg_dump").chmod(0o755)
    monkeypatch.setattr(postgresql, "HOMES", tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(postgresql.ProgramFailed, match="the newest here is 9"):
        postgresql.program("pg_dump", least=15)
