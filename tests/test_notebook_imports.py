"""Notebooks use public names only: what a learner reads is what she can rely on."""

import ast
import importlib
import inspect
from pathlib import Path

import pytest

import tlteach as tlt
from tests.test_imports import BY_NAME

SOURCES = sorted((Path(__file__).parents[1] / "notebooks" / "src").glob("*.py"))


def public(place):
    """Return the public names of the package, of a wing, or of a module that a wing hands on."""
    if place == "tlteach":
        return {*tlt.__all__, *BY_NAME, "__version__"}
    package, wing, *room = place.split(".")
    face = importlib.import_module(f"{package}.{wing}")
    if not room:
        return set(face.__all__)
    if room[0] not in face.__all__:
        return set()
    module = importlib.import_module(place)
    return {
        name
        for name, value in vars(module).items()
        if not name.startswith("_")
        and not inspect.ismodule(value)
        and getattr(value, "__module__", place) == place
    }


def test_rooms_show_what_they_define_and_closed_rooms_nothing():
    assert {"HOP", "to_sound"} <= public("tlteach.data.sound")
    assert {"np", "rng", "_frames"}.isdisjoint(public("tlteach.data.sound"))
    assert public("tlteach.experiment.cells") == set()


def used(tree):
    """Yield place and name of everything of ours that a notebook imports or reaches into."""
    modules = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            ours = [a for a in node.names if a.name.split(".")[0] == "tlteach"]
            assert all(alias.name == "tlteach" for alias in ours)
            modules |= {alias.asname or alias.name: "tlteach" for alias in ours}
        elif isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "tlteach":
            for alias in node.names:
                yield node.module, alias.name
                value = getattr(importlib.import_module(node.module), alias.name, None)
                if value is None or inspect.ismodule(value):
                    place = value.__name__ if value else f"{node.module}.{alias.name}"
                    modules[alias.asname or alias.name] = place
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and getattr(node.value, "id", None) in modules:
            yield modules[node.value.id], node.attr


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.stem)
def test_a_notebook_uses_public_names_only(path):
    found = set(used(ast.parse(path.read_text())))
    assert found
    assert sorted(f"{place}: {name}" for place, name in found if name not in public(place)) == []


def test_reaching_inside_is_seen():
    code = (
        "import tlteach as tlt\nfrom tlteach import atlas\nfrom tlteach.experiment import cells\n"
        "from tlteach.lessons._journal import Journal\ntlt.os, atlas.plan, cells.score\n"
    )
    inside = {name for place, name in used(ast.parse(code)) if name not in public(place)}
    assert inside == {"cells", "Journal", "os", "plan", "score"}
