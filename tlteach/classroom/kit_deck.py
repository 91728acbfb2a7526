"""What is shown on slides: a solved notebook cut into one message each, its finding as title."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import accumulate

from nbformat import NotebookNode

from tlteach.base import unwrapped
from tlteach.classroom.kit_charts import Shown, chart_of
from tlteach.classroom.kit_pictures import TABLE, Picture, pictures
from tlteach.lessons import QUESTIONS, Question

TITLE = 110  # characters: two lines of a slide
WIDE = 85  # characters of a printed line on a slide
LINES, BELOW = 12, 4  # rows of what was printed that have room: alone, and below a picture
ROOM, ASKED_ROOM = 420, 600  # characters of prose that have room: as a rule, and in exercises
HEADING = re.compile(r"^(?=#{1,3} )", re.MULTILINE)
# an end, and the start of another sentence: not "et al. 2014", not "J. Yosinski"
SENTENCE = re.compile(r"(?<!\bal)(?<!\be\.g)(?<!\b[A-Z])[.!?]\**\s+(?=[\"'“*`\[(]*[A-Z0-9])")
# a paragraph, a list, a table; a drawing or code whole, whatever stands in it
BLOCK = re.compile(r"^```[\s\S]*?^```$|(?:^.*\S.*\n?)+", re.MULTILINE)
TELLS = re.compile(r"\b(?:helps?|hurts?|cannot tell|points?)\b|\d ?%|: True$")
ASKED = re.compile(r"""quiz\(f?["'](\d\d)\.(\w|\{letter\})["']\)""")
LETTERS = re.compile(r"""for letter in ["'](\w+)["']""")
NUMBER = re.compile(r"^\d+\. ")
EXERCISE = re.compile(r"^(?:\*\*)?Exercise (?:\d\d\.\d)?")


@dataclass
class Slide:
    """One message.

    Attributes
    ----------
    title : str
        In Markdown: the finding, the question, or what the next minutes are about.
    first : bool
        Whether a part of the notebook starts here.
    text, more : str
        Markdown that is seen, and that is folded.
    said, folded : sequence of str
        Lines that a cell printed: on the slide, and folded.
    pictures : sequence of Picture
    tables : sequence of str
        HTML.
    chart : Shown, optional
        Alive in the place of its still picture.
    question : Question, optional
        To vote on.
    stub : str
        What learners find in an empty cell.
    solution : str
        One way to fill it.
    code : sequence of str
        What was run for it, folded.
    """

    title: str
    first: bool = False
    text: str = ""
    more: str = ""
    said: Sequence[str] = ()
    folded: Sequence[str] = ()
    pictures: Sequence[Picture] = ()
    tables: Sequence[str] = ()
    chart: Shown | None = None
    question: Question | None = None
    stub: str = ""
    solution: str = ""
    code: list[str] = field(default_factory=list)


def deck(solved: Sequence[NotebookNode], learner: Sequence[NotebookNode]) -> list[Slide]:
    """Return the slides of a notebook.

    Prose, a question, an exercise and what a cell showed are a slide each. Code never is: it is
    folded under what it showed. Nothing of the notebook is left out.

    Parameters
    ----------
    solved, learner : sequence of NotebookNode
        The cells of its two copies.
    """
    known = {cell.source for cell in solved}
    stubs = [cell.source for cell in learner if cell.cell_type == "code"]
    stubs = [source for source in stubs if source and source not in known]
    slides: list[Slide] = []
    waiting: list[str] = []  # code that has shown nothing yet
    for cell in solved:
        if cell.cell_type == "markdown":
            for slide in _prose(cell.source, slides):
                if slide.first and slides:
                    slides[-1].code += waiting
                    waiting = []
                slides.append(slide)
        elif source := cell.source.strip():
            stub = next((one for one in stubs if source.startswith(one)), None)
            if stub is not None and slides:
                stubs.remove(stub)
                if slides[-1].stub:
                    slides.append(Slide(_continued(slides[-1].title)))
                slides[-1].stub, slides[-1].solution = stub, source
            else:
                waiting.append(source)
            asked = [Slide(one.ask, question=one) for one in questions_of(source)]
            shown = [*asked, *_shown(cell, slides)]
            if slides and not asked and shown and _explains(shown[0], slides[-1]):
                _join(slides[-1], shown.pop(0), waiting)
                waiting = []
            if shown:
                shown[0].code += waiting
                waiting = []
            slides += shown
    if slides:
        slides[-1].code += waiting
    return slides


def finding(lines: Sequence[str], otherwise: str) -> str:
    """Return the line that says what was found: a verdict, a difference, a promise that held.

    Examples
    --------
    >>> finding(["trained in 3 updates", "frozen helps against scratch: +13.1 points"], "Run")
    'Frozen helps against scratch: +13.1 points'
    >>> finding(["numbers: 3", "it costs 5 points or more: True"], "Run")
    'It costs 5 points or more'
    >>> finding(["Grid of 24 images, 96 by 96 pixels."], "The data")
    'The data: Grid of 24 images, 96 by 96 pixels'
    >>> finding(["the chart"], "Which source?")
    'Which source? The chart'
    """
    plain = [" ".join(line.split()) for line in lines]
    firsts = [re.split(r"[.!?] ", line, maxsplit=1)[0] for line in plain if line]
    told = next((one for one in firsts if TELLS.search(one)), "")
    told = told.removesuffix(": True").rstrip(".:")
    if not told:  # nothing was found, something is only shown
        asked = otherwise.endswith("?")
        first = firsts[0][:1].upper() + firsts[0][1:] if firsts and asked else "".join(firsts[:1])
        told = f"{otherwise}{' ' if asked else ': '}{first}".rstrip(".:") if firsts else otherwise
    while len(told) > TITLE and ": " in told:
        told = told.rpartition(": ")[0]
    told = textwrap.shorten(told, TITLE, placeholder=" …")
    return told[:1].upper() + told[1:] if told.split(" ")[0].islower() else told


def _prose(source: str, before: Sequence[Slide]) -> Iterator[Slide]:
    for part in filter(str.strip, HEADING.split(source)):
        head, _, body = part.partition("\n") if part.startswith("#") else ("", "", part)
        body = body.strip()
        level = len(head) - len(head.lstrip("#"))
        title = head.lstrip("# ")
        if not title:
            title, body = _first_sentence(body, before[-1].title if before else "")
        yield Slide(title, 0 < level < 3, *_folded(body, whole=bool(EXERCISE.match(title))))


def _first_sentence(text: str, otherwise: str) -> tuple[str, str]:
    """Return prose as a title and the rest; the title before goes on where none is short."""
    block = text.partition("\n\n")[0]
    end = SENTENCE.search(block)
    first = block[: end.end()].strip() if end else block
    if text.startswith(("|", "- ")) or len(first) > TITLE:
        return _continued(otherwise), text
    return first.replace("**", "").rstrip(".:"), text[len(first) :].strip()


def _continued(title: str) -> str:
    return f"{title.removesuffix(' (continued)')} (continued)"


def _folded(text: str, *, whole: bool) -> tuple[str, str]:
    """Return what stands on a slide of some prose, and what is folded: references always."""
    seen: list[str] = []
    more: list[str] = []
    most = ASKED_ROOM if whole else ROOM
    for block in map(str.rstrip, BLOCK.findall(text)):
        room = not more and sum(len(told) for told in seen) + len(block) <= most
        room = room or not seen or block.startswith(("|", "```"))  # a table, a drawing
        (more if block.startswith("**References") or not room else seen).append(block)
    return "\n\n".join(seen), "\n\n".join(more)


def questions_of(source: str) -> list[Question]:
    r"""Return the questions that a cell asks.

    Examples
    --------
    >>> cell = 'for letter in "ab":\n    display(lessons.quiz(f"00.{letter}"))'
    >>> [question.id for question in questions_of(cell)]
    ['00.a', '00.b']
    """
    spelt = LETTERS.search(source)
    ids = []
    for number, letter in ASKED.findall(source):
        letters = letter if len(letter) == 1 else spelt[1] if spelt else ""
        ids += [f"{number}.{one}" for one in letters]
    return [QUESTIONS[id] for id in ids if id in QUESTIONS]


def _shown(cell: NotebookNode, before: Sequence[Slide]) -> list[Slide]:
    """Return a slide for what a cell showed, one for each picture; none if it showed nothing."""
    printed = "".join(output.get("text", "") for output in cell.outputs)
    lines = unwrapped([line.rstrip() for line in printed.splitlines() if line.strip()])
    drawn = pictures(cell)
    html = [output.get("data", {}).get("text/html", "") for output in cell.outputs]
    tables = [table for table in html if TABLE in table]
    # a chart that asks first has no picture yet; one that is only told in words is none
    chart = chart_of(cell.source)
    if not (lines or drawn or tables or chart):
        return []
    heading = next((slide.title for slide in reversed(before) if slide.first), "What it shows")
    what = "the figure" if drawn else "the table"
    # a chart says itself what was found where it stands
    title = finding(["the chart"] if chart else lines or [what], NUMBER.sub("", heading))
    # a sentence on a picture is for who cannot see it; long lines are folded
    short = [line for line in lines if len(line) <= WIDE] if drawn else lines
    seen = [] if len(lines) == len(short) == 1 else _that_fit(short, bool(drawn or tables))
    slide = Slide(title, said=seen, folded=lines if seen != lines else (), tables=tables)
    slide.pictures, slide.chart = drawn[:1], chart
    rest = [
        Slide(f"{title} ({place} of {len(drawn)})", pictures=[picture])
        for place, picture in enumerate(drawn[1:], 2)
    ]
    return [slide, *rest]


def _that_fit(lines: Sequence[str], beside: bool) -> list[str]:
    """Return the first lines that have room on a slide, alone or beside a picture or a table."""
    rows = list(accumulate(-(-len(line) // WIDE) for line in lines))
    return [
        line for line, row in zip(lines, rows, strict=True) if row <= (BELOW if beside else LINES)
    ]


def _printed(slide: Slide) -> Sequence[str]:
    return slide.folded or slide.said


def _explains(facts: Slide, before: Slide) -> bool:
    """Return whether facts say what the picture right before them, which says nothing, shows."""
    alone = not (facts.pictures or facts.tables or facts.chart) and any(
        map(TELLS.search, _printed(facts))
    )
    return alone and bool(before.pictures) and not any(map(TELLS.search, _printed(before)))


def _join(picture: Slide, facts: Slide, code: Sequence[str]) -> None:
    """Put facts under the picture that they are about, their finding above it."""
    lines = [*_printed(picture), *_printed(facts)]
    picture.title, picture.said = facts.title, _that_fit(facts.said, beside=True)
    picture.folded = lines
    picture.code += code
