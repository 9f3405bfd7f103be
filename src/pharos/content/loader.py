"""The shipped YAML, one file per kind, read when first asked for, checked, frozen and kept."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeAlias, TypeVar

import yaml

from pharos.content.text import LANGUAGES, ContentError

FOLDER = Path(__file__).parent
VERSION = 1

Tree: TypeAlias = Mapping[str, Any]
Row = TypeVar("Row")

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_LANGUAGES = frozenset(LANGUAGES)


def kinds() -> tuple[str, ...]:
    """Every kind of content that ships, by name."""
    return tuple(sorted(path.stem for path in FOLDER.glob("*.yaml")))


@cache
def load(kind: str) -> Tree:
    """One shipped file as read-only mappings and tuples; ContentError says what is wrong with it."""
    path = FOLDER / f"{kind}.yaml"
    if path.parent != FOLDER or not path.is_file():
        raise ContentError(f"there is no content of kind {kind!r}")
    return parse(kind, path.read_text(encoding="utf-8"))


def parse(kind: str, source: str) -> Tree:
    """Check one file's text: its version, its kind, and that every text is there in every language."""
    try:
        tree = yaml.load(source, Loader=_LOADER)  # noqa: S506 - a safe loader, in C where there is one
    except yaml.YAMLError as error:
        raise ContentError(f"{kind}: not readable: {error}") from error
    if not isinstance(tree, dict):
        raise ContentError(f"{kind}: a mapping is expected at the top")
    if tree.get("version") != VERSION or tree.get("kind") != kind:
        raise ContentError(f"{kind}: version {VERSION} and kind {kind} are expected at the top")
    _check_languages(tree, kind)
    frozen: Tree = _freeze(tree)
    return frozen


def _check_languages(node: object, where: str) -> None:
    if isinstance(node, list):
        for index, item in enumerate(node):
            _check_languages(item, f"{where}[{index}]")
    if not isinstance(node, dict):
        return
    if "en" in node or _LANGUAGES & node.keys():
        _check_text(node, where)
        return
    for key, item in node.items():
        _check_languages(item, f"{where}.{key}")


def _check_text(texts: Mapping[str, object], where: str) -> None:
    if texts.keys() != _LANGUAGES:
        odd = ", ".join(sorted(map(str, texts.keys() ^ _LANGUAGES)))
        raise ContentError(f"{where}: every text is written in {', '.join(LANGUAGES)}; look at {odd}")
    for language, text in texts.items():
        parts = text if isinstance(text, list) else [text]
        if not parts or not all(isinstance(part, str) and part.strip() for part in parts):
            raise ContentError(f"{where}.{language}: the text is empty or not text")


def _freeze(node: Any) -> Any:
    if isinstance(node, dict):
        return MappingProxyType({key: _freeze(item) for key, item in node.items()})
    if isinstance(node, list):
        return tuple(_freeze(item) for item in node)
    return node


def entries(kind: str, section: str) -> tuple[Tree, ...]:
    """The rows of one section of a file."""
    try:
        rows: tuple[Tree, ...] = load(kind)[section]
    except KeyError as error:
        raise ContentError(f"{kind}: there is no section {section!r}") from error
    return rows


def by_code(kind: str, rows: tuple[tuple[str, Row], ...]) -> Mapping[str, Row]:
    """Rows by their code, in file order; a code used twice is an error."""
    table = dict(rows)
    if len(table) != len(rows):
        codes = [code for code, _ in rows]
        twice = sorted({code for code in codes if codes.count(code) > 1})
        raise ContentError(f"{kind}: used more than once: {', '.join(twice)}")
    return MappingProxyType(table)
