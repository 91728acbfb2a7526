"""Files of medical images, small and made up, in the layout of the archives."""

import sys

import numpy as np
import pytest

SIZES = {"train": 40, "val": 10, "test": 12}


def alone(monkeypatch, folder):
    """No cache of this user, no network, and no medmnist unless a test brings one."""
    monkeypatch.setenv("TLTEACH_HOME", str(folder / "home"))
    monkeypatch.setenv("TLTEACH_OFFLINE", "1")
    monkeypatch.setitem(sys.modules, "medmnist", None)


def h5_files(folder, **changed):
    h5py = pytest.importorskip("h5py", reason='needs h5py: pip install "tlteach[medical]"')
    folder.mkdir(parents=True, exist_ok=True)
    for split, n in zip(("train", "valid", "test"), SIZES.values(), strict=True):
        shade = np.arange(n, dtype=np.uint8)[:, None, None, None]
        made = {
            f"{split}_x": np.broadcast_to(shade, (n, 96, 96, 3)),
            f"{split}_y": (np.arange(n, dtype=np.uint8) % 2).reshape(n, 1, 1, 1),
        }
        for part, value in (made | {k: v for k, v in changed.items() if k in made}).items():
            with h5py.File(folder / f"camelyonpatch_level_2_split_{part}.h5", "w") as file:
                file[part[-1]] = value
    return folder
