"""What notebook 13 asks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from tlteach.lessons._exercise import Exercise, Number, Trap, Word
from tlteach.lessons._function import Function
from tlteach.lessons._quiz import Question
from tlteach.lessons.course import tables
from tlteach.lessons.course.made_up import made_up
from tlteach.measures import verdict

VERDICTS = ("helps", "hurts", "cannot tell")
WAYS = ("scratch", "start_at_zero", "fine_tune")
LATER = "The summary puts it beside what was measured."


def _honest(results: pd.DataFrame) -> str:
    """Return the verdict against the strongest way without a source."""
    return verdict(results, "fine_tune", "scratch").word


def example() -> Mapping[str, Any]:
    """Return results as the notebook picks them: five seeds, made up and clear-cut."""
    values = {
        "fine_tune": (0.90, 0.91, 0.89, 0.92, 0.90),
        "scratch": (0.91, 0.90, 0.90, 0.91, 0.90),
        "start_at_zero": (0.85, 0.86, 0.84, 0.87, 0.85),
    }
    return made_up(values, task="tumours", shots=50)


EXERCISES = (
    Exercise(
        id="13.1",
        ask="Write standardise(train, value): a new value on the scale of a training column.",
        kind=Function(tables.columns, shown=tables.SCALED),
        right=tables.standardise,
        traps=(
            Trap(
                tables.fitted_on_all,
                "The new value has a say in its own mean and spread. That is how test rows leak: "
                "both come from `train` alone.",
            ),
            Trap(
                tables.by_variance,
                "You divide by the variance. The spread is its square root.",
            ),
            Trap(
                tables.by_sample_spread,
                "You divide the squares by one less than their number. StandardScaler divides by "
                "their number.",
            ),
            Trap(
                tables.into_range,
                "That scales by the smallest and the largest value (MinMaxScaler). Here mean and "
                "spread are asked for.",
            ),
        ),
        hints=(
            "Mean and spread are worked out from `train` alone.",
            "spread = (sum((x - mean) ** 2 for x in train) / len(train)) ** 0.5",
            "Return (value - mean) / spread; where the spread is 0, return value - mean.",
        ),
        solution=(
            "def standardise(train, value):\n"
            "    mean = sum(train) / len(train)\n"
            "    spread = (sum((x - mean) ** 2 for x in train) / len(train)) ** 0.5\n"
            "    return (value - mean) / spread if spread > 0 else value - mean"
        ),
        why="What is fitted comes from training rows; the new value is only moved and scaled.",
    ),
    Exercise(
        id="13.2",
        ask="Which of A, B, C and D lets the answer of a row that is held out into its training?",
        kind=Word(("a", "b", "c", "d", "none")),
        right="c",
        traps=(
            Trap("a", "In A the scaler is a step of the pipeline: it is fitted anew in each fold."),
            Trap(
                "b",
                "In B the scaler has seen rows that are held out, and that is a leak, too. But it "
                "never sees a label. Which one does?",
            ),
            Trap(
                "d",
                "D hashes each text by itself. It learns nothing, so there is nothing to leak.",
            ),
            Trap("none", "One of them uses y before cross_val_score divides the rows."),
        ),
        hints=(
            "Look for what is fitted before the rows are divided.",
            "Two of them fit something on all rows. Which of these two is handed y?",
            "fit_transform(X, y) in front of cross_val_score.",
        ),
        solution='answer = "C"',
        why="SelectKBest reads the labels of all rows, those held out included.",
        otherwise="The answer is A, B, C, D or none.",
    ),
    Exercise(
        id="13.3",
        ask="Write corrected(scores, n_train, n_test): a standard error for splits that overlap.",
        kind=Function(tables.splits, shown=(([0.5, 0.75, 1.0, 0.75], 100, 29),)),
        right=tables.corrected,
        traps=(
            Trap(
                tables.naive,
                "That takes the splits for independent. Add n_test / n_train to 1 / J.",
            ),
            Trap(
                tables.spread_alone,
                "That is how far one split lies from another. Asked is the error of their mean.",
            ),
            Trap(
                tables.turned_share,
                "Turned round: test rows are divided by training rows.",
            ),
            Trap(tables.squared, "That is the variance. A standard error is its square root."),
        ),
        hints=(
            "The variance of the scores divides by J - 1, where J is their number.",
            "Multiply the variance by (1 / J + n_test / n_train).",
            "Take the square root at the very end.",
        ),
        solution=(
            "def corrected(scores, n_train, n_test):\n"
            "    mean = sum(scores) / len(scores)\n"
            "    variance = sum((s - mean) ** 2 for s in scores) / (len(scores) - 1)\n"
            "    return (variance * (1 / len(scores) + n_test / n_train)) ** 0.5"
        ),
        why="However often you split again, the second part stays: the rows are the same.",
    ),
    Exercise(
        id="13.4",
        ask="How many models does this grid search fit in all?",
        kind=Number(),
        right=25,
        traps=(
            Trap(24, "So many are fitted to compare. What does refit=True, the default, add?"),
            Trap(8, "So many settings there are. Each is fitted once for every fold."),
            Trap(9, "Settings and the last fit are there. The folds are missing."),
            Trap(18, "A grid crosses its lists: 2 times 4 settings, not 2 plus 4."),
            Trap(19, "A grid crosses its lists: 2 times 4 settings, not 2 plus 4, and then folds."),
            Trap(27, "The last fit happens once, not once for each fold."),
        ),
        hints=(
            "Sizes times values of C are the settings.",
            "Settings times folds are fitted to compare.",
            "Then the best setting is fitted once more, on all rows: 2 * 4 * 3 + 1.",
        ),
        solution="models = 2 * 4 * 3 + 1",
        why="Every setting in every fold, and the best one once more on all rows.",
        otherwise="Count settings, times folds, and what happens at the end.",
    ),
    Exercise(
        id="13.5",
        ask="Tumours, 50 labels: did the source help against the best way without one?",
        kind=Word((*VERDICTS, *WAYS)),
        right=_honest,
        traps=(
            Trap("helps", "Against which way? One that needs no source may be just as good."),
            Trap("hurts", "Hurts needs an interval below zero. Where does this one end?"),
            Trap(
                "cannot tell",
                "The interval of the difference to `scratch` leaves out zero: it can be told.",
            ),
            Trap("scratch", "That names what it is compared with. A verdict is asked for."),
            Trap("start_at_zero", "That names a baseline, and is it the stronger of the two?"),
            Trap("fine_tune", "That names the way with the source. A verdict is asked for."),
        ),
        hints=(
            "Two ways need no source: scratch and start_at_zero. Which has the larger mean?",
            'tlt.verdict(last, "fine_tune", ...) takes any of them.',
            'Print tlt.verdict(last, "fine_tune", "scratch").',
        ),
        solution='answer = tlt.verdict(last, "fine_tune", "scratch").word',
        why="The source is held against the best that you can do without it.",
        otherwise="A verdict is helps, hurts or cannot tell.",
        given=("results",),
        example=example,
    ),
)

QUESTIONS = (
    Question(
        "13.a",
        "60 film reviews. You pick the 100 most telling words before cross-validation instead of "
        "inside it. How many points does that flatter?",
        dict.fromkeys(("less than 2", "2 to 10", "more than 10"), LATER),
    ),
    Question(
        "13.b",
        "Cross-validation, repeated four times: the spread over its folds, divided by the root of "
        "their number. How large is that beside the error that it should tell?",
        dict.fromkeys(("as large, or larger", "half to nearly as large", "below half"), LATER),
    ),
    Question(
        "13.c",
        "A table of tumours, fine-tuned from a related table, against the strongest way without "
        "it, 50 labels in all?",
        dict.fromkeys(VERDICTS, LATER),
    ),
    Question(
        "13.d",
        "A scaler is fitted on all rows before cross-validation, and the accuracy does not change. "
        "Is that no leak?",
        {
            "right, no harm means no leak": "Rows that are held out had a say in the training. "
            "On other data that may show.",
            "it is a leak, too small to be seen here": "What is fitted saw rows that are held "
            "out. Put it into the pipeline: that costs nothing.",
            "scalers cannot leak": "They learn a mean and a spread, from whatever rows they get.",
        },
        "b10e28991312d769",
    ),
    Question(
        "13.e",
        "You repeat cross-validation a hundred times with other folds of the same 100 rows. What "
        "do you know more exactly now?",
        {
            "how well the model does on new rows": "The rows are still the same 100. Other rows "
            "would give another mean.",
            "the mean over ways to divide these rows": "The luck of the folds averages out. The "
            "luck of the rows stays.",
            "which model is the best": "All models share the luck of these rows.",
        },
        "f430496141e520aa",
    ),
    Question(
        "13.f",
        "Another table codes its labels the other way round. What shows that first, before any "
        "training on the target?",
        {
            "the source's accuracy on its own test rows": "There the coding agrees with itself.",
            "the source, scored on the few target labels": "It will be wrong most of the time, far "
            "below a half with two classes.",
            "a longer fine-tuning": "That may hide it, and costs the labels that you have.",
        },
        "e09a4da1de660387",
    ),
)
