"""Build glyphs.npz: the letters A to Z in many free fonts, rendered from Debian packages."""

from __future__ import annotations

import re
import string
import sys
from collections import defaultdict
from pathlib import Path

import numpy as np
from fonts import PACKAGES
from PIL import Image, ImageDraw, ImageFont

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import common

LETTERS = string.ascii_uppercase
SIZE, INK, DRAWN_AT = 28, 20, 120  # pixels: image, a letter's longer side, before scaling down
TEST_SHARE = 0.2
SAME_DESIGN = 0.012  # mean squared difference of two faces, pixels 0..1: clones lie below
STYLES = {  # at most one face of each kind per font family
    "regular": ["regular", "book", "roman", "normal", "medium"],
    "bold": ["bold", "demibold", "heavy"],
    "italic": ["italic", "oblique", "regular italic", "book oblique", "medium italic"],
    "bold italic": ["bold italic", "bold oblique", "demibold italic"],
}
QUALIFIER = re.compile(r" (ADF|Std|Pro|No[23]|Style|Titling)\b")
UNUSABLE = {
    "Linux Biolinum Keyboard O": "draws keys of a keyboard",
    "Linux Libertine Initials O": "ornaments hide the letters",
    "Cupola": "outlines too fine for 28 px",
    "Ecolier_court": "guide lines, too fine for 28 px",
}
Face = tuple[str, str]  # font family, kind of style


def main() -> None:
    options = common.arguments(__file__, __doc__)
    folders = common.fetch_deb(options.cache, {name: row[0] for name, row in PACKAGES.items()})
    faces: dict[Face, np.ndarray] = {}
    family: dict[Face, str] = {}
    for folder in folders.values():
        found = read(folder)
        names = {name: QUALIFIER.sub("", name) for name, _ in found}
        for face, images in sorted(found.items()):
            own = names[face[0]]
            faces.setdefault(face, images)  # "Lato Light" is drawn like "Lato": one family
            family[face] = min(n for n in names.values() if own.startswith(n))
    join_clones(faces, family)
    write(options.out, faces, family)


def read(folder: Path) -> dict[Face, np.ndarray]:
    """Render one face of each style of every font family in a package."""
    paths: dict[str, dict[str, Path]] = defaultdict(dict)
    for path in sorted(p for p in folder.rglob("*") if p.suffix.lower() in (".ttf", ".otf")):
        if path.exists():  # a link may point into another package
            name, style = ImageFont.truetype(path, 20).getname()
            paths[str(name)].setdefault(str(style).lower(), path)
    faces = {}
    for name, styles in sorted(paths.items()):
        chosen = {
            kind: next((styles[word] for word in words if word in styles), None)
            for kind, words in STYLES.items()
        }
        if not any(chosen.values()):
            chosen["regular"] = min(styles.items())[1]
        for kind, path in chosen.items():
            if path is not None and (images := usable(name, path)) is not None:
                faces[name, kind] = images
    return faces


def usable(name: str, path: Path) -> np.ndarray | None:
    """Render a face, or say why it is left out and return None."""
    images = None if name in UNUSABLE else letters(path)
    if images is None:
        print(f"left out {name}: {UNUSABLE.get(name, 'a letter is missing')}")
    elif len(set(common.hashes(images))) < len(LETTERS):
        print(f"left out {name}: several letters look the same")
        return None
    return images


def letters(path: Path) -> np.ndarray | None:
    """Draw A to Z white on black: longer side INK, ink box centred; None if a letter is blank."""
    font = ImageFont.truetype(path, DRAWN_AT, layout_engine=ImageFont.Layout.BASIC)
    images = np.zeros((len(LETTERS), SIZE, SIZE), np.uint8)
    for image, letter in zip(images, LETTERS, strict=True):
        canvas = Image.new("L", (4 * DRAWN_AT, 4 * DRAWN_AT))
        ImageDraw.Draw(canvas).text((DRAWN_AT, DRAWN_AT), letter, fill=255, font=font)
        box = canvas.getbbox()
        if box is None:
            return None
        ink = canvas.crop(box)
        scale = INK / max(ink.size)
        size = [max(1, round(side * scale)) for side in ink.size]
        ink = ink.resize((size[0], size[1]), Image.Resampling.LANCZOS)
        left, top = (SIZE - ink.width) // 2, (SIZE - ink.height) // 2
        image[top : top + ink.height, left : left + ink.width] = ink
    return images


def join_clones(faces: dict[Face, np.ndarray], family: dict[Face, str]) -> None:
    """Give two families one name where any two of their faces are nearly the same drawing."""
    keys = list(faces)
    flat = np.stack([faces[key].ravel() for key in keys]).astype(np.float64) / 255
    square = (flat**2).sum(1)
    distance = (square[:, None] + square - 2 * flat @ flat.T) / flat.shape[1]
    for i, j in np.argwhere(np.triu(distance < SAME_DESIGN, 1)):
        one, two = sorted((family[keys[i]], family[keys[j]]))
        if one != two:
            print(f"one family: {one} and {two}")
            for key in keys:
                family[key] = one if family[key] == two else family[key]


def write(out: Path, faces: dict[Face, np.ndarray], family: dict[Face, str]) -> None:
    """Split by family and write the data file."""
    names = sorted(set(family.values()))
    test = common.shuffled(names, "glyphs")[: round(TEST_SHARE * len(names))]
    n = len(LETTERS)
    images = np.concatenate(list(faces.values()))[:, None]
    labels = np.tile(np.arange(n, dtype=np.uint8), len(faces))
    split = np.repeat([np.uint8(family[face] in test) for face in faces], n)
    groups = np.repeat([np.int32(names.index(family[face])) for face in faces], n)
    keep = common.distinct(images, labels, split)
    print(f"{len(faces)} faces, {len(names)} families, {len(test)} of them for testing")
    arrays = {
        "images": images[keep],
        "labels": labels[keep],
        "domains": np.zeros(keep.sum(), np.uint8),
        "groups": groups[keep],
        "split": split[keep],
        "classes": np.array(list(LETTERS)),
        "domain_names": np.array(["glyphs"]),
        "group_names": np.array(names),
    }
    common.write(out, "glyphs", arrays)


if __name__ == "__main__":
    main()
