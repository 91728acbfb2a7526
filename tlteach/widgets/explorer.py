"""Looking at single images: what was said of them, where the model looked, what is near."""

from __future__ import annotations

import base64
import html
import io
from dataclasses import dataclass

import ipywidgets
import pandas as pd
import torch
from matplotlib import colormaps
from matplotlib.figure import Figure
from PIL import Image
from torch import Tensor

from tlteach.analysis import explain
from tlteach.base import checked, one_of
from tlteach.data import Task, all_labels, few_shot, load_task
from tlteach.models import Backbone, extract_features, load_backbone, predict
from tlteach.plots.letters import literal
from tlteach.training import Run, TrainConfig, train

SIDE, SMALL = 160, 96  # pixels on the screen
NEAR = 5
C = 0.01  # the middle of the range of "frozen"
SHOWN = ("all", "wrong", "right")


@dataclass(frozen=True)
class Seen:
    """One test image: answers with their shares, where the model looked, nearest others."""

    image: Tensor
    label: str
    answers: list[tuple[str, float]]
    looked: Tensor
    near: list[tuple[Tensor, str, float]]


class Explorer(ipywidgets.VBox):  # type: ignore[misc]  # ipywidgets has no types
    """One test image after the other, with answers, Grad-CAM and nearest training images.

    Parameters
    ----------
    run : Run
        What is looked at.
    few : Task
        What it learnt from, and is tested on.

    Attributes
    ----------
    run : Run
        What is looked at.
    rows : list of int
        Rows of the test split that can be chosen now.

    Examples
    --------
    >>> import tlteach as tlt
    >>> few, net = tlt.few_shot(tlt.load_task("digits"), 5, seed=0), tlt.load_backbone("small_cnn")
    >>> Explorer(tlt.train(net, few, "frozen", seed=0), few)
    <explorer of digits: 1000 images>
    """

    def __init__(self, run: Run, few: Task) -> None:
        self.run, self._few = run, few
        self._logits = predict(run.model, few.test.images)
        self._known = extract_features(run.model.backbone, few.train.images, cached=False)
        self._features = extract_features(run.model.backbone, few.test.images, cached=False)
        self.rows: list[int] = []
        self.which = ipywidgets.Dropdown(options=SHOWN, description="images")
        self.place = ipywidgets.BoundedIntText(0, min=0, max=0, description="number")
        self.view = ipywidgets.HTML()
        self.which.observe(self._choose, "value")
        self.place.observe(self._draw, "value")
        super().__init__([ipywidgets.HBox([self.which, self.place]), self.view])
        self._choose()

    def __repr__(self) -> str:
        return f"<explorer of {self._few.name}: {len(self.rows)} images>"

    @property
    def state(self) -> str:
        """Which image is looked at, as a short text; may be assigned."""
        return f"images={self.which.value};number={self.place.value}"

    @state.setter
    def state(self, text: str) -> None:
        known = dict(part.partition("=")[::2] for part in text.split(";"))
        which = one_of("images", known.get("images", self.which.value), SHOWN)
        number = known.get("number", "0")
        most = len(self._rows_of(which)) - 1
        if not number.isdecimal() or int(number) > max(0, most):
            msg = f"number must be between 0 and {most}; got {number!r}"
            raise ValueError(msg)
        self.which.value, self.place.value = which, int(number)

    def table(self) -> pd.DataFrame:
        """Return every image that can be chosen now: row, label, said, share."""
        shares, said = self._logits[self.rows].softmax(1).max(1)
        names, labels = self._few.classes, self._few.test.labels[self.rows]
        columns = {
            "row": self.rows,
            "label": [names[i] for i in labels.tolist()],
            "said": [names[i] for i in said.tolist()],
            "share": shares.tolist(),
        }
        return pd.DataFrame(columns)

    def describe(self) -> str:
        """Return what is shown of the image at hand, in words."""
        if not self.rows:
            return f"No image of the test split is {self.which.value}."
        seen = self._seen(self.rows[self.place.value])
        answers = ", ".join(f"{name} {100 * share:.0f} %" for name, share in seen.answers)
        near = ", ".join(f"{name} (cosine {cosine:.2f})" for _, name, cosine in seen.near)
        return (
            f"Image {self.place.value} of {len(self.rows)} ({self.which.value}): it is "
            f"{seen.label}. The model says: {answers}. Nearest training images: {near}."
        )

    def figure(self) -> Figure:
        """Return the image, where the model looked, and the neighbours, by matplotlib."""
        seen = self._seen(self.rows[self.place.value])
        shown = [(seen.image, f"it is: {seen.label}"), (seen.looked, f"says: {seen.answers[0][0]}")]
        shown += [(image, name) for image, name, _ in seen.near]
        figure = Figure(figsize=(2 * len(shown), 2.6), layout="constrained")
        axes = figure.subplots(1, len(shown), squeeze=False)[0]
        for ax, (image, name) in zip(axes, shown, strict=True):
            ax.imshow(image.expand(3, -1, -1).permute(1, 2, 0).numpy())
            ax.set_title(name)
            ax.axis("off")
        literal(figure)
        return figure

    def _choose(self, _: object = None) -> None:
        self.rows = self._rows_of(self.which.value)
        self.place.max = max(0, len(self.rows) - 1)
        self.place.value = 0
        self._draw()

    def _rows_of(self, which: str) -> list[int]:
        right = self._logits.argmax(1) == self._few.test.labels
        wanted = {"all": torch.ones_like(right), "wrong": ~right, "right": right}
        rows: list[int] = wanted[which].nonzero().flatten().tolist()
        return rows

    def _draw(self, _: object = None) -> None:
        if not self.rows:
            self.view.value = f"<p>No image of the test split is {self.which.value}.</p>"
            return
        self.view.value = "".join(self._parts(self.rows[self.place.value]))

    def _seen(self, row: int) -> Seen:
        """Work out what there is to see of one test image."""
        split, classes = self._few.test, self._few.classes
        image, logits = split.images[row], self._logits[row]
        shares, places = logits.softmax(0).topk(min(3, len(classes)))
        heat = explain.grad_cam(self.run.model, image[None])[0]
        near, how_near = explain.nearest(self._features[[row]], self._known, k=NEAR)
        known = self._few.train
        return Seen(
            image,
            classes[int(split.labels[row])],
            [(classes[i], s) for s, i in zip(shares.tolist(), places.tolist(), strict=True)],
            overlay(image, heat),
            [
                (known.images[i], classes[int(known.labels[i])], cosine)
                for i, cosine in zip(near[0].tolist(), how_near[0].tolist(), strict=True)
            ],
        )

    def _parts(self, row: int) -> list[str]:
        seen = self._seen(row)
        answers = [
            f"<li>{html.escape(name)}: {100 * share:.0f} %</li>" for name, share in seen.answers
        ]
        alt = f"where the model looked to say {seen.answers[0][0]}"
        others = [
            _figure(image, f"{name}, cosine {cosine:.2f}", SMALL)
            for image, name, cosine in seen.near
        ]
        return [
            '<div style="display:flex;flex-wrap:wrap;gap:1em">',
            _figure(seen.image, f"it is: {seen.label}", SIDE),
            _figure(seen.looked, alt, SIDE),
            f"<div><p>The model says:</p><ol>{''.join(answers)}</ol></div></div>",
            "<p>Nearest training images, by what the backbone sees:</p>",
            f'<div style="display:flex;flex-wrap:wrap;gap:1em">{"".join(others)}</div>',
        ]


@checked
def overlay(image: Tensor, heat: Tensor) -> Tensor:
    """Return an image with a heat map over it.

    Parameters
    ----------
    image : uint8 tensor of shape (1 or 3, height, width)
        What lies below.
    heat : float tensor of shape (height, width)
        In [0, 1].

    Returns
    -------
    uint8 tensor of shape (3, height, width)
        In colours.

    Examples
    --------
    >>> overlay(torch.zeros(1, 4, 4, dtype=torch.uint8), torch.ones(4, 4)).shape
    torch.Size([3, 4, 4])
    """
    colours = torch.from_numpy(colormaps["magma"](heat.cpu().numpy())[..., :3])
    mixed = (image.expand(3, -1, -1) + 255 * colours.permute(2, 0, 1)) / 2
    return mixed.round().to(torch.uint8)


def _figure(image: Tensor, words: str, side: int) -> str:
    buffer = io.BytesIO()
    Image.fromarray(image.expand(3, -1, -1).permute(1, 2, 0).numpy()).save(buffer, format="png")
    source = base64.b64encode(buffer.getvalue()).decode()
    text = html.escape(words, quote=True)
    style = f"width:{side}px;height:{side}px;image-rendering:pixelated"
    picture = f'<img alt="{text}" style="{style}" src="data:image/png;base64,{source}">'
    return (
        f'<figure style="margin:0;width:{side}px">{picture}<figcaption>{text}</figcaption></figure>'
    )


@checked
def look(
    task: str | Task = "emoji",
    *,
    backbone: str | Backbone = "lite0",
    regime: str = "frozen",
    shots: int = 10,
    seed: int = 0,
) -> Explorer:
    """Train a model on few labels and look at single test images.

    Parameters
    ----------
    task : str or Task, default "emoji"
        What to learn; a name is one that `load_task` knows.
    backbone : str or Backbone, default "lite0"
        Lite0 is loaded for images of 64 pixels.
    regime : str, default "frozen"
        A key of `REGIMES`.
    shots : int, default 10
        Labelled images per class.
    seed : int, default 0
        Draws the labels, and sets what the training draws.

    Returns
    -------
    Explorer
        A widget.

    Raises
    ------
    ImportError
        Without captum, which the extra ``explain`` brings.

    Examples
    --------
    >>> explorer = look("digits", backbone="small:glyphs", shots=5)
    >>> explorer.which.value = "wrong"
    >>> len(explorer.rows) < 1000, "Nearest training images" in explorer.view.value
    (True, True)
    """
    known = load_task(task) if isinstance(task, str) else task
    size = 64 if backbone == "lite0" else None
    net = load_backbone(backbone, size=size) if isinstance(backbone, str) else backbone
    few = all_labels(few_shot(known, shots, seed=seed))
    run = train(net, few, regime, TrainConfig(c=C), seed=seed)
    return Explorer(run, few)
