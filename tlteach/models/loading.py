"""`load_model`: a folder back as a model; and anything that can be a source as a backbone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
from torch import nn

from tlteach.base import checked
from tlteach.measures import Calibration
from tlteach.models import modelfile
from tlteach.models.backbone import Backbone
from tlteach.models.intake import Intake
from tlteach.models.trained import SCORES, TrainedModel
from tlteach.models.zoo import load_backbone


@checked
def load_model(folder: str | Path) -> TrainedModel:
    """Load a model that `TrainedModel.save` wrote; nothing in it is executed.

    Parameters
    ----------
    folder : str or Path
        Where it lies; ``~`` is your home.

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
    facts, state = modelfile.read(Path(folder).expanduser())
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


@checked
def source_of(what: Any) -> Backbone:
    """Return what a name, a model to keep or its folder is as a source; a backbone as it is.

    Parameters
    ----------
    what : str, Path, TrainedModel or Backbone
        A name is one that `load_backbone` knows, or a path.

    Returns
    -------
    Backbone
        With its weights.

    Raises
    ------
    TypeError
        For anything else; for a network alone, with how to wrap it.

    Examples
    --------
    >>> source_of("small_cnn").card.name
    'small_cnn'
    >>> source_of(nn.Linear(2, 2))
    Traceback (most recent call last):
        ...
    TypeError: backbone must be a name, a folder, a TrainedModel or a Backbone; wrap a network ...
    """
    if isinstance(what, Backbone):
        return what
    if isinstance(what, TrainedModel):
        return what.as_backbone()
    if isinstance(what, str | Path):
        return load_backbone(what)
    told = f"got {type(what).__name__}"
    if isinstance(what, nn.Module):
        told = (
            "wrap a network without its head: tlt.Backbone(net, Preprocessing(size), "
            "ModelCard(name, source), n_features), both names from tlteach.models; " + told
        )
    msg = f"backbone must be a name, a folder, a TrainedModel or a Backbone; {told}"
    raise TypeError(msg)
