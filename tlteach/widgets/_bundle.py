"""The front end of a chart as one script: modules joined in a stated order, with no build tool.

Front ends of notebooks want a single file. So the modules in `static/chart` neither import nor
export: joined, they see each other's names, and the last one exports what a front end calls.
"""

from __future__ import annotations

from pathlib import Path

STATIC = Path(__file__).resolve().parent / "static"
MODULES = (
    "nodes",
    "words",
    "state",
    "sentences",
    "marks",
    "axes",
    "live",
    "panel",
    "dumbbell",
    "strip",
    "cloud",
    "cards",
    "controls",
    "predict",
    "away",
    "handles",
    "sketch",
    "toolbar",
    "table",
    "folds",
    "chart",
    "render",
)


def script() -> str:
    """Return the front end of every chart, an ES module.

    Examples
    --------
    >>> script().count("export default"), script().strip()[-26:]
    (1, 'export default { render };')
    """
    return "\n".join((STATIC / "chart" / f"{name}.js").read_text("utf-8") for name in MODULES)


def style() -> str:
    """Return the style sheet of every chart."""
    return (STATIC / "chart.css").read_text("utf-8")
