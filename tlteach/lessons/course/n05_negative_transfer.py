"""What notebook 05 asks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from tlteach.lessons._exercise import Exercise, Number, Trap, Word
from tlteach.lessons._function import Function
from tlteach.lessons._quiz import Question
from tlteach.lessons.course import negative
from tlteach.lessons.course.made_up import made_up
from tlteach.measures import on_test, verdict

VERDICTS = ("helps", "hurts", "cannot tell")
LATER = "The summary puts it beside what was measured."
ROOM = 0.5  # points that a rounded answer may lie away


def _points(results: pd.DataFrame, one: str, other: str) -> float:
    rows = on_test(results)
    mean = rows.groupby("regime")["value"].mean()
    return float(100 * (mean[one] - mean[other]))


def _own(results: pd.DataFrame) -> float:
    return _points(results, "shuffled", "frozen_random")


def _own_band(results: pd.DataFrame) -> tuple[float, float]:
    return _own(results) - ROOM, _own(results) + ROOM


def example() -> Mapping[str, Any]:
    """Return results as the notebook picks them: five seeds, made up and clear-cut."""
    values = {
        "fine_tune": (0.57, 0.60, 0.55, 0.58, 0.56),
        "raw_pixels": (0.59, 0.57, 0.60, 0.56, 0.58),
        "scratch": (0.45, 0.47, 0.44, 0.46, 0.43),
        "frozen_random": (0.30, 0.31, 0.29, 0.32, 0.28),
        "shuffled": (0.25, 0.26, 0.25, 0.26, 0.23),
    }
    return made_up(values, task="digits", shots=1)


EXERCISES = (
    Exercise(
        id="05.1",
        ask="Digits, one label each: which verdict has fine_tune from letters against raw_pixels?",
        kind=Word((*VERDICTS, "fine_tune", "raw_pixels", "scratch")),
        right=lambda results: verdict(results, "fine_tune", "raw_pixels").word,
        traps=(
            Trap("helps", "Is it the verdict against scratch that you read? Ask about raw_pixels."),
            Trap("hurts", "Hurts needs an interval below zero. Where does this one end?"),
            Trap("cannot tell", "The interval leaves out zero: it can be told."),
            Trap("fine_tune", "That names the regime. A verdict is helps, hurts or cannot tell."),
            Trap("raw_pixels", "That names what it is compared with."),
            Trap("scratch", "That names another baseline: the question is about raw_pixels."),
        ),
        hints=(
            "The line that asks about scratch asks about any other regime, too.",
            "Does the interval in brackets hold zero?",
            'Print tlt.verdict(letters, "fine_tune", "raw_pixels").',
        ),
        solution='answer = tlt.verdict(letters, "fine_tune", "raw_pixels").word',
        why="The same runs, another baseline, and another word may come out.",
        otherwise="A verdict is helps, hurts or cannot tell.",
        given=("results",),
        example=example,
    ),
    Exercise(
        id="05.2",
        ask="Write lead(with_source, without): mean accuracy with the source, minus that of the "
        "strongest way without one.",
        kind=Function(negative.ways, shown=negative.LEAD),
        right=negative.lead,
        traps=(
            Trap(negative.weakest, "That beats the weakest way without a source. Anything would."),
            Trap(
                negative.average,
                "That is the average way without a source. You would take the best.",
            ),
            Trap(
                lambda with_source, without: -negative.lead(with_source, without),
                "Turned round: a source that helps should have a lead above zero.",
            ),
            Trap(
                negative.anew,
                "You take the best anew in every seed, so luck chooses. Take means over the seeds "
                "first, then the best.",
            ),
        ),
        hints=(
            "Each value of `without` is a list, one accuracy for each seed.",
            "Take the mean of each list, then the largest of these means.",
            "sum(with_source) / len(with_source) - max(means)",
        ),
        solution=(
            "def lead(with_source, without):\n"
            "    means = [sum(values) / len(values) for values in without.values()]\n"
            "    return sum(with_source) / len(with_source) - max(means)"
        ),
        why="Below zero the source is not worth it, if the interval agrees.",
    ),
    Exercise(
        id="05.3",
        ask="How many points does the frozen source of shuffled labels lose that frozen random "
        "weights do not lose? A loss is below zero.",
        kind=Number(tolerance=1e-6),
        right=_own_band,
        stand_in=_own,
        traps=(
            Trap(
                lambda results: _points(results, "shuffled", "scratch"),
                "That is the whole distance to scratch. Random weights lose a part of it, too.",
            ),
            Trap(
                lambda results: _points(results, "frozen_random", "scratch"),
                "That is what freezing costs with no source at all. What does the source add?",
            ),
            Trap(lambda results: -_own(results), "A loss is below zero: turn the sign."),
            Trap(lambda results: _own(results) / 100, "That is a fraction; a point is 0.01."),
        ),
        hints=(
            "Two networks, both frozen. They differ in the source alone.",
            "Mean accuracy of `shuffled` minus that of `frozen_random`.",
            "Multiply the difference of the two means by 100.",
        ),
        solution=(
            'mean = made.groupby("regime")["value"].mean()\n'
            'own = 100 * (mean["shuffled"] - mean["frozen_random"])'
        ),
        why="This part is the source's own. The rest is what freezing costs.",
        otherwise="100 * (shuffled - frozen_random), of mean test accuracies.",
        given=("results",),
        example=example,
    ),
    Exercise(
        id="05.4",
        ask="Write choose(found, alone, margin): the source with the best validation accuracy if "
        'it is ahead of `alone` by more than the margin, else "none".',
        kind=Function(negative.candidates, shown=negative.CHOICES),
        right=negative.choose,
        traps=(
            Trap(
                lambda found, alone, margin: max(found, key=lambda source: found[source]),
                'Your rule always takes a source. "none" is a candidate, too.',
            ),
            Trap(
                negative.first_ahead,
                "That is the first source that is far enough ahead, not the best.",
            ),
            Trap(negative.any_lead, "You take any lead. It must be larger than the margin."),
            Trap(
                lambda found, alone, margin: min(found, key=lambda source: found[source]),
                "That is the worst source: larger accuracy is better.",
            ),
        ),
        hints=(
            "First find the source with the largest accuracy.",
            "max(found, key=found.get) is its name.",
            'Return it if found[best] - alone > margin, else "none".',
        ),
        solution=(
            "def choose(found, alone, margin):\n"
            "    best = max(found, key=found.get)\n"
            '    return best if found[best] - alone > margin else "none"'
        ),
        why="A rule that may answer none can refuse a bad source.",
    ),
    Exercise(
        id="05.5",
        ask="Write rescue(gain_low, left_low, left_high): what a rescue achieved, in the words "
        "of the table.",
        kind=Function(negative.pairs_of_intervals, shown=negative.ENDS),
        right=negative.rescue,
        traps=(
            Trap(
                negative.no_harm_told,
                "An interval that holds zero shows no help. That nothing can be told is no proof "
                "that the harm is gone.",
            ),
            Trap(
                negative.gain_alone, "A gain says that it got better. Is it better than no source?"
            ),
            Trap(
                negative.end_alone, "You look at the end alone. Was there a gain that can be told?"
            ),
            Trap(
                negative.still_bad,
                "You call it harm, though the interval of what is left holds zero.",
            ),
        ),
        hints=(
            "Go through the table row by row, from the top; each row is an if.",
            "No gain can be told where the gain's interval starts at or below zero.",
            "Harm is left where left_high < 0; it helps now where left_low > 0.",
        ),
        solution=(
            "def rescue(gain_low, left_low, left_high):\n"
            "    if gain_low <= 0:\n"
            '        return "not shown"\n'
            "    if left_high < 0:\n"
            '        return "less harm"\n'
            '    return "helps now" if left_low > 0 else "harm may be left"'
        ),
        why="Better than before, and better than no source: two questions, two intervals.",
    ),
)

QUESTIONS = (
    Question(
        "05.a",
        "Handwritten digits, 10 labels each. Frozen features of a small network that learnt "
        "letters: against the same network from scratch?",
        dict.fromkeys(VERDICTS, LATER),
    ),
    Question(
        "05.b",
        "A frozen network that learnt shuffled labels: against frozen random weights, 5 labels?",
        dict.fromkeys(VERDICTS, LATER),
    ),
    Question(
        "05.c",
        "You choose the source with the best score before training. On how many of four targets "
        "does that frozen source help against scratch?",
        dict.fromkeys(("none", "one", "two", "three or four"), LATER),
    ),
    Question(
        "05.d",
        "A network makes twice as many errors on the target as on its source. What is missing to "
        "call that negative transfer?",
        {
            "nothing": "The target may just be harder. A network that never saw the source might "
            "make more errors still.",
            "the error of a network without the source": "Negative transfer is a loss against the "
            "same method without the source, on the same labels of the target.",
            "another source": "Two sources tell which is better. Both may help, and both may hurt.",
        },
        "befb3fee13b4d76f",
    ),
    Question(
        "05.e",
        "Against scratch, fine_tune hurts; of fine_tune_moving one cannot tell. Is it shown that "
        "moving statistics help?",
        {
            "yes: one hurts, the other does not": "Two verdicts may differ where the two runs "
            "hardly do: one interval just leaves out zero, the other just holds it.",
            "no: cannot tell means equal": "An interval that holds zero holds other numbers, too.",
            "not shown: compare the two directly": "Take the difference of the two on the same "
            "seeds. That has an interval of its own.",
        },
        "29f7bf1fa26c4e7c",
    ),
    Question(
        "05.f",
        "A frozen source loses to scratch. What do you run to find out whether the source is to "
        "blame, or the freezing?",
        {
            "the same source with more labels": "Both sides gain from labels; the two reasons stay "
            "mixed.",
            "the same network, frozen, with random weights": "It is frozen as well, without a "
            "source: the difference is the source's own.",
            "another target": "That changes the question, not the reason.",
        },
        "f997e0c36c0b84c4",
    ),
)
