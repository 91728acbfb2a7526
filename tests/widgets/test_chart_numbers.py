"""Numbers of the charts, without a browser: they are the atlas's."""

import re

import numpy as np
import pytest

import tlteach as tlt
from tlteach import atlas, widgets
from tlteach.atlas import judged
from tlteach.measures import labels_saved, summarize, t_interval, unpack
from tlteach.widgets import _cube

PAIRS = {"fashion_5_9": "clothes", "emoji_noto": "emoji", "photos": "photographs"}


def both_ways(rows):
    """Return mean and interval over seeds and test images."""
    found = summarize(rows).iloc[0]
    assert found["over"] == "seeds and images"
    return found[["mean", "ci_low", "ci_high"]].tolist()


def test_overfitting_shows_the_intervals_of_the_atlas():
    chart = widgets.overfitting("shots=20;width=2.0;augment=shift;weight_decay=0.005")
    table = chart.table().set_index(["panel", "line", "at"])
    rows = atlas.load("overfitting").query(
        "watched == 'pool' and shots == 20 and width == 2.0 and augment == 'shift' "
        "and regime == 'scratch' and weight_decay == 0.005 and split == 'val' "
        "and metric == 'accuracy'"
    )
    for step, values in rows.groupby("step")["value"]:
        shown = table.loc[("Accuracy", "other images", step), ["mean", "ci_low", "ci_high"]]
        assert shown.tolist() == pytest.approx(t_interval(values), abs=1e-6)


def test_a_column_taken_for_another_is_noticed(monkeypatch):
    right, swapped = _cube.intervals, {"mean": "ci_low", "ci_low": "mean"}
    monkeypatch.setattr(
        _cube, "intervals", lambda *args, **kw: right(*args, **kw).rename(columns=swapped)
    )
    with pytest.raises(AssertionError):
        test_overfitting_shows_the_intervals_of_the_atlas()


def test_mismatch_shows_the_intervals_of_the_atlas():
    chart = widgets.domain_mismatch("pair=emoji;regime=frozen;dial=style")
    table = chart.table().set_index(["panel", "line", "at"])
    rows = atlas.load("mismatch").query(
        "task == 'emoji_noto' and dial == 'style' and adaptation == 'coral' "
        "and metric == 'accuracy'"
    )
    title = "Accuracy on the moved images"
    for severity, values in rows.groupby("severity")["value"]:
        shown = table.loc[(title, "CORAL", severity), ["mean", "ci_low", "ci_high"]]
        assert shown.tolist() == pytest.approx(t_interval(values), abs=1e-6)


def test_the_gap_is_the_difference_seed_by_seed():
    chart = widgets.overfitting("shots=5;augment=none;step=150")
    rows = atlas.load("overfitting").query(
        "watched == 'pool' and shots == 5 and width == 1.0 and augment == 'none' "
        "and regime == 'scratch' and weight_decay == 0 and metric == 'accuracy' and step == 150"
    )
    wide = rows.pivot_table(index="seed", columns="split", values="value")
    mean, low, high = (100 * x for x in t_interval(wide["train"] - wide["val"]))
    assert f"gap: +{mean:.1f} points ({low:.1f} to {high:.1f})." in chart.describe()


@pytest.mark.parametrize(("question", "against"), [("source", "frozen"), ("worth", "best")])
def test_the_gain_of_a_source_is_that_of_the_atlas(question, against):
    state = "target=emoji;regime=frozen;source=ImageNet-1k;shots=10"
    chart = widgets.negative_transfer(f"against={question};{state}")
    places = ["task", "source", "regime", "shots"]
    rows = atlas.load("transfer").query("task == 'emoji' and shots == 10")
    expected = judged(rows, against).set_index(places).loc[("emoji", "ImageNet-1k", "frozen", 10)]
    both = expected["reached"], expected["reached"] - expected["difference"]
    told = ", ".join(
        f"{100 * share:.1f}% {how}" for share, how in zip(both, ("with it", "without"), strict=True)
    )
    assert told in chart.describe()
    row = chart.table().query("panel.str.startswith('Accuracy') and at == 'ImageNet (Lite0)'")
    shown = row[["mean", "ci_low", "ci_high"]].iloc[0].tolist()
    assert shown == pytest.approx(expected[["difference", "ci_low", "ci_high"]].tolist(), abs=1e-6)
    assert row["verdict"].item() == expected["verdict"]
    assert f"verdict: {expected['verdict']}." in chart.describe()


def test_sources_stand_by_area_and_gain_and_scores_as_they_do():
    chart = widgets.negative_transfer("target=fashion_5_9;shots=10;regime=frozen")
    shown = chart.table().query("panel.str.startswith('Accuracy')")
    area = shown["verdict"].map({"helps": 2, "cannot tell": 1, "hurts": 0})
    assert area.is_monotonic_decreasing
    assert set(area) == {0, 1, 2}  # it opens on sources that help beside some that hurt
    for _, rows in shown.groupby("verdict"):
        assert rows["mean"].is_monotonic_decreasing
    said = chart.table().query("line == 'kNN'")
    assert said["at"].tolist() == [name for name in shown["at"] if name in set(said["at"])]


def test_fine_tuning_without_a_source_is_training_from_scratch():
    chart = widgets.negative_transfer("target=digits;shots=10;regime=fine_tune;source=glyphs")
    rows = atlas.load("transfer").query("task == 'digits' and shots == 10")
    expected = judged(rows).query("source == 'glyphs' and regime == 'fine_tune'").iloc[0]
    row = chart.table().query("at == 'letters' and panel.str.startswith('Accuracy')")
    assert row["mean"].item() == pytest.approx(expected["difference"], abs=1e-6)
    without = expected["reached"] - expected["difference"]
    assert f"{expected['reached']:.1%} with it, {without:.1%} without" in chart.describe()


def test_layers_show_the_intervals_of_the_atlas():
    chart = widgets.layers("target=digits;shots=5;stages=2")
    rows = atlas.load("layers").query("task == 'digits' and shots == 5 and regime == 'partial_2'")
    tested = rows.query("split == 'test' and metric == 'accuracy'")
    shown = chart.table().query("at == 2")[["mean", "ci_low", "ci_high"]].iloc[0].tolist()
    assert shown == pytest.approx(both_ways(tested), abs=1e-6)
    [learning] = set(rows.loc[rows["metric"] == "parameters_trained", "value"])
    assert f"parameters that learn: {learning:.0f}." in chart.describe()


def test_three_ways_show_the_intervals_of_the_atlas():
    chart = widgets.three_ways(state="target=fashion_5_9;shots=50")
    table = chart.table().set_index(["panel", "line", "at"])
    numbers = ["mean", "ci_low", "ci_high"]
    rows = atlas.load("transfer").query(
        "task == 'fashion_5_9' and source == 'fashion_0_4' and regime == 'fine_tune' "
        "and shots == 10 and split == 'test' and metric == 'accuracy'"
    )
    shown = table.loc[("Accuracy against labels", "fine_tune", 10), numbers].tolist()
    assert shown == pytest.approx(both_ways(rows), abs=1e-6)
    steps = atlas.load("progress").query(
        "task == 'fashion_5_9' and regime == 'scratch' and shots == 50"
    )
    half = steps[steps["step"] == steps["step"].max() // 2]
    chart.state = "against=updates"
    table = chart.table().set_index(["panel", "line", "at"])
    shown = table.loc[("Accuracy against updates", "scratch", 50), numbers].tolist()
    assert shown == pytest.approx(t_interval(half["value"]), abs=1e-6)


def test_three_ways_say_how_many_labels_are_saved():
    chart = widgets.three_ways(state="target=emoji;shots=5;arm=frozen")
    rows = atlas.load("transfer").query("task == 'emoji'")
    arms = {"frozen": "lite0", "scratch": "resnet8"}
    rows = rows[rows["backbone"] == rows["regime"].map(arms)]
    saved = labels_saved(rows, "frozen", "scratch", shots=5)
    assert saved.low > 5
    assert f"labels: {saved.tell()}." in chart.describe()


def test_three_ways_show_images_that_one_alone_gets_right():
    chart = widgets.three_ways(state="target=emoji;shots=5;arm=frozen")
    rows = atlas.load("transfer").query(
        "task == 'emoji' and shots == 5 and split == 'test' and metric == 'accuracy'"
    )
    n = len(tlt.load_task("emoji").test)
    ours, theirs = (
        np.stack([unpack(packed, n) for packed in rows.query(arm).sort_values("seed")["right"]])
        for arm in (
            "backbone == 'lite0' and regime == 'frozen'",
            "backbone == 'resnet8' and regime == 'scratch'",
        )
    )
    share = 100 * (ours & ~theirs).mean(1)
    mean, low, high = t_interval(share)
    label = "images right with the source, wrong from scratch"
    assert f"{label}: {mean:.1f}% ({low:.1f} to {high:.1f})." in chart.describe()
    gaps = np.sort(ours.sum(0) - theirs.sum(0))
    for strip, best in zip(chart._spec.strips, (gaps[::-1], gaps), strict=True):
        us, them = (chart._pick(strip, codes) for codes in strip.answers.values())
        assert (us - them).tolist() == best[: len(us)].tolist()


def test_three_ways_take_a_table_of_ones_own():
    rows = atlas.load("transfer").query("task == 'digits' and shots in [5, 10]")
    arms = {"frozen": "small:glyphs", "scratch": "resnet8"}
    mine = rows[rows["backbone"] == rows["regime"].map(arms)]
    chart = widgets.three_ways(mine, state="shots=10")
    assert "held against scratch: frozen" in chart.describe()
    assert len(chart._spec.strips) == 2
    bare = widgets.three_ways(mine.drop(columns=["right", "groups"]))
    assert bare._spec.strips == ()
    with pytest.raises(ValueError, match=r"two regimes or more, to compare; got frozen"):
        widgets.three_ways(mine.query("regime == 'frozen'"))
    with pytest.raises(ValueError, match=r"columns of results must be one of .*; got 'task'"):
        widgets.three_ways(mine.drop(columns="task"))


def test_the_chart_of_overfitting_opens_where_the_loss_rises():
    chart = widgets.overfitting()
    loss = chart.table().query("panel == 'Loss' and line == 'other images'")["mean"]
    assert loss.iloc[-1] > loss.min() + 0.5
    accuracy = chart.table().query("panel == 'Accuracy' and line == 'other images'")["mean"]
    assert accuracy.iloc[-1] > accuracy.iloc[loss.argmin()]
    assert f"to {loss.iloc[-1]:.2f}; their accuracy does not fall" in chart.describe()


def test_the_images_shown_have_the_largest_losses():
    chart = widgets.overfitting("shots=5;augment=shift")
    [strip] = chart._spec.strips
    at = tuple(chart.at[name] for name in strip.by)
    rows = atlas.load("memorised").query(
        "shots == 5 and width == 1.0 and regime == 'scratch' and augment == 'shift' "
        "and weight_decay == 0"
    )
    wanted = rows["loss"].nlargest(strip.values.shape[-1])
    assert strip.values[at].tolist() == pytest.approx(wanted.tolist())


def side(values):
    """Return on which side of zero an interval over seeds lies, 0 for both, and its mean."""
    mean, low, high = t_interval(values)
    return (low > 0) - (high < 0), 100 * abs(mean)


def test_the_sentence_on_mismatch_says_what_the_intervals_say():
    chart = widgets.domain_mismatch()
    [fact] = (fact for fact in chart._spec.facts if fact.id == chart._spec.headline)
    rows = atlas.load("mismatch").query("metric == 'accuracy'")
    seen = set()
    for (task, regime, dial), here in rows.groupby(["task", "regime", "dial"]):
        chart.state = f"pair={PAIRS[task]};regime={regime};dial={dial}"
        wide = here.pivot_table(index="seed", columns=["adaptation", "severity"], values="value")
        for severity in range(6):
            chart.state = f"severity={severity}"
            told, bare = chart._fact_text(fact), wide["none", severity]
            if not severity:
                share = re.fullmatch(r"nothing is moved yet: (.*)% right", told)[1]
                assert float(share) == pytest.approx(100 * bare.mean(), abs=0.051)
                continue
            lost, points = side(bare - wide["none", 0])
            won, back = side(wide["statistics", severity] - bare)
            number = r"(\d+\.\d)"
            cost = {
                -1: f"{dial} {severity} costs {number} points, {number}% stay right",
                0: f"cannot tell whether {dial} {severity} costs anything: {number}% right",
                1: f"{dial} {severity} adds {number} points: {number}% right",
            }[lost]
            less = lost < 0
            gain = {
                -1: f"cost {number} points{' more' if less else ''}",
                0: "cannot tell whether BatchNorm statistics of the target help",
                1: f"win {number} {'back' if less else 'points'}",
            }[won]
            gain = f"BatchNorm statistics of the target {gain}" if won else gain
            found = re.fullmatch(f"{cost}; {gain}", told)
            assert found, told
            wanted = [*([points] if lost else []), 100 * bare.mean(), *([back] if won else [])]
            assert [*map(float, found.groups())] == pytest.approx(wanted, abs=0.051)
            seen.add((lost, won))
    assert {(-1, -1), (-1, 1), (-1, 0), (0, 0)} <= seen


def test_the_chart_of_mismatch_opens_on_a_sentence_that_play_completes():
    chart = widgets.domain_mismatch()
    assert "in one sentence: nothing is moved yet: " in chart.describe()
    chart.state = f"severity={chart._spec.once}"
    told = r"contrast 4 costs .* points, .* stay right; BatchNorm statistics .* cost"
    assert re.search(told, chart.describe())
