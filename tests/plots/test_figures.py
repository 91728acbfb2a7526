"""Figures draw the numbers they are given, label them, say them in words and compute none."""

import warnings

import matplotlib.pyplot as plt
import pandas as pd
import pytest
import torch

from tests.helpers import plot_tables as made
from tests.helpers.figures import boxes, clashes
from tests.helpers.plot_tables import CLASSES, counts, history, pairs, results, summary
from tlteach import plots
from tlteach.plots.words import in_words

EVERY = [
    lambda ax=None: plots.image_grid(made.split(4), CLASSES, ax=ax),
    lambda ax=None: plots.training_curve(history(), ax=ax),
    lambda ax=None: plots.learning_curve(summary(), ax=ax),
    lambda ax=None: plots.regime_comparison(results(), pairs(), summary=summary(), ax=ax),
    lambda ax=None: plots.confusion(counts(), ax=ax),
    lambda ax=None: plots.calibration(made.reliability(), ax=ax),
    lambda ax=None: plots.answer_grid(made.small_task(6), {"frozen": torch.arange(6) % 3}, ax=ax),
]
NAMES = ["grid", "training", "learning", "regimes", "confusion", "calibration", "answers"]
every = pytest.mark.parametrize("draw", EVERY, ids=NAMES)


@every
def test_draws_on_the_axes_given_and_on_no_other(draw):
    figure, (left, right) = plt.subplots(1, 2)
    assert draw(right) is right
    assert plt.get_fignums() == [figure.number]
    assert right.has_data()
    assert not left.has_data()


@every
def test_new_figures_stay_open_and_draw_without_warning(draw, tmp_path):
    figure = draw().figure
    assert figure.number in plt.get_fignums()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        figure.savefig(tmp_path / "a.png")


@every
def test_type_is_large(draw):
    ax = draw()
    sizes = [text.get_fontsize() for text in ax.texts]
    if ax.axison:
        sizes += [ax.xaxis.label.get_size(), ax.yaxis.label.get_size()]
        sizes += [text.get_fontsize() for text in ax.get_xticklabels() + ax.get_yticklabels()]
    assert min(sizes) >= 12


@every
def test_texts_do_not_overlap(draw):
    ax = draw()
    ax.figure.draw_without_rendering()
    ticks = ax.get_yticklabels() if ax.axison else []
    assert not clashes(boxes([*ax.texts, *ticks, ax.xaxis.label, ax.yaxis.label]))


def test_inputs_stay_as_they_were():
    tables = [history(), summary(), results(), pairs(), made.reliability()]
    before = [table.copy() for table in tables]
    plots.training_curve(tables[0])
    plots.learning_curve(tables[1])
    plots.regime_comparison(tables[2], tables[3], summary=tables[1])
    plots.calibration(tables[4])
    for table, copy in zip(tables, before, strict=True):
        pd.testing.assert_frame_equal(table, copy)


def test_describe_names_the_numbers():
    assert in_words(EVERY[0]()) == (
        "Grid of 4 images, 8 by 8 pixels: sea, reptile and bug; bird; meal; sea, reptile and bug."
    )
    assert in_words(EVERY[1]()) == (
        "Training curve of loss (nats per image). train: 40.00 at step 1, 1.00 at step 40; "
        "val: 2.50 at step 10, 2.50 at step 40."
    )
    assert "frozen: 32.5% (29.5% to 36.5%) at 5 shots, 40.0% (37.0% to 44.0%) at 20 shots" in (
        in_words(EVERY[2]())
    )
    assert in_words(EVERY[3]()).endswith(
        "fine-tuned: 40.0% to 42.0%, 3 seeds, mean 50.0% (47.0% to 54.0%). "
        "Means with intervals over seeds and test images. "
        "frozen against scratch: helps, +10.3 points (7.1 to 13.5 over seeds and test images; "
        "8.0 to 12.6 over seeds alone), 4 of 5 seeds."
    )
    assert "Right: sea, reptile and bug 9; bird 7; meal 8." in in_words(EVERY[4]())
    assert in_words(EVERY[4]()).endswith(
        "Wrong most often: bird taken for sea, reptile and bug 3; meal taken for bird 2; "
        "sea, reptile and bug taken for bird 1."
    )
    assert "confidence 90.0%: accuracy 70.0% of 160 images" in in_words(EVERY[5]())


def test_lines_to_print_are_broken_at_words():
    lines = plots.describe(EVERY[3]()).splitlines()
    assert len(lines) > 3
    assert max(map(len, lines)) <= 88
    assert " ".join(lines) == in_words(EVERY[3]())


def test_one_of_a_kind_is_counted_as_one():
    one = results(seeds=1).assign(shots=1)
    ax = plots.regime_comparison(one)
    assert ax.get_title(loc="left") == "emoji, 1 shot: one dot per seed"
    assert "at 1 shot, one dot per seed. scratch: 20.0% to 20.0%, 1 seed;" in in_words(ax)
    assert " at 1 shot, " in in_words(plots.learning_curve(summary(shots=[1, 5])))


def test_describe_knows_only_our_axes():
    with pytest.raises(ValueError, match=r"ax must come from a function of tlteach\.plots"):
        plots.describe(plt.figure().add_subplot())


@pytest.mark.parametrize(
    ("draw", "message"),
    [
        (lambda: plots.training_curve(history(), "f7"), "one of 'loss', 'accuracy'; got 'f7'"),
        (lambda: plots.training_curve(history()[["step"]]), "missing: split, metric, value"),
        (lambda: plots.learning_curve(results()), "missing: mean, ci_low, ci_high, n_seeds"),
        (lambda: plots.learning_curve(summary()[:0]), "at least one row; got none"),
        (
            lambda: plots.learning_curve(summary(task=["emoji"] * 3 + ["digits"] * 3)),
            r"one task; got 'emoji', 'digits'; choose one: summary\[summary\['task'\] == 'emoji'\]",
        ),
        (lambda: plots.learning_curve(summary(split="val")), "rows with split 'test'; got 'val'"),
        (
            lambda: plots.learning_curve(pd.concat([summary(), summary(backbone="other")])),
            "got several for regime scratch, shots 5: choose one backbone",
        ),
        (
            lambda: plots.regime_comparison(pd.concat([results(), results().assign(shots=5)])),
            "results must hold one shots; got 20, 5; choose one: results",
        ),
        (
            lambda: plots.regime_comparison(pd.concat([results(), results()])),
            "once at regime='scratch'; seed 0 stands 2 times: the same run",
        ),
        (
            lambda: plots.regime_comparison(results(), summary=summary(shots=[5])),
            "summary must hold rows with shots 20; got 5",
        ),
        (lambda: plots.regime_comparison(results(), metric="ece"), "'ece'; got 'accuracy'"),
        (lambda: plots.regime_comparison(summary()), "missing: seed, value"),
        (
            lambda: plots.regime_comparison(results(), results()),
            "missing: a, b, verdict, difference",
        ),
    ],
)
def test_errors(draw, message):
    with pytest.raises(ValueError, match=message):
        draw()
    assert not plt.get_fignums()  # nothing half drawn is left behind
