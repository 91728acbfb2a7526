"""What notebook 03 asks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from tlteach.lessons._exercise import Exercise, Measured, Number, Trap
from tlteach.lessons._function import Function
from tlteach.lessons._quiz import Question
from tlteach.lessons.course import layers
from tlteach.training import Run

VERDICTS = ("helps", "hurts", "cannot tell")
LATER = "The summary puts it beside what was measured."


def _tested(results: pd.DataFrame, metric: str = "accuracy") -> pd.DataFrame:
    """Return the runs on digits with 5 labels per class."""
    asked = (results["task"] == "digits") & (results["shots"] == 5) & (results["metric"] == metric)
    return results[asked & results["split"].isin(["test", "model"])]


def _share(results: pd.DataFrame, column: str = "seconds", part: str = "partial_1") -> float:
    """Return what `part` takes, in units of what fine-tuning takes."""
    metric = "accuracy" if column == "seconds" else "parameters_trained"
    mean = _tested(results, metric).groupby("regime")[column].mean()
    return float(mean[part] / mean["fine_tune"])


def _share_band(results: pd.DataFrame) -> tuple[float, float]:
    """Return the share, give or take two hundredths: a mean of ratios is right as well."""
    return _share(results) - 0.02, _share(results) + 0.02


def _ratio(results: pd.DataFrame, place: str = "far", way: str = "fine_tune") -> float:
    error = results.pivot(index="seed", columns="how", values=place)
    return float((error[way] / error["lp_ft"]).median())


def _ratio_band(results: pd.DataFrame) -> tuple[float, float]:
    """Return a fifth to either side: a ratio of medians is near enough."""
    return 0.8 * _ratio(results), 1.25 * _ratio(results)


def example_layers() -> Mapping[str, Any]:
    """Return runs as the atlas has them, made up and clear-cut."""
    known = {"frozen": (0.1, 650), "partial_1": (2.4, 58_000), "fine_tune": (4.8, 78_000)}
    rows = [
        ("digits", 5, regime, seed, seconds, split, metric, size)
        for regime, (seconds, size) in known.items()
        for seed in range(3)
        for split, metric in (("test", "accuracy"), ("model", "parameters_trained"))
    ]
    columns = ["task", "shots", "regime", "seed", "seconds", "split", "metric", "value"]
    return {"results": pd.DataFrame(rows, columns=columns)}


def example_model() -> Mapping[str, Any]:
    """Return errors of the linear model, made up and clear-cut."""
    errors = {"frozen": (1e-2, 0.02), "fine_tune": (1e-12, 0.9), "lp_ft": (1e-13, 0.03)}
    rows = [
        {"how": how, "seed": seed, "near": near, "far": far * (1 + 0.1 * seed)}
        for how, (near, far) in errors.items()
        for seed in range(3)
    ]
    return {"results": pd.DataFrame(rows)}


EXERCISES = (
    Exercise(
        id="03.1",
        ask="Write cut(validation): the stage with the highest mean, the earliest of equals.",
        kind=Function(layers.validations, shown=(layers.BY_HAND,)),
        right=layers.cut,
        traps=(
            Trap(
                lambda validation: [*validation][-1],
                "That is always the last stage. Let the accuracies decide.",
            ),
            Trap(layers.cut_at_the_latest, "Of equal stages take the earlier one: it is cheaper."),
            Trap(
                layers.cut_at_a_lucky_seed,
                "That trusts the luckiest seed. Take the mean over seeds.",
            ),
            Trap(
                lambda validation: max(sum(v) / len(v) for v in validation.values()),
                "That is the accuracy. Return the name of the stage that has it.",
            ),
        ),
        hints=(
            "First work out one number for each stage: the mean of its list.",
            "max(mean, key=...) returns the first key whose value is the largest.",
            "mean = {stage: sum(values) / len(values) for stage, values in validation.items()}",
        ),
        solution="def cut(validation):\n"
        "    mean = {stage: sum(values) / len(values) for stage, values in validation.items()}\n"
        "    return max(mean, key=lambda stage: mean[stage])",
        why="Chosen on validation images, so the test can still say what the choice is worth.",
    ),
    Exercise(
        id="03.2",
        ask="Digits, 5 labels: which share of the seconds of fine_tune does partial_1 take?",
        kind=Number(tolerance=1e-6),
        right=_share_band,
        stand_in=_share,
        traps=(
            Trap(
                lambda results: _share(results, "value"),
                "That is the share of the numbers that learn. Time is in the column seconds.",
            ),
            Trap(lambda results: 1 / _share(results), "The wrong way up: partial_1 / fine_tune."),
            Trap(lambda results: 100 * _share(results), "That is in percent. 1 is as long."),
            Trap(
                lambda results: _share(results, part="frozen"),
                "That is frozen, where no stage learns. In partial_1 the last one does.",
            ),
        ),
        hints=(
            "Take the rows of digits with 5 shots, one for each run.",
            "The mean of the column seconds for each regime, then one divided by the other.",
            'seconds = rows.groupby("regime")["seconds"].mean(), then partial_1 / fine_tune',
        ),
        solution="rows = tested.query(\"task == 'digits' and shots == 5\")\n"
        'seconds = rows.groupby("regime")["seconds"].mean()\n'
        'share = seconds["partial_1"] / seconds["fine_tune"]',
        why="Images still pass the frozen stages; only the way back is shorter.",
        otherwise="Mean seconds of partial_1 over mean seconds of fine_tune, digits, 5 shots.",
        given=("results",),
        example=example_layers,
    ),
    Exercise(
        id="03.3",
        ask="Write rate(stage, stages, lr, decay): lr for the last stage, and for each stage below "
        "it decay times the rate of the next one above.",
        kind=Function(layers.rates, shown=((1, 4, 0.01, 0.5),)),
        right=layers.rate,
        traps=(
            Trap(
                layers.rate_from_the_bottom,
                "That lets the first stage learn fastest. Turn it round.",
            ),
            Trap(layers.rate_one_too_low, "One decay too many: the last stage has the full rate."),
            Trap(
                layers.rate_once, "That slows all lower stages alike. Every step down slows again."
            ),
        ),
        hints=(
            "How many stages lie above this one? Above the last, none.",
            "The last stage has the number stages - 1.",
            "lr times decay to the power of the number of stages above",
        ),
        solution="def rate(stage, stages, lr, decay):\n"
        "    return lr * decay ** (stages - 1 - stage)",
        why="General stages move little, specific ones a lot; decay 1 is plain fine-tuning.",
    ),
    Exercise(
        id="03.4",
        ask="Train the network of letters on digits by gradual unfreezing.",
        kind=Measured(Run, lambda run: run.regime.name),
        right="gradual",
        traps=(
            Trap("fine_tune", "That opens all stages at once."),
            Trap("discriminative", "That gives each stage its own rate, but all learn at once."),
            Trap("partial", "That opens the last stages and never the first ones."),
            Trap("lp_ft", "That fits the head first, then opens all stages at once."),
            Trap("frozen", "That opens no stage at all."),
        ),
        hints=(
            "A regime has a name; list(tlt.REGIMES) shows them.",
            "It is the first word of gradual unfreezing.",
            'tlt.train(letters, few, "gradual", brief, seed=0)',
        ),
        solution='run = tlt.train(letters, few, "gradual", brief, seed=0)',
        why="Its knob thaw says after which share of the updates every stage learns.",
        otherwise="Use tlt.train with the regime that opens stage after stage.",
    ),
    Exercise(
        id="03.5",
        ask="Far away: how many times the error of lp_ft is that of fine_tune, in the median?",
        kind=Number(tolerance=1e-9),
        right=_ratio_band,
        stand_in=_ratio,
        traps=(
            Trap(lambda results: 1 / _ratio(results), "The wrong way up: fine_tune over lp_ft."),
            Trap(
                lambda results: _ratio(results, "near"),
                "That is near, where both fit and rounding is left. Look far.",
            ),
            Trap(
                lambda results: _ratio(results, way="frozen"),
                "That is frozen over lp_ft. Compare the two that tune the features.",
            ),
        ),
        hints=(
            "The column far, one row for each seed, one column for each way.",
            'far = model.pivot(index="seed", columns="how", values="far")',
            'Divide far["fine_tune"] by far["lp_ft"], then .median().',
        ),
        solution='far = model.pivot(index="seed", columns="how", values="far")\n'
        'times = (far["fine_tune"] / far["lp_ft"]).median()',
        why="Near they are equal, so only images from far away can show it.",
        otherwise="fine_tune over lp_ft, in the column far, seed by seed; then the median.",
        given=("results",),
        example=example_model,
    ),
)

QUESTIONS = (
    Question(
        "03.a",
        "Lite0 learnt from photographs. On digits, after which stage is a probe best?",
        dict.fromkeys(("the first", "one in the middle", "the last"), LATER),
    ),
    Question(
        "03.b",
        "Only the last of four stages learns. How long does it take, compared with all four?",
        dict.fromkeys(("about a tenth", "about half", "about as long"), LATER),
    ),
    Question(
        "03.c",
        "Letters to digits, 50 labels per class, every weight is tuned. BatchNorm statistics that "
        "move, compared with statistics that stand still:",
        dict.fromkeys(VERDICTS, LATER),
    ),
    Question(
        "03.d",
        "A probe in the middle of a network beats one at its end. What follows?",
        {
            "the last stages have learnt nothing": "They have learnt their source.",
            "the middle holds more of what the target needs": "That is all a probe can say.",
            "fine-tuning everything must lose": "No probe can say what tuning would do.",
        },
        "077d6aa3a5f2dce8",
    ),
    Question(
        "03.e",
        "requires_grad is False for the whole backbone, and model.train() was called. What still "
        "changes in it?",
        {
            "nothing": "Gradients are not all that moves.",
            "scale and shift of BatchNorm": "Gradients change those, and there are none.",
            "running means and variances of BatchNorm": "They follow every batch that passes in "
            "training mode. Freeze the mode as well.",
        },
        "2469ea7e30bcfbdd",
    ),
)
