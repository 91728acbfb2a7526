"""Live training and the explorer without a browser: what they show is what was measured."""

import pytest

from tlteach import widgets


def test_a_click_that_fails_says_so():
    live = widgets.train_live("digits")
    live.regime.value = "partial"
    live._backbone = None  # what a broken argument would leave
    live.go.click()
    with pytest.raises(AttributeError):
        live.training.result()
    assert "AttributeError" in live.message.value
    assert 'role="alert"' in live.message.value
    assert not live.go.disabled


def test_a_second_click_while_it_trains_says_so():
    live = widgets.train_live("digits")
    other = widgets.train_live("digits")
    live.go.click()
    live.training.pause()
    other.go.click()
    assert "one training at a time" in other.message.value
    live.halt.click()
    run = live.training.result()
    assert live.runs == [run]
    assert {line["panel"] for line in live.chart.live} <= {"accuracy"}


def test_a_training_is_told_and_drawn():
    live = widgets.train_live("digits")
    assert "Trained here, accuracy at the end: nothing yet." in live.describe()
    assert live.table().empty
    live.go.click()
    history = live.training.result().history
    rows = history[(history["split"] == "val") & (history["metric"] == "accuracy")]
    table = live.table().query("line.str.startswith('other')")
    assert table["mean"].tolist() == rows["value"].tolist()
    assert table["at"].tolist() == rows["step"].tolist()
    assert f"{100 * rows['value'].iloc[-1]:.1f}%" in live.describe()
    drawn = {line.get_label(): line.get_ydata() for line in live.figure().axes[0].lines}
    assert list(drawn["other: scratch, 5 shots"]) == rows["value"].tolist()
    live.state = "step=15"
    assert live.chart.state == live.state == "step=15"


def test_a_run_is_named_by_what_it_was_started_with():
    live = widgets.train_live("digits")
    live.go.click()
    live.training.pause()
    live.regime.value, live.shots.value = "frozen", 2
    live.training.go_on()
    live.training.result()
    assert {line["label"] for line in live.chart.live} == {
        "learns: scratch, 5 shots",
        "other: scratch, 5 shots",
    }


@pytest.fixture(scope="module")
def explorer():
    return widgets.look("digits", backbone="small:glyphs", shots=5)


def test_an_explorer_tells_what_the_model_says(explorer, digits):
    explorer.state = "images=wrong;number=2"
    table = explorer.table()
    assert (table["label"] != table["said"]).all()
    row = table.iloc[2]
    assert digits.test.labels[row["row"]].item() == int(row["label"])
    told = explorer.describe()
    assert f"it is {row['label']}. The model says: {row['said']} {100 * row['share']:.0f} %" in told
    assert [ax.get_title() for ax in explorer.figure().axes][:2] == [
        f"it is: {row['label']}",
        f"says: {row['said']}",
    ]
    assert explorer.state == "images=wrong;number=2"


def test_an_explorer_refuses_what_is_not_there(explorer):
    explorer.state = "images=right;number=1"
    with pytest.raises(ValueError, match=r"images must be one of 'all', .*; got 'odd'"):
        explorer.state = "images=odd"
    with pytest.raises(ValueError, match=r"number must be between 0 and \d+; got '-1'"):
        explorer.state = "images=wrong;number=-1"
    assert explorer.state == "images=right;number=1"


def test_live_lines_are_what_was_measured():
    live = widgets.train_live("digits")
    live.go.click()
    history = live.training.result().history
    for line, split in zip(live.chart.live, ("train", "val"), strict=True):
        rows = history[(history["split"] == split) & (history["metric"] == "accuracy")]
        assert (line["x"], line["y"]) == (rows["step"].tolist(), rows["value"].tolist())
