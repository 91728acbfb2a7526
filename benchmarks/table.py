"""Write the tables of README.md and docs/benchmarks.md: `python benchmarks/table.py`.

README.md gets ten rows that a reader cares about, the page all of them. There a number without a
unit says how many times as fast ours is as the peer behind the comma, so its goal is the least; a
goal with "at most" speaks for itself. Whatever is in `results` is told, reached or not.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parent
README = FOLDER.parent / "README.md"
PAGE = FOLDER.parent / "docs" / "benchmarks.md"
START, END = "<!-- benchmarks -->", "<!-- /benchmarks -->"
ORDER = (
    "probe", "three_regimes", "extract", "time_to_accuracy", "same_work", "fine_tune", "partial",
    "halving", "seeds", "cold_start", "growth", "memory", "scale", "widgets", "gpu",
)  # fmt: skip
# told by the headers and README's table of notebooks, and by docs/intervals.md
ELSEWHERE = ("notebooks", "intervals", "pseudo_labels")
SHORT = {  # result, row and peer by what is compared
    "features of Lite0, 500 images at 96 px": ("extract", "features, lite0 at 96 px, plain timm"),
    "270 linear probes, as exact": ("probe", "fastest way"),
    "ants and bees, the same fine-tuning": ("three_regimes", "fine-tuned, same recipe, P1"),
    "drawings at 64 px, fine-tuned for as many epochs": ("fine_tune", None),
    "8 small networks from scratch": ("seeds", "8 x resnet8 from scratch, seed after seed"),
    "first curve in a fresh process": ("cold_start", "first curve, fresh process"),
    "memory of features at 96 px": ("memory", "memory of features at 96 px, plain timm"),
    "`compare` with two Dask workers, against none": ("scale", "two Dask workers, this process"),
    "from a chart's slider to pixels, the slowest chart": ("widgets", None),
    "20 epochs of fine-tuning on a GPU": ("gpu", "fine-tuned at 64 px, 20 epochs on a GPU"),
}
# in place of those above once it is measured: equal accuracy tells more than equal epochs
AS_RIGHT = "until as right as a peer in the end"
TO_ACCURACY = {
    "ants and bees, the same fine-tuning": ("photos, frozen", f"photographs, frozen {AS_RIGHT}"),
    "drawings at 64 px, fine-tuned for as many epochs": (
        "emoji, fine-tuned", f"drawings, fine-tuned {AS_RIGHT}",
    ),
}  # fmt: skip
NAMES = {"P0": "the tutorial's loop", "P1": "the tutorial's loop, tuned", "lightning": "Lightning"}
PROBE_PEERS = ("lbfgs", "fastest solver", "fastest way")
PROBE_GOAL = 0.5  # seconds


def results(folder: Path) -> dict[str, dict[str, Any]]:
    """Return what was measured, in the table's order."""
    paths = {name: folder / f"{name}.json" for name in ORDER}
    return {name: json.loads(path.read_text()) for name, path in paths.items() if path.exists()}


def rows(found: Mapping[str, Mapping[str, Any]]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield the name and the numbers of each row."""
    for name, result in found.items():
        if name == "probe":
            ours = result["seconds"]["ours"]
            reached = ours["median"] <= PROBE_GOAL
            goal = {"unit": "s", "goal": PROBE_GOAL, "valid": True, "reached": reached}
            yield "270 probes", ours | goal
            yield from ((f"270 probes, {peer}", result[peer]) for peer in PROBE_PEERS)
        else:
            yield from result["rows"].items()
        for row, numbers in result.get("laptop", {}).get("rows", {}).items():
            yield f"{row} (AVX2 only)", numbers


def line(name: str, row: Mapping[str, Any]) -> str:
    """Return one line of the table."""
    unit = row.get("unit", "x")
    after = "" if unit in ("", "x") else f" {unit}"
    measured = f"{row['median']:.3g}{after} ({row['q25']:.3g} to {row['q75']:.3g})"
    if row["goal"] is None:
        goal, state = "", "" if row["valid"] else "void"
    else:
        goal = f"{row['goal']:g}" if unit == "x" else f"at most {row['goal']:g}{after}"
        state = "void" if not row["valid"] else "reached" if row["reached"] else "missed"
    return f"| {name} | {measured} | {goal} | {state} |"


def machines(found: Iterable[Mapping[str, Any]]) -> str:
    """Return a sentence for each machine and day."""
    told = []
    for result in found:
        here = result["machine"]
        parts = [here["processor"], *here.get("matrix_units", []), f"{here['cores']} cores"]
        parts += [here["gpu"] or "no GPU", f"torch {here['versions']['torch']}", here["date"]]
        told.append(f"Measured on {', '.join(parts)}.")
    return "\n".join(dict.fromkeys(told))


def table(folder: Path = FOLDER / "results") -> str:
    """Return the whole table, and below it where it was measured."""
    found = results(folder)
    head = ["| job | times as fast, or as said | goal | |", "|---|---|---|---|"]
    body = [line(name, row) for name, row in rows(found)]
    return "\n".join([*head, *body, "", machines(found.values())])


def short(folder: Path = FOLDER / "results") -> str:
    """Return the ten rows of README.md: ours, the best peer, their ratio, and where."""
    found = results(folder)
    head = [
        "| what | ours | best peer | ratio, 1st to 3rd quarter | where |",
        "|---|---|---|---|---|",
    ]
    chosen = {what: (what, *place) for what, place in SHORT.items()}
    for what, (start, instead) in TO_ACCURACY.items():
        if (row := hardest(found.get("time_to_accuracy", {}), start)) is not None:
            chosen[what] = (instead, "time_to_accuracy", row)
    lines = [_short(what, found[name], row) for what, name, row in chosen.values()]
    return "\n".join([*head, *lines])


def hardest(result: Mapping[str, Any], start: str) -> str | None:
    """Return the row of the peer that does best against ours, of those that count."""
    rows = result.get("rows", {})
    here = [name for name in rows if name.startswith(f"{start}, ") and rows[name]["valid"]]
    return min(here, key=lambda name: rows[name]["median"], default=None)


def _short(what: str, result: Mapping[str, Any], row: str | None) -> str:
    here = result["machine"]
    where = f"{here['gpu'] or str(here['cores']) + ' cores'}, {here['date']}"
    if row is None and "seconds" in result:  # several peers did the same work
        peers = {name: t["median"] for name, t in result["seconds"].items() if name != "ours"}
        best = min(peers, key=lambda name: peers[name])
        row = f"fine-tuned at 64 px, {best}"
    if row is None:
        row = max(result["rows"], key=lambda name: result["rows"][name]["median"])
    numbers = result[row] if row in result else result["rows"][row]
    ours, peer = _sides(result, row, numbers)
    ratio = f"{numbers['median']:.3g} ({numbers['q25']:.3g} to {numbers['q75']:.3g})"
    if numbers.get("unit", "x") != "x":
        ours, ratio = f"{numbers['median']:.3g} {numbers['unit']}", ""
    ours = ours or f"{numbers['median']:.3g} times as fast"
    return f"| {what} | {ours} | {peer} | {ratio} | {where} |"


def _sides(result: Mapping[str, Any], row: str, numbers: Mapping[str, Any]) -> tuple[str, str]:
    """Return what ours and the peer took, where both are in the result."""
    name = row.rpartition(", ")[2]
    if "aim" in numbers:
        peer, took = numbers["peer"], numbers["ours"]["seconds"]["median"]
        told = f"{peer['seconds']['median']:.3g} s for {numbers['aim']['accuracy']:.2f} right"
        label = NAMES.get(peer["name"], peer["name"])
        return "never" if took is None else f"{took:.3g} s", f"{label}: {told}"
    if "mib" in numbers:
        (_, ours), (_, peer) = numbers["mib"].items()
        return f"{ours['median']:.0f} MiB", f"{name}: {peer['median']:.0f} MiB"
    if "rivals" in result:
        took = {arm: told["seconds"] for arm, told in result["rivals"].items()}
        ours, peer = took["ours fine-tuned, same recipe"], took[f"{name} fine-tuned"]
    elif "plain" in numbers:
        ours, peer = numbers["ours"]["seconds"], numbers["plain"]["seconds"]
    elif "theirs" in numbers.get("seconds", {}):
        ours, peer, name = numbers["seconds"]["ours"], numbers["seconds"]["theirs"], "one by one"
    elif name in result.get("seconds", {}):
        ours, peer = result["seconds"]["ours"], result["seconds"][name]
        name = f"scikit-learn, {name}" if row == name else name
    else:
        return "", ""
    accuracy = _accuracies(result, name)
    return f"{ours['median']:.3g} s", f"{NAMES.get(name, name)}: {peer['median']:.3g} s{accuracy}"


def _accuracies(result: Mapping[str, Any], name: str) -> str:
    """Return what a peer reached beside ours, where the two may differ."""
    if name not in (reached := result.get("accuracy", {})):
        return ""
    theirs, ours = (sum(reached[who]) / len(reached[who]) for who in (name, "ours"))
    return f" for {theirs:.2f} right, ours {ours:.2f}"


def written(text: str, told: str, start: str = START, end: str = END) -> str:
    """Return the text with `told` between its markers.

    Raises
    ------
    ValueError
        If a marker is missing, stands twice or they stand the wrong way round.
    """
    once = text.count(start) == 1 == text.count(end)
    if not once or text.index(start) > text.index(end):
        msg = f"the page needs one line {start} and below it one line {end}"
        raise ValueError(msg)
    before, _, rest = text.partition(start)
    _, _, after = rest.partition(end)
    return f"{before}{start}\n\n{told}\n\n{end}{after}"


def main() -> None:
    try:
        pages = {
            README: written(README.read_text(), short()),
            PAGE: written(PAGE.read_text(), table()),
        }
    except ValueError as error:
        sys.exit(str(error))
    for path, text in pages.items():
        path.write_text(text)
    print("wrote the tables of README.md and docs/benchmarks.md")


if __name__ == "__main__":
    main()
