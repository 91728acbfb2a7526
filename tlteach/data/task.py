"""What a task is: labelled inputs in splits, with a card."""

from __future__ import annotations

import hashlib
import sys
from dataclasses import dataclass
from functools import cached_property

import torch

from tlteach.base import counted, same_length
from tlteach.data import store
from tlteach.data.card import Card
from tlteach.data.enough import told_smallest
from tlteach.data.names import some
from tlteach.data.shown import task_html
from tlteach.data.texts import texts_of

UNKNOWN = -1  # the label of a pool image that has none

KINDS = {2: "texts", 4: "images"}  # by the number of dimensions


@dataclass(frozen=True, eq=False)
class Split:
    """Inputs with what is known about each; row i of every tensor is one input.

    Parameters
    ----------
    inputs : uint8 tensor
        Images or spectrograms (n, c, h, w), or texts (n, length): UTF-8 bytes, zeros behind.
    labels : (n,) int64 tensor
        Class of each input.
    domains : (n,) int64 tensor
        Where it comes from, for example its drawing style.
    groups : (n,) int64 tensor
        Its origin: inputs of one origin never stand in two splits of a task.
    index : (n,) int64 tensor
        Its row in the data file.

    Raises
    ------
    TypeError
        If the inputs are not uint8.
    ValueError
        If the tensors differ in length or the inputs have another shape.

    Examples
    --------
    >>> n = torch.arange(4)
    >>> split = Split(torch.zeros(4, 1, 8, 8, dtype=torch.uint8), n % 2, 0 * n, n, n)
    >>> len(split), split.select(split.labels == 1).index.tolist()
    (4, [1, 3])
    """

    inputs: torch.Tensor
    labels: torch.Tensor
    domains: torch.Tensor
    groups: torch.Tensor
    index: torch.Tensor

    def __post_init__(self) -> None:
        same_length(**vars(self))
        if self.inputs.dtype != torch.uint8:
            msg = f"inputs must be uint8, 0 to 255; got {self.inputs.dtype}"
            raise TypeError(msg)
        if self.inputs.ndim not in KINDS:
            shape = tuple(self.inputs.shape)
            msg = f"inputs must have the shape (n, c, h, w) or, texts, (n, length); got {shape}"
            raise ValueError(msg)

    def __len__(self) -> int:
        return len(self.labels)

    @property
    def kind(self) -> str:
        """What the inputs are: "images" (spectrograms too) or "texts"."""
        return KINDS[self.inputs.ndim]

    @property
    def images(self) -> torch.Tensor:
        """The inputs, where they are images: (n, c, h, w) uint8."""
        self._must_be("images")
        return self.inputs

    @property
    def texts(self) -> list[str]:
        """The inputs, where they are texts."""
        self._must_be("texts")
        return texts_of(self.inputs)

    def _must_be(self, kind: str) -> None:
        if self.kind != kind:
            msg = f"this needs {kind}; the split holds {self.kind}: see its {self.kind!r}"
            raise TypeError(msg)

    def __repr__(self) -> str:
        shape, dtype = tuple(self.inputs.shape[1:]), self.inputs.dtype
        known, domains, groups = (
            len(column[column >= 0].unique()) for column in (self.labels, self.domains, self.groups)
        )
        return (
            f"Split of {counted(len(self), self.kind[:-1])}, each {shape} {dtype}: "
            f"{counted(known, 'class', 'classes')}, {counted(domains, 'domain')}, "
            f"{counted(groups, 'group')}"
        )

    def select(self, rows: torch.Tensor) -> Split:
        """Return the split of these rows: an int64 tensor of positions or a bool mask."""
        return Split(*(store.take(tensor, rows) for tensor in self._tensors))

    def joined(self, other: Split) -> Split:
        """Return this split with the rows of another behind it."""
        pairs = zip(self._tensors, other._tensors, strict=True)
        return Split(*(store.joined(*pair) for pair in pairs))

    @property
    def _tensors(self) -> tuple[torch.Tensor, ...]:
        return self.inputs, self.labels, self.domains, self.groups, self.index

    def __sizeof__(self) -> int:  # a cluster keeps what is large, instead of sending it every time
        return super().__sizeof__() + sum(tensor.nbytes for tensor in self._tensors)

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 of the bytes of inputs and labels, 64 hexadecimal digits."""
        digest = hashlib.sha256(str(tuple(self.inputs.shape)).encode())
        for tensor in (self.inputs, self.labels):
            digest.update(tensor.cpu().contiguous().numpy().data)
        return digest.hexdigest()


@dataclass(frozen=True, eq=False)
class Task:
    """Data to learn from and to be tested on.

    Parameters
    ----------
    name : str
        What results call it.
    classes, domains : tuple of str
        Names; labels and domain numbers point into them.
    train, val, test : Split
        To learn from, to choose settings on, and to look at once.
    pool : Split
        Further training images whose labels are not used; -1 where there is none.
    card : Card
        Where the data come from.
    shots, seed : int or None
        Labelled images per class and the subset's seed, where `few_shot` made the task.
    files : tuple of str
        Where the data were files: their names, which `Split.index` points into, so that every
        part of the task can name its own (see `files_of`). Empty where they were not.
    fit : str
        How images became squares, where they did: see `from_folder`. A model that is asked about
        another file has to do the same.
    mirrored : bool
        Whether an image in a mirror keeps its label, so that flips may augment it: true of
        animals, false of digits.
    resplit : bool
        Whether each seed is to draw its own split of everything: see `tlteach.resplit`.
    test_share : float or None
        Test images for each other image, where a seed drew the splits for that reason.

    Raises
    ------
    ValueError
        If there are files, and a split points past them.

    Examples
    --------
    >>> from tlteach.data import load_task
    >>> task = load_task("digits")
    >>> task.name, task.n_classes, task.kind, len(task.test)
    ('digits', 10, 'images', 1000)
    """

    name: str
    classes: tuple[str, ...]
    domains: tuple[str, ...]
    train: Split
    val: Split
    test: Split
    pool: Split
    card: Card
    shots: int | None = None
    seed: int | None = None
    files: tuple[str, ...] = ()
    fit: str = "crop"
    mirrored: bool = False
    resplit: bool = False
    test_share: float | None = None

    @property
    def augments(self) -> tuple[str, ...]:
        """What a search of the augmentation may choose from."""
        if self.kind == "texts":
            return ("none",)
        return ("none", "shift", "flip_crop") if self.mirrored else ("none", "shift")

    def __post_init__(self) -> None:
        for split in (self.train, self.val, self.test, self.pool) if self.files else ():
            if len(split) and int(split.index.max()) >= len(self.files):
                last, n = int(split.index.max()), len(self.files)
                msg = f"index must point into files, 0 to {n - 1}; got {last}"
                raise ValueError(msg)

    def files_of(self, split: Split) -> list[str]:
        """Name the files that the inputs of a split come from, in its order.

        Parameters
        ----------
        split : Split
            One of the task's, or a part of one.

        Raises
        ------
        ValueError
            If the task's data were not files.

        Examples
        --------
        >>> import tempfile
        >>> from pathlib import Path
        >>> from PIL import Image
        >>> from tlteach.data import from_folder
        >>> folder = Path(tempfile.mkdtemp())
        >>> for i, name in enumerate(["cat", "cat", "cat", "dog", "dog", "dog"]):
        ...     (folder / name).mkdir(exist_ok=True)
        ...     Image.new("RGB", (90, 60), (40 * i, 0, 0)).save(folder / name / f"{i}.png")
        >>> task = from_folder(folder)
        tmp...: 6 images, 0 errors, 8 warnings, 0 notes; tlt.audit looks closer
        >>> len(task.files_of(task.test)), set(task.files_of(task.labelled)) < set(task.files)
        (2, True)
        """
        if not self.files:
            msg = f"task {self.name!r} was not made from files, so it cannot name them"
            raise ValueError(msg)
        return [self.files[i] for i in split.index.tolist()]

    @property
    def kind(self) -> str:
        """What the inputs are: "images" (spectrograms too) or "texts"."""
        return self.test.kind

    @property
    def n_classes(self) -> int:
        """Number of classes."""
        return len(self.classes)

    @cached_property
    def labelled(self) -> Split:
        """Train and val as one split, in the order of the data file."""
        both = self.train.joined(self.val)
        return both.select(both.index.argsort())

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 over the class names and all splits, 64 hexadecimal digits."""
        parts = [*self.classes, *(split.fingerprint for split in self._splits.values())]
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()

    @property
    def _splits(self) -> dict[str, Split]:
        return {"train": self.train, "val": self.val, "test": self.test, "pool": self.pool}

    def __sizeof__(self) -> int:
        return super().__sizeof__() + sum(map(sys.getsizeof, self._splits.values()))

    def _told(self) -> dict[str, str]:
        """Return what the plain and the rich view say alike."""
        counts = ", ".join(f"{name} {len(split)}" for name, split in self._splits.items())
        shape = tuple(self.test.inputs.shape[1:])
        others = len(self.labelled.groups.unique()) if self.resplit else None
        return {
            "shots": ""
            if self.shots is None
            else f"{counted(self.shots, 'shot')}, seed {self.seed}",
            "inputs": f"{counts}; each {shape} {self.test.inputs.dtype}",
            "smallest": told_smallest(len(self.test.groups.unique()), others),
        }

    def __repr__(self) -> str:
        told = self._told()
        return (
            f"Task {self.name!r}{', ' * bool(told['shots'])}{told['shots']}\n"
            f"  {self.n_classes} classes: {', '.join(self.classes)}\n"
            f"  domains: {', '.join(self.domains)}\n"
            f"  {self.kind}: {told['inputs']}" + f"\n  {told['smallest']}" * bool(told["smallest"])
        )

    def _repr_html_(self) -> str:
        told, card = self._told(), self.card
        about = {"labels": told["shots"], self.kind: told["inputs"], "domains": some(self.domains)}
        about |= {"card": card.title, "source": card.source, "licence": card.licence}
        labels = {name: split.labels for name, split in self._splits.items() if name != "pool"}
        title = f"Task {self.name!r}"
        return task_html(title, about, self.classes, labels, self.train.inputs, told["smallest"])
