# %% [markdown]
# # 09 Trap museum
#
# **You will** walk past mistakes that stand in real tutorials; mend five of them; measure how far each one moves
# the reported number, with an interval; and sort them by size.
#
# **You need** notebook 01. Notebooks 03 and 05 help.
#
# **Time** about 2 minutes of computing on 2 cores.
#
# ## Predict first
#
# Choose before anything runs. The summary puts your choices beside what was measured.

# %%
import copy
import os

import numpy as np
import pandas as pd
from IPython.display import display

import tlteach as tlt
from tlteach import atlas, lessons
from tlteach.measures import judge

# %%
TIER = os.environ.get("TLTEACH_TIER", "class")
SEEDS, STEPS, LOOK = {"smoke": (5, 25, 60), "class": (5, 50, 150), "full": (10, 50, 150)}[TIER]
for letter in "abc":
    display(lessons.quiz(f"09.{letter}"))

# %% [markdown]
# ## 1. How an exhibit is measured
#
# Every exhibit has two versions of the same code: as it is met, and mended. Both run on the same
# [seeds](glossary.md#seed). What is put up is *the number that the first one reports, minus the number that the
# second one reports*, in points, with a 95 % [interval](glossary.md#confidence-interval).
#
# The words are those of every [verdict](glossary.md#verdict) here, under other names: "too high" where the interval
# (over seeds alone) lies above zero, "too low" where it lies below, else "cannot tell"; and no word with fewer than five seeds. Sometimes the number
# in a report is an accuracy, sometimes a gain over another way; each exhibit says which.
#
# Too low is no better than too high. A regime that looks worse than it is loses a race that it should have won.

# %%
WORDS = {"helps": "too high", "hurts": "too low", "cannot tell": "cannot tell", "": "no word"}
museum = {}


# %%
def exhibit(name, wrong, right):
    """Put up a mistake: two lists of numbers, one for each seed; return its word."""
    wrong, right = np.array(wrong), np.array(right)
    word, mean, low, high = judge(wrong - right)
    museum[name] = {"as met": wrong.mean(), "mended": right.mean(), "difference": mean}
    museum[name] |= {"low": low, "high": high, "seeds": len(wrong), "verdict": WORDS[word]}
    told = f"{name}: {100 * wrong.mean():.1f} as met, {100 * right.mean():.1f} mended;"
    print(f"{told} {WORDS[word]} {100 * mean:+.1f} points ({100 * low:.1f} to {100 * high:.1f})")


# %% [markdown]
# ## 2. A frozen backbone that moves
#
# ```python
# for p in model.backbone.parameters():
#     p.requires_grad = False        # frozen?
# ...
# model.train()                      # at the start of every epoch
# ```
#
# This stands in many tutorials. No gradient reaches the [backbone](glossary.md#backbone). But every layer of
# [batch normalisation](glossary.md#batch-normalisation) is in train mode: it scales an image by the other images
# of its batch, and keeps a running mean of what it saw.

# %%
import torch
import torch.nn.functional as F

from tlteach.models import Classifier
from tlteach.training import batches

lite0 = tlt.load_backbone("lite0", size=64)
noto, fashion = tlt.load_task("emoji", domains=["noto"]), tlt.load_task("fashion")

# %% tags=["nbval-check-output", "keep_output"]
model = Classifier(copy.deepcopy(lite0), noto.n_classes, seed=0).requires_grad_(False).train()
before, images = model.backbone.fingerprint(), noto.test.images
with torch.no_grad():
    one, other = (model(images[[0, *mates]])[0] for mates in ([10, 20, 30], [40, 50, 60]))
print("same image, other images beside it, same answer:", torch.allclose(one, other, atol=1e-3))
print("backbone unchanged after two passes of test images:", model.backbone.fingerprint() == before)

# %% [markdown]
# Nothing was trained in that cell. Even so the answers for one image depend on its neighbours, and *test* images
# have changed the network.
#
# ### Exercise 09.1
#
# Mend it. The head should learn as it did (its dropout on, if it had some); in the backbone nothing may move.
# Return the model.


# %%
def as_met(model):
    """Freeze as the tutorial does."""
    for parameter in model.backbone.parameters():
        parameter.requires_grad = False
    return model.train()


# %%
def freeze(model):
    """Let the head learn, and nothing in the backbone move; return the model."""
    # solution
    model.train()
    model.backbone.eval()
    model.backbone.requires_grad_(False)
    return model


# %%
lessons.check("09.1", freeze)

# %%
freeze = lessons.use("09.1", freeze)


# %%
def learn(model, split, seed, steps=STEPS):
    """Train a head in small batches, as tutorials do."""
    optimizer = torch.optim.SGD(model.head.parameters(), lr=0.01, momentum=0.9)
    for rows in batches(len(split), 8, steps, seed=seed):
        loss = F.cross_entropy(model(split.images[rows]), split.labels[rows])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()


# %% [markdown]
# Two targets: emoji, nearer to the photographs that Lite0 learnt from, and clothes, 28 pixels and grey.


# %%
def some(split, n):
    """Return n images of a split, evenly spread over it."""
    return split.select(torch.linspace(0, len(split) - 1, n).long())


# %%
def reached(set_up, task, seed):
    """Return the test accuracy of a head that learnt after `set_up` froze the rest."""
    few, seen = tlt.few_shot(task, 10, seed=seed), some(task.test, LOOK)
    model = set_up(Classifier(copy.deepcopy(lite0), few.n_classes, seed=seed))
    learn(model, few.labelled, seed)
    return tlt.accuracy(tlt.predict(model, seen.images), seen.labels)


# %%
for name, task in (("emoji", noto), ("clothes", fashion)):
    wrong = [reached(as_met, task, seed) for seed in range(SEEDS)]
    right = [reached(freeze, task, seed) for seed in range(SEEDS)]
    exhibit(f"BatchNorm in train mode, {name}", wrong, right)

# %% tags=["nbval-check-output", "keep_output", "facts"]
near, far = (museum[f"BatchNorm in train mode, {name}"] for name in ("emoji", "clothes"))
print("clothes: it costs 5 points or more:", far["difference"] < -0.05)
print("emoji: it costs less than on clothes:", near["difference"] > far["difference"])

# %% [markdown]
# One line of code, two sizes. On clothes it costs many points. On emoji it costs less, and few seeds may not tell
# whether it costs anything. So a tutorial that looked once, near the source, had no reason to doubt it. These runs do
# not say why the two differ; notebook 03 shows how to ask, with the drift of every stage.
#
# ## 3. Chosen on the test images
#
# ```python
# for epoch in range(20):
#     train(model)
#     accuracy = evaluate(model, test_loader)
#     best = max(best, accuracy)          # "best test accuracy"
# ```
#
# The maximum of 20 numbers is high because one moment is better, and because one moment was lucky on these
# images. The report cannot tell the two apart. The mended version lets other images choose the moment.
#
# The *atlas* holds such runs: a small network from [scratch](glossary.md#scratch) on 20 labels per class, ten
# seeds, 20 moments each. The same moments were measured on 200 test images, on the rest of the test split, and on a
# pool of 500 other images.

# %%
mine = atlas.load("overfitting").query(
    "shots == 20 and width == 1 and regime == 'scratch' and augment == 'none'"
    " and weight_decay == 0 and split == 'val' and metric == 'accuracy'"
)
curves = mine.pivot(index=["seed", "step"], columns="watched", values="value")
curves = [curve.droplevel("seed") for _, curve in curves.groupby(level="seed")]
curves[0].round(3).T

# %% [markdown]
# ### Exercise 09.2
#
# By how many points is the best of the 20 moments on `test 200` above the moment that `pool` prefers, both read on
# `test 200`, on average over the seeds? `curves` is a list of such tables, one for each seed.

# %%
optimism = ...  # your number, in points
# solution
gaps = [c["test 200"].max() - c["test 200"].iloc[c["pool"].argmax()] for c in curves]
optimism = 100 * sum(gaps) / len(gaps)

# %%
lessons.check("09.2", optimism, results=mine)

# %%
for watched, n in (("test 200", 200), ("test rest", 1800)):
    best = [curve[watched].max() for curve in curves]
    honest = [curve[watched].iloc[curve["pool"].argmax()] for curve in curves]
    exhibit(f"best of 20 on {n} test images", best, honest)

# %% tags=["nbval-check-output", "keep_output", "facts"]
few_, many = (museum[f"best of 20 on {n} test images"] for n in (200, 1800))
print("best of 20, 200 test images:", few_["verdict"])
print("larger than on 1800:", few_["difference"] > many["difference"])

# %% [markdown]
# The best can never be below the honest choice, so the sign is no news; the size is. On 1,800 images luck has less
# room than on 200. It has more where more is tried: moments, settings, seeds.
#
# In many a seed both choices reach the same number. A mistake may cost nothing in your run, and something on average.
#
# ## 4. A mean of means
#
# ```python
# scores = [accuracy(model(x), y) for x, y in test_loader]
# print(sum(scores) / len(scores))
# ```
#
# A tutorial with 75 test images and batches of 32 reports an accuracy that is no whole number of 75ths. The last
# batch holds 11 images, and each of them counts almost three times.
#
# ### Exercise 09.3
#
# Mend it: `accuracies` and `sizes` have one entry for each batch.


# %%
def overall(accuracies, sizes):
    """Return the accuracy over all images."""
    # solution
    return sum(a * n for a, n in zip(accuracies, sizes, strict=True)) / sum(sizes)


# %%
lessons.check("09.3", overall)

# %%
overall = lessons.use("09.3", overall)
parts = [0.5, 0.5, 1.0], [32, 32, 11]
print(f"as met {sum(parts[0]) / 3:.4f}, mended {overall(*parts):.4f}, which is 43 of 75")

# %%
from tlteach.measures import fit_probes


def head(net, few, test):
    """Fit a head on frozen features; return for each test image whether it is right."""
    known, asked = (tlt.extract_features(net, part.images) for part in (few.labelled, test))
    rows = [torch.arange(len(known))]
    probe = fit_probes(known, few.labelled.labels, rows, [0.01], n_classes=few.n_classes)
    return (probe.logits(asked)[0, 0].argmax(1) == test.labels).double()


# %% [markdown]
# And in a real evaluation? Ten heads on frozen features of Lite0, 75 emoji. Once in random order, and once sorted by
# class, as images come from a folder when nobody shuffles them.

# %%
ours = some(noto.test, 75)
ours = ours.select(ours.labels.argsort(stable=True))
hits = [head(lite0, tlt.few_shot(noto, 10, seed=seed), ours) for seed in range(10)]
dealt = {"sorted by class": hits, "random order": []}
for seed, one in enumerate(hits):
    order = torch.randperm(75, generator=torch.manual_seed(seed))
    dealt["random order"].append(one[order])


# %%
def by_batch(one):
    """Return the accuracy of each batch of 32."""
    return [batch.mean().item() for batch in one.split(32)]


for order, runs in dealt.items():
    wrong = [np.mean(by_batch(one)) for one in runs]
    right = [overall(by_batch(one), [32, 32, 11]) for one in runs]
    exhibit(f"mean of batch means, {order}", wrong, right)

# %% tags=["nbval-check-output", "keep_output", "facts"]
for name, numbers in (("mended accuracies", right), ("means of batch means", wrong)):
    far = max(abs(75 * x - round(75 * x)) for x in numbers)
    print(f"{name} are 75ths:", far < 1e-6)

# %% [markdown]
# In random order the short batch is a fair sample: one report is too high, the next one too low. Sorted by class, it
# holds the last classes alone, and they count too much in *every* run. Whether that lifts or lowers the number depends
# on whether these classes are easy. One line of code (`shuffle=False`) makes luck into a bias.
#
# ## 5. One side was searched
#
# ```python
# optimizer = SGD(model.parameters(), lr=0.001, momentum=0.9)  # for each model
# ```
#
# A [learning rate](glossary.md#learning-rate) that suits pretrained weights is small for fresh ones. Whoever
# gives both the same one compares a tuned regime with an untuned one. Here fine-tuning was searched. Scratch
# gets 0.001, or a rate that was searched as well, within the same [search budget](glossary.md#search-budget). The
# number in the report is the *gain* of fine-tuning.

# %%
from tlteach.data import all_labels

PLACE = ["task", "source", "backbone", "regime", "shots", "split", "seed"]
table = atlas.load("transfer").query("metric == 'accuracy'").drop_duplicates(PLACE)
ways = table.query("task == 'fashion_5_9' and shots == 5 and split == 'test' and seed < @SEEDS")
ways = ways.sort_values("seed").groupby(["backbone", "regime"])["value"]
tuned = ways.get_group(("small:fashion_0_4", "fine_tune")).to_numpy()
searched = ways.get_group(("resnet8", "scratch")).to_numpy()

# %%
clothes, net = tlt.load_task("fashion_5_9"), tlt.load_backbone("small:fashion_0_4")
config = tlt.TrainConfig(lr=0.001, precision="fp32")  # until flat, as the searched ones


def plain(seed):
    """Return the accuracy of a network from scratch at 0.001, on all its labels."""
    few = all_labels(tlt.few_shot(clothes, 5, seed=seed))
    return tlt.train(net, few, "scratch", config, seed=seed).test(clothes)["accuracy"]


untuned = [plain(seed) for seed in range(SEEDS)]
exhibit("learning rate of scratch not searched", tuned - untuned, tuned - searched)

# %% tags=["nbval-check-output", "keep_output"]
print("fine_tune ahead of scratch at 0.001 by 5 points:", (tuned - untuned).mean() > 0.05)
print("fine_tune ahead of scratch that was searched:", (tuned - searched).mean() > 0)

# %% [markdown]
# How far it is ahead depends on who was allowed to search. Fine-tuning did the same in both versions, so the size of this
# exhibit is what the search brings to scratch.
#
# ## 6. The target in the source
#
# A network was pretrained on clothes, and the target is clothes. Wonderful transfer! But did the source hold the
# *classes* of the target, or even its images? Two sources: `fashion_0_4` has five other kinds, `fashion` has all
# ten, with hundreds of labelled images of each class that the target asks for.
#
# It also has twice as many images and classes. So there is a control: what do the five kinds more bring on digits,
# of which neither has seen any?


# %%
def mean_hits(name, task):
    """Return the accuracy of a head on a small source, for each of ten seeds."""
    nets = [tlt.load_backbone(f"small:{name}", seed=seed % 5) for seed in range(10)]
    fews = [tlt.few_shot(task, 5, seed=seed) for seed in range(10)]
    pairs = zip(nets, fews, strict=True)
    return [head(net, few, some(few.test, 500)).mean().item() for net, few in pairs]


# %%
digits, names = tlt.load_task("digits"), ("fashion", "fashion_0_4")
both = [mean_hits(source, clothes) for source in names]
exhibit("target classes in the source", *both)

# %%
control = np.subtract(*(mean_hits(source, digits) for source in names))
gaps = {"the control, digits": control, "clothes minus control": np.subtract(*both) - control}
for name, gap in gaps.items():
    print(f"{name}: {judge(gap)[0]} {100 * gap.mean():+.1f} points")

# %% [markdown]
# The control says how much a richer source may bring without any overlap, so read the exhibit as an upper end. A card
# helps: `net.card.overlap(task.classes)` names the classes that a source shares with a target.
#
# ### Twice the same thing
#
# Overlap also happens within your own data. Emoji come in styles: the same cat, drawn by two companies. Someone
# writes:
#
# ```python
# 1  images, labels = load("noto") + load("twemoji")
# 2  train, test = train_test_split(images, labels, test_size=0.2)
# 3  x = (x - mean(train)) / std(train)
# 4  model = fit(train, penalty=cross_validated(train))
# 5  print(accuracy(model, test))
# ```
#
# ### Exercise 09.4
#
# Which line lets answers [leak](glossary.md#leakage) into the test? Answer "line 1" to "line 5".

# %%
answer = ...  # your word
# solution
answer = "line 2"

# %%
lessons.check("09.4", answer)

# %%
two = tlt.load_task("emoji", domains=["noto", "twemoji"])
every = two.labelled.joined(two.test)
x, labels = tlt.extract_features(lite0, every.images), every.labels

# %%
from sklearn.model_selection import GroupShuffleSplit


# %%
def split_by(groups):
    """Return ten test accuracies of a head, the groups dealt out anew each time."""
    found = []
    dealer = GroupShuffleSplit(10, test_size=0.2, random_state=0)
    for train, test in dealer.split(x, labels, groups):
        probe = fit_probes(x, labels, [torch.from_numpy(train)], [0.01], n_classes=two.n_classes)
        found.append(tlt.accuracy(probe.logits(x[test])[0, 0], labels[test]))
    return found


# %%
by_picture, by_thing = split_by(torch.arange(len(every))), split_by(every.groups)
exhibit("one thing on both sides of the split", by_picture, by_thing)

# %% [markdown]
# `groups` says which pictures show the same thing. `load_task` deals out groups, never pictures, so that you cannot
# make this mistake with the data of this package. With your own you can.
#
# ## 7. Fed at the wrong size
#
# Clothes are 28 pixels wide, so why not feed 28 pixels? Because Lite0 shrinks an image 32 times on its way.
# Size, scale and interpolation belong to the *weights*. `load_backbone` refuses a size below 64; here we go behind
# its back.

# %%
from dataclasses import replace

tiny = tlt.load_backbone("lite0", size=64)
tiny.preprocessing = replace(tiny.preprocessing, size=28)
seen = some(fashion.test, 400)
fews = [tlt.few_shot(fashion, 5, seed=seed) for seed in range(SEEDS)]
small = [head(tiny, few, seen).mean().item() for few in fews]
large = [head(lite0, few, seen).mean().item() for few in fews]
exhibit("28 pixels for Lite0", small, large)

# %% [markdown]
# ## 8. A weak opponent
#
# The last mistake is in no line of code. Frozen features of Lite0 on handwritten digits, ten labels each. The report
# says how far they are above guessing. But guessing is not what you would do without them. Whether a source is
# [worth it](glossary.md#not-worth-it) is told by the best way without one. Frozen random weights are too weak for that,
# too; they are the opponent for another question, the [harm of the source](glossary.md#negative-transfer).
#
# ### Exercise 09.5
#
# `without` holds ten seeds of four ways without a source. Which one is the honest
# [baseline](glossary.md#baseline)? The test images may not choose it. Take the mean accuracy on
# [validation images](glossary.md#validation-split).

# %%
here = table.query("task == 'digits' and shots == 10 and backbone != 'lite0-random'")
without = here.query("source == 'none'").replace({"regime": {"frozen": "frozen_random"}})

# %%
answer = ...  # your word
# solution
known = without.query("split == 'val'")
answer = known.groupby("regime")["value"].mean().idxmax()

# %%
lessons.check("09.5", answer, results=without)

# %%
best = lessons.use("09.5", answer, results=without)
alone = without.query("split == 'test'").pivot(index="seed", columns="regime", values="value")
lite = here.query("source == 'ImageNet-1k' and regime == 'frozen' and split == 'test'")
lite = lite.set_index("seed")["value"]
for weak in ("majority", "frozen_random"):
    gains = (lite - alone[other] for other in (weak, best))
    exhibit(f"weak baseline, {weak}", *gains)

# %% tags=["nbval-check-output", "keep_output"]
leak = museum["one thing on both sides of the split"]["difference"]
print("the best way without a source, by validation images:", best)
for other in ("majority", best):
    print(f"frozen Lite0 on digits, 10 labels, against {other}: {judge(lite - alone[other])[0]}")
print("28 pixels cost 8 points or more:", museum["28 pixels for Lite0"]["difference"] < -0.08)
print("pictures of one thing on both sides: too high by 2 points or more:", leak > 0.02)

# %% [markdown]
# The same ten runs of Lite0. What differs between the two columns is the opponent alone, so the size of this exhibit
# is how far the honest baseline lies above the weak one.
#
# ## 9. The whole museum
#
# All exhibits, the largest first: a table in fractions, a figure in points, and the figure in words. Left of zero the report is too low, right of it too high.

# %%
import matplotlib.pyplot as plt

walls = pd.DataFrame(museum).T.infer_objects()
walls = walls.loc[walls["difference"].abs().sort_values().index]
walls[::-1].round(3)

# %%
figure, ax = plt.subplots(figsize=(9, 6), layout="constrained")
mid = walls["difference"]
ax.errorbar(100 * mid, walls.index, xerr=100 * (walls["high"] - mid), fmt="o", capsize=4)
ax.axvline(0, color="black", linestyle=":")
_ = ax.set(xlabel="as met minus mended, points", title="What each mistake does to the report")

# %%
print("As met minus mended, points, largest first:")
for name, row in walls[::-1].iterrows():
    low, mean, high = (100 * row[c] for c in ("low", "difference", "high"))
    print(f"  {name}: {row['verdict']} {mean:+.1f} ({low:.1f} to {high:.1f})")

# %% [markdown]
# ## Summary
#
# Your choices beside what was measured, then three questions:

# %%
print(lessons.beside("09.a", walls.index[-1], about="largest"))
word = museum["mean of batch means, random order"]["verdict"]
print(lessons.beside("09.b", word, about="batch means"))
said = [judge(tuned - other)[0] for other in (untuned, searched)]
print(lessons.beside("09.c", f"fine_tune {said[0]}, then {said[1]}", about="rates"))

# %%
for letter in "def":
    display(lessons.quiz(f"09.{letter}"))
lessons.progress("09")

# %% [markdown]
# **References.** S. Ioffe and C. Szegedy, Batch normalization, ICML 2015, section 3.1. G. Cawley and N. Talbot, On
# over-fitting in model selection and subsequent selection bias in performance evaluation, JMLR 11, 2010. X. Zhai et
# al., A large-scale study of representation learning with the visual task adaptation benchmark, arXiv 1910.04867,
# 2019 (light and heavy search). B. Barz and J. Denzler, Do we train on test data? Purging CIFAR of near-duplicates,
# Journal of Imaging 6(6), 2020. H. Li et al., Rethinking the hyperparameters for fine-tuning, ICLR 2020. Z. Wang et
# al., Characterizing and avoiding negative transfer, CVPR 2019, section 3.

# %% [markdown]
# **Remember:**
#
# - A number can be too high or too low by code that looks harmless: run both versions on the same seeds.
# - Whatever chooses must not be what reports: moments, settings and baselines are chosen on validation images.
# - The commonest mistake is in no line of code: a weak opponent.
