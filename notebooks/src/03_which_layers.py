# %% [markdown]
# # 03 Which layers
#
# **You will** ask every stage of a network what it knows about a near and a distant target; decide how many
# stages learn and how fast; watch a fresh head spoil good features in a model of two layers; and find out what
# BatchNorm does while you look elsewhere.
#
# **You need** notebooks 00 and 01.
#
# **Time** about 2 minutes of computing on 2 cores.
#
# ## Predict first
#
# Choose before anything runs. The summary puts your choices beside what was measured.

# %%
import os
from dataclasses import replace
from itertools import product

import pandas as pd
from IPython.display import display

import tlteach as tlt
from tlteach import atlas, explain, lessons, plots, shift, widgets

# %%
import numpy as np
import torch

from tlteach.analysis import probe_stages, stage_features
from tlteach.data import only_classes
from tlteach.measures import intervals, only, told, word
from tlteach.models import load_small
from tlteach.training import n_open, relative_gradient_norms

# %%
TIER = os.environ.get("TLTEACH_TIER", "class")
# only section 5 searches and needs a budget: seeds, settings to try, updates
SEEDS, SEARCH, STEPS = {"smoke": (2, 1, 4), "class": (5, 2, 100), "full": (10, 8, 300)}[TIER]
for letter in "abc":
    display(lessons.quiz(f"03.{letter}"))

# %% [markdown]
# ## 1. What a network is made of
#
# A [backbone](glossary.md#backbone) is a stack of stages. What one stage puts out is what the next one gets to
# see. With every stage the map of the image shrinks, and the number of channels grows.

# %% tags=["nbval-check-output", "keep_output"]
lite0 = tlt.load_backbone("lite0", size=64)
for name, (height, width) in explain.map_sizes(lite0).items():
    count = sum(p.numel() for p in torch.nn.ModuleList(lite0.stages[name]).parameters())
    print(f"{name:9} map {height:2} x {width:2}, {count:9,} numbers that can learn")

# %% [markdown]
# Yosinski et al. (2014) asked which of these can be carried to another task. First layers look much the same
# whatever a network learns: edges, colours. They are *general*. Last layers serve the classes of the source:
# they are *specific*. Somewhere between, the one turns into the other. Where, for your target?
#
# ## 2. A probe on every stage
#
# Ask the stages. Average each stage's map over its positions, and fit a
# [linear probe](glossary.md#linear-probe) on what comes out. Nothing in the network changes. A *hook* is a
# function that PyTorch calls whenever a module has computed its output. Here is one, on a stage in the middle:

# %%
emoji, digits, fashion = (tlt.load_task(name) for name in ("emoji", "digits", "fashion"))
seen, last = [], lite0.stages["blocks.2"][-1]
hook = last.register_forward_hook(lambda module, inputs, output: seen.append(output))
tlt.predict(lite0, emoji.test.images[:4])
hook.remove()
print("images, channels, height and width of what it saw:", tuple(seen[0].shape))

# %% [markdown]
# `probe_stages` hangs such a hook on every stage. Stages have different widths, so one penalty for all would favour
# some of them. Each probe gets its own, chosen on validation images out of its ten labels per class. Test images
# choose nothing.

# %% [markdown]
# Lite0 learnt from photographs of things. Emoji are drawings of things: not near, but nearer than digits.

# %%
on_lite0 = pd.concat([probe_stages(lite0, task, seeds=range(10)) for task in (emoji, digits)])
means = intervals(on_lite0, ["task", "stage"], value="test")
said = "test accuracy of a probe on Lite0"
print(plots.describe(plots.stage_curve(means, "task", [*lite0.stages], said, percent=True)))

# %% [markdown]
# The [verdict](glossary.md#verdict) needs a stage to hold the last one against. Taking the best one on the test
# images would flatter it. Take it where you may choose: on validation images.
#
# ### Exercise 03.1
#
# Where do you cut? Write a function that takes the validation accuracies of each stage, a list for each name in
# the order images pass, and returns the name with the highest mean. Where two are equal, the earlier one is
# cheaper.


# %%
def cut(validation):
    """Return the name of the stage to cut after."""
    # solution
    mean = {stage: sum(values) / len(values) for stage, values in validation.items()}
    return max(mean, key=lambda stage: mean[stage])


# %%
lessons.check("03.1", cut)

# %%
cut, ends = lessons.use("03.1", cut), {}
for task, rows in on_lite0.groupby("task"):
    where = cut(rows.groupby("stage", sort=False)["val"].agg(list).to_dict())
    test = rows.pivot(index="seed", columns="stage", values="test")
    lost = told(test["conv_head"] - test[where], unit=" points")
    ends[task] = f"after {where}; the last stage against it: {lost}"
    print(f"{task}: validation cuts {ends[task]}")

# %% [markdown]
# On digits the curve rises, and bends down well before the end: *an inverted U*. Yet the last stage is what you
# get from `tlt.predict`, and from most tutorials. Emoji share things with ImageNet, but drawings are not
# photographs, and Lite0 was fed 64 pixels. Is there a target near enough for a curve that rises to the end? Go
# as near as one can: to the classes that a network learnt.
#
# Five small networks learnt five kinds of clothes. We ask them about these same classes, about five other kinds,
# and about digits. (Of the near target, labelled images may be among those that they learnt from; the test
# images are not.)

# %%
same = replace(only_classes(fashion, fashion.classes[:5]), name="its own classes")
other = replace(only_classes(fashion, fashion.classes[5:]), name="other clothes")
tables = []
for seed, task in product(range(10), (same, other, digits)):
    net = tlt.load_backbone("small:fashion_0_4", seed=seed % 5)
    tables.append(probe_stages(net, task, seeds=[seed]))
on_small = pd.concat(tables)

# %%
means = intervals(on_small, ["task", "stage"], value="test")
said = "test accuracy of a probe on a small network"
print(plots.describe(plots.stage_curve(means, "task", [*net.stages], said, percent=True)))

# %%
wide = on_small.pivot(index="seed", columns=["stage", "task"], values="test")
step = wide["block3"] - wide["block2"]
own = step[same.name]
print(f"what the last stage adds, {same.name}: {told(own, unit=' points')}")
for task in (other.name, digits.name):
    print(f"what the last stage adds, {task}: {told(step[task], unit=' points')}")
    print(f"    {same.name} minus {task}: {told(own - step[task], unit=' points')}")

# %% tags=["facts", "nbval-check-output", "keep_output"]
by_stage = on_lite0.pivot(index=["task", "seed"], columns="stage", values="test")
fall = (by_stage["conv_head"] - by_stage["blocks.4"]).unstack("task")
print("Lite0 on digits, last stage against blocks.4:", word(fall["digits"]))
print("it loses more than 8 points:", fall["digits"].mean() < -0.08)
print("more than on emoji:", word(fall["emoji"] - fall["digits"]) == "helps")
print("small nets on their own classes, last stage against the one before:", word(own))
print("it adds more there than on other clothes:", word(own - step[other.name]) == "helps")

# %% [markdown]
# A last stage is made for the classes of its source, and on those it adds most. On digits Lite0's last stages
# lose much of what its middle held, on emoji less.
#
# What near means is another matter. By eye, other clothes are nearer to clothes than digits are. Does the last
# stage see it so? And read the direct tests, not the words of two lines side by side: "helps" here and "cannot
# tell" there is no test of the difference.
#
# Two cautions. A good probe says that a stage *holds* what you need, not that the stages above cannot be tuned to
# use it. And the cut has a price in the other direction: early stages have few channels.
#
# ## 3. How many stages learn
#
# Freezing is no yes or no. The first stages may stand still while the last ones learn. The chart has five seeds
# for every setting. Move the stages, then the target: where do you stop gaining?

# %%
chart = widgets.layers("target=digits;shots=5;stages=1")
print(chart.describe())
chart

# %% tags=["nbval-check-output", "keep_output"]
layers = atlas.load("layers")
PARTS = ("frozen", "partial_1", "partial_2", "partial_3")
judged = pd.concat([tlt.paired(layers, part, "fine_tune") for part in PARTS])
print("against letting all four stages learn, in points:")
atlas.grid(judged, ["task", "shots"], "a")

# %% tags=["facts", "nbval-check-output", "keep_output"]
for (task, shots), rows in judged.groupby(["task", "shots"]):
    print(f"{task}, {shots} labels:", dict(zip(rows["a"], rows["verdict"], strict=True)))

# %% tags=["nbval-check-output", "keep_output"]
learn = only(layers, metric="parameters_trained", task="digits")
learn = learn.groupby("regime")["value"].first() / learn["value"].max()
print("share of the numbers that learn, digits:")
print(", ".join(f"{regime} {part:.0%}" for regime, part in learn.items()))

# %% [markdown]
# Letting no stage learn costs accuracy everywhere here. Beyond that, "cannot tell" is the commonest word: only far from
# the source, and with more labels, is one stage shown to be too few. Where nothing can be told you may take what is
# cheaper. (Sixteen verdicts at once: by luck alone, one of them may say more than it should.) But what is cheaper?
#
# ### Exercise 03.2
#
# On digits with 5 labels per class: which share of the seconds of `fine_tune` does `partial_1` take, on average?
# 1 would be as long. Guess first: which share of the numbers does it let learn?

# %%
share = ...  # your number
# solution
rows = only(layers, split="test", metric="accuracy", task="digits", shots=5)
seconds = rows.groupby("regime")["seconds"].mean()
share = seconds["partial_1"] / seconds["fine_tune"]

# %%
lessons.check("03.2", share, results=layers)

# %%
share = lessons.use("03.2", share, results=layers)
print(f"partial_1: {learn['partial_1']:.0%} of the numbers, {share:.0%} of the seconds")

# %% [markdown]
# Parameters are not time. Most weights of this network sit in its last stage, but every stage takes time, and
# images pass the frozen ones, too. What is saved is the way back: no gradient goes through a frozen stage.
#
# ## 4. BatchNorm: what moves while you look elsewhere
#
# A [BatchNorm](glossary.md#batch-normalisation) layer has two kinds of numbers: a scale and a shift, which
# gradients change, and running statistics, which change whenever images pass in training mode. Stop the
# gradients and forget the mode, and a "frozen" network drifts. Notebook 01 measured what that costs. Here is
# where it happens.

# %%
still = replace(tlt.REGIMES["frozen"], name="still", solver="sgd", low=1e-3, high=0.1)
moving = replace(still, name="moving", statistics="move")
few = tlt.few_shot(digits, 10, seed=0)
steps = tlt.TrainConfig(lr=0.01, updates=30, precision="fp32")
before, runs, drift, reached = stage_features(lite0, few.val.images), {}, {}, {}
for way in (still, moving):
    runs[way.name] = tlt.train(lite0, few, way, steps, seed=0)
    reached[way.name] = runs[way.name].test(few)["accuracy"]

# %%
for name, run in runs.items():
    after = stage_features(run.model.backbone, few.val.images)
    drift[name] = {s: float((after[s] - x).norm() / x.norm()) for s, x in before.items()}
    print(f"{name:6} {run.trained:,} numbers learn, accuracy {reached[name]:.3f}")
pd.DataFrame(drift).round(2)

# %% tags=["facts", "nbval-check-output", "keep_output"]
print("still: drift of all stages is exactly 0:", not any(drift["still"].values()))
print("moving: every stage drifts by 5 % or more:", min(drift["moving"].values()) > 0.05)
print("moving costs 10 points or more:", reached["still"] - reached["moving"] > 0.1)

# %% [markdown]
# The drift is the length of the change, in units of the features' own length. With statistics that stay it is 0 in
# every stage, bit for bit. Where they move, every stage drifts, and more than ten points of accuracy are lost: the
# head learns on what each batch looks like, and is tested on what the running statistics make of it.
#
# Another question: in fine-tuning *every* weight moves. Should the statistics move, too? The atlas ran both, five
# seeds each, by labels per class:

# %% tags=["nbval-check-output", "keep_output"]
gains = atlas.statistics(atlas.load("statistics"))
for (source, task), rows in gains.groupby(["source", "task"]):
    words = dict(zip(rows["shots"], rows["verdict"], strict=True))
    print(f"moving statistics in fine-tuning, {source} to {task}: {words}")

# %% [markdown]
# It cannot tell. That is no bug, it is a choice, and `compare` lets the search make it. The bug is to call a network
# frozen that is not.
#
# ## 5. How fast each stage learns
#
# Between frozen and free lies slow. With *discriminative rates* (Howard and Ruder 2018) every stage has a
# [learning rate](glossary.md#learning-rate) of its own: the last one the full rate, each stage below it that of
# the next one above, times a `decay`.
#
# ### Exercise 03.3
#
# Write the rate of a stage. Stages are counted from 0, the one that sees the image, to `stages - 1`.


# %%
def rate(stage, stages, lr, decay):
    """Return the learning rate of one stage."""
    # solution
    return lr * decay ** (stages - 1 - stage)


# %%
lessons.check("03.3", rate)

# %%
rate = lessons.use("03.3", rate)
names = list(tlt.load_backbone("small:glyphs").stages)
plan = pd.DataFrame(index=names)
plan["rate, decay 0.5"] = [rate(place, len(names), 0.01, 0.5) for place in range(len(names))]
for step_no in (0, 10, 20, 30, 40):
    opened = n_open(step_no, 80, len(names), 0.5)
    plan[f"update {step_no} of 80"] = ["frozen"] * (len(names) - opened) + ["learns"] * opened
plan

# %% [markdown]
# The other columns show *gradual unfreezing*: the head begins alone, then stage after stage opens, the last one
# first. Two more ideas are in the race. [LP-FT](glossary.md#linear-probing-then-fine-tuning) fits the head before
# everything may move. Our `one_stage` does so, too; then the head and a single stage learn, that with the
# largest gradient against its weights. *Surgical* fine-tuning (Lee et al. 2023) inspired it; section 6 tells more.
#
# ### Exercise 03.4
#
# Train the network of letters on digits by gradual unfreezing. `list(tlt.REGIMES)` shows what there is.

# %%
letters, few = tlt.load_backbone("small:glyphs"), tlt.few_shot(digits, 5, seed=0)
brief = tlt.TrainConfig(lr=0.005, updates=STEPS, precision="fp32")
plain = tlt.train(letters, few, "fine_tune", brief, seed=0)

# %%
run = ...  # your run
# solution
run = tlt.train(letters, few, "gradual", brief, seed=0)

# %%
lessons.check("03.4", run)

# %%
run = lessons.use("03.4", run, stand_in=plain)
print(f"{run.regime.name}: {run.trained:,} of {run.total:,} numbers learn, {run.updates} updates")

# %%
RACE = ["frozen", "partial", "fine_tune", "discriminative", "gradual", "lp_ft", "one_stage"]
fair = {"shots": [5], "seeds": range(SEEDS), "search": SEARCH, "baselines": False}
race = tlt.compare(digits, backbone=letters, regimes=RACE, config=brief, progress=False, **fair)
print(plots.describe(plots.regime_comparison(race, summary=tlt.summarize(race))))
for regime in (regime for regime in RACE if regime != "fine_tune"):
    print(tlt.verdict(race, regime, "fine_tune"))

# %% [markdown]
# All of them had the same images and the same number of settings tried, and all that take gradient steps had the
# same number. Where it says "cannot tell", these seeds do not separate the two, and a paper's winner need not be
# yours. Slow rates and late openings need time: with more updates the order may change.
#
# Change the cell: `other` for `digits`, and `small:fashion_0_4` for the letters. What do you expect nearer by?
#
# ## 6. Which stage do the labels want to change?
#
# Surgery needs a place to cut. Lee et al. choose it by what changed: if the *images* did, tune the first stages; if
# the *classes* did, the last ones. Their Auto-RGN asks the gradient instead: its length, in units of the weights'
# length, sets the learning rate of each layer. `one_stage` ranks whole stages and trains the first beside the head.
# Try that ranking where you know the truth. The networks of clothes meet their own classes with noise, or
# with two classes swapped, as if somebody had exchanged two names. Which stage is asked to change most, and in
# how many of the five networks?


# %%
def changed(few, what):
    """Return the images with noise, or with the names of two classes swapped."""
    if what == "noise":
        noisy = shift.apply(few.train.images, "noise", 3, rows=few.train.index)
        return replace(few, train=replace(few.train, inputs=noisy))
    swap = torch.tensor([1, 0, 2, 3, 4])
    return replace(few, train=replace(few.train, labels=swap[few.train.labels]))


# %% tags=["nbval-check-output", "keep_output"]
rows = []
for seed, what in product(range(5), ("noise", "swapped")):
    few, model = tlt.few_shot(same, 20, seed=seed), load_small("fashion_0_4", seed=seed)
    rows.append({"what": what} | relative_gradient_norms(model, changed(few, what)))
for what, norms in pd.DataFrame(rows).set_index("what").groupby("what"):
    print(what, "most:", norms.idxmax(axis=1).value_counts().to_dict(), end=", ")
    print("least:", norms.idxmin(axis=1).value_counts().to_dict())

# %% [markdown]
# For noise the gradient points where the paper tunes. For swapped classes it should point to the end, and it points
# to the beginning as well. The first stage of these networks has by far the fewest weights, so its gradient is
# divided by little, whatever happened. And the head, which could exchange two rows and be done, is not asked.
#
# A rule that gives one answer to two opposite questions decides nothing here. That is one kind of network and two
# changes, not a verdict on the paper. Which stage to tune is settled by tuning, on validation images.
#
# ## 7. Why the head goes first
#
# Kumar et al. (2022) explain LP-FT with a model so small that you can watch all of it: a linear head `v` on
# linear features `B`. The features are good, nearly the true ones. Training images vary in half of the
# directions only; the other half is *far*: never seen in training.


# %%
def two_layers(seed, dims=24, width=6, seen=12):
    """Return features, a fresh head, images in half of the directions, and what is true."""
    random = np.random.default_rng(seed)
    good = np.linalg.qr(random.standard_normal((dims, width)))[0].T
    B = np.linalg.qr((good + 0.02 * random.standard_normal(good.shape)).T)[0].T
    w, v = random.standard_normal((2, width)) / np.array([[1], [width**0.5]])
    x = random.standard_normal((60, dims)) * (np.arange(dims) < seen)
    return B, v, x, good.T @ w


# %% [markdown]
# Training, in the three ways. `fine_tune` starts from the fresh head, the others from the one that fits best:


# %%
def tuned(how, B, v, x, true, lr=0.05):
    """Return features and head after training."""
    if how != "fine_tune":
        v = np.linalg.lstsq(x @ B.T, x @ true, rcond=None)[0]
    for _ in range(0 if how == "frozen" else 2000):
        error = (x @ B.T @ v - x @ true) / len(x)
        v, B = v - lr * B @ x.T @ error, B - lr * np.outer(v, x.T @ error)
    return B, v


# %%
def errors(how, seed, seen=12):
    """Return the squared error near, within what training images span, and far from it."""
    B, v, x, true = two_layers(seed)
    B, v = tuned(how, B, v, x, true)
    error = B.T @ v - true
    return np.mean((x @ error) ** 2), np.sum(error[seen:] ** 2)


# %%
ways = product(("frozen", "fine_tune", "lp_ft"), range(20))
rows = [(how, seed, *errors(how, seed)) for how, seed in ways]
model = pd.DataFrame(rows, columns=["how", "seed", "near", "far"])
model.groupby("how", sort=False)[["near", "far"]].median()

# %% [markdown]
# ### Exercise 03.5
#
# Far away: how many times larger is the error of `fine_tune` than that of `lp_ft`? Take the ratio in each seed,
# then the median over the seeds.

# %%
times = ...  # your number
# solution
far = model.pivot(index="seed", columns="how", values="far")
times = (far["fine_tune"] / far["lp_ft"]).median()

# %%
lessons.check("03.5", times, results=model)

# %% tags=["facts", "nbval-check-output", "keep_output"]
near, away = (model.pivot(index="seed", columns="how", values=place) for place in ("near", "far"))
print("near, both tuned models fit, frozen does not:", end=" ")
print(near[["fine_tune", "lp_ft"]].max().max() < 1e-6 < near["frozen"].min())
print("far, lp_ft below a fifth of fine_tune:", (away["lp_ft"] < away["fine_tune"] / 5).all())

# %% [markdown]
# Near, both tuned models fit and the frozen one does not. They are equally good there, so no validation image could tell them apart. Far, they are not.
# A random head sends large gradients through `B`. They turn the features in the directions that training images
# span, and leave the others as they were: the two halves no longer fit. A fitted head has next to no error left
# to send.
#
# This is a model, with good features and a far test. Whether *your* network is like it is what section 5 asks,
# and notebook 04 asks it far from the labels.
#
# ## 8. The large ones: VGG-16 and ResNet-50
#
# Most tutorials cut one of these two (Simonyan and Zisserman 2015; He et al. 2016). Here they are, opened. On the device
# `meta` a network has shapes and no weights, so nothing large is loaded.

# %%
import torchvision

with torch.device("meta"):
    large = {"VGG-16": torchvision.models.vgg16(), "ResNet-50": torchvision.models.resnet50()}


# %%
def numbers(module):
    """Return how many numbers a module can learn."""
    return sum(p.numel() for p in module.parameters())


for name, net in {"Lite0": lite0, **large}.items():
    print(f"{name}: {numbers(net) / 1e6:.1f} million numbers")

# %%
for name, net in large.items():
    for part, module in net.named_children():
        if numbers(module):
            print(f"{name}, {part}: {numbers(module) / 1e6:.1f} million")

# %% tags=["nbval-check-output", "keep_output", "facts"]
vgg, resnet = large.values()
print(
    "VGG keeps 8 of 10 numbers in its dense layers:", numbers(vgg.classifier) > 0.8 * numbers(vgg)
)

# %% [markdown]
# VGG holds most of its numbers in three dense layers at the end. ResNet averages its last map over all places, and has one
# dense layer: the head. So *where to cut* is a real choice in VGG. After the last map there are many numbers for each image;
# after two dense layers fewer, which are nearer to the classes of the source.

# %%
image = torch.empty(1, 3, 224, 224, device="meta")
maps = large["VGG-16"].features(image).flatten(1)
dense = large["VGG-16"].classifier[:-1](maps)
large["ResNet-50"].fc = torch.nn.Identity()
cuts = {"VGG-16, after the last map": maps, "VGG-16, after two dense layers": dense}
cuts["ResNet-50, before its head"] = large["ResNet-50"](image)
for place, features in cuts.items():
    print(f"{place}: {features.shape[1]:,} features")

# %% [markdown]
# `tlt.load_backbone("vgg16")` and `tlt.load_backbone("resnet50")` cut before the last layer. Their weights do not ship: a file
# in the cache of torch hub is taken, or one that you name; else they are downloaded. Without a network you get an error
# that says what is missing, and the same shape with random weights runs all the same.

# %%
try:
    net = tlt.load_backbone("resnet50", size=64)
except ConnectionError as error:
    print(error)
    net = tlt.load_backbone("resnet50-random", size=64)
net

# %%
photos, parts = tlt.load_task("photos"), []
for name, start in (("Lite0", lite0), ("ResNet-50", net)):
    fair = {"shots": [5], "seeds": range(5), "baselines": False, "progress": False}
    parts.append(tlt.compare(photos, backbone=start, regimes=["frozen"], **fair))
    parts[-1]["regime"] = name
print(tlt.verdict(pd.concat(parts), "ResNet-50", "Lite0"))

# %% [markdown]
# If the line above says "random" in its source, this is what a large network knows that has seen nothing: size is no
# knowledge. With the real weights, ask again.
#
# ## Summary
#
# Your choices beside what was measured, then two questions:

# %%
print(lessons.beside("03.a", ends["digits"], about="best stage"))
print(lessons.beside("03.b", f"{share:.0%} of the time", about="one stage"))
moved = atlas.grid(gains, ["source"], "shots").loc["glyphs", 50]
print(lessons.beside("03.c", f"{moved}, in points", about="statistics"))

# %%
for letter in "de":
    display(lessons.quiz(f"03.{letter}"))
lessons.progress("03")

# %% [markdown]
# You found the stage that knows most about a target without looking at the test, and saw the curve climb to the
# end only where the target was the source itself. You know that a share of the time is not the same share of the weights,
# that a fresh head can spoil good features where nobody looks, and that gradients are not all that moves.
#
# **References.** J. Yosinski et al., How transferable are features in deep neural networks?, NeurIPS 2014,
# Figure 2. G. Alain and Y. Bengio, Understanding intermediate layers using linear classifier probes, ICLR
# workshop 2017. J. Howard and S. Ruder, Universal language model fine-tuning for text classification, ACL 2018,
# sections 3.2 and 3.3. A. Kumar et al., Fine-tuning can distort pretrained features and underperform
# out-of-distribution, ICLR 2022, section 3. Y. Lee et al., Surgical fine-tuning improves adaptation to
# distribution shifts, ICLR 2023. S. Ioffe and C. Szegedy, Batch normalization, ICML 2015. K. Simonyan and A. Zisserman,
# Very deep convolutional networks for large-scale image recognition, ICLR 2015 (VGG). K. He et al., Deep residual learning
# for image recognition, CVPR 2016.

# %% [markdown]
# **Remember:**
#
# - The last stage serves the source; a probe on every stage shows where to cut for your target.
# - Freezing saves the way back and no more: a share of the weights is not a share of the time.
# - Fit the head first: a fresh one bends good features where no validation image looks.
