"""Short trainings of a small network, and which of its tensors moved."""

import tlteach as tlt

CONFIG = tlt.TrainConfig(lr=0.01, updates=3, batch_size=8, precision="fp32")
NORM = ("1.weight", "1.bias")  # of each stage of small_cnn: convolution 0, norm 1
STATISTICS = ("1.running_mean", "1.running_var", "1.num_batches_tracked")


def trained(task, regime, *, seed=0, config=CONFIG, backbone=None):
    backbone = backbone or tlt.load_backbone("small_cnn", seed=0)
    return tlt.train(backbone, task, regime, config, seed=seed, device="cpu")


def changed(run, backbone):
    """Names of the backbone's tensors that are no longer as they were, bit for bit."""
    before = backbone.net.state_dict()
    return {n for n, t in run.model.backbone.net.state_dict().items() if not t.equal(before[n])}


def in_stages(numbers, endings):
    return {f"stage{i}.{ending}" for i in numbers for ending in endings}


def same_bits(a, b):
    pairs = zip(a.model.state_dict().values(), b.model.state_dict().values(), strict=True)
    return all(x.equal(y) for x, y in pairs)
