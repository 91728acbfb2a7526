"""A trained model as one file for other programs: ONNX or torch.export, checked before it is there.

Resizing is linear, rows and columns each on their own, and a model reads images of one size. So the
file holds it as two matrices, taken from the very function that training used: programs that run
ONNX smooth in ways of their own, and would give other answers.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch import Tensor, nn

from tlteach.base import adding, atomic_write, in_range, one_of
from tlteach.data import load_task
from tlteach.data.from_memory import channels_first
from tlteach.models.backbone import Classifier
from tlteach.models.intake import Intake
from tlteach.models.preprocessing import Preprocessing

CLOSE = 1e-4  # of logits and confidences, absolute or relative: what float32 in another order gives
SUFFIXES = {"onnx": ".onnx", "torch.export": ".pt2"}
INPUT, OUTPUTS = "images", ("logits", "confidences")
Run = Callable[[Tensor], tuple[Tensor, Tensor]]


class WithPreprocessing(nn.Module):
    """A classifier of images of one size, with every step written in plain operations.

    Parameters
    ----------
    classifier : Classifier
        Its recipe is a `Preprocessing`.
    shape : tuple of int
        Of one image, (channels, height, width).
    temperature : float
        For the confidences.

    Examples
    --------
    >>> import tlteach as tlt
    >>> model = tlt.Classifier(tlt.load_backbone("small_cnn"), 3, seed=0).eval()
    >>> images = torch.arange(2 * 64).remainder(251).to(torch.uint8).view(2, 1, 8, 8)
    >>> logits, _ = WithPreprocessing(model, (1, 8, 8), 1.0)(images)
    >>> torch.allclose(logits, model(images), atol=1e-5)
    True
    """

    rows: Tensor
    columns: Tensor
    mean: Tensor
    std: Tensor

    def __init__(self, classifier: Classifier, shape: tuple[int, ...], temperature: float) -> None:
        super().__init__()
        recipe = classifier.backbone.preprocessing
        assert isinstance(recipe, Preprocessing)
        _, height, width = shape
        twin = copy.deepcopy(classifier).requires_grad_(False)
        twin.to(memory_format=torch.contiguous_format)  # torch.export saves no other
        self.net, self.head = twin.backbone.net, twin.head
        self.temperature = temperature
        rows, columns = resizing(recipe, height, width)
        self.register_buffer("rows", rows)
        self.register_buffer("columns", columns)
        self.register_buffer("mean", torch.tensor(recipe.mean).view(3, 1, 1))
        self.register_buffer("std", torch.tensor(recipe.std).view(3, 1, 1))
        self.eval()

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """Return logits and confidences, each (n, n_classes), of uint8 images."""
        x = self.rows @ (images.float() / 255) @ self.columns
        x = x.expand(-1, 3, -1, -1)
        logits: Tensor = self.head(self.net((x - self.mean) / self.std).flatten(1))
        return logits, (logits / self.temperature).softmax(1)


def resizing(recipe: Preprocessing, height: int, width: int) -> tuple[Tensor, Tensor]:
    """Return what stands left and right of an image so that their product is the image resized.

    Returns
    -------
    rows : float32 tensor of shape (size, height)
    columns : float32 tensor of shape (width, size)

    Examples
    --------
    >>> rows, columns = resizing(Preprocessing(16, interpolation="nearest"), 8, 32)
    >>> rows.shape, columns.sum().item()
    (torch.Size([16, 8]), 16.0)
    """
    plain = replace(recipe, mean=(0.0,) * 3, std=(1.0,) * 3)

    def stripes(n: int) -> Tensor:
        """Return n images, each of one white line: resized, they are blurred lines and no more."""
        return 255 * torch.eye(n, dtype=torch.uint8)

    rows = plain(stripes(height)[:, None, :, None].expand(-1, 1, -1, width))[:, 0, :, 0].T
    columns = plain(stripes(width)[:, None, None, :].expand(-1, 1, height, -1))[:, 0, 0]
    return rows.contiguous(), columns.contiguous()


def write_export(
    path: Path,
    model: WithPreprocessing,
    images: Tensor,
    classes: Sequence[str],
    how: str,
    reference: Tensor,
    *,
    overwrite: bool,
) -> None:
    """Write one file, and let it appear only if it answers as the original does.

    Parameters
    ----------
    path : Path
        Ends in .onnx or .pt2.
    model : WithPreprocessing
    images : uint8 tensor of shape (n, channels, height, width), n at least 2
        What both answer.
    classes : sequence of str
        Stand in the file, as JSON under "classes".
    how : {"onnx", "torch.export"}
    reference : float32 tensor of shape (n, n_classes)
        The original's logits of `images`.
    overwrite : bool
        Whether a file that is there gives way.

    Raises
    ------
    ValueError
        For another format or ending, or answers that differ.
    FileExistsError
        If there is a file already.
    ImportError
        If the extra `export` is missing.
    """
    suffix = SUFFIXES[one_of("format", how, SUFFIXES)]
    if path.suffix != suffix:
        msg = f"path must end in {suffix} for format {how!r}; got {path.name!r}"
        raise ValueError(msg)
    if path.exists() and not overwrite:
        msg = f"{path} exists already; choose another name, or say overwrite=True"
        raise FileExistsError(msg)
    with atomic_write(path) as temporary:
        write = _onnx if how == "onnx" else _torch_export
        run = write(model, images, json.dumps(list(classes)), temporary)
        _check(run, images, reference, model.temperature, path.name)


def _check(run: Run, images: Tensor, reference: Tensor, temperature: float, name: str) -> None:
    """Raise unless a file answers like the original, one image, two, or all at once."""
    expected = (reference, (reference / temperature).softmax(1))
    for n in dict.fromkeys((1, 2, len(images))):
        for what, got, wanted in zip(OUTPUTS, run(images[:n]), expected, strict=True):
            if not torch.allclose(got, wanted[:n], atol=CLOSE, rtol=CLOSE):
                worst = (got - wanted[:n]).abs().max().item()
                msg = (
                    f"{name} is not written: on {n} images its {what} differ from the model's by "
                    f"up to {worst:.2g}, more than {CLOSE:.0e}"
                )
                raise ValueError(msg)


def _dynamic() -> tuple[dict[int, Any]]:
    return ({0: torch.export.Dim("n")},)


def _torch_export(model: WithPreprocessing, images: Tensor, classes: str, path: Path) -> Run:
    program = torch.export.export(model, (images[:2],), dynamic_shapes=_dynamic())
    torch.export.save(program, path, extra_files={"classes": classes})
    again = torch.export.load(path).module()

    def run(images: Tensor) -> tuple[Tensor, Tensor]:
        with torch.no_grad():
            logits, confidences = again(images)
        return logits, confidences

    return run


def _onnx(model: WithPreprocessing, images: Tensor, classes: str, path: Path) -> Run:
    try:
        import onnx
        import onnxruntime
        import onnxscript

        del onnx, onnxscript  # torch uses them
    except ImportError as error:
        msg = f'format "onnx" needs the extra "export"; run: {adding("export")}'
        raise ImportError(msg) from error
    program = torch.onnx.export(
        model,
        (images[:2],),
        dynamo=True,
        dynamic_shapes=_dynamic(),
        input_names=[INPUT],
        output_names=OUTPUTS,
        verbose=False,
    )
    assert program is not None
    program.model.metadata_props["classes"] = classes
    program.save(path, external_data=False)
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])

    def run(images: Tensor) -> tuple[Tensor, Tensor]:
        logits, confidences = session.run(OUTPUTS, {INPUT: images.numpy()})
        return torch.from_numpy(logits), torch.from_numpy(confidences)

    return run


def shown_to(intake: Intake, images: Any = None, n: int = 8) -> Tensor:
    """Return the pictures that a file must answer, by default a few real ones that ship.

    Raises
    ------
    ValueError
        For a model that reads no images, or fewer than 2 of them.

    Examples
    --------
    >>> shown_to(Intake("images", (1, 8, 8))).shape, shown_to(Intake("images", (3, 8, 9))).shape
    (torch.Size([8, 1, 8, 8]), torch.Size([8, 3, 8, 9]))
    """
    if intake.kind != "images":
        msg = f"export takes models of images; this one reads {intake.kind}"
        raise ValueError(msg)
    if images is None:
        ours = load_task("emoji_noto").test.images
        pixels = ours[:: len(ours) // n][:n].permute(0, 2, 3, 1).numpy()
        images = [Image.fromarray(picture) for picture in pixels]
        channels, height, width = intake.shape
        if height != width:  # no file becomes such a row, but arrays may have been
            colours = [im.convert("RGB" if channels == 3 else "L") for im in images]
            drawn = np.stack([np.asarray(im.resize((width, height))) for im in colours])
            images = torch.from_numpy(channels_first(drawn))
    _, rows = intake(images)
    in_range("number of images", len(rows), 2)
    return rows
