"""What notebook 11 asks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tlteach.lessons._exercise import Exercise, Number, Trap, Word
from tlteach.lessons._function import Function
from tlteach.lessons._quiz import Question
from tlteach.lessons.course import texts
from tlteach.lessons.course.made_up import made_up
from tlteach.measures import verdict

VERDICTS = ("helps", "hurts", "cannot tell")
LATER = "The summary puts it beside what was measured."


def example() -> Mapping[str, Any]:
    """Return results as the notebook has them: five seeds, made up and clear-cut."""
    values = {
        "frozen": (0.68, 0.70, 0.66, 0.69, 0.71),
        "bag_of_words": (0.55, 0.57, 0.54, 0.56, 0.53),
        "scratch": (0.54, 0.56, 0.52, 0.55, 0.53),
    }
    return made_up(values, task="films", shots=10)


EXERCISES = (
    Exercise(
        id="11.1",
        ask="What does bag_of_words count beside single words, so that it tells the two apart?",
        kind=Word(("letters", "pairs", "capitals", "commas", "words", "meaning")),
        right="pairs",
        traps=(
            Trap("letters", "Both texts have the same letters, as often. Counts cannot differ."),
            Trap("capitals", "Both begin with a capital A, and have no other."),
            Trap("commas", "Each text has one comma."),
            Trap("words", "Single words are the same in both. What is counted beside them?"),
            Trap("meaning", "It knows no meaning: it counts. What can be counted that differs?"),
        ),
        hints=(
            "Write down what stands in one text and not in the other.",
            '"not bad" stands in the first text alone.',
            "Two neighbours together are one thing to count.",
        ),
        solution='answer = "pairs"',
        why="Pairs of neighbours: not good is one of them. Three words further on it is blind.",
        otherwise="It is something that can be counted, and that the two texts do not share.",
    ),
    Exercise(
        id="11.2",
        ask="Films, 10 labels per class: which verdict has frozen against bag_of_words?",
        kind=Word((*VERDICTS, "frozen", "bag_of_words")),
        right=lambda results: verdict(results, "frozen", "bag_of_words").word,
        traps=(
            Trap("helps", "Helps needs an interval above zero. Where does this one start?"),
            Trap("hurts", "Hurts needs an interval below zero. Which of the two comes first?"),
            Trap("cannot tell", "The interval leaves out zero: it can be told."),
            Trap("frozen", "That names the regime. A verdict is helps, hurts or cannot tell."),
            Trap("bag_of_words", "That names what it is compared with, not how it went."),
        ),
        hints=(
            "The line that asks about scratch asks about any other way, too.",
            "Does the interval in brackets hold zero?",
            'Print tlt.verdict(live, "frozen", "bag_of_words").',
        ),
        solution='answer = tlt.verdict(live, "frozen", "bag_of_words").word',
        why="The same words as for images. Is this the strongest baseline? Section 3 asks.",
        otherwise="A verdict is helps, hurts or cannot tell.",
        given=("results",),
        example=example,
    ),
    Exercise(
        id="11.3",
        ask="How many numbers out of 100 learn under lora?",
        kind=Number(tolerance=1e-6),
        right=texts.percent_band,
        stand_in=texts.percent,
        traps=(
            Trap(lambda results: texts.percent(results) / 100, "That is a fraction. Out of 100?"),
            Trap(texts.partial, "That is partial, which lets three layers learn."),
            Trap(texts.seconds, "That is the share of the seconds. Numbers are asked for."),
            Trap(
                lambda results: 100 - texts.percent(results),
                "So many stand still. How many learn?",
            ),
        ),
        hints=(
            "Two columns of the row `lora`.",
            "Divide `trained` by `total`.",
            '100 * took.loc["lora", "trained"] / took.loc["lora", "total"]',
        ),
        solution='percent = 100 * took.loc["lora", "trained"] / took.loc["lora", "total"]',
        why="Few numbers to keep for each task. Whether it is quick is another question.",
        otherwise="100 * trained / total, of the row lora.",
        given=("results",),
        example=texts.counted,
    ),
    Exercise(
        id="11.4",
        ask="Write balanced(answers, labels): the mean over the classes of the share of right "
        "answers.",
        kind=Function(texts.cases, shown=texts.SAID),
        right=texts.balanced,
        traps=(
            Trap(texts.plain, "That is plain accuracy: the larger class counts for more."),
            Trap(
                texts.of_answers,
                "You look at those that were answered so. Go by the label: of all negative texts, "
                "how many are right?",
            ),
            Trap(texts.worst, "That is the worst class. Take the mean of all."),
            Trap(texts.of_two, "You divide by the classes answered. Those of the labels count."),
        ),
        hints=(
            "Go through the classes that stand in `labels`, one after the other.",
            "For each: of the places where the label is this class, which share is right?",
            "At the end: sum(shares) / len(shares).",
        ),
        solution=(
            "def balanced(answers, labels):\n"
            "    shares = []\n"
            "    for c in set(labels):\n"
            "        right = [answers[i] == c for i, label in enumerate(labels) if label == c]\n"
            "        shares.append(sum(right) / len(right))\n"
            "    return sum(shares) / len(shares)"
        ),
        why="One answer for all gets one over the number of classes, whatever their shares.",
    ),
    Exercise(
        id="11.5",
        ask="How many points of balanced accuracy does a head lose away from home, on average?",
        kind=Number(tolerance=1e-6),
        right=texts.drop_band,
        stand_in=texts.drop,
        traps=(
            Trap(lambda results: -texts.drop(results), "It asks how much is lost: turn the sign."),
            Trap(lambda results: texts.drop(results) / 100, "That is a fraction; a point is 0.01."),
            Trap(
                texts.from_all,
                "The four cells at home are in your second mean, too. Leave them out.",
            ),
            Trap(texts.largest, "That is the worst pair. Take the mean over all twelve."),
        ),
        hints=(
            "Four rows of the table are at home: trained and tested on the same domain.",
            'at_home = matrix["trained on"] == matrix["tested on"]',
            'Mean of matrix[at_home]["value"] minus that of matrix[~at_home]["value"], times 100.',
        ),
        solution=(
            'at_home = matrix["trained on"] == matrix["tested on"]\n'
            'drop = 100 * (matrix[at_home]["value"].mean() - matrix[~at_home]["value"].mean())'
        ),
        why="Every domain is tested as often in both means, so harder texts cancel out.",
        otherwise="Mean of the four cells at home minus mean of the twelve others, times 100.",
        given=("results",),
        example=texts.matrix,
    ),
)

QUESTIONS = (
    Question(
        "11.a",
        "Film snippets, 10 labels per class: frozen MiniLM against logistic regression on "
        "counted words?",
        dict.fromkeys(VERDICTS, LATER),
    ),
    Question(
        "11.b",
        "A head on frozen features: how many points of balanced accuracy does it lose, on average, "
        "on texts of another domain?",
        dict.fromkeys(("less than 3", "3 to 8", "8 to 15", "more than 15"), LATER),
    ),
    Question(
        "11.c",
        "Five labels per class of the target, and many of another domain added: in how many "
        "of 12 cases does that help?",
        dict.fromkeys(("none", "1 to 4", "5 to 8", "9 to 12"), LATER),
    ),
    Question(
        "11.d",
        "Of the editorials 64 % are negative. A head is right on 64 % of them; its balanced "
        "accuracy is 50 %. What has it learnt?",
        {
            "a little: it beats a coin": "A coin gets 50 % of balanced accuracy, and so does this.",
            "nothing: it always says the same": "One class wholly right, the other wholly "
            "wrong: the mean is a half, whatever the shares.",
            "much: 64 % is a lot on hard texts": "Whoever always says negative gets as much.",
        },
        "8a907cd4f879ba33",
    ),
    Question(
        "11.e",
        "A RoBERTa that was tuned on SST-2 gets nearly all films right. Before you praise it?",
        {
            "more seeds are needed": "They would agree. Ask what it learnt from.",
            "it has most likely seen these texts": "The treebank was made from these snippets. "
            "A test text that was learnt from measures memory.",
            "its tokenizer differs": "It does, and that is fair: a tokenizer belongs to the "
            "weights.",
        },
        "fdd9ba568038b851",
    ),
    Question(
        "11.f",
        "A vendor's closed model got 90 % last month and 86 % today, on the same texts. What would "
        "tell you why, and who has it?",
        {
            "more texts; you": "They tell how sure the fall is, not where it comes from.",
            "the weights of both days": "Only the vendor has them. With open weights you "
            "compare two hashes.",
            "your labels; you": "They are the same on both days.",
        },
        "434fb3a26d858d84",
    ),
)
