"""Pages of the instructor kit: one HTML file each, made for A4, with nothing from outside."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import mistune
from markupsafe import Markup
from nbformat import NotebookNode

from tlteach.base import page
from tlteach.classroom.kit_answers import right_option, show_right, show_wrong
from tlteach.classroom.kit_deck import Slide
from tlteach.classroom.kit_exam import Asked
from tlteach.classroom.kit_formula import formulas
from tlteach.classroom.kit_minutes import CELL, EXERCISE, LINE, OTHER, READING, Section
from tlteach.classroom.kit_notes import Notes, Wanted
from tlteach.classroom.kit_numbers import Expectation
from tlteach.lessons import Exercise, Question
from tlteach.lessons.glossary import Entry, anchor
from tlteach.measures import false_words_told

MARKDOWN = mistune.create_markdown(escape=True, plugins=["table", formulas])
NUMBERED = re.compile(r"^(\d+)\. ")
PAGES = Path(__file__).parent / "pages"
LINK = re.compile(r"\]\((?:\.\./)?glossary\.md")


@dataclass(frozen=True)
class Lesson:
    """All there is to tell about one notebook.

    Attributes
    ----------
    name : str
        Such as "01_three_ways".
    header : mapping of str to str
        What stands at the notebook's top behind "You will", "You need" and "Time".
    notes : Notes
    exercises : sequence of Exercise
    questions : sequence of Question
    expected : sequence of (Expectation, Wanted)
    measured : str
        Where and when the numbers were measured.
    words : mapping of str to str
        The first sentence of the glossary on each word.
    solved : NotebookNode
        The solved notebook.
    slides : sequence of Slide
    sections : sequence of Section
        With a learner's minutes.
    note : str
        Where the figures come from.
    """

    name: str
    header: Mapping[str, str]
    notes: Notes
    exercises: Sequence[Exercise]
    questions: Sequence[Question]
    expected: Sequence[tuple[Expectation, Wanted]]
    measured: str
    words: Mapping[str, str]
    solved: NotebookNode
    slides: Sequence[Slide]
    sections: Sequence[Section]
    note: str


def instructor_page(lesson: Lesson) -> str:
    """Return the page with the plan, the numbers and all answers."""
    verdicts = sum(one.verdict not in ("", "no word") for one, _ in lesson.expected)
    chance = false_words_told(verdicts) if verdicts else ""
    return render("instructor", lesson=lesson, chance=chance)


def handout_page(lesson: Lesson) -> str:
    """Return the page for learners: what to predict and room to write, no answers."""
    return render("handout", lesson=lesson)


def figures_page(lesson: Lesson) -> str:
    """Return the page for learners afterwards: the figures, each under what it shows."""
    return render("figures", lesson=lesson, note=lesson.note)


def exam_page(exams: Mapping[str, Sequence[Asked]]) -> str:
    """Return exam questions with answers, by notebook."""
    return render("exam", exams=exams)


def thursday_page(lessons: Sequence[Lesson]) -> str:
    """Return what to do the day before and when things break, with a learner's minutes."""
    by_kind = EXERCISE | {"another": OTHER}
    exercise = ", ".join(f"{minutes:g} ({kind.lower()})" for kind, minutes in by_kind.items())
    return render(
        "thursday",
        lessons=lessons,
        reading=READING,
        cell=CELL,
        line=LINE,
        exercise=f"{exercise} minutes",
    )


def index_page(lessons: Sequence[Lesson], not_ready: Sequence[str]) -> str:
    """Return the page that links to all others, and names the notebooks that are not ready."""
    return render("index", lessons=lessons, not_ready=not_ready)


def glossary_page(entries: Mapping[str, Entry]) -> str:
    """Return the glossary, with the anchors that the notebooks link to."""
    return render("glossary", entries=entries)


def linked(text: str) -> str:
    """Return Markdown whose links to the glossary lead to its page in the kit.

    Examples
    --------
    >>> linked("the [head](../glossary.md#head)")
    'the [head](glossary.html#head)'
    """
    return LINK.sub("](glossary.html", text)


def render(template: str, **known: Any) -> str:
    """Return a page of the kit from its template; text is escaped."""
    tools = {tool.__name__: tool for tool in (anchor, right_option, show_right, show_wrong)}
    filters = {"md": _markdown, "inline": _inline}
    return page.render(template, PAGES, filters=filters, **tools, **known)


def _markdown(text: str) -> Markup:
    return Markup(MARKDOWN(linked(text)))


def _inline(text: str) -> Markup:
    """Return Markdown without the paragraph around it; a number in front starts no list."""
    html = str(_markdown(NUMBERED.sub(r"\1\\. ", text))).strip()
    return Markup(html.removeprefix("<p>").removesuffix("</p>"))
