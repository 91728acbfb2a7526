"""What is left of a comparison: told in seconds of work, and true from a quarter of it on."""

import heapq

import pytest

from tests.helpers import terminal
from tlteach.experiment.cells import Cell
from tlteach.experiment.forecast import Forecast, Progress, in_order
from tlteach.experiment.search import get_search
from tlteach.models import small_cnn
from tlteach.training import TrainConfig, get_regime

SMALL, LARGE = small_cnn(), small_cnn(2.0)
SHORT = """
import tlteach as tlt
few = {"shots": [5], "seeds": range(2), "search": "smoke", "baselines": False, "n_jobs": 1}
tlt.compare(tlt.load_task("digits"), backbone="small_cnn", regimes=["scratch"], **few)
"""
TOOK = {  # seconds of five seeds each, as a demo's runs on photos and digits were on two cores
    "scratch": {5: (4.7, 2.9, 4.9, 5.2, 3.8), 20: (1.8, 1.0, 1.3, 1.1, 1.0)},
    "fine_tune": {5: (10.3, 26.3, 10.7, 32.8, 10.5), 20: (15.3, 17.2, 16.6, 16.3, 19.0)},
    "frozen": {5: (0.3,) * 5, 20: (0.2,) * 5},
}


def cell(name):
    net = LARGE if name == "fine_tune" else SMALL
    return Cell(name, get_regime(name), net, TrainConfig(), get_search("smoke"), name)


CELLS = [cell(name) for name in TOOK]
PLAN = {one: [(shots, seed) for shots in (5, 20) for seed in range(5)] for one in CELLS}


def rows_of(one, shots, seed):
    seconds = TOOK[one.label][shots][seed]
    return [{"config": one.config, "shots": shots, "seed": seed, "seconds": seconds}]


def played(at_once):
    """Yield the share told and the seconds on the clock at the end of each run, then the end."""
    forecast = Forecast(PLAN, at_once)
    for one, grid in PLAN.items():
        for run in grid if one.label == "frozen" else ():
            forecast.see(rows_of(one, *run))
    steps = [(one, run) for one, grid in PLAN.items() for run in grid if one.label != "frozen"]
    free, ends = [0.0] * at_once, []
    for one, run in in_order(steps):
        end = heapq.heappop(free) + TOOK[one.label][run[0]][run[1]]
        heapq.heappush(free, end)
        ends.append((end, one, run))
    for end, one, run in sorted(ends, key=lambda place: place[0]):
        forecast.see(rows_of(one, *run))
        yield forecast.share, end


@pytest.mark.parametrize("at_once", [1, 2])
def test_time_left_is_within_30_percent_from_a_quarter_on(at_once):
    """In the last quarter, where a single run is much of what is left: of that quarter."""
    told = [*played(at_once)]
    whole = told[-1][1]
    off = []
    for share, now in told[:-1]:
        if 0.25 <= now / whole <= 0.95:
            off.append((now / share - whole) / max(whole - now, whole / 4))
    assert len(off) > 5
    assert max(map(abs, off)) < 0.3, off
    assert told[-1][0] == 1


def test_one_run_of_each_kind_comes_first_then_the_largest():
    steps = [(one, run) for one, grid in PLAN.items() for run in grid]
    order = [(one.label, *run) for one, run in in_order(steps)]
    assert sorted(order) == sorted((one.label, *run) for one, run in steps)
    assert {run[:2] for run in order[:6]} == {(name, k) for name in TOOK for k in (5, 20)}
    assert {name for name, *_ in order[6:14]} == {"fine_tune"}


def test_a_run_takes_what_its_like_took():
    forecast = Forecast(PLAN, 1)
    assert forecast.share == 0
    scratch = CELLS[0]
    forecast.see(rows_of(scratch, 5, 0))
    steps, solved = 19 * 4.7, 10 * 0.05 * 4.7
    assert forecast.left == pytest.approx(steps + solved)
    forecast.see(rows_of(CELLS[1], 5, 0))
    own = 9 * 4.7 + 9 * 10.3  # other labels of an arm: as it took with these
    assert forecast.left == pytest.approx(own + 10 * 0.05 * (4.7 + 10.3) / 2)


def test_a_bar_counts_cost_and_says_how_many_runs():
    with Progress(PLAN, 1, shown=False) as progress:
        for run in PLAN[CELLS[0]][:5]:
            progress.see(rows_of(CELLS[0], *run))
        for run in PLAN[CELLS[2]]:
            progress.see(rows_of(CELLS[2], *run))
    assert progress.forecast.share < 0.4  # half of the runs, less of the work
    told = terminal.run(SHORT, terminal=True)
    for words in (b"0 of 2 runs", b"1 of 2 runs", b"2 of 2 runs", b"50%", b"100%"):
        assert words in told
    assert terminal.run(SHORT, terminal=False) == b""
