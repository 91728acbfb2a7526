"""A wheel, installed without a clone, has all data, all notebooks and all commands."""

import json
import os
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path
from typing import NamedTuple

import pytest

REPOSITORY = Path(__file__).parent.parent
COURSE = REPOSITORY / "notebooks"
PROBE = """
import json, tlteach
from tlteach import base, data
tasks = {name: data.load_task(name).fingerprint for name in data.TASKS}
print(json.dumps({"file": tlteach.__file__, "data": str(data.shipped_data()), "tasks": tasks,
                  "weights": tlteach.load_backbone("lite0").fingerprint(),
                  "course": str(base.course_folder()), "clone": base.clone(),
                  "adding": base.adding("text")}))
"""
RUN = """
import os, sys, nbformat
from nbclient import NotebookClient
notebook = nbformat.read(sys.argv[1], as_version=4)
NotebookClient(notebook, timeout=600, resources={"metadata": {"path": os.getcwd()}}).execute()
print(len(notebook.cells))
"""

# two updates of a training; and all rows of a part as a build that was killed at its end left them
MADE = """
from dataclasses import replace
from tlteach import atlas
from tlteach.atlas import store
from tlteach.base import room, write_sealed
from tlteach.training.pretrain import RECIPE, pretrain
pretrain("fashion_0_4", seed=0, config=replace(RECIPE, updates=2))
rows = atlas.load("scores")
for entry in store.PARTS["scores"]():
    path = store._path(room("atlas", store._plan_id()), "scores", entry)
    path.parent.mkdir(exist_ok=True)
    write_sealed(rows, path)
    path.with_suffix(".seconds").write_text("1")
    rows = rows[:0]
"""


class Installed(NamedTuple):
    """A wheel in an environment of its own, which borrows what the package depends on."""

    wheel: Path
    site: Path
    python: Path
    folder: Path  # outside the clone

    def run(self, *command, check=True, **environment):
        place = {"PYTHONPATH": "", "TLTEACH_TIER": "smoke", "TLTEACH_OFFLINE": "1"}
        place["TLTEACH_PROGRESS"] = str(self.folder.parent / "progress")  # nobody else's answers
        return subprocess.run(
            [self.python, *map(str, command)], cwd=self.folder, check=check, text=True,
            capture_output=True, env=os.environ | place | environment,
        )  # fmt: skip

    def tlteach(self, *command, **settings):
        return self.run("-m", "tlteach.app.cli", *command, **settings)


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    place = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(place)]
    subprocess.run(build, cwd=REPOSITORY, check=True, capture_output=True)
    (wheel,) = place.glob("*.whl")
    home = place / "environment"
    venv.create(home, with_pip=False)
    python = home / "bin" / "python"
    pip = [sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet"]
    subprocess.run([*pip, "--no-deps", "--no-index", str(wheel)], check=True, capture_output=True)
    (site,) = home.glob("lib/python*/site-packages")
    (site / "borrowed.pth").write_text(sysconfig.get_path("purelib") + "\n")
    elsewhere = place / "elsewhere"
    elsewhere.mkdir()
    return Installed(wheel, site, python, elsewhere)


@pytest.mark.slow
def test_licences_travel(installed):
    with zipfile.ZipFile(installed.wheel) as archive:
        names = archive.namelist()
        (metadata,) = (name for name in names if name.endswith(".dist-info/METADATA"))
        told = archive.read(metadata).decode()
    assert "License-Expression: BSD-3-Clause AND" in told
    assert "GPL-2.0-or-later" in told
    for text in ("LICENSE", "datasets/photos/LICENSE", "datasets/photos/COPYRIGHT"):
        assert f"License-File: {text}\n" in told
        assert any(name.endswith(f".dist-info/licenses/{text}") for name in names)
    assert "tlteach/_datasets/photos/LICENSE" in names


@pytest.mark.slow
def test_the_wheel_holds_the_course_and_nothing_for_makers_alone(installed):
    with zipfile.ZipFile(installed.wheel) as archive:
        names = {name for name in archive.namelist() if "/_notebooks/" in name}
    inside = {name.split("/_notebooks/")[1] for name in names}
    parts = ("*.ipynb", "solutions/*", "src/*.py", "notes/*", "exam/*", "reveal/*", "glossary.md")
    wanted = {p.relative_to(COURSE).as_posix() for part in parts for p in COURSE.glob(part)}
    assert inside == {name for name in wanted if "__pycache__" not in name}


@pytest.mark.slow
def test_it_loads_every_task_and_the_weights(installed):
    from tlteach import data, load_backbone

    result = installed.run("-c", PROBE)
    found, site = json.loads(result.stdout), installed.site
    assert Path(found["file"]).is_relative_to(site)
    package = REPOSITORY / "tlteach"
    shipped = {file.relative_to(package) for file in package.rglob("*.*") if file.suffix != ".pyc"}
    assert Path("py.typed") in shipped
    assert {file for file in shipped if not (site / "tlteach" / file).exists()} == set()
    assert Path(found["data"]).is_relative_to(site)
    assert found["tasks"] == {name: data.load_task(name).fingerprint for name in data.TASKS}
    assert found["weights"] == load_backbone("lite0").fingerprint()
    assert Path(found["course"]) == site / "tlteach" / "_notebooks"
    assert (found["clone"], found["adding"]) == (None, 'pip install "tlteach[text]"')


@pytest.mark.slow
def test_its_commands_work_without_a_clone(installed):
    told = installed.tlteach("notebooks", "mine", "--solved").stdout
    assert told.startswith("in mine:\ncopied (35): 00_start.ipynb, 01_three_ways.ipynb, ")
    here = installed.folder / "mine"
    for name in ("00_start.ipynb", "solutions/16_beyond_classes.ipynb", "glossary.md"):
        assert (here / name).read_bytes() == (COURSE / name).read_bytes()
    assert "00_start" not in installed.tlteach("lab", "--help").stdout
    assert "go on with 00.1 in 00_start.ipynb" in installed.tlteach("progress").stdout
    assert "kit/index.html" in installed.tlteach("kit", "00_start", "--out", "kit").stdout
    assert (installed.folder / "kit" / "00_start_slides.html").stat().st_size > 100_000


@pytest.mark.slow
def test_lab_copies_the_notebooks_on_first_use_and_passes_options_on(installed):
    first = installed.tlteach("lab", "00", "--", "--version")
    assert "no notebooks are here yet" in first.stderr
    assert "in tlteach-notebooks:\ncopied (18): 00_start.ipynb" in first.stderr
    assert first.stdout.split(".")[0].isdigit()  # JupyterLab's
    (installed.folder / "tlteach-notebooks" / "00_start.ipynb").write_text("mine")
    again = installed.tlteach("lab", "--", "--version")
    assert "copied" not in again.stderr
    assert (installed.folder / "tlteach-notebooks" / "00_start.ipynb").read_text() == "mine"


@pytest.mark.slow
def test_assignments_are_made_by_name(installed):
    pytest.importorskip("otter", reason="needs otter-grader")
    done = installed.tlteach("assign", "00_start", "--out", "assigned")
    assert done.stdout.strip().endswith("assigned/00_start")
    assert (installed.folder / "assigned/00_start/autograder/autograder.zip").exists()


@pytest.mark.slow
def test_notebook_00_runs(installed):
    installed.tlteach("notebooks", "run")
    done = installed.run("-c", RUN, "run/00_start.ipynb")
    assert int(done.stdout) > 20


@pytest.mark.slow
def test_what_is_trained_or_built_goes_to_a_place_of_ones_own(installed):
    def files():
        return {path: path.stat().st_mtime_ns for path in (installed.site / "tlteach").rglob("*.*")}

    home = installed.folder.parent / "home"
    installed.run("-c", MADE, TLTEACH_HOME=str(home))  # writes byte code, too
    before = files()
    installed.run("-c", MADE, TLTEACH_HOME=str(home))
    assert (home / "made/weights/small-fashion_0_4-0.safetensors").exists()
    assert list(json.loads((home / "made/weights/cards.json").read_text())) == [
        "small-fashion_0_4-0.safetensors"
    ]
    done = installed.tlteach("atlas", "build", "scores", TLTEACH_HOME=str(home))
    assert f"stays as it is: this goes to {home}/made/atlas; --out names" in done.stderr
    again = "from tlteach import atlas; print(len(atlas.load('scores', folder='{}')))"
    rows = [
        installed.run("-c", again.format(folder)).stdout
        for folder in (home / "made/atlas", installed.site / "tlteach/_datasets/atlas")
    ]
    assert rows[0] == rows[1] != ""
    done = installed.tlteach("atlas", "build", "scores", "--out", "mine", TLTEACH_HOME=str(home))
    assert "this goes to mine\n" in done.stderr
    assert (installed.folder / "mine" / "README.md").exists()
    assert {path: when for path, when in files().items() if path.suffix != ".pyc"} == {
        path: when for path, when in before.items() if path.suffix != ".pyc"
    }
