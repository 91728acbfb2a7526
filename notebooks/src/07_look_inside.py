# %% [markdown]
# # 07 Look inside
#
# **You will** see where a network looks, what lies near an image and which stages moved in fine-tuning; ask whether
# its confidence deserves belief; plant a shortcut and catch it. Each picture gets a number, and each number a
# control.
#
# **You need** notebook 01; 03 helps.
#
# **Time** about 1.5 minutes of computing on 2 cores.
#
# ## Predict first
#
# Choose before anything runs. The summary puts your choices beside what was measured.

# %%
import os
from dataclasses import replace
from itertools import product

import matplotlib.pyplot as plt
import pandas as pd
from IPython.display import display
import tlteach as tlt
from tlteach import explain, lessons, plots, widgets

# %%
import torch

from tlteach.base import device
from tlteach.data import all_labels
from tlteach.measures import ece_floor, intervals, mean_and_interval, reliability_table, word
from tlteach.widgets import overlay

# %%
# seeds of the small networks and of the large one, updates of either
TIERS = {"smoke": (3, 2, 120, 10), "class": (5, 5, 200, 40), "full": (5, 10, 300, 40)}
SEEDS, LARGE, STEPS, TUNED = TIERS[os.environ.get("TLTEACH_TIER", "class")]
for letter in "abc":
    display(lessons.quiz(f"07.{letter}"))

# %% [markdown]
# ## 1. Where does it look?
#
# [Grad-CAM](glossary.md#gradient-weighted-class-activation-map) (Selvaraju et al. 2017) takes the maps of one stage,
# weighs each by how much it raises the score of a class, and adds them up. So the picture is as fine as the maps are.

# %% tags=["nbval-check-output", "keep_output"]
lite0 = tlt.load_backbone("lite0", size=64)
for name, (high, wide) in explain.map_sizes(lite0).items():
    print(f"{name:9} {high:2} x {wide:2}: a position stands for {64 // high} x {64 // wide} pixels")

# %% [markdown]
# The last maps have four positions: top or bottom, left or right, no more. The first ones are fine, but know edges
# and no things. `grad_cam` takes the last stage with at least 4 x 4 positions. It enlarges the map smoothly, and that
# looks finer than it is.
#
# Now emoji of one style, ten labels per class. *Before* is Lite0 with nothing but a new head, *after* is fine-tuned.
# *Random* is the control: a head on random weights. A map that looks as good there says nothing about learning
# (Adebayo et al. 2018).

# %%
emoji = tlt.load_task("emoji", domains=["noto"])
test = emoji.test.select(torch.arange(0, len(emoji.test), 2))
settings = tlt.TrainConfig(c=0.01, updates=TUNED)


# %%
def three(seed):
    """Return the labelled images, and networks before, after and with random weights."""
    few, nets = all_labels(tlt.few_shot(emoji, 10, seed=seed)), {}
    bare = tlt.load_backbone("lite0-random", size=64, seed=seed)
    ways = {"before": (lite0, "frozen"), "after": (lite0, "fine_tune"), "random": (bare, "frozen")}
    for name, (net, regime) in ways.items():
        nets[name] = tlt.train(net, few, regime, settings, seed=seed).model
    return few.train, nets


# %%
large = [three(seed) for seed in range(LARGE)]


# %%
def heats(nets):
    """Return where each network sees the evidence for the true class."""
    images, truth = test.images, test.labels
    return {name: explain.grad_cam(net, images, target=truth) for name, net in nets.items()}


maps = [heats(nets) for _, nets in large]

# %%
six = torch.arange(0, len(test), len(test) // 6)[:6].tolist()
places = [*product(maps[0], six)]
titles = [f"{name}: {emoji.classes[test.labels[i]]}" for name, i in places]
pictures = torch.stack([overlay(test.images[i], maps[0][name][i]) for name, i in places])
ax = plots.image_grid(pictures, rows=3, columns=6, titles=titles)
print(plots.describe(ax), "Bright is where the evidence stands.")

# %% [markdown]
# Did your eye find a story in the last row, too? Then give the picture a number.
#
# ### Exercise 07.1
#
# Which share of the heat lies inside a region? `heat` has a number for each pixel; `inside` says of each pixel
# whether it lies in the region. A map without any heat has share 0.


# %%
def share(heat, inside):
    """Return the share of the heat that lies inside."""
    # solution
    total = sum(heat)
    within = sum(h for h, kept in zip(heat, inside, strict=True) if kept)
    return within / total if total > 0 else 0.0


# %%
lessons.check("07.1", share)

# %% [markdown]
# The region is the drawing: every pixel that differs from the background. Two controls need no network: heat that is
# the same everywhere, and a round blob in the middle. How alike two maps are we measure by their correlation.

# %%
share = lessons.use("07.1", share)


def mean_share(heat, region):
    """Return the mean share over images."""
    pairs = zip(heat.flatten(1).tolist(), region.flatten(1).tolist(), strict=True)
    return sum(share(*pair) for pair in pairs) / len(heat)


# %%
def likeness(a, b):
    """Return the mean correlation of two maps of the same image."""
    both = torch.stack([a, b], 1).flatten(2)
    return torch.stack([torch.corrcoef(pair)[0, 1] for pair in both]).nanmean().item()


# %%
drawn = (test.images.float() - test.images[:, :, :1, :1]).abs().amax(1) > 20
line = torch.linspace(-1, 1, 64)
blob = torch.exp(-2 * (line[:, None] ** 2 + line**2)).expand(drawn.shape)
on_blob, on_all = mean_share(blob, drawn), drawn.float().mean().item()
print(f"on the drawing: even heat {on_all:.3f}, a blob in the middle {on_blob:.3f}")

# %%
seen = []
for found in maps:
    row = {f"on the drawing: {name}": mean_share(heat, drawn) for name, heat in found.items()}
    like = {f"like before: {name}": likeness(found["before"], found[name]) for name in found}
    seen.append(row | like)
seen = pd.DataFrame(seen).drop(columns="like before: before")
seen.agg(mean_and_interval).to_frame("mean, 95 % interval")

# %% [markdown]
# Compare with the blob. It knows nothing of drawings, networks or classes, and lies on the drawing because drawings
# lie in the middle. So "the heat is on the object" is weak evidence for anything.
#
# The last two rows are Adebayo's test. The map should follow what the network learnt: nearly the same map from random
# weights would mean that it only traces the image.
#
# ## 2. What lies near?
#
# A second window: which training images have the most similar [features](glossary.md#feature)? The first of each
# five is a test image, the other four are its neighbours, the nearest first.


# %%
def neighbours(net, known):
    """Return for each test image the rows of the four most similar training images."""
    x, queries = (tlt.predict(net.backbone, split.images) for split in (known, test))
    return explain.nearest(queries, x, k=4)[0]


# %%
(known, nets), shown, titles = large[0], [], []
for name in ("before", "after"):
    rows = neighbours(nets[name], known)
    for i in six[1:3]:
        shown += [test.images[i], *known.images[rows[i]]]
        said = [emoji.classes[n] for n in known.labels[rows[i]].tolist()]
        titles += [f"{name}: {emoji.classes[test.labels[i]]}", *said]
print(plots.describe(plots.image_grid(torch.stack(shown), rows=4, columns=5, titles=titles)))

# %%
near = []
for seed, (known, nets) in enumerate(large):
    for name, net in nets.items():
        same = known.labels[neighbours(net, known)] == test.labels[:, None]
        near.append({"net": name, "seed": seed, "value": same.float().mean().item()})
near = pd.DataFrame(near)
intervals(near, ["net"]).round(3)

# %% [markdown]
# The table has the share of neighbours of the same class, over all test images and seeds. By chance it would be about
# one in twelve. Two images are an anecdote; the table is the finding.
#
# A map of all test images: the two directions in which features differ most. How much of the order is lost on paper?
# The text below counts it: how often the nearest image has the same class, in all features and on the paper.


# %%
def agree(y):
    """Return how often the nearest image has the same class."""
    nearest = torch.cdist(y, y).fill_diagonal_(torch.inf).argmin(1)
    return (test.labels[nearest] == test.labels).float().mean().item()


# %%
axes, whole, paper = plt.subplots(1, 2, figsize=(11, 5))[1], {}, {}
for ax, name in zip(axes, ("before", "after"), strict=True):
    x = tlt.predict(large[0][1][name].backbone, test.images)
    plane = explain.feature_map(x, method="pca", seed=0)
    ax.scatter(*plane.T, c=test.labels, cmap="tab20", s=25)
    ax.set(title=f"{name} fine-tuning, {len(test)} test images", xticks=[], yticks=[])
    whole[name], paper[name] = agree(x), agree(torch.from_numpy(plane).float())

# %%
print("The nearest image has the same class:")
for name in whole:
    print(f"{name}, in all features for {whole[name]:.0%}, on the paper for {paper[name]:.0%}")

# %% tags=["facts", "nbval-check-output", "keep_output"]
means = seen.mean()
print("a blob lies on the drawing more than Grad-CAM before:", on_blob > 0.05 + means.iloc[0])
after, random = means["like before: after"], means["like before: random"]
print("maps after are more like before than random ones are:", after > random + 0.2)
share_near = near.groupby("net")["value"].mean()
print("neighbours of Lite0 beat random weights:", share_near["before"] > share_near["random"] + 0.1)
lost = (sum(whole.values()) - sum(paper.values())) / 2
print("the plane loses order:", lost > 0.03)

# %% [markdown]
# The blob lies on the drawings more than the heat of Lite0 does. The maps pass Adebayo's test: after fine-tuning they
# are more like before than those of random weights. Neighbours among Lite0's features share the class more often than
# among random ones, and the paper loses some of that order.

# %% [markdown]
# ## 3. What moved?
#
# [Centred kernel alignment](glossary.md#centred-kernel-alignment) says how alike two descriptions of the same
# images are: 1 for the same up to rotation and scale, about 0 for unrelated ones (Kornblith et al. 2019). Compare
# each stage with the same stage before training, and you see what moved.
#
# Here a small network that knows five kinds of clothes learns five others, ten labels each. One fixed setting per
# regime, no search: we look at how they learn, and do not race them.

# %%
RATES = {"scratch": 0.1, "frozen": 0.01, "fine_tune": 0.01}  # frozen takes no steps
clothes, spread = tlt.load_task("fashion_5_9"), torch.arange(0, 2800, 14)  # 200 images, for later
fews = [tlt.few_shot(clothes, 10, seed=seed) for seed in range(SEEDS)]
starts = [tlt.load_backbone("small:fashion_0_4", seed=seed) for seed in range(SEEDS)]


# %%
def learn(task, regime, seed):
    """Return a run with one fixed setting, from the start of this seed."""
    config = tlt.TrainConfig(lr=RATES[regime], updates=STEPS)
    with device.threads(1):  # more would wait for each other: the network is small
        return tlt.train(starts[seed], task, regime, config, seed=seed)


runs = {(way, seed): learn(fews[seed], way, seed) for way, seed in product(RATES, range(SEEDS))}

# %% [markdown]
# Two more networks are controls. *Other seed* learnt the same source from another start. *Random* never learnt
# anything.
#
# ### Exercise 07.2
#
# Which stage did fine-tuning move most, on average over the seeds? Run the cell, read the row of `fine_tune`, and
# fill in the name. The table says what the figure shows, with 95 % intervals over the seeds.

# %%
rows = []
for seed, start in enumerate(starts):
    nets = {regime: runs[regime, seed].model.backbone for regime in RATES}
    nets["other seed"] = starts[seed - 1]
    nets["random"] = tlt.load_backbone("small:fashion_0_4-random", seed=seed)
    for name, net in nets.items():
        table = explain.layer_cka(start, net, clothes.test.images[:300])
        rows += [(name, stage, seed, table.loc[stage, stage]) for stage in table.index]

# %%
alike = pd.DataFrame(rows, columns=["net", "stage", "seed", "cka"])
means = intervals(alike, ["net", "stage"], value="cka")
ax = plots.stage_curve(means, "net", [*start.stages], "CKA with the start")
alike.pivot_table("cka", "net", "stage", aggfunc=mean_and_interval, sort=False)

# %%
moved = ...  # the name of a stage
# solution
moved = alike[alike["net"] == "fine_tune"].groupby("stage")["cka"].mean().idxmin()

# %%
lessons.check("07.2", moved, results=alike)

# %% [markdown]
# Look at the stem: what is alike there is alike in a random network, too. So a high number there is no sign of
# knowledge that was kept. A CKA needs its control as much as a heat map does.
#
# In the frozen network every stage is as before: that is what frozen means. Stems are alike, even a random one. In
# the last stage a random network is less like the start than the fine-tuned one is.

# %% tags=["facts", "nbval-check-output", "keep_output"]
stage = alike.groupby(["net", "stage"])["cka"].mean().unstack("stage")
print("frozen is as before in every stage:", (stage.loc["frozen"] > 0.999).all())
print("fine_tune moved most:", stage.loc["fine_tune"].idxmin())
tuned, last = stage.loc["fine_tune"], stage["block3"]
print("its last stage is less like the start than its stem:", tuned["block3"] < tuned["stem"] - 0.1)
print("stems are alike, even a random one (above 0.9):", stage["stem"].min() > 0.9)
less = last["random"] < last["fine_tune"]
print("last stage, random is less like the start than fine_tune:", less)

# %% [markdown]
# ## 4. How sure, how right?
#
# A network that is 90 % sure should be right nine times in ten. That is [calibration](glossary.md#calibration).
# Sort answers into 15 bins by confidence. The [expected calibration error](glossary.md#expected-calibration-error)
# (ECE) is the mean distance between confidence and accuracy over the bins. A bin counts as much as it has images.
#
# ### Exercise 07.3
#
# Write it. Each list has one entry per bin: the number of images, the mean confidence, the accuracy.


# %%
def error(counts, confidence, accuracy):
    """Return the expected calibration error."""
    # solution
    bins = zip(counts, confidence, accuracy, strict=True)
    return sum(n * abs(c - a) for n, c, a in bins) / sum(counts)


# %%
lessons.check("07.3", error)

# %% [markdown]
# Even a perfectly calibrated network has an error above 0: with few images per bin, accuracy is noisy. `ece_floor`
# draws labels from the network's own confidences, so that it *is* calibrated, and says what error is left. Read an
# ECE beside that floor, never alone.

# %%
error, labels, rows = lessons.use("07.3", error), clothes.test.labels, []
said = {key: tlt.predict(run.model, clothes.test.images) for key, run in runs.items()}
for (regime, seed), logits in said.items():
    bins = reliability_table(logits, labels)
    ece = error(*(bins[name].tolist() for name in ("n", "confidence", "accuracy")))
    rows.append((regime, seed, ece, ece_floor(logits, seed=seed, draws=30)))
sure = pd.DataFrame(rows, columns=["regime", "seed", "ece", "floor"])

# %%
table = sure.groupby("regime")[["ece", "floor"]].mean().round(3)
above = sure["ece"].sub(sure["floor"]).groupby(sure["regime"])
table["above"] = above.agg(mean_and_interval)
print(plots.describe(plots.calibration(reliability_table(said["fine_tune", 0], labels))))
table

# %% [markdown]
# `above` is error minus floor, with its interval over the seeds. The diagram shows fine_tune and one seed: below the
# dashed line the network is too sure. (Ten labels per class were settled on after a first look: with twenty, three
# seeds could not tell the errors from their floors.)
#
# ### Exercise 07.4
#
# Where does the error of `fine_tune` lie against its floor: "above", "below" or "cannot tell"? Or is it "calibrated"?

# %%
place = ...  # your word
# solution
tuned = sure[sure["regime"] == "fine_tune"]
found = word(tuned["ece"] - tuned["floor"])
place = {"helps": "above", "hurts": "below", "no word": ""}.get(found, found)

# %%
lessons.check("07.4", place, results=sure)

# %% [markdown]
# A cheap repair is *temperature scaling* (Guo et al. 2017): divide all logits by one number, chosen on
# validation images. No answer changes, for the largest logit stays the largest. Only confidence does. Here there are
# ten validation images, for they come out of the labels. Is that enough? Beside it stands a luxury: 200 labels more.


# %%
def temperature(logits, labels):
    """Return the divisor of the logits that gives the smallest log loss."""
    tried = torch.logspace(-1, 1.3, 40).tolist()
    return min(tried, key=lambda t: tlt.log_loss(logits / t, labels))


# %%
rows = []
for (regime, seed), x in said.items():
    few, model, row = fews[seed], runs[regime, seed].model, {"regime": regime}
    for name, split in {"10 images": few.val, "200 images": few.pool.select(spread)}.items():
        cool = x / temperature(tlt.predict(model, split.images), split.labels)
        row[name] = tlt.ece(cool, labels) - tlt.ece(x, labels)
    rows.append(row | {"left": tlt.ece(cool, labels) - ece_floor(cool, seed=seed, draws=30)})
pd.DataFrame(rows).groupby("regime").agg(mean_and_interval)

# %% [markdown]
# Two columns say how the error changed, with the temperature chosen on ten images or on 200: it fell where the
# interval is below 0. `left` is what then stands above the floor, with 200. So a cheap repair has its price, too:
# labels. Networks from scratch stand above their floor in every seed, before the repair. Scaling changed no answer.
# And the floor of 100 images lies well above that of 1,000, so an ECE of few images is high whatever the network.

# %% tags=["facts", "nbval-check-output", "keep_output"]
gap = sure.query("regime == 'scratch'").eval("ece - floor")
print("scratch: error above its floor in every seed:", (gap > 0.01).all())
unchanged = [(x.argmax(1) == (x / 3).argmax(1)).all() for x in said.values()]
print("scaling changes no answer:", all(unchanged))
few_images = [ece_floor(said["scratch", 0][:n], seed=0) for n in (100, 1000)]
print("the floor of 100 images is above that of 1000:", few_images[0] > 1.5 * few_images[1])

# %% [markdown]
# ## 5. Plant a shortcut, catch it
#
# In real data a shortcut is what happens to go with a class: a ruler beside a tumour, a watermark on horses
# (Lapuschkin et al. 2019). You never know whether you found all of them. So plant one, and see what would have
# caught it. Every bag in training gets a red mark. Nothing else does.
#
# We tried out tasks, marks and labels until the network from scratch took the bait. (On emoji, ten labels each,
# fine-tuning did not learn the mark.) So this section shows what a shortcut does and how it is caught. How often one
# is learnt it does not show.

# %%
BAG, SIDE = clothes.classes.index("bag"), 6  # try another size: what do you expect?


def plant(split, rows):
    """Return the split with a red mark in the corner of these images."""
    images = split.images.expand(-1, 3, -1, -1).clone()  # red needs colour
    red = torch.tensor([255, 0, 0]).byte()[:, None, None]
    images[rows, :, 1 : 1 + SIDE, 1 : 1 + SIDE] = red
    return replace(split, inputs=images)


# %%
bag = labels == BAG
tricked = [replace(few, train=plant(few.train, few.train.labels == BAG)) for few in fews]
print(plots.describe(plots.image_grid(tricked[0].train, clothes.classes, rows=2)))

# %%
both = product(RATES, range(SEEDS))
planted = {(way, seed): learn(tricked[seed], way, seed) for way, seed in both}

# %% [markdown]
# Test it as most people would: on test images from the same place, so that bags have their mark here, too.
#
# ### Exercise 07.5
#
# The table has the networks from scratch: accuracy on all test images, accuracy on bags alone, and the share of
# bags among the images. Say the network knows bags by the mark *alone*. Which accuracy would be left on test images
# without marks, on average over the seeds? Predict before you look.

# %%
marked, rows = plant(clothes.test, bag), []
for seed in range(SEEDS):
    x = tlt.predict(planted["scratch", seed].model, marked.images)
    row = {"accuracy": tlt.accuracy(x, labels), "bags": tlt.accuracy(x[bag], labels[bag])}
    rows.append(row | {"of_all": bag.float().mean().item()})
on_marked = pd.DataFrame(rows)
on_marked.round(3)

# %%
left = ...  # your number
# solution
mean = on_marked.mean(numeric_only=True)
left = mean["accuracy"] - mean["bags"] * mean["of_all"]

# %%
lessons.check("07.5", left, results=on_marked)

# %% [markdown]
# Now take the marks away. And do the opposite: put the mark on the *other* classes, and count how many more answers
# turn into "bag". That is an experiment: one thing changes, and the answers follow it or not. Networks that learnt
# without marks are the control.

# %%
sets = marked, clothes.test, plant(clothes.test, ~bag)


# %%
def effect(run):
    """Return what a network says with marks, without, and with marks on other classes."""
    on, off, swapped = (tlt.predict(run.model, split.images) for split in sets)
    row = {"all": tlt.accuracy(off, labels)}
    row["lost"] = tlt.accuracy(on, labels) - row["all"]
    row["bags, mark"], row["bags, no mark"] = (tlt.accuracy(x[bag], labels[bag]) for x in (on, off))
    turned = (swapped.argmax(1) == BAG).float() - (off.argmax(1) == BAG).float()
    return row | {"turned": turned[~bag].mean().item()}


# %%
left, rows = lessons.use("07.5", left, results=on_marked), []
for kind, nets in {"marks": planted, "no marks": runs}.items():
    for (regime, _), run in nets.items():
        rows.append({"learnt with": kind, "regime": regime} | effect(run))
effects = pd.DataFrame(rows)
print(f"predicted {left:.3f}")
effects.groupby(["learnt with", "regime"], sort=False).agg(mean_and_interval)

# %% [markdown]
# `all` is the accuracy without marks, and `lost` what was above it while bags had their mark. Two columns have the
# bags alone, the subgroup that matters, with and without mark. `turned` is the share of the other images that the
# mark turned into bags. All with intervals over the seeds. Did your prediction hold?
#
# Would a heat map have told? Take bags with marks, ask for "bag", and measure the share of heat in the corner:
# a quarter of each side. Two controls: the network that learnt without marks, and one that never learnt, head
# included.

# %%
corner = torch.zeros(28, 28, dtype=torch.bool)
corner[:7, :7] = True
bags, region = marked.images[bag][::4], corner.flatten().tolist()


def networks(seed):
    """Return networks from scratch with marks and without, and one that never learnt."""
    bare = tlt.load_backbone("small:fashion_0_4-random", seed=seed)
    nets = {"marks": planted["scratch", seed].model, "no marks": runs["scratch", seed].model}
    return nets | {"never learnt": tlt.Classifier(bare, 5, seed=seed)}


# %%
pieces, looks = [], {}
for seed in range(SEEDS):
    for name, net in networks(seed).items():
        looks[name, seed] = explain.grad_cam(net, bags, target=BAG)
        here = [share(heat, region) for heat in looks[name, seed].flatten(1).tolist()]
        pieces += [(name, seed, i, value) for i, value in enumerate(here)]
pieces = pd.DataFrame(pieces, columns=["net", "seed", "image", "value"])

# %%
print(f"even heat would have {corner.float().mean():.3f} there")
by_net = pieces.groupby(["net", "seed"])["value"].mean().reset_index()
intervals(by_net, ["net"]).round(3)

# %% [markdown]
# The mean over images and seeds tells. Does one picture? For each network the image with the *least* and with the
# *most* heat in the corner, out of the same bags:

# %%
ends = pieces.sort_values("value").groupby("net")
few_of = pd.concat([ends.head(1), ends.tail(1)]).sort_values(["net", "value"])
rows = [*few_of.itertuples()]
pictures = torch.stack([overlay(bags[r.image], looks[r.net, r.seed][r.image]) for r in rows])
titles = [f"{row.net} {row.value:.2f}" for row in rows]
print(plots.describe(plots.image_grid(pictures, rows=1, columns=6, titles=titles)))

# %% tags=["facts", "nbval-check-output", "keep_output"]
share_of = pieces.groupby("net")["value"].mean()
print(
    "more heat in the corner than without marks:", share_of["marks"] > share_of["no marks"] + 0.03
)
overlap = ends.max()["value"]["never learnt"] > ends.min()["value"]["marks"]
print("some picture of a network that never learnt has more than one of these:", overlap)

# %% tags=["facts", "nbval-check-output", "keep_output"]
by_way = effects.groupby(["learnt with", "regime"])[["lost", "turned"]].mean()
for kind in ("marks", "no marks"):
    less, more = by_way.loc[(kind, "scratch")]
    print(f"scratch, {kind}: loses more than 10 points without the mark:", less > 0.1)
    print(f"scratch, {kind}: the mark turns more than half of the others:", more > 0.5)
of_marks = by_way["turned"]["marks"]
print("frozen follows the mark less than scratch:", of_marks["frozen"] < of_marks["scratch"] - 0.2)

# %% [markdown]
# On average the networks with marks have more heat in the corner. But some picture of a network that never learnt
# has more of it there than one of theirs. The experiment is not so shy: without the mark the network from scratch
# loses more than ten points, and the mark turns more than half of the other images. Without marks in training
# neither happens.
#
# Each number alone has a way out. Accuracy with marks is high for honest networks, too. A map with heat in the
# corner may come from a network that never learnt. What leaves no way out is the experiment, with its control: move
# the mark, and watch the answers.
#
# Compare the regimes in the table as well. Frozen features cannot learn to see the mark; they can only use what they
# saw of it before. Is that protection? For this mark and these settings you have the numbers. For another one, change
# `SIDE`, and predict first.
#
# ## Summary
#
# Look at single images yourself, with what you know now: choose wrong answers, and ask of each map and each
# neighbour what would have to be true for it to be an explanation. Below it, your choices beside what was measured.

# %%
seen_now = widgets.look(emoji, backbone=lite0)
display(seen_now)
print(seen_now.describe())

# %%
tuned_stages = alike.query("net == 'fine_tune'").groupby("stage")["cka"].mean()
print(lessons.beside("07.a", tuned_stages.round(2).to_dict(), about="moved"))
words = {regime: word(gap).replace("helps", "above") for regime, gap in above}
print(lessons.beside("07.b", words, about="sure"))
fell = effects.query("regime == 'scratch' and `learnt with` == 'marks'")["lost"]
print(lessons.beside("07.c", f"{mean_and_interval(fell)}, as a fraction", about="lost"))

# %%
for letter in "def":
    display(lessons.quiz(f"07.{letter}"))
lessons.progress("07")

# %% [markdown]
# You gave pictures numbers, and numbers controls. Heat on the drawing was matched by a blob; a CKA near 1 by a
# network that never learnt; an ECE by noise. And you caught a shortcut by moving it.
#
# **References.** R. Selvaraju et al., Grad-CAM, ICCV 2017, equations 1 and 2. J. Adebayo et al., Sanity checks for
# saliency maps, NeurIPS 2018, section 3 and Figure 2. S. Kornblith et al., Similarity of neural network
# representations revisited, ICML 2019, section 3. C. Guo et al., On calibration of modern neural networks, ICML
# 2017, equation 3 and Table 1. S. Lapuschkin et al., Unmasking Clever Hans predictors and assessing what machines
# really learn, Nature Communications 10, 2019, Figure 2. R. Geirhos et al., Shortcut learning in deep neural
# networks, Nature Machine Intelligence 2, 2020.

# %% [markdown]
# **Remember:**
#
# - A picture is no evidence until it has a number, and a number none until it has a control.
# - Confidence is a promise: hold it against accuracy, and the error against its floor.
# - To find a shortcut, move it, and watch the answers.
