"""One run by hand: what validation images choose is trained on every label."""

import torch

import tlteach as tlt
from tlteach.data import all_labels
from tlteach.experiment import choose, score, train_searched
from tlteach.training import draw_configs


def test_the_best_setting_on_validation_is_trained_on_all_labels():
    few = tlt.few_shot(tlt.load_task("digits"), 5, seed=0)
    net, base = tlt.load_backbone("small:glyphs"), tlt.TrainConfig(updates=5, precision="fp32")
    run = train_searched(net, few, "fine_tune", base, search=3, seed=1)
    configs = draw_configs(tlt.REGIMES["fine_tune"], base, 3, seed=1)
    runs = [tlt.train(net, few, "fine_tune", config, seed=1) for config in configs]
    best = choose([score(one.predictions["val"], few.val.labels) for one in runs], 3)
    again = tlt.train(net, all_labels(few), "fine_tune", configs[best], seed=1)
    assert run.config == again.config
    images = few.test.images[:50]
    assert torch.equal(tlt.predict(run.model, images), tlt.predict(again.model, images))
