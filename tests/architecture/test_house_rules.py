import ast
from pathlib import Path

import pytest

from tests.architecture import source

BELOW_THE_CLOCK = ("content", "engine", "models", "queries", "actions")
CLOCK = {
    "date.today",
    "datetime.now",
    "datetime.today",
    "datetime.utcnow",
    "time.monotonic",
    "time.time",
    "timezone.now",
}
CLOCK_WITHOUT_ARGUMENTS = {"timezone.localdate", "timezone.localtime"}
SURFACES = ("frontdoor", "desktop", "supervisor", "workforce", "quality", "api")
READERS_ONLY = (*SURFACES, "jobs", "channels", "http", "queries", "engine")
WRITES = {"bulk_create", "bulk_update", "create", "delete", "get_or_create", "save", "update", "update_or_create"}


def ids(path: object) -> str:
    return str(path.relative_to(source.PACKAGE)) if isinstance(path, Path) else str(path)


def reads_clock(call: ast.Call) -> bool:
    name = ".".join(ast.unparse(call.func).split(".")[-2:])
    return name in CLOCK or (name in CLOCK_WITHOUT_ARGUMENTS and not call.args)


@pytest.mark.parametrize("path", source.modules(*BELOW_THE_CLOCK), ids=ids)
def test_clock_is_read_only_by_surfaces_and_loops(path):
    assert [source.place(path, call.lineno) for call in source.calls(path) if reads_clock(call)] == []


def is_write(call: ast.Call) -> bool:
    """A write of the database: through a manager or a query set, or of a row itself."""
    if not isinstance(call.func, ast.Attribute) or call.func.attr.removeprefix("a") not in WRITES:
        return False
    owner = ast.unparse(call.func.value)
    return ".objects" in owner or ".filter(" in owner or call.func.attr in {"save", "asave"}


@pytest.mark.parametrize("path", source.modules(*READERS_ONLY), ids=ids)
def test_rows_are_written_only_in_actions(path):
    written = [
        f"{source.place(path, call.lineno)} {ast.unparse(call.func)[:60]}"
        for call in source.calls(path)
        if is_write(call)
    ]
    assert written == []


@pytest.mark.parametrize("path", source.modules("actions", "queries"), ids=ids)
def test_now_is_always_named(path):
    by_place = [
        source.place(path, node.lineno)
        for node in ast.walk(source.tree(path))
        if isinstance(node, ast.FunctionDef)
        and not node.name.startswith("_")
        and any(argument.arg == "now" for argument in node.args.args)
    ]
    assert by_place == []


@pytest.mark.parametrize("path", source.modules(), ids=ids)
def test_no_signals(path):
    imported = {node.module for node in ast.walk(source.tree(path)) if isinstance(node, ast.ImportFrom)}
    assert not imported & {"django.db.models.signals", "django.dispatch", "django.core.signals"}


@pytest.mark.parametrize("path", source.modules("models"), ids=ids)
def test_models_do_not_override_save(path):
    overridden = [
        source.place(path, node.lineno)
        for node in ast.walk(source.tree(path))
        if isinstance(node, ast.FunctionDef) and node.name in {"save", "delete", "clean"}
    ]
    assert overridden == []


def locks_keys(call: ast.Call) -> bool:
    """Whether it also keeps out whoever writes a row that refers to this one: a way to wait for each other for ever."""
    named = {keyword.arg for keyword in call.keywords}
    return isinstance(call.func, ast.Attribute) and call.func.attr == "select_for_update" and "no_key" not in named


@pytest.mark.parametrize("path", source.modules("actions", "queries", "jobs"), ids=ids)
def test_locks_leave_keys_alone(path):
    assert [source.place(path, call.lineno) for call in source.calls(path) if locks_keys(call)] == []
