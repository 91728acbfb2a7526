"""Exercises: right answers pass, typical wrong ones get their own words, nothing passes by luck."""

import ast
import inspect
import textwrap

import numpy as np
import pandas as pd
import pytest

from tlteach import lessons
from tlteach.lessons import EXERCISES
from tlteach.lessons._exercise import CORRECT, NOT_YET, NOTHING, Function, Measured
from tlteach.lessons._journal import Journal
from tlteach.measures import judge, paired, two_way

FUNCTIONS = [e for e in EXERCISES.values() if isinstance(e.kind, Function)]


@pytest.fixture(autouse=True)
def _own_journal(monkeypatch, tmp_path):
    monkeypatch.setenv("TLTEACH_HOME", str(tmp_path))


class Like:
    """Stands for a run where only one fact of it is looked at."""

    def __init__(self, name):
        self.regime = self
        self.name = name


def answers(exercise, wrong):
    """Return an answer as a learner would give it."""
    found = exercise.wanted(wrong, exercise.example())
    if isinstance(found, tuple):
        return sum(found) / 2
    return Like(found) if isinstance(exercise.kind, Measured) else found


@pytest.fixture(params=EXERCISES.values(), ids=lambda e: e.id)
def exercise(request, monkeypatch):
    if isinstance(request.param.kind, Measured):
        monkeypatch.setattr(Measured, "fault", lambda self, answer: "")
    return request.param


def test_the_right_answer_passes(exercise):
    outcome = exercise.judge(answers(exercise, exercise.right), **exercise.example())
    assert (outcome.state, outcome.says) == (CORRECT, exercise.why)


def test_typical_wrong_answers_get_their_own_words(exercise):
    met = {}
    for number, trap in enumerate(exercise.traps):
        outcome = exercise.judge(answers(exercise, trap.wrong), **exercise.example())
        if outcome.state != CORRECT:  # a verdict that happens to be right here is no trap here
            assert (outcome.state, outcome.trap, outcome.says) == (NOT_YET, number, trap.says)
            met[outcome.says] = number
    assert len(met) >= 3


@pytest.mark.parametrize("nothing", [None, ...])
def test_nothing_is_not_attempted(exercise, nothing):
    outcome = exercise.judge(nothing, **exercise.example())
    assert (outcome.state, outcome.says) == (NOTHING, exercise.ask)


@pytest.mark.parametrize("exercise", EXERCISES.values(), ids=lambda e: e.id)
def test_an_answer_of_the_wrong_kind_is_told(exercise):
    outcome = exercise.judge([1, 2], **exercise.example())
    assert outcome.state == NOT_YET
    assert outcome.says.startswith("the answer is ")
    assert "got" in outcome.says


def test_hints_climb_and_none_is_said_twice(exercise):
    assert len(set(exercise.hints)) == 3
    assert len({trap.says for trap in exercise.traps} | {exercise.otherwise}) == 1 + len(
        exercise.traps
    )


def broken(source):
    """Yield a function's source, broken in one place at a time."""
    tree = ast.parse(source)
    swaps = {
        ast.Gt: ast.Lt, ast.Lt: ast.Gt, ast.GtE: ast.Gt, ast.LtE: ast.Lt, ast.Div: ast.Mult,
        ast.Add: ast.Sub, ast.Mult: ast.Add, ast.Sub: ast.Add,
    }  # fmt: skip
    for place, node in enumerate(ast.walk(tree)):
        fresh = ast.parse(source)
        other = list(ast.walk(fresh))[place]
        if isinstance(node, ast.BinOp) and type(node.op) in swaps:
            other.op = swaps[type(node.op)]()
        elif isinstance(node, ast.Compare) and type(node.ops[0]) in swaps:
            other.ops = [swaps[type(node.ops[0])]()]
        elif isinstance(node, ast.BoolOp):
            other.op = ast.Or() if isinstance(node.op, ast.And) else ast.And()
        elif isinstance(node, ast.Constant) and isinstance(node.value, (int, float)):
            other.value = node.value + 0.2
        elif isinstance(node, ast.Name) and node.id in ("max", "min", "len", "sum"):
            other.id = {"max": "min", "min": "max", "len": "sum", "sum": "len"}[node.id]
        elif isinstance(node, ast.Attribute) and node.attr in ("values", "keys"):
            other.attr = {"values": "keys", "keys": "values"}[node.attr]
        elif isinstance(node, ast.Return):
            other.value = ast.Constant(0.5)
        else:
            continue
        yield ast.unparse(ast.fix_missing_locations(fresh))


@pytest.mark.parametrize("exercise", FUNCTIONS, ids=lambda e: e.id)
def test_a_reference_broken_anywhere_fails(exercise):
    source = textwrap.dedent(inspect.getsource(exercise.right))
    names = dict(inspect.getmodule(exercise.right).__dict__)
    mutants = list(broken(source))
    assert len(mutants) >= 5
    for text in mutants:
        scope = dict(names)
        exec(text, scope)
        assert exercise.judge(scope[exercise.right.__name__]).state == NOT_YET, text


@pytest.mark.parametrize("exercise", FUNCTIONS, ids=lambda e: e.id)
def test_a_shown_solution_of_a_function_passes(exercise):
    scope = {}
    exec("from collections import Counter\n" + exercise.solution, scope)
    [answer] = [value for name, value in scope.items() if inspect.isfunction(value)]
    assert exercise.judge(answer).state == CORRECT


def test_the_rule_of_the_exercise_is_that_of_the_package():
    word = EXERCISES["01.3"].right
    random = np.random.default_rng(0)
    for n, mean in [(3, 0.5), (5, 0.5), (5, -0.5), (8, 0.0), (12, 0.02)]:
        found = two_way(mean + random.normal(0, 0.1, (n, 20)), range(20))
        assert word(found.low, found.high, n) == found.word
        if abs(mean) > 0.1:
            differences = mean + random.normal(0, 0.01, n)
            expected, _, low, high = judge(differences)
            assert word(low, high, n) == expected


def test_the_band_of_a_lead_holds_the_mean_and_not_zero_by_accident():
    exercise = EXERCISES["01.2"]
    given = exercise.example()
    row = paired(given["results"], "frozen", "scratch").iloc[0]
    low, high = exercise.wanted(exercise.right, given)
    assert low < 100 * row["difference"] < high
    assert high - low < 100 * (row["ci_high"] - row["ci_low"])


def test_verdicts_of_other_runs_have_traps_too():
    exercise, given = EXERCISES["01.1"], EXERCISES["01.1"].example()
    rows = given["results"].copy()
    rows.loc[rows["regime"] == "frozen", "value"] += 0.2
    judged = {w: exercise.judge(w, results=rows).trap for w in ("helps", "hurts", "cannot tell")}
    assert judged == {"helps": None, "hurts": 1, "cannot tell": 2}


def test_what_a_check_needs_is_said():
    with pytest.raises(TypeError, match=r"the check of 01\.1 needs results=\.\.\.; got nothing"):
        lessons.check("01.1", "helps")
    with pytest.raises(TypeError, match=r"the check of 00\.1 needs the answer alone; got results"):
        lessons.check("00.1", 60, results=pd.DataFrame())
    with pytest.raises(ValueError, match=r"exercise must be one of '00\.1', .*; got '99\.9'"):
        lessons.check("99.9", 60)


def test_a_function_that_fails_or_changes_its_input_is_judged_all_the_same():
    def greedy(labels):
        labels.clear()
        return 0.5

    assert lessons.check("00.3", greedy).state == NOT_YET
    outcome = lessons.check("00.3", lambda labels: labels[99])
    assert "called with ([0, 0, 1, 2]) it raised IndexError" in outcome.says

    def later(labels):
        raise NotImplementedError

    assert lessons.check("00.3", later).state == NOTHING


@pytest.mark.parametrize("answer", [True, float("nan"), float("inf"), "60", 60j])
def test_a_number_is_a_number(answer):
    assert "the answer is a number" in lessons.check("00.1", answer).says


def test_a_stand_in_is_announced_and_a_right_answer_is_not(capsys):
    assert lessons.use("00.1", 7) == 60
    assert "00.1 not yet: a STAND-IN is used" in capsys.readouterr().out
    assert lessons.use("00.1", 60) == 60
    assert capsys.readouterr().out == ""
    assert lessons.use("00.1", None, stand_in=3) == 3


def test_hints_go_on_in_another_kernel_and_are_noted():
    said = [lessons.hint("00.2") for _ in range(4)]
    assert [text[:6] for text in said] == ["hint 1", "hint 2", "hint 3", "hint 3"]
    assert 'lessons.solution("00.2")' in said[2]
    assert [e["rung"] for e in Journal().events("hint")] == [1, 2, 3, 3]


def test_a_solution_is_noted():
    assert 'kind = "transductive"' in lessons.solution("00.2")
    assert [e["id"] for e in Journal().events("solution")] == ["00.2"]
