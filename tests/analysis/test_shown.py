"""What a notebook shows of an audit: the severest first, by file; a part of it is a plain table."""

import pickle

import pandas as pd
import pytest

import tlteach as tlt
from tests.helpers.shown import HOSTILE, SAFE, sound
from tlteach.analysis.shown import FIRST, Findings
from tlteach.data.findings import Finding, table_of


def findings(*rows):
    found = Findings(table_of(rows))
    found.attrs["summary"] = "mine: 9 images"
    return found


def test_an_audit_is_shown_by_severity_with_its_files(digits):
    found = tlt.audit(digits, backbone="small_cnn")
    page = sound(found)
    assert page.texts("caption") == [found.attrs["summary"]]
    counts = found["severity"].value_counts()
    heads = [text for attributes, text in page.all("th") if attributes["scope"] == "rowgroup"]
    assert [head.split(":")[0] for head in heads] == [
        word for word in ("error", "warning", "note") if word in counts
    ]
    for word, head in zip(
        counts.reindex(["error", "warning", "note"]).dropna().index, heads, strict=True
    ):
        assert (f"the first {FIRST} of {counts[word]}" in head) == (counts[word] > FIRST)
    first = found[found["file"] != ""].groupby("severity").head(FIRST - 1)
    assert all(name in page.facts for name in first["file"])


def test_files_that_mean_harm_are_text_and_many_stay_small():
    rows = [
        Finding(severity, "copy", HOSTILE * 50, HOSTILE, f"{i}{HOSTILE}", HOSTILE)
        for severity in ("note", "error", "warning")
        for i in range(3000)
    ]
    page = sound(findings(*rows))
    assert page.facts[f"0{SAFE}"][1] == SAFE
    assert len(page.all("tbody")) == 3
    assert len(page.facts) == FIRST


def test_what_concerns_no_file_and_nothing_at_all():
    page = sound(findings(Finding("warning", "imbalance", "3 images", "take more", "", "cup")))
    assert page.facts == {"no one file": ["imbalance", "cup", "3 images", "take more"]}
    assert sound(findings()).texts("p") == ["mine: 9 images", "Nothing was found."]


@pytest.mark.parametrize(
    "part",
    [
        lambda found: found.head(),
        lambda found: found[found["kind"] == "copy"],
        lambda found: found[["severity", "file"]],
        lambda found: found.drop(columns="kind"),
        lambda found: found.query("kind == 'copy'").reset_index(drop=True),
    ],
)
def test_a_part_is_a_plain_table(part):
    assert type(part(findings(Finding("note", "copy", "a", "b")))) is pd.DataFrame


def test_it_can_be_kept():
    found = findings(Finding("note", "copy", "a", "b"))
    again = pickle.loads(pickle.dumps(found))
    pd.testing.assert_frame_equal(again, found)
    assert sound(again).texts("caption") == ["mine: 9 images"]
