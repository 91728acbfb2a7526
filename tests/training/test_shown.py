"""What a notebook shows of a regime and of a run: the numbers that they hold."""

import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import tlteach as tlt
from tests.helpers.shown import HOSTILE, SAFE, sound
from tlteach.training.regimes import LEARNS, TRAINS
from tlteach.training.shown import POINTS, loss_curve

CONFIG = tlt.TrainConfig(updates=6, batch_size=8, precision="fp32", measure_every=3)


@pytest.mark.parametrize("name", tlt.REGIMES)
def test_a_regime_says_what_starts_where_what_learns_and_what_is_searched(name):
    regime = tlt.REGIMES[name]
    page = sound(regime)
    searched = page.facts["searched"][0]
    assert page.texts("caption") == [f"Regime {name!r}"]
    assert ("fresh" in page.facts["starts from"][0]) != regime.pretrained
    assert page.facts["learns"][0].endswith(", and the head")
    assert f"from {regime.low:g} to {regime.high:g}" in searched
    assert ("weight decay" in searched) == (regime.solver == "sgd" and not regime.uses("anchor"))
    assert ("times as fast" in searched) == (regime.solver == "sgd" and regime.head_factor is None)
    assert ("move or stay" in searched) == (regime.solver == "sgd" and regime.statistics == "any")
    assert (regime.knob is None) or f"{regime.knob.name} from {regime.knob.low:g}" in searched
    assert ("adapts" in page.facts) == (regime.adapt != "none")
    assert page.facts.get("prescribed", [""]) == [regime.prescribed]


def test_every_way_to_train_has_words():
    assert {*LEARNS} == {*TRAINS} - {"last"}
    assert "the last stage, and" in tlt.Regime("one", trains="last").in_words()["learns"]
    assert "the last 3 stages" in tlt.REGIMES["partial"].in_words()["learns"]
    own = replace(tlt.REGIMES["fine_tune"], name=HOSTILE, prescribed=HOSTILE)
    assert sound(own).facts["prescribed"] == [SAFE]


def test_a_run_shows_what_it_holds(few, small):
    run = tlt.train(small, few, "fine_tune", CONFIG, seed=3, device="cpu")
    page = sound(run)
    assert page.texts("caption") == ["Run of 'fine_tune', seed 3"]
    assert page.facts["data"] == [f"train {len(few.train)}, val {len(few.val)}"]
    assert page.facts["updates"] == ["6"]
    assert page.facts["learned"] == [f"{run.trained:,} of {run.total:,} parameters"]
    assert page.facts["seconds"] == [f"{run.seconds:.1f}"]
    assert "converged" not in page.facts  # a number of updates was asked for
    loss = run.history[run.history["metric"] == "loss"]["value"]
    ends = f"Training loss {loss.iloc[0]:.2f} at first, {loss.iloc[-1]:.2f} at the end"
    assert page.texts("desc")[0].startswith(ends)
    assert "validation, broken" in page.texts("desc")[0]
    scores = run.test(few)
    after = sound(run)
    assert after.facts["look 1"] == [f"{value:.3f}" for value in scores.values()]
    assert after.facts["data"][0].endswith(f", test {len(few.test):,}")


def test_a_run_without_steps_has_no_curve_and_one_that_was_stopped_says_so(few, small):
    frozen = tlt.train(small, few, "frozen", seed=0, device="cpu")
    assert not sound(frozen).all("svg")
    assert sound(replace(frozen, converged=False)).facts["converged"][0].startswith("no, stopped")
    assert sound(replace(frozen, converged=True)).facts["converged"][0].startswith("yes")


def history(values, split="train", metric="loss"):
    steps = np.arange(1, len(values) + 1)
    return pd.DataFrame(
        {"step": steps, "epoch": steps / 9, "split": split, "metric": metric, "value": values}
    )


def places(curve):
    """Return the places of the line of the training loss: the one that has a colour of its own."""
    line = re.search(r'points="([^"]+)" fill="none" stroke="#', curve)[1]
    return np.array([[*map(float, point.split(","))] for point in line.split()])


def test_the_curve_falls_where_the_loss_falls_and_stays_small():
    curve = loss_curve(history(np.linspace(3, 1, 50_000)))
    line = places(curve)
    assert len(line) <= POINTS
    assert (np.diff(line[:, 0]) > 0).all()
    assert (np.diff(line[:, 1]) > 0).all()  # down the page
    top, bottom = line[0, 1], line[-1, 1]
    zero = 120 - 24
    assert (zero - bottom) / (zero - top) == pytest.approx(1 / 3, abs=0.02)
    assert "50,000 updates" in curve
    assert len(curve) < 4000


def test_what_diverged_says_so():
    curve = loss_curve(history([2.0, 3.0, np.inf, np.nan, 4.0]))
    assert np.isfinite(places(curve)).all()
    assert "2 values are no numbers" in curve


def test_too_little_for_a_line():
    assert loss_curve(pd.DataFrame()) is None
    assert loss_curve(history([1.0])) is None
    assert loss_curve(history([np.nan] * 5)) is None
    assert loss_curve(history([0.0, 0.0])) is not None
