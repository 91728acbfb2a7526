"""What notebook 09 asks."""

from __future__ import annotations

import numpy as np
import pandas as pd

from tlteach.lessons._exercise import Exercise, Number, Trap, Word
from tlteach.lessons._function import Function
from tlteach.lessons._quiz import Question
from tlteach.lessons.course import museum

LATER = "The summary puts it beside what was measured."
ROOM = 0.15  # points that a rounded answer may lie away
WITHOUT = ("majority", "frozen_random", "raw_pixels", "scratch")


def _curves(results: pd.DataFrame) -> pd.DataFrame:
    return results.pivot(index=["seed", "step"], columns="watched", values="value")


def _above(results: pd.DataFrame, honest: str) -> float:
    """Return by how many points the best moment on test images is above another one."""
    gaps = []
    for _, curve in _curves(results).groupby(level="seed"):
        test = curve["test 200"].to_numpy()
        places = {"pool": int(curve["pool"].to_numpy().argmax()), "last": len(test) - 1}
        other = test.mean() if honest == "mean" else test[places[honest]]
        gaps.append(test.max() - other)
    return float(100 * np.mean(gaps))


def _optimism(results: pd.DataFrame) -> float:
    return _above(results, "pool")


def _optimism_band(results: pd.DataFrame) -> tuple[float, float]:
    return _optimism(results) - ROOM, _optimism(results) + ROOM


def _two_places(results: pd.DataFrame) -> float:
    """Return the best on test images minus the best on other images: two sets, not one."""
    best = _curves(results).groupby(level="seed").max()
    return float(100 * (best["test 200"] - best["pool"]).mean())


def _strongest(results: pd.DataFrame) -> str:
    rows = results[(results["split"] == "val") & (results["metric"] == "accuracy")]
    mean = rows[rows["regime"].isin(WITHOUT)].groupby("regime")["value"].mean()
    return str(mean.idxmax())


EXERCISES = (
    Exercise(
        id="09.1",
        ask="Write freeze(model): head in train mode, backbone in eval mode, no gradient in the "
        "backbone alone; return the model.",
        kind=Function(museum.toys, changes=True),
        right=museum.freeze,
        traps=(
            Trap(
                museum.as_met,
                "That is the code of the exhibit: statistics of the backbone still move. Did a "
                "later train() undo the eval mode?",
            ),
            Trap(
                museum.all_in_eval,
                "The head is in eval mode, too, so its dropout is off while it learns.",
            ),
            Trap(
                museum.mode_alone,
                "Eval mode stops statistics, not gradients: the backbone still learns.",
            ),
            Trap(
                museum.head_too,
                "Now nothing learns, and backward() will fail: the head needs its gradients.",
            ),
        ),
        hints=(
            "Two switches: requires_grad is for gradients, train() and eval() are for statistics.",
            "model.train() reaches every layer. What comes after it wins.",
            "model.train(), then model.backbone.eval(), then "
            "model.backbone.requires_grad_(False), then return model.",
        ),
        solution=(
            "def freeze(model):\n"
            "    model.train()\n"
            "    model.backbone.eval()\n"
            "    model.backbone.requires_grad_(False)\n"
            "    return model"
        ),
        why="Parameters and statistics stand still; the head learns as it should.",
        otherwise="Look at model.backbone and model.head one by one: mode, and requires_grad.",
    ),
    Exercise(
        id="09.2",
        ask="By how many points is the best of 20 moments on 200 test images above the moment "
        "that the pool prefers, both on these 200 images, on average over the seeds?",
        kind=Number(tolerance=1e-6),
        right=_optimism_band,
        stand_in=_optimism,
        traps=(
            Trap(
                lambda results: _above(results, "last"),
                "That is the distance to the last moment. Stopping early on the pool is honest, "
                "and its gain is real.",
            ),
            Trap(
                lambda results: _above(results, "mean"),
                "That is the distance to the average moment. Nobody reports that one.",
            ),
            Trap(
                _two_places,
                "You subtract accuracies on other images. Let the pool choose a moment, and read "
                "that moment on the 200 test images.",
            ),
            Trap(lambda results: -_optimism(results), "The best cannot be below: turn it round."),
            Trap(lambda results: _optimism(results) / 100, "That is a fraction; a point is 0.01."),
        ),
        hints=(
            'One curve per seed: a maximum of "test 200", and a place where "pool" is highest.',
            'curve["pool"].argmax() is the place; .iloc[place] reads the other column there.',
            "Subtract, take the mean over the seeds, multiply by 100.",
        ),
        solution=(
            'gaps = [c["test 200"].max() - c["test 200"].iloc[c["pool"].argmax()]\n'
            "        for c in curves]\n"
            "optimism = 100 * sum(gaps) / len(gaps)"
        ),
        why="Same runs, same images: the difference is made by the choice alone.",
        otherwise="Maximum of one column, minus that column where the other is largest.",
        given=("results",),
        example=museum.curves,
    ),
    Exercise(
        id="09.3",
        ask="Write overall(accuracies, sizes): accuracy over all images, from the accuracy and "
        "the size of each batch.",
        kind=Function(museum.batches, shown=museum.BATCHES),
        right=museum.overall,
        traps=(
            Trap(
                museum.mean_of_means,
                "That is the mean of batch means: an image in the short batch counts for more.",
            ),
            Trap(museum.last_dropped, "You left the short batch out. Its images count, too."),
            Trap(museum.all_full, "You count the short batch as a full one: hits that never were."),
            Trap(museum.per_batch, "Hits by batches: divide by the number of images."),
        ),
        hints=(
            "Accuracy times size is the number of hits in a batch.",
            "Add the hits of all batches, and the sizes of all batches.",
            "sum(a * n for each pair) / sum(sizes)",
        ),
        solution=(
            "def overall(accuracies, sizes):\n"
            "    hits = sum(a * n for a, n in zip(accuracies, sizes))\n"
            "    return hits / sum(sizes)"
        ),
        why="Every image has the same weight.",
    ),
    Exercise(
        id="09.4",
        ask="Which line of the listing lets answers leak into the test?",
        kind=Word(tuple(f"line {i}" for i in range(1, 6))),
        right="line 2",
        traps=(
            Trap("line 1", "Loading both styles is fine. What becomes of two pictures of a thing?"),
            Trap(
                "line 3",
                "Mean and deviation come from training images alone, as they should.",
            ),
            Trap("line 4", "The penalty is chosen on parts of the training images. That is fair."),
            Trap("line 5", "One look at the test images, at the end. The harm was done before."),
        ),
        hints=(
            "Nothing is chosen on test images here. So ask what the test images are.",
            "There are two pictures of each thing. Where may the second one land?",
            "The line that deals out pictures should deal out things.",
        ),
        solution='answer = "line 2"',
        why="It deals out pictures. Two pictures of one thing may land on both sides.",
        otherwise='The answer is "line 1" to "line 5".',
    ),
    Exercise(
        id="09.5",
        ask="Frozen features of Lite0 on digits, 10 labels: which way without a source is the "
        "honest baseline, by mean validation accuracy?",
        kind=Word((*WITHOUT, "frozen")),
        right=_strongest,
        traps=(
            Trap("majority", "Anything that learns beats one answer for all. You can do better."),
            Trap(
                "frozen_random",
                "That opponent tells whether the source does harm. Whether it is worth it, the "
                "best way without one tells.",
            ),
            Trap("raw_pixels", "A good habit, and cheap. Is it the best on validation images?"),
            Trap("scratch", "Another way has the higher mean on validation images."),
            Trap("frozen", "That is what is judged. What would you do without its source?"),
        ),
        hints=(
            "Without a source: what would you hand in?",
            'Take the rows with split "val" and metric "accuracy".',
            'Mean of "value" by "regime", then idxmax().',
        ),
        solution=(
            "rows = without.query(\"split == 'val' and metric == 'accuracy'\")\n"
            'answer = rows.groupby("regime")["value"].mean().idxmax()'
        ),
        why="It is the best you can do without the source, and no test image chose it.",
        otherwise="It is one of the four ways without a source.",
        given=("results",),
        example=museum.ways,
    ),
)

QUESTIONS = (
    Question(
        "09.a",
        "Which mistake moves the number in the report most?",
        dict.fromkeys(
            (
                "BatchNorm in train mode",
                "best moment on the test images",
                "one thing on both sides of the split",
                "a learning rate that was not searched",
                "a weak baseline",
            ),
            LATER,
        ),
    ),
    Question(
        "09.b",
        "75 test images in random order, batches of 32: a mean of batch means is, on average",
        dict.fromkeys(("too high", "too low", "cannot tell"), LATER),
    ),
    Question(
        "09.c",
        "Clothes, 5 labels. The rate of fine-tuning is searched, that of scratch is 0.001. Who "
        "wins? And who, if both are searched?",
        dict.fromkeys(
            ("fine_tune both times", "scratch both times", "fine_tune, then scratch"), LATER
        ),
    ),
    Question(
        "09.d",
        "A backbone has requires_grad=False everywhere; then comes model.train(). What moves?",
        {
            "nothing": "Gradients do not reach it, but images do.",
            "the running statistics of BatchNorm": "They change whenever images pass in train "
            "mode, even test images under no_grad.",
            "scale and shift of BatchNorm": "These are parameters: they have no gradient now.",
        },
        "e04e55c3af3fa158",
    ),
    Question(
        "09.e",
        "A hospital has five scans of each patient. What do you deal out to train and test?",
        {
            "scans": "Then most patients stand on both sides, and the test asks for what is known.",
            "patients": "New patients will come. The test has to hold patients never seen.",
            "scans, but only once": "How often you deal does not matter. What you deal does.",
        },
        "19c610158228dfde",
    ),
    Question(
        "09.f",
        "A mistake shows no difference in your runs: cannot tell. May the line stay?",
        {
            "yes: it was tested": "With your data, net and steps. A later user has others.",
            "no: mend it, and report that it made no difference you could tell": "A wrong line is "
            "wrong before its size is known; the size says which old results to doubt.",
            "no: all results before are worthless": "The size says so or not. Here none was shown.",
        },
        "b8c777492dae0a5d",
    ),
)
