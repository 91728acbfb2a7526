"""What notebook 01 asks."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import pandas as pd

from tlteach.base import rng
from tlteach.lessons._exercise import Exercise, Measured, Number, Trap, Word
from tlteach.lessons._function import Function
from tlteach.lessons._quiz import Question
from tlteach.lessons.course.made_up import made_up
from tlteach.measures import on_test, paired, verdict
from tlteach.training import Run

VERDICTS = ("helps", "hurts", "cannot tell")
REGIME_IS_NO_VERDICT = "That names a regime. A verdict is helps, hurts or cannot tell."


def word(low: float, high: float, n: int) -> str:
    """Return the verdict of an interval and of the number of seeds behind it."""
    if n < 5:
        return ""
    if low > 0:
        return "helps"
    if high < 0:
        return "hurts"
    return "cannot tell"


def _intervals() -> list[tuple[float, float, int]]:
    random = rng(0, "test")
    ends = [(0.02, 0.1), (-0.1, -0.02), (-0.05, 0.05), (-0.01, 0.1), (-0.1, 0.01), (0.0, 0.1)]
    ends += [(-0.1, 0.0), (0.1, 0.15), (-0.15, -0.1)]
    ends += [tuple(sorted(random.normal(0, 0.1, 2).tolist())) for _ in range(30)]
    return [(low, high, n) for low, high in ends for n in (5, 2, 3, 4, 6, 10, 30)]


SHOWN = ((0.02, 0.1, 5), (-0.1, -0.02, 30), (0.0, 0.1, 5), (0.02, 0.1, 4))


def _signs(low: float, high: float, n: int) -> str:
    return "helps" if low + high > 0 else "hurts"


def _whatever_number(low: float, high: float, n: int) -> str:
    return "helps" if low > 0 else "hurts" if high < 0 else "cannot tell"


def _few_cannot_tell(low: float, high: float, n: int) -> str:
    return word(low, high, n) or "cannot tell"


def _turned(low: float, high: float, n: int) -> str:
    said = word(low, high, n)
    return {"helps": "hurts", "hurts": "helps"}.get(said, said)


def _more_than_five(low: float, high: float, n: int) -> str:
    return word(low, high, n - 1)


def _lead(results: pd.DataFrame) -> list[float]:
    """Return by seed, in points, the lead of frozen over scratch."""
    rows = on_test(results)
    one, other = (
        rows[rows["regime"] == regime].set_index("seed")["value"]
        for regime in ("frozen", "scratch")
    )
    return [100 * value for value in (one - other).dropna()]


def _band(results: pd.DataFrame) -> tuple[float, float]:
    """Return the mean lead, give or take its standard error or half a point."""
    leads = _lead(results)
    mean, spread = sum(leads) / len(leads), pd.Series(leads).std() / math.sqrt(len(leads))
    room = max(0.5, 0.0 if math.isnan(spread) else float(spread))
    return mean - room, mean + room


def _mean(results: pd.DataFrame) -> float:
    return sum(_lead(results)) / len(_lead(results))


def _relative(results: pd.DataFrame) -> float:
    row = paired(results, "frozen", "scratch").iloc[0]
    rows = on_test(results)
    return float(100 * row["difference"] / rows[rows["regime"] == "scratch"]["value"].mean())


def example() -> Mapping[str, Any]:
    """Return results as a notebook has them: five seeds, made up and clear-cut."""
    values = {
        "scratch": (0.36, 0.38, 0.35, 0.37, 0.39),
        "frozen": (0.47, 0.46, 0.44, 0.49, 0.46),
        "fine_tune": (0.46, 0.47, 0.44, 0.48, 0.47),
    }
    return made_up(values, task="emoji", shots=10)


def _verdict_word(results: pd.DataFrame) -> str:
    return verdict(results, "frozen", "fine_tune").word


EXERCISES = (
    Exercise(
        id="01.1",
        ask="Which verdict do the runs on photographs give for frozen against fine_tune?",
        kind=Word((*VERDICTS, "frozen", "fine_tune")),
        right=_verdict_word,
        traps=(
            Trap(
                "helps",
                "Helps needs an interval above zero. Where does it start?",
            ),
            Trap(
                "hurts",
                "Hurts needs an interval below zero. Where does it end?",
            ),
            Trap(
                "cannot tell",
                "The interval does not hold zero. So it can be told.",
            ),
            Trap("frozen", REGIME_IS_NO_VERDICT),
            Trap("fine_tune", f"{REGIME_IS_NO_VERDICT} It is about frozen minus fine_tune."),
        ),
        hints=(
            "tlt.verdict compares two regimes on the same seeds.",
            "Look at the first interval in brackets: does it hold zero?",
            'Print tlt.verdict(on_photos, "frozen", "fine_tune") and read its first words.',
        ),
        solution='answer = tlt.verdict(on_photos, "frozen", "fine_tune").word',
        why="The interval over seeds and test images says so, not the two means.",
        otherwise="A verdict is helps, hurts or cannot tell.",
        given=("results",),
        example=example,
    ),
    Exercise(
        id="01.2",
        ask="By how many points does frozen lead scratch on emoji, on average over the seeds?",
        kind=Number(tolerance=0.01),
        right=_band,
        stand_in=_mean,
        traps=(
            Trap(
                lambda results: _mean(results) / 100,
                "That is a fraction. A point is a hundredth: multiply by 100.",
            ),
            Trap(
                lambda results: -_mean(results),
                "The sign is turned: frozen minus scratch, not scratch minus frozen.",
            ),
            Trap(
                lambda results: max(_lead(results)),
                "That is the luckiest seed. Take the mean over all of them.",
            ),
            Trap(
                _relative,
                "That is per cent of scratch. Points are the plain difference of two accuracies.",
            ),
        ),
        hints=(
            "Accuracies of the same seed are subtracted first, then averaged.",
            'tlt.verdict(on_emoji, "frozen", "scratch") has it as .difference, as a fraction.',
            "Multiply that .difference by 100.",
        ),
        solution='points = 100 * tlt.verdict(on_emoji, "frozen", "scratch").difference',
        why="Within what these seeds can tell: another five would give a slightly other mean.",
        otherwise="Subtract seed by seed on the test split, average, and write it in points.",
        given=("results",),
        example=example,
    ),
    Exercise(
        id="01.3",
        ask="Write word(low, high, n): the verdict of an interval (low, high) of a difference, and "
        "an empty word where fewer than five seeds stand behind it.",
        kind=Function(_intervals, shown=SHOWN),
        right=word,
        traps=(
            Trap(_signs, "That looks at the mean alone. Luck has a mean too: use the interval."),
            Trap(
                _whatever_number,
                "The interval is right. Fewer than five seeds are too few for any word.",
            ),
            Trap(
                _few_cannot_tell,
                "Cannot tell is a word, too: that an interval holds zero. With fewer than five "
                'seeds return "".',
            ),
            Trap(_turned, "Helps and hurts have changed places: above zero is better."),
            Trap(_more_than_five, "Five seeds are enough: too few are fewer than five."),
        ),
        hints=(
            "Too few seeds come first. Then three cases: above zero, below zero, everything else.",
            "Helps: low above zero. Hurts is the mirror image: high below zero.",
            'Where n is below 5, return "" before you look at the interval.',
        ),
        solution=(
            "def word(low, high, n):\n"
            "    if n < 5:\n"
            '        return ""\n'
            "    if low > 0:\n"
            '        return "helps"\n'
            "    if high < 0:\n"
            '        return "hurts"\n'
            '    return "cannot tell"'
        ),
        why="This is the rule behind every verdict of the course.",
    ),
    Exercise(
        id="01.4",
        ask="Train the few photographs by LP-FT: the head first, then everything.",
        kind=Measured(Run, lambda run: run.regime.name),
        right="lp_ft",
        traps=(
            Trap(
                "fine_tune",
                "That tuned everything at once. LP-FT fits the head before it.",
            ),
            Trap("frozen", "That fitted the head and stopped. LP-FT goes on."),
            Trap(
                "scratch",
                "That threw the source's weights away. LP-FT starts from them.",
            ),
        ),
        hints=(
            "A regime has a name; the table in README lists them.",
            'The name is "lp_ft".',
            "tlt.train(backbone, few, ..., config, seed=0), with that name as the third argument.",
        ),
        solution=(
            "run = tlt.train(\n"
            '    backbone, few, "lp_ft", tlt.TrainConfig(lr=1e-3, c=0.01, updates=30), seed=0\n'
            ")"
        ),
        why="Kumar et al. 2022: a fitted head distorts the features less while all is tuned.",
        otherwise="Use tlt.train with the regime that fits the head first.",
    ),
)

QUESTIONS = (
    Question(
        "01.a",
        "Photographs, 5 labels per class: by how much does a frozen ImageNet backbone beat "
        "training from scratch?",
        dict.fromkeys(
            ("not at all", "up to 20 points", "more than 20 points"), "Section 3 measures it."
        ),
    ),
    Question(
        "01.f",
        "Emoji, drawings of such things, 10 labels per class: does it help there, too?",
        dict.fromkeys(VERDICTS, "The summary puts it beside what was measured."),
    ),
    Question(
        "01.b",
        "Handwritten digits, 10 labels per class: and there?",
        dict.fromkeys(VERDICTS, "The summary puts it beside what was measured."),
    ),
    Question(
        "01.c",
        "A 'frozen' network whose BatchNorm layers are forgotten: what does that cost?",
        dict.fromkeys(
            ("nothing", "1 to 10 points", "more than 10 points"), "Section 7 measures it."
        ),
    ),
    Question(
        "01.d",
        "Why does scratch train a small network here, not Lite0?",
        {
            "to save time": "It does, but a fair comparison would pay for the time.",
            "a large one would lose by far, and beating it proves little": "The comparison has to "
            "be with the best that can be done without the source.",
            "Lite0 cannot be trained": "It can: fine_tune trains all of it.",
        },
        "1fbf2ee501bb3bcb",
    ),
    Question(
        "01.e",
        "The interval of a difference goes from -2 to +5 points. What follows?",
        {
            "the regimes are equally good": "It may be 5 points better: not seeing a difference is "
            "not seeing that there is none.",
            "the first regime is better": "The mean is above zero, but zero is in the interval.",
            "these seeds cannot tell": "More seeds, or more test images, would narrow it.",
        },
        "4e68ca383864dc2b",
    ),
)
