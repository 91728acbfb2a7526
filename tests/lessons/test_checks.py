"""Exercises: right answers pass, typical wrong ones get their own words, nothing passes by luck."""

from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
import torch
from IPython.lib.pretty import pretty

from tlteach import lessons
from tlteach.lessons import EXERCISES
from tlteach.lessons._exercise import CORRECT, NOT_YET, NOTHING, Measured
from tlteach.lessons._journal import Journal
from tlteach.measures import judge, paired, two_way


@pytest.fixture(autouse=True)
def _own_journal(monkeypatch, tmp_path):
    monkeypatch.setenv("TLTEACH_HOME", str(tmp_path))
    monkeypatch.setenv("TLTEACH_PROGRESS", str(tmp_path))


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


NUMBERS = [np.int64(60), np.float32(60), np.array(60), np.array([60]), torch.tensor(60)]
NUMBERS += [torch.tensor([60.0], requires_grad=True), pd.Series([60]), Fraction(60)]


@pytest.mark.parametrize("number", NUMBERS, ids=repr)
def test_a_right_number_is_right_whichever_library_it_came_from(number):
    assert lessons.check("00.1", number).state == CORRECT
    assert lessons.check("00.1", number - 55).trap == 0


@pytest.mark.parametrize(
    "word", [" Transductive ", np.str_("transductive"), np.array("transductive")]
)
def test_a_right_word_is_right_whichever_library_it_came_from(word):
    assert lessons.check("00.2", word).state == CORRECT


@pytest.mark.parametrize("answer", [np.array([60, 60]), torch.tensor([]), pd.Series([60, 60])])
def test_several_numbers_are_no_number(answer):
    assert "the answer is a number; got" in lessons.check("00.1", answer).says


@pytest.mark.parametrize("answer", [np.bool_(True), True, float("nan"), float("inf"), "60", 60j])
def test_a_number_is_a_number(answer):
    assert "the answer is a number" in lessons.check("00.1", answer).says


def test_a_number_in_quotation_marks_is_told():
    assert lessons.check("00.1", "60").says.endswith("leave out the quotation marks")


def test_what_a_check_says_is_broken_at_words_on_the_page():
    outcome = lessons.check("00.3", ...)
    assert max(map(len, repr(outcome).splitlines())) > 88
    assert max(map(len, pretty(outcome).splitlines())) <= 88
    assert pretty(outcome).split() == repr(outcome).split()


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
