"""Looks are fixed, differ without colour and stand out from paper."""

import numpy as np
import pytest
from matplotlib.colors import to_rgb

import tlteach as tlt
from tests.helpers.plot_tables import THREE, results, summary
from tlteach import plots
from tlteach.plots.style import ADAPTATIONS, BASELINES, REGIMES, SPLITS, luminance
from tlteach.plots.words import in_words


def test_fixed_looks_differ_without_colour_and_stand_out_from_white():
    fixed = REGIMES | BASELINES
    first = ["scratch", "frozen", "fine_tune", "lp_ft", "partial", "bn_only"]
    assert list(REGIMES)[:6] == first
    assert set(REGIMES) == set(tlt.REGIMES)
    looks = {name: (look.marker, look.dash) for name, look in fixed.items()}
    assert len(set(looks.values())) == len(fixed)
    assert len({fixed[name].marker for name in [*first, *BASELINES]}) == 6 + len(BASELINES)
    assert len({REGIMES[name].colour for name in first}) == 6
    for name in THREE:  # WCAG 2.2, 1.4.11: graphics need a contrast of 3
        linear = [
            c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4
            for c in to_rgb(REGIMES[name].colour)
        ]
        assert 1.05 / (np.dot([0.2126, 0.7152, 0.0722], linear) + 0.05) >= 3


def test_regimes_of_your_own_get_a_look_of_their_own():
    ax = plots.learning_curve(summary(["mine", "partial_2", "frozen"]))
    assert len({line.get_color() for line in ax.lines}) == 3
    assert len({line.get_marker() for line in ax.lines}) == 3


@pytest.mark.parametrize("draw", [plots.learning_curve, plots.regime_comparison])
def test_a_finding_takes_the_place_of_what_is_shown(draw):
    given = summary() if draw is plots.learning_curve else results()
    plain, found = draw(given), draw(given, title="Frozen helps: +37 points")
    assert found.get_title(loc="left") == "Frozen helps: +37 points"
    assert plain.get_title(loc="left") in found.get_xlabel()
    assert plain.get_title(loc="left") not in plain.get_xlabel()
    assert in_words(found) == f"Frozen helps: +37 points. {in_words(plain)}"


@pytest.mark.parametrize("looks", [REGIMES, BASELINES, SPLITS, ADAPTATIONS])
def test_every_line_stands_out_from_white(looks):
    for name, look in looks.items():
        assert 1.05 / (luminance(look.colour) + 0.05) >= 3, name
