"""Names of classes, tasks and folders are plain text in a figure, in whatever script they are."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties, findfont, fontManager, get_font
from matplotlib.text import Text
from matplotlib.ticker import FuncFormatter

from tlteach.base import warn_caller

BOX = "\u25a1"


def literal(drawn: Axes | Figure) -> None:
    """Take every text of a figure as it is: "$" is a letter, and every letter is drawn.

    Letters that the font lacks come from another font that is installed. Where none has them,
    they become boxes, and one warning says so.
    """
    texts = [text for text in drawn.findobj(Text) if isinstance(text, Text)]
    for text in texts:
        text.set_parse_math(False)
    needed = {letter for text in texts for letter in text.get_text() if ord(letter) > 127}
    lacking = frozenset(needed - _letters(findfont(FontProperties())))
    if not lacking:
        return
    if family := _family_with(lacking):
        for text in texts:
            text.set_fontfamily([*text.get_fontfamily(), family])
        return
    _boxed(drawn, lacking)
    told = "".join(sorted(lacking)[:10])
    msg = (
        f"no font on this machine has {told!r}: drawn as {BOX}; install one that does, such as "
        "Noto Sans CJK"
    )
    warn_caller(msg, UserWarning)


@cache
def _letters(font: str) -> frozenset[str]:
    return frozenset(map(chr, get_font(font).get_charmap()))


@cache
def _family_with(letters: frozenset[str]) -> str:
    """Return a font that has all of them, or nothing."""
    for font in fontManager.ttflist:
        if "Last Resort" in font.name:  # it has every letter, as a box
            continue
        try:
            if letters <= _letters(font.fname):
                return font.name
        except (OSError, RuntimeError):  # it may have been uninstalled, or be damaged
            continue
    return ""


def _boxed(drawn: Axes | Figure, lacking: Iterable[str]) -> None:
    boxes = str.maketrans(dict.fromkeys(lacking, BOX))
    for artist in drawn.findobj(Artist):
        if isinstance(artist, Text):
            artist.set_text(artist.get_text().translate(boxes))
        elif isinstance(artist, Axis):  # it writes its labels anew whenever it is drawn
            told = artist.get_major_formatter()
            artist.set_major_formatter(FuncFormatter(lambda x, i, f=told: f(x, i).translate(boxes)))
