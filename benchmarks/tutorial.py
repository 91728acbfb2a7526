"""The rivals of three_regimes.py, written from the published settings of a well-known tutorial.

`plain` (P0): PyTorch's transfer learning tutorial. Images are decoded again in every epoch by four
worker processes, random resized crop and flip through Pillow, batches of 4, SGD with learning rate
1e-3 and momentum 0.9, a tenth of it every 7 epochs, 25 epochs, a validation pass after each, the
loss read at every step, the best weights kept on disk. Its frozen variant trains only the head,
and leaves BatchNorm statistics moving, as the tutorial does.

`tuned` (P1): the same loop as an expert would speed it up. Images decoded once into memory,
augmentation in batches, batches of 32 with the learning rate scaled alike, channels last, nothing
read from the device within an epoch.
"""

from __future__ import annotations

import copy
import tempfile
from collections.abc import Sequence
from pathlib import Path

import torch
import torch.nn.functional as F
from PIL import Image
from torch import Tensor, nn
from torch.utils.data import DataLoader, Dataset
from torchvision import transforms

File = tuple[Path, int]  # an image and its label
WORKERS = 4
LR, MOMENTUM, DECAY_EVERY, DECAY = 1e-3, 0.9, 7, 0.1
BATCH, BIG_BATCH = 4, 32
STORED = 256 / 224  # images are kept this much larger than what is cut out of them


class Files(Dataset[tuple[Tensor, int]]):
    """Images decoded when asked for."""

    def __init__(self, files: Sequence[File], transform: transforms.Compose) -> None:
        self.files, self.transform = files, transform

    def __len__(self) -> int:
        return len(self.files)

    def __getitem__(self, i: int) -> tuple[Tensor, int]:
        path, label = self.files[i]
        with Image.open(path) as image:
            return self.transform(image.convert("RGB")), label


def sgd(model: nn.Module, lr: float) -> tuple[torch.optim.SGD, torch.optim.lr_scheduler.StepLR]:
    optimizer = torch.optim.SGD(
        [p for p in model.parameters() if p.requires_grad], lr=lr, momentum=MOMENTUM
    )
    return optimizer, torch.optim.lr_scheduler.StepLR(optimizer, DECAY_EVERY, DECAY)


def plain(
    model: nn.Module,
    train: Sequence[File],
    val: Sequence[File],
    scale: transforms.Normalize,
    *,
    size: int,
    epochs: int,
) -> float:
    """Train as the tutorial does; return the last epoch's validation accuracy."""
    end = [transforms.ToTensor(), scale]
    cut = [transforms.RandomResizedCrop(size), transforms.RandomHorizontalFlip(), *end]
    centre = [transforms.Resize(round(size * STORED)), transforms.CenterCrop(size), *end]
    data = {
        "train": Files(train, transforms.Compose(cut)),
        "val": Files(val, transforms.Compose(centre)),
    }
    loaders = {
        name: DataLoader(part, BATCH, shuffle=True, num_workers=WORKERS)
        for name, part in data.items()
    }
    optimizer, schedule = sgd(model, LR)
    best = accuracy = 0.0
    with tempfile.TemporaryDirectory() as folder:
        kept = Path(folder) / "best.pt"
        for _ in range(epochs):
            for phase, loader in loaders.items():
                model.train(phase == "train")
                total, right = 0.0, 0
                for images, labels in loader:
                    optimizer.zero_grad()
                    with torch.set_grad_enabled(phase == "train"):
                        logits = model(images)
                        loss = F.cross_entropy(logits, labels)
                        if phase == "train":
                            loss.backward()
                            optimizer.step()
                    total += loss.item() * len(labels)
                    right += int((logits.argmax(1) == labels).sum())
                accuracy = right / len(data[phase])
            schedule.step()
            if accuracy > best:
                best = accuracy
                torch.save(model.state_dict(), kept)
    return accuracy


def tuned(
    model: nn.Module,
    train: tuple[Tensor, Tensor],
    val: tuple[Tensor, Tensor],
    scale: transforms.Normalize,
    *,
    size: int,
    epochs: int,
) -> float:
    """Train from uint8 tensors of side 256/224 times `size`; return the last val accuracy."""
    (images, labels), (val_images, val_labels) = train, val
    model.to(memory_format=torch.channels_last)
    optimizer, schedule = sgd(model, LR * BIG_BATCH / BATCH)
    margin = (val_images.shape[-1] - size) // 2
    centre = val_images[:, :, margin : margin + size, margin : margin + size]
    kept, best, accuracy = model.state_dict(), 0.0, 0.0
    for _ in range(epochs):
        model.train()
        for rows in torch.randperm(len(labels)).split(BIG_BATCH):
            x = scale(crop_and_flip(images[rows].float() / 255, size))
            loss = F.cross_entropy(model(x), labels[rows])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        schedule.step()
        model.eval()
        with torch.inference_mode():
            answers = [model(scale(x.float() / 255)).argmax(1) for x in centre.split(BIG_BATCH)]
        accuracy = (torch.cat(answers) == val_labels).float().mean().item()
        if accuracy > best:
            best, kept = accuracy, copy.deepcopy(model.state_dict())
    assert kept is not None
    return accuracy


def crop_and_flip(images: Tensor, size: int) -> Tensor:
    """Cut 8 to 100 % of each image's area at aspect 3/4 to 4/3, resize, flip half of them."""
    n = len(images)
    area, aspect = 0.08 + 0.92 * torch.rand(n), torch.exp((2 * torch.rand(n) - 1) * 0.2877)
    width, height = ((area * a).sqrt().clamp(max=1) for a in (aspect, 1 / aspect))
    theta = torch.zeros(n, 2, 3)
    theta[:, 0, 0] = width * torch.where(torch.rand(n) < 0.5, -1.0, 1.0)
    theta[:, 1, 1] = height
    theta[:, 0, 2] = (2 * torch.rand(n) - 1) * (1 - width)
    theta[:, 1, 2] = (2 * torch.rand(n) - 1) * (1 - height)
    grid = F.affine_grid(theta, [n, 3, size, size], align_corners=False)
    return F.grid_sample(images, grid, align_corners=False).contiguous(
        memory_format=torch.channels_last
    )
