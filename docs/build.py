"""Build the site: `python docs/build.py`; see `make site`.

Solved notebooks are run as learners do ("class", some twenty minutes on 2 cores) and kept by
jupyter-cache, so the next time only what changed is run. Everything else takes about two minutes.
No page asks anything of another server.
"""

from __future__ import annotations

import argparse
import re
import shutil
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import nbformat
from site_notebooks import SOLVED, fingerprint, minutes, page, run, with_picture
from site_pages import PAGES, ROOT, WINGS, reference, relinked, sources
from sphinx.cmd.build import main as sphinx

from tlteach.lessons._quiz_widget import STATIC as QUIZ
from tlteach.widgets import CHARTS
from tlteach.widgets._alone import section
from tlteach.widgets._bundle import script, style

DOCS = Path(__file__).resolve().parent
DRAWN = re.compile(r"<!-- chart: (\w+)( at once)? -->")
MINUTES = re.compile(r"<!-- minutes: ([\d ]+) -->")
LISTED = "<!-- the notebooks -->"
NOTEBOOK = re.compile(r"\[([^\]]*)\]\(notebooks/(\w+)\.ipynb\)")
EXPORTED = "export default { render };"


def main(arguments: Sequence[str] | None = None) -> int:
    """Build it; return Sphinx's exit status."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=Path("build/site"), help="(%(default)s)")
    parser.add_argument("--tier", default="class", choices=("class", "smoke", "full"))
    stored = "run nothing: show what the solved copies hold, charts as pictures"
    parser.add_argument("--stored", action="store_true", help=stored)
    parser.add_argument("--only", nargs="*", help="these notebooks, such as 05_negative_transfer")
    older = "take what was run before, even if the package changed since"
    parser.add_argument("--reuse", action="store_true", help=older)
    parser.add_argument("--wings", nargs="*", default=WINGS, choices=WINGS, metavar="WING",
                        help="of the API reference, such as measures; default all")  # fmt: skip
    options = parser.parse_args(arguments)
    stems = options.only or sorted(path.stem for path in SOLVED.glob("*.ipynb"))
    cache = None
    if not options.stored:
        known = "any" if options.reuse else fingerprint()
        cache = options.out / "cache" / f"{options.tier}-{known}"
    tree, html = options.out / "source", options.out / "html"
    shutil.rmtree(tree, ignore_errors=True)
    written(tree, stems, cache, options.tier, wings=options.wings)
    aside = str(options.out / "doctrees")
    status = sphinx(["-W", "--keep-going", "-q", "-b", "html", "-d", aside, str(tree), str(html)])
    if status == 0:
        size = sum(path.stat().st_size for path in html.rglob("*") if path.is_file())
        print(f"{html / 'index.html'}: {size / 2**20:.0f} MB in all")
    return status


def written(
    tree: Path, stems: Sequence[str], cache: Path | None, tier: str, *, wings: Sequence[str]
) -> None:
    """Write all that Sphinx reads into a folder."""
    (tree / "_static").mkdir(parents=True)
    shutil.copy(DOCS / "conf.py", tree)
    for path in (DOCS / "static").iterdir():
        shutil.copy(path, tree / "_static")
    shutil.copy(DOCS / "contrast.png", tree / "_static")
    (tree / "_static" / "charts.js").write_text(front_ends(), encoding="utf-8")
    pages = sources()
    for place, name in pages.items():
        text = (ROOT / place).read_text("utf-8")
        if not place.startswith(PAGES):  # those are written for the site
            text = relinked(text, place, pages)
        (tree / name).parent.mkdir(exist_ok=True)
        (tree / name).write_text(filled(text, stems), encoding="utf-8")
    (tree / "notebooks").mkdir()
    for stem in stems:
        nbformat.write(page(stem, run(stem, cache, tier)), tree / "notebooks" / f"{stem}.ipynb")
    (tree / "api").mkdir()
    for name, text in reference(wings):
        (tree / "api" / name).write_text(text, encoding="utf-8")


def filled(text: str, stems: Sequence[str]) -> str:
    """Return a page with what is made for it in place of its marks."""
    text = DRAWN.sub(lambda found: _live(found[1], at_once=bool(found[2])), text)
    text = MINUTES.sub(lambda found: str(sum(map(minutes, found[1].split()))), text)
    text = text.replace(LISTED, "\n".join(f"notebooks/{stem}" for stem in stems))
    return NOTEBOOK.sub(lambda found: found[0] if found[2] in stems else found[1], text)


def _live(name: str, *, at_once: bool) -> str:
    """Return a chart with its data, and its picture for who runs no scripts."""
    chart = CHARTS[name]()
    markup = with_picture(section(chart.known() | {"still": name}), chart.picture())
    return markup.replace("data-chart", "data-chart data-now") if at_once else markup


def front_ends() -> str:
    """Return charts and questions as one plain script: modules do not load from a disk."""
    parts = {"chart": script(), "quiz": (QUIZ / "quiz.js").read_text("utf-8")}
    styles = {"chartStyle": style(), "quizStyle": (QUIZ / "quiz.css").read_text("utf-8")}
    return "\n".join(["const tlteach = {};", *_functions(parts), *_texts(styles)])


def _functions(parts: dict[str, str]) -> Iterator[str]:
    for name, text in parts.items():
        if text.count(EXPORTED) != 1:
            msg = f"the front end of {name} must end in {EXPORTED!r}, once"
            raise ValueError(msg)
        yield f"tlteach.{name} = (() => {{\n{text.replace(EXPORTED, 'return { render };')}\n}})();"


def _texts(styles: dict[str, str]) -> Iterator[str]:
    for name, text in styles.items():
        quoted = text.replace("\\", "\\\\").replace("`", "\\`").replace("${", "\\${")
        yield f"tlteach.{name} = `{quoted}`;"


if __name__ == "__main__":
    sys.exit(main())
