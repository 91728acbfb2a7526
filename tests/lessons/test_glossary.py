"""The glossary has each term once, in two sentences, with a source; links lead somewhere."""

import re
from pathlib import Path

import pytest

from tlteach.base import install
from tlteach.lessons import glossary

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
TEXTS = sorted(
    path
    for pattern in (
        "*.ipynb",
        "checked/*.ipynb",
        "solutions/*.ipynb",
        "src/*.py",
        "notes/*.md",
        "glossary.md",
    )
    for path in NOTEBOOKS.glob(pattern)
)
WRITTEN = sorted(path for path in TEXTS if path.suffix == ".ipynb")
GOOD = """# Words

## a head

One. Two.

*Source:* A, 2000.

## tail

One. Two.

*Source:* B.
"""


@pytest.fixture(scope="module")
def entries():
    return glossary.entries()


def test_terms_are_many_and_sorted(entries):
    assert len(entries) >= 45
    assert list(entries) == sorted(entries)
    assert glossary.terms() == {term: entry.definition for term, entry in entries.items()}


def test_every_heading_of_the_file_is_a_term(entries):
    headings = re.findall(r"^##+ (.*)$", (NOTEBOOKS / "glossary.md").read_text(), re.MULTILINE)
    assert headings == list(entries)


def test_a_definition_is_two_sentences(entries):
    for term, entry in entries.items():
        ends = re.findall(r"[.!?](?= |$)", entry.definition)
        assert len(ends) == 2, term
        assert re.search(r"[.!?]$", entry.definition), term
        sentences = re.split(r"(?<=[.!?]) ", entry.definition)
        assert all(sentence[0].isupper() for sentence in sentences), term
        assert all(4 <= len(sentence.split()) <= 40 for sentence in sentences), term


def test_a_source_is_a_work_with_its_year(entries):
    for term, entry in entries.items():
        assert re.search(r"\b(19|20)\d\d\b", entry.source), term
        assert entry.source.endswith((".", ").")), term
        assert len(entry.source.split()) >= 5, term


def test_no_definition_is_used_twice(entries):
    definitions = [entry.definition for entry in entries.values()]
    assert len(set(definitions)) == len(definitions)


@pytest.mark.parametrize(
    "term",
    [
        "inductive transfer", "transductive transfer", "negative transfer", "shots", "source",
        "target", "feature", "backbone", "head", "logits", "fine-tuning", "frozen features",
        "linear probe", "batch normalisation", "verdict", "seed", "leakage", "domain mismatch",
        "domain generalisation",
    ],
)  # fmt: skip
def test_words_of_the_course_are_there(entries, term):
    assert term in entries


def test_inductive_and_transductive_are_the_right_way_round(entries):
    inductive, transductive = (
        entries[f"{kind} transfer"] for kind in ("inductive", "transductive")
    )
    assert "labels in the target" in inductive.definition
    assert "labels exist in the source only" in transductive.definition
    assert "without labels, are used in training" in transductive.definition
    assert "nothing, not even an input" in entries["domain generalisation"].definition
    assert inductive.source.endswith("2010, definition 2.")
    assert transductive.source.endswith("2010, definition 3.")


def test_anchors_agree_between_jupyterlab_and_github(entries):
    for term in entries:
        jupyterlab = term.replace(" ", "-")  # it keeps capitals and everything else
        github = re.sub(r"[^\w\- ]", "", term.lower()).replace(" ", "-")
        assert glossary.anchor(term) == jupyterlab == github


@pytest.mark.parametrize("path", TEXTS, ids=lambda p: f"{p.parent.name}/{p.name}")
def test_linked_terms_exist(entries, path):
    known = {glossary.anchor(term) for term in entries}
    assert set(glossary.links(path.read_text(encoding="utf-8"))) <= known


@pytest.mark.parametrize("path", WRITTEN, ids=lambda p: f"{p.parent.name}/{p.name}")
def test_links_of_notebooks_lead_to_the_file(path):
    text = path.read_text(encoding="utf-8")
    for link in set(re.findall(r"\]\(([^)#\s]*glossary\.md)", text)):
        assert (path.parent / link).exists(), link


def test_links_are_found_in_both_kinds_of_folder():
    text = (
        "[Frozen](glossary.md#frozen-features) [word\\nbroken](../glossary.md#head), twice "
        "[head](glossary.md#head); [not](other.md#head) [nor](glossary.md) #seed"
    )
    assert glossary.links(text) == ["frozen-features", "head", "head"]
    assert glossary.links("") == []


def test_a_small_file(tmp_path):
    path = tmp_path / "words.md"
    path.write_text(GOOD)
    assert glossary.entries(path) == {
        "a head": glossary.Entry("One. Two.", "A, 2000."),
        "tail": glossary.Entry("One. Two.", "B."),
    }


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("## tail", "## a head", "every term must stand once; 'a head' stands twice"),
        ("*Source:* B.", "", r"term 'tail' must be a heading, .* \*Source:\*; got '## tail"),
        ("One. Two.\n\n*Source:* B", "One.\n\nTwo.\n\n*Source:* B", "term 'tail' must be"),
        ("## tail", "## Tail", "a term must be small letters, .*; got 'Tail'"),
        ("## tail", "## tail (end)", r"got 'tail \(end\)'"),
        ("## tail", "## tail  end", "got 'tail  end'"),
    ],
)
def test_a_wrong_file_is_refused(tmp_path, old, new, message):
    path = tmp_path / "words.md"
    path.write_text(GOOD.replace(old, new))
    with pytest.raises(ValueError, match=message):
        glossary.terms(path)


def test_without_its_course_there_is_a_clear_sentence(tmp_path, monkeypatch):
    monkeypatch.setattr(install, "PACKAGE", tmp_path / "tlteach")
    with pytest.raises(FileNotFoundError, match="the notebooks must lie inside an installed pack"):
        glossary.terms()
