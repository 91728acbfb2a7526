"""Imports only point down: the order of the wings, and no circle inside one."""

import ast
import graphlib
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "tlteach"
FILES = sorted(
    path for wing in ("tlteach", "tests") for path in (PACKAGE.parent / wing).rglob("*.py")
)
FLOORS = [
    ["base"], ["data", "measures"], ["models", "plots"], ["training"], ["experiment"], ["analysis"],
    ["atlas"], ["widgets", "lessons"], ["classroom"], ["app"],
]  # fmt: skip
FLOOR = {wing: floor for floor, wings in enumerate(FLOORS) for wing in wings}
MODULES = {
    ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts).removesuffix(".__init__"): path
    for path in PACKAGE.rglob("*.py")
}
INSIDE = [name for name in MODULES if "." in name]


def imports(name):
    """Yield the module and the name of everything of ours that a module imports, wherever."""
    for node in ast.walk(ast.parse(MODULES[name].read_text())):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "tlteach":
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                yield (inner, "") if inner in MODULES else (node.module, alias.name)


def test_every_module_lives_in_a_wing():
    assert {name.split(".")[1] for name in INSIDE} == set(FLOOR)
    assert not list(PACKAGE.glob("[!_]*.py"))


@pytest.mark.parametrize("name", INSIDE)
def test_imports_point_down(name):
    wing = name.split(".")[1]
    others = {module.split(".")[1] for module, _ in imports(name) if module != "tlteach"} - {wing}
    assert [other for other in others if FLOOR[other] >= FLOOR[wing]] == []


def test_no_circle():
    graph = {name: {module for module, _ in imports(name)} for name in INSIDE}
    graphlib.TopologicalSorter(graph).prepare()


@pytest.mark.parametrize("path", [*FILES], ids=lambda path: str(path.relative_to(PACKAGE.parent)))
def test_files_stay_short(path):
    assert len(path.read_text().splitlines()) <= 300
