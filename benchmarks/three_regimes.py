"""Frozen features and fine-tuning against a tutorial's loop, on photographs of ants and bees.

Rivals (see tutorial.py): P0, PyTorch's transfer learning tutorial as published, and P1, the same
loop tuned. Two tracks. Same recipe: the same backbone (Lite0), pixels (224), epochs and float32
for all. Own recipe: P0 as published against what this package would do: the fewest pixels that
cross-validate as well as any on the training images, and the defaults of `train`.
Every time runs from image files to validation accuracy. A seed draws 100 training images per
class, the head, the order and the augmentation; a row is void where mean accuracies over seeds
lie more than two standard errors apart.

P0 is slow: it runs `--epochs` (5 by default, for the accuracies too) and where 25 are meant its
time is scaled up in proportion. `--epochs 25` runs it in full. Both classes ARE classes of
ImageNet, so the backbone has seen this task: the accuracies are no evidence for transfer.
"""

from __future__ import annotations

import math
import sys
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from common import agree, arguments, machine, ratio, save, spread, tell, timed, warn_if_busy

# isort: split
import torch
from torch import Tensor, nn
from torchvision import models, transforms
from tutorial import STORED, File, plain, tuned

import tlteach as tlt
from tlteach.base import generator, rng
from tlteach.data import Card
from tlteach.data.images import read_image
from tlteach.measures import fit_probes

DATA = Path(__file__).resolve().parents[2] / "shared" / "data" / "hymenoptera"
EPOCHS, SIZE = 25, 224  # the tutorial's
PER_CLASS, BATCH, C = 100, 32, 0.01
SIZES, FOLDS = (64, 96, 128, 160, 224), 5  # this package's own recipe picks among these
IMAGENET = ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))
OWN = 40  # gradient steps of ours where no epochs are given
CARD = Card("ants and bees", "ImageNet", "research use", "PyTorch tutorials", "")


@dataclass
class Rival:
    """One way to get from files to an accuracy, and what came out: one value for each seed."""

    work: Callable[[list[File], int], float]
    epochs: tuple[int, int] = (1, 1)  # those that ran, and those that are meant
    seconds: list[float] = field(default_factory=list)
    accuracy: list[float] = field(default_factory=list)

    def run(self, train: list[File], seed: int) -> None:
        """Go from files to accuracy once, on the clock."""
        torch.manual_seed(seed)
        seconds = timed(lambda: self.accuracy.append(self.work(train, seed)))
        self.seconds.append(seconds * self.epochs[1] / self.epochs[0])

    def told(self) -> dict[str, Any]:
        """Return what the result file says of it."""
        ran, meant = self.epochs
        scaled = {"timed_epochs": ran, "scaled_to": meant} if ran < meant else {}
        accuracy = [round(value, 4) for value in self.accuracy]
        return {"seconds": spread(self.seconds), "accuracy": accuracy} | scaled


def files(part: str, per_class: int | None = None, seed: int = 0) -> list[File]:
    """Return images and labels; of each class all, or so many that the seed draws."""
    random = rng(seed, "subset")
    found: list[File] = []
    for label, folder in enumerate(sorted(p for p in (DATA / part).iterdir() if p.is_dir())):
        paths = sorted(folder.iterdir())
        chosen = random.permutation(len(paths))[:per_class]
        found += [(paths[i], label) for i in sorted(chosen)]
    return found


def decoded(parts: list[File], size: int) -> tuple[Tensor, Tensor]:
    images = torch.stack([read_image(path, size) for path, _ in parts])
    return images, torch.tensor([label for _, label in parts])


def task_of(train: list[File], val: list[File], size: int) -> tlt.Task:
    """Return a task whose test split is the tutorial's validation images."""
    splits = []
    for part in (train, val):
        images, labels = decoded(part, size)
        rows = torch.arange(len(labels))
        splits.append(tlt.Split(images, labels, 0 * labels, rows, rows))
    none = splits[0].select(torch.arange(0))
    return tlt.Task("ants_bees", ("ant", "bee"), ("photo",), splits[0], none, splits[1], none, CARD)


def frozen(val: list[File], size: int, precision: str) -> Rival:
    """Return ours: features once, then logistic regression."""

    def work(train: list[File], seed: int) -> float:
        task = task_of(train, val, size)
        net = tlt.load_backbone("lite0", size=size)
        x, test = (
            tlt.extract_features(net, split.images, precision=precision, cached=False)
            for split in (task.train, task.test)
        )
        probes = fit_probes(x, task.train.labels, [torch.arange(len(x))], [C], n_classes=2)
        return tlt.accuracy(probes.logits(test)[0, 0], task.test.labels)

    return Rival(work)


def fine_tuned(val: list[File], size: int, epochs: int | None, precision: str) -> Rival:
    """Return ours: `train` with its defaults, for so many epochs or `OWN` updates."""

    def work(train: list[File], seed: int) -> float:
        task = task_of(train, val, size)
        config = tlt.TrainConfig(precision=precision, updates=OWN)
        if epochs is not None:
            updates = math.ceil(epochs * len(train) / BATCH)
            config = replace(config, updates=updates, batch_size=BATCH)
        net = tlt.load_backbone("lite0", size=size)
        run = tlt.train(net, task, "fine_tune", config, seed=seed, device="cpu")
        return run.test(task, device="cpu")["accuracy"]

    return Rival(work)


def own_size(
    sizes: tuple[int, ...] = SIZES, per_class: int | None = None
) -> tuple[int, dict[int, float]]:
    """Return the fewest pixels that do as well as any on the TRAINING images, and all scores.

    As well: the cross-validated accuracy of a probe lies within one standard error of the best.
    """
    scores, errors = {}, {}
    for size in sizes:
        images, labels = decoded(files("train", per_class), size)
        x = tlt.extract_features(tlt.load_backbone("lite0", size=size), images, precision="fp32")
        fold = torch.randperm(len(x), generator=generator(0, "split")) % FOLDS
        fits = [(fold != k).nonzero().squeeze(1) for k in range(FOLDS)]
        logits = fit_probes(x, labels, fits, [C], n_classes=2).logits(x)[:, 0]
        right = logits.argmax(-1)[fold, torch.arange(len(x))] == labels
        scores[size] = float(right.float().mean())
        errors[size] = float(right.float().std() / len(x) ** 0.5)
    best = max(scores, key=scores.__getitem__)
    enough = scores[best] - errors[best]
    return min(size for size in sizes if scores[size] >= enough), scores


def network(name: str, *, only_head: bool) -> tuple[nn.Module, transforms.Normalize]:
    """Return a plain network with two outputs, and the scaling that its weights expect."""
    if name == "resnet18":  # random weights: good for its time, not for its accuracy
        net: nn.Module = models.resnet18(num_classes=2).requires_grad_(not only_head)
        net.fc.requires_grad_(True)
        return net, transforms.Normalize(*IMAGENET)
    backbone = tlt.load_backbone(name)
    net = backbone.net.requires_grad_(not only_head)
    scale = transforms.Normalize(backbone.preprocessing.mean, backbone.preprocessing.std)
    return nn.Sequential(net, nn.Linear(backbone.n_features, 2)), scale


def p0(val: list[File], size: int, epochs: int, *, only_head: bool, name: str = "lite0") -> Rival:
    """Return the tutorial's loop; `name` is its backbone."""

    def work(train: list[File], seed: int) -> float:
        net, scale = network(name, only_head=only_head)
        return plain(net, train, val, scale, size=size, epochs=epochs)

    return Rival(work, (epochs, EPOCHS))


def p1(val: list[File], size: int, epochs: int) -> Rival:
    """Return the same loop, tuned."""

    def work(train: list[File], seed: int) -> float:
        net, scale = network("lite0", only_head=False)
        stored = round(size * STORED)
        parts = decoded(train, stored), decoded(val, stored)
        return tuned(net, *parts, scale, size=size, epochs=epochs)

    return Rival(work)


def rivals_of(val: list[File], size: int, epochs: int, own: int) -> dict[str, Rival]:
    """Return all that is run; where P0 runs fewer epochs than it means, ours does as well."""
    return {
        "P0 frozen": p0(val, size, epochs, only_head=True),
        "P0 fine-tuned": p0(val, size, epochs, only_head=False),
        "P1 fine-tuned": p1(val, size, epochs),
        "ours frozen, same recipe": frozen(val, size, "fp32"),
        "ours fine-tuned, same recipe": fine_tuned(val, size, epochs, "fp32"),
        "ours frozen, own recipe": frozen(val, own, "auto"),
        "ours fine-tuned, own recipe": fine_tuned(val, own, None, "auto"),
    }


# name of the row: theirs, ours, goal, whether both times are of `epochs` epochs
ROWS = {
    "frozen, same recipe": ("P0 frozen", "ours frozen, same recipe", 25, False),
    "frozen, own recipe": ("P0 frozen", "ours frozen, own recipe", 150, False),
    "fine-tuned, same recipe": ("P0 fine-tuned", "ours fine-tuned, same recipe", 3.5, True),
    "fine-tuned, same recipe, P1": ("P1 fine-tuned", "ours fine-tuned, same recipe", 1.0, True),
    "fine-tuned, own recipe": ("P0 fine-tuned", "ours fine-tuned, own recipe", 60, False),
}


def compared(rivals: dict[str, Rival]) -> dict[str, Any]:
    """Print and return every ratio, void where the accuracies differ."""
    rows = {}
    for row, (theirs, mine, goal, same_epochs) in ROWS.items():
        slow, fast = rivals[theirs], rivals[mine]
        share = slow.epochs[0] / slow.epochs[1] if same_epochs else 1.0
        gate = agree(fast.accuracy, slow.accuracy)
        found = ratio([second * share for second in slow.seconds], fast.seconds)
        print(f"accuracy, ours - theirs: {gate['difference']:+.3f} ({gate['standard_error']:.3f})")
        rows[row] = tell(row, found, goal, valid=gate["agree"]) | {"accuracy": gate}
    return rows


def tutorials_own(val: list[File], size: int, per_class: int, *, only_head: bool) -> dict[str, Any]:
    """Return the time of one epoch with the tutorial's own backbone, scaled up."""
    rival = p0(val, size, 1, only_head=only_head, name="resnet18")
    rival.run(files("train", per_class), 0)
    told = rival.told()
    del told["accuracy"]
    return told


def main() -> None:
    options = arguments("frozen and fine-tuned against a tutorial's loop", epochs=5, seeds=3)
    if not DATA.is_dir():
        sys.exit(f"no photographs in {'/'.join(DATA.parts[-3:])}: this benchmark needs them")
    epochs, seeds = (1, 2) if options.quick else (options.epochs, options.seeds)
    size, per_class, val = SIZE, PER_CLASS, files("val")
    if options.quick:
        size, per_class, val = 64, 4, files("val", 4)
    warnings.filterwarnings("ignore", "This DataLoader will create")  # the tutorial's four workers
    here = machine()
    warn_if_busy(here)
    own, scores = own_size(SIZES[:2], 20) if options.quick else own_size()
    rivals = rivals_of(val, size, epochs, own)
    for rival in rivals_of(files("val", 4), size, 1, own).values():  # warm up, with a full batch
        rival.run(files("train", min(per_class, BATCH // 2)), seed=0)
    for seed in range(seeds):
        train = files("train", per_class, seed)
        for name in list(rivals)[:: 1 if seed % 2 == 0 else -1]:
            rivals[name].run(train, seed)
            last = rivals[name]
            print(f"{name}: {last.seconds[-1]:.1f} s, accuracy {last.accuracy[-1]:.3f}", flush=True)
    found: dict[str, Any] = {"epochs": epochs, "seeds": seeds, "images": [2 * per_class, len(val)]}
    found["own_size"] = {"pixels": own, "cross_validated_on_training_images": scores}
    found["rows"] = compared(rivals)
    found["rivals"] = {name: rival.told() for name, rival in rivals.items()}
    found["P0 with its own ResNet-18, random weights: time only"] = {
        kind: tutorials_own(val, size, per_class, only_head=kind == "frozen")
        for kind in ("frozen", "fine-tuned")
    }
    save("three_regimes", here, found, options.out)


if __name__ == "__main__":
    main()
