"""A shared folder is filled by real runs, and whoever reads it computes none of it again."""

import stat

import pytest

from tlteach.app.cli import main
from tlteach.app.prefetch import prefetch
from tlteach.base import course_folder
from tlteach.classroom.kit_run import run


@pytest.mark.slow
def test_what_was_prefetched_is_not_computed_again(tmp_path, monkeypatch, capsys):
    shared, own = tmp_path / "shared", tmp_path / "own"
    assert main(["prefetch", str(shared), "00_start", "--tier", "smoke"]) == 0
    told = capsys.readouterr().out
    files = sorted((shared / "features").iterdir())
    assert f"00_start: {len(files)} files more, " in told
    assert f"TLTEACH_SHARED={shared}" in told
    assert files
    assert {path.name for path in shared.iterdir()} == {"features"}  # nobody's progress among it
    assert all(path.stat().st_mode & stat.S_IRUSR for path in files)
    monkeypatch.setenv("TLTEACH_SHARED", str(shared))
    run(course_folder() / "solutions" / "00_start.ipynb", "smoke", home=own)
    assert not (own / "features").exists()
    assert sorted((shared / "features").iterdir()) == files


@pytest.mark.parametrize(
    ("typed", "message"),
    [(["77"], "notebook must be one of '00'"), ([], "prefetch needs a folder; got the file")],
)
def test_what_cannot_be_done_is_said_before_anything_runs(tmp_path, capsys, typed, message):
    (tmp_path / "file").touch()
    place = tmp_path / ("new" if typed else "file")
    assert main(["prefetch", str(place), *typed]) == 2
    assert message in capsys.readouterr().err
    assert not (tmp_path / "new").exists()


def test_an_unknown_tier_is_refused(tmp_path):
    with pytest.raises(ValueError, match="tier must be one of 'class', 'full', 'smoke'; got 'all'"):
        next(prefetch(tmp_path, ["00"], tier="all"))
