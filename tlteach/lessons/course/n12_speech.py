"""What notebook 12 asks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from tlteach.lessons._exercise import Exercise, Number, Trap, Word
from tlteach.lessons._function import Function
from tlteach.lessons._quiz import Question
from tlteach.lessons.course import speech
from tlteach.lessons.course.made_up import made_up
from tlteach.measures import verdict

VERDICTS = ("helps", "hurts", "cannot tell")
LATER = "The summary puts it beside what was measured."
WORDS = 20


def _means(heard: pd.DataFrame) -> pd.Series[float]:
    return heard.groupby("accent")["value"].mean()


def _as_good_as(heard: pd.DataFrame) -> float:
    return float(1 / _means(heard).min())


def heard_example() -> Mapping[str, Any]:
    """Return accuracies by accent and seed: made up and clear-cut."""
    values = {"scottish": (0.8, 0.82), "german": (0.5, 0.48), "japanese": (0.26, 0.24)}
    rows = [
        {"accent": accent, "seed": seed, "value": value}
        for accent, found in values.items()
        for seed, value in enumerate(found)
    ]
    return {"heard": pd.DataFrame(rows)}


def example() -> Mapping[str, Any]:
    """Return results as the notebook picks them: five seeds, made up and clear-cut."""
    values = {
        "frozen": (0.31, 0.30, 0.29, 0.32, 0.28),
        "source_head": (0.73, 0.74, 0.72, 0.75, 0.73),
        "scratch": (0.15, 0.14, 0.17, 0.16, 0.13),
    }
    return made_up(values, task="spoken_mild", shots=1)


EXERCISES = (
    Exercise(
        id="12.1",
        ask="Write decibels(value): what a byte of the spectrogram stands for; 255 is 0 dB, each "
        "17 less are 4 dB less.",
        kind=Function(speech.bytes_of_cells, shown=((238,),)),
        right=speech.decibels,
        traps=(
            Trap(
                lambda value: -speech.decibels(value),
                "Turned round: quieter than the loudest is below zero.",
            ),
            Trap(
                lambda value: (value - 255) / 17,
                "That counts steps. Each step is 4 dB.",
            ),
            Trap(
                lambda value: 4 * value / 17,
                "That is 60 dB for the loudest cell. Where is zero?",
            ),
            Trap(
                lambda value: 4 * (value - 255),
                "One step of the byte is 17, not 1.",
            ),
            Trap(
                lambda value: value / 255,
                "That is a share of the largest byte. Decibels count from the loudest downwards.",
            ),
        ),
        hints=(
            "How far below 255 is the value? That is zero for the loudest.",
            "Divide the distance by 17 to count steps, then multiply by the 4 dB of one step.",
            "decibels(238) is -4.0 and decibels(0) is -60.0.",
        ),
        solution="def decibels(value):\n    return 4 * (value - 255) / 17",
        why="Ten decibels less are a tenth of the power; what is quieter than that scale is 0.",
    ),
    Exercise(
        id="12.2",
        ask="Write lag(by_accent): the mean over accents, minus the mean of the worst accent.",
        kind=Function(speech.accents, shown=speech.HEARD),
        right=speech.lag,
        traps=(
            Trap(speech.spread, "That is best minus worst. Take the mean over accents instead."),
            Trap(
                speech.single_run,
                "That takes the worst single run, which is luck, too. Take each accent's mean "
                "over its seeds first.",
            ),
            Trap(speech.middle, "That is the median accent. A report gives the mean."),
            Trap(
                lambda by_accent: -speech.lag(by_accent),
                "Turned round: a lag is above zero.",
            ),
            Trap(
                lambda by_accent: (
                    sum(map(sum, by_accent.values())) / sum(map(len, by_accent.values()))
                ),
                "That is the mean over all. How far behind is the worst accent?",
            ),
        ),
        hints=(
            "Each value of by_accent is a list of accuracies, one for each seed.",
            "Take the mean of each list; then you need the mean and the smallest of these means.",
            "sum(means) / len(means) - min(means)",
        ),
        solution=(
            "def lag(by_accent):\n"
            "    means = [sum(values) / len(values) for values in by_accent.values()]\n"
            "    return sum(means) / len(means) - min(means)"
        ),
        why="The mean alone does not show it. Report the worst group beside it.",
    ),
    Exercise(
        id="12.3",
        ask="In its worst accent, the network is as good as a guess among how many words?",
        kind=Number(tolerance=0.15),
        right=_as_good_as,
        traps=(
            Trap(float(WORDS), "That is a guess among all words: chance. The network is better."),
            Trap(
                lambda heard: WORDS * float(_means(heard).min()),
                "That is how many of 20 words it gets right. If k words are equally likely, a "
                "guess is right once in k.",
            ),
            Trap(
                lambda heard: float(1 / heard["value"].mean()),
                "That is the mean over accents. Take the worst.",
            ),
            Trap(
                lambda heard: float(1 / (1 - _means(heard).min())),
                "That turns errors over. A guess among k words is RIGHT once in k.",
            ),
            Trap(
                lambda heard: float(_means(heard).min()),
                "That is the accuracy itself. Among how many words does a guess reach it?",
            ),
        ),
        hints=(
            "A guess among k words is right once in k: its accuracy is 1 / k.",
            "Turn it round: k is one divided by the accuracy.",
            'heard.groupby("accent")["value"].mean().min() is the accuracy of the worst accent.',
        ),
        solution='k = 1 / new.groupby("accent")["value"].mean().min()',
        why="Chance is one in 20; this says how much is left of the choice.",
        otherwise="One divided by the mean accuracy of the worst accent, about as a whole number.",
        given=("heard",),
        example=heard_example,
    ),
    Exercise(
        id="12.4",
        ask="Mild accents, one label per word: which verdict has frozen against source_head?",
        kind=Word((*VERDICTS, "frozen", "source_head", "scratch")),
        right=lambda results: verdict(results, "frozen", "source_head").word,
        traps=(
            Trap("helps", "Is that the verdict against scratch? Ask about source_head."),
            Trap("hurts", "Hurts needs an interval below zero. Where does this one end?"),
            Trap("cannot tell", "The interval leaves out zero: it can be told."),
            Trap("frozen", "That names the regime. A verdict is helps, hurts or cannot tell."),
            Trap("source_head", "That names what it is compared with."),
            Trap("scratch", "That names another opponent: the question is about source_head."),
        ),
        hints=(
            "tlt.verdict takes the results and two names; the first is the one you judge.",
            "Does the interval in brackets hold zero?",
            'Print tlt.verdict(one, "frozen", "source_head").',
        ),
        solution='word = tlt.verdict(one, "frozen", "source_head").word',
        why="The words are the same, so the head that knows them is an opponent, too.",
        otherwise="A verdict is helps, hurts or cannot tell.",
        given=("results",),
        example=example,
    ),
    Exercise(
        id="12.5",
        ask="Write hide(picture, start, width, level): a new picture whose `width` frames from "
        "`start` on are `level` in every row.",
        kind=Function(speech.pictures, shown=speech.HIDDEN),
        right=speech.hide,
        traps=(
            Trap(speech.hide_mels, "That hides rows, which are frequencies. Frames are columns."),
            Trap(speech.hide_one_more, "One frame too many is hidden."),
            Trap(speech.width_as_end, "`width` is how many frames, not where they end."),
            Trap(speech.cut_out, "The picture has shrunk: put `level` where the frames were."),
            Trap(speech.with_zeros, "That hides with zeros. Put `level` there."),
        ),
        hints=(
            "A picture is a list of rows; a row is a list with one value for each frame.",
            "Build each row of three parts: before, hidden, behind.",
            "row[:start] + [level] * width + row[start + width :]",
        ),
        solution=(
            "def hide(picture, start, width, level):\n"
            "    end = start + width\n"
            "    return [row[:start] + [level] * width + row[end:] for row in picture]"
        ),
        why="SpecAugment hides frames and mels so, at random places, anew in every batch.",
    ),
)

QUESTIONS = (
    Question(
        "12.a",
        "Five labels per word in new accents. Fine-tuning against training from scratch: where "
        "does the network that learnt other accents gain more points?",
        dict.fromkeys(("in mild accents", "in strong accents", "cannot tell"), LATER),
    ),
    Question(
        "12.b",
        "Mild accents, one label per word. A new head on frozen features, against the head "
        "that came with the network and has seen no label of these accents:",
        dict.fromkeys(VERDICTS, LATER),
    ),
    Question(
        "12.c",
        "Fine-tuning with five labels per word. Hiding random frames and frequencies in every "
        "batch, against not hiding, in your runs:",
        dict.fromkeys(VERDICTS, LATER),
    ),
    Question(
        "12.d",
        "A report says: mean accuracy over ten accents rose by three points. What do you ask?",
        {
            "nothing: three points are three points": "The mean can rise while an accent falls.",
            "how the worst accent fared": "The mean hides it, and nobody speaks a mean accent.",
            "how the best accent fared": "Those speakers are served well already.",
        },
        "5d87cdcb02c0fcb1",
    ),
    Question(
        "12.e",
        "The network hears the synthetic Japanese voice worst. What does that say of people from "
        "Japan who speak English?",
        {
            "it will hear them worst as well": "No person was recorded. A rule of a program was.",
            "nothing": "Accent and voice are one here, and both come from rules. Only recordings "
            "of people, made with their consent, can tell.",
            "it will hear them better, for people vary": "Variation makes it harder, if anything; "
            "it was not measured here.",
        },
        "35bdeabe48cb2c58",
    ),
    Question(
        "12.f",
        "The new accents say the same 20 words that the network learnt. Which opponent does a new "
        "head with few labels need, beside scratch?",
        {
            "the majority class": "Chance is one in twenty: nearly everything beats it.",
            "the head that the network had": "It knows these words, costs no label, and may be "
            "ahead.",
            "a larger network": "That is another question. The labels are few in either case.",
        },
        "16d724df7caec438",
    ),
)
