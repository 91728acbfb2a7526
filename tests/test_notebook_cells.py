"""Cells of learners' notebooks: one idea each, a check alone under its answer, nothing to skip."""

import ast
import builtins
import re
from itertools import pairwise
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).parent.parent / "notebooks"
LONGEST = 8  # lines of code in a learner's cell, without blank lines and comments
WIDEST = 78  # letters in a line of a drawing: a page of JupyterLab breaks what is wider
PATHS = sorted(ROOT.glob("*.ipynb"))
TRAIN = ("train", "compare", "train_searched", "pseudo_label", "active_learning", "probe_stages")
NESTED = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
each = pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)


def cells(path, kind="code"):
    found = nbformat.read(path, as_version=4).cells
    return [cell for cell in found if cell.cell_type == kind]


def code(path):
    return [cell.source for cell in cells(path)]


def length(source):
    """Count lines of code."""
    lines = (line.strip() for line in source.splitlines())
    return sum(bool(line) and not line.startswith("#") for line in lines)


def nested(source):
    """Return whether a comprehension holds another, or loops twice."""
    found = [node for node in ast.walk(ast.parse(source)) if isinstance(node, NESTED)]
    inner = [sum(isinstance(one, NESTED) for one in ast.walk(node)) for node in found]
    return any(n > 1 for n in inner) or any(len(node.generators) > 1 for node in found)


def calls(source):
    """Return the names of what a cell calls."""
    nodes = [node.func for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)]
    return {getattr(node, "attr", getattr(node, "id", "")) for node in nodes}


def names(source):
    """Return the names that a cell binds, and those that it reads."""
    bound, read = set(), set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Name):
            (read if isinstance(node.ctx, ast.Load) else bound).add(node.id)
        elif isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            bound.add(node.name)
        elif isinstance(node, ast.arg):
            bound.add(node.arg)
        elif isinstance(node, ast.ExceptHandler) and node.name:
            bound.add(node.name)
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            bound |= {(alias.asname or alias.name).split(".")[0] for alias in node.names}
    return bound, read


@each
def test_a_cell_holds_one_idea(path):
    assert [source for source in code(path) if length(source) > LONGEST] == []


@each
def test_a_check_stands_alone_right_under_its_answer(path):
    sources = code(path)
    for above, source in pairwise(sources):
        asked = re.search(r'lessons\.check\("[^"]+", (\w+)', source)
        if asked:
            assert re.fullmatch(r"lessons\.check\(.*\)", source), "a check shares its cell"
            assert asked[1] in names(above)[0], f"{asked[1]} is not answered right above"
            assert not calls(above) & set(TRAIN), "to try again would train again"


@each
def test_cells_are_free_of_code_for_tools_and_of_nests(path):
    for source in code(path):
        assert not re.search(r"#\s*(noqa|fmt|type:)", source)
        assert not nested(source), source


@each
def test_a_learners_copy_needs_no_cell_that_it_lacks(path):
    """Cells for nbval alone are dropped, so what they bind is read nowhere else."""
    known = set(dir(builtins))
    for source in code(path):
        bound, read = names(source)
        known |= bound
        assert read <= known, f"{sorted(read - known)} in: {source}"


@each
def test_facts_checked_for_learners_who_do_not_see_them_are_still_checked(path):
    twin = cells(ROOT / "checked" / path.name)
    facts = [cell for cell in twin if "facts" in cell.metadata.get("tags", [])]
    assert facts
    assert all({"nbval-check-output", "keep_output"} <= {*cell.metadata.tags} for cell in facts)


@each
def test_a_notebook_ends_with_what_to_remember(path):
    """Three lines, and no number that a run could contradict."""
    last = nbformat.read(path, as_version=4).cells[-1].source
    head, *lines = last.strip().split("\n- ")
    assert head.strip() == "**Remember:**"
    assert len(lines) == 3
    assert not re.search(r"\d", last)


@each
def test_drawings_and_code_in_a_text_fit_the_page(path):
    for cell in cells(path, "markdown"):
        for block in re.findall(r"^```\w*\n(.*?)^```", cell.source, re.DOTALL | re.MULTILINE):
            assert [line for line in block.splitlines() if len(line) > WIDEST] == []


@pytest.mark.parametrize(
    ("source", "is_nested"),
    [
        ("[x for x in y]", False),
        ("[[x for x in y] for y in z]", True),
        ("[x for y in z for x in y]", True),
        ("sum(x for x in y) + max(x for x in z)", False),
    ],
)
def test_nests_are_seen(source, is_nested):
    assert nested(source) == is_nested


def test_lines_of_code_are_counted_without_comments():
    assert length("# why\n\nx = 1  # so\n    # more\ny = (\n    2\n)\n") == 4
