"""The instructor kit holds all answers, the handout none; its numbers are those of the atlas."""

import re
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from tests.helpers.html_page import Page, plain
from tlteach.classroom import kit
from tlteach.classroom.kit_answers import right_option, show_right, show_wrong
from tlteach.classroom.kit_numbers import expect
from tlteach.classroom.kit_page import handout_page, index_page, instructor_page
from tlteach.lessons import EXERCISES, QUESTIONS, glossary

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
NAMES = {
    path.name[:2]: path.stem
    for path in sorted(NOTEBOOKS.glob("solutions/*.ipynb"))
    if (NOTEBOOKS / "notes" / f"{path.stem}.md").exists()
}
HOSTILE = '<script>alert(1)</script> & "quoted" \'</p>'


def of(number, known):
    return [one for one in known.values() if one.id[:2] == number]


@pytest.fixture(params=NAMES, ids=NAMES.values())
def number(request):
    return request.param


@pytest.fixture
def instructor(kit_folder, number):
    return Page((kit_folder / f"{NAMES[number]}.html").read_text(encoding="utf-8"))


@pytest.fixture
def handout(kit_folder, number):
    return Page((kit_folder / f"{NAMES[number]}_handout.html").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def lesson():
    return kit._lesson(NOTEBOOKS, "01", glossary.entries())


def test_the_folder_holds_what_it_promises_and_nothing_else(kit_folder):
    wanted = {"index.html", "glossary.html", "glossary.md", "expected.csv"}
    wanted |= {"exam.html", "thursday.html", "charts.html"}
    for name in NAMES.values():
        wanted |= {f"{name}{end}.html" for end in ("", "_handout", "_figures", "_slides")}
        wanted.add(f"solutions/{name}.ipynb")
    found = {p.relative_to(kit_folder).as_posix() for p in kit_folder.rglob("*") if p.is_file()}
    assert found == wanted


def test_solved_notebooks_are_copied_bit_for_bit(kit_folder, number):
    name = f"solutions/{NAMES[number]}.ipynb"
    assert (kit_folder / name).read_bytes() == (NOTEBOOKS / name).read_bytes()


def test_every_exercise_stands_on_the_instructors_page(instructor, number):
    for exercise in of(number, EXERCISES):
        parts = [exercise.id, exercise.ask, exercise.solution, exercise.why, exercise.otherwise]
        parts += [*exercise.hints, *(trap.says for trap in exercise.traps)]
        parts += [wrong.text for wrong, _ in show_wrong(exercise)]
        right = show_right(exercise)
        parts += [] if right.is_code else [f"Right: {right.text}"]
        for part in parts:
            assert plain(part) in instructor.text, (exercise.id, part)


def test_every_question_stands_there_with_its_key(instructor, number):
    for question in of(number, QUESTIONS):
        assert plain(question.ask) in instructor.text
        keys = 0
        for option, said in question.options.items():
            is_key = f"{option} (right): {said}" in instructor.text
            assert is_key or f"{option}: {said}" in instructor.text
            keys += is_key
        assert keys == bool(question.seal)


def test_notes_stand_on_the_instructors_page(instructor, number):
    text = (NOTEBOOKS / "notes" / f"{NAMES[number]}.md").read_text(encoding="utf-8")
    lines = re.findall(r"^- (?:\d+|\d\d\.\w|(?=\w)): (.+)$", text, re.MULTILINE)
    assert len(lines) >= 10
    for line in lines:
        assert plain(line) in instructor.text, line
    for heading in ("Plan for 50 minutes", "Plan for 90 minutes", "Numbers to expect"):
        assert heading in instructor.text


def test_the_handout_holds_what_to_predict(handout, number):
    predictions = [q for q in of(number, QUESTIONS) if not q.seal]
    assert predictions or number == "10"  # there the class votes aloud
    for question in predictions:
        assert plain(f"{question.ask} {' / '.join(question.options)}") in handout.text
    assert handout.text.count("You will") == handout.text.count("Time about") == 1


def test_the_handout_holds_no_answer(handout, number, kit_folder):
    offered = {option for q in of(number, QUESTIONS) if not q.seal for option in q.options}
    for exercise in of(number, EXERCISES):
        kept = [exercise.solution, exercise.why, exercise.otherwise, *exercise.hints]
        for text in (*kept, *(trap.says for trap in exercise.traps)):
            assert plain(text) not in handout.text
        right = str(exercise.right)
        if not exercise.given and not callable(exercise.right) and right not in offered:
            assert not re.search(rf"\b{re.escape(right)}\b", handout.text)
    for question in of(number, QUESTIONS):
        for option, said in question.options.items():
            assert said not in handout.text
            assert not question.seal or option == "nothing" or option not in handout.text
    table = pd.read_csv(kit_folder / "expected.csv")
    for rows in table.loc[table["notebook"] == NAMES[number], "rows"]:
        assert expect("", rows).centre not in handout.text


def test_quiz_keys_are_found_by_their_seals():
    keys = {q.id: right_option(q) for q in QUESTIONS.values()}
    assert {id for id, key in keys.items() if key} == {q.id for q in QUESTIONS.values() if q.seal}
    assert keys["00.d"] == "out of the 20"


def test_wrong_code_is_shown_without_what_stands_around_it():
    shown = [wrong for wrong, _ in show_wrong(EXERCISES["00.3"])]
    assert shown[0].text == "lambda labels: 1 / len(set(labels))"
    assert all(wrong.is_code for wrong in shown)
    named = show_wrong(EXERCISES["01.3"])[0][0].text
    assert named.startswith("def _signs(")
    for number, trap in enumerate(EXERCISES["00.3"].traps):
        again = eval(shown[number].text, trap.wrong.__globals__)
        assert again([0, 1, 1, 2]) == trap.wrong([0, 1, 1, 2])


def test_numbers_on_the_page_are_those_of_the_table(instructor, kit_folder, number):
    table = pd.read_csv(kit_folder / "expected.csv", keep_default_na=False)
    assert set(table["notebook"]) == set(NAMES.values())
    table["ci_low"] = pd.to_numeric(table["ci_low"])  # empty where all seeds are alike
    mine = table[table["notebook"] == NAMES[number]]
    assert len(mine)
    for row in mine.itertuples():
        told = expect(row.what, row.rows)
        assert (row.mean, row.ci_low, row.highest_seed) == pytest.approx(
            (told.mean, told.low, told.highest), rel=1e-5, nan_ok=True
        )
        line = f"{told.what} {told.centre} {told.interval} {told.band} {told.n_seeds}"
        assert line in instructor.text


def test_nothing_comes_from_outside_and_every_link_leads_somewhere(kit_folder):
    for path in kit_folder.glob("*.html"):
        html = path.read_text(encoding="utf-8")
        if path.stem == "charts":  # tested where charts are
            continue
        page = Page(html)
        styles = "".join(re.findall(r"<style>(.*?)</style>", html, re.DOTALL))
        assert not re.search(r"@import|url\((?!['\"]?(data:|#))", styles), path.name
        assert "Content-Security-Policy" in html
        assert not {"link", "iframe", "object"} & set(page.tags)
        charts = html.count('type="application/json"')  # data of each, and what brings them to life
        own = 2 + charts + bool(charts)
        assert page.tags.count("script") == (own if path.stem.endswith("_slides") else 0)
        for name, value in page.attributes:
            assert name not in ("srcset", "data", "action", "background")
            assert name != "src" or value.startswith("data:image/")
            if name == "href":
                file, _, place = value.partition("#")
                target = kit_folder / file if file else path
                assert target.is_file(), (path.name, value)
                assert not place or f'id="{place}"' in target.read_text(encoding="utf-8")


def test_the_same_notebooks_give_the_same_bytes(kit_folder, tmp_path):
    kit.write_kit(tmp_path)
    for path in kit_folder.rglob("*.*"):
        assert (tmp_path / path.relative_to(kit_folder)).read_bytes() == path.read_bytes(), (
            path.name
        )


def test_some_notebooks_only_and_other_files_stay(tmp_path):
    (tmp_path / "mine.txt").write_text("kept")
    index = kit.write_kit(tmp_path, ["01"])
    assert index == tmp_path / "index.html"
    assert not (tmp_path / "00_start.html").exists()
    assert set(pd.read_csv(tmp_path / "expected.csv")["notebook"]) == {"01_three_ways"}
    assert (tmp_path / "mine.txt").read_text() == "kept"
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".")]


def test_a_notebook_without_notes_is_named(copied, tmp_path):
    (copied / "notes" / "00_start.md").unlink()
    index = kit.write_kit(tmp_path / "out", folder=copied)
    assert not (tmp_path / "out" / "00_start.html").exists()
    assert (
        "their notes or their solved copies are missing: 00_start" in Page(index.read_text()).text
    )
    with pytest.raises(FileNotFoundError, match="the kit needs notes on 00_start: write "):
        kit.write_kit(tmp_path / "out", ["00"], folder=copied)


def test_a_missing_notebook_is_named(copied, tmp_path):
    (copied / "solutions" / "00_start.ipynb").unlink()
    with pytest.raises(FileNotFoundError, match=r"00_start\.ipynb: `make notebooks` writes it"):
        kit.write_kit(tmp_path / "out", ["00"], folder=copied)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("notebooks", "message"),
    [
        (["99"], "notebook must be one of '00', .*; got '99'"),
        ("01", "notebooks must be a list of one or more, such as .*; got '01'"),
        ([], r"notebooks must be a list of one or more, .*; got \[\]"),
    ],
)
def test_unknown_notebooks_are_refused(tmp_path, notebooks, message):
    with pytest.raises(ValueError, match=message):
        kit.write_kit(tmp_path / "new", notebooks)
    assert not (tmp_path / "new").exists()


def test_a_file_is_no_folder(tmp_path):
    (tmp_path / "kit").write_text("a file")
    with pytest.raises(ValueError, match="out must be a folder; got the file"):
        kit.write_kit(tmp_path / "kit")
    assert (tmp_path / "kit").read_text() == "a file"


@pytest.mark.parametrize(
    ("name", "old", "new", "message"),
    [
        (
            "notes/00_start.md",
            "- 00.2:",
            "- 00.8:",
            r"^00_start\.md: Ask back must .*missing: 00.2",
        ),
        ("notes/01_three_ways.md", "shots=10", "shots=11", "shots must be one of .*; got '11'"),
        ("solutions/00_start.ipynb", "**Time**", "Time", r"first cell of 00_start\.ipynb must say"),
    ],
)
def test_what_does_not_fit_is_refused_before_anything_is_written(
    copied, tmp_path, name, old, new, message
):
    path = copied / name
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(ValueError, match=message):
        kit.write_kit(tmp_path / "out", folder=copied)
    assert not (tmp_path / "out").exists()


def test_hostile_text_stays_text(lesson):
    notes = replace(lesson.notes, title=HOSTILE, discuss=(HOSTILE,), remark=HOSTILE)
    words = {"head": HOSTILE}
    exercises = [replace(lesson.exercises[0], ask=HOSTILE, solution=HOSTILE)]
    bad = replace(lesson, notes=notes, words=words, exercises=exercises)
    for page in (instructor_page(bad), handout_page(bad), index_page([bad], [HOSTILE])):
        assert "<script" not in page
        assert HOSTILE.split(" &")[0] in Page(page).text
