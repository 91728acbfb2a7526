"""Notebooks match their source, keep their promises checked, and stay short enough to teach."""

import base64
import importlib
import inspect
import re
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from tlteach.classroom.kit_pictures import KINDS, LIMIT, TABLE, pictures
from tlteach.training import fit, updates

ROOT = Path(__file__).parent.parent
SOURCES = sorted((ROOT / "notebooks" / "src").glob("*.py"))
LEARNERS = sorted(ROOT.glob("notebooks/*.ipynb"))
RUN = sorted(
    path for where in ("checked", "solutions") for path in ROOT.glob(f"notebooks/{where}/*.ipynb")
)


def code_cells(path):
    return [c for c in nbformat.read(path, as_version=4).cells if c.cell_type == "code"]


def test_every_source_has_all_variants():
    assert len(SOURCES) >= 2
    names = {path.relative_to(ROOT / "notebooks").as_posix() for path in [*LEARNERS, *RUN]}
    folders = ("", "checked/", "solutions/")
    assert names == {f"{folder}{s.stem}.ipynb" for s in SOURCES for folder in folders}


@pytest.mark.parametrize("path", LEARNERS, ids=lambda p: p.stem)
def test_a_learners_copy_answers_nothing_and_is_what_is_run(path):
    """An output would tell what learners are asked to predict; nbval runs the twin in `checked`."""
    mine, twin = code_cells(path), code_cells(path.parent / "checked" / path.name)
    mine = [cell for cell in mine if "install" not in cell.metadata.get("tags", [])]
    shown = [cell for cell in twin if "facts" not in cell.metadata.get("tags", [])]
    assert [cell.source for cell in mine] == [cell.source for cell in shown]
    assert not any(cell.outputs or cell.execution_count for cell in mine)


def test_notebooks_match_their_source():
    command = [sys.executable, ROOT / "notebooks" / "build.py", "--check"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("path", RUN, ids=lambda p: f"{p.parent.name}/{p.stem}")
class TestNotebook:
    def test_has_enough_checked_cells(self, path):
        checked = [
            cell
            for cell in code_cells(path)
            if "nbval-check-output" in cell.metadata.get("tags", [])
        ]
        assert len(checked) >= 5
        # without a count or an output nbval compares nothing and passes
        assert all(cell.execution_count and cell.outputs for cell in checked)
        assert all("keep_output" in cell.metadata.tags for cell in checked)

    def test_elsewhere_solved_copies_keep_what_was_drawn_and_others_nothing(self, path):
        rest = [c for c in code_cells(path) if "keep_output" not in c.metadata.get("tags", [])]
        assert path.parent.name == "solutions" or not any(cell.outputs for cell in rest)
        for cell in rest:
            for output in cell.outputs:
                kinds = {*output.get("data", {})}
                assert kinds <= {*KINDS, "text/plain", "text/html"}
                assert kinds & {*KINDS} or TABLE in str(output) or pictures(cell)
            for picture in pictures(cell):
                assert len(base64.b64decode(picture.source.partition(",")[2])) <= LIMIT
                assert picture.words

    def test_outputs_hold_no_path_and_no_host(self, path):
        outputs = [output for cell in code_cells(path) for output in cell.outputs]
        for output in outputs:  # base64 may spell anything
            for kind in KINDS:
                output.get("data", {}).pop(kind, None)
        text = str(outputs)
        assert not re.search(r"(/home/|/root|/tmp|/work|https?://|[A-Z]:\\)", text)

    def test_torch_comes_after_tlteach(self, path):
        """Else tlteach warns that it can no longer set how torch's threads wait."""
        code = "\n".join(cell.source for cell in code_cells(path))
        lines = re.findall(r"^(?:import|from) (torch|tlteach)\b", code, re.MULTILINE)
        assert lines[0] == "tlteach"

    def test_header_says_what_and_how_long(self, path):
        header = nbformat.read(path, as_version=4).cells[0].source
        assert "**You will**" in header
        assert "**You need**" in header
        assert re.search(
            r"\*\*Time\*\* about [\d.]+ (second|minute)s? of computing on 2 cores", header
        )


def test_the_pictures_of_all_solved_copies_stay_under_5_mb():
    paths = ROOT.glob("notebooks/solutions/*.ipynb")
    found = [picture for path in paths for cell in code_cells(path) for picture in pictures(cell)]
    assert sum(len(picture.source) for picture in found) < 5e6


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: p.stem)
def test_learner_copy_holds_no_solution(path):
    source = path.read_text()
    learner = "".join(c.source for c in code_cells(ROOT / "notebooks" / f"{path.stem}.ipynb"))
    for cut in re.findall(r"^ *# solution\n(.*?)(?=^# %%)", source, re.MULTILINE | re.DOTALL):
        assert cut.strip() not in learner


def test_a_tampered_promise_fails(tmp_path):
    notebook = nbformat.read(ROOT / "notebooks" / "checked" / "00_start.ipynb", as_version=4)
    changed = next(c for c in notebook.cells if "keep_output" in c.metadata.get("tags", []))
    changed.outputs[0].text = changed.outputs[0].text.replace("11 classes", "13 classes")
    task = nbformat.v4.new_code_cell('photos = tlt.load_task("photos")')
    first = next(c for c in notebook.cells if "import tlteach" in c.source)
    notebook.cells = [first, task, changed]  # all that this promise needs
    nbformat.write(notebook, tmp_path / "00_start.ipynb")
    command = [sys.executable, "-m", "pytest", "-q", "--nbval-lax", "--nbval-current-env"]
    done = subprocess.run(
        [*command, "-c", "/dev/null", "--rootdir", tmp_path, tmp_path / "00_start.ipynb"],
        capture_output=True, text=True, check=False, cwd=ROOT,
    )  # fmt: skip
    assert done.returncode == 1, done.stdout
    assert "13 classes" in done.stdout


def test_prose_alone_is_written_without_running_anything(monkeypatch, tmp_path):
    monkeypatch.syspath_prepend(ROOT / "notebooks")
    build = importlib.import_module("build")
    path = tmp_path / "00_start.ipynb"
    shutil.copy(ROOT / "notebooks" / "checked" / path.name, path)
    fresh = next(build.variants(ROOT / "notebooks" / "src" / "00_start.py"))[1]
    fresh.cells[0].source += " More prose."
    assert build.keep(path, fresh)
    old = code_cells(path)
    new = [cell for cell in fresh.cells if cell.cell_type == "code"]
    assert [cell.outputs for cell in new] == [cell.outputs for cell in old]
    assert any(cell.outputs for cell in new)
    new[1].source += "\n1 + 1"
    assert not build.keep(path, fresh)


ADDRESS = "https://github.com/somebody/somewhere"  # made up: no address is public yet
PROJECT = """[project]
name = "tlteach"
[project.urls]
Repository = "{}"
"""


def built(folder, address):
    """Build notebook 00 in a copy, as one would once the repository has an address."""
    for part in ("build.py", "src/00_start.py", "checked/00_start.ipynb"):
        (folder / "notebooks" / part).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / "notebooks" / part, folder / "notebooks" / part)
    shutil.copytree(ROOT / "notebooks" / "solutions", folder / "notebooks" / "solutions")
    (folder / "pyproject.toml").write_text(PROJECT.format(address))
    command = [sys.executable, folder / "notebooks" / "build.py", "00_start"]
    done = subprocess.run([*command, "--prose"], capture_output=True, text=True, check=False)
    checked = subprocess.run([*command, "--check"], capture_output=True, text=True, check=False)
    return done, checked


def test_a_public_address_brings_badges_and_a_cell_that_installs(tmp_path):
    done, checked = built(tmp_path, ADDRESS)
    assert (done.returncode, checked.returncode) == (0, 0), done.stderr + checked.stderr
    mine = nbformat.read(tmp_path / "notebooks" / "00_start.ipynb", as_version=4)
    nbformat.validate(mine)
    title, badges, _, *_ = [line for line in mine.cells[0].source.splitlines() if line]
    assert title == "# 00 Start here"
    pictures = re.findall(r"!\[Open in (\w+)\]\((badges/\w+\.svg)\)\]\((https://\S+)\)", badges)
    assert [name for name, _, _ in pictures] == ["Colab", "Kaggle"]
    for name, picture, link in pictures:  # nothing is asked of another server to show them
        assert f"Open in {name}</text>" in (tmp_path / "notebooks" / picture).read_text()
        assert link.endswith("/blob/main/notebooks/00_start.ipynb")
        assert "somebody/somewhere/blob" in link
    install = mine.cells[1]
    assert install.metadata.tags == ["install"]
    assert f'"tlteach[course] @ git+{ADDRESS}"' in install.source
    # everything else is the copy that is here, and what is run holds neither
    here = nbformat.read(ROOT / "notebooks" / "00_start.ipynb", as_version=4)
    rest = [mine.cells[0].source.replace(f"\n{badges}\n", "", 1)]
    rest += [cell.source for cell in mine.cells[2:]]
    assert rest == [cell.source for cell in here.cells]
    twin = (tmp_path / "notebooks" / "checked" / "00_start.ipynb").read_text()
    assert "somebody" not in twin


def test_the_cell_that_installs_does_nothing_where_the_package_is(tmp_path):
    built(tmp_path, ADDRESS)
    mine = nbformat.read(tmp_path / "notebooks" / "00_start.ipynb", as_version=4)
    (tmp_path / "cell.ipy").write_text(mine.cells[1].source + "\nprint('went on')\n")
    command = [sys.executable, "-m", "IPython", "--no-banner", tmp_path / "cell.ipy"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
    assert done.stdout.split("\n")[0] == "went on", done.stderr


def test_without_an_address_nothing_is_added_and_a_wrong_one_is_refused(tmp_path):
    done, checked = built(tmp_path, "")
    assert (done.returncode, checked.returncode) == (0, 0), done.stderr + checked.stderr
    assert not (tmp_path / "notebooks" / "badges").exists()
    mine = tmp_path / "notebooks" / "00_start.ipynb"
    assert code_cells(mine) == code_cells(ROOT / "notebooks" / "00_start.ipynb")
    other = tmp_path / "other"
    done, _ = built(other, "https://example.org/somewhere")
    assert done.returncode == 1
    assert "Repository must be https://github.com/OWNER/NAME" in done.stderr


def test_the_loop_that_notebook_01_prints_is_the_one_that_trains():
    source = (ROOT / "notebooks" / "src" / "01_three_ways.py").read_text()
    assert 'print(inspect.getsource(updates).replace(updates.__doc__, "..."))' in source
    printed = inspect.getsource(updates).replace(updates.__doc__, "...")
    assert printed.count("\n") < 70  # the loop, and not what its reference says of it
    steps = ["network(x)", "F.cross_entropy", "loss.backward()", "optimizer.step()"]
    places = [printed.index(step) for step in steps]
    assert places == sorted(places)
    # the text under it says which lines know of regimes
    assert re.findall(r'regime\.uses\("(\w+)"\)', printed) == ["thaw", "thaw", "anchor", "thaw"]
    assert "updates(model, task" in inspect.getsource(fit)
