"""Charts without a browser: their numbers are the atlas's, their states are safe."""

import json

import numpy as np
import pytest

import tlteach as tlt
from tlteach import atlas, widgets
from tlteach.atlas import judged
from tlteach.measures import labels_saved, summarize, t_interval, unpack
from tlteach.widgets import _cube, pages
from tlteach.widgets._bundle import MODULES, STATIC, script, style
from tlteach.widgets._chart import EVERY, WAITING, Chart
from tlteach.widgets._spec import Control, Fact, Spec
from tlteach.widgets._words import fixed

CHARTS = list(widgets.CHARTS)


@pytest.fixture(params=CHARTS)
def chart(request):
    return getattr(widgets, request.param)()


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


def test_predict_first_hides_until_a_guess():
    chart = widgets.negative_transfer(predict=True)
    assert chart.describe() == WAITING
    chart.guess = "hurts"
    assert "verdict: " in chart.describe()


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


def test_every_control_changes_what_is_told(chart):
    start = chart.state
    for control in chart.spec["controls"]:
        told = set()
        if control["id"] in ("share", "seconds"):  # asked by a panel that is shown later
            chart.state = f"against={'updates' if control['id'] == 'share' else 'seconds'}"
            chart.state = "target=digits"
        for value in control["values"]:
            chart.state = f"{control['id']}={value}"
            told.add(chart.describe())
        chart.state = start
        assert len(told) == len(control["values"])


def test_presets_are_states(chart):
    for preset in chart.spec["presets"]:
        chart.state = preset["state"]
        assert not chart.table().empty


def test_a_state_brings_a_view_back(chart):
    first = chart.state
    chart.state = chart.spec["presets"][1]["state"]
    assert chart.state != first
    told, moved = chart.describe(), chart.state
    chart.state = first
    chart.state = moved
    assert chart.describe() == told


def test_a_wrong_state_is_refused_and_changes_nothing(chart):
    before = chart.state
    with pytest.raises(ValueError, match=r"state must name controls out of .*; got 'shotz'"):
        chart.state = "shotz=5"
    name = chart.spec["controls"][-1]["id"]
    with pytest.raises(ValueError, match=f"{name} must be one of .*; got '7.5'"):
        chart.state = f"{name}=7.5"
    assert chart.state == before


def test_the_picture_shows_the_same_lines(chart):
    figure = chart.figure()
    shown = [panel.title for panel in chart._spec.shown(chart.at)]
    drawn = [panel for panel in chart.spec["panels"] if panel["title"] in shown]
    for ax, panel in zip(figure.axes, drawn, strict=True):
        rows = chart.table().query("panel == @panel['title']")
        for series in panel["series"]:
            mine = rows.loc[rows["line"] == series["label"], "mean"].to_numpy()
            found = [line for line in ax.lines if line.get_label() == series["label"]]
            found += [bar[0] for bar in ax.containers if bar.get_label() == series["label"]]
            [line] = found
            drawn = np.asarray(line.get_ydata(), float)
            assert drawn[~np.isnan(drawn)] == pytest.approx(mine)


def test_what_is_saved_stays_small(chart):
    saved = len(json.dumps(chart.spec)) + len(chart.cube) * 4 / 3  # base64
    front = len(script().encode()) + len(style().encode())
    assert saved + front <= 750_000  # a map of moving points alone takes a quarter of a megabyte
    assert front < 80_000  # every saved chart brings it along; 40 kB held lines and strips alone


def test_every_module_of_the_front_end_is_joined():
    assert sorted(path.stem for path in (STATIC / "chart").iterdir()) == sorted(MODULES)
    for name in MODULES:
        assert len((STATIC / "chart" / f"{name}.js").read_text().splitlines()) < 300


def test_the_front_end_fetches_nothing():
    source = script() + style()
    assert not [word for word in ("fetch(", "XMLHttp", "import ", "@import") if word in source]
    assert source.count("http") == source.count("http://www.w3.org/2000/svg")


def asking() -> Chart:
    words = ("hurts", "helps")
    fact = Fact("verdict", "verdict", ("shots",), np.array([0, 1], np.float32), "word", words)
    control = Control("shots", "shots", (1, 2))
    return Chart(Spec("T", "L", (control,), (), (fact,), predict=("Which?", words, "verdict")))


def test_results_wait_for_a_guess():
    chart = asking()
    assert chart.describe() == WAITING
    assert WAITING in chart.picture()
    chart.guess = "helps"
    assert chart.describe() == "shots: 1. verdict: hurts."


def test_a_guess_belongs_to_its_state():
    chart = widgets.negative_transfer("target=digits;shots=10", predict=True)
    chart.guess = "hurts"
    assert "verdict: " in chart.describe()
    chart.state = "shots=50"
    assert (chart.guess, chart.describe()) == ("", WAITING)
    chart.state = "shots=10"
    assert "verdict: " in chart.describe()
    chart.guesses = {EVERY: ""}
    chart.state = "shots=50"
    assert "verdict: " in chart.describe()


def test_a_page_holds_no_end_of_its_script(tmp_path):
    chart = asking()
    chart.guess = "</script><b>"
    text = pages.write_page([chart], tmp_path / "p.html", title="<T>").read_text()
    assert "</script><b>" not in text
    assert "<title>&lt;T&gt;</title>" in text


@pytest.mark.parametrize(
    ("value", "digits", "text"),
    [(0.25, 1, "0.3"), (-0.25, 1, "-0.3"), (2.5, 0, "3"), (0.1, 3, "0.100"), (1e-9, 1, "0.0")],
)
def test_halves_go_away_from_zero(value, digits, text):
    assert fixed(value, digits) == text
