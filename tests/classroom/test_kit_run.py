"""A solved notebook is run as learners run it, and leaves nothing of the lecturer's behind."""

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from tlteach.classroom.kit_pictures import pictures
from tlteach.classroom.kit_run import run

FACTS = """import os
print(os.environ["TLTEACH_TIER"], os.environ["TLTEACH_OFFLINE"], os.path.basename(os.getcwd()))
print(os.environ["TLTEACH_HOME"] == os.environ.get("MINE"))"""
DRAWS = """from IPython.display import display
import io
from PIL import Image
file = io.BytesIO()
Image.new("RGB", (30, 20), "white").save(file, "png")
display({"image/png": file.getvalue()}, raw=True)
print("It helps.")"""


def written(folder, *sources):
    """Write a solved notebook whose first cell holds promises."""
    path = folder / "solutions" / "00_start.ipynb"
    path.parent.mkdir()
    cells = [new_code_cell(source) for source in sources]
    cells[0].metadata["tags"] = ["keep_output"]
    nbformat.write(new_notebook(cells=cells), path)
    return path


def test_promises_and_pictures_stay_and_all_else_goes(tmp_path, monkeypatch):
    monkeypatch.setenv("MINE", str(tmp_path / "home"))
    monkeypatch.setenv("TLTEACH_HOME", str(tmp_path / "home"))
    path = written(tmp_path, FACTS, DRAWS, 'print("took 3 s")')
    before = path.read_bytes()
    promises, drawing, timing = run(path).cells
    told = "".join(output.text for output in promises.outputs)
    assert told == f"class 1 {tmp_path.name}\nFalse\n"
    [picture] = pictures(drawing)
    assert picture.words == "It helps."
    assert timing.outputs == []
    assert path.read_bytes() == before


def test_a_notebook_that_fails_is_named(tmp_path):
    path = written(tmp_path, "1 / 0")
    with pytest.raises(
        ValueError, match=r"^00_start.ipynb must run to be drawn; got ZeroDivis.*by zero"
    ):
        run(path)
