"""Asked functions: right values pass whatever made them, wrong ones are told where they fail."""

import copy
import inspect

import numpy as np
import pandas as pd
import pytest
import torch

from tests.helpers.wrong_answers import FUNCTIONS, fails_by_hand, written
from tlteach import lessons
from tlteach.lessons import EXERCISES
from tlteach.lessons._exercise import CORRECT, NOT_YET, NOTHING
from tlteach.lessons._values import plain, same, told

EACH = pytest.mark.parametrize("exercise", FUNCTIONS, ids=lambda e: e.id)
LISTS = [e for e in FUNCTIONS if any(isinstance(one, list | dict) for one in e.kind.calls[0])]


@pytest.fixture(autouse=True)
def _own_journal(monkeypatch, tmp_path):
    monkeypatch.setenv("TLTEACH_HOME", str(tmp_path))
    monkeypatch.setenv("TLTEACH_PROGRESS", str(tmp_path))


def returning(exercise, change):
    """Return the solution with a change to what it returns, under its own name."""
    solution = written(exercise.solution)

    def answer(*given):
        return change(solution(*given))

    answer.__name__ = solution.__name__
    return answer


def arrays(value):
    return np.array(value) if isinstance(value, list) else np.array([value])[0]


def tensors(value):
    numbers = not isinstance(value, str | bool) and np.array(value).dtype.kind in "if"
    return torch.tensor(value, dtype=torch.float64, requires_grad=True) if numbers else value


def series(value):
    return pd.Series([value])


def singles(value):
    return np.float32(value) if isinstance(value, float) else value


def tuples(value):
    return tuple(map(tuples, value)) if isinstance(value, list) else value


def integers(value):
    return int(value) if isinstance(value, float) and value.is_integer() else value


@EACH
class TestEvery:
    def test_a_shown_solution_passes(self, exercise):
        outcome = exercise.judge(written(exercise.solution))
        assert (outcome.state, outcome.call) == (CORRECT, "")

    @pytest.mark.parametrize("library", [arrays, tensors, singles, tuples, integers])
    def test_right_values_pass_whatever_they_are_made_of(self, exercise, library):
        if exercise.id != "09.1":  # which returns a model
            assert exercise.judge(returning(exercise, library)).state == CORRECT

    def test_a_series_of_one_value_is_that_value(self, exercise):
        if not isinstance(exercise.right(*copy.deepcopy(exercise.kind.calls[0])), list):
            wanted = NOT_YET if exercise.id == "09.1" else CORRECT
            assert exercise.judge(returning(exercise, series)).state == wanted

    def test_printing_instead_of_returning_is_told(self, exercise):
        outcome = exercise.judge(returning(exercise, print))
        assert outcome.state == NOT_YET
        assert "yours printed" in outcome.call
        assert "returned nothing (None)" in outcome.call
        assert "with `return`" in outcome.call

    def test_a_line_without_return_is_told(self, exercise, capsys):
        outcome = exercise.judge(returning(exercise, lambda value: None))
        assert outcome.state == NOT_YET
        assert "yours returned nothing (None)" in outcome.call
        assert capsys.readouterr().out == ""

    def test_an_empty_function_is_not_attempted_and_shows_what_to_try(self, exercise):
        head = exercise.solution[exercise.solution.index("def ") :].splitlines()[0]
        for body in ("pass", "...", "return ...", "return None", '"""Say it."""'):
            outcome = exercise.judge(written(f"{head} {body}"))
            assert (outcome.state, outcome.says) == (NOTHING, exercise.ask)
            assert outcome.call.startswith("Try it by hand: ") == bool(exercise.kind.shown)
        later = written(f"{head} raise NotImplementedError")
        assert exercise.judge(later).state == NOTHING

    def test_the_first_failing_call_is_told_and_true(self, exercise):
        outcome = exercise.judge(returning(exercise, lambda value: "no answer"))
        first = exercise.kind.calls[0]
        call = f"{exercise.right.__name__}({', '.join(map(told, first))})"
        right = told(exercise.right(*copy.deepcopy(first)))
        assert outcome.call == f"{call} must return {right}; yours returned 'no answer'."

    def test_an_error_is_told_with_the_call_that_raised_it(self, exercise):
        outcome = exercise.judge(returning(exercise, lambda value: {}["missing"]))
        assert outcome.call.endswith("yours raised KeyError: 'missing'.")
        assert " must return " in outcome.call

    def test_no_message_shows_the_solution(self, exercise):
        lines = [line.strip() for line in exercise.solution.splitlines() if len(line.strip()) > 15]
        for trap in exercise.traps:
            outcome = exercise.judge(trap.wrong)
            assert not any(line in repr(outcome) for line in lines)

    def test_every_typical_wrong_answer_fails_by_hand(self, exercise):
        for trap in exercise.traps if exercise.kind.shown else ():
            assert fails_by_hand(exercise, trap.wrong), trap.says
        assert bool(exercise.kind.shown) == (exercise.id != "09.1")  # a model, not typed by hand

    def test_calls_to_try_by_hand_have_different_answers(self, exercise):
        right = [exercise.right(*copy.deepcopy(case)) for case in exercise.kind.shown]
        assert len(set(map(repr, right))) == len(right) or exercise.id == "08.4"

    def test_right_and_solution_agree_on_tuples(self, exercise):
        if exercise.id in ("09.1", "12.5"):  # a model; rows that are added to lists
            return
        for case in exercise.kind.calls:
            given = tuples([*case])
            ours = written(exercise.solution)(*given)
            assert same(ours, exercise.right(*copy.deepcopy(case)), exercise.kind.tolerance)


def spoiling(exercise, spoil):
    """Return the solution, which then changes its arguments."""
    solution = written(exercise.solution)

    def answer(*given):
        value = solution(*given)
        for one in given:
            if isinstance(one, list | dict) and one:
                spoil(one)
        return value

    return answer


def shortened(one):
    one.popitem() if isinstance(one, dict) else one.pop()


def inside(one):
    """Change what lies in the first value, or the value itself."""
    key = next(iter(one)) if isinstance(one, dict) else 0
    if isinstance(one[key], list):
        one[key].append(0)
    else:
        one[key] = -1


@pytest.mark.parametrize("exercise", LISTS, ids=lambda e: e.id)
@pytest.mark.parametrize("spoil", [shortened, inside])
def test_a_function_that_changes_its_arguments_is_told(exercise, spoil):
    outcome = exercise.judge(spoiling(exercise, spoil))
    assert outcome.state == NOT_YET
    assert outcome.says.startswith("Every value is right, but answer(")
    assert outcome.says.endswith("work on a copy.")


def test_the_name_of_the_argument_that_is_changed_is_told():
    def hide(picture, start, width, level):
        for row in picture:
            row[start : start + width] = [level] * width
        return picture

    said = lessons.check("12.5", hide).says
    assert "hide([[1, 2, 3, 4], [5, 6, 7, 8]], 1, 2, 9) changes its argument `picture`" in said


def test_a_model_may_be_changed():
    assert EXERCISES["09.1"].judge(written(EXERCISES["09.1"].solution)).state == CORRECT


# each of these was once called correct
@pytest.mark.parametrize(
    ("id", "code"),
    [
        ("14.4", "np.quantile(healthy, specificity)"),
        ("14.4", "np.quantile(healthy, specificity, method='lower')"),
        ("14.4", "np.quantile(healthy, specificity, method='higher')"),
        ("14.4", "np.quantile(healthy, specificity, method='nearest')"),
        ("14.4", "-np.quantile(-np.array(healthy), 1 - specificity)"),
        ("14.4", "sorted(healthy)[min(int(specificity * len(healthy)), len(healthy) - 1)]"),
        ("14.4", "sorted(healthy)[int(specificity * (len(healthy) - 1))]"),
        ("14.4", "sorted(healthy, reverse=True)[int((1 - specificity) * (len(healthy) - 1))]"),
    ],
)
def test_a_threshold_at_another_quantile_is_found(id, code):
    start = "lambda healthy, sick, specificity: np.mean(np.array(sick) >"
    assert EXERCISES[id].judge(written(f"{start} {code})")).state == NOT_YET


def test_a_threshold_at_the_right_quantile_is_right():
    code = "np.quantile(healthy, specificity, method='inverted_cdf')"
    start = "lambda healthy, sick, specificity: np.mean(np.array(sick) >"
    assert EXERCISES["14.4"].judge(written(f"{start} {code})")).state == CORRECT


def test_an_error_in_one_call_does_not_hide_a_typical_wrong_answer():
    import statistics

    def standardise(train, value):  # the deviation of one value is not defined
        spread = statistics.stdev(train)
        return (value - statistics.mean(train)) / spread if spread else value - train[0]

    outcome = lessons.check("13.1", standardise)
    assert "one less than their number" in outcome.says
    only_raises = lessons.check(
        "02.3", lambda s, v, f: next(a for a, b in zip(s, v, strict=True) if b >= 0.9 * f)
    )
    assert only_raises.trap is None


def test_what_is_no_function_of_the_asked_arguments_is_told():
    assert "yours raised TypeError" in lessons.check("00.3", lambda: 0.5).call
    assert "the answer is a function, without calling it" in lessons.check("00.3", 0.5).says
    assert lessons.check("00.3", len).trap is None


def test_values_that_look_alike_are_told_exactly():
    rounded = written("lambda stage, stages, lr, decay: lr * decay ** (stages - 1 - stage) + 4e-9")
    near = EXERCISES["03.3"]
    assert near.judge(rounded).state == CORRECT  # within the tolerance
    text = EXERCISES["00.3"].judge(lambda labels: "0.5").call
    assert text == "majority([1, 0, 0, 3]) must return 0.5; yours returned '0.5'."


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ([0.5], 0.5), (True, 1), (1, True), ("1", 1), (None, 0.0), (float("nan"), 0.5),
        ([1, 2], [1, 2, 3]), ({1, 2}, [1, 2]), ("ab", ["a", "b"]), (np.array([1, 2]), 1),
        ([[0, 1]], [(1, 0)]), ("Helps", "helps"), (torch.tensor([1.0, 2.0]), "helps"),
    ],
)  # fmt: skip
def test_other_values_are_not_the_same(ours, theirs):
    assert not same(ours, theirs, 1e-6)


def test_values_are_told_plainly():
    assert told({"a": np.float64(1 / 3), "b": [torch.tensor(1.0)]}) == "{'a': 0.333333, 'b': [1.0]}"
    assert told((float("inf"), -2.0, (1,))) == "(inf, -2.0, (1,))"
    assert len(told(list(range(1000)))) == 200
    assert plain(pd.Series([1, 2])) == [1, 2]


def test_every_reference_has_the_name_that_is_asked_for():
    for exercise in FUNCTIONS:
        parameters = ", ".join(inspect.signature(written(exercise.solution)).parameters)
        assert f"Write {exercise.right.__name__}({parameters})" in exercise.ask
        assert inspect.signature(exercise.right).parameters.keys() == set(parameters.split(", "))
