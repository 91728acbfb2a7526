"""What notebook 16 asks."""

from __future__ import annotations

from tlteach.lessons._exercise import Exercise, Number, Trap
from tlteach.lessons._function import Function
from tlteach.lessons._quiz import Question
from tlteach.lessons.course import beyond

LATER = "The summary puts it beside what was measured."


EXERCISES = (
    Exercise(
        id="16.1",
        ask="Write overlap(found, true): of the places that stand in either mask, the share that "
        "stands in both.",
        kind=Function(beyond.masks, shown=beyond.MASKS),
        right=beyond.overlap,
        traps=(
            Trap(
                beyond.agreeing,
                "You count the places where both masks say no. A canvas is mostly background, so "
                "an empty mask would look good. Leave these places out.",
            ),
            Trap(
                beyond.met,
                "That is the share of the thing that was found. A mask that names everything "
                "finds all of it: places named in vain must count, too.",
            ),
            Trap(
                beyond.twice,
                "Adding both sizes counts what they share twice. Count each place that stands in "
                "one or the other once.",
            ),
        ),
        hints=(
            "zip(found, true) gives the same place of both masks, one place after the other.",
            "`f and t` is True where a place stands in both, `f or t` where it stands in either.",
            "Divide the sum of the first by the sum of the second: True counts as 1.",
        ),
        solution=(
            "def overlap(found, true):\n"
            "    both = sum(f and t for f, t in zip(found, true))\n"
            "    either = sum(f or t for f, t in zip(found, true))\n"
            "    return both / either"
        ),
        why="Named too much or too little: both make it smaller.",
    ),
    Exercise(
        id="16.2",
        ask="Pick windows blindly: how many of a hundred are a hit?",
        kind=Number(tolerance=1e-6),
        right=beyond.chance_band,
        stand_in=beyond.chance,
        traps=(
            Trap(
                lambda results: beyond.chance(results) / 100,
                "That is a fraction. How many of a hundred?",
            ),
            Trap(
                beyond.one_photograph,
                "That would be one of sixteen photographs. Windows may also lie between two: "
                "count windows.",
            ),
            Trap(
                beyond.one_window,
                "More than one window is a hit: those that lie half beside it are, too.",
            ),
        ),
        hints=(
            "Two columns of the table: `good` counts the windows that would be hits.",
            "Divide all good windows by all windows.",
            '100 * found["good"].sum() / found["windows"].sum()',
        ),
        solution='percent = 100 * found["good"].sum() / found["windows"].sum()',
        why="Chance is a baseline, too: without it, a hit rate says nothing.",
        otherwise="100 * good windows / all windows, over all canvases.",
        given=("results",),
        example=beyond.canvases,
    ),
    Exercise(
        id="16.3",
        ask="Write top(ranks, k): the share of questions whose right passage is among the first "
        "k. The most similar passage has rank 1.",
        kind=Function(beyond.ranks, shown=beyond.RANKS),
        right=beyond.top,
        traps=(
            Trap(beyond.from_zero, "Ranks begin with 1, so rank k still is among the first k."),
            Trap(beyond.counted, "That is how many questions. Which share of all is it?"),
            Trap(beyond.missed, "That is the share that is missed. Count the others."),
            Trap(beyond.exactly, "You count rank k alone. The ranks before it are fine, too."),
        ),
        hints=(
            "A question counts if its rank is k or less.",
            "True counts as 1 in a sum.",
            "Sum rank <= k over the ranks, then divide by len(ranks).",
        ),
        solution=("def top(ranks, k):\n    return sum(rank <= k for rank in ranks) / len(ranks)"),
        why="Say k beside the number: it can only grow with k.",
    ),
    Exercise(
        id="16.4",
        ask="Write bits(chances): the mean surprise, minus the logarithm to base 2 of each "
        "chance that the model gave to the letter that came.",
        kind=Function(beyond.chances, shown=beyond.CHANCES),
        right=beyond.bits,
        traps=(
            Trap(beyond.nats, "That is in nats, the natural logarithm. Bits take base 2."),
            Trap(beyond.total, "That is the sum over the letters. Asked for is their mean."),
            Trap(
                beyond.of_the_mean,
                "You take the mean of the chances first. Take each logarithm, then the mean: one "
                "letter that was held for impossible must cost much.",
            ),
            Trap(
                beyond.perplexity,
                "That is the perplexity, 2 to the power of the bits. Stop one step before.",
            ),
        ),
        hints=(
            "The surprise of a chance of 1 is 0, of a half 1, of a quarter 2.",
            "math.log2(p) is negative for p below 1: mind the sign.",
            "Sum -math.log2(p) over the chances, then divide by len(chances).",
        ),
        solution=(
            "import math\n\n"
            "def bits(chances):\n"
            "    return sum(-math.log2(p) for p in chances) / len(chances)"
        ),
        why="A coin takes one bit. The loss of the training loop is the same in nats.",
    ),
)

QUESTIONS = (
    Question(
        "16.a",
        "Two photographs of a canvas are labelled place by place, the other places take the name "
        "of the most similar place. Frozen features against plain colours: mean overlap?",
        dict.fromkeys(
            (
                "colours are ahead",
                "cannot tell",
                "features are ahead by up to 10 points",
                "features are ahead by more",
            ),
            LATER,
        ),
    ),
    Question(
        "16.b",
        "Sixteen photographs on a canvas, one of the wanted kind, five labels of each kind. How "
        "often does the frozen network point at the right one?",
        dict.fromkeys(("up to 10 %", "10 to 40 %", "40 to 70 %", "more than 70 %"), LATER),
    ),
    Question(
        "16.c",
        "You ask the glossary for each of its words. Frozen MiniLM against counted words: is the "
        "right passage among the first five?",
        dict.fromkeys(("words are ahead", "cannot tell", "MiniLM is ahead"), LATER),
    ),
    Question(
        "16.d",
        "A thing has 50 places. A mask names 100 places, and all of the 50 are among them. What "
        "can you say of it?",
        {
            "its overlap is one": "Nothing was missed, but 50 places are named in vain.",
            "its overlap is a half": "50 places stand in both masks, 100 in either.",
            "it depends on the size of the canvas": "Places that stand in neither mask do not "
            "count.",
        },
        "e91da06997fae087",
    ),
    Question(
        "16.e",
        "You ask the search something that no passage answers. What comes back?",
        {
            "nothing": "It has no way to return nothing, unless you give it a threshold.",
            "the nearest passage is returned, whatever was asked": "Something is always nearest. "
            "Whether it answers is another question.",
            "a passage of similarity zero": "Zero is rare: most texts share something.",
        },
        "96b53c66b3cf1402",
    ),
    Question(
        "16.f",
        "A large model names your photographs without one label from you, and better than your "
        "frozen backbone. What do you do first?",
        {
            "drop the baselines": "Then nobody can tell what the size of the model brought.",
            "ask what the model was trained on": "Your photographs, or others of the same things, "
            "may be among them. Then look at its licence and its cost.",
            "run it once more": "The same model says the same. It is not luck that you need to "
            "rule out first.",
        },
        "53b874fec944fbc1",
    ),
)
