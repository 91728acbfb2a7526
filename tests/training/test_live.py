"""Training beside the kernel: the same bits as `train`, with pause, stop and errors."""

import dataclasses
import threading

import pytest
import torch

import tlteach as tlt
from tlteach.training import LiveTraining

CONFIG = tlt.TrainConfig(updates=30, measure_every=10, precision="fp32")


def live(few, small, regime="scratch", config=CONFIG, **more):
    return LiveTraining(small, few, regime, config, seed=0, device="cpu", **more)


def test_it_gives_what_train_gives(few, small):
    training = live(few, small)
    training.start()
    run = training.result()
    same = tlt.train(small, few, "scratch", CONFIG, seed=0, device="cpu")
    assert run.history.equals(same.history)
    assert run.after == same.after
    assert torch.equal(run.predictions["val"], same.predictions["val"])
    assert (training.state, training.step, training.total) == ("done", 30, 30)
    assert training.seconds_left == 0


def test_it_ends_with_a_flat_loss_as_train_does(few, small):
    config = tlt.TrainConfig(lr=0.1, augment="none", precision="fp32")
    training = live(few, small, config=config)
    training.start()
    run = training.result()
    same = tlt.train(small, few, "scratch", config, seed=0, device="cpu")
    assert run.history.equals(same.history)
    assert (run.after, run.converged) == (same.after, True)
    assert (training.state, training.step) == ("done", same.updates)
    assert training.step == training.total < 400
    assert training.seconds_left == 0


def test_stop_keeps_what_is_done(few, small):
    training = None

    def tell():
        if training.step >= 1:
            training.stop()

    training = live(few, small, tell=tell)
    training.start()
    run = training.result()
    assert training.state == "stopped"
    assert 1 <= run.updates == training.step < 30
    losses = run.history[run.history["metric"] == "loss"]
    assert len(losses) == run.updates == run.config.updates
    whole = tlt.train(small, few, "scratch", CONFIG, seed=0, device="cpu").history
    theirs = whole[whole["metric"] == "loss"]["value"][: run.updates]
    assert losses["value"].tolist() == theirs.tolist()


def test_a_pause_holds_and_goes_on(few, small):
    begun = threading.Event()
    training = live(few, small, tell=begun.set)
    training.start()
    training.pause()
    assert training.state == "paused"
    begun.wait(60)
    with pytest.raises(TimeoutError, match=r"the training is paused, at update \d+ of 30"):
        training.result(timeout=0.5)
    done = training.step
    assert done < 30
    with pytest.raises(TimeoutError):
        training.result(timeout=0.3)
    assert training.step == done
    training.go_on()
    assert training.result().updates == 30


def test_a_solved_head_is_measured(few, small):
    training = live(few, small, "frozen")
    training.start()
    run = training.result()
    assert {row[2:4] for row in training.rows} >= {("train", "accuracy"), ("val", "accuracy")}
    assert run.updates == 0


def test_one_at_a_time(few, small):
    first, second = live(few, small), live(few, small)
    first.start()
    first.pause()
    with pytest.raises(RuntimeError, match="one training at a time"):
        second.start()
    first.stop()
    first.result()
    second.start()
    with pytest.raises(RuntimeError, match="a training begins once"):
        second.start()
    second.result()


def test_an_error_is_kept_and_raised(few, small):
    empty = dataclasses.replace(few, train=few.train.select(torch.arange(0)))
    training = live(empty, small)
    training.start()
    with pytest.raises(ValueError, match="number of training images must be at least 1"):
        training.result()
    assert training.state == "failed"
    after = live(few, small)  # the next one may begin
    after.start()
    assert after.result().updates == 30
