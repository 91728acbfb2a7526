"""A comparison whose seeds draw their own test images, and how often it is wrong."""

import numpy as np
import pandas as pd
import pytest

import tlteach as tlt
from tests.data.test_resplit import two_by_thirty
from tlteach.measures.estimate import contrast


@pytest.fixture(scope="module")
def results(digits):
    few = tlt.few_shot(digits, 12, seed=0)
    task = tlt.resplit(few)
    options = {"backbone": "small_cnn", "regimes": ["frozen"], "shots": [2], "seeds": range(5)}
    return tlt.compare(
        task, **options, search="smoke", baselines=["majority", "raw_pixels"], progress=False
    )


def test_every_seed_is_tested_on_its_own_images(results):
    rows = results[(results["split"] == "test") & (results["metric"] == "accuracy")]
    assert rows["right"].isna().all()
    # of 120 labelled and 1,000 test images each seed tests on one in five, whatever the pool
    assert rows["resplit"].astype(float).to_numpy() == pytest.approx(0.25, abs=0.01)
    per_seed = rows[rows["regime"] == "frozen"]["value"].tolist()
    assert len(set(per_seed)) > 1


def test_majority_has_the_floor_of_balanced_accuracy(results):
    rows = results[(results["split"] == "test") & (results["metric"] == "balanced_accuracy")]
    assert rows[rows["regime"] == "majority"]["value"].to_numpy() == pytest.approx(1 / 10)


def test_the_interval_is_that_of_nadeau_and_bengio(results):
    found = tlt.verdict(results, "frozen", "majority")
    rows = results[(results["split"] == "test") & (results["metric"] == "accuracy")]
    values = rows.set_index(["regime", "seed"])["value"]
    d = (values["frozen"] - values["majority"]).to_numpy()
    share = float(rows["resplit"].iloc[0])
    half = 2.7764451 * np.sqrt((1 / 5 + share) * d.var(ddof=1))
    assert (found.low, found.high) == pytest.approx((d.mean() - half, d.mean() + half))
    assert found.seeds_low > found.low
    assert found.over == "seeds and splits"
    assert "over seeds, each with its own split; " in str(found)
    assert set(tlt.summarize(results)["over"]) <= {"seeds and splits", "seeds"}


def test_one_split_and_splits_by_seed_are_not_mixed(results):
    mixed = results.copy()
    mixed.loc[mixed["regime"] == "majority", "resplit"] = None
    with pytest.raises(ValueError, match="tested on one split, or each seed on its own; got both"):
        tlt.verdict(mixed, "frozen", "majority")


def near(images, known, labels):
    """Return which class mean of the known images each image is nearest to."""
    means = np.stack([images[known[labels[known] == c]].mean(0) for c in (0, 1)])
    return np.square(images[:, None] - means).sum(2).argmin(1)


def simulated(task, seeds, runs=400):
    """Return the estimates of two methods that are equal: each sees features of its own."""
    fews = [tlt.few_shot(task, 5, seed=seed) for seed in range(seeds)]
    parts = [(few.labelled.index.numpy(), few.test.index.numpy()) for few in fews]
    labels, random, found = np.arange(60) % 2, np.random.default_rng(0), []
    shares = [len(test) / (60 - len(test)) for _, test in parts]
    for _ in range(runs):
        arms = []
        for _ in "ab":
            images = random.normal(size=(60, 8)) + 0.35 * labels[:, None]
            right = [near(images, known, labels)[test] == labels[test] for known, test in parts]
            value = [r.mean() for r in right]
            arms.append(pd.DataFrame({"value": value, "resplit": shares}))
        found.append(contrast(*arms))
    return found


@pytest.mark.parametrize("seeds", [5, 20])
def test_equal_methods_on_sixty_photographs_rarely_earn_a_word(seeds):
    found = simulated(tlt.resplit(two_by_thirty()), seeds)
    assert np.mean([one.word in ("helps", "hurts") for one in found]) <= 0.06
    alone = [one.seeds_low > 0 or one.seeds_high < 0 for one in found]
    assert np.mean(alone) > 0.06  # without the correction it fails
