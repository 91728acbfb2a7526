"""A number at each stage: the order of the network, the words, what is refused."""

import pandas as pd
import pytest

from tlteach import plots
from tlteach.measures import intervals
from tlteach.plots.words import in_words

STAGES = ["stem", "a_block", "end"]


def table():
    rows = [
        (net, stage, seed, 0.3 + place / 10 + seed / 50)
        for net in ("fine_tune", "other seed")
        for place, stage in enumerate(STAGES)
        for seed in range(3)
    ]
    runs = pd.DataFrame(rows, columns=["net", "stage", "seed", "value"])
    return intervals(runs, ["net", "stage"])


def test_stages_stand_in_the_order_of_the_network():
    ax = plots.stage_curve(table(), "net", STAGES, "likeness")
    assert [tick.get_text() for tick in ax.get_xticklabels()] == ["stem", "a block", "end"]
    for line in ax.lines[:2]:
        assert list(line.get_xdata()) == [0, 1, 2]
        assert line.get_ydata() == pytest.approx([0.32, 0.42, 0.52])
    assert [text.get_text() for text in ax.texts] == ["fine-tuned", "other seed"]
    assert "fine-tuned: stem 0.32, a block 0.42, end 0.52" in in_words(ax)


def test_an_unknown_stage_is_refused():
    with pytest.raises(ValueError, match="stage"):
        plots.stage_curve(table(), "net", STAGES[:2], "likeness")


def test_two_rows_for_one_stage_are_refused():
    with pytest.raises(ValueError, match="one row for each net and stage"):
        plots.stage_curve(pd.concat([table(), table()]), "net", STAGES, "likeness")


def test_values_that_are_all_equal_are_drawn_without_an_interval():
    same = table()
    same.loc[same["net"] == "other seed", ["ci_low", "ci_high"]] = float("nan")
    ax = plots.stage_curve(same, "net", STAGES, "likeness")
    assert [len(line.get_xdata()) for line in ax.lines[:2]] == [3, 3]
    assert [len(bars.get_segments()) for bars in ax.collections] == [3, 0]
    assert "other seed: stem 0.32" in in_words(ax)


def test_other_steps_name_the_axis_and_tell_what_intervals_are_over():
    steps = table().rename(columns={"stage": "part of it"}).assign(over="seeds and images")
    ax = plots.stage_curve(steps, "net", STAGES, "likeness", along="part of it")
    assert ax.get_xlabel() == "part of it"
    assert "Likeness by part of it, means over 3 seeds" in in_words(ax)
    assert "interval over seeds and test images" in ax.get_title(loc="left") + ax.get_title()
    with pytest.raises(ValueError, match="part of it must be one of"):
        plots.stage_curve(steps, "net", STAGES[:2], "likeness", along="part of it")


def test_a_long_label_is_no_longer_than_its_axis():
    ax = plots.stage_curve(table(), "net", STAGES, "test accuracy of a probe on a small network")
    ax.figure.draw_without_rendering()
    label, axis = ax.yaxis.label.get_window_extent(), ax.get_window_extent()
    assert axis.y0 <= label.y0 < label.y1 <= axis.y1
