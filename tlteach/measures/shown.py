"""What a notebook shows of a verdict: its sentence, and its interval beside zero."""

from __future__ import annotations

import math

from tlteach.base.markup import MARK, Html, drawing, letters, shown, stroke, tag, text

WIDTH, HEIGHT, SIDES = 420, 62, 44  # pixels; room for numbers at both sides
LINE = 26  # where the interval lies


def verdict_html(sentence: str, word: str, bar: Html) -> str:
    """Return what a notebook shows of a verdict: the sentence, its word in bold, and the bar."""
    before, found, after = sentence.partition(f": {word},")
    told = [text(before), ": ", tag("b", word), ",", text(after)] if found else [text(sentence)]
    return shown(tag("p", *told), bar)


def bar_of(
    title: str,
    mean: float,
    both: tuple[float, float],
    seeds: tuple[float, float],
    *,
    digits: int,
    unit: str,
) -> Html:
    """Return a difference with its intervals beside zero; nothing if it is no number.

    Parameters
    ----------
    title : str
        What differs.
    mean : float
        The difference.
    both, seeds : tuple of 2 float
        Ends of the interval that the word follows, and of the thin one over seeds alone; NaN
        where there is none.
    digits : int
        Behind the point.
    unit : str
        What the numbers count.
    """
    if not math.isfinite(mean):
        return text("")
    ends = [x for x in (0.0, mean, *both, *seeds) if math.isfinite(x)]
    low, high = min(ends), max(ends)
    room = (WIDTH - 2 * SIDES) / ((high - low) or 1)

    def x(value: float) -> float:
        return SIDES + room * (value - low)

    marks = [stroke((x(0), 6), (x(0), 44), dash="4 3"), letters("0", x(0), 58, "middle")]
    told = [f"Mean {mean:+.{digits}f} {unit}"]
    drawn = (("the word follows", both, LINE, 7), ("over seeds alone", seeds, LINE + 10, 2))
    for name, (one, other), y, width in drawn:
        if math.isfinite(one) and math.isfinite(other):
            marks.append(stroke((x(one), y), (x(other), y), colour=MARK, width=width))
            told.append(f"interval {name}: {one:.{digits}f} to {other:.{digits}f}")
    marks += [
        tag("circle", cx=f"{x(mean):.1f}", cy=LINE, r=5, fill="currentColor"),
        letters(f"{mean:+.{digits}f} {unit}", *_beside(x(mean))),
    ]
    return drawing(title, "; ".join([*told, "the broken line is zero"]), WIDTH, HEIGHT, *marks)


def _beside(x: float) -> tuple[float, float, str]:
    """Return where the mean is written: above its point, and inside the drawing."""
    if x < WIDTH / 4:
        return x, LINE - 12, "start"
    return (x, LINE - 12, "end") if x > 3 * WIDTH / 4 else (x, LINE - 12, "middle")
