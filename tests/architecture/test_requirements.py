import ast
import re
import sys
import tomllib
from importlib.metadata import packages_distributions, requires

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.architecture import source

PIN = re.compile(r"[A-Za-z0-9._-]+==[A-Za-z0-9.]+")


def lines(name: str) -> list[str]:
    text = (source.ROOT / name).read_text()
    return [line for line in text.splitlines() if line and not line.startswith(("#", "-r "))]


def pinned(name: str) -> set[str]:
    return {canonicalize_name(line.split("==")[0]) for line in lines(name)}


def declared() -> list[Requirement]:
    project = tomllib.loads((source.ROOT / "pyproject.toml").read_text())["project"]
    return [Requirement(line) for line in project["dependencies"]]


def imported() -> dict[str, str]:
    """Top-level packages that the product imports, each with one place."""
    found: dict[str, str] = {}
    for path in source.modules():
        for node in ast.walk(source.tree(path)):
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                names = [node.module]
            else:
                continue
            for name in names:
                found.setdefault(name.split(".")[0], source.place(path, node.lineno))
    ours = {"pharos", *sys.stdlib_module_names}
    return {name: place for name, place in found.items() if name not in ours}


def test_requirements_are_exact_pins():
    for name in ("requirements.txt", "requirements-dev.txt"):
        assert [line for line in lines(name) if not PIN.fullmatch(line)] == []


def test_requirements_name_nothing_twice():
    every = [
        canonicalize_name(line.split("==")[0])
        for name in ("requirements.txt", "requirements-dev.txt")
        for line in lines(name)
    ]
    assert len(every) == len(set(every))


def test_every_import_of_the_product_is_declared_and_pinned():
    distributions = packages_distributions()
    names = {canonicalize_name(requirement.name) for requirement in declared()} | {"pydantic-core"}
    for package, place in imported().items():
        providers = {canonicalize_name(name) for name in distributions.get(package, [])}
        assert providers & names & pinned("requirements.txt"), (
            f"{place}: {package} is not in pyproject.toml and requirements.txt"
        )


def test_everything_the_dependencies_need_is_pinned():
    todo, seen = [*declared(), Requirement("setuptools")], set()
    while todo:
        requirement = todo.pop()
        name = canonicalize_name(requirement.name)
        assert name in pinned("requirements.txt"), f"{requirement} is not pinned"
        extras = requirement.extras or {""}
        if (name, *sorted(extras)) in seen:
            continue
        seen.add((name, *sorted(extras)))
        for line in requires(name) or []:
            needed = Requirement(line)
            if needed.marker is None or any(needed.marker.evaluate({"extra": extra}) for extra in extras):
                todo.append(needed)
