"""What the build scripts share: fetching packages, splitting, and writing the one data file."""

from __future__ import annotations

import argparse
import hashlib
import json
import subprocess
import zipfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np

TRAIN, TEST = 0, 1
REPOSITORY = Path(__file__).resolve().parent.parent
EPOCH = (1980, 1, 1, 0, 0, 0)


def arguments(script: str, description: str | None) -> argparse.Namespace:
    """Read `--cache` (downloaded packages) and `--out` (where the data file goes)."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--cache", type=Path, default=REPOSITORY / ".cache" / "datasets")
    parser.add_argument("--out", type=Path, default=Path(script).resolve().parent)
    found = parser.parse_args()
    found.cache = found.cache.resolve()
    found.cache.mkdir(parents=True, exist_ok=True)
    found.out.mkdir(parents=True, exist_ok=True)
    return found


def fetch_npm(cache: Path, packages: dict[str, str]) -> Path:
    """Install npm packages at pinned versions; return their node_modules folder."""
    modules = cache / "npm" / "node_modules"

    def installed(name: str) -> str:
        manifest = modules / name / "package.json"
        return json.loads(manifest.read_text())["version"] if manifest.exists() else ""

    if any(installed(name) != version for name, version in packages.items()):
        wanted = [f"{name}@{version}" for name, version in packages.items()]
        npm = ["npm", "install", "--ignore-scripts", "--no-audit", "--prefix", cache / "npm"]
        subprocess.run([*npm, *wanted], check=True)
    return modules


def fetch_deb(cache: Path, packages: dict[str, str]) -> dict[str, Path]:
    """Download Debian packages at pinned versions; return each one's unpacked folder."""
    archives = cache / "deb"
    archives.mkdir(exist_ok=True)
    folders = {}
    for name, version in packages.items():
        folders[name] = cache / "unpacked" / f"{name}_{version.replace(':', '%3a')}"
        if folders[name].exists():
            continue
        pattern = f"{name}_{version.replace(':', '%3a')}_*.deb"
        if not list(archives.glob(pattern)):
            subprocess.run(["apt-get", "download", f"{name}={version}"], cwd=archives, check=True)
        folders[name].parent.mkdir(exist_ok=True)
        subprocess.run(["dpkg", "-x", next(archives.glob(pattern)), folders[name]], check=True)
    return folders


def shuffled(keys: Sequence[str], salt: str) -> list[str]:
    """Order distinct keys by their hashes: random-looking and the same on every machine."""
    return sorted(set(keys), key=lambda key: hashlib.sha256(f"{salt}/{key}".encode()).digest())


def quotas(sizes: Sequence[int], total: int) -> list[int]:
    """Share `total` among classes in proportion to `sizes`, by largest remainder."""
    exact = [total * size / sum(sizes) for size in sizes]
    counts = [int(share) for share in exact]
    by_remainder = sorted(range(len(sizes)), key=lambda i: (counts[i] - exact[i], i))
    for i in by_remainder[: total - sum(counts)]:
        counts[i] += 1
    return counts


def hashes(images: np.ndarray) -> np.ndarray:
    """Return one content hash per image."""
    return np.array([hashlib.sha256(image.tobytes()).hexdigest() for image in images])


def distinct(images: np.ndarray, labels: np.ndarray, split: np.ndarray) -> np.ndarray:
    """Mark the rows to keep so that no image stands on both sides of any split.

    All test images stay. A training image goes if it equals a test image, an earlier training
    image, or a training image of another class, byte for byte; the counts are printed.
    """
    content = hashes(images)
    seen: dict[str, int] = {}
    keep = split == TEST
    in_test = set(content[keep])
    dropped = {"a test image": 0, "a training image": 0}
    for row in np.flatnonzero(~keep):
        first = seen.setdefault(content[row], row)
        if content[row] in in_test:
            dropped["a test image"] += 1
        elif first != row:
            dropped["a training image"] += 1
            if labels[first] != labels[row]:
                msg = f"rows {first} and {row} are equal but have different classes"
                raise ValueError(msg)
        else:
            keep[row] = True
    print("training images dropped:", ", ".join(f"{n} equal {k}" for k, n in dropped.items()))
    return keep


def write(out: Path, name: str, arrays: dict[str, np.ndarray]) -> None:
    """Write `name`.npz and SHA256 with the same bytes every time, and print the counts."""
    path = out / f"{name}.npz"
    with zipfile.ZipFile(path, "w") as archive:
        for key, array in arrays.items():
            entry = zipfile.ZipInfo(f"{key}.npy", EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry._compresslevel = 9  # type: ignore[attr-defined]
            with archive.open(entry, "w") as file:
                np.lib.format.write_array(file, np.ascontiguousarray(array), allow_pickle=False)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    (out / "SHA256").write_text(f"{digest}  {path.name}\n")
    print(f"{path.name}: {path.stat().st_size / 1e6:.2f} MB, {digest}")
    print(counts_table(arrays))


def counts_table(arrays: dict[str, np.ndarray]) -> str:
    """Return the card's table: images per class and split."""
    lines = ["| class | training | test |", "|---|---:|---:|"]
    labels, split = arrays["labels"], arrays["split"]
    for i, name in enumerate(arrays["classes"]):
        train, test = (int(((labels == i) & (split == side)).sum()) for side in (TRAIN, TEST))
        lines.append(f"| {name} | {train} | {test} |")
    lines.append(f"| all | {int((split == TRAIN).sum())} | {int((split == TEST).sum())} |")
    return "\n".join(lines)
