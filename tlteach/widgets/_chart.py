"""`Chart`: a table of real runs under native inputs, drawn and looked up in the browser."""

from __future__ import annotations

import base64
import html
import io
from collections.abc import Mapping
from typing import Any
from uuid import uuid4

import anywidget
import numpy as np
import pandas as pd
import traitlets
from IPython.display import display
from matplotlib.figure import Figure

from tlteach.widgets._alone import alone
from tlteach.widgets._bundle import script, style
from tlteach.widgets._pack import packed
from tlteach.widgets._spec import Array, Cloud, Control, Fact, Panel, Spec, Strip
from tlteach.widgets._still import draw
from tlteach.widgets._words import told

WAITING = "Make a prediction first."
EVERY = "*"  # a guess on every state: somebody does not want to be asked


class Chart(anywidget.AnyWidget):
    """Curves with intervals that answer in the browser, with no kernel needed.

    Drag a slider or the curve itself; arrow keys move what has the focus, the number keys load a
    preset, 0 resets, p switches to large type.

    Parameters
    ----------
    spec : Spec
        What is drawn; see `tlteach.widgets`.
    state : str, default ""
        Where the controls stand, as `state` tells it; parts left out stay at their start.

    Attributes
    ----------
    state : str
        Assign one to move the controls: ``chart.state = "shots=5"``. It may be a part.
    guess : str
        What was guessed of the state that is shown, where the chart asks first; may be assigned.
    hands : dict of str to dict of str to int
        A show of hands: by state of the question, how many were raised for each option.

    Raises
    ------
    ValueError
        For a state that names an unknown control or value.

    Examples
    --------
    >>> from tlteach.widgets import layers
    >>> chart = layers()
    >>> chart.state = "shots=20"
    >>> chart.at["shots"], chart.state
    (1, '...shots=20;...')
    """

    _esm = script()
    _css = style()
    spec = traitlets.Dict().tag(sync=True)
    cube = traitlets.Bytes().tag(sync=True)
    state = traitlets.Unicode().tag(sync=True)
    guesses: traitlets.Dict[str, str] = traitlets.Dict().tag(sync=True)
    hands: traitlets.Dict[str, dict[str, int]] = traitlets.Dict().tag(sync=True)
    live: traitlets.List[dict[str, Any]] = traitlets.List().tag(sync=True)
    looks: traitlets.List[dict[str, Any]] = traitlets.List().tag(sync=True)
    still = traitlets.Unicode().tag(sync=True)

    def __init__(self, spec: Spec, *, state: str = "") -> None:
        self._spec = spec
        known, numbers = packed(spec)
        super().__init__(spec=known, cube=numbers, still=uuid4().hex[:12], state=state)
        if not self.state:
            self.state = state_text(spec, {})

    def __repr__(self) -> str:
        return f"<{self._spec.title}: {self.state}>"

    @traitlets.validate("state")
    def _whole(self, proposal: Mapping[str, Any]) -> str:
        now = read_state(self._spec, self.state) if self.state else {}
        return state_text(self._spec, now | read_state(self._spec, proposal["value"]))

    @property
    def at(self) -> dict[str, int]:
        """Where each control stands: the place of its value."""
        return read_state(self._spec, self.state)

    @property
    def guess(self) -> str:
        return str(self.guesses.get(self._asked(), ""))

    @guess.setter
    def guess(self, option: str) -> None:
        self.guesses = self.guesses | {self._asked(): option}

    def _asked(self) -> str:
        """Return what a guess is about: where controls stand that the answer depends on."""
        if not self._spec.predict:
            return EVERY
        [fact] = (fact for fact in self._spec.facts if fact.id == self._spec.predict[2])
        values = {c.id: c.values[self.at[c.id]] for c in self._spec.controls}
        return ";".join(f"{name}={values[name]}" for name in fact.by)

    @property
    def _waiting(self) -> bool:
        return bool(self._spec.predict and not self.guess and EVERY not in self.guesses)

    def _pick(self, part: Panel | Fact | Strip | Cloud, array: Array) -> Array:
        at = self.at
        chosen: Array = array[tuple(at[name] for name in part.by)]
        return chosen

    def table(self) -> pd.DataFrame:
        """Return the rows that are drawn now.

        Returns
        -------
        DataFrame
            panel, line, at, mean, ci_low, ci_high, n_seeds, verdict.
        """
        rows, at = [], self.at
        for panel in self._spec.shown(at):
            values = self._pick(panel, panel.cube)
            codes = None if panel.codes is None else self._pick(panel, panel.codes)
            for s, series in enumerate(panel.series):
                for i in panel.places(at):
                    mean, low, high, n = (float(value) for value in values[s, i])
                    if np.isnan(mean):
                        continue
                    word = "" if codes is None else _word(panel.words, codes[s, i])
                    rows.append(
                        (panel.title, series.label, panel.x[i], mean, low, high, int(n), word)
                    )
        names = ["panel", "line", "at", "mean", "ci_low", "ci_high", "n_seeds", "verdict"]
        # panels differ in what x is: 5 updates must not become 5.0 beside seconds
        places = pd.Series([row[2] for row in rows], dtype=object)
        return pd.DataFrame(rows, columns=names).assign(at=places)

    def points(self) -> pd.DataFrame:
        """Return the points of the maps that are drawn now.

        Returns
        -------
        DataFrame
            map, point, was_x, was_y, x, y.
        """
        names = ["map", "point", "was_x", "was_y", "x", "y"]
        rows = [
            (cloud.title, i, *map(float, places))
            for cloud in self._spec.clouds
            for i, places in enumerate(self._pick(cloud, cloud.cube))
            if not np.isnan(places).any()
        ]
        return pd.DataFrame(rows, columns=names)

    def describe(self) -> str:
        """Return what the chart shows now, in words."""
        if self._waiting:
            return WAITING
        at = self.at
        idle = self._spec.idle(at)
        turned = [c for c in self._spec.controls if c.id not in idle]
        chosen = ", ".join(f"{c.label}: {c.labels[at[c.id]]}" for c in turned)
        panels = [self._panel_text(panel, at[panel.cursor]) for panel in self._spec.shown(at)]
        facts = [f"{fact.label}: {self._fact_text(fact)}." for fact in self._spec.facts]
        return " ".join([f"{chosen}.", *panels, *facts])

    def _panel_text(self, panel: Panel, x: int) -> str:
        lines = []
        for s, series in enumerate(panel.series):
            values = self._pick(panel, panel.cube)[s, x]
            if np.isnan(values[0]):
                continue
            word = ""
            if panel.codes is not None:
                word = _word(panel.words, self._pick(panel, panel.codes)[s, x])
            lines.append(f"{series.label} {told(values, panel.form)}{word and f', {word}'}")
        known = "; ".join(lines) or "not run"
        return f"{panel.title}, {panel.x_label} {panel.x[x]}: {known}."

    def _fact_text(self, fact: Fact) -> str:
        values = self._pick(fact, fact.cube)
        if fact.form == "word":
            return _word(fact.words, values) or "not run"
        return told(values, fact.form)

    def known(self) -> dict[str, Any]:
        """Return all that the front end needs."""
        names = ("spec", "cube", "state", "guesses", "hands", "live", "looks", "still")
        return {name: getattr(self, name) for name in names}

    def figure(self) -> Figure:
        """Return the same picture by matplotlib."""
        return draw(self._spec, self.at)

    def picture(self) -> str:
        """Return the still picture as HTML, described in words for those who do not see it."""
        if self._waiting:
            return f"<p>{WAITING}</p>"
        buffer = io.BytesIO()
        self.figure().savefig(buffer, format="png", dpi=72)
        source = base64.b64encode(buffer.getvalue()).decode()
        words = html.escape(self.describe(), quote=True)
        return f'<img alt="{words}" src="data:image/png;base64,{source}">'

    def _ipython_display_(self) -> None:
        live = self._repr_mimebundle_()
        data, metadata = live if isinstance(live, tuple) else (live, {})
        display(data, metadata=metadata, raw=True)
        # for a notebook that is reopened, or read where nothing live is shown
        below = alone(self.known(), self.picture())
        display({"text/html": below, "text/plain": self.describe()}, raw=True)


def state_text(spec: Spec, at: Mapping[str, int]) -> str:
    """Return the state text of places; controls that are left out stand at their start."""
    parts = [(c, at.get(c.id, c.start)) for c in spec.controls]
    return ";".join(f"{c.id}={c.values[place]}" for c, place in parts)


def read_state(spec: Spec, text: str) -> dict[str, int]:
    """Return the places that a state text names."""
    known: dict[str, Control] = {control.id: control for control in spec.controls}
    at = {}
    for part in filter(None, text.split(";")):
        name, _, value = part.partition("=")
        if name not in known:
            msg = f"state must name controls out of {', '.join(known)}; got {name!r}"
            raise ValueError(msg)
        values = [str(v) for v in known[name].values]
        if value not in values:
            msg = f"{name} must be one of {', '.join(values)}; got {value!r}"
            raise ValueError(msg)
        at[name] = values.index(value)
    return at


def _word(words: tuple[str, ...], code: Any) -> str:
    return "" if np.isnan(code) else words[int(code)]
