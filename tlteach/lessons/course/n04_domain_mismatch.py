"""What notebook 04 asks."""

from __future__ import annotations

import math
from collections.abc import Mapping
from statistics import fmean, stdev
from typing import Any

import pandas as pd

from tlteach.lessons._exercise import Exercise, Number, Trap, Word
from tlteach.lessons._function import Function
from tlteach.lessons._quiz import Question
from tlteach.lessons.course import domains
from tlteach.lessons.course.made_up import made_up
from tlteach.measures import on_test, verdict

VERDICTS = ("helps", "hurts", "cannot tell")
LATER = "The summary puts it beside what was measured."


def _means(results: pd.DataFrame) -> pd.DataFrame:
    """Return test accuracies: a row for each seed, a column for each regime."""
    rows = on_test(results)
    return rows.pivot(index="seed", columns="regime", values="value")


def _share(results: pd.DataFrame, way: str = "bn_stats") -> float:
    mean = _means(results).mean()
    return float((mean[way] - mean["frozen"]) / (mean["clean"] - mean["frozen"]))


def _share_band(results: pd.DataFrame) -> tuple[float, float]:
    """Return the share, give or take its standard error over seeds or two hundredths."""
    seeds = _means(results)
    lost = seeds["clean"] - seeds["frozen"]
    left = seeds["bn_stats"] - seeds["frozen"] - _share(results) * lost
    room = max(0.02, float(left.std() / math.sqrt(len(left)) / lost.mean()))
    return _share(results) - room, _share(results) + room


def _gain(results: pd.DataFrame) -> float:
    mean = _means(results).mean()
    return float(mean["bn_stats"] - mean["frozen"])


def example() -> Mapping[str, Any]:
    """Return results as a notebook has them: five seeds, made up and clear-cut."""
    values = {
        "clean": (0.76, 0.75, 0.77, 0.74, 0.76),
        "frozen": (0.23, 0.25, 0.22, 0.20, 0.24),
        "bn_stats": (0.52, 0.53, 0.54, 0.50, 0.53),
        "coral": (0.41, 0.42, 0.43, 0.40, 0.41),
        "fine_tune": (0.36, 0.40, 0.38, 0.39, 0.37),
        "lp_ft": (0.42, 0.39, 0.43, 0.38, 0.40),
    }
    return made_up(values, task="other styles", shots=10)


EXERCISES = (
    Exercise(
        id="04.1",
        ask="Write setting(same_classes, same_images, seen): what a transfer is called, if the "
        "source has labels and training saw labels, images or nothing of the target.",
        kind=Function(domains.settings, shown=domains.NAMED),
        right=domains.setting,
        traps=(
            Trap(
                domains.swapped,
                "The two words have changed places, as on some pages. In inductive transfer the "
                "classes are others.",
            ),
            Trap(
                domains.nothing_seen,
                "Transductive transfer needs images of the target in training. What is it called "
                "if nothing of the target was seen?",
            ),
            Trap(domains.by_labels, "What was seen does not decide alone: are the classes others?"),
            Trap(
                domains.by_classes, "The classes do not decide alone: what was seen of the target?"
            ),
            Trap(
                domains.by_images,
                "In inductive transfer the images may look alike or not: ask more.",
            ),
        ),
        hints=(
            "Take the same classes and the same images first, whatever was seen.",
            "Then the other classes: only labels of the target can tell them.",
            "What is left has the same classes, other images, and one name for each `seen`.",
        ),
        solution=(
            "def setting(same_classes, same_images, seen):\n"
            "    if same_classes and same_images:\n"
            '        return "no transfer"\n'
            "    if not same_classes:\n"
            '        return "inductive" if seen == "labels" else "neither"\n'
            '    if seen == "labels":\n'
            '        return "supervised adaptation"\n'
            '    return "transductive" if seen == "images" else "domain generalisation"'
        ),
        why="Three questions decide: do the classes change, do the images, and what of the target "
        "did training see.",
        otherwise="Go through the table row by row; it has a word for every case.",
    ),
    Exercise(
        id="04.2",
        ask="Which share of the accuracy that the dial took did bn_stats bring back?",
        kind=Number(tolerance=1e-6),
        right=_share_band,
        stand_in=_share,
        traps=(
            Trap(_gain, "That is what came back. Divide it by what the dial took."),
            Trap(lambda results: 1 - _share(results), "That is the share still missing."),
            Trap(
                lambda results: (
                    _means(results)["bn_stats"].mean() / _means(results)["clean"].mean()
                ),
                "That is adapted over clean. Some was left without adapting: take it off both.",
            ),
            Trap(
                lambda results: _share(results, "coral"),
                "That is the share of CORAL. The question is about bn_stats.",
            ),
        ),
        hints=(
            "Lost: clean minus frozen. Brought back: bn_stats minus frozen.",
            "Take each regime's mean accuracy on the test split, over all seeds.",
            "Divide what was brought back by what was lost: 1 would be all of it.",
        ),
        solution=(
            "rows = adapted.query(\"split == 'test' and metric == 'accuracy'\")\n"
            'mean = rows.groupby("regime")["value"].mean()\n'
            'share = (mean["bn_stats"] - mean["frozen"]) / (mean["clean"] - mean["frozen"])'
        ),
        why="1 would be all that the dial took, 0 nothing, below 0 more harm.",
        otherwise="(bn_stats - frozen) / (clean - frozen), of mean test accuracies.",
        given=("results",),
        example=example,
    ),
    Exercise(
        id="04.3",
        ask="Write aligned(value, source, target): a source feature's value, moved and stretched "
        "to the mean and the standard deviation of the target's values.",
        kind=Function(domains.features, shown=domains.MOVED),
        right=domains.aligned,
        traps=(
            Trap(
                lambda value, source, target: value - fmean(source) + fmean(target),
                "The means fit now. The spread is still the source's: stretch, too.",
            ),
            Trap(
                lambda value, source, target: (value - fmean(source)) / stdev(source),
                "That is mean 0 and deviation 1. Go on, to the target's mean and deviation.",
            ),
            Trap(
                lambda value, source, target: (
                    (value - fmean(source)) * stdev(source) / stdev(target) + fmean(target)
                ),
                "Stretched the wrong way: over the source's deviation, times the target's.",
            ),
            Trap(
                lambda value, source, target: domains.aligned(value, target, source),
                "Source and target have changed places: the source's values are what moves.",
            ),
        ),
        hints=(
            "How many standard deviations of the source does the value lie from its mean?",
            "As many of the target's deviations from the target's mean is where it belongs.",
            "(value - source mean) / source deviation * target deviation + target mean",
        ),
        solution=(
            "import statistics\n\n"
            "def aligned(value, source, target):\n"
            "    steps = (value - statistics.fmean(source)) / statistics.stdev(source)\n"
            "    return steps * statistics.stdev(target) + statistics.fmean(target)"
        ),
        why="CORAL does this for all features at once, with how they vary together.",
    ),
    Exercise(
        id="04.4",
        ask="Which verdict do your runs give for lp_ft against fine_tune on the other styles?",
        kind=Word((*VERDICTS, "lp_ft", "fine_tune")),
        right=lambda results: verdict(results, "lp_ft", "fine_tune", task="other styles").word,
        traps=(
            Trap("helps", "Helps needs an interval above zero. Where does this one start?"),
            Trap("hurts", "Hurts needs an interval below zero. Where does this one end?"),
            Trap("cannot tell", "The interval leaves out zero: it can be told."),
            Trap("lp_ft", "That names a regime. A verdict is helps, hurts or cannot tell."),
            Trap("fine_tune", "That names the regime that lp_ft is compared with."),
        ),
        hints=(
            "Two places were tested. Look at the one that the labels do not come from.",
            "Does the interval in brackets hold zero?",
            'Print tlt.verdict(both, "lp_ft", "fine_tune", task="other styles").',
        ),
        solution='answer = tlt.verdict(both, "lp_ft", "fine_tune", task="other styles").word',
        why="The interval says so, whatever a paper found elsewhere.",
        otherwise="A verdict is helps, hurts or cannot tell.",
        given=("results",),
        example=example,
    ),
)

QUESTIONS = (
    Question(
        "04.a",
        "A head learns on one style of emoji. What does it lose on the same things in another?",
        dict.fromkeys(("none that can be told", "up to 15 points", "more than 15 points"), LATER),
    ),
    Question(
        "04.b",
        "Clothes that lost half of their contrast. BatchNorm statistics of such images, without "
        "one label: do they help?",
        dict.fromkeys(VERDICTS, LATER),
    ),
    Question(
        "04.c",
        "On the other styles: does fine-tuning on one style help against frozen features?",
        dict.fromkeys(VERDICTS, LATER),
    ),
    Question(
        "04.d",
        "You adapt to 64 images of one camera, all of the same class. What do you fit to?",
        {
            "the camera": "Class and camera are mixed up in them: the statistics cannot tell which "
            "is which.",
            "the camera and that class": "So images of other classes are normalised as if they "
            "were of this one. Wait for a mixed batch.",
            "nothing, as there are no labels": "No label is needed to take a mean. That is why "
            "nobody notices when the batch is skewed.",
        },
        "1d0d5805d938f155",
    ),
    Question(
        "04.e",
        "Where do you choose how far to adapt, if the target has no labels?",
        {
            "on the target's test split": "Then it has helped to choose, and what it says is "
            "flattered. Nobody would have it in real life, either.",
            "on validation images of the source": "They hardly change when you adapt to the "
            "target: they do not know.",
            "nowhere: fix it before": "Or pay for a few labels there, and say so.",
        },
        "4701f20a42325cff",
    ),
)
