"""Mail that is kept instead of sent: one `.eml` file each, never half written."""

import heapq
import os
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path
from typing import NamedTuple

from pharos.channels import DeliveryError, Outbound

NAME = re.compile(r"(?P<at>\d{8}T\d{12})\.(?P<house>[-\w]+)\.(?P<key>[a-z]\d+)\.eml")
AT = "%Y%m%dT%H%M%S%f"


class Kept(NamedTuple):
    """One kept mail: its file's name, when it was written, and the message's key."""

    name: str
    at: datetime
    key: str


def keep(outbound: Outbound, mail: EmailMessage, *, folder: Path) -> Path:
    """Write the mail to its file; the same message again replaces it."""
    at = outbound.written_at.astimezone(UTC).strftime(AT)
    path = folder / f"{at}.{outbound.sender.house}.{outbound.key}.eml"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        half = folder / f".{path.name}.{os.getpid()}"
        with half.open("wb") as file:
            file.write(mail.as_bytes())
            file.flush()
            os.fsync(file.fileno())
        half.replace(path)
    except OSError as error:
        raise DeliveryError(f"the outbox cannot be written: {error.strerror}", permanent=False, down=True) from None
    return path


def newest(*, house: str, folder: Path, limit: int) -> list[Kept]:
    """The newest kept mail of one organisation (its slug)."""
    return heapq.nlargest(limit, _all(house, folder), key=lambda kept: kept.name)


def read(name: str, *, house: str, folder: Path) -> bytes | None:
    """One kept mail as it was written; None when this organisation has none of this name."""
    match = NAME.fullmatch(name)
    path = folder / name
    return path.read_bytes() if match and match["house"] == house and path.is_file() else None


def _all(house: str, folder: Path) -> Iterator[Kept]:
    for path in folder.glob("*.eml"):
        match = NAME.fullmatch(path.name)
        if match and match["house"] == house:
            yield Kept(path.name, datetime.strptime(match["at"], AT).replace(tzinfo=UTC), match["key"])
