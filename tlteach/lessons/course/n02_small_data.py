"""What notebook 02 asks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from tlteach.lessons._exercise import Exercise, Measured, Number, Trap
from tlteach.lessons._function import Function
from tlteach.lessons._quiz import Question
from tlteach.lessons.course import small_data
from tlteach.training import Run

VERDICTS = ("helps", "hurts", "cannot tell")
LATER = "The summary puts it beside what was measured."


def _curve(history: pd.DataFrame, split: str, metric: str = "accuracy") -> pd.Series[float]:
    rows = history[(history["split"] == split) & (history["metric"] == metric)]
    return rows.sort_values("step").set_index("step")["value"]


def _gap(history: pd.DataFrame, place: int = -1, metric: str = "accuracy") -> float:
    """Return how far training images are ahead of others at one measurement, in points."""
    ahead = _curve(history, "train", metric) - _curve(history, "val", metric)
    return 100 * float(ahead.iloc[place])


def example() -> Mapping[str, Any]:
    """Return a history as a notebook has it: three moments, made up and clear-cut."""
    values = {
        ("train", "accuracy"): (0.50, 0.99, 1.00),
        ("val", "accuracy"): (0.30, 0.54, 0.62),
        ("train", "log_loss"): (1.60, 0.20, 0.01),
        ("val", "log_loss"): (1.90, 1.10, 1.40),
    }
    rows = [
        {"step": step, "split": split, "metric": metric, "value": value}
        for (split, metric), curve in values.items()
        for step, value in zip((15, 150, 300), curve, strict=True)
    ]
    return {"history": pd.DataFrame(rows)}


EXERCISES = (
    Exercise(
        id="02.1",
        ask="By how many points are training images ahead of other images at the last update?",
        kind=Number(tolerance=0.5),
        right=_gap,
        traps=(
            Trap(lambda history: _gap(history) / 100, "That is a fraction: multiply by 100."),
            Trap(lambda history: -_gap(history), "The sign is turned: training minus other."),
            Trap(lambda history: _gap(history, 0), "That is the first gap. Take the last one."),
            Trap(
                lambda history: 100 * float(_curve(history, "val").iloc[-1]),
                "That is the accuracy on other images. How far is it below the training images?",
            ),
            Trap(
                lambda history: _gap(history, -1, "log_loss") / 100,
                "That is the difference of the losses, in nats. Points are about accuracy.",
            ),
        ),
        hints=(
            "Two accuracies of the same update are subtracted.",
            'run.history has them: metric "accuracy", splits "train" and "val", step 300.',
            "The cell above has them as end.train and end.val; points are hundredths.",
        ),
        solution="gap = 100 * (end.train - end.val)",
        why="This is the generalisation gap of one run. Other seeds give other gaps.",
        otherwise="Take the accuracies at the last update, training minus other images, times 100.",
        given=("history",),
        example=example,
    ),
    Exercise(
        id="02.2",
        ask="Write stop(losses, patience): end after `patience` measurements in a row without a "
        "new lowest loss, and return the place of the lowest so far. An equal loss is not lower.",
        kind=Function(small_data.losses_of_runs, shown=small_data.STOPS),
        right=small_data.stop,
        traps=(
            Trap(
                small_data.all_seen,
                "That looks at losses after the end. Training has not seen them yet.",
            ),
            Trap(
                small_data.ended,
                "That is where training ends. Keep the weights of the lowest loss.",
            ),
            Trap(
                small_data.impatient,
                "That ends at the first measurement without a new lowest: wait.",
            ),
            Trap(
                small_data.neighbours,
                "That compares with the measurement before, not with the lowest.",
            ),
            Trap(small_data.highest, "That keeps the highest loss. Lower is better."),
        ),
        hints=(
            "Go through the losses in order and remember the place of the lowest.",
            "A new lowest moves that place. How long ago was it? Subtract the places.",
            "If the loss is no new lowest and place - best >= patience: break. Return best.",
        ),
        solution="def stop(losses, patience):\n"
        "    best = 0\n"
        "    for place, loss in enumerate(losses):\n"
        "        if loss < losses[best]:\n"
        "            best = place\n"
        "        elif place - best >= patience:\n"
        "            break\n"
        "    return best",
        why="The wait is the price: nobody knows a lowest point before it has passed.",
    ),
    Exercise(
        id="02.3",
        ask="Write time_to(steps, values, final): the first step whose value is at least 90 % of "
        'final; float("inf") if there is none.',
        kind=Function(small_data.curves, shown=small_data.TIMES),
        right=small_data.time_to,
        traps=(
            Trap(small_data.absolute, "That asks for an accuracy of 0.9. Ask for 90 % of `final`."),
            Trap(small_data.whole, "That asks for all of `final`. 90 % of it is enough."),
            Trap(small_data.place_of, "That is the place in the list. Which step stands there?"),
            Trap(small_data.last, "That is the last step with a value up there. Take the first."),
            Trap(
                small_data.never_is_the_end,
                "A curve that never gets there is not there at its end.",
            ),
        ),
        hints=(
            "The goal is 0.9 * final. Which values reach it?",
            "Collect the steps of those values; the first one is the smallest.",
            'End with: return min(reached) if reached else float("inf")',
        ),
        solution="def time_to(steps, values, final):\n"
        "    pairs = zip(steps, values, strict=True)\n"
        "    reached = [step for step, value in pairs if value >= 0.9 * final]\n"
        '    return min(reached) if reached else float("inf")',
        why="Say always whose final it is: 90 % of a low one comes early.",
    ),
    Exercise(
        id="02.4",
        ask="Train the network of letters on digits so that of its backbone only the scales and "
        "shifts of the BatchNorm layers learn.",
        kind=Measured(Run, lambda run: run.regime.name),
        right="bn_only",
        traps=(
            Trap("fine_tune", "That lets every weight learn."),
            Trap("frozen", "That fits the head and lets nothing of the backbone learn."),
            Trap("scratch", "That throws the letters away and lets every weight learn."),
            Trap("bitfit", "That lets all shifts learn, but no scale."),
            Trap("partial", "That lets the last stages learn with all their weights."),
        ),
        hints=(
            "A regime has a name; list(tlt.REGIMES) shows them.",
            'BatchNorm is short for batch normalisation: the name starts with "bn".',
            'tlt.train(letters, few, "bn_only", brief, seed=0)',
        ),
        solution='run = tlt.train(letters, few, "bn_only", brief, seed=0)',
        why="Fewer numbers that learn are a brake too, one that only transfer offers.",
        otherwise="Use tlt.train with the regime that trains the norm layers.",
    ),
)

QUESTIONS = (
    Question(
        "02.a",
        "5 labels per class, from scratch. One network has sixteen times as many parameters as "
        "another. On other images, being large",
        dict.fromkeys(VERDICTS, LATER),
    ),
    Question(
        "02.b",
        "50 labels per class, from scratch. Training images are shifted at random, the number of "
        "updates stays the same. On other images, shifting",
        dict.fromkeys(VERDICTS, LATER),
    ),
    Question(
        "02.c",
        "From 5 labels per class on, what becomes of a pretrained network's lead over scratch?",
        dict.fromkeys(("it shrinks", "it does not shrink", "cannot tell"), LATER),
    ),
    Question(
        "02.d",
        "Shifted images, 50 labels: the gap is small, and both accuracies are low. What is wrong?",
        {
            "it overfits": "Then training images would be far ahead. They are not.",
            "it underfits": "The network has not even learnt its training images.",
            "its source does harm": "There is no source: it began with random weights.",
        },
        "47459838fe703778",
    ),
    Question(
        "02.e",
        "The loss on other images rises, the accuracy on them stays where it is. What happens?",
        {
            "the network grows surer of its mistakes": "The loss punishes an answer that is sure "
            "and wrong; accuracy only counts it as wrong.",
            "it forgets its training images": "Then the loss on those would rise too.",
            "the learning rate is too small": "Then little would change, in either curve.",
        },
        "ff426de58d076a5c",
    ),
    Question(
        "02.f",
        "You have 10 labels per class and want to stop early. Which images choose the moment?",
        {
            "those it learns from": "Their loss goes on falling: they would never say stop.",
            "some of the 10": "They are missing in training: early stopping has its price.",
            "those of the test split": "Then they have chosen, and what they say is flattered.",
        },
        "d7704e8becc1b73a",
    ),
    Question(
        "02.g",
        "A reaches 90 % of its own final accuracy in half the updates that B needs. Who is better?",
        {
            "A is": "It may be soon there because its final accuracy is low.",
            "B is": "Nothing here says that B ends higher.",
            "that depends on where both end": "Times compare only with the same goal for both.",
        },
        "13f4ae8066518eab",
    ),
)
