"""The line that `from_folder` prints: an audit's counts, of all that takes no network."""

import shutil

import pandas as pd
import pytest
from PIL import Image

import tlteach as tlt
from tests.helpers.photographs import photograph, write_photographs
from tlteach.data.findings import SEVERITIES

LEARNT = ("one moment", "wrong label", "outlier", "shortcut", "overlap with the source")

pytestmark = pytest.mark.filterwarnings("ignore::tlteach.data.FolderNote")


@pytest.fixture
def faulty(tmp_path):
    """Return a folder with one of each fault that a glance can see."""
    root = write_photographs(tmp_path / "own", 12)
    (root / "rings" / "broken.jpg").write_bytes(b"no image")
    shutil.copy(root / "rings" / "rings3.jpg", root / "stripes" / "stray.jpg")
    shutil.copy(root / "rings" / "rings4.jpg", root / "rings" / "again.jpg")
    photograph("rings", 70, (400, 100)).save(root / "rings" / "long.jpg")
    photograph("rings", 71, (30, 24)).save(root / "rings" / "tiny.jpg")
    photograph("rings", 72).save(root / "rings" / "odd.png", format="JPEG")
    (root / "few").mkdir()
    for i in range(4):
        Image.effect_noise((96, 80), 90 + i).save(root / "few" / f"{i}.png")
    return root


def test_it_counts_what_the_audit_finds_without_a_network(faulty, capsys):
    tlt.from_folder(faulty, size=96, skip_bad=True)
    said = capsys.readouterr().out
    found = tlt.audit(faulty, backbone="small:glyphs", size=96)
    assert set(SEVERITIES) == set(found["severity"])  # there is one of each to count
    seen = found[~found["kind"].isin(LEARNT)]
    errors, warnings, notes = (int((seen["severity"] == word).sum()) for word in SEVERITIES)
    left_out = 1  # the note that a file was left out, which an audit has as an error alone
    expected = f"own: 33 images, {errors} errors, {warnings} warnings, {notes + left_out} notes"
    assert said == f"{expected}; tlt.audit looks closer\n"


def test_a_table_of_files_is_glanced_at_too(tmp_path, capsys):
    root = write_photographs(tmp_path / "own", 12)
    files = sorted(root.rglob("*.jpg"))
    rows = {"file": [str(file) for file in files], "what": [file.parent.name for file in files]}
    tlt.from_table(pd.DataFrame(rows), "file", "what", root)
    assert capsys.readouterr().out.startswith("own: 24 images, 0 errors, 0 warnings, ")


def test_it_prints_nothing_for_what_has_no_files(digits, capsys):
    tlt.from_arrays(digits.train.images, digits.train.labels, near_copies=False)
    assert capsys.readouterr().out == ""


def test_a_folder_that_is_refused_is_not_summed_up(faulty, capsys):
    with pytest.raises(ValueError, match=r"broken.jpg"):
        tlt.from_folder(faulty)
    assert capsys.readouterr().out == ""
