"""Pages out of solved notebooks: run as learners do, charts and quizzes alive, exercises folded."""

from __future__ import annotations

import ast
import copy
import hashlib
import html
import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import jupytext
import nbformat
from jupyter_cache import get_cache
from jupyter_cache.base import CacheBundleIn
from nbformat import NotebookNode
from nbformat.v4 import new_markdown_cell, new_output

from tlteach.base import unwrapped
from tlteach.classroom.kit_minutes import sections
from tlteach.classroom.kit_pictures import STILL
from tlteach.classroom.kit_run import executed
from tlteach.classroom.master import CUT
from tlteach.classroom.questions import pieces
from tlteach.lessons import EXERCISES, QUESTIONS, Question

ROOT = Path(__file__).resolve().parents[1]
SOLVED, SOURCES = ROOT / "notebooks" / "solutions", ROOT / "notebooks" / "src"
CODE = ("tlteach/**/*.py", "datasets/**/SHA256", "datasets/**/*.json")  # what a run depends on
VIEW = "application/vnd.jupyter.widget-view+json"
CHART = re.compile(r"<section data-chart>.*?</section>", re.DOTALL)
ASKED = re.compile(r"\A(\d\d\.[a-z]) ")  # how the text of a question begins
UNCHOSEN = ": you did not choose. Measured:"
FOLDED = "hide-input"
NEEDS_KERNEL = (
    '<p class="tlt-kernel">Live only in a running notebook: '
    "<code>tlteach lab {number}</code> opens this one.</p>"
)


def fingerprint() -> str:
    """Return twelve digits that change with anything that a run could depend on."""
    digest = hashlib.sha256()
    for pattern in CODE:
        for path in sorted(ROOT.glob(pattern)):
            digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def run(stem: str, cache: Path | None, tier: str) -> NotebookNode:
    """Return a solved notebook with all that it showed, from the cache where it was run before.

    Without a cache, with what the solved copy holds.
    """
    notebook = nbformat.read(SOLVED / f"{stem}.ipynb", as_version=4)
    if cache is None:
        return notebook
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    kept = get_cache(cache)
    try:
        return kept.merge_match_into_notebook(notebook)[1]
    except KeyError:
        print(f"{stem}: running it, tier {tier}", flush=True)
    done = executed(notebook, SOLVED / f"{stem}.ipynb", tier)
    done.metadata.pop("widgets", None)  # the charts carry their own data
    for cell in done.cells:
        cell.metadata.pop("execution", None)  # times: with them it would never be found again
    kept.cache_notebook_bundle(
        CacheBundleIn(copy.deepcopy(done), stem), check_validity=False, overwrite=True
    )
    return done


def minutes(number: str) -> int:
    """Return the minutes that a learner needs for a notebook, as the kit works them out."""
    [path] = SOLVED.parent.glob(f"{number}_*.ipynb")
    return sum(part.minutes for part in sections(nbformat.read(path, as_version=4).cells))


def page(stem: str, notebook: NotebookNode) -> NotebookNode:
    """Return the notebook as a page: nothing in it needs a kernel."""
    made = copy.deepcopy(notebook)
    solutions = _solutions(stem)
    measured = dict(_measured(made.cells))
    cells: list[NotebookNode] = []
    for number, cell in enumerate(made.cells):
        tags = cell.metadata.get("tags", [])
        if "facts" in tags:  # they check in code what the text beside them says
            continue
        if cell.cell_type == "code":
            cell.outputs = [*_alive(cell.outputs, stem, measured)]
            cell.metadata = {"tags": [FOLDED]} if number in solutions else {}
            if number in solutions:
                cell.metadata["mystnb"] = {"code_prompt_show": "Show the solution"}
                cells += [new_markdown_cell(text) for text in _hints(made.cells[number:])]
        cells.append(cell)
    made.cells = cells
    return made


def _solutions(stem: str) -> set[int]:
    """Return the places of cells that learners write themselves."""
    source = jupytext.read(SOURCES / f"{stem}.py", fmt="py:percent")
    return {
        number
        for number, cell in enumerate(source.cells)
        if cell.cell_type == "code"
        and (CUT.search(cell.source) or "solution" in cell.metadata.get("tags", []))
    }


def _hints(following: list[NotebookNode]) -> Iterator[str]:
    """Yield the folded hints of the exercise that the next check is about."""
    for cell in following:
        checks = [p.check for p in pieces(cell.source) if p.check] * (cell.cell_type == "code")
        if checks:
            hints = EXERCISES[checks[0].id].hints
            steps = "".join(f"<li>{html.escape(hint)}</li>" for hint in hints)
            yield f'<details class="tlt-hints"><summary>Hints</summary><ol>{steps}</ol></details>'
            return


def _alive(
    outputs: Sequence[NotebookNode], stem: str, measured: dict[str, str]
) -> Iterator[NotebookNode]:
    """Yield a cell's outputs as they live without a kernel, each in place of what needed one."""
    charts = [CHART.search(output.get("data", {}).get("text/html", "")) for output in outputs]
    for output, chart, below in zip(outputs, charts, [*charts, None][1:], strict=True):
        data = output.get("data", {})
        markup = data.get("text/html", "")
        asked = ASKED.match(data.get("text/plain", ""))
        if chart:
            still = STILL.search(markup)
            yield _html(with_picture(chart[0], f"{still[0]}>" if still else ""))
        elif VIEW in data and asked:
            yield _html(question(QUESTIONS[asked[1]], measured.get(asked[1], "")))
        elif VIEW in data and not below:  # a chart's own data come in the next output
            yield _html(NEEDS_KERNEL.format(number=stem[:2]))
        elif output.get("output_type") == "stream":
            text = _unbroken(output["text"]).replace(UNCHOSEN, ". Measured:")
            yield new_output("stream", name=output["name"], text=text)
        elif VIEW not in data and "tlt-quiz-" not in markup:  # for who has no live buttons
            yield output


def _unbroken(text: str) -> str:
    """Return sentences as they were before Python broke them: a page is narrower, or wider.

    What stands in columns stays as it is.
    """
    if "  " in text:
        return text
    return "\n".join(unwrapped(text.splitlines())) + "\n" * text.endswith("\n")


def with_picture(section: str, picture: str) -> str:
    """Return a chart's element with what is shown where no script runs."""
    return section.replace("</section>", f'<div class="tlt-picture">{picture}</div></section>')


def _html(text: str) -> NotebookNode:
    return new_output("display_data", data={"text/html": text})


def question(asked: Question, measured: str = "") -> str:
    """Return a question that the page itself answers: every option says why."""
    said = {}
    for option, why in asked.options.items():
        if asked.seal:
            word = "Right" if asked.is_right(option) else "Not yet"
            said[option] = f"{word}: {option}. {why}"
        else:
            seen = f"Measured: {measured}" if measured else f"{why} What was measured stands below."
            said[option] = f"You said: {option}. {seen}"
    known = {"ask": asked.ask, "options": list(asked.options), "said": said}
    text = json.dumps(known).replace("<", "\\u003c")  # no text may end the script element
    options = "".join(f"<li>{html.escape(option)}</li>" for option in asked.options)
    plain = f'<div class="tlt-picture"><p>{html.escape(asked.ask)}</p><ul>{options}</ul></div>'
    return f'<section data-quiz><script type="application/json">{text}</script>{plain}</section>'


def _measured(cells: list[NotebookNode]) -> Iterator[tuple[str, str]]:
    """Yield what was measured for each prediction, as the notebook says at its end."""
    for cell in cells:
        if cell.cell_type != "code" or "lessons.beside(" not in cell.source:
            continue
        printed = "".join(o.get("text", "") for o in cell.outputs if o.output_type == "stream")
        told = " ".join(printed.split())
        asked = [(name, f"{about}{UNCHOSEN}") for name, about in _asked(cell.source)]
        starts = [told.find(line) for _, line in asked]
        for (name, line), start in zip(asked, starts, strict=True):
            if start >= 0:  # in a loop, say, the name is not in the source
                end = min((other for other in starts if other > start), default=len(told))
                yield name, told[start + len(line) : end].strip()


def _asked(source: str) -> Iterator[tuple[str, str]]:
    """Yield each prediction that a cell looks back at, and the words that its line begins with."""
    for call in ast.walk(ast.parse(source)):
        if not isinstance(call, ast.Call) or getattr(call.func, "attr", "") != "beside":
            continue
        named = {word.arg: word.value for word in call.keywords}
        name, about = call.args[0], named.get("about", call.args[0])
        if isinstance(name, ast.Constant) and isinstance(about, ast.Constant):
            yield str(name.value), str(about.value)
