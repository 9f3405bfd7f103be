"""A column that only the holder of a key can read: sealed with the newest key, opened with any that we hold."""

import json
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings
from django.db import models

from pharos import environment

if TYPE_CHECKING:
    TextField: TypeAlias = models.TextField[Mapping[str, Any], dict[str, Any]]
else:
    TextField = models.TextField

STEP: Final = 256  # characters: the length of a sealed text says next to nothing about it


def keys() -> tuple[str, ...]:
    """The keys that we hold now, newest first; a file of keys that was changed is read again."""
    given = settings.ENVIRONMENT
    if given.needs_keys:
        return tuple(given.needs_keys)
    try:
        file = environment.needs_keys_file(given).stat()
    except OSError:
        return tuple(environment.needs_keys(given))
    return _keys_of_file(given.data_dir, file.st_ino, file.st_mtime_ns)


@lru_cache(maxsize=2)
def _keys_of_file(_folder: Path, _inode: int, _changed_ns: int) -> tuple[str, ...]:
    return tuple(environment.needs_keys(settings.ENVIRONMENT))


@lru_cache(maxsize=2)
def _ring(held: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(key) for key in held])


def seal(value: Mapping[str, Any]) -> str:
    """The value as a text that nobody can read without a key."""
    text = json.dumps(value, ensure_ascii=True, sort_keys=True)
    return _ring(keys()).encrypt((text + " " * (-len(text) % STEP)).encode()).decode()


def unseal(text: str) -> dict[str, Any]:
    """What was sealed; raises `cryptography.fernet.InvalidToken` without its key."""
    opened: dict[str, Any] = json.loads(_ring(keys()).decrypt(text.encode()))
    return opened


class SealedField(TextField):
    """A mapping that is kept sealed; an empty one is kept as an empty text. It cannot be searched."""

    def from_db_value(self, value: str | None, *_: object) -> dict[str, Any]:
        """Open it."""
        return unseal(value) if value else {}

    def get_prep_value(self, value: Any) -> str:
        """Seal it."""
        return seal(value) if value else ""

    def to_python(self, value: Any) -> Any:
        """A mapping is one already."""
        return value
