"""Regimes side by side: a dot for each seed, means and verdicts from tables."""

import numpy as np
import pandas as pd

from tests.helpers.plot_tables import THREE, pairs, results, summary
from tlteach import plots
from tlteach.measures import false_words_told, paired, summarize
from tlteach.plots.words import in_words


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
