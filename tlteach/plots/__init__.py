"""Figures: a tidy table in, matplotlib Axes out; they draw numbers and compute none.

Every function draws on `ax`, or on a new figure, and leaves a text for `describe`. It may import
`measures`, `data` and `base`, and loads only when asked for by name, since it needs matplotlib.
Begin with `figures`; `style` is the one look of all of them.
"""

from tlteach.plots.answers import answer_grid
from tlteach.plots.audit import audit
from tlteach.plots.figures import learning_curve, regime_comparison, training_curve
from tlteach.plots.fits import fits
from tlteach.plots.grids import image_grid
from tlteach.plots.predictions import calibration, confusion, mistakes
from tlteach.plots.stages import stage_curve
from tlteach.plots.words import describe

__all__ = [
    "answer_grid",
    "audit",
    "calibration",
    "confusion",
    "describe",
    "fits",
    "image_grid",
    "learning_curve",
    "mistakes",
    "regime_comparison",
    "stage_curve",
    "training_curve",
]
