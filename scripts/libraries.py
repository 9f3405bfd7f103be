"""Messages that our pages take from Django and allauth, and that these do not have in one of our languages."""

import functools
from collections.abc import Iterator
from pathlib import Path

import allauth
import django
from babel.messages.catalog import Message
from babel.messages.pofile import read_po

from scripts import extraction

PACKAGES = Path(django.__file__).parents[1], Path(allauth.__file__).parents[1]
MET_BY_PEOPLE = (
    "django/contrib/auth/password_validation.py",
    "django/core/validators.py",
    "django/forms/*.py",
    "django/utils/timesince.py",
    "allauth/account/adapter.py",
    "allauth/account/fields.py",
    "allauth/account/forms.py",
    "allauth/mfa/**/adapter.py",
    "allauth/mfa/**/forms.py",
    "allauth/templates/account/*login*.html",
    "allauth/templates/account/account_inactive.html",
    "allauth/templates/account/logout.html",
    "allauth/templates/account/password*.html",
    "allauth/templates/account/*reauthenticate.html",
    "allauth/templates/mfa/**/*.html",
)
CATALOGUES = ("django/conf/locale", "django/contrib/auth/locale", "allauth/locale")


def untranslated(language: str) -> Iterator[tuple[str, extraction.Found]]:
    """Yield the file and the message for each that a library leaves in English."""
    known = set(_translated(language))
    for name, found in _messages():
        if (_first(found.text), found.context) not in known:
            yield name, found


@functools.cache
def _messages() -> list[tuple[str, extraction.Found]]:
    paths = {path for folder in PACKAGES for pattern in MET_BY_PEOPLE for path in folder.glob(pattern)}
    return [(_name(path), found) for path in sorted(paths) for found in extraction.in_file(path)]


def _name(path: Path) -> str:
    return next(path.relative_to(folder).as_posix() for folder in PACKAGES if path.is_relative_to(folder))


def _translated(language: str) -> Iterator[tuple[str, str | None]]:
    paths = (folder / name / language / "LC_MESSAGES" / "django.po" for folder in set(PACKAGES) for name in CATALOGUES)
    for path in paths:
        if path.exists():
            with path.open("rb") as file:
                yield from ((_first(message.id), message.context) for message in read_po(file) if _is_done(message))


def _is_done(message: Message) -> bool:
    texts = [message.string] if isinstance(message.string, str) else list(message.string or [])
    return bool(message.id) and not message.fuzzy and bool(texts) and all(texts)


def _first(text: str | tuple[str, ...] | list[str]) -> str:
    return text if isinstance(text, str) else text[0]
