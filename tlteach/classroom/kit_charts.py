"""Charts that stand alive on slides: which one a cell shows, and its HTML."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from tlteach.widgets import CHARTS
from tlteach.widgets._alone import mount, section


@dataclass(frozen=True)
class Shown:
    """A chart as a cell asks for it: its name in `CHARTS`, and what it is called with."""

    name: str
    args: tuple[Any, ...] = ()
    options: tuple[tuple[str, Any], ...] = ()


@dataclass(frozen=True)
class Live:
    """A chart on a slide: HTML with all that it needs, its words, the states of its presets."""

    html: Markup
    words: str
    states: Sequence[str]


def chart_of(source: str) -> Shown | None:
    r"""Return the chart that a cell shows: by its last line, called with nothing but constants.

    Examples
    --------
    >>> chart_of('chart = widgets.layers("target=digits")\nprint(chart.describe())\nchart')
    Shown(name='layers', args=('target=digits',), options=())
    >>> chart_of("widgets.three_ways(results)"), chart_of("print(widgets.layers().describe())")
    (None, None)
    """
    try:
        body = ast.parse(source).body
    except SyntaxError:  # a line for the notebook alone, such as %time
        return None
    if not body or not isinstance(body[-1], ast.Expr):
        return None
    last = body[-1].value
    if isinstance(last, ast.Name):  # the chart has a name of its own
        given = [one for one in body if isinstance(one, ast.Assign)]
        values = [one.value for one in given if ast.unparse(one.targets[0]) == last.id]
        last = values[-1] if values else last
    if not isinstance(last, ast.Call) or not isinstance(last.func, ast.Attribute):
        return None
    module, name = ast.unparse(last.func.value), last.func.attr
    if module != "widgets" or name not in CHARTS:
        return None
    try:
        args = tuple(map(ast.literal_eval, last.args))
        options = tuple((str(one.arg), ast.literal_eval(one.value)) for one in last.keywords)
    except ValueError:
        return None  # of one's own results: they are not in the kit
    return Shown(name, args, options)


def live(shown: Shown, place: int) -> Live:
    """Return a chart for a slide, as large as the slide; `place` tells it from the others."""
    chart = CHARTS[shown.name](*shown.args, **dict(shown.options))
    known = chart.known() | {"still": f"slide{place}", "slide": True}
    presets = [preset["state"] for preset in known["spec"]["presets"]]
    return Live(Markup(section(known, tag="div")), chart.describe(), presets)


def script() -> Markup:
    """Return the script with the function that brings the charts of a page to life."""
    return Markup(mount())
