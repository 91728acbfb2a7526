"""What notebook 00 asks."""

from __future__ import annotations

from collections import Counter

from tlteach.base import rng
from tlteach.lessons._exercise import Exercise, Number, Trap, Word
from tlteach.lessons._function import Function
from tlteach.lessons._quiz import Question


def majority(labels: list[int]) -> float:
    """Return the accuracy of always answering the commonest class."""
    return max(Counter(labels).values()) / len(labels)


def _label_lists() -> list[tuple[list[int]]]:
    random = rng(0, "test")
    drawn = [(random.integers(0, 4, size).tolist(),) for size in random.integers(1, 40, 30)]
    return [([5],), ([1, 0],), ([3, 3, 0, 0],), ([0, 0, 1, 2],), ([2, 2, 2, 7],), *drawn]


EXERCISES = (
    Exercise(
        id="00.1",
        ask="How many labelled images does a task of 12 classes need for 5 shots?",
        kind=Number(),
        right=60,
        traps=(
            Trap(5, "Shots are counted per class, and there are 12 of them."),
            Trap(12, "That is one image for each class: 1 shot."),
            Trap(17, "The two numbers are not added: every class needs its own 5 images."),
            Trap(2.4, "You divided. Every one of the 12 classes needs 5 images."),
            Trap(72, "Nothing is added for validation: those images come out of the 5."),
        ),
        hints=(
            "Shots are counted per class.",
            "Draw 5 images of the first class, then 5 of the second, and so on.",
            "Multiply the shots by the number of classes.",
        ),
        solution="answer = 5 * 12",
        why="5 for each of the 12 classes, validation images included.",
        otherwise="Count the images of one class first, then how many classes there are.",
    ),
    Exercise(
        id="00.2",
        ask="A model learns from photographs of 12 things with labels and from drawings of the "
        "same 12 things without any: which transfer is it, 'inductive' or 'transductive'?",
        kind=Word(("inductive", "transductive", "unsupervised", "supervised")),
        right="transductive",
        traps=(
            Trap(
                "inductive",
                "Inductive transfer has labels in the target and asks for something new there. "
                "Which side has the labels here, and do the classes change?",
            ),
            Trap(
                "unsupervised",
                "In unsupervised transfer neither side has labels. Here the photographs do.",
            ),
            Trap(
                "supervised",
                "That says how a model learns, not what differs between source and target.",
            ),
        ),
        hints=(
            "Ask two things: do the classes differ? Which side has labels?",
            "The classes are the same, and the target's images are used without labels.",
            "Same task, other domain, labels in the source only: Pan & Yang call it trans...",
        ),
        solution='kind = "transductive"',
        why="The classes are the same, the domains differ, and the target's images have no labels.",
        otherwise="Read section 5 again: it names the two kinds.",
    ),
    Exercise(
        id="00.3",
        ask="Write majority(labels): the accuracy of always answering the commonest class.",
        kind=Function(_label_lists, shown=(([1, 0, 0, 3],),)),
        right=majority,
        traps=(
            Trap(
                lambda labels: 1 / len(set(labels)),
                "One over the number of classes is only right where all are equally common.",
            ),
            Trap(
                lambda labels: max(Counter(labels).values()),
                "That counts images. An accuracy is a share of all of them, between 0 and 1.",
            ),
            Trap(
                lambda labels: min(Counter(labels).values()) / len(labels),
                "That is the rarest class. Who always answers one class picks the commonest.",
            ),
            Trap(
                lambda labels: Counter(labels).most_common(1)[0][0],
                "That is the class itself. How often is it right?",
            ),
            Trap(
                lambda labels: labels.count(labels[0]) / len(labels),
                "That takes the first label for the commonest. It need not be.",
            ),
        ),
        hints=(
            "How often does each label stand in the list? collections.Counter counts.",
            "The answer is right as often as the commonest label occurs.",
            "Divide the largest count by the length of the list.",
        ),
        solution="def majority(labels):\n    return max(Counter(labels).values()) / len(labels)",
        why="Whatever a model gets, it has to beat this: it looks at no image at all.",
    ),
)

QUESTIONS = (
    Question(
        "00.a",
        "A network was trained on a million photographs. Of 100 new photographs of other things, "
        "how many more does it name right than one from scratch, both with 5 labels per class?",
        {
            "none, or fewer": "Section 1 shows one run; notebook 01 measures it.",
            "up to 20 more": "Section 1 shows one run; notebook 01 measures it.",
            "over 20 more": "Section 1 shows one run; notebook 01 measures it.",
        },
    ),
    Question(
        "00.b",
        "Will its features help to read handwritten digits?",
        {
            "helps": "Notebook 01 measures it.",
            "hurts": "Notebook 01 measures it.",
            "cannot tell": "Notebook 01 measures it, with five seeds.",
        },
    ),
    Question(
        "00.c",
        "With 10 labelled emoji per class, which is best?",
        {
            "train from scratch": "Notebook 01 compares the three.",
            "keep the network frozen": "Notebook 01 compares the three.",
            "tune all of it": "Notebook 01 compares the three.",
        },
    ),
    Question(
        "00.d",
        "You paid for 20 labels per class. Where do the validation images come from?",
        {
            "from the test split": "Then the test split has helped to choose, and what it says is "
            "flattered.",
            "out of the 20": "What is used for choosing has to be paid for like the rest.",
            "from 20 more labels": "Those cost money too: then you would have 40 labels, not 20.",
        },
        "353c7c272eaebde9",
    ),
    Question(
        "00.e",
        "What learns in the regime 'frozen'?",
        {
            "nothing": "Then nobody would tell it the classes of the target.",
            "the head": "The backbone gives features, and one layer on top learns the classes.",
            "the last layers of the backbone": "That is 'partial'. Frozen keeps the backbone bit "
            "for bit.",
            "everything, in small steps": "That is 'fine_tune'.",
        },
        "9af507421e345c05",
    ),
)
