"""What notebook 07 asks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from tlteach.lessons._exercise import Exercise, Number, Trap, Word
from tlteach.lessons._function import Function
from tlteach.lessons._quiz import Question
from tlteach.lessons.course import look_inside as inside

LATER = "The summary puts it beside what was measured."
ROOM = 0.005
STAGES = ("stem", "block1", "block2", "block3")


def _mean(results: pd.DataFrame, column: str) -> float:
    return float(results[column].mean())


def _left_band(results: pd.DataFrame) -> tuple[float, float]:
    left = inside.left_over(results)
    return left - ROOM, left + ROOM


def _alike() -> Mapping[str, Any]:
    """Return likeness by stage, made up and clear-cut."""
    values = dict(zip(STAGES, (0.99, 0.95, 0.85, 0.6), strict=True))
    rows = [
        {"net": net, "stage": stage, "seed": seed, "cka": value if net == "fine_tune" else 1.0}
        for net in ("frozen", "fine_tune")
        for stage, value in values.items()
        for seed in range(3)
    ]
    return {"results": pd.DataFrame(rows)}


def _errors() -> Mapping[str, Any]:
    """Return calibration errors with their floors, made up and clear-cut."""
    errors = {"ece": [0.07, 0.08, 0.06, 0.07, 0.08], "floor": [0.02, 0.02, 0.01, 0.01, 0.02]}
    return {"results": pd.DataFrame({"regime": "fine_tune"} | errors)}


def _planted() -> Mapping[str, Any]:
    """Return accuracies of networks that learnt with marks, made up."""
    rows = {"accuracy": [0.9, 0.92, 0.91], "bags": [0.99, 1.0, 0.98], "of_all": [0.2, 0.2, 0.2]}
    return {"results": pd.DataFrame(rows)}


EXERCISES = (
    Exercise(
        id="07.1",
        ask="Write share(heat, inside): which share of a map's heat lies inside a region; 0 for a "
        "map without heat.",
        kind=Function(inside.maps, shown=inside.HEATS),
        right=inside.share,
        traps=(
            Trap(
                inside.area,
                "That counts pixels. It is what a map without a preference would have: the "
                "control, not the answer.",
            ),
            Trap(
                inside.mean_inside, "That is the mean heat inside. A share is a part of all heat."
            ),
            Trap(
                lambda heat, region: 1 - inside.share(heat, region) if sum(heat) else 0.0,
                "That is the share outside.",
            ),
            Trap(inside.over_outside, "Divided by what lies outside. A share is a part of all."),
            Trap(
                lambda heat, region: inside.share(heat, region) * sum(heat),
                "That is the heat inside. Divide it by all heat, so that maps can be compared.",
            ),
        ),
        hints=(
            "Both lists have one entry for each pixel: its heat, and whether it lies inside.",
            "Add up the heat of the pixels inside, then divide by the heat of all.",
            "sum(h for h, kept in zip(heat, inside, strict=True) if kept) / sum(heat)",
        ),
        solution=(
            "def share(heat, inside):\n"
            "    total = sum(heat)\n"
            "    within = sum(h for h, kept in zip(heat, inside, strict=True) if kept)\n"
            "    return within / total if total > 0 else 0.0"
        ),
        why="A map as a number: now it can have controls and an interval.",
    ),
    Exercise(
        id="07.2",
        ask="Which stage did fine-tuning move most, on average over the seeds?",
        kind=Word(STAGES),
        right=inside.moved_most,
        traps=(
            Trap("stem", "1 means unchanged. Is the stem of fine_tune far from 1?"),
            Trap("block1", "Go on to the right: is there a stage that is less like its start?"),
            Trap("block2", "Nearly. Compare with its neighbours on both sides."),
            Trap("block3", "Another stage of fine_tune lies lower in your table."),
        ),
        hints=(
            "Read the row of fine_tune alone; the other rows are controls.",
            "1 is as it was. The stage that moved most has the smallest number.",
            'alike[alike["net"] == "fine_tune"].groupby("stage")["cka"].mean().idxmin()',
        ),
        solution=(
            'tuned = alike[alike["net"] == "fine_tune"]\n'
            'moved = tuned.groupby("stage")["cka"].mean().idxmin()'
        ),
        why="The smallest likeness to the start is the largest move.",
        otherwise="The answer is the name of a stage.",
        given=("results",),
        example=_alike,
    ),
    Exercise(
        id="07.3",
        ask="Write error(counts, confidence, accuracy): the expected calibration error of answers "
        "that are sorted into bins.",
        kind=Function(inside.bins_of_answers, shown=inside.BINS),
        right=inside.error,
        traps=(
            Trap(inside.unweighted, "A bin of two images counts as much as one of two hundred."),
            Trap(
                inside.signed,
                "Too sure in one bin and too modest in another cancel. Take the distance in each "
                "bin first.",
            ),
            Trap(inside.largest, "That is the worst bin, the maximum calibration error."),
            Trap(inside.squared, "Distances are not squared here."),
        ),
        hints=(
            "In each bin: how far is confidence from accuracy, in whichever direction?",
            "Weigh each distance with its number of images.",
            "sum(n * abs(c - a) for n, c, a in zip(counts, confidence, accuracy)) / sum(counts)",
        ),
        solution=(
            "def error(counts, confidence, accuracy):\n"
            "    bins = zip(counts, confidence, accuracy, strict=True)\n"
            "    return sum(n * abs(c - a) for n, c, a in bins) / sum(counts)"
        ),
        why="That is equation 3 of Guo et al., image by image instead of bin by bin.",
    ),
    Exercise(
        id="07.4",
        ask="Where does the calibration error of fine_tune lie against its floor?",
        kind=Word(("above", "below", "cannot tell", "calibrated")),
        right=inside.place_of_error,
        traps=(
            Trap("above", "Above needs an interval of error minus floor that is above zero."),
            Trap("below", "Below would mean less than noise alone gives. Which is the larger?"),
            Trap("cannot tell", "The interval leaves out zero: it can be told."),
            Trap(
                "calibrated",
                "No test shows that. An error near its floor is one that noise alone could give.",
            ),
        ),
        hints=(
            "The floor is what a perfectly calibrated network gets with as many images.",
            "Take error minus floor, seed by seed: does its interval hold zero?",
            "The row of fine_tune in the table has it in its last column.",
        ),
        solution=(
            'tuned = sure[sure["regime"] == "fine_tune"]\n'
            'word = judge(tuned["ece"] - tuned["floor"])[0]\n'
            'place = {"helps": "above", "hurts": "below"}.get(word, word)'
        ),
        why="Error and floor come from the same answers, so their difference is paired.",
        otherwise="The answer is above, below, cannot tell or calibrated.",
        given=("results",),
        example=_errors,
    ),
    Exercise(
        id="07.5",
        ask="Say the network knows bags by the mark alone. Which accuracy is left on test images "
        "without marks?",
        kind=Number(),
        right=_left_band,
        stand_in=inside.left_over,
        traps=(
            Trap(
                lambda results: _mean(results, "accuracy"),
                "That is the accuracy with marks. Which images does the network lose?",
            ),
            Trap(
                lambda results: _mean(results, "accuracy") * (1 - _mean(results, "of_all")),
                "That loses a part of all right answers. It is the bags that are lost, and "
                "nothing else.",
            ),
            Trap(
                lambda results: 1 - _mean(results, "of_all"),
                "That would be right if it made no mistake on the other classes.",
            ),
            Trap(
                lambda results: _mean(results, "bags") * _mean(results, "of_all"),
                "That is what the bags contribute. Take it off the whole.",
            ),
        ),
        hints=(
            "Accuracy is a sum: what each class contributes to the share of right answers.",
            "Bags contribute their share of the images times their accuracy.",
            "accuracy - bags * of_all, each a mean over the seeds",
        ),
        solution=(
            "mean = planted.mean(numeric_only=True)\n"
            'left = mean["accuracy"] - mean["bags"] * mean["of_all"]'
        ),
        why="A prediction that can fail: compare it with what comes next.",
        otherwise="Take off what the bags contribute: their accuracy times their share.",
        given=("results",),
        example=_planted,
    ),
)

QUESTIONS = (
    Question(
        "07.a",
        "A small network of four stages is fine-tuned on new clothes. Which stage moves most?",
        dict.fromkeys((*STAGES, "all about alike"), LATER),
    ),
    Question(
        "07.b",
        "Scratch, frozen, fine_tune: how many have a calibration error above what noise gives?",
        dict.fromkeys(("none", "one", "two", "all three"), LATER),
    ),
    Question(
        "07.c",
        "In training every bag, and nothing else, bears a red mark. A network from scratch is "
        "tested without marks. How much of its accuracy on all five classes is lost?",
        dict.fromkeys(("up to 5 points", "5 to 15 points", "more than 15 points"), LATER),
    ),
    Question(
        "07.d",
        "The heat of a Grad-CAM map lies on the object. What does that show?",
        {
            "the network answers for the right reason": "A blob in the middle of the "
            "image lies on most objects, too, and it knows no reason at all.",
            "these places raised the score, as this stage sees it": "It says where, at the size of "
            "this stage's map. Why is another question, and needs an experiment.",
            "the answer is right": "A map exists for every class that you ask about, right or "
            "wrong.",
        },
        "8bf75cb33aaf33dc",
    ),
    Question(
        "07.e",
        "On 100 test images the ECE is 0.09. Is the network badly calibrated?",
        {
            "yes: 0.09 is far from 0": "With 100 images a perfectly calibrated network is far from "
            "0, too.",
            "no: below 0.1 is fine": "No limit holds for every number of images.",
            "compare with its floor": "The floor says what noise alone gives with these "
            "confidences and this many images.",
        },
        "2ad47a02c1316639",
    ),
    Question(
        "07.f",
        "You suspect that a network uses a mark. What tells most?",
        {
            "a map with heat on the mark": "It raises the suspicion. Some networks that never met "
            "the mark have such maps.",
            "put the mark on other classes and count": "You change one thing, and see whether "
            "answers follow: that is an experiment.",
            "a high accuracy on images with marks": "A network that knows the class well has that, "
            "too.",
        },
        "864c4df3eb97cf86",
    ),
)
