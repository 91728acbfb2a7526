"""Plan B for nbval, which has had no release since 2024: pytest-notebook runs the same notebook.

It has to say of the same file what nbval says: what a fact prints is held to what is stored, and
what is not stored is only run.
"""

import re
import warnings
from pathlib import Path

import nbformat
import pytest
from nbclient.exceptions import CellExecutionError

with warnings.catch_warnings():
    # beside attrs 26 it warns of its own documentation; as a plugin it would end every test run
    warnings.filterwarnings("ignore", "Field .* type could not be converted", UserWarning)
    regression = pytest.importorskip(
        "pytest_notebook.nb_regression", reason="pytest-notebook comes with the extra dev"
    )

NOTEBOOK = Path(__file__).parent.parent / "notebooks" / "checked" / "00_start.ipynb"


@pytest.fixture(autouse=True)
def _smallest_tier(monkeypatch):
    settings = {"TLTEACH_TIER": "smoke", "TLTEACH_OFFLINE": "1", "TQDM_DISABLE": "1"}
    for name, value in settings.items():
        monkeypatch.setenv(name, value)


def hold(path):
    """Run a notebook; raise where it fails, or a promise in it is not what was printed."""
    cells = nbformat.read(path, as_version=4).cells
    free = [
        f"/cells/{number}/outputs"
        for number, cell in enumerate(cells)
        if "nbval-check-output" not in cell.metadata.get("tags", [])
    ]
    own = (
        "/metadata",
        "/cells/*/metadata/execution",
        "/cells/*/execution_count",
        "/cells/*/outputs/*/execution_count",
    )
    fixture = regression.NBRegressionFixture(
        exec_timeout=600, exec_cwd=str(path.parent), diff_ignore=(*own, *free),
        diff_use_color=False,
    )  # fmt: skip
    return fixture.check(path)


@pytest.mark.slow
def test_it_runs_the_notebook_and_finds_it_as_promised():
    done = hold(NOTEBOOK)
    promised = [c for c in done.nb_final.cells if "keep_output" in c.metadata.get("tags", [])]
    assert len(promised) >= 5
    assert all(cell.outputs for cell in promised)


def test_it_finds_a_promise_that_was_tampered_with(tmp_path):
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    changed = next(c for c in notebook.cells if "keep_output" in c.metadata.get("tags", []))
    changed.outputs[0].text = changed.outputs[0].text.replace("11 classes", "13 classes")
    task = nbformat.v4.new_code_cell('photos = tlt.load_task("photos")')
    first = next(c for c in notebook.cells if "import tlteach" in c.source)
    notebook.cells = [first, task, changed]  # all that this promise needs
    nbformat.write(notebook, tmp_path / NOTEBOOK.name)
    with pytest.raises(regression.NBRegressionError) as differs:
        hold(tmp_path / NOTEBOOK.name)
    assert re.search(r"-.*13 classes.*\+.*11 classes", str(differs.value), re.DOTALL)


def test_it_finds_a_cell_that_fails(tmp_path):
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("1 / 0")])
    notebook.metadata.kernelspec = {"name": "python3", "display_name": "Python 3"}
    nbformat.write(notebook, tmp_path / "fails.ipynb")
    with pytest.raises(CellExecutionError, match="ZeroDivisionError"):
        hold(tmp_path / "fails.ipynb")
