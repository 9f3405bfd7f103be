import ast
import re
import sys
import tomllib
from importlib.metadata import packages_distributions, requires

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.architecture import source

FILES = ("requirements.txt", "requirements-training.txt", "requirements-dev.txt")
# Only what makes the model of signals may import what the extra brings.
TRAINING = ("src/pharos/engine/text/training.py", "src/pharos/jobs/signal_data.py")
PIN = re.compile(r"[A-Za-z0-9._-]+==[A-Za-z0-9.]+")


def lines(name: str) -> list[str]:
    text = (source.ROOT / name).read_text()
    return [line for line in text.splitlines() if line and not line.startswith(("#", "-r "))]


def pinned(name: str) -> set[str]:
    return {canonicalize_name(line.split("==")[0]) for line in lines(name)}


def declared(extra: str = "") -> list[Requirement]:
    project = tomllib.loads((source.ROOT / "pyproject.toml").read_text())["project"]
    lines = project["optional-dependencies"][extra] if extra else project["dependencies"]
    return [Requirement(line) for line in lines]


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
    for name in FILES:
        assert [line for line in lines(name) if not PIN.fullmatch(line)] == []


def test_requirements_name_nothing_twice():
    every = [canonicalize_name(line.split("==")[0]) for name in FILES for line in lines(name)]
    assert len(every) == len(set(every))


def test_every_import_of_the_product_is_declared_and_pinned():
    distributions = packages_distributions()
    names = {canonicalize_name(requirement.name) for requirement in declared()} | {"pydantic-core"}
    known = names & pinned("requirements.txt")
    training = {canonicalize_name(requirement.name) for requirement in declared("training")}
    for package, place in imported().items():
        providers = {canonicalize_name(name) for name in distributions.get(package, [])}
        allowed = known | (training & pinned("requirements-training.txt") if place.startswith(TRAINING) else set())
        assert providers & allowed, f"{place}: {package} is not in pyproject.toml and its requirements"


@pytest.mark.parametrize("extra", ["", "training"])
def test_everything_the_dependencies_need_is_pinned(extra):
    known = pinned("requirements.txt") | (pinned("requirements-training.txt") if extra else set())
    todo, seen = [*declared(extra), Requirement("setuptools")], set()
    while todo:
        requirement = todo.pop()
        name = canonicalize_name(requirement.name)
        assert name in known, f"{requirement} is not pinned"
        extras = requirement.extras or {""}
        if (name, *sorted(extras)) in seen:
            continue
        seen.add((name, *sorted(extras)))
        for line in requires(name) or []:
            needed = Requirement(line)
            if needed.marker is None or any(needed.marker.evaluate({"extra": extra}) for extra in extras):
                todo.append(needed)
