"""Figures draw the numbers they are given, label them, say them in words and compute none."""

import re
import warnings

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
import torch
from matplotlib.colors import same_color
from matplotlib.text import Text

from tests.helpers import plot_tables as made
from tests.helpers.plot_tables import CLASSES, THREE, counts, history, pairs, results, summary
from tlteach import plots
from tlteach.measures import false_words_told, paired, summarize
from tlteach.plots.style import BASELINES, REGIMES, SPLITS
from tlteach.plots.words import in_words, spoken


@pytest.fixture(autouse=True)
def _close_figures():
    yield
    plt.close("all")


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


def boxes(texts):
    """Return where texts lie, without the lines that lead to them, and leave out empty ones."""
    return [Text.get_window_extent(text) for text in texts if text.get_text()]


def curves(ax):
    """Return the labels at the ends of the lines, from top to bottom, without their numbers."""
    places = [box.y0 for box in boxes(ax.texts)]
    names = [re.sub(r" [\d.]+%?( at .*)?$", "", text.get_text()) for text in ax.texts]
    return [names[i] for i in np.argsort(places)[::-1]]


def clashes(places):
    return [(a, b) for i, a in enumerate(places) for b in places[:i] if a.overlaps(b)]


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


def test_training_curve_draws_history():
    ax = plots.training_curve(history())
    for line, name, length in zip(ax.lines, ["train", "val"], [40, 4], strict=True):
        assert len(line.get_xdata()) == length
        assert same_color(line.get_color(), SPLITS[name].colour)
        assert line.get_marker() == SPLITS[name].marker
    np.testing.assert_allclose(ax.lines[0].get_ydata(), 40 / np.arange(1, 41))
    assert ax.lines[0].get_linestyle() != ax.lines[1].get_linestyle()
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("step", "loss (nats per image)")
    assert curves(ax) == ["val", "train"]


def test_training_curve_of_accuracy_has_percent_on_the_axis_and_fractions_inside():
    ax = plots.training_curve(history(), metric="accuracy")
    assert set(ax.lines[0].get_ydata()) == {0.625}
    assert ax.yaxis.get_major_formatter()(0.625, None) == "62.5%"


def test_a_diverged_run_is_drawn_as_far_as_it_goes():
    table = history().query("split == 'train'").assign(value=[*[3.0] * 20, *[np.nan] * 20])
    assert in_words(plots.training_curve(table)).endswith("nan at step 40.")
    plots.training_curve(table.assign(value=np.nan))


def test_learning_curve_draws_summary():
    table = summary(["majority", *reversed(THREE)])
    ax = plots.learning_curve(table[::-1])  # whatever the order of the rows
    assert in_words(ax) == in_words(plots.learning_curve(table))
    assert ax.get_xscale() == "log"
    for line, name in zip(ax.lines, [*THREE, "majority"], strict=True):
        rows = table[table["regime"] == name]
        np.testing.assert_array_equal(line.get_xdata(), rows["shots"])
        np.testing.assert_array_equal(line.get_ydata(), rows["mean"])
        look = (REGIMES | BASELINES)[name]
        assert same_color(line.get_color(), look.colour)
        assert line.get_marker() == look.marker
        assert (line.get_linestyle() == "--") == (name == "majority")
    ax.figure.draw_without_rendering()
    assert [tick.get_text() for tick in ax.get_xticklabels()] == ["5", "20"]
    assert curves(ax) == ["scratch", "frozen", "fine-tuned", "majority"]


def test_learning_curve_bands_are_the_intervals_of_the_table():
    table = summary(["frozen", "raw_pixels"])
    ax = plots.learning_curve(table)
    band, whiskers = ax.collections  # of the regime; a baseline has none
    heights = band.get_paths()[0].vertices[:, 1]
    assert {heights.min(), heights.max()} == {table["ci_low"][0], table["ci_high"][1]}
    ends = [segment[:, 1].tolist() for segment in whiskers.get_segments()]
    assert ends == table.loc[:1, ["ci_low", "ci_high"]].to_numpy().tolist()


def test_learning_curve_of_one_seed_has_no_interval():
    ax = plots.learning_curve(summary(["frozen"], ci_low=np.nan, ci_high=np.nan, n_seeds=1))
    assert "over 1 seed" in ax.get_title(loc="left")
    assert "frozen: 22.5% at 5 shots, 30.0% at 20 shots" in in_words(ax)


def test_crowded_labels_keep_their_order_and_their_distance():
    table = summary([*REGIMES, *BASELINES])
    table["mean"] = 0.5 + 0.0001 * np.arange(len(table))
    ax = plots.learning_curve(table)
    ax.figure.draw_without_rendering()
    assert curves(ax) == [spoken(name) for name in reversed([*REGIMES, *BASELINES])]
    assert not clashes(boxes(ax.texts))


def test_a_line_that_ends_early_says_where():
    table = summary(["scratch", "frozen"])[:3]  # frozen at 5 shots only
    texts = [text.get_text() for text in plots.learning_curve(table).texts]
    assert texts == ["scratch 30.0%", "frozen 32.5% at 5"]


def test_one_number_of_shots_is_enough():
    ax = plots.learning_curve(summary(shots=[20]))
    assert curves(ax) == ["fine-tuned", "frozen", "scratch"]
    assert ax.get_xlim()[0] < 20 < ax.get_xlim()[1]


def test_figures_take_what_measures_return():
    table = results()
    means = summarize(table)
    ax = plots.regime_comparison(table, paired(table, "frozen", "scratch"), summary=means)
    assert ax.get_xlabel().replace("\n", " ") == (
        "Means with intervals over seeds alone "
        "frozen against scratch: no word, +10.0 points (no interval), 3 of 3 seeds; "
        "all seeds have the same value, which is no certainty about others"
    )
    names = [tick.get_text() for tick in ax.get_xticklabels()]
    assert [name.split("\nmean ")[1] for name in names] == ["21.0%", "31.0%", "41.0%"]
    title = plots.learning_curve(means).get_title(loc="left")
    assert title.endswith("mean over 3 seeds, interval over seeds alone")


@pytest.mark.parametrize(
    ("over", "text"),
    [
        (["seeds and images"] * 2, "over seeds and test images"),
        (["seeds"] * 2, "over seeds alone"),
        (["seeds", "seeds and images"], "over seeds, and images where known"),
        (None, "over seeds alone"),
    ],
)
def test_a_figure_tells_what_its_intervals_are_over(over, text):
    table = summary(["frozen"])
    table = table.drop(columns="over") if over is None else table.assign(over=over)
    ax = plots.learning_curve(table)
    assert ax.get_title(loc="left").endswith(f"interval {text}")
    assert f"intervals {text}." in in_words(ax)


def test_regime_comparison_draws_one_dot_per_seed_joined_by_seed():
    table = results([*reversed(THREE), "raw_pixels"])
    ax = plots.regime_comparison(table)
    test = table[table["split"] == "test"]
    for i, name in enumerate([*THREE, "raw_pixels"]):
        rows = test.loc[test["regime"] == name, "value"]
        dots = [c.get_offsets() for c in ax.collections if (c.get_offsets()[:, 0] == i).all()]
        np.testing.assert_array_equal(np.sort(dots[0][:, 1]), np.sort(rows))
    assert len(ax.lines) == 3  # one per seed, over the regimes and not the baselines
    for seed, line in enumerate(ax.lines):
        rows = test[(test["seed"] == seed) & test["regime"].isin(THREE)].set_index("regime")
        np.testing.assert_array_equal(line.get_ydata(), rows.loc[THREE, "value"])
    names = [tick.get_text() for tick in ax.get_xticklabels()]
    assert names == ["scratch", "frozen", "fine-tuned", "raw pixels"]


def test_regime_comparison_takes_means_from_the_summary_and_computes_none():
    wrong = summary(mean=0.9, ci_low=0.8, ci_high=1.0)  # nothing like the dots
    ax = plots.regime_comparison(results(), summary=wrong)
    assert [tick.get_text() for tick in ax.get_xticklabels()] == [
        f"{name}\nmean 90.0%" for name in ("scratch", "frozen", "fine-tuned")
    ]
    assert [line.get_ydata() for line in ax.lines[3:]] == [[0.9]] * 3
    intervals = [c.get_segments()[0][:, 1].tolist() for c in ax.collections[3:]]
    assert intervals == [[0.8, 1.0]] * 3
    assert not ax.texts  # nothing written among the dots, where lines would cross it


def test_regime_comparison_writes_the_verdicts_of_these_shots_only():
    both = pd.concat([pairs(), pairs(shots=5, verdict="hurts")])
    ax = plots.regime_comparison(results(), both)
    assert ax.get_xlabel().replace("\n", " ") == (
        "frozen against scratch: helps, +10.3 points (7.1 to 13.5 over seeds and test images; "
        "8.0 to 12.6 over seeds alone), 4 of 5 seeds"
    )
    two = plots.regime_comparison(results(), pd.concat([pairs(), pairs(b="fine_tune")]))
    assert in_words(two).endswith(f"4 of 5 seeds. {false_words_told(2)}")
    alone = pairs(ci_low=np.nan, ci_high=np.nan, n_seeds=1, won=1, verdict="", over="seeds")
    assert "frozen against scratch: no word, +10.3 points (no interval from one seed)" in (
        plots.regime_comparison(results(), alone).get_xlabel().replace("\n", " ")
    )


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
