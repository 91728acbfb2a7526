"""All whole pages come from one skeleton, and whatever they are told is escaped."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
from jinja2 import UndefinedError

from tests.helpers.html_page import Elements
from tlteach.app import Section, write_report
from tlteach.base.page import PAGES, render
from tlteach.classroom import kit
from tlteach.classroom.kit_exam import Asked
from tlteach.classroom.kit_page import (
    exam_page,
    figures_page,
    glossary_page,
    handout_page,
    index_page,
    instructor_page,
    thursday_page,
)
from tlteach.classroom.kit_slides import write_slides
from tlteach.lessons import Question
from tlteach.lessons.glossary import Entry, entries
from tlteach.widgets import CHARTS
from tlteach.widgets.pages import write_page

PACKAGE = PAGES.parents[1]
TEMPLATES = sorted(PACKAGE.rglob("*.html.j2"))
NOTEBOOKS = PACKAGE.parent / "notebooks"
HOSTILE = """<script>alert("1")</script> & '</title></script></style>"""
STARTS = re.compile(r"<!doctype html>\s*<", re.IGNORECASE)


def test_no_page_starts_anywhere_else():
    texts = [path for path in PACKAGE.rglob("*.py") if STARTS.search(path.read_text())]
    assert [path.name for path in texts] == ["whole.py"]  # where it is what a login page looks like
    skeletons = [path.stem for path in TEMPLATES if STARTS.search(path.read_text())]
    assert skeletons == ["skeleton.html"]
    others = [path.read_text() for path in TEMPLATES if path.stem != "skeleton.html"]
    assert len(others) == len(TEMPLATES) - 1 >= 10
    assert all(text.startswith('{% extends "') for text in others)


def test_nothing_turns_escaping_off():
    for path in TEMPLATES:
        assert not re.search(r"\|\s*safe|autoescape", path.read_text()), path


def test_text_is_escaped_and_a_name_that_is_missing_is_an_error(tmp_path):
    inside = '{% block body %}<p title="{{ name }}">{{ name }}</p>{% endblock %}'
    (tmp_path / "a.html.j2").write_text(f'{{% extends "skeleton.html.j2" %}}{inside}')
    text = render("a", tmp_path, name=HOSTILE)
    page = Elements(text)
    assert page.all("p") == [({"title": HOSTILE}, HOSTILE)]
    assert not page.all("script")
    assert page.all("html")[0][0] == {"lang": "en"}
    assert "default-src 'none'" in text
    with pytest.raises(UndefinedError, match="'name' is undefined"):
        render("a", tmp_path)


def report(tmp_path):
    return write_report(tmp_path / "a.html", [Section(HOSTILE, notes=[HOSTILE])], title=HOSTILE)


def charts(tmp_path):
    return write_page([CHARTS["layers"]()], tmp_path / "a.html", title=HOSTILE)


@pytest.mark.parametrize(("write", "scripts"), [(report, 0), (charts, 2)])
def test_a_hostile_title_stays_text(write, scripts, tmp_path):
    page = Elements(write(tmp_path).read_text(encoding="utf-8"))
    assert [text.strip() for text in page.texts("title")] == [HOSTILE]
    assert [text.strip() for text in page.texts("h1")] == [HOSTILE]
    assert len(page.all("script")) == scripts  # the charts' own: data, and what brings it to life


@pytest.fixture(scope="module")
def lesson():
    """A lesson of which everything that somebody may have written is hostile."""
    found = kit._lesson(NOTEBOOKS, "01", entries())
    question = Question("01.a", HOSTILE, {HOSTILE: HOSTILE, "b": "c"})
    [exercise, *_] = found.exercises
    odd = replace(
        exercise, ask=HOSTILE, hints=(HOSTILE,) * 3, why=HOSTILE, solution=HOSTILE,
        otherwise=HOSTILE,
    )  # fmt: skip
    notes = replace(found.notes, title=HOSTILE, remark=HOSTILE, discuss=[HOSTILE])
    return replace(
        found, name=HOSTILE, header={HOSTILE: HOSTILE}, notes=notes, exercises=[odd],
        questions=[question], measured=HOSTILE, words={HOSTILE: HOSTILE}, note=HOSTILE,
        sections=[replace(part, name=HOSTILE) for part in found.sections],
    )  # fmt: skip


def slides(lesson):
    shown = [replace(one, title=HOSTILE, text=HOSTILE, said=[HOSTILE]) for one in lesson.slides]
    reveal = NOTEBOOKS / "reveal"
    return write_slides(shown, title=HOSTILE, reveal=reveal, note=HOSTILE)


@pytest.mark.parametrize(
    ("made", "scripts"),
    [
        (instructor_page, 0),
        (handout_page, 0),
        (figures_page, 0),
        (slides, 4),  # reveal.js and its start; a chart's data, and what brings it to life
        (lambda one: thursday_page([replace(one, header={"Time": HOSTILE})]), 0),
        (lambda one: index_page([one], [HOSTILE]), 0),
        (lambda one: exam_page({HOSTILE: [Asked(HOSTILE, HOSTILE, HOSTILE)]}), 0),
        (lambda one: glossary_page({HOSTILE: Entry(HOSTILE, HOSTILE)}), 0),
    ],
)
def test_hostile_words_stay_text_in_the_kit(made, scripts, lesson):
    page = Elements(made(lesson))
    assert len(page.all("script")) == scripts
    assert [len(page.all(tag)) for tag in ("html", "head", "title", "body", "main")] == [1] * 5
    assert any(HOSTILE in text for _, _, text in page.elements)


def test_every_template_is_in_the_wheels_folders():
    assert {path.parent.relative_to(PACKAGE) for path in TEMPLATES} == {
        Path("app/pages"), Path("base/pages"), Path("classroom/pages"), Path("widgets/static"),
    }  # fmt: skip
