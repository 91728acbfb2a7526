"""Every asked function in another right way: it passes, and agrees on ties and few values.

What an exercise leaves open (two groups that are equally bad, a row with two largest values) is not
drawn: there every answer would be right, and no check may ask for one of them.
"""

import copy

import pytest
from hypothesis import given, settings

from tests.helpers.other_ways import OTHER
from tests.helpers.wrong_answers import FUNCTIONS
from tlteach.lessons import EXERCISES
from tlteach.lessons._exercise import CORRECT
from tlteach.lessons._values import same


def test_every_asked_function_has_another_way():
    assert {e.id for e in FUNCTIONS} - OTHER.keys() == {"09.1"}  # a model: one way


@pytest.mark.parametrize("id", OTHER)
def test_another_right_way_is_right(id):
    outcome = EXERCISES[id].judge(OTHER[id][1])
    assert (outcome.state, outcome.call) == (CORRECT, "")


@pytest.mark.parametrize("id", OTHER)
def test_both_ways_agree_on_ties_and_few_values_and_change_nothing(id):
    exercise, (drawn, other) = EXERCISES[id], OTHER[id]

    @settings(max_examples=40, deadline=None, derandomize=True, database=None)
    @given(drawn)
    def agree(case):
        before = copy.deepcopy(case)
        found = exercise.right(*case)
        assert case == before
        assert same(other(*case), found, 1e-6)

    agree()


def has_ties(case):
    values = [one for one in case if isinstance(one, list) and len(one) > 1]
    return any(len({repr(v) for v in one}) < len(one) for one in values)


@pytest.mark.parametrize(
    "id", ["00.3", "02.2", "08.2", "09.3", "11.4", "13.1", "13.3", "14.4", "16.3", "16.4"]
)
def test_lists_with_equal_values_are_among_the_calls(id):
    assert any(map(has_ties, EXERCISES[id].kind.calls))


@pytest.mark.parametrize("id", OTHER)
def test_the_fewest_values_that_are_allowed_are_among_the_calls(id):
    least = {"04.3": 2, "08.2": 2, "13.3": 2}.get(id, 1)
    calls = EXERCISES[id].kind.calls
    if isinstance(calls[0][0], list | dict):
        assert min(len(case[0]) for case in calls) == least
