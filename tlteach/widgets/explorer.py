"""Looking at single images: what was said of them, where the model looked, what is near."""

from __future__ import annotations

import base64
import html
import io

import ipywidgets
import torch
from matplotlib import colormaps
from PIL import Image
from torch import Tensor

from tlteach import explain
from tlteach.backbones import Backbone
from tlteach.cells import all_labels
from tlteach.data import Task, few_shot, load_task
from tlteach.inference import extract_features, predict
from tlteach.settings import TrainConfig
from tlteach.training import Run, train
from tlteach.zoo import load_backbone

SIDE, SMALL = 160, 96  # pixels on the screen
NEAR = 5
C = 0.01  # the middle of the range of "frozen"
SHOWN = ("all", "wrong", "right")


class Explorer(ipywidgets.VBox):  # type: ignore[misc]  # ipywidgets has no types
    """One test image after the other, with answers, Grad-CAM and nearest training images.

    Attributes
    ----------
    run : Run
        What is looked at.
    rows : list of int
        Rows of the test split that can be chosen now.
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

    def _choose(self, _: object = None) -> None:
        right = self._logits.argmax(1) == self._few.test.labels
        wanted = {"all": torch.ones_like(right), "wrong": ~right, "right": right}
        self.rows = wanted[self.which.value].nonzero().flatten().tolist()
        self.place.max = max(0, len(self.rows) - 1)
        self.place.value = 0
        self._draw()

    def _draw(self, _: object = None) -> None:
        if not self.rows:
            self.view.value = f"<p>No image of the test split is {self.which.value}.</p>"
            return
        self.view.value = "".join(self._parts(self.rows[self.place.value]))

    def _parts(self, row: int) -> list[str]:
        split, classes = self._few.test, self._few.classes
        image, logits = split.images[row], self._logits[row]
        label, said = classes[int(split.labels[row])], classes[int(logits.argmax())]
        shares, places = logits.softmax(0).topk(min(3, len(classes)))
        answers = [
            f"<li>{html.escape(classes[i])}: {100 * share:.0f} %</li>"
            for share, i in zip(shares.tolist(), places.tolist(), strict=True)
        ]
        heat = explain.grad_cam(self.run.model, image[None])[0]
        alt = f"where the model looked to say {said}"
        near, how_near = explain.nearest(self._features[[row]], self._known, k=NEAR)
        known = self._few.train
        others = [
            _figure(known.images[i], f"{classes[int(known.labels[i])]}, cosine {cosine:.2f}", SMALL)
            for i, cosine in zip(near[0].tolist(), how_near[0].tolist(), strict=True)
        ]
        return [
            '<div style="display:flex;flex-wrap:wrap;gap:1em">',
            _figure(image, f"it is: {label}", SIDE),
            _figure(overlay(image, heat), alt, SIDE),
            f"<div><p>The model says:</p><ol>{''.join(answers)}</ol></div></div>",
            "<p>Nearest training images, by what the backbone sees:</p>",
            f'<div style="display:flex;flex-wrap:wrap;gap:1em">{"".join(others)}</div>',
        ]


def overlay(image: Tensor, heat: Tensor) -> Tensor:
    """Return an image with a heat map over it.

    Parameters
    ----------
    image : uint8 tensor of shape (1 or 3, height, width)
    heat : float tensor of shape (height, width)
        In [0, 1].

    Returns
    -------
    uint8 tensor of shape (3, height, width)

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
    backbone : str or Backbone, default "lite0"
        Lite0 is loaded for images of 64 pixels.
    regime : str, default "frozen"
    shots : int, default 10
        Labelled images per class.
    seed : int, default 0

    Returns
    -------
    Explorer

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
