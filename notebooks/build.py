"""Write the learner and solution notebooks from notebooks/src, their only source.

A line ``# solution`` in a code cell starts what learners do not get; a cell tagged "solution"
is dropped from their copy. Notebooks are run in the smoke tier, and cells tagged "keep_output"
keep their outputs: those hold facts that must not drift, and nbval checks them.
Learners' copies hold no output, since it would answer what they are asked to predict; their
twins in ``checked`` do, for nbval. Nor do they hold cells tagged "facts", which are there for
nbval alone: the text beside them says in words what they check. Solved copies keep pictures and
tables, too, for slides and for who reads them where they are stored.
Where pyproject.toml tells a public address of the repository, learners' copies begin with badges of
Colab and Kaggle, and with a cell that installs the package where it is missing.

    python notebooks/build.py           write
    python notebooks/build.py --check   only compare; exit status 1 where a notebook is stale
    python notebooks/build.py --prose   write where only Markdown changed, and run nothing
"""

from __future__ import annotations

import argparse
import copy
import os
import re
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import jupytext
import nbformat
from nbclient import NotebookClient
from nbformat import NotebookNode

from tlteach.classroom.kit_pictures import drawn

HERE = Path(__file__).parent
PROJECT = HERE.parent / "pyproject.toml"
GITHUB = re.compile(r"https://github\.com/[\w.-]+/[\w.-]+")
BADGES = "badges"  # drawn here: a picture from elsewhere would tell others who opens a notebook
OPENS = {
    "Colab": "https://colab.research.google.com/github/{place}/blob/main/notebooks/{name}.ipynb",
    "Kaggle": "https://kaggle.com/kernels/welcome?src={address}/blob/main/notebooks/{name}.ipynb",
}
BADGE = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="128" height="20" role="img">'
    '<title>Open in {service}</title><rect width="128" height="20" rx="3" fill="#0b5c8f"/>'
    '<text x="64" y="14" fill="#fff" font-family="sans-serif" font-size="11" text-anchor="middle">'
    "Open in {service}</text></svg>\n"
)
INSTALL = """import importlib.util

if importlib.util.find_spec("tlteach") is None:  # on Colab, on Kaggle: some two minutes
    %pip install --quiet "tlteach[course] @ git+{address}"
"""
CUT = re.compile(r"^ *# solution\n", re.MULTILINE)


def variants(source: Path) -> Iterator[tuple[Path, NotebookNode]]:
    """Yield the path and the unexecuted notebook of each variant that is run of one source."""
    for folder, solved in ((HERE / "checked", False), (HERE / "solutions", True)):
        notebook = jupytext.read(source, fmt="py:percent")
        notebook.cells = [
            cell
            for cell in notebook.cells
            if solved or "solution" not in cell.metadata.get("tags", [])
        ]
        for number, cell in enumerate(notebook.cells):
            cell.id = f"{source.stem}-{number:02d}"
            cell.metadata = {"tags": cell.metadata["tags"]} if "tags" in cell.metadata else {}
            if cell.cell_type == "code":
                before, *after = CUT.split(cell.source, maxsplit=1)
                cell.source = (before + "".join(after) if solved else before).strip("\n")
            else:  # the glossary lies one folder up
                cell.source = cell.source.replace("](glossary.md", "](../glossary.md")
        notebook.metadata = {
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
        }
        notebook.nbformat, notebook.nbformat_minor = 4, 5
        yield folder / f"{source.stem}.ipynb", notebook


def public_address(project: Path = PROJECT) -> str:
    """Return where the repository can be cloned from by anybody: one line of pyproject, or ""."""
    urls = tomllib.loads(project.read_text(encoding="utf-8"))["project"].get("urls", {})
    address = urls.get("Repository", "").removesuffix("/").removesuffix(".git")
    if address and not GITHUB.fullmatch(address):
        msg = f"Repository must be https://github.com/OWNER/NAME, for Colab; got {address!r}"
        raise ValueError(msg)
    return str(address)


def opened_elsewhere(notebook: NotebookNode, name: str, address: str) -> None:
    """Put badges under the title, and below that cell one that installs what is missing."""
    first = notebook.cells[0]
    place = address.removeprefix("https://github.com/")
    badges = " ".join(
        f"[![Open in {service}]({BADGES}/{service.lower()}.svg)]"
        f"({link.format(place=place, address=address, name=name)})"
        for service, link in OPENS.items()
    )
    title, _, rest = first.source.partition("\n")
    first.source = f"{title}\n\n{badges}\n{rest}"
    cell = nbformat.v4.new_code_cell(INSTALL.format(address=address).strip(), id=f"{name}-install")
    cell.metadata["tags"] = ["install"]
    notebook.cells.insert(1, cell)


def draw_badges(folder: Path) -> None:
    """Write the two pictures."""
    folder.mkdir(exist_ok=True)
    for service in OPENS:
        picture = BADGE.format(service=service)
        (folder / f"{service.lower()}.svg").write_text(picture, encoding="utf-8")


def blank(checked: NotebookNode, name: str = "", address: str = "") -> NotebookNode:
    """Return the learner's copy of a checked notebook: no outputs, the glossary beside it."""
    notebook = copy.deepcopy(checked)
    notebook.cells = [c for c in notebook.cells if "facts" not in c.metadata.get("tags", [])]
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
        else:
            cell.source = cell.source.replace("](../glossary.md", "](glossary.md")
    if address:
        opened_elsewhere(notebook, name, address)
    return notebook


def is_current(path: Path, fresh: NotebookNode) -> bool:
    """Return whether a written notebook has the cells of its source."""

    def plain(notebook: NotebookNode) -> list[tuple[str, str, str, list[str]]]:
        return [
            (cell.id, cell.cell_type, cell.source, cell.metadata.get("tags", []))
            for cell in notebook.cells
        ]

    return path.exists() and plain(nbformat.read(path, as_version=4)) == plain(fresh)


def is_blank(path: Path, fresh: NotebookNode, address: str) -> bool:
    """Return whether a learner's copy has the cells of its source, and nothing that was run."""
    if not is_current(path, blank(fresh, path.stem, address)):
        return False
    cells = [c for c in nbformat.read(path, as_version=4).cells if c.cell_type == "code"]
    return not any(cell.outputs or cell.execution_count for cell in cells)


def execute(notebook: NotebookNode, *, solved: bool) -> None:
    """Run all cells and keep the outputs that are promises; if solved, what was drawn, too."""
    metadata = copy.deepcopy(notebook.metadata)
    NotebookClient(notebook, timeout=600, resources={"metadata": {"path": str(HERE)}}).execute()
    notebook.metadata = metadata  # without the state of widgets, and the patch version of Python
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.metadata.pop("execution", None)
            if "keep_output" not in cell.metadata.get("tags", []):
                cell.outputs = drawn(cell.outputs) if solved else []


def keep(path: Path, fresh: NotebookNode) -> bool:
    """Take over what the cells of a written notebook printed; return whether code is the same."""
    old = [c for c in nbformat.read(path, as_version=4).cells if c.cell_type == "code"]
    new = [c for c in fresh.cells if c.cell_type == "code"]
    same = [(c.source, c.metadata.get("tags")) for c in old] == [
        (c.source, c.metadata.get("tags")) for c in new
    ]
    for before, after in zip(old, new, strict=False) if same else ():
        after.outputs, after.execution_count = before.outputs, before.execution_count
    return same


def main() -> int:
    """Write or check every notebook."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--prose", action="store_true")
    parser.add_argument("names", nargs="*", help="such as 01_three_ways; default all")
    options = parser.parse_args()
    os.environ |= {"TLTEACH_TIER": "smoke", "TLTEACH_OFFLINE": "1", "TQDM_DISABLE": "1"}
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    address = public_address()
    if address and not options.check:
        draw_badges(HERE / BADGES)
    stale = []
    for source in sorted((HERE / "src").glob("*.py")):
        for path, notebook in variants(source):
            if options.names and source.stem not in options.names:
                continue
            if options.check:
                stale += [] if is_current(path, notebook) else [path.name]
                if path.parent.name == "checked":
                    stale += [] if is_blank(HERE / path.name, notebook, address) else [path.name]
                continue
            if options.prose:
                learners = path.parent.name == "checked"
                done = not learners or is_blank(HERE / path.name, notebook, address)
                if is_current(path, notebook) and done:
                    continue
                if not keep(path, notebook):
                    print(f"{path.name}: its code changed, so it has to run", file=sys.stderr)
                    return 1
            else:
                execute(notebook, solved=path.parent.name == "solutions")
            path.parent.mkdir(exist_ok=True)
            nbformat.write(notebook, path)
            if path.parent.name == "checked":
                nbformat.write(blank(notebook, path.stem, address), HERE / path.name)
            print(f"wrote {path.relative_to(HERE)}")
    if stale:
        print(f"stale, run `make notebooks`: {', '.join(stale)}", file=sys.stderr)
    return int(bool(stale))


if __name__ == "__main__":
    sys.exit(main())
