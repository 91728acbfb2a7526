"""Imports only point down, files stay short, and the heavy parts stay out of the import."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "tlteach"
LEVELS = [
    ["_validate"],
    ["seeding", "cache"],
    [
        "metrics",
        "stats",
        "probe",
        "layers",
        "statefile",
        "distances",
        "augment",
        "preprocessing",
        "sound",
    ],
    ["device", "results", "task", "folder", "backbones", "verdicts", "settings"],
    ["subset", "medical_files"],
    ["medical"],
    ["elsewhere"],
    ["data"],
    ["speech", "waves"],
    ["shift", "small", "text", "regimes", "inference"],
    ["zoo"],
    [
        "sources",
        "adaptation",
        "surgery",
        "lora",
        "stagemaps",
        "transferability",
        "explain",
        "estimators",
        "warm",
    ],
    ["loop"],
    ["training"],
    ["cells", "pretrain", "live"],
    ["baselines", "scarce"],
    ["experiment"],
    ["atlas_runs"],
    ["atlas_curves", "atlas_shift"],
    ["atlas_plan"],
    ["atlas_claims"],
    ["atlas_card"],
    ["atlas", "atlas_views"],
    ["_plot_style", "_plot_text"],
    ["_plot_predictions"],
    ["plots"],
    ["widgets._words", "widgets._pictures", "widgets._spec"],
    ["widgets._still", "widgets._cube"],
    ["widgets._chart"],
    ["widgets.overfitting", "widgets.mismatch", "widgets.negative", "widgets.pages"],
    ["widgets.three_ways", "widgets.explorer"],
    ["widgets.layers"],
    ["widgets.training"],
    [
        "lessons._untrusted",
        "lessons._journal",
        "lessons._runs",
        "lessons._look_inside",
        "lessons._negative",
        "lessons._museum",
        "lessons._trust",
        "lessons._tables",
        "lessons._speech",
        "lessons._texts",
        "lessons._made_up",
        "lessons._scarce",
        "lessons._medicine",
    ],
    ["lessons._exercise"],
    ["lessons._quiz_widget"],
    ["lessons._quiz"],
    ["lessons.nNN"],  # what each notebook asks
    ["lessons._course"],
    ["lessons._progress", "lessons.glossary"],
    ["lessons._kit_notes", "lessons._kit_numbers", "lessons._kit_answers"],
    ["lessons._kit_page"],
    ["lessons._kit_slides"],
    ["lessons"],
    ["lessons._handed_in"],
    ["lessons._gathered"],
    ["lessons.submission"],
    ["lessons.overview", "lessons._pool_rows"],
    ["lessons._pool_figure"],
    ["lessons.pool", "lessons.kit"],
    ["lessons._questions", "lessons._roster"],
    ["lessons._autograder", "lessons._gradebook"],
    ["lessons._otter", "lessons._master"],
    ["lessons.assignments"],
    ["report", "doctor"],
    ["demo"],
    ["cli"],
]
LEVEL = {name: i for i, names in enumerate(LEVELS) for name in names}
ASKED = re.compile(r"lessons\.n\d\d_\w+")
MODULES = sorted(path for path in PACKAGE.rglob("*.py") if path.name != "__init__.py")


def name_of(path: Path) -> str:
    name = ".".join(path.relative_to(PACKAGE).with_suffix("").parts)
    return "lessons.nNN" if ASKED.fullmatch(name) else name


def imported(path: Path) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module == "tlteach":
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("tlteach."):
            names.add(node.module.removeprefix("tlteach."))
    return names & set(map(name_of, MODULES))


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_imports_point_down(path):
    assert name_of(path) in LEVEL, "a new module needs a line in LEVELS"
    up = [name for name in imported(path) if LEVEL[name] >= LEVEL[name_of(path)]]
    assert not up


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_files_stay_short(path):
    assert len(path.read_text().splitlines()) <= 300


def test_import_is_light():
    code = "import sys, tlteach; print(sorted({'torch', 'pandas', 'matplotlib'} & {*sys.modules}))"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "[]"


def test_engine_needs_neither_jupyter_nor_matplotlib():
    code = (
        "import sys, tlteach as tlt; [getattr(tlt, name) for name in tlt.__all__];"
        "print(sorted({'matplotlib', 'seaborn', 'ipywidgets', 'IPython'} & {*sys.modules}))"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "[]"


def test_wait_policy_is_set_before_torch_and_warned_about_after():
    code = (
        "import os, sys; os.environ.pop('OMP_WAIT_POLICY', None); import tlteach;"
        "print(os.environ['OMP_WAIT_POLICY'])"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "PASSIVE"
    late = code.replace("import tlteach", "import torch, tlteach").replace("['", ".get('")
    late = late.replace("POLICY'])", "POLICY'))")
    out = subprocess.run([sys.executable, "-c", late], capture_output=True, text=True, check=True)
    assert "import tlteach first" in out.stderr
    assert out.stdout.strip() == "None"
