"""Faults put into the front ends are seen by the tests: some drawn anew each day."""

import datetime
import os

import pytest

from tests.helpers.browser import CHROMIUM
from tests.mutants import Mutation, mutations, some, survivors

FEW = 6
SEED = os.environ.get("TLTEACH_MUTANTS_SEED") or str(datetime.date.today())
NAMED = {  # faults that nobody noticed before what is drawn was read back
    "interval bands": "const up = bounded",
    "the image strip": "const number = chart.cube",
    "verdict signs": 'helps: "▲", "": "?", hurts: "▼"',
    "names at wrong points": "const text = panel.x_names[i]",
    "axis numbers 10 % off": "(100 * tick)",
    "legend names": "${series.label} `)",
    "legend numbers": "say(this.readouts[s]",
    "facts": "say(this.answers[i]",
    "a live curve upside down": "view.y(line.y[j])",
}


def test_there_are_many_and_those_named_are_among_them():
    known = mutations()
    assert len(set(known)) == len(known) >= 40
    for fault, old in NAMED.items():
        assert any(old in one.old for one in known), fault


@pytest.mark.parametrize("mutation", mutations(), ids=lambda one: one.old[:30])
def test_every_old_text_still_stands_once_in_its_file(mutation, tmp_path):
    path = tmp_path / mutation.file
    path.parent.mkdir(parents=True)
    path.write_text(mutation.source())
    mutation.apply(tmp_path)
    assert path.read_text() != mutation.source()


def test_an_old_text_that_is_gone_is_told(tmp_path):
    (tmp_path / "a.js").write_text("one")
    with pytest.raises(ValueError, match=r"must stand once in a.js; it stands there 0 times: two"):
        Mutation("a.js", "two", "three").apply(tmp_path)


@pytest.mark.slow
@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here: widgets NOT tested")
@pytest.mark.parametrize("seed", [SEED])  # so that the output tells it
def test_some_faults_of_today_are_seen(seed):
    assert survivors(some(FEW, seed)) == []
