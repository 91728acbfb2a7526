"""What notebook 06 asks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from tlteach.lessons._exercise import Exercise, Number, Trap, Word
from tlteach.lessons._function import Function
from tlteach.lessons._quiz import Question
from tlteach.lessons.course import scarce
from tlteach.lessons.course.made_up import made_up
from tlteach.measures import verdict

VERDICTS = ("helps", "hurts", "cannot tell")
LATER = "The summary puts it beside what was measured."
POLICIES = ("shift", "flip_crop", "colour", "mixup", "none")


def _right(results: pd.DataFrame) -> float:
    return scarce.of_pool(results, "correct")


def _right_band(results: pd.DataFrame) -> tuple[float, float]:
    return _right(results) - 0.01, _right(results) + 0.01


def _word(results: pd.DataFrame) -> str:
    return verdict(results, "yours", "random", task="emoji", shots=12).word


def example() -> Mapping[str, Any]:
    """Return results as the notebook has them: five seeds, made up and clear-cut."""
    values = {"yours": (0.46, 0.47, 0.45, 0.46, 0.44), "random": (0.51, 0.53, 0.50, 0.52, 0.51)}
    return made_up(values, task="emoji", shots=12)


EXERCISES = (
    Exercise(
        id="06.1",
        ask="How many labels did the made-up paper pay for, in all?",
        kind=Number(),
        right=1140,
        traps=(
            Trap(40, "Those are the labels it started with. Which did it ask for later?"),
            Trap(140, "Somebody labelled the 1,000 validation images, too."),
            Trap(1040, "In five rounds it asked for more: they are labels like any other."),
            Trap(1000, "Those choose the threshold. The others have to be counted as well."),
            Trap(51140, "Unlabelled images have no label. Nobody paid for one."),
        ),
        hints=(
            "There are three places where a person gave a label.",
            "Start, rounds, validation. The 50,000 have no label.",
            "4 * 10 + 5 * 20 + 1000",
        ),
        solution="paid = 4 * 10 + 5 * 20 + 1000",
        why="The abstract says 40. Most of its labels choose a threshold.",
        otherwise="Start labels, labels asked for, validation labels: add the three.",
    ),
    Exercise(
        id="06.2",
        ask="Write confident(probabilities, threshold): a list of pairs (place, class), for every "
        "image whose largest probability exceeds the threshold.",
        kind=Function(scarce.likely, shown=scarce.SURE),
        right=scarce.confident,
        traps=(
            Trap(scarce.reached, "Exceeds means larger: equal to the threshold is not enough."),
            Trap(scarce.everything, "You take every image. Who checks the threshold?"),
            Trap(scarce.doubtful, "Turned round: those are the images it is not sure of."),
            Trap(scarce.places, "You give the places. A label is a class: return both."),
        ),
        hints=(
            "Go through the rows; enumerate gives the place of each.",
            "max(row) is how sure it is, row.index(max(row)) is the class.",
            "Add (place, row.index(max(row))) where max(row) > threshold.",
        ),
        solution=(
            "def confident(probabilities, threshold):\n"
            "    rows = enumerate(probabilities)\n"
            "    return [(i, row.index(max(row))) for i, row in rows if max(row) > threshold]"
        ),
        why="That is all there is to a pseudo-label. Nobody has checked one of them.",
    ),
    Exercise(
        id="06.3",
        ask="Emoji, 5 labels per class: which share of the last round's pseudo-labels is right, "
        "on average over the seeds?",
        kind=Number(tolerance=1e-6),
        right=_right_band,
        stand_in=_right,
        traps=(
            Trap(lambda results: 1 - _right(results), "That is the share that is wrong."),
            Trap(
                lambda results: scarce.of_pool(results, "added"),
                "That is how many there are. Which share of them is right?",
            ),
            Trap(
                scarce.share_of_pool,
                "That is the share of the pool that got one, right or wrong.",
            ),
            Trap(
                scarce.start,
                "That is the accuracy on all test images, before any pseudo-label.",
            ),
            Trap(lambda results: 100 * _right(results), "A share lies between 0 and 1."),
        ),
        hints=(
            "The rows of split 'pool' hold two metrics: added and correct.",
            "Take emoji, 5 shots, the last round, metric correct; then the mean of value.",
            "taught.query(\"task == 'emoji' and shots == 5 and metric == 'correct'\") "
            "has all rounds: keep the last one.",
        ),
        solution=(
            "rows = taught.query(\"task == 'emoji' and shots == 5 and metric == 'correct'\")\n"
            'share = rows[rows["round"] == rows["round"].max()]["value"].mean()'
        ),
        why="The threshold asked for 0.95. Confidence is no promise.",
        otherwise="The mean of metric 'correct' in the last round, over the seeds.",
        given=("results",),
        example=scarce.pseudo_labelled,
    ),
    Exercise(
        id="06.4",
        ask="Write unsure(probabilities, n): the places of the n images whose two largest "
        "probabilities lie closest together, the closest first.",
        kind=Function(scarce.asked, shown=scarce.UNCLEAR),
        right=scarce.unsure,
        traps=(
            Trap(scarce.surest, "Those are the clearest images. Ask for the unclear ones."),
            Trap(
                scarce.least_likely,
                "You look at the largest probability alone. How close is the second?",
            ),
            Trap(
                scarce.least_known,
                "That is entropy: it looks at all classes. A margin looks at two.",
            ),
            Trap(scarce.ends, "You subtract the smallest probability. Take the second largest."),
        ),
        hints=(
            "sorted(row) puts the two largest probabilities at the end.",
            "The margin of a row is sorted(row)[-1] - sorted(row)[-2].",
            "Sort the places by their margin, then take the first n.",
        ),
        solution=(
            "def unsure(probabilities, n):\n"
            "    def margin(place):\n"
            "        ranked = sorted(probabilities[place])\n"
            "        return ranked[-1] - ranked[-2]\n"
            "\n"
            "    return sorted(range(len(probabilities)), key=margin)[:n]"
        ),
        why="A small margin means that two classes are nearly as likely.",
    ),
    Exercise(
        id="06.5",
        ask="Emoji, 144 labels on either side: which verdict has yours against random?",
        kind=Word((*VERDICTS, "yours", "random")),
        right=_word,
        traps=(
            Trap("helps", "Helps needs an interval above zero. Where does this one start?"),
            Trap("hurts", "Hurts needs an interval below zero. Where does this one end?"),
            Trap("cannot tell", "The interval leaves out zero: it can be told."),
            Trap("yours", "That names a way to ask. A verdict is helps, hurts or cannot tell."),
            Trap("random", "That names what it is compared with."),
        ),
        hints=(
            "Both sides must have the same number of labels: shots=12.",
            "Does the interval in brackets hold zero?",
            'Print tlt.verdict(asked, "yours", "random", task="emoji", shots=12).',
        ),
        solution='answer = tlt.verdict(asked, "yours", "random", task="emoji", shots=12).word',
        why="Equal labels, the same start, paired seeds. Another task may say another word.",
        otherwise="A verdict is helps, hurts or cannot tell.",
        given=("results",),
        example=example,
    ),
    Exercise(
        id="06.6",
        ask="Which policy teaches a label that the changed digit no longer has?",
        kind=Word(POLICIES),
        right="flip_crop",
        traps=(
            Trap("shift", "A 7 that moves by one pixel is still a 7."),
            Trap("colour", "A grey 7 gets lighter or darker. Its strokes stay where they are."),
            Trap("mixup", "It mixes two digits and the labels along with them: shares of both."),
            Trap("none", "It changes nothing, so the label fits as well as before."),
        ),
        hints=(
            "Look at the pictures: which row holds shapes that nobody writes?",
            "Say the label of each picture aloud. Where are you sure that it is wrong?",
            "What does a 7 look like in a mirror?",
        ),
        solution='answer = "flip_crop"',
        why="A mirrored 7 is no 7, and the policy keeps the label all the same.",
        otherwise="One of the policies: shift, flip_crop, colour, mixup or none.",
    ),
)

QUESTIONS = (
    Question(
        "06.a",
        "Emoji, 5 labels per class, frozen ImageNet features: do pseudo-labels with a confidence "
        "above 0.95 help against doing without?",
        dict.fromkeys(VERDICTS, LATER),
    ),
    Question(
        "06.b",
        "Emoji, 144 labels asked for: does asking for the unclear images help against asking at "
        "random?",
        dict.fromkeys(VERDICTS, LATER),
    ),
    Question(
        "06.c",
        "Handwritten digits, 5 labels per class, frozen features from letters. Printed digits in "
        "many fonts join them, free of charge: do they help?",
        dict.fromkeys(VERDICTS, LATER),
    ),
    Question(
        "06.d",
        "A method with 40 labels chooses its threshold on 1,000 labelled images. What is the fair "
        "opponent?",
        {
            "a model with 40 labels": "It had to do without the other thousand.",
            "a model trained on all 1,040 labels": "Whoever has paid for a label may train on it.",
            "the method with a worse threshold": "Then both paid for 1,040, and nobody knows what "
            "they were worth.",
        },
        "32d37f9748b53d17",
    ),
    Question(
        "06.e",
        "flip_crop mirrors and shifts. Say it cannot be told from no augmentation, and hurts "
        "against shift. What does the mirror do?",
        {
            "nothing: one cannot tell": "Against none, two changes are mixed: a shift and a "
            "mirror. One may hide the other.",
            "harm: only the mirror differs there": "Against shift everything else is equal.",
            "both, depending on luck": "The seeds are the same in both comparisons. What differs "
            "is the opponent.",
        },
        "8736310d5f29998f",
    ),
    Question(
        "06.f",
        "Your unlabelled pool may hold things of none of your classes. What does a confidence "
        "threshold do about them?",
        {
            "it keeps them out": "The probabilities sum to 1 over your classes. There is none for "
            "something else.",
            "nothing you may rely on": "A stranger can look like one class far more than like the "
            "others. Look at a sample yourself.",
            "it gives them a class of their own": "A model answers with the classes it knows.",
        },
        "2bfa90f4588f5365",
    ),
)
