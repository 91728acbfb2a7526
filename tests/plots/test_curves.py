"""Curves of training and of labels: lines, bands and the names at their ends."""

import numpy as np
import pytest
from matplotlib.colors import same_color

from tests.helpers.figures import boxes, clashes, curves
from tests.helpers.plot_tables import THREE, history, summary
from tlteach import plots
from tlteach.plots.style import BASELINES, REGIMES, SPLITS
from tlteach.plots.words import in_words, spoken


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
