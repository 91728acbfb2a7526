"""Write the table of README.md from the results: `python benchmarks/table.py`.

A number without a unit says how many times as fast ours is as the peer behind the comma, so its
goal is the least; a goal with "at most" speaks for itself. Whatever is in `results` is told,
reached or not.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parent
README = FOLDER.parent / "README.md"
START, END = "<!-- benchmarks -->", "<!-- /benchmarks -->"
ORDER = (
    "probe", "three_regimes", "extract", "fine_tune", "partial", "seeds", "cold_start", "growth",
    "memory", "scale", "widgets", "gpu",
)  # fmt: skip
# told by the headers and README's table of notebooks, and by docs/intervals.md
ELSEWHERE = ("notebooks", "intervals", "pseudo_labels")
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
        text = written(README.read_text(), table())
    except ValueError as error:
        sys.exit(str(error))
    README.write_text(text)
    print("wrote the table of README.md")


if __name__ == "__main__":
    main()
