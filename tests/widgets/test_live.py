"""Live training and the explorer without a browser: what they show is what was measured."""

import math

import pytest
import torch
import torch.nn.functional as F
from torch import nn

import tlteach as tlt
from tests.helpers.lively import short, spoilt, wait_for
from tlteach import widgets
from tlteach.training.steering import Steering
from tlteach.widgets._live import SIDE, Looks, sheet


def test_a_click_that_fails_says_so():
    live = widgets.train_live("digits")
    live.regime.value = "partial"
    live._backbone = None  # what a broken argument would leave
    live.go.click()
    with pytest.raises(TypeError, match="backbone must be a Backbone"):
        live.training.result()
    assert "backbone must be a Backbone" in live.message.value
    assert 'role="alert"' in live.message.value
    assert not live.go.disabled


def test_a_second_click_while_it_trains_says_so():
    live, other = short(), short()
    live.step.click()
    other.go.click()
    assert "one training at a time" in other.message.value
    live.halt.click()
    run = live.training.result()
    assert live.runs == [run]


@pytest.fixture(scope="module")
def trained():
    return spoilt()


def test_a_step_goes_to_the_next_point_and_pauses():
    live = short()
    for k in (1, 2):
        live.step.click()
        wait_for(live, 10 * k)
        live._draw()
        assert live.table()["at"].unique().tolist() == [10 * i for i in range(1, k + 1)]
    live.go.click()
    assert live.training.result().updates == 60


def test_a_training_is_told_and_drawn(trained):
    history = trained.runs[-1].history
    titles = {"accuracy": "Accuracy", "log_loss": "Loss"}
    for split, name in (("train", "what it learns from"), ("val", "other images")):
        for metric, title in titles.items():
            rows = history[(history["split"] == split) & (history["metric"] == metric)]
            known = trained.table()
            table = known[(known["line"] == name) & (known["panel"] == title)]
            assert table["mean"].tolist() == rows["value"].tolist()
            assert table["at"].tolist() == rows["step"].tolist()
            drawn = {
                line.get_label(): line for line in trained.figure().axes[metric != "accuracy"].lines
            }
            assert list(drawn[name].get_ydata()) == rows["value"].tolist()
    told = trained.describe()
    ends = trained.table().query("panel == 'Accuracy'").groupby("line")["mean"].last()
    assert f"other images {100 * ends['other images']:.1f}%" in told
    gap = ends["what it learns from"] - ends["other images"]
    assert f"the gap is {100 * gap:+.1f} points" in told


def test_what_is_turned_acts_from_the_next_update_and_is_marked(trained):
    marks = [item for item in trained.chart.live if "mark" in item]
    assert marks == [
        {"mark": 30, "label": "label noise 60 %"},
        {"mark": 30, "label": "weight decay 0.005"},
    ]
    assert "Turned: label noise 60 % from update 30, weight decay 0.005 from" in trained.describe()
    clean = short(updates=120)
    clean.go.click()
    clean.training.result()
    ours, theirs = (
        one.table().set_index(["panel", "line", "at"])["mean"] for one in (trained, clean)
    )
    same = ours.index.get_level_values("at") <= 30
    assert ours[same].equals(theirs[same])
    assert ours["Accuracy", "other images", 120] < theirs["Accuracy", "other images", 120] - 0.1


def test_images_are_looked_at_with_their_losses(trained, digits):
    ours, others = trained.chart.looks
    learnt = trained._steering.learnt(trained._looks._few).train
    assert [tile["is"] for tile in ours["tiles"]] == [
        digits.classes[learnt.labels[i]] for i in trained._looks._ours
    ]
    # some are learnt with wrong labels by now
    assert learnt.labels.ne(trained._looks._few.train.labels).float().mean() > 0.4
    assert all(tile["said"] != tile["is"] for tile in others["tiles"])
    logits = trained.runs[-1].predictions["val"]
    wrong = logits.argmax(1) != trained._looks._few.val.labels
    assert others["title"].endswith(f"{int(wrong.sum())} of {len(wrong)}")
    losses = F.cross_entropy(logits, trained._looks._few.val.labels, reduction="none")
    shown = sorted(tile["loss"] for tile in others["tiles"])
    assert shown == pytest.approx(sorted(losses[trained._looks._wrong].tolist()), abs=1e-4)


def test_a_run_is_named_by_what_it_was_started_with():
    live = short()
    live.step.click()
    wait_for(live, 10)
    live.regime.value, live.shots.value = "frozen", 2
    live.go.click()
    live.training.result()
    assert live.describe().startswith("scratch, 5 shots: ")


def test_a_training_that_diverges_says_where_and_draws_numbers_only():
    live = short(lr=1e30, updates=20)
    live.go.click()
    assert live.training.result().diverged == 2
    assert "diverged at update 2" in live.message.value
    drawn = [value for line in live.chart.live for value in line.get("y", [])]
    assert all(math.isfinite(value) for value in drawn)


def test_an_earlier_training_stays_in_grey():
    live = short()
    live.go.click()
    live.training.result()
    first = [line["y"] for line in live.chart.live if line.get("series") == "val"]
    live.seed.value = 1
    live.go.click()
    live.training.result()
    past = [line["y"] for line in live.chart.live if "panel" in line and "series" not in line]
    assert past == first


def test_a_head_solved_at_once_is_a_level_line():
    live = widgets.train_live("digits", backbone="small:glyphs")
    live.regime.value = "frozen"
    live.go.click()
    live.training.result()
    for line in live.chart.live:
        if "series" in line:
            assert line["x"] == [0, 600]
            assert line["y"][0] == line["y"][1]


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


class Answers(nn.Module):
    """Answer some images of a split wrongly, and all others rightly."""

    def __init__(self, split):
        super().__init__()
        self.split, self.wrong = split, []
        self.scale = nn.Parameter(torch.ones(()))

    def forward(self, images):
        if len(images) != len(self.split):  # the images it learns from
            return torch.zeros(len(images), 10)
        labels = self.split.labels.clone()
        labels[self.wrong] = (labels[self.wrong] + 1) % 10
        return F.one_hot(labels, 10) * self.scale


def test_images_that_stay_wrong_keep_their_places():
    few = tlt.few_shot(tlt.load_task("digits"), 20, seed=0)
    looks = Looks(few, Steering(tlt.TrainConfig(), seed=0))
    model, names = Answers(few.val), [few.classes[int(label)] for label in few.val.labels]
    for model.wrong, places in (([9, 17], [9, 17]), ([1, 9, 12, 17], [9, 17, 1, 12]), ([1], [1])):
        looks(model, 1)
        assert [tile["is"] for tile in looks.groups[1]["tiles"]] == [names[i] for i in places]
        alone = [tile["src"] for tile in looks.groups[1]["tiles"]]
        assert alone == [sheet([few.val.images[i]], SIDE)[0] for i in places]
