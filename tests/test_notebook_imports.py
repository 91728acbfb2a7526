"""Notebooks use public names only, and the extra `course` has every package that they need."""

import ast
import importlib
import inspect
import sys
import tomllib
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import tlteach as tlt
from tests.test_imports import BY_NAME
from tlteach.app.needed import LAZY, needed

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


# what the extra `course` has to hold


def distributions(names, seen=None):
    """Return distributions with all that they bring along, as installed here."""
    seen = set() if seen is None else seen
    for name in {canonicalize_name(name) for name in names} - seen:
        seen.add(name)
        try:
            told = metadata.requires(name) or []
        except metadata.PackageNotFoundError:
            continue
        wanted = [Requirement(text) for text in told]
        chosen = [r.name for r in wanted if r.marker is None or r.marker.evaluate({"extra": ""})]
        distributions(chosen, seen)
    return seen


def asked_for(extra):
    """Return what the package itself and an extra ask for by name."""
    project = tomllib.loads((SOURCES[0].parents[2] / "pyproject.toml").read_text())["project"]
    names = {Requirement(text).name for text in project["dependencies"]}
    waiting = [extra] if extra else []
    while waiting:
        for text in project["optional-dependencies"][waiting.pop()]:
            one = Requirement(text)
            waiting += one.extras if one.name == "tlteach" else []
            names |= {one.name} - {"tlteach"}
    return names


@pytest.fixture(scope="module")
def brought():
    """The distributions that the extra `course` brings, and the modules they hold."""
    whole = distributions(asked_for("course"))
    known = metadata.packages_distributions()
    return {m for m, owners in known.items() if whole & {canonicalize_name(o) for o in owners}}


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.stem)
def test_the_extra_course_brings_what_a_notebook_needs(path, brought):
    assert set(needed(path.read_text())) - brought == set()


def test_every_package_that_ours_load_late_is_brought_or_is_for_another_use(brought):
    package = Path(tlt.__file__).parent
    loaded = set()
    for path in package.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                loaded |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and not node.level:
                loaded.add(node.module.split(".")[0])
            elif isinstance(node, ast.Call) and getattr(node.func, "id", "") == "import_module":
                named = node.args[0].value if isinstance(node.args[0], ast.Constant) else "tlteach"
                loaded.add(named.split(".")[0])
    loaded -= sys.stdlib_module_names | {"tlteach"}
    elsewhere = {"onnx", "onnxruntime", "onnxscript", "torchaudio", "medmnist"}
    assert loaded - brought == elsewhere
    core = distributions(asked_for(None))
    known = metadata.packages_distributions()
    extra = {m for m in loaded & brought if not core & {canonicalize_name(o) for o in known[m]}}
    used = {module for modules in LAZY.values() for module in modules}
    shells = {"IPython", "argcomplete", "traitlets"}  # they come with a notebook, or with a shell
    kit = {"jupytext", "markupsafe", "mistune", "nbclient", "nbformat", "psutil", "pygments"}
    assert extra - shells - kit == used


def test_what_is_loaded_late_is_seen_in_a_source():
    assert "captum" in needed("from tlteach import explain\nexplain.grad_cam(1)")
    assert "captum" not in needed("from tlteach import explain\nexplain.map_sizes(1)")
    assert {"peft", "transformers"} <= set(needed("train(load('minilm'), 'lora')"))
    assert "scipy" in needed("def f():\n    from scipy.io import wavfile")
