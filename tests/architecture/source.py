"""The product's own files, for the rules that are about how it is written."""

import ast
import functools
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "src" / "pharos"


def modules(*layers: str) -> list[Path]:
    """Python files of the named layers, of all when none is named; migrations are history and are left out."""
    found = [path for layer in layers or ("",) for path in sorted((PACKAGE / layer).rglob("*.py"))]
    return [path for path in found if "migrations" not in path.parts]


def files(folder: str, *suffixes: str) -> list[Path]:
    """Files below a folder of the package with one of these suffixes."""
    return sorted(path for path in (PACKAGE / folder).rglob("*") if path.suffix in suffixes)


@functools.cache
def tree(path: Path) -> ast.Module:
    """The parsed module."""
    return ast.parse(path.read_text(), filename=str(path))


def calls(path: Path) -> Iterator[ast.Call]:
    """Every call in a module."""
    return (node for node in ast.walk(tree(path)) if isinstance(node, ast.Call))


def place(path: Path, line: int) -> str:
    """Where something is, as an editor understands it."""
    return f"{path.relative_to(ROOT)}:{line}"
