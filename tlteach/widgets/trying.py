"""`try_model`: what one or several models say of what the camera sees, side by side."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import traitlets
from PIL import Image
from torch import Tensor

from tlteach.base import checked, one_of
from tlteach.data.images import upright
from tlteach.models import TrainedModel, predict
from tlteach.models.inference import reading
from tlteach.plots.style import BASELINES, REGIMES, looks
from tlteach.widgets._talking import Talking, script

SHOWN = 5  # classes under each model, the surest first
COLUMNS = ["model", "class", "confidence"]


class TryModel(Talking):
    """Models that answer for one picture after the other, by camera or file.

    Pictures travel as messages and are forgotten; nothing is written.

    Parameters
    ----------
    models : mapping of str to TrainedModel
        By name; all tell the same classes apart.

    Attributes
    ----------
    models : dict of str to TrainedModel
    said : str
        The last thing that was said to the user.
    """

    _esm = script("try")
    colours: traitlets.Dict[str, str] = traitlets.Dict().tag(sync=True)
    counted: traitlets.Dict[str, list[int]] = traitlets.Dict().tag(sync=True)

    def __init__(self, models: Mapping[str, TrainedModel]) -> None:
        self.models = dict(models)
        first = _alike(self.models)
        self._sources = {name: _source(model) for name, model in self.models.items()}
        self._last: pd.DataFrame | None = None
        self._rows: list[pd.DataFrame] = []
        known = looks(self.models, REGIMES | BASELINES)
        super().__init__(
            classes=list(first.classes),
            colours={name: look.colour for name, look in known.items()},
            counted={name: [0, 0] for name in self.models},
        )

    def __repr__(self) -> str:
        told = ", ".join(f"{name} {right} of {n}" for name, (right, n) in self.counted.items())
        return f"<try {', '.join(self.classes)}: right {told}>"

    def look(self, picture: Any) -> pd.DataFrame:
        """Return what every model says of one picture.

        Models on one frozen backbone share its features: it looks at the picture once.

        Parameters
        ----------
        picture : path, PIL image or uint8 tensor
            As for `TrainedModel.predict`.

        Returns
        -------
        DataFrame
            model, class, confidence: a row for each model and class, the surest class first.
        """
        features: dict[Any, Tensor] = {}
        tables = []
        for name, model in self.models.items():
            source = self._sources[name]
            if source not in features:
                _, inputs = model.intake(picture)
                features[source] = predict(model.classifier.backbone, inputs, precision="fp32")
            with reading(model.classifier.head):
                logits = model.classifier.head(features[source])
            sure, places = model.calibration.confidences(logits)[0].sort(descending=True)
            named = [model.classes[i] for i in places.tolist()]
            tables.append(pd.DataFrame({"model": name, "class": named, "confidence": sure.numpy()}))
        self._last = pd.concat(tables, ignore_index=True)[COLUMNS]
        return self._last

    def count(self, truth: str) -> None:
        """Say what the picture looked at last really was, and keep who was right.

        Parameters
        ----------
        truth : str
            One of the classes.

        Raises
        ------
        ValueError
            For another class, or if nothing was looked at, or it was counted already.
        """
        one_of("class", truth, self.classes)
        if self._last is None:
            msg = "nothing new was looked at: show a picture first"
            raise ValueError(msg)
        best = self._last.groupby("model", sort=False).head(1)
        self._rows.append(best.assign(picture=len(self._rows), truth=truth))
        self._last = None
        right = self.table().groupby("model")["right"].sum()
        self.counted = {name: [int(right[name]), len(self._rows)] for name in self.models}

    def table(self) -> pd.DataFrame:
        """Return every counted answer: picture, truth, model, class, confidence, right."""
        names = ["picture", "truth", *COLUMNS]
        rows = pd.concat(self._rows, ignore_index=True) if self._rows else pd.DataFrame()
        rows = rows.reindex(columns=names)
        return rows.assign(right=rows["class"] == rows["truth"])

    def describe(self) -> str:
        """Return who was right how often, in words."""
        if not self._rows:
            return "No picture was counted yet."
        told = [f"{name} {right} of {n}" for name, (right, n) in self.counted.items()]
        return f"Right, of the pictures that you counted: {', '.join(told)}."

    def _do(self, content: dict[str, Any], buffers: Sequence[Any]) -> bool:
        match content:
            case {"do": "look", "turn": turn} if buffers:
                with Image.open(io.BytesIO(bytes(buffers[0])), formats=["JPEG"]) as opened:
                    seen = self.look(upright(opened))
                rows = seen.groupby("model", sort=False).head(SHOWN)
                self.send({"do": "seen", "turn": turn, "rows": rows.to_dict("records")})
            case {"do": "count", "truth": str(truth)}:
                self.count(truth)
                self._say(self.describe())
            case _:
                return False
        return True


def _source(model: TrainedModel) -> tuple[Any, ...]:
    """Return what features depend on: where it is the same, they are."""
    backbone = model.classifier.backbone
    return model.intake, backbone.preprocessing.id, backbone.fingerprint()


def _alike(models: Mapping[str, Any]) -> TrainedModel:
    """Return the first model, once all read images and tell the same classes apart."""
    for name, model in models.items():
        if not isinstance(model, TrainedModel):
            msg = f"a model must be a TrainedModel, as train_best gives; {name} is {model!r}"
            raise TypeError(msg)
        model.intake(Image.new("RGB", (8, 8)))  # raises for a model that reads no pictures
    if not models:
        msg = "models must hold at least one model"
        raise ValueError(msg)
    first: TrainedModel = next(iter(models.values()))
    for name, model in models.items():
        if model.classes != first.classes:
            msg = f"all models must tell {first.classes} apart; {name} has {model.classes}"
            raise ValueError(msg)
    return first


@checked
def try_model(models: TrainedModel | Mapping[str, TrainedModel]) -> TryModel:
    """Show things to models, by camera or file, and see their answers side by side.

    They answer a few times a second on two processor cores: for scratch, frozen and fine-tuned
    Lite0 at 96 pixels a picture took 80 ms of the processor, and 300 ms by the clock beside other
    work for ten cores (`benchmarks/trying.py`). Say what a thing really is and press "Count" to
    keep who was right: what you counted is a feeling with numbers, no test, since you chose what
    to show.

    Parameters
    ----------
    models : TrainedModel or dict of str to TrainedModel
        One, or several under their names: ``{name: tlt.train_best(results, task, regime=name)
        for name in ("scratch", "frozen", "fine_tune")}``. All tell the same classes apart.

    Returns
    -------
    TryModel
        A widget.

    Raises
    ------
    TypeError, ValueError
        For what is no model of pictures, or models of different classes.

    Examples
    --------
    >>> import tlteach as tlt
    >>> task = tlt.few_shot(tlt.load_task("digits"), 5, seed=0)
    >>> results = tlt.compare(task, backbone="small:glyphs", regimes=["frozen"], shots=[4],
    ...                       seeds=[0], search="smoke", baselines=False, progress=False)
    >>> shown = try_model(tlt.train_best(results, task))
    >>> shown.look(task.test.images[0])["model"].unique().tolist()
    ['frozen']
    """
    if isinstance(models, TrainedModel):
        models = {str(models.training["label"]): models}
    return TryModel(models)
