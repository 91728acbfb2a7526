"""Build emoji.npz: 12 kinds of thing in four drawing styles, rasterised from npm packages."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import common

SIZE = 64
FINER = 4  # drawn at 256 px and averaged: resvg leaves filters and masks ragged at 64 px
TEST_SHARE = 0.4  # of the concepts
PACKAGES = {
    "@iconify-json/noto": "1.2.9",
    "@iconify-json/twemoji": "1.2.5",
    "@iconify-json/fluent-emoji-flat": "1.2.6",
    "@iconify-json/fluent-emoji": "1.2.7",
    "emojibase-data": "17.0.0",
    "@resvg/resvg-js": "2.6.2",
}
STYLES = {
    "noto": "noto",
    "twemoji": "twemoji",
    "fluent_flat": "fluent-emoji-flat",
    "fluent_color": "fluent-emoji",
}
CLASSES = {  # our class: Unicode's subgroups; "face-*" stands for every subgroup so named
    "mammal": ["animal-mammal"],
    "bird": ["animal-bird"],
    "sea_reptile_bug": ["animal-amphibian", "animal-reptile", "animal-marine", "animal-bug"],
    "plant": ["plant-flower", "plant-other"],
    "fruit_vegetable": ["food-fruit", "food-vegetable"],
    "prepared_food": ["food-prepared", "food-asian", "food-sweet"],
    "vehicle": ["transport-ground", "transport-water", "transport-air"],
    "building": ["place-building", "place-religious"],
    "sky": ["sky-weather"],
    "clothing": ["clothing"],
    "tool_household": ["tool", "household"],
    "face": ["face-*"],
}
LEFT_OUT = {  # what a person who reads the class's name would not put there
    "mammal": "1f43d 1f43e 1f984",  # pig nose, paw prints, unicorn
    "sea_reptile_bug": "1f578 1f9a0",  # spider web, microbe
    "plant": "1f3f5 1fab9 1faba 1f344",  # rosette, two nests, mushroom
    "prepared_food": "1f9c2 1f95a",  # salt shaker, egg
    # station, roller skate, bus stop, motorway, rails, oil drum, fuel pump, wheel, siren, two
    # traffic lights, stop sign, construction sign, anchor, ring buoy, parachute, seat
    "vehicle": "1f689 1f6fc 1f68f 1f6e3 1f6e4 1f6e2 26fd 1f6de 1f6a8 1f6a5 1f6a6 1f6d1 1f6a7 2693 "
    "1f6df 1fa82 1f4ba",
    "building": "1f3d7 1f9f1 1faa8 1fab5 1f5fd",  # crane, brick, rock, wood, a statue
    # thermometer, four umbrellas, two snowmen, fire, droplet, wave
    "sky": "1f321 1f302 2602 2614 26f1 2603 26c4 1f525 1f4a7 1f30a",
    # fan, five bags, hair pick, prayer beads, lipstick, ring, gem
    "clothing": "1faad 1f45b 1f45c 1f45d 1f6cd 1f392 1faae 1f4ff 1f484 1f48d 1f48e",
    # dagger, swords, bomb, boomerang, bow, shield, link, broken chain, lift, bubbles
    "tool_household": "1f5e1 2694 1f4a3 1fa83 1f3f9 1f6e1 1f517 26d3-200d-1f4a5 1f6d7 1fae7",
    "face": "1f480 2620 1f4a9 1f47b 1f47e",  # two skulls, a heap, a ghost, a game's monster
}


def main() -> None:
    options = common.arguments(__file__, __doc__)
    modules = common.fetch_npm(options.cache, PACKAGES)
    concepts, labels, drawings = read(modules)
    images = np.concatenate([render(modules, style) for style in drawings])
    n, styles = len(concepts), len(STYLES)
    arrays = {
        "images": images,
        "labels": np.tile(np.array(labels, np.uint8), styles),
        "domains": np.repeat(np.arange(styles, dtype=np.uint8), n),
        "groups": np.tile(np.arange(n, dtype=np.int32), styles),
        "split": np.tile(split(concepts, labels), styles),
    }
    keep = common.distinct(images, arrays["labels"], arrays["split"])
    arrays = {key: array[keep] for key, array in arrays.items()}
    arrays["classes"] = np.array(list(CLASSES))
    arrays["domain_names"] = np.array(list(STYLES))
    arrays["group_names"] = np.array(concepts)
    common.write(options.out, "emoji", arrays)


def read(modules: Path) -> tuple[list[str], list[int], list[list[str]]]:
    """Return the code points found in all styles, their classes and each style's SVGs."""
    icons = {}
    names = {}
    for style, package in STYLES.items():
        folder = modules / "@iconify-json" / package
        icons[style] = json.loads((folder / "icons.json").read_text())
        chars = json.loads((folder / "chars.json").read_text())
        names[style] = {code.replace("-fe0f", ""): name for code, name in chars.items()}
    names["fluent_color"] = names["fluent_flat"]  # the package has no code points, the same names
    concepts, labels, chosen = [], [], []
    for code, label in described(modules / "emojibase-data"):
        drawn = [names[style].get(code, "") for style in STYLES]
        if all(name in icons[s]["icons"] for s, name in zip(STYLES, drawn, strict=True)):
            concepts.append(code)
            labels.append(label)
            chosen.append(drawn)
    drawings = [
        [as_svg(icons[style], drawn[i]) for drawn in chosen] for i, style in enumerate(STYLES)
    ]
    return concepts, labels, drawings


def described(folder: Path) -> Iterator[tuple[str, int]]:
    """Yield each emoji's code point and class, in Unicode's order."""
    subgroups = json.loads((folder / "meta" / "groups.json").read_text())["subgroups"]
    class_of: dict[str, int] = {}
    left_out = set(" ".join(LEFT_OUT.values()).split())
    for label, patterns in enumerate(CLASSES.values()):
        for name in subgroups.values():
            if name in patterns or ("face-*" in patterns and name.startswith("face-")):
                class_of[name] = label
    for emoji in json.loads((folder / "en" / "data.json").read_text()):
        name = subgroups.get(str(emoji.get("subgroup")))
        code = emoji["hexcode"].lower().replace("-fe0f", "")
        if name in class_of and code not in left_out:
            yield code, class_of[name]


def as_svg(package: dict[str, Any], name: str) -> str:
    """Wrap one icon's body as a square SVG, the drawing in the middle."""
    icon = package["icons"][name]
    left, top = icon.get("left", 0), icon.get("top", 0)
    width, height = (icon.get(key, package.get(key, 16)) for key in ("width", "height"))
    side = max(width, height)
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
        f'viewBox="{left - (side - width) / 2} {top - (side - height) / 2} {side} {side}" '
        f'width="{side}" height="{side}">{icon["body"]}</svg>'
    )


def render(modules: Path, drawings: list[str]) -> np.ndarray:
    """Rasterise SVGs with resvg to uint8 (n, 3, SIZE, SIZE), on white."""
    script = Path(__file__).resolve().parent / "render.js"
    raw = subprocess.run(
        ["node", script, str(SIZE * FINER)],
        input=json.dumps(drawings).encode(),
        stdout=subprocess.PIPE,
        check=True,
        env={**os.environ, "NODE_PATH": str(modules)},
    ).stdout
    fine = np.frombuffer(raw, np.uint8).reshape(len(drawings), SIZE, FINER, SIZE, FINER, 3)
    area = FINER**2
    sums = fine.sum(axis=(2, 4), dtype=np.uint16)
    return ((sums + area // 2) // area).astype(np.uint8).transpose(0, 3, 1, 2)


def split(concepts: list[str], labels: list[int]) -> np.ndarray:
    """Mark the test concepts: a fixed share of each class, in the order of their hashes."""
    side = np.full(len(concepts), common.TRAIN, np.uint8)
    members = [[c for c, y in zip(concepts, labels, strict=True) if y == k] for k in range(12)]
    n_test = round(TEST_SHARE * len(concepts))
    for names, quota in zip(members, common.quotas([len(m) for m in members], n_test), strict=True):
        side[np.isin(concepts, common.shuffled(names, "emoji")[:quota])] = common.TEST
    return side


if __name__ == "__main__":
    main()
