"""A notebook becomes slides of one message: its finding as title, code folded, nothing lost."""

from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_output

from tlteach.base import wrapped
from tlteach.classroom.kit_deck import BELOW, LINES, TITLE, WIDE, deck, finding, questions_of
from tlteach.lessons import QUESTIONS

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
NAMES = [path.stem for path in sorted(NOTEBOOKS.glob("solutions/*.ipynb"))]


def said(source, text, *pictures):
    outputs = [new_output("stream", text=text)] if text else []
    data = [{"image/png": "iVBORw==", "text/plain": words} for words in pictures]
    outputs += [new_output("display_data", data=one) for one in data]
    return new_code_cell(source, outputs=outputs)


def test_the_finding_is_the_title_and_the_code_is_folded():
    cells = [
        new_markdown_cell("# A title\n\nFirst.\n\n## 1. A race\n\nWho wins?"),
        new_code_cell("import os"),
        said(
            "draw()",
            "Test accuracy, one dot per seed.\nfrozen helps against scratch: +9 points\n",
            "x",
        ),
    ]
    opening, part, race = deck(cells, [])
    assert (opening.title, opening.first, opening.text) == ("A title", True, "First.")
    assert (part.title, part.first, part.text) == ("1. A race", True, "Who wins?")
    assert race.title == "Frozen helps against scratch: +9 points"
    assert not race.first
    assert race.code == ["import os", "draw()"]
    assert len(race.pictures) == 1
    assert race.pictures[0].source == "data:image/png;base64,iVBORw=="


def test_a_description_that_was_broken_for_the_page_stays_one_sentence():
    words = "Test accuracy on digits at 1 shot, one dot per seed, " + "and so on " * 12
    whole, broken = (deck([said("draw()", text, "x")], []) for text in (words, wrapped(words)))
    assert whole[-1].title == broken[-1].title
    assert whole[-1].said == broken[-1].said
    assert [line.strip() for line in whole[-1].folded] == list(broken[-1].folded)


def test_an_exercise_stands_as_learners_find_it():
    learner = [new_code_cell("answer = ...")]
    cells = [
        new_markdown_cell("## Part\n\nText.\n\n### Exercise 09.9\n\nHow many?"),
        new_code_cell("answer = ...\nanswer = 7"),
        new_code_cell('lessons.check("09.9", answer)'),
    ]
    _, exercise = deck(cells, learner)
    assert (exercise.title, exercise.text) == ("Exercise 09.9", "How many?")
    assert (exercise.stub, exercise.solution) == ("answer = ...", "answer = ...\nanswer = 7")
    assert exercise.code == ['lessons.check("09.9", answer)']


def test_two_answers_in_a_row_are_two_slides_and_none_is_lost():
    learner = [new_code_cell("a = ..."), new_code_cell("b = ..."), new_code_cell("")]
    cells = [
        new_markdown_cell("### Exercise 09.9\n\nTwo."),
        new_code_cell("a = ...\na = 1"),
        new_code_cell("b = ...\nb = 2"),
        new_code_cell("c = 3"),  # learners get nothing of it
    ]
    first, second = deck(cells, learner)
    assert (first.stub, second.stub) == ("a = ...", "b = ...")
    assert second.title == "Exercise 09.9 (continued)"
    assert second.solution == "b = ...\nb = 2"
    assert second.code == ["c = 3"]


def test_prose_after_a_result_has_its_first_sentence_as_title():
    text = (
        "**Cannot tell**, twice. On clothes the lead of J. Yosinski et al. 2014 is small. So it is."
    )
    _, slide = deck([new_markdown_cell("# A"), new_markdown_cell(text)], [])
    assert slide.title == "Cannot tell, twice"
    assert slide.text == "On clothes the lead of J. Yosinski et al. 2014 is small. So it is."


def test_long_prose_is_folded_and_references_always():
    text = (
        "## Part\n\n"
        + "\n\n".join(["Some words. " * 30] * 3)
        + "\n\n**References.** A. Author, 2020."
    )
    [slide] = deck([new_markdown_cell(text)], [])
    assert slide.text.count("\n\n") == 0
    assert "References" in slide.more
    assert slide.more.count("\n\n") == 2


def test_tables_and_drawings_stay_whole_and_seen():
    drawing, table = "```text\nA\n\n  -> B\n```", "| a |\n|---|\n| 1 |"
    text = "\n\n".join(["## Part", "Some words. " * 30, "More words. " * 20, drawing, table])
    [slide] = deck([new_markdown_cell(text)], [])
    assert slide.text.endswith(f"{drawing}\n\n{table}")
    assert slide.more.startswith("More words.")


def test_facts_right_after_a_silent_picture_are_its_title():
    cells = [
        new_markdown_cell("## 5. Compare"),
        said("draw()", "Test accuracy, one dot per seed. scratch: none.\n", "dots"),
        said("judge()", "frozen against scratch: helps\nseeds: 5\n"),
        said("more()", "it costs 3 points\n"),
    ]
    _, race, more = deck(cells, [])
    assert race.title == "Frozen against scratch: helps"
    assert race.said == ["frozen against scratch: helps", "seeds: 5"]
    assert race.folded[0] == "Test accuracy, one dot per seed. scratch: none."
    assert race.code == ["draw()", "judge()"]
    assert more.title == "It costs 3 points"


def test_a_figure_without_a_word_is_called_one():
    _, shown = deck([new_markdown_cell("## 5. Compare"), said("draw()", "", "dots")], [])
    assert shown.title == "Compare: the figure"


def test_a_cell_with_several_pictures_gives_one_slide_each():
    slides = deck([said("draw()", "It hurts: -3 points\n", "first", "second")], [])
    assert [slide.title for slide in slides] == [
        "It hurts: -3 points",
        "It hurts: -3 points (2 of 2)",
    ]
    assert [slide.pictures[0].words for slide in slides] == ["first", "second"]
    assert [slide.code for slide in slides] == [["draw()"], []]


def test_much_that_was_printed_is_folded():
    lines = [f"case {number}: helps" for number in range(20)]
    [slide] = deck([said("run()", "\n".join(lines))], [])
    assert slide.said == lines[:LINES]
    assert slide.folded == lines


@pytest.mark.parametrize(
    ("lines", "title"),
    [
        (["seeds: 5", "it costs 10 points or more: True"], "It costs 10 points or more"),
        (["kNN and probe: 30 points apart: True"], "kNN and probe: 30 points apart"),
        (["scratch    right: 28%"], "Scratch right: 28%"),
        (["a map.", "b"], "The map: a map"),
        ([], "The map"),
        (["helps: " + "long " * 40], "Helps"),
        (["word " * 60 + "helps"], None),
    ],
)
def test_titles(lines, title):
    found = finding(lines, "The map")
    assert len(found) <= TITLE
    assert found == title if title else found.endswith("…")


def test_questions_are_found_one_by_one_and_in_loops():
    found = questions_of('lessons.quiz("00.d")\nlessons.quiz("00.e")')
    assert [one.id for one in found] == ["00.d", "00.e"]
    loop = 'for letter in "afb":\n    display(lessons.quiz(f"01.{letter}"))'
    assert [one.id for one in questions_of(loop)] == ["01.a", "01.f", "01.b"]
    assert questions_of('lessons.check("00.1", answer)') == []


@pytest.fixture(params=NAMES)
def notebook(request):
    paths = (
        NOTEBOOKS / "solutions" / f"{request.param}.ipynb",
        NOTEBOOKS / f"{request.param}.ipynb",
    )
    return request.param, *(nbformat.read(path, as_version=4).cells for path in paths)


def test_nothing_of_a_notebook_is_left_out(notebook):
    name, solved, learner = notebook
    slides = deck(solved, learner)
    code = "\n".join(source for slide in slides for source in (*slide.code, slide.solution))
    for cell in solved:
        if cell.cell_type == "code":
            assert cell.source.strip() in code
    text = " ".join(f"{s.title} {s.text} {s.more}" for s in slides)
    plain = "".join(text.replace("**", "").replace(".", "").split())  # a title ends without one
    for cell in solved:
        if cell.cell_type == "markdown":
            for block in cell.source.replace("**", "").split("\n\n"):
                words = "".join(block.strip().lstrip("# ").replace(".", "").split())
                assert words[-30:].rstrip(":") in plain, block
    lines = [line for slide in slides for line in (*slide.said, *slide.folded, slide.title)]
    printed = " ".join("\n".join(lines).split())
    for cell in solved:
        for output in cell.get("outputs", []):
            for line in filter(str.strip, output.get("text", "").splitlines()):
                assert " ".join(line.split()).rstrip(".:")[1:] in printed  # a title has a capital
    asked = {slide.question.id for slide in slides if slide.question}
    assert asked == {id for id in QUESTIONS if id[:2] == name[:2]}


def test_slides_say_one_thing_each(notebook):
    _, solved, learner = notebook
    slides = deck(solved, learner)
    assert len(slides) >= 10
    assert all(slide.title for slide in slides)
    assert all(len(slide.pictures) <= 1 for slide in slides)
    for slide in slides:
        rows = sum(-(-len(line) // WIDE) for line in slide.said)
        assert rows <= (BELOW if slide.pictures or slide.tables else LINES)
