"""What notebook 14 asks."""

from __future__ import annotations

from tlteach.lessons._exercise import Exercise, Number, Trap, Word
from tlteach.lessons._function import Function
from tlteach.lessons._quiz import Question
from tlteach.lessons.course import medicine
from tlteach.measures import judge

LATER = "The summary puts it beside what was measured."


EXERCISES = (
    Exercise(
        id="14.1",
        ask="fashion_5_9, fine-tuned from its sister fashion_0_4: from how many labels per class "
        "on is no lead told any more?",
        kind=Number(),
        right=medicine.vanishes,
        traps=(
            Trap(
                medicine.last_lead,
                "There the lead is still told: its interval lies above zero. Take the next column.",
            ),
            Trap(
                medicine.first_harm,
                "There it hurts already. A lead vanishes before it turns: look for `cannot tell`.",
            ),
            Trap(
                medicine.mean_below,
                "There the mean falls below zero. A mean alone tells no lead: does its interval "
                "leave out zero a column earlier?",
            ),
            Trap(
                lambda leads: int(leads["shots"].max()),
                "That is the last column. Go through the words from the left.",
            ),
        ),
        hints=(
            "One row of the table, read from left to right.",
            "A lead is told where the word is `helps`.",
            "The first number of labels after the last `helps`.",
        ),
        solution=(
            'words = sister.set_index("shots")["verdict"].sort_index()\n'
            'led = words.index[words == "helps"]\n'
            "shots = min(shots for shots in words.index if shots > max(led, default=0))"
        ),
        why="What a source brings is worth most where labels are fewest.",
        otherwise="The answer is one of the numbers of labels at the head of the table.",
        given=("leads",),
        example=medicine.leads_example,
    ),
    Exercise(
        id="14.2",
        ask='Which split, "A", "B" or "C", has no patient on both sides? Or "none"?',
        kind=Word(("a", "b", "c", "none")),
        right="b",
        traps=(
            Trap(
                "a",
                "A deals out single images. Another image of the same patient stands on the other "
                "side: count the patients that both sides share.",
            ),
            Trap(
                "c",
                "C keeps a hospital apart. But the same patients were seen in all four hospitals, "
                "so every patient stands on both sides.",
            ),
            Trap("none", "One of them keeps patients whole. Compare the sets of patients."),
        ),
        hints=(
            "patient[rows] gives the patients of some rows.",
            "Two sets have nothing in common where set(one) & set(other) is empty.",
            "Print len(set(patient[test]) & set(patient[~test])) for each.",
        ),
        solution=(
            "for name, test in splits.items():\n"
            "    print(name, len(set(patient[test]) & set(patient[~test])))\n"
            'answer = "B"'
        ),
        why="Whole patients on one side. In this package that is what `groups` of a task is for.",
        otherwise='The answer is "A", "B", "C" or "none".',
    ),
    Exercise(
        id="14.3",
        ask="A hospital that nobody trained on, against the same hospital when it was among the "
        "three: helps, hurts or cannot tell?",
        kind=Word(("helps", "hurts", "cannot tell", "unseen")),
        right=lambda differences: judge(differences)[0],
        traps=(
            Trap("helps", "Helps would mean that an unseen hospital is easier. Mind the sign."),
            Trap("hurts", "Hurts needs an interval below zero. Where does it end?"),
            Trap("cannot tell", "The interval leaves out zero: it can be told."),
            Trap("unseen", "That names one side. A verdict is helps, hurts or cannot tell."),
        ),
        hints=(
            "`differences` holds unseen minus seen, one number for each seed.",
            "judge(differences) returns the word, the mean and the interval.",
            "judge(differences)[0]",
        ),
        solution="answer = judge(differences)[0]",
        why="One number for each seed, one word for all: no single run decides it.",
        otherwise="A verdict is helps, hurts or cannot tell.",
        given=("differences",),
        example=medicine.loss_example,
    ),
    Exercise(
        id="14.5",
        ask="Write ppv(sensitivity, specificity, prevalence): the share of positive answers that "
        "are right.",
        kind=Function(medicine.tests_and_places, shown=((0.75, 0.75, 0.1),)),
        right=medicine.ppv,
        traps=(
            Trap(
                medicine.everywhere_alike,
                "You forget how rare the finding is. Weigh the sick by the prevalence and the "
                "healthy by 1 - prevalence.",
            ),
            Trap(
                medicine.share_right,
                "That is the accuracy: all right answers. Ask about positive answers alone.",
            ),
            Trap(
                medicine.false_alarms,
                "These are the positive answers that are wrong. You want the others.",
            ),
            Trap(
                medicine.share_positive,
                "That is how many answers are positive. How many of these are right?",
            ),
            Trap(
                lambda sensitivity, specificity, prevalence: sensitivity,
                "That is the share of the sick who get a positive answer. Turn it round: the share "
                "of positive answers that belong to the sick.",
            ),
        ),
        hints=(
            "Of all people, sensitivity * prevalence are sick and get a positive answer.",
            "(1 - specificity) * (1 - prevalence) are healthy and get one too.",
            "The first, divided by the sum of both.",
        ),
        solution=(
            "def ppv(sensitivity, specificity, prevalence):\n"
            "    true = sensitivity * prevalence\n"
            "    false = (1 - specificity) * (1 - prevalence)\n"
            "    return true / (true + false)"
        ),
        why="The network is the same everywhere. What a positive answer means is not.",
    ),
    Exercise(
        id="14.4",
        ask="Write sensitivity_at(healthy, sick, specificity): the share of the sick above the "
        "lowest score of a healthy one that keeps at least this specificity.",
        kind=Function(medicine.scores, shown=medicine.SCORES),
        right=medicine.sensitivity_at,
        traps=(
            Trap(
                medicine.by_the_sick,
                "You choose the threshold on the sick. The specificity is about the healthy.",
            ),
            Trap(
                medicine.wrong_end,
                "Wrong end: with a specificity of 0.9 nine of ten healthy ones lie at or below the "
                "threshold, not one of ten.",
            ),
            Trap(
                medicine.at_or_above,
                "A score just at the threshold is negative here: positive means above, >.",
            ),
            Trap(
                medicine.of_everybody,
                "You count the healthy too. Sensitivity is about the sick alone.",
            ),
            Trap(
                medicine.missed,
                "These are the sick that are missed. Sensitivity counts those that are found.",
            ),
        ),
        hints=(
            "For a threshold t the specificity is the share of healthy scores with score <= t.",
            "Try every healthy score as threshold and keep the lowest that is good enough.",
            "Then sum(score > threshold for score in sick) / len(sick).",
        ),
        solution=(
            "def sensitivity_at(healthy, sick, specificity):\n"
            "    enough = specificity * len(healthy)\n"
            "    good = [t for t in healthy if sum(s <= t for s in healthy) >= enough]\n"
            "    return sum(score > min(good) for score in sick) / len(sick)"
        ),
        why="A threshold is a choice, and it is made on validation images, before the test.",
    ),
)

QUESTIONS = (
    Question(
        "14.a",
        "Three targets far from photographs, 50 labels per class. On how many does frozen Lite0 "
        "lead a small network from scratch?",
        dict.fromkeys(("none", "one", "two", "all three"), LATER),
    ),
    Question(
        "14.b",
        "A test finds 90 of 100 sick and clears 90 of 100 healthy. One of 100 people is sick. Of "
        "100 positive answers, how many are right?",
        dict.fromkeys(("about 90", "about 50", "about 8"), LATER),
    ),
    Question(
        "14.c",
        "Trained in three hospitals: what becomes of the accuracy in a fourth, against a network "
        "that had seen it?",
        dict.fromkeys(("it falls", "nobody can tell", "it rises"), LATER),
    ),
    Question(
        "14.d",
        "Ten slides from each of 50 patients. What belongs on one side of a split as a whole?",
        {
            "every single image": "Then nine sisters of a test image may stand in training.",
            "all slides of a patient": "Patients whole, and where you can, a whole hospital more.",
            "all slides of a class": "Then the test would hold classes that nobody was taught.",
        },
        "0b790f2f10c9811c",
    ),
    Question(
        "14.e",
        "A network moves from a clinic for the sick to a screening of everybody. Nothing in the "
        "images of sick and healthy changes. Which share changes?",
        {
            "the sick who are found": "That is the sensitivity. It is about the sick "
            "alone: how many of them there are is no matter.",
            "the healthy who are cleared": "That is the specificity. It is about the "
            "healthy alone, so it stays.",
            "the positive answers that are right": "It mixes both, so it falls where "
            "the sick are rare.",
        },
        "b3911ce8500f4b46",
    ),
    Question(
        "14.f",
        "Large pretrained network and small one from scratch: the verdict on 100,000 images is "
        "cannot tell. What do you do?",
        {
            "take the large one, it may be better": "It costs more with every answer, and nobody "
            "could show what for.",
            "report it and weigh the costs": "The lead is not shown. Size, speed and upkeep are "
            "known: they may decide.",
            "say that pretraining never helps": "One target, one number of labels. With few "
            "labels it may be another matter.",
        },
        "6ab8116e9de5b520",
    ),
)
