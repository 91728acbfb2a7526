"""Formulas on the pages of the kit: drawn, since a page that opens offline loads no MathJax."""

from __future__ import annotations

import base64
import html
import io
from typing import Any

import mistune
from matplotlib.mathtext import math_to_image
from mistune.plugins.math import math
from PIL import Image

DPI = 300
EM = 10 / 72 * DPI  # pixels of one em at the size in which formulas are drawn


def formula(tex: str) -> str:
    """Return a formula as an image as large as the text around it, with its TeX in words.

    Examples
    --------
    >>> formula("s^2").startswith('<img class="formula" alt="s^2" style="height:')
    True
    """
    drawn = io.BytesIO()
    depth = math_to_image(f"${tex.strip()}$", drawn, dpi=DPI, format="png")
    with Image.open(drawn) as picture:
        height = picture.height / EM
    place = f"height:{height:.2f}em; vertical-align:-{depth / EM:.2f}em"
    data = base64.b64encode(drawn.getvalue()).decode()
    words = html.escape(tex.strip(), quote=True)
    return f'<img class="formula" alt="{words}" style="{place}" src="data:image/png;base64,{data}">'


def formulas(md: mistune.Markdown) -> None:
    """Teach a Markdown reader to draw ``$...$`` and ``$$...$$``: a plugin of mistune."""
    math(md)
    renderer: Any = md.renderer
    renderer.register("inline_math", lambda renderer, text: formula(text))
    renderer.register("block_math", lambda renderer, text: f"<p>{formula(text)}</p>\n")
