"""Names are plain text in every figure, in whatever script, and many classes fit."""

import io
import warnings

import numpy as np
import pandas as pd
import pytest
import torch
from matplotlib.font_manager import fontManager

from tests.helpers.plot_tables import history, results, summary
from tlteach import plots
from tlteach.plots import letters
from tlteach.plots.words import in_words

NAMES = ["$\\frac{$", "a$^$b", "$", "ok"]  # matplotlib would read the first two as formulas


def save(ax):
    """Draw twice, since ticks are written anew, and return the pixels."""
    ax.figure.canvas.draw()
    with io.BytesIO() as file:
        ax.figure.savefig(file, dpi=30)
        return file.getvalue()


def square(names):
    return pd.DataFrame(np.eye(len(names), dtype=int), index=names, columns=names)


def task(names):
    from tlteach.data import from_arrays

    images = np.random.default_rng(0).integers(0, 256, (12 * len(names), 8, 8, 3), dtype=np.uint8)
    return from_arrays(images, [name for name in names for _ in range(12)], name="$\\x{$")


def stages(names):
    return pd.DataFrame(
        {"task": names, "stage": names[0], "mean": 0.5, "ci_low": 0.4, "ci_high": 0.6, "n_seeds": 5}
    )


def named(table, name):
    """Give a table's tasks, and a regime of it, a name."""
    return table.assign(task=name, regime=table["regime"].replace({"frozen": name}))


FIGURES = {
    "confusion": lambda names: plots.confusion(square(names)),
    "image_grid": lambda names: plots.image_grid(
        torch.zeros(4, 1, 8, 8, dtype=torch.uint8), titles=names
    ),
    "answer_grid": lambda names: plots.answer_grid(
        task(names), {names[0]: task(names).test.labels}, title=names[1]
    ),
    "stage_curve": lambda names: plots.stage_curve(stages(names), "task", names, names[1]),
    "learning_curve": lambda names: plots.learning_curve(named(summary(), names[0])),
    "regime_comparison": lambda names: plots.regime_comparison(
        named(results(), names[0]), title=names[1]
    ),
    "training_curve": lambda names: plots.training_curve(history().assign(split=names[0])),
}


@pytest.mark.parametrize("figure", FIGURES)
def test_a_dollar_is_a_letter(figure):
    ax = FIGURES[figure](NAMES)
    save(ax)
    assert "$" in in_words(ax)


@pytest.mark.parametrize("figure", FIGURES)
def test_letters_that_no_font_has_are_boxes_and_told_once(figure):
    names = ["\U00020000\U00020001", "b", "c", "d"]  # rare ideographs
    with pytest.warns(UserWarning, match="no font on this machine has .*: drawn as") as said:
        ax = FIGURES[figure](names)
    assert len(said) <= 2  # a figure, and the ends of its lines
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # none of matplotlib's own when it is shown
        save(ax)
    assert names[0] in in_words(ax)


def test_letters_that_another_font_has_come_from_it():
    default = letters._letters(letters.findfont(letters.FontProperties()))
    other = next(font for font in fontManager.ttflist if font.name == "STIXGeneral")
    missing = sorted(letters._letters(other.fname) - default)
    letter = next(one for one in missing if one.isprintable() and one.isalpha())
    ax = plots.confusion(square([letter, "b"]))
    save(ax)
    assert [label.get_text() for label in ax.get_xticklabels()] == [letter, "b"]
    family = ax.get_xticklabels()[0].get_fontfamily()
    assert len(family) > 1
    assert letters._family_with(frozenset(letter)) == family[-1]


class TestManyClasses:
    @pytest.mark.parametrize(("n", "named"), [(40, 40), (41, 21), (200, 40)])
    def test_a_figure_holds_forty_names(self, n, named):
        names = [f"c{i}" for i in range(n)]
        ax = plots.confusion(square(names))
        ticks = [label.get_text() for label in ax.get_xticklabels()]
        assert len(ticks) == named
        assert ticks == names[:: -(-n // 40)]
        assert [*ax.get_xticks()] == [i + 0.5 for i in range(0, n, -(-n // 40))]
        assert max(ax.figure.get_size_inches()) <= 29

    def test_the_work_grows_with_neither_cells_nor_names(self):
        """Counted, since no test is timed: every text is laid out when a figure is drawn."""
        counts = [len(plots.confusion(square(range(n))).texts) for n in (40, 41, 200)]
        assert counts == [1600, 0, 0]
