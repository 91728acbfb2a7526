"""Regimes and their settings: what they hold, what they refuse, and ids that never drift."""

from dataclasses import asdict, fields, replace

import pytest

import tlteach as tlt
from tlteach.training import (
    Regime,
    TrainConfig,
    config_id,
    get_regime,
    partial as last_stages,
)
from tlteach.training.regimes import settled
from tlteach.training.settings import KNOBS, Knob

BASE = TrainConfig()
KNOBBED = ["l2_sp", "discriminative", "gradual"]
SGD = [name for name, regime in tlt.REGIMES.items() if regime.solver == "sgd"]


def test_the_regimes_are_there_under_their_own_names():
    assert list(tlt.REGIMES) == [
        "scratch", "frozen", "fine_tune", "lp_ft", "partial", "bn_only",
        "bitfit", "lora", "l2_sp", "discriminative", "gradual", "one_stage",
        "fine_tune_still", "fine_tune_moving", "bn_stats", "coral",
    ]  # fmt: skip
    assert all(regime.name == name for name, regime in tlt.REGIMES.items())


def test_only_scratch_starts_from_fresh_weights():
    assert [name for name, regime in tlt.REGIMES.items() if not regime.pretrained] == ["scratch"]


def test_frozen_regimes_solve_for_the_head_and_the_others_take_steps():
    solved = [name for name, regime in tlt.REGIMES.items() if regime.searched == "c"]
    assert solved == ["frozen", "bn_stats", "coral"]
    assert {name: tlt.REGIMES[name].trains for name in SGD} == {
        "scratch": "all",
        "fine_tune": "all",
        "lp_ft": "all",
        "partial": "last",
        "bn_only": "norm",
        "bitfit": "bias",
        "lora": "lora",
        "l2_sp": "all",
        "discriminative": "all",
        "gradual": "all",
        "one_stage": "one_stage",
        "fine_tune_still": "all",
        "fine_tune_moving": "all",
    }


def test_scratch_differs_from_fine_tune_in_its_start_alone():
    scratch, fine_tune = asdict(tlt.REGIMES["scratch"]), asdict(tlt.REGIMES["fine_tune"])
    told = {
        key: (scratch[key], fine_tune[key]) for key in scratch if scratch[key] != fine_tune[key]
    }
    assert told == {"name": ("scratch", "fine_tune"), "pretrained": (False, True)}


@pytest.mark.parametrize(("name", "what"), [("still", "still"), ("moving", "move")])
def test_two_regimes_differ_from_fine_tune_in_their_statistics_alone(name, what):
    same = replace(tlt.REGIMES["fine_tune"], name=f"fine_tune_{name}", statistics=what)
    assert same == tlt.REGIMES[f"fine_tune_{name}"]


@pytest.mark.parametrize("name", SGD)
def test_gradient_regimes_share_range_and_choices_unless_a_paper_says_otherwise(name):
    regime = tlt.REGIMES[name]
    own = regime.low, regime.high, regime.weight_decays, regime.head_factor
    common = 5e-3, 0.3, (0.0, 5e-4), None
    assert (own == common) == (not regime.prescribed)
    assert bool(regime.prescribed) == (name in ("lp_ft", "one_stage"))
    assert not regime.prescribed or "(Kumar et al. 2022)" in regime.prescribed
    named = {"fine_tune_still": "still", "fine_tune_moving": "move"}
    assert regime.statistics == named.get(name, "any")


@pytest.mark.parametrize(
    ("name", "asked", "used"),
    [
        ("scratch", {}, ("move", 1.0)),
        ("fine_tune", {}, ("still", 10.0)),
        ("scratch", {"statistics": "still", "head_factor": 5.0}, ("still", 5.0)),
        ("fine_tune", {"statistics": "move", "head_factor": 0.0}, ("move", 0.0)),
        ("lp_ft", {"head_factor": 5.0}, ("still", 1.0)),
        ("fine_tune_moving", {"statistics": "still"}, ("move", 10.0)),
        ("fine_tune_still", {"statistics": "move"}, ("still", 10.0)),
    ],
)
def test_what_is_left_open_has_a_default_and_what_a_regime_fixes_stays(name, asked, used):
    found = settled(tlt.REGIMES[name], TrainConfig(**asked))
    assert (found.statistics, found.head_factor) == used
    rest = replace(found, statistics="any", head_factor=None)
    assert rest == replace(tlt.REGIMES[name], statistics="any", head_factor=None)


def test_a_knob_belongs_to_one_regime_and_is_a_setting():
    knobs = {name: regime.knob.name for name, regime in tlt.REGIMES.items() if regime.knob}
    assert knobs == {"l2_sp": "anchor", "discriminative": "decay", "gradual": "thaw"}
    assert set(KNOBS) <= {field.name for field in fields(TrainConfig)}
    adapting = {name: r.adapt for name, r in tlt.REGIMES.items() if r.adapt != "none"}
    assert adapting == {"bn_stats": "statistics", "coral": "coral"}


def test_a_regime_is_found_by_name_or_is_itself():
    own = replace(tlt.REGIMES["fine_tune"], name="mine")
    assert get_regime(own) is own
    assert get_regime("lp_ft") is tlt.REGIMES["lp_ft"]
    with pytest.raises(ValueError, match=r"regime must be one of 'scratch', .*; got 'thawed'"):
        get_regime("thawed")


def test_partial_names_the_number_of_stages():
    regime = last_stages(2)
    assert (regime.name, regime.stages, regime.trains) == ("partial_2", 2, "last")
    with pytest.raises(ValueError, match="stages must be at least 1; got 0"):
        last_stages(0)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"trains": "tail"}, r"trains must be one of 'all', 'head', .*; got 'tail'"),
        ({"solver": "adam"}, r"solver must be one of 'sgd', 'logistic'; got 'adam'"),
        ({"statistics": "jump"}, r"statistics must be one of 'any', 'still', 'move'; got 'jump'"),
        ({"head_factor": -1.0}, r"head_factor must be at least 0; got -1.0"),
        ({"head_factor": "fast"}, r"head_factor must be a finite number; got 'fast' of type str"),
        ({"low": 0.0}, r"low and high must be positive and in order; got 0.0 and 0.3"),
        ({"low": 0.1, "high": 0.01}, r"low and high must be positive and in order; got 0.1"),
        ({"solver": "logistic"}, r"the logistic solver trains only the head; got trains='all'"),
        ({"adapt": "dann"}, r"adapt must be one of 'none', 'statistics', 'coral'; got 'dann'"),
        ({"adapt": "coral"}, r"adapting needs the logistic solver; got solver='sgd'"),
        ({"trains": "one_stage"}, r"one_stage asks a fitted head what to change; got .*=False"),
        ({"knob": Knob("blend", 0, 1)}, r"'blend' needs adapt, .*; got 'blend' alone"),
        (
            {"knob": Knob("decay", 0, 1), "solver": "logistic", "trains": "head"},
            r"other knobs gradient steps; got 'decay' alone",
        ),
    ],
)
def test_a_wrong_regime_is_refused(wrong, message):
    error = TypeError if wrong.get("head_factor") == "fast" else ValueError
    with pytest.raises(error, match=message):
        Regime("mine", **wrong)


CHANGED_CONFIG = {
    "lr": 0.02, "c": 2.0, "updates": 7, "batch_size": 7, "momentum": 0.5, "weight_decay": 1e-3,
    "warmup": 0.2, "clip": 2.0, "augment": "none", "precision": "fp32", "measure_every": 5,
    "until": "end", "statistics": "move", "head_factor": 2.0,
    "anchor": 0.2, "decay": 0.9, "thaw": 0.9, "blend": 0.9,
}  # fmt: skip
CHANGED_REGIME = {
    "name": "mine", "pretrained": False, "trains": "norm", "head_first": True,
    "statistics": "move", "stages": 2, "low": 1e-4, "high": 1.0,
    "weight_decays": (0.0,), "head_factor": 1.0, "knob": Knob("thaw", 0.1, 0.2),
    "prescribed": "a rate of its own",
}  # fmt: skip


def test_the_config_id_changes_with_every_setting():
    assert set(CHANGED_CONFIG) == {field.name for field in fields(TrainConfig)}
    regime = tlt.REGIMES["fine_tune"]
    others = [(regime, replace(BASE, **{k: v})) for k, v in CHANGED_CONFIG.items()]
    others += [(replace(regime, **{k: v}), BASE) for k, v in CHANGED_REGIME.items()]
    head = replace(regime, trains="head")
    solved = replace(head, solver="logistic")
    others += [(head, BASE), (solved, BASE), (replace(solved, adapt="coral"), BASE)]
    assert set(CHANGED_REGIME) | {"solver", "adapt"} == set(asdict(regime))
    assert BASE not in [config for _, config in others[: len(CHANGED_CONFIG)]]
    ids = [config_id(r, c) for r, c in [(regime, BASE), *others]]
    assert len(set(ids)) == len(ids)


def test_the_config_id_is_the_same_for_equal_settings_and_never_drifts():
    assert config_id(TrainConfig(lr=0.01)) == config_id(BASE)
    assert config_id("a", 1, {"lr": 0.01}) == "b043959aefb0"
