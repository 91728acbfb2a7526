"""What `import tlteach` loads, what its faces show, and that editors and checkers see the same."""

import ast
import importlib
import subprocess
import sys

import pytest

import tlteach as tlt
from tests.test_layers import FLOOR, INSIDE, PACKAGE, imports

WINGS = list(FLOOR)
BY_NAME = {"atlas", "lessons", "plots", "widgets"}  # wings that people type, as in tlt.plots


def printed(code, *, fails=False):
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode != 0) == fails, done.stderr
    return done.stdout.strip() if not fails else done.stderr


def test_import_is_light():
    code = "import sys, tlteach; print(sorted({'torch', 'pandas', 'matplotlib'} & {*sys.modules}))"
    assert printed(code) == "[]"


def test_engine_needs_neither_jupyter_nor_matplotlib():
    code = (
        "import sys, tlteach as tlt; [getattr(tlt, name) for name in tlt.__all__];"
        "print(sorted({'matplotlib', 'seaborn', 'ipywidgets', 'IPython'} & {*sys.modules}))"
    )
    assert printed(code) == "[]"


def test_wait_policy_is_set_before_torch_and_warned_about_after():
    code = (
        "import os, sys; os.environ.pop('OMP_WAIT_POLICY', None); import tlteach;"
        "print(os.environ['OMP_WAIT_POLICY'])"
    )
    assert printed(code) == "PASSIVE"
    late = code.replace("import tlteach", "import torch, tlteach").replace("['", ".get('")
    late = late.replace("POLICY'])", "POLICY'))")
    out = subprocess.run([sys.executable, "-c", late], capture_output=True, text=True, check=True)
    assert "import tlteach first" in out.stderr
    assert out.stdout.strip() == "None"


def test_dir_shows_public_names_and_nothing_else():
    fresh = printed("import tlteach as tlt; print(*dir(tlt))").split()
    assert fresh == sorted([*tlt.__all__, *BY_NAME]) == sorted(dir(tlt))
    assert {"Any", "os", "sys", "warnings"}.isdisjoint(fresh)


@pytest.mark.parametrize("wing", sorted(BY_NAME))
def test_a_wing_that_people_type_loads_on_use_and_not_before(wing):
    code = (
        f"import sys, tlteach as tlt; assert 'tlteach.{wing}' not in sys.modules;"
        f"print(tlt.{wing}.__name__, tlt.{wing} is sys.modules['tlteach.{wing}'])"
    )
    assert printed(code) == f"tlteach.{wing} True"


def test_a_star_brings_no_wing_that_needs_a_notebook():
    code = (
        "import sys; from tlteach import *;"
        "print(sorted({'matplotlib', 'ipywidgets', 'IPython'} & {*sys.modules}))"
    )
    assert printed(code) == "[]"


def test_the_stub_says_where_each_name_lives():
    stub = ast.parse((PACKAGE / "__init__.pyi").read_text())
    for node in stub.body:
        if isinstance(node, ast.ImportFrom) and not node.module:
            assert {alias.name for alias in node.names} == BY_NAME
        elif isinstance(node, ast.ImportFrom):
            wing = importlib.import_module(f"tlteach.{node.module}")
            assert {alias.name for alias in node.names} <= set(wing.__all__)
            assert all(alias.asname == alias.name for alias in node.names)  # handed on, by PEP 484
    assert (PACKAGE / "py.typed").exists()


def test_modules_that_people_type_import_from_the_top():
    from tlteach import (
        atlas,
        distances,
        explain,
        lessons,
        plots,
        scarce,
        shift,
        transferability,
        widgets,
    )

    assert all((atlas, lessons, plots, widgets))
    assert all((distances, explain, scarce, shift, transferability))


@pytest.mark.parametrize("wing", WINGS)
def test_a_face_says_what_lives_there_and_hands_on_what_it_names(wing):
    face = importlib.import_module(f"tlteach.{wing}")
    told = " ".join((face.__doc__ or "").split())
    assert "Begin" in told  # where to begin reading
    assert "import" in told or "imports" in told
    assert all(getattr(face, name) is not None for name in face.__all__)


@pytest.mark.parametrize("name", INSIDE)
def test_other_wings_come_in_by_the_face(name):
    """A public name is imported from the wing that hands it on, not from the room behind."""
    behind = []
    for module, imported in imports(name):
        _, wing, *room = module.split(".")
        if wing != name.split(".")[1] and room and imported:
            public = importlib.import_module(f"tlteach.{wing}").__all__
            behind += [f"{module}.{imported}"] if imported in public else []
    assert behind == []
