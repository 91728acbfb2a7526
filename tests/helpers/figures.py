"""Where the texts of a figure lie, and what they say."""

import re

import numpy as np
from matplotlib.text import Text


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
