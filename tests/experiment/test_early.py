"""Verdicts of a comparison that still runs: none before its seeds are in, then the final one."""

import nbformat
import pytest
from nbclient import NotebookClient

import tlteach as tlt
from tests.helpers import terminal
from tlteach.experiment.cells import Cell
from tlteach.experiment.early import Early
from tlteach.experiment.search import get_search
from tlteach.models import small_cnn
from tlteach.training import TrainConfig, get_regime

FEW = {"shots": [2, 5], "seeds": range(2), "search": "smoke", "baselines": False, "n_jobs": 1}
GRID = [(shots, seed) for shots in FEW["shots"] for seed in FEW["seeds"]]
CODE = f"""
import tlteach as tlt
task = tlt.load_task("digits")
results = tlt.compare(task, backbone="small_cnn", regimes=["scratch", "frozen"], **{FEW})
"""
NET = small_cnn()


@pytest.fixture(scope="module")
def results():
    task = tlt.load_task("digits")
    names = ["scratch", "frozen"]
    return tlt.compare(task, backbone="small_cnn", regimes=names, progress=False, **FEW)


@pytest.fixture(scope="module")
def told(results):
    """What there is to say in the end."""
    both = {k: tlt.verdict(results, "frozen", "scratch", shots=k) for k in FEW["shots"]}
    return [f"{shots} per class, {found}" for shots, found in both.items()]


def cells_of(results):
    configs = dict(zip(results["regime"], results["config"], strict=True))
    search = get_search("smoke")
    return [
        Cell(name, get_regime(name), NET, TrainConfig(), search, config)
        for name, config in configs.items()
    ]


def runs_of(results):
    for _, rows in results.groupby(["shots", "seed", "regime"]):
        yield rows.to_dict("records")


def test_a_verdict_waits_for_all_of_its_seeds_and_comes_once(results, told):
    early = Early(cells_of(results), GRID)
    said = [early.see(rows) for rows in runs_of(results)]
    assert said == [[], [], [], told[:1], [], [], [], told[1:]]
    assert early.see([]) == []


def test_what_was_run_before_counts(results, told):
    there = results[results["shots"] == 2].to_dict("records")
    assert Early(cells_of(results), GRID, there).see([]) == told[:1]


def test_without_scratch_there_is_nothing_to_say(results):
    frozen = [cell for cell in cells_of(results) if cell.label == "frozen"]
    early = Early(frozen, GRID)
    assert not any(early.see(rows) for rows in runs_of(results))


def test_a_terminal_shows_them_and_a_pipe_does_not(told):
    said = terminal.run(CODE, terminal=True).decode()
    first, second = (said.index(line) for line in told)
    assert first < second < said.rindex("100%")
    assert terminal.run(CODE, terminal=False) == b""


def test_a_notebook_shows_them_in_one_place(told, monkeypatch):
    monkeypatch.delenv("TQDM_DISABLE")
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(CODE)])
    NotebookClient(book, timeout=300, kernel_name="python3").execute()
    shown = [one["data"] for one in book.cells[0].outputs if one["output_type"] == "display_data"]
    texts = [data["text/plain"] for data in shown if "per class" in data["text/plain"]]
    assert texts == ["\n".join(told)]
