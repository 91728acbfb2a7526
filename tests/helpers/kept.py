"""Small models to keep, and folders of real pictures."""

from pathlib import Path

from PIL import Image

import tlteach as tlt

FEW = {"search": "smoke", "seeds": (0,), "baselines": False, "progress": False, "n_jobs": 1}
BRIEF = tlt.TrainConfig(updates=3, batch_size=8, precision="fp32")


def kept(task, backbone, regime="frozen", shots=3, **asked):
    """Compare one regime in brief, and keep it."""
    net = tlt.load_backbone(backbone) if isinstance(backbone, str) else backbone
    how = FEW | {"backbone": net, "scratch_backbone": net, "config": BRIEF, "device": "cpu"}
    table = tlt.compare(task, regimes=[regime], shots=[shots], **how)
    return tlt.train_best(table, task, backbone=net, device="cpu", **asked)


def write_pictures(root: Path, n=6, classes=3) -> Path:
    """Write drawings of emoji as PNG, a folder for each class; each is a little larger."""
    split = tlt.load_task("emoji_noto").train
    for label in range(classes):
        for i, image in enumerate(split.images[split.labels == label][:n]):
            folder = root / f"kind{label}"
            folder.mkdir(parents=True, exist_ok=True)
            picture = Image.fromarray(image.permute(1, 2, 0).numpy())
            picture.resize((64 + 3 * i, 70)).save(folder / f"{i}.png")
    return root
