"""`TrainedModel`: a model to keep, with all it takes to use it and to judge it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import torch
from torch import Tensor

from tlteach.base import device as machine, finite
from tlteach.data import Task
from tlteach.measures import Calibration
from tlteach.models import modelfile
from tlteach.models.answers import NONE, named, wrong
from tlteach.models.backbone import Backbone, Classifier
from tlteach.models.export import WithPreprocessing, shown_to, write_export
from tlteach.models.inference import predict
from tlteach.models.intake import Intake
from tlteach.models.modelcard import describe
from tlteach.models.zoo import load_backbone

SCORES = ("what", "split", "metric", "value", "ci_low", "ci_high", "n", "unit")


@dataclass(frozen=True, eq=False, repr=False)
class TrainedModel:
    """A model and everything that its use depends on; `train_best` makes one.

    It always answers in float32, so that an answer does not depend on the machine's number format.

    Attributes
    ----------
    classifier : Classifier
        The network, on the CPU, in eval mode.
    classes : tuple of str
        What it tells apart.
    intake : Intake
        How a file becomes what the network was trained on.
    calibration : Calibration
        How its logits become confidences.
    training : dict
        How it was trained: regime, config, seed, what was searched, parameters, why this one.
    data : dict
        What it learnt from: name, card, counts per class, fingerprint.
    metrics : DataFrame
        What is known about its quality: what, split, metric, value, ci_low, ci_high, n, unit.
    provenance : dict
        Date, versions, and fingerprints of the weights and the comparison.

    Examples
    --------
    >>> import tlteach as tlt
    >>> task = tlt.few_shot(tlt.load_task("digits"), 5, seed=0)
    >>> results = tlt.compare(task, backbone="small_cnn", regimes=["frozen"], shots=[4],
    ...                       seeds=[0], search="smoke", baselines=False, progress=False)
    >>> model = tlt.train_best(results, task)
    >>> list(model.predict(task.test.images[:3]))
    ['file', 'class', 'confidence', 'second', 'second_confidence']
    """

    classifier: Classifier
    classes: tuple[str, ...]
    intake: Intake
    calibration: Calibration
    training: dict[str, Any]
    data: dict[str, Any]
    metrics: pd.DataFrame
    provenance: dict[str, Any]

    def __repr__(self) -> str:
        own = self.metrics[self.metrics["what"] == "this model"].set_index("metric")
        value, low, high = own.loc["accuracy", ["value", "ci_low", "ci_high"]]
        return (
            f"TrainedModel of {self.data['name']!r}: {self.classifier.backbone.card.name} "
            f"{self.training['label']}, {len(self.classes)} classes, {self.data['labels']} labels, "
            f"test accuracy {value:.3f} ({low:.3f} to {high:.3f})"
        )

    @property
    def recipe(self) -> dict[str, Any]:
        """Everything that makes an answer out of an input, and how the weights came about."""
        backbone = self.classifier.backbone
        return {
            "backbone": backbone.card.name,
            "source": backbone.card.source,
            "architecture": backbone.architecture,
            "classes": self.classes,
            "inputs": self.intake.told,
            "preprocessing": backbone.preprocessing.settings(),
            "calibration": asdict(self.calibration),
            "training": self.training,
        }

    @property
    def card(self) -> str:
        """The model card, Markdown: data, weights, licences, overlap, quality, limits."""
        backbone = self.classifier.backbone
        return describe(
            backbone.card,
            self.classes,
            self.intake,
            self.calibration,
            self.training | {"preprocessing": backbone.preprocessing.settings()},
            self.data,
            self.metrics,
            self.provenance,
        )

    def logits(self, what: Any, *, device: str | torch.device | None = None) -> Tensor:
        """Return what the network says about anything that `predict` takes.

        Returns
        -------
        float32 tensor of shape (n, n_classes), on the CPU
        """
        _, inputs = self.intake(what)
        return self._logits(inputs, device)

    def _logits(self, inputs: Tensor, device: str | torch.device | None) -> Tensor:
        try:
            found = predict(self.classifier.to(machine.pick(device)), inputs, precision="fp32")
            return finite("logits of this model", found)  # type: ignore[no-any-return]
        finally:
            self.classifier.to("cpu")

    def predict(
        self,
        what: Any,
        *,
        none_of_these: bool = False,
        device: str | torch.device | None = None,
    ) -> pd.DataFrame:
        """Name the class of pictures, prepared exactly as those that the model learnt from.

        Parameters
        ----------
        what : path, folder, PIL image, list of these, or uint8 tensor or array
            Of a folder every image in it and below. Tensors hold rows as the task does, (n,
            channels, height, width); arrays these or photographs, (height, width, 3) or (n, ...)
            of them. A model of texts takes a string or a list of strings.
        none_of_these : bool, default False
            Answer "none of these" where the confidence is below the threshold that keeps 95 % of
            the right answers on held-out labels. The other columns stay as they are.
        device : str or torch.device, optional
            Default: the best one here.

        Returns
        -------
        DataFrame
            file (or place, from 0), class, confidence, second, second_confidence: a row each.

        Raises
        ------
        TypeError, ValueError, FileNotFoundError
            For what is no picture, has another shape or is not there; and for `none_of_these`
            where too few held-out answers gave a threshold.
        """
        threshold = self._threshold() if none_of_these else 0.0
        names, inputs = self.intake(what)
        confidences = self.calibration.confidences(self._logits(inputs, device))
        return named(names, confidences, self.classes, threshold)

    def _threshold(self) -> float:
        if self.calibration.threshold is None:
            msg = (
                f"{NONE!r} needs a threshold, which takes 20 right answers on held-out labels; "
                f"this model had {self.calibration.n} held-out labels: train it with more"
            )
            raise ValueError(msg)
        return self.calibration.threshold

    def mistakes(self, task: Task, *, device: str | torch.device | None = None) -> pd.DataFrame:
        """Return the wrong answers on the test split, the most confident first.

        To look at, not to choose by: who changes a model after seeing them needs new test data.

        Parameters
        ----------
        task : Task
            With this model's classes.
        device : str or torch.device, optional
            Default: the best one here.

        Returns
        -------
        DataFrame
            row (in ``task.test``), file where the task has files, true, answer, confidence;
            `plots.mistakes` draws them.

        Raises
        ------
        ValueError
            If the task has other classes, or inputs of another shape.
        """
        if task.classes != self.classes:
            msg = f"task must have the model's classes {self.classes}; got {task.classes}"
            raise ValueError(msg)
        logits = self.logits(task.test.inputs, device=device)
        files = task.files_of(task.test) if task.files else ()
        said = self.calibration.confidences(logits)
        return wrong(said, task.test.labels, self.classes, files)

    def as_backbone(self, name: str = "model") -> Backbone:
        """Return a copy of its network as the next source, for wherever a backbone is asked for.

        Parameters
        ----------
        name : str, default "model"
            For the card, which says what it learnt, and the column "backbone" of results.
        """
        return modelfile.as_source(self.classifier, self._facts(), name)

    def save(self, folder: str | Path, *, overwrite: bool = False) -> Path:
        """Write weights (safetensors), the rest (JSON), card and SHA-256; return the folder.

        The folder appears when it is whole, and after it was loaded again and gave the same bits.

        Parameters
        ----------
        folder : str or Path
            New, empty, or with ``overwrite=True`` a model's; ``~`` is your home.
        overwrite : bool, default False
            Whether a model that is there gives way.

        Raises
        ------
        FileExistsError, ValueError
            If something is there that must stay; if `load_backbone` cannot build the network again.
        """
        folder = Path(folder).expanduser()
        modelfile.write(
            folder,
            self.classifier,
            self._facts() | {"backbone": modelfile.built(self.classifier.backbone)},
            self.card,
            overwrite=overwrite,
            sample=self.intake.sample(),
            build=load_backbone,
        )
        return folder

    def export(
        self,
        path: str | Path,
        *,
        format: str = "onnx",
        images: Any = None,
        overwrite: bool = False,
    ) -> Path:
        """Write the model for other programs, preprocessing inside, any batch; return the path.

        The file takes "images", uint8 of shape (n, channels, height, width) as the task holds
        them, and gives "logits" and "confidences". What turns a picture file into such a row is
        not in it: see ``recipe["inputs"]``. Class names stand in it under "classes".

        Parameters
        ----------
        path : str or Path
            Ends in .onnx, or .pt2 for torch.export.
        format : {"onnx", "torch.export"}, default "onnx"
            The first needs the extra `export`.
        images : as for `predict`, optional
            At least 2 real pictures on which the file must answer as the model does, to 1e-4
            (absolute or relative), before it appears. Default: drawings that ship with tlteach.
        overwrite : bool, default False
            Whether a file that is there gives way.

        Raises
        ------
        ValueError, FileExistsError, ImportError
            For a model that reads no images, another format or ending, fewer than 2 images, other
            answers; if there is a file already; if the extra is missing.
        """
        shown = shown_to(self.intake, images)
        model = WithPreprocessing(self.classifier, self.intake.shape, self.calibration.temperature)
        reference = self._logits(shown, "cpu")
        path = Path(path).expanduser()
        write_export(path, model, shown, self.classes, format, reference, overwrite=overwrite)
        return path

    def _facts(self) -> dict[str, Any]:
        rows = self.metrics.astype(object).where(self.metrics.notna(), None)
        return {
            "classes": list(self.classes),
            "intake": asdict(self.intake),
            "calibration": asdict(self.calibration),
            "training": self.training,
            "data": self.data,
            "metrics": rows.to_dict("records"),
            "provenance": self.provenance,
        }
