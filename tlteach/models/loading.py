"""`load_model`: a folder that `TrainedModel.save` wrote, back as a model."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from tlteach.measures import Calibration
from tlteach.models import modelfile
from tlteach.models.intake import Intake
from tlteach.models.trained import SCORES, TrainedModel
from tlteach.models.zoo import load_backbone


def load_model(folder: str | Path) -> TrainedModel:
    """Load a model that `TrainedModel.save` wrote; nothing in it is executed.

    Parameters
    ----------
    folder : str or Path

    Returns
    -------
    TrainedModel
        With the same bits.

    Raises
    ------
    NotADirectoryError
        If there is no such folder.
    ValueError
        If a file is missing or was changed, or a newer tlteach wrote it.

    Examples
    --------
    >>> load_model("no_model_here")
    Traceback (most recent call last):
        ...
    NotADirectoryError: no_model_here is not a folder that holds a model
    """
    facts, state = modelfile.read(Path(folder))
    intake = facts["intake"]
    metrics = pd.DataFrame(facts["metrics"], columns=[*SCORES])
    ends = ["value", "ci_low", "ci_high"]
    return TrainedModel(
        classifier=modelfile.rebuild(facts, state, load_backbone),
        classes=tuple(facts["classes"]),
        intake=Intake(intake["kind"], tuple(intake["shape"]), intake["fit"]),
        calibration=Calibration(**facts["calibration"]),
        training=facts["training"],
        data=facts["data"],
        metrics=metrics.astype(dict.fromkeys(ends, float)),
        provenance=facts["provenance"],
    )
