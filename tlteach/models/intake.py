"""What a trained model reads: files, pictures, texts or rows become what its task held."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from tlteach.base import in_range, one_of
from tlteach.data import Task, rows_of
from tlteach.data.found import images_below
from tlteach.data.images import FITS, read_images, square, upright
from tlteach.models.preprocessing import Preprocessing, Recipe

SQUARED = {
    "crop": "its short side scaled to {} pixels and the middle cut out",
    "pad": "its long side scaled to {} pixels and white added",
    "squish": "both sides scaled to {} pixels",
}
KINDS = ("images", "texts", "spectrograms")


@dataclass(frozen=True)
class Intake:
    """What one input of a task is, and how anything else becomes one.

    Attributes
    ----------
    kind : {"images", "texts", "spectrograms"}
        Files and PIL images are read by a model of images only.
    shape : tuple of int
        Of one input, (channels, height, width); empty for texts, whose length varies.
    fit : {"crop", "pad", "squish"}
        How a picture becomes a square; see `from_folder`.

    Raises
    ------
    ValueError
        For an unknown `kind` or `fit`.

    Examples
    --------
    >>> names, rows = Intake("images", (1, 8, 8))([Image.new("RGB", (90, 60), "white")])
    >>> names, rows.shape, rows.unique().tolist()
    ([0], torch.Size([1, 1, 8, 8]), [255])
    """

    kind: str
    shape: tuple[int, ...]
    fit: str = "crop"

    def __post_init__(self) -> None:
        one_of("kind", self.kind, KINDS)
        one_of("fit", self.fit, FITS)

    @classmethod
    def of(cls, task: Task, recipe: Recipe) -> Intake:
        """Return what the inputs of a task are to a backbone with this recipe."""
        if task.kind == "texts":
            return cls("texts", ())
        kind = "images" if isinstance(recipe, Preprocessing) else "spectrograms"
        return cls(kind, tuple(task.test.inputs.shape[1:]), task.fit)

    @property
    def told(self) -> str:
        """How an input is prepared before the backbone's own preprocessing, in words."""
        if self.kind == "texts":
            return "texts as UTF-8 bytes"
        channels, height, width = self.shape
        what = f"{self.kind} of {channels} x {height} x {width} bytes"
        if not self._reads_files:
            return what
        colours = "RGB" if channels == 3 else "grey"
        return (
            f"{what}; a file is turned upright, laid on white where transparent, "
            f"{SQUARED[self.fit].format(height)} (bicubic), {colours}"
        )

    @property
    def _reads_files(self) -> bool:
        return self.kind == "images" and self.shape[1] == self.shape[2]

    def __call__(self, what: Any) -> tuple[list[str | int], Tensor]:
        """Return a name for each input, and all of them as a task would hold them.

        Parameters
        ----------
        what : path, folder, PIL image, list of these, or uint8 tensor or array
            ``~`` is your home. Tensors and arrays hold rows of the task's shape, or one such row;
            bytes of shape (height, width, 3), one or (n, ...), are photographs in RGB, prepared as
            files are. For a model of texts: a string, or a list of strings.

        Returns
        -------
        names : list of str or int
            Paths, inside a folder as seen from it; for what has no name, its place from 0.
        inputs : uint8 tensor of shape (n, channels, height, width) or (n, length)

        Raises
        ------
        TypeError
            For anything else.
        ValueError
            For another shape, no input at all, or files that are no readable images.
        FileNotFoundError
            For a path where nothing is.
        """
        if isinstance(what, np.ndarray) and what.dtype.kind in "US":  # of paths or texts
            what = what.ravel().tolist()
        if self._is_photograph(what):
            what = [*(what if what.ndim == 4 else what[None])]
        if isinstance(what, np.ndarray):
            what = torch.from_numpy(what.copy())
        if isinstance(what, Tensor):
            return self._rows(what)
        if isinstance(what, str | Path | Image.Image):
            if self.kind == "images" and not isinstance(what, Image.Image):
                folder = Path(what).expanduser()
                if folder.is_dir():
                    return self._folder(folder)
            what = [what]
        items: list[Any] = [
            Image.fromarray(item) if self._is_photograph(item) else item
            for item in (what if isinstance(what, Iterable) else [what])
        ]
        in_range("number of inputs", len(items), 1)
        if self.kind == "texts" and all(isinstance(item, str) for item in items):
            return list(range(len(items))), rows_of(items)
        return self._pictures(items)

    def _is_photograph(self, what: Any) -> bool:
        """Return whether an array has the channels last, as other libraries read files."""
        return (
            isinstance(what, np.ndarray)
            and what.dtype == np.uint8
            and what.ndim in (3, 4)
            and what.shape[-1] == 3
            and what.shape[-3:] != self.shape
            and self._reads_files
        )

    def sample(self) -> Tensor:
        """Return two inputs that look like nothing, to ask two networks whether they are the same.

        Examples
        --------
        >>> Intake("images", (3, 8, 8)).sample().shape, Intake("texts", ()).sample().dtype
        (torch.Size([2, 3, 8, 8]), torch.uint8)
        """
        if self.kind == "texts":
            return rows_of(["nothing in it is true", "but for this"])
        noise = torch.arange(2 * torch.Size(self.shape).numel()).remainder(251)
        return noise.to(torch.uint8).view(2, *self.shape)

    def _rows(self, rows: Tensor) -> tuple[list[str | int], Tensor]:
        least = 1 if self.kind == "texts" else 3
        if rows.ndim == least:
            rows = rows[None]
        fits = not self.shape or rows.shape[1:] == self.shape
        if rows.dtype != torch.uint8 or rows.ndim != least + 1 or not fits:
            wanted = ", ".join(map(str, self.shape or ("length",)))
            msg = (
                f"this model reads uint8 of shape (n, {wanted}), as its task holds; got "
                f"{rows.dtype} of shape {tuple(rows.shape)}: files and PIL images of any size are "
                "scaled, tensors are not"
            )
            raise ValueError(msg)
        in_range("number of inputs", len(rows), 1)
        return list(range(len(rows))), rows

    def _folder(self, folder: Path) -> tuple[list[str | int], Tensor]:
        side, found = self._side(), images_below(folder)
        in_range(f"number of images in {folder.name}", len(found.files) + len(found.bad), 1)
        images = self._read([(file.path, file.name) for file in found.files], side, found.bad)
        return [file.name for file in found.files], self._coloured(images)

    def _read(
        self,
        files: list[tuple[Path, str]],
        side: int,
        lost: Mapping[str, str] = MappingProxyType({}),
    ) -> list[Tensor]:
        """Read files by what `from_folder` reads them, or name every one that cannot be read."""
        read = read_images(files, side, self.fit)
        if bad := {**lost, **read.bad}:
            told = "".join(f"\n  {name}: {why}" for name, why in bad.items())
            n = len(files) + len(lost)
            msg = f"{len(bad)} of {n} files are not readable images; repair or remove them:{told}"
            raise ValueError(msg)
        return [*read.images]

    def _pictures(self, items: list[Any]) -> tuple[list[str | int], Tensor]:
        side = self._side()
        strange = [item for item in items if not isinstance(item, str | Path | Image.Image)]
        if strange:
            kind = type(strange[0]).__name__
            msg = f"an input must be a path, a PIL image, or a row of a uint8 tensor; got {kind}"
            raise TypeError(msg)
        files = [Path(item).expanduser() for item in items if not isinstance(item, Image.Image)]
        absent = [str(file) for file in files if not file.is_file()]
        if absent:
            msg = f"{len(absent)} of {len(items)} inputs are not files: {', '.join(absent[:3])}"
            raise FileNotFoundError(msg)
        from_files = iter(self._read([(file, str(file)) for file in files], side))
        images = [
            square(upright(item), side, self.fit)
            if isinstance(item, Image.Image)
            else next(from_files)
            for item in items
        ]
        names = [i if isinstance(item, Image.Image) else str(item) for i, item in enumerate(items)]
        return names, self._coloured(images)

    def _side(self) -> int:
        """Return the side of the squares that files become, or say that there are none."""
        if not self._reads_files:
            shape = f" of shape {self.shape}" if self.shape else ""
            msg = f"this model reads {self.kind}{shape}, which no picture file becomes"
            raise ValueError(msg)
        return self.shape[1]

    def _coloured(self, images: list[Tensor]) -> Tensor:
        """Stack RGB images; in grey, by Pillow's weights, where the task is grey."""
        if self.shape[0] == 3:
            return torch.stack(images)
        grey = [Image.fromarray(im.permute(1, 2, 0).numpy()).convert("L") for im in images]
        return torch.stack([torch.from_numpy(np.array(image))[None] for image in grey])
