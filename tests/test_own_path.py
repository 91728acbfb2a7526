"""The whole path in Python on 2 x 30 photographs: read, audit, compare, keep, use, hand in."""

import importlib.util
import subprocess
import sys

import pandas as pd
import pytest

import tlteach as tlt
from tests.helpers.kept import BRIEF
from tests.helpers.photographs import KINDS, photograph, write_photographs

AGAIN = """
import sys
import tlteach as tlt
tlt.load_model(sys.argv[1]).predict(sys.argv[2]).to_csv(sys.argv[3], index=False)
"""


@pytest.mark.slow
def test_from_a_folder_to_a_report(tmp_path):
    root = write_photographs(tmp_path / "own")
    task = tlt.from_folder(root, size=48)
    assert (len(task.labelled) + len(task.test), task.classes) == (60, KINDS)

    found = tlt.audit(root, backbone="small:glyphs")
    assert not (found["severity"] == "error").any()

    results = tlt.compare(
        task, backbone="small:glyphs", regimes=["scratch", "frozen"], shots=[4], seeds=[0],
        search="smoke", config=BRIEF, n_jobs=1, progress=False,
    )  # fmt: skip
    best = tlt.train_best(results, task)
    assert best.data["labels"] == len(task.labelled)

    new = tmp_path / "new"
    new.mkdir()
    for i in range(4):
        photograph(KINDS[i % 2], 200 + i).save(new / f"{i}.jpg")
    here = best.predict(new)
    assert here["file"].tolist() == ["0.jpg", "1.jpg", "2.jpg", "3.jpg"]

    folder = best.save(tmp_path / "kept")
    said = tmp_path / "said.csv"
    subprocess.run([sys.executable, "-c", AGAIN, str(folder), str(new), str(said)], check=True)
    pd.testing.assert_frame_equal(pd.read_csv(said, dtype={"file": str}), here, check_dtype=False)

    path = tlt.report(results, tmp_path / "report.html", task=task, audit=found, model=best)
    html = path.read_text(encoding="utf-8")
    assert all(f"<h2>{title}</h2>" in html for title in ("Data", "Audit", "The model", "Limits"))

    if importlib.util.find_spec("onnxscript") is None:
        pytest.skip("everything but the export was tried: the extra `export` is not installed")
    assert best.export(tmp_path / "own.onnx").stat().st_size > 10_000
