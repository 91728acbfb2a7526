"""What notebook 15 asks."""

from __future__ import annotations

from tlteach.lessons._exercise import Exercise, Trap, Word
from tlteach.lessons._function import Function
from tlteach.lessons._quiz import Question
from tlteach.lessons.course import own

LATER = "The summary puts it beside what was measured."
KINDS = (
    "label conflict", "corrupt file", "wrong label", "shortcut", "outlier", "imbalance",
    "overlap with the source", "near copy",
)  # fmt: skip


EXERCISES = (
    Exercise(
        id="15.1",
        ask="Write balanced(right, counts): the mean over classes of the share named right.",
        kind=Function(own.class_scores, shown=own.SCORES),
        right=own.balanced,
        traps=(
            Trap(
                own.plain,
                "That is plain accuracy: a class with many photographs counts for more. Take the "
                "share of each class first, then their mean.",
            ),
            Trap(
                own.worst,
                "That is the worst class alone. It is worth knowing, but the mean was asked for.",
            ),
            Trap(
                own.summed,
                "You add the shares up. Divide by the number of classes, or it passes 1.",
            ),
        ),
        hints=(
            "right[i] of the counts[i] photographs of class i were named right.",
            "zip(right, counts) gives both numbers of one class at a time.",
            "Sum r / n over the classes, then divide by len(counts).",
        ),
        solution=(
            "def balanced(right, counts):\n"
            "    return sum(r / n for r, n in zip(right, counts)) / len(counts)"
        ),
        why="Who always says the largest class gets 1 / classes, whatever the sizes.",
    ),
    Exercise(
        id="15.2",
        ask="Which kind of finding must be mended before anything else?",
        kind=Word(KINDS),
        right=own.severe,
        traps=(
            Trap(
                "shortcut",
                "A shortcut is a warning: look whether the thing or its background gives the "
                "class away. Which severity says that nothing may come first?",
            ),
            Trap(
                "wrong label",
                "These are suspects: a model got them wrong, which a hard photograph can do too. "
                "Look at them, but something else is certain.",
            ),
            Trap(
                "overlap with the source",
                "That is a note. It tells what the source has seen, and there is nothing to mend.",
            ),
            Trap("outlier", "An outlier may be your best photograph. Look at it; it is no error."),
        ),
        hints=(
            "The table is sorted: what is most severe stands on top.",
            "Its first column says error, warning or note.",
            "The answer stands under `kind`, in the row whose severity is error.",
        ),
        solution='kind = found_there.loc[found_there["severity"] == "error", "kind"].iloc[0]',
        why="One photograph under two labels: one of them is wrong, and only you can tell which.",
        otherwise="It is one of the kinds in the table, written as it stands there.",
        given=("found",),
        example=own.audit_example,
    ),
    Exercise(
        id="15.3",
        ask="Write to_keep(runs): the regime with the highest validation accuracy, between equals "
        "the one of fewer updates.",
        kind=Function(own.some_runs, shown=own.RUNS),
        right=own.to_keep,
        traps=(
            Trap(
                own.dearest,
                "Between equals you keep the one that took more updates. Fewer updates are "
                "cheaper: mind the sign.",
            ),
            Trap(
                own.cheapest,
                "You look at the cost first. Accuracy decides; cost only between equals.",
            ),
            Trap(own.lowest, "That is the worst one: accuracy is better when it is higher."),
        ),
        hints=(
            "Each run is (regime, validation accuracy, updates).",
            "max(runs, key=...) keeps the run whose key is the largest; keys may be pairs.",
            "The pair is (accuracy, -updates); give back the regime, run[0].",
        ),
        solution=("def to_keep(runs):\n    return max(runs, key=lambda run: (run[1], -run[2]))[0]"),
        why="Chosen on validation, so that the test still tells how good the chosen one is.",
    ),
    Exercise(
        id="15.4",
        ask="Write expected_wrong(confidences, sure): how many wrong answers to expect among "
        "those of at least this confidence.",
        kind=Function(own.some_answers, shown=own.ANSWERS),
        right=own.expected_wrong,
        traps=(
            Trap(
                own.expected_right,
                "That is how many right ones to expect. What is left to certainty is the doubt.",
            ),
            Trap(
                own.of_all,
                "You count all answers. Those below `sure` are held back and do not count.",
            ),
            Trap(
                own.held_back,
                "That is how many answers are held back. The question is about the others.",
            ),
            Trap(own.doubt, "That is their mean doubt, a share. Asked for is a number of answers."),
        ),
        hints=(
            "An answer of confidence 0.9 is wrong one time in ten, if the confidence can be "
            "believed.",
            "Keep the answers with c >= sure.",
            "Add up 1 - c over what is kept.",
        ),
        solution=(
            "def expected_wrong(confidences, sure):\n"
            "    kept = [c for c in confidences if c >= sure]\n"
            "    return sum(1 - c for c in kept)"
        ),
        why="So a calibrated model tells how much work it will leave to you.",
    ),
)

QUESTIONS = (
    Question(
        "15.a",
        "Five labels per class, eleven classes of photographs. A frozen ImageNet backbone against "
        "a small network from scratch?",
        dict.fromkeys(
            (
                "scratch is ahead",
                "nobody can tell",
                "frozen is ahead by up to 20 points",
                "frozen is ahead by more",
            ),
            LATER,
        ),
    ),
    Question(
        "15.b",
        "Which regime will have the best validation accuracy, so that it is kept?",
        dict.fromkeys(("scratch", "frozen", "fine_tune"), LATER),
    ),
    Question(
        "15.c",
        "You put one photograph into a second class as well. What will an audit call it?",
        dict.fromkeys(("nothing, it cannot see that", "a note", "an error"), LATER),
    ),
    Question(
        "15.d",
        "You saw the mistakes on the test split, and then changed the model. Which photographs "
        "tell how good it is now?",
        {
            "the same test photographs": "You chose the change after seeing them: they flatter it "
            "now.",
            "photographs that nobody has looked at": "Only these know nothing of your choice.",
            "the training photographs": "It has learnt them. They tell nothing about new ones.",
        },
        "2144ed6618ea3692",
    ),
    Question(
        "15.e",
        "Ten photographs of one cup, taken in one minute. How do they go into the folder?",
        {
            "loose, as ten photographs of a cup": "Then nine sisters of a test photograph may "
            "stand in training, and the test only asks whether you know this cup again.",
            "in a sub-folder of their own": "A sub-folder of a class is a group, and stays on one "
            "side of every split.",
            "five into train, five into test": "That is the leak itself: one cup on both sides.",
        },
        "eb3bbd45906bb9b8",
    ),
    Question(
        "15.f",
        "A model of cups and pens is shown a shoe, and says: cup, 0.97. Why?",
        {
            "it is badly calibrated": "Its temperature was fitted on cups and pens. Of shoes it "
            "promises nothing.",
            "it knows no third answer": "The shares of its classes add up to 1, whatever you "
            "show. A threshold holds back what is unsure, and of a shoe it may be sure.",
            "a shoe looks like a cup": "Perhaps; but pens and cups are all it can say.",
        },
        "fff95e32596b477d",
    ),
)
