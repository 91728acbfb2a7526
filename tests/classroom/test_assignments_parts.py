"""Assignments without otter: what is found in a notebook, what is demanded, and the CSV files."""

import ast
import importlib.util
import re
from pathlib import Path

import jupytext
import pytest
from hypothesis import given, settings, strategies as st

from tlteach.classroom import assignments
from tlteach.classroom.master import master_notebook
from tlteach.classroom.questions import Piece, graded_once, pieces
from tlteach.lessons import EXERCISES
from tlteach.lessons._exercise import Measured

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
SOURCES = [
    path
    for path in sorted((NOTEBOOKS / "src").glob("*.py"))
    if any(id.startswith(path.stem[:2]) for id in EXERCISES)
]
CHECK, USE = 'lessons.check("00.1", n)', 'n = lessons.use("00.1", n)'


def checks(*cells):
    found = graded_once(piece for cell in cells for piece in pieces(cell))
    return [piece.check.id if piece.check else None for piece in found]


class TestPieces:
    @given(
        st.lists(
            st.sampled_from(
                [CHECK, USE, "x = 1", 'w = "über"', 'print(f"{1}")', "if 1:\n    y = 2", "a"]
            ),
            min_size=1,
        ),
        st.sampled_from(["\n", "; ", "\n\n"]),
    )
    @settings(max_examples=60, deadline=None)
    def test_nothing_is_lost_and_each_check_is_last(self, statements, between):
        source = between.join(statements)
        try:
            whole = ast.dump(ast.parse(source))
        except SyntaxError:
            assert pieces(source) == [Piece(source)]
            return
        found = pieces(source)
        assert ast.dump(ast.parse("\n".join(piece.source for piece in found))) == whole
        for piece in found:
            assert (piece.check is not None) == (CHECK in piece.source)
            assert not piece.check or "if 1" in piece.source or piece.source.endswith(CHECK)

    def test_magics_and_other_lines_do_not_shift_the_cut(self):
        (first, second) = pieces(f"%matplotlib inline\n!ls 'ä'\n{CHECK}  # my check\nx = 1")
        assert first.source.endswith(CHECK)
        assert second.source == "# my check\nx = 1"

    def test_a_check_counts_where_no_stand_in_can_be_in_place(self):
        assert checks(CHECK, USE) == ["00.1", None]
        assert checks(CHECK, CHECK, USE, CHECK) == [None, "00.1", None, None]
        assert checks(USE, CHECK) == [None, None]
        assert checks(f"if 1:\n    {USE}\n    {CHECK}") == [None]
        assert checks(f"{CHECK}; {USE}") == ["00.1", None]

    def test_what_is_no_check_of_an_exercise_is_left_alone(self):
        for other in ("lessons.check(id, n)", "lessons.check('99.9', n)", "grader.check('00.1')"):
            assert checks(other) == [None]


class TestMaster:
    @pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.stem)
    def test_every_exercise_becomes_a_question_and_no_code_is_lost(self, source):
        spec = importlib.util.spec_from_file_location("build", NOTEBOOKS / "build.py")
        build = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(build)
        learners = next(notebook for _, notebook in build.variants(source))
        master, ids = master_notebook(source, (1, 3))
        assert sorted(ids) == sorted(id for id in EXERCISES if id.startswith(source.stem[:2]))
        kept = [
            re.sub(r"# BEGIN SOLUTION.*# END SOLUTION", "", cell.source, flags=re.DOTALL)
            for cell in master.cells
            if cell.cell_type == "code"
            and "# BEGIN TEST CONFIG" not in cell.source
            and "solution" not in cell.metadata.get("tags", [])
        ]
        wanted = [cell.source for cell in learners.cells if cell.cell_type == "code"]
        assert "".join("\n".join(kept).split()) == "".join("\n".join(wanted).split())

    @pytest.mark.parametrize(
        ("cells", "message"),
        [
            (["n = 1"], r"90.py must check an exercise, .*; it checks none"),
            ([CHECK, CHECK], r"check each exercise once, .* not do so with 00.1"),
            ([USE, CHECK], r"before lessons.use puts .* not do so with 00.1"),
            ([f"n = 1\n# solution\nn = 2\n{CHECK}"], r"00.1 must be checked in a cell of its own"),
        ],
    )
    def test_a_source_that_cannot_be_graded_is_refused(self, tmp_path, cells, message):
        source = tmp_path / "90.py"
        source.write_text("".join(f"# %%\n{cell}\n" for cell in cells))
        assert len(jupytext.read(source, fmt="py:percent").cells) == len(cells)
        with pytest.raises(ValueError, match=message):
            master_notebook(source, (1, 3))
        assert not list(tmp_path.glob("out*"))


class TestDemand:
    @pytest.mark.parametrize(
        "id", [id for id, one in EXERCISES.items() if not isinstance(one.kind, Measured)]
    )
    def test_the_right_answer_and_each_trap(self, id):
        exercise = EXERCISES[id]
        env = dict(exercise.example())
        expressions = {name: name for name in env}
        given = dict(env)
        own = exercise.right if exercise.stand_in is None else exercise.stand_in
        env["answer"] = exercise.wanted(own, given)
        assignments.demand(id, "answer", expressions, env, right=False)
        assignments.demand(id, "answer", expressions, env, right=True)
        told = set()
        for trap in exercise.traps:
            env["answer"] = exercise.wanted(trap.wrong, given)
            outcome = exercise.judge(env["answer"], **given)
            if outcome.state == "correct":  # a trap that this measurement makes true
                continue
            assignments.demand(id, "answer", expressions, env, right=False)
            with pytest.raises(AssertionError, match=re.escape(outcome.says)):
                assignments.demand(id, "answer", expressions, env, right=True)
            told.add(outcome.says)
        assert len(told) >= 2

    @pytest.mark.parametrize("right", [True, False])
    @pytest.mark.parametrize(
        ("answer", "message"),
        [
            ("...", "How many labelled images"),
            ("'sixty'", "the answer is a number; got 'sixty'"),
            ("never_defined", "00.1 could not be judged: NameError: name 'never_defined'"),
        ],
    )
    def test_nothing_and_another_kind_get_nothing(self, answer, message, right):
        with pytest.raises(AssertionError, match=message):
            assignments.demand("00.1", answer, {}, {}, right=right)

    def test_a_function_that_ends_python_does_not(self):
        env = {}
        exec("import sys\ndef majority(labels):\n    sys.exit(1)", env)
        with pytest.raises(AssertionError, match=r"00.3 could not be judged: SystemExit"):
            assignments.demand("00.3", "majority", {}, env, right=False)
