"""On a GPU, updates that are recorded do what they did piece by piece."""

from __future__ import annotations

import pytest
import torch
from torch import nn

import tlteach as tlt
from tlteach.training import graphed
from tlteach.training.graphed import PIECEMEAL, Graphed, tensor_rates

ON_A_GPU = pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
NEVER = 10**9
UPDATES = 24


@pytest.mark.gpu
@ON_A_GPU
@pytest.mark.parametrize(
    "regime", ["scratch", "fine_tune", "partial", "l2_sp", "gradual", "bitfit"]
)
def test_recorded_updates_are_those_made_piece_by_piece(few, regime, monkeypatch):
    settings = tlt.TrainConfig(updates=UPDATES, batch_size=16, precision="fp32")

    def losses():
        net = tlt.load_backbone("resnet8")
        run = tlt.train(net, few, regime, settings, seed=0, device="cuda")
        return run.history.query("metric == 'loss' and split == 'train'")["value"].tolist(), run

    recorded, run = losses()
    monkeypatch.setattr(graphed, "PIECEMEAL", NEVER)
    pieces, other = losses()
    assert len(recorded) == UPDATES
    # convolutions on a GPU add in an order of their own, and training makes that grow
    assert recorded == pytest.approx(pieces, rel=0.02, abs=1e-3)
    assert recorded[0] != recorded[-1]
    there, here = (r.model.state_dict() for r in (run, other))
    for name, tensor in there.items():
        if tensor.is_floating_point():
            torch.testing.assert_close(tensor, here[name], rtol=0.05, atol=0.02)


@pytest.mark.gpu
@ON_A_GPU
def test_the_learning_rate_is_read_anew_at_each_update():
    weight, optimizer, update = _falling()
    step = Graphed(update, optimizer)
    one = torch.ones(1, device="cuda")
    for _ in range(PIECEMEAL + 2):
        step(one, one)
    assert step.recorded
    before = weight.item()
    optimizer.param_groups[0]["lr"].fill_(0.125)
    step(2 * one, one)  # and so are the inputs: the gradient is 2 now
    assert weight.item() == pytest.approx(before - 0.25)
    assert weight.item() == pytest.approx(1 - 0.5 * (PIECEMEAL + 2) - 0.25)


@pytest.mark.gpu
@ON_A_GPU
def test_what_cannot_be_recorded_goes_on_piece_by_piece():
    weight, optimizer, plain = _falling()

    def asks(x, y):
        assert x.sum().item() == 1  # the processor waits for the GPU: no graph can
        return plain(x, y)

    step = Graphed(asks, optimizer)
    one = torch.ones(1, device="cuda")
    for _ in range(PIECEMEAL + 3):
        step(one, one)
    assert step.recorded is False
    assert weight.item() == pytest.approx(1 - 0.5 * (PIECEMEAL + 3))


def _falling():
    """Return a weight of 1 on the GPU, its optimizer, and an update whose gradient is x * y."""
    weight = nn.Parameter(torch.ones(1, device="cuda"))
    optimizer = torch.optim.SGD([weight], lr=0.5, fused=True)
    tensor_rates(optimizer, torch.device("cuda"))

    def update(x, y):
        loss = (weight * x * y).sum()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return loss.detach()

    return weight, optimizer, update


def test_batches_lie_where_they_are_asked_for_and_are_the_same():
    from tlteach.training.loop import batches

    here = list(batches(10, 4, 3, seed=0))
    there = list(batches(10, 4, 3, seed=0, where=torch.device("meta")))
    assert {batch.device.type for batch in there} == {"meta"}
    again = batches(10, 4, 3, seed=0, where=torch.device("cpu"))
    assert all(one.equal(other) for one, other in zip(here, again, strict=True))
