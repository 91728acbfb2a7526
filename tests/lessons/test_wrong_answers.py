"""What the checks can see: mutants of every solution, and wrong answers that nobody listed."""

import pytest

from tests.helpers import wrong_answers
from tests.helpers.mutants import EQUIVALENT, mutants
from tests.helpers.wrong_answers import FUNCTIONS, PAGE, WRONG, written
from tlteach.lessons import EXERCISES
from tlteach.lessons._exercise import NOT_YET

WANTED, BY_HAND = 0.95, 0.90  # shares of mutants


@pytest.fixture(scope="module")
def scores():
    return wrong_answers.scores()


def test_the_checks_find_mutants_of_every_solution(scores, capsys):
    n, found, by_hand = (sum(row[i] for row in scores) for i in (1, 2, 3))
    with capsys.disabled():
        print(f"\nmutants of solutions: {found} of {n} found, {by_hand} by hand")  # noqa: T201  # the score
    left = {row[0]: row[4] for row in scores if row[4]}
    assert found >= WANTED * n, left
    assert by_hand >= BY_HAND * n


def test_no_exercise_has_few_mutants_or_misses_many(scores):
    for id, n, found, _, left in scores:
        assert n >= 5, id
        assert found >= WANTED * n, left


def test_mutants_that_are_no_mistake_are_met_and_right():
    met = {(e.id, name): text for e in FUNCTIONS for name, text in mutants(e.solution)}
    for id, name in EQUIVALENT:
        kind = EXERCISES[id].kind
        assert kind.agrees(written(met[id, name]), EXERCISES[id].right), (id, name)


def test_a_mutant_differs_from_its_source_in_one_place():
    names = dict(mutants("def f(a, b):\n    if a >= b:\n        return max(a, 1)\n    return b[0]"))
    for wanted in (
        "if a >= b: => if a > b:",
        "return max(a, 1) => return min(a, 1)",
        "return max(a, 1) => return max(a, 2)",
        "return max(a, 1) => return max(1, a)",
        "return b[0] => return b[1]",
        "return b[0] => return b",
        "def f(a, b): => def f(b, a):",
        "if a >= b: => return max(a, 1)",
    ):
        assert wanted in names
    source = "def g(x):\n    return sorted(x, key=len)"
    assert "return sorted(x, key=len) => return list(x, key=len)" in dict(mutants(source))
    assert "return sorted(x, key=len) => return sorted(x)" in dict(mutants(source))


@pytest.mark.parametrize(("id", "code"), WRONG)
def test_a_wrong_answer_is_not_called_correct(id, code):
    exercise = EXERCISES[id]
    outcome = exercise.judge(written(code), **exercise.example())
    assert outcome.state == NOT_YET
    assert outcome.says


def test_forty_wrong_answers_that_the_course_does_not_list():
    assert len(set(WRONG)) >= 40
    assert len({id for id, _ in WRONG}) >= 30
    unlisted = [
        EXERCISES[id].judge(written(code), **EXERCISES[id].example()).trap is None
        for id, code in WRONG
    ]
    assert sum(unlisted) >= 40


def test_the_page_says_what_is_said():
    text = PAGE.read_text(encoding="utf-8")
    assert text == wrong_answers.page(text), "python -m tests.helpers.wrong_answers writes it anew"
