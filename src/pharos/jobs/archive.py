"""The file that a backup is: a tar of plain files, with a manifest of their checksums at its end."""

import hashlib
import io
import json
import os
import tarfile
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path, PurePosixPath
from typing import IO, Final, NamedTuple, cast

MANIFEST: Final = "manifest.json"
FORMAT: Final = 1
PRIVATE: Final = 0o600
CHUNK: Final = 1 << 20


class BadArchive(Exception):
    """This file is no backup of ours, or is damaged; the text is one line for the administrator."""


class Entry(NamedTuple):
    """One file of the archive."""

    size: int
    sha256: str


@dataclass(frozen=True, kw_only=True)
class Manifest:
    """What an archive holds. `rows` counts each table's; `left_out`: files that were gone before they were copied."""

    format: int
    version: str
    made_at: str
    database: str
    migrations: list[str]
    rows: dict[str, int]
    files: dict[str, Entry] = field(default_factory=dict)
    left_out: list[str] = field(default_factory=list)


class Writer:
    """An archive while it is written. Nobody else may read it, and it gets its name only when it is whole."""

    def __init__(self, tar: tarfile.TarFile) -> None:
        self._tar = tar
        self.files: dict[str, Entry] = {}

    def add(self, name: str, path: Path) -> None:
        """Take a file in. `FileNotFoundError` when it is not there; nothing is written then."""
        with path.open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            reader = _Reader(file, size)
            self._tar.addfile(_info(name, size), cast("IO[bytes]", reader))
            self.files[name] = Entry(size, reader.digest.hexdigest())

    def finish(self, manifest: Manifest) -> None:
        """Write the manifest, the last of all files."""
        said = asdict(manifest) | {"files": {name: entry._asdict() for name, entry in self.files.items()}}
        text = json.dumps(said, ensure_ascii=False, indent=1, sort_keys=True).encode()
        self._tar.addfile(_info(MANIFEST, len(text)), io.BytesIO(text))


class _Reader:
    """Reads exactly so many bytes, and sums them up on the way."""

    def __init__(self, file: IO[bytes], size: int) -> None:
        self._file = file
        self._left = size
        self.digest = hashlib.sha256()

    def read(self, size: int) -> bytes:
        data = self._file.read(min(size, self._left))
        self._left -= len(data)
        self.digest.update(data)
        return data


def _info(name: str, size: int) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.size, info.mode = size, PRIVATE
    return info


@contextmanager
def written(target: Path) -> Iterator[tuple[Writer, Path]]:
    """A writer, and a private folder beside the target for what must lie on disk first."""
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=f".{target.name}-") as name:
        part = Path(name) / "archive"
        with open(part, "xb", opener=_private) as file:
            with tarfile.open(fileobj=file, mode="w", format=tarfile.PAX_FORMAT) as tar:
                yield Writer(tar), Path(name)
            file.flush()
            os.fsync(file.fileno())
        part.replace(target)
    _sync(target.parent)


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, PRIVATE)


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def verified(path: Path) -> Manifest:
    """The manifest of an archive all of whose files are as they were written; `BadArchive` says what is not."""
    found: dict[str, Entry] = {}
    manifest = None
    try:
        with tarfile.open(path, mode="r:") as tar:
            for member in tar:
                _refuse_odd(member)
                if member.name == MANIFEST:
                    manifest = _manifest(_read(tar, member))
                else:
                    found[member.name] = Entry(member.size, _sum(_read(tar, member)))
    except FileNotFoundError:
        raise BadArchive(f"{path} is not there") from None
    except (tarfile.TarError, EOFError, OSError) as error:
        raise BadArchive(f"{path} cannot be read: {error}") from None
    if manifest is None:
        raise BadArchive(f"{path} is no backup, or was cut off: it has no manifest")
    wrong = sorted(name for name in {*found, *manifest.files} if found.get(name) != manifest.files.get(name))
    if wrong:
        raise BadArchive(f"{path} is damaged: {wrong[0]} is not as it was written")
    return manifest


def unpack(path: Path, folder: Path) -> None:
    """Put the files of a verified archive into a folder, readable by their owner only."""
    with tarfile.open(path, mode="r:") as tar:
        for member in tar:
            _refuse_odd(member)
            target = folder / member.name
            target.parent.mkdir(parents=True, exist_ok=True)
            source = _read(tar, member)
            with open(target, "xb", opener=_private) as file:
                while chunk := source.read(CHUNK):
                    file.write(chunk)
                file.flush()
                os.fsync(file.fileno())


def _refuse_odd(member: tarfile.TarInfo) -> None:
    place = PurePosixPath(member.name)
    if not member.isreg() or place.is_absolute() or ".." in place.parts:
        raise BadArchive(f"{member.name} has no place in a backup")


def _read(tar: tarfile.TarFile, member: tarfile.TarInfo) -> IO[bytes]:
    file = tar.extractfile(member)
    if file is None:
        raise BadArchive(f"{member.name} has no place in a backup")
    return file


def _sum(file: IO[bytes]) -> str:
    digest = hashlib.sha256()
    while chunk := file.read(CHUNK):
        digest.update(chunk)
    return digest.hexdigest()


def _manifest(file: IO[bytes]) -> Manifest:
    try:
        said: Mapping[str, object] = json.load(file)
        if said["format"] != FORMAT:
            raise BadArchive(f"this backup has format {said['format']}; this program reads format {FORMAT}")
        manifest = Manifest(**said)  # type: ignore[arg-type]
        return _with_entries(manifest)
    except (ValueError, TypeError, KeyError):
        raise BadArchive("the manifest cannot be read") from None


def _with_entries(manifest: Manifest) -> Manifest:
    files = cast("Mapping[str, Mapping[str, object]]", manifest.files)
    entries = {name: Entry(cast(int, one["size"]), cast(str, one["sha256"])) for name, one in files.items()}
    return Manifest(**{**vars(manifest), "files": entries})
