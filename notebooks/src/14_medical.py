# %% [markdown]
# # 14 Medical images
#
# **You will** find out where a large pretrained network stops being ahead of a small one; keep patients whole when
# you split; test in a hospital that nobody trained on; choose a threshold and see what a positive answer is worth
# where few are sick; and hear what a real study needs beyond all this.
#
# **You need** notebooks 01 and 04.
#
# **Time** about 20 seconds of computing on 2 cores.
#
# **No image here is medical**, unless you bring some in section 2. Digits, clothes, letters and drawings stand in for
# scans, because they ship. They show how to measure. They say nothing about any disease, and nothing here is a
# medical device.
#
# ## Predict first
#
# Choose before anything runs. The summary puts your choices beside what was measured.

# %%
import os

import numpy as np
import pandas as pd
from IPython.display import display
import tlteach as tlt
import torch
from tlteach import atlas, lessons, plots
from tlteach.measures import judge, told

# %%
SEEDS = {"smoke": 5, "class": 20, "full": 40}[os.environ.get("TLTEACH_TIER", "class")]
for letter in "abc":
    display(lessons.quiz(f"14.{letter}"))

# %% [markdown]
# ## 1. Small against large
#
# Medical images look unlike what ImageNet shows: X-rays and tissue are no photographs at all, and a photograph of the back of
# an eye (a *fundus*) shows nothing that ImageNet has a name for. Raghu et al. (2019) asked what ImageNet brings there. On a large
# set of fundus photographs and on chest X-rays big pretrained networks were hardly ahead of small ones from
# [scratch](glossary.md#scratch).
#
# That was not the last word. With much larger networks, and a source of many millions of photographs, transfer to medical images
# did help (Mustafa et al. 2021), and so did pretraining on unlabelled medical images after photographs (Azizi et al. 2021). So
# the answer depends on the size of source and network, and this notebook teaches the method of asking, on images that are
# not medical.
#
# Here are three [targets](glossary.md#target) far from photographs; emoji and photographs for contrast. The atlas holds ten
# [seeds](glossary.md#seed) of each run (five of the fine-tuned Lite0). Each cell is frozen Lite0 minus the small network from scratch, in points of
# [accuracy](glossary.md#accuracy), with its 95 % [interval](glossary.md#confidence-interval), by labels per class. Clothes are
# the gentlest case, so their whole [curve](glossary.md#learning-curve) stands below, with two
# [baselines](glossary.md#baseline).

# %%
runs = atlas.load("transfer")
leads = atlas.judged(runs)
large = leads.query("source == 'ImageNet-1k' and regime == 'frozen'")
atlas.grid(large, ["task"], "shots")

# %%
clothes = runs.query("task == 'fashion' and metric == 'accuracy' and split == 'test'")
ax = plots.learning_curve(tlt.summarize(clothes, by=["task", "regime", "shots"]))
print(plots.describe(ax))

# %% [markdown]
# Mind what was compared. Lite0 stays frozen here, and its 1,280 [features](glossary.md#feature) were made for
# photographs. Raghu et al. fine-tuned. Of [fine-tuned](glossary.md#fine-tuning) Lite0 the atlas holds one such row,
# digits at ten labels; a cell below prints its word.
#
# So is transfer worth nothing on distant targets? A second look, at a *near* [source](glossary.md#source): five
# kinds of clothes, learnt after five other kinds. The same small network on both sides.

# %%
sister = leads.query("task == 'fashion_5_9' and source == 'fashion_0_4' and regime == 'fine_tune'")
atlas.grid(sister, ["source"], "shots")

# %% [markdown]
# ### Exercise 14.1
#
# From how many labels per class on is no lead told any more? Give the first number of labels after the last `helps`.

# %%
shots = ...  # your number
# solution
words = sister.set_index("shots")["verdict"].sort_index()
led = words.index[words == "helps"]
shots = min(shots for shots in words.index if shots > max(led, default=0))

# %%
lessons.check("14.1", shots, leads=sister)

# %%
shots = lessons.use("14.1", shots, leads=sister)
speed = atlas.load("progress").query("task == 'fashion_5_9' and regime in ('scratch', 'fine_tune')")
speed = atlas.by_share(speed, 20).query("share in (10, 50, 100)")
speed = speed.pivot(index=["shots", "share", "seed"], columns="regime", values="value")
speed = (speed["fine_tune"] - speed["scratch"]).groupby(["shots", "share"])
speed.agg(told).unstack("share")

# %% [markdown]
# The table is about the second gift that Raghu et al. found: speed. The same two networks were measured while they
# learnt. Each cell is fine-tuned minus scratch, after a tenth of all [updates](glossary.md#update), after half of
# them, and at the end. In words:

# %% tags=["nbval-check-output", "keep_output"]
for name, found in large.groupby("task"):
    words = found["verdict"].tolist()
    print(f"{name}: frozen Lite0 leads at {words.count('helps')} of {len(words)} numbers of labels")
tuned = leads.query("task == 'digits' and source == 'ImageNet-1k' and regime == 'fine_tune'")
print("digits, 10 labels, Lite0 fine-tuned:", tuned["verdict"].item())
print("the sister's lead is no longer told from", shots, "labels per class on")

# %% tags=["nbval-check-output", "keep_output"]
for (labels, share), found in speed:
    print(f"{labels} labels, {share:.0f} % of the updates: fine-tuned {judge(found)[0]}")

# %% [markdown]
# Read the words as they stand. `cannot tell`: ten seeds do not decide it. A head start need not be a higher finish.
#
# ## 2. The real thing
#
# PathMNIST has tissue of the colon in nine classes. Its test images come from another clinical centre. The cell
# runs if you have the file: set `TLTEACH_MEDICAL` to its folder before you start Jupyter.

# %%
from dataclasses import replace
from pathlib import Path

# %%
ROOT = Path(os.environ.get("TLTEACH_MEDICAL", ""), "pathmnist.npz")
if ROOT.is_file():
    tissue = tlt.load_task("pathmnist", root=ROOT.parent)
    some = torch.from_numpy(np.random.default_rng(0).permutation(len(tissue.test))[:1000])
    tissue = replace(tissue, test=tissue.test.select(some))
else:
    print("No PathMNIST (210 MB). With a network: pip install medmnist, then")
    print("python -c \"import medmnist; medmnist.PathMNIST('train', download=True, root='.')\"")

# %%
if ROOT.is_file():
    ways = {"regimes": ["scratch", "frozen"], "shots": [5, 50], "seeds": range(5)}
    found = tlt.compare(tissue, search=2, progress=False, **ways)
    display(tlt.paired(found, "frozen", "scratch").round(3))

# %% tags=["nbval-check-output", "keep_output"]
for name in ("digits", "fashion", "glyphs", "emoji"):
    print(f"{name}: not medical. {tlt.load_task(name).card.title}")

# %% [markdown]
# No medical images ship with `tlteach`. So this notebook teaches the method, on emoji, and says so at each step.
#
# The labels per class are yours to change. `tlt.load_task("pcam")` has lymph nodes, with a tumour or without, about
# 8 GB to download; every card says what is not known about the patients.
#
# ## 3. Patients and hospitals
#
# Accuracy on a [test split](glossary.md#test-split) is only as honest as the split. Let emoji play hospital. Each
# *thing* is a patient. Each of the four *styles* is a hospital, with scanners of its own. Every patient was seen in
# all four. The kind of thing is what we want to know.
#
# Here are three ways to set a part aside for testing.

# %%
emoji, lite0 = tlt.load_task("emoji"), tlt.load_backbone("lite0", size=64)
parts = {name: getattr(emoji, name) for name in ("train", "val", "test")}
features = {name: tlt.extract_features(lite0, part.images) for name, part in parts.items()}
labels, where = parts["test"].labels, parts["test"].domains

# %%
everything = emoji.labelled.joined(emoji.test)
patient, hospital = everything.groups.numpy(), everything.domains.numpy()
random = np.random.default_rng(0)
chosen = random.permutation(np.unique(patient))[:200]
splits = {"A": random.permutation(len(patient)) < 800}
splits |= {"B": np.isin(patient, chosen), "C": hospital == 3}
pd.Series({name: test.sum() for name, test in splits.items()}, name="test images").to_frame()

# %% [markdown]
# ### Exercise 14.2
#
# Each split is a mask: `True` is for testing. `patient` has the patient of every image. Which split has no patient
# on both sides: `"A"`, `"B"`, `"C"` or `"none"`?

# %%
answer = ...  # your letter
# solution
for name, test in splits.items():
    print(name, len(set(patient[test]) & set(patient[~test])))
answer = "B"

# %%
lessons.check("14.2", answer)

# %% [markdown]
# What does a leak cost? Train on one image each of 240 patients, twice: `whole` takes patients who are never tested,
# `leaky` takes any image that is not tested itself. In the same go train for section 4: four networks, each with 240 patients
# from *three* hospitals, one image of each. All are [heads](glossary.md#head) on frozen Lite0. Nothing is searched:
# C is the middle of its range.

# %%
learnt = parts["train"].joined(parts["test"])
table = pd.DataFrame({"patient": learnt.groups.numpy(), "hospital": learnt.domains.numpy()})
table["mine"] = np.arange(len(table)) < len(parts["train"])


# %%
def subsets(seed):
    """Return the rows to learn from: one hospital left out, four times; whole; leaky."""
    mixed = table.sample(frac=1, random_state=seed)
    mine, tested = mixed[mixed["mine"]], mixed[~mixed["mine"]].drop_duplicates("patient")
    left = [mine[mine["hospital"] != h].drop_duplicates("patient") for h in range(4)]
    whole, leaky = (rows.drop_duplicates("patient") for rows in (mine, mixed.drop(tested.index)))
    found = [torch.tensor(rows.index[:240]) for rows in (*left, whole, leaky)]
    return found, torch.tensor(tested.index) - len(parts["train"])


# %%
from tlteach.measures import fit_probes

both = torch.cat([features["train"], features["test"]])


def heads(seed):
    """Return what six heads say of test and validation images, and which images test a leak."""
    rows, tested = subsets(seed)
    probes = fit_probes(both, learnt.labels, rows, [1e-2], n_classes=12)
    return probes.logits(features["test"])[:, 0], probes.logits(features["val"])[:, 0], tested


# %%
answers, checked, cost = [], [], []
for seed in range(SEEDS):
    said, before, tested = heads(seed)
    right = said[4:, tested].argmax(2) == labels[tested]
    answers.append(said)
    checked.append(before[:4])
    cost.append(right.double().mean(1).tolist())

# %%
whole, leaky = np.array(cost).T
print(f"tested on patients never met: {100 * whole.mean():.1f} %")
print(f"tested on any other image: {100 * leaky.mean():.1f} %")
print("what the leak seems to win:", told(leaky - whole, unit=" points"))

# %% [markdown]
# Nothing was learnt better: as many patients, as many images. The second number answers an easier question: do you know this patient again? In this
# package `groups` of a [task](glossary.md#task) keeps patients whole. If nobody wrote down who is who, the split
# cannot be honest.
#
# ## 4. A hospital that nobody trained on
#
# Zech et al. (2018) trained networks to find pneumonia on X-rays and tested them in other hospitals. In three of five
# comparisons they did worse there. The networks could also tell from which hospital an image came.
#
# Here every hospital is tested by the network that never saw it, and by the three that did. All learnt from 240
# patients, and no patient of the test was met before.


# %%
def by_hospital(measure):
    """Return a measure of each network in each hospital: (seeds, networks, hospitals)."""
    found = np.zeros((SEEDS, 4, 4))
    for seed, net, h in np.ndindex(found.shape):
        found[seed, net, h] = measure(answers[seed][net][where == h], labels[where == h])
    return found


# %%
own = np.eye(4, dtype=bool)  # network h never saw hospital h
accuracy = by_hospital(tlt.accuracy)
unseen = accuracy[:, own]
known = np.stack([accuracy[:, ~own[:, h], h].mean(1) for h in range(4)], axis=1)

# %%
each = pd.DataFrame({"unseen": unseen.mean(0), "seen": known.mean(0)}, emoji.domains)
each.mul(100).round(1).assign(difference=[told(column) for column in (unseen - known).T])

# %% [markdown]
# Four rows are four chances to be fooled. So ask one question, about the mean of the four.
#
# And mind what such an interval covers: other patients to learn from. The patients of the test and the four hospitals
# are the same in every seed. A claim about *any* hospital would need many more than four.
#
# ### Exercise 14.3
#
# `differences` is unseen minus seen, one number for each seed. Which word does it get?

# %%
differences = (unseen - known).mean(1)

# %%
answer = ...  # your word
# solution
answer = judge(differences)[0]

# %%
lessons.check("14.3", answer, differences=differences)

# %%
print("unseen minus seen, mean of four hospitals:", told(differences, unit=" points"))

# %% tags=["nbval-check-output", "keep_output"]
for name, test in splits.items():
    print(f"split {name}: patients on both sides: {len(set(patient[test]) & set(patient[~test]))}")
print("what the leak does to the accuracy:", judge(leaky - whole)[0])
print("every network learnt from 240 images:", all(len(rows) == 240 for rows in subsets(0)[0]))
print("on average lower where it never was:", bool(differences.mean() < 0))

# %% [markdown]
# The average of a hospital is one number more to hide behind: Obermeyer et al. (2019) found a program, used for
# millions of patients, that took costs for need and so passed over Black patients who were just as sick. Look at
# groups of people, too (notebook 08).
#
# Is the network at least honest about its doubts? [Calibration](glossary.md#calibration) is measured by the
# [ECE](glossary.md#expected-calibration-error). It never reaches zero: `floor` is what a perfectly calibrated network
# would get with as many images. The chart is one network in the hospital that it never saw.

# %%
from tlteach.measures import ece_floor

ece = by_hospital(tlt.ece)
inside, outside = ece[:, ~own].mean(1), ece[:, own].mean(1)
floor = np.mean([ece_floor(one[0][where == 0], seed=0, draws=10) for one in answers])
print(f"ECE where it learnt {inside.mean():.3f}, elsewhere {outside.mean():.3f}, floor {floor:.3f}")
word, mean, low, high = judge(inside - outside)  # a lower error is better, so it is turned round
print(f"an unseen hospital: {word}; the error changes by {-mean:+.3f} ({-high:.3f} to {-low:.3f})")

# %%
from tlteach.measures import reliability_table

first = answers[0][0]
ax = plots.calibration(reliability_table(first[where == 0], labels[where == 0], bins=5))
print(plots.describe(ax))

# %% [markdown]
# ## 5. A threshold
#
# Now two classes: is it a mammal, or not? *Mammal* plays the finding. The score is the probability of that class. A
# score above the threshold is a positive answer.
#
# A high threshold misses the sick; a low one alarms the healthy. You choose it once, on [validation
# images](glossary.md#validation-split), so that 90 of 100 healthy ones are cleared: a *specificity* of 0.9. Then
# [sensitivity](glossary.md#sensitivity) is the share of the sick who are found, on the test.
#
# ### Exercise 14.4
#
# Take the lowest of the healthy scores that keeps at least this specificity as threshold: that share of the healthy
# lies at it or below. Return the share of `sick` above it.


# %%
def sensitivity_at(healthy, sick, specificity):
    """Return the share of the sick above the threshold."""
    # solution
    enough = specificity * len(healthy)
    good = [t for t in healthy if sum(score <= t for score in healthy) >= enough]
    threshold = min(good)
    return sum(score > threshold for score in sick) / len(sick)


# %%
lessons.check("14.4", sensitivity_at)

# %%
sensitivity_at, val = lessons.use("14.4", sensitivity_at), parts["val"]


def rates(seed, net, here):
    """Return sensitivity and specificity of a network on some test images."""
    score, old = (said[seed][net].softmax(1)[:, 0] for said in (answers, checked))
    healthy = old[(val.labels != 0) & (val.domains != net)].tolist()
    found = sensitivity_at(healthy, score[here & (labels == 0)].tolist(), 0.9)
    alarms = sensitivity_at(healthy, score[here & (labels != 0)].tolist(), 0.9)
    return found, 1 - alarms


# %%
shares = {name: np.zeros((SEEDS, 4, 2)) for name in ("seen", "unseen")}
for seed, net in np.ndindex(SEEDS, 4):
    shares["seen"][seed, net] = rates(seed, net, where != net)
    shares["unseen"][seed, net] = rates(seed, net, where == net)
shares = {name: each.mean(1) for name, each in shares.items()}

# %%
for i, what in enumerate(("sensitivity", "specificity")):
    for name, share in shares.items():
        _, mean, low, high = judge(share[:, i])
        print(f"{what}, {name} hospitals: {mean:.3f} ({low:.3f} to {high:.3f})")
    lost = shares["unseen"] - shares["seen"]
    print("  unseen minus seen:", told(lost[:, i], unit=" points"))

# %% [markdown]
# You asked for a specificity of 0.9. Did you get it, on new patients, and in a new hospital? Did the sensitivity come
# along? A threshold is a promise about the images it was chosen on, and it promises one of the two.
#
# ## 6. Few are sick
#
# A positive answer: how likely is it right? That is the [positive predictive value](glossary.md#positive-predictive-value). It depends on *prevalence*, the
# share of the sick among those who are tested.
#
# ### Exercise 14.5
#
# Write it, from sensitivity, specificity and prevalence, all between 0 and 1. Bayes' rule does it: positive and sick,
# divided by everybody positive.


# %%
def ppv(sensitivity, specificity, prevalence):
    """Return the share of positive answers that are right."""
    # solution
    true = sensitivity * prevalence
    false = (1 - specificity) * (1 - prevalence)
    return true / (true + false)


# %%
lessons.check("14.5", ppv)

# %% [markdown]
# Does the formula hold? Take the measured rates and count in a made-up crowd of 100,000, for four prevalences.
# Accuracy stands beside it.

# %%
ppv, crowd = lessons.use("14.5", ppv), np.random.default_rng(0)
sensitivity, specificity = shares["seen"].mean(0)


def counted(prevalence):
    """Return how likely a positive answer is right: by Bayes, and counted; and the accuracy."""
    sick = crowd.random(100_000) < prevalence
    positive = crowd.random(100_000) < np.where(sick, sensitivity, 1 - specificity)
    by_bayes = ppv(sensitivity, specificity, prevalence)
    return prevalence, by_bayes, sick[positive].mean(), (sick == positive).mean()


# %%
rows = [counted(prevalence) for prevalence in (0.5, 0.1, 0.01, 0.001)]
columns = ["prevalence", "by Bayes", "counted", "accuracy"]
worth = pd.DataFrame(rows, columns=columns).set_index("prevalence")
worth.round(3)

# %% tags=["nbval-check-output", "keep_output", "facts"]
apart = (worth["by Bayes"] - worth["counted"]).abs().max()
print("Bayes and counting agree to 5 points:", bool(apart < 0.05))
print("each step down in prevalence lowers the value:", worth["by Bayes"].is_monotonic_decreasing)

# %% tags=["nbval-check-output", "keep_output"]
right = 100 * ppv(0.9, 0.9, 0.01)
print(f"90 of 100 found and cleared, 1 of 100 sick: {right:.0f} of 100 are right")
print("0.9 was asked for; missed by under 10 points:", bool(abs(specificity - 0.9) < 0.1))

# %% [markdown]
# The network was the same in every row. A network that is good in a clinic, where half of the patients are sick, may
# be of little use in a screening. And accuracy alone would not have told you.
#
# ## 7. What a real study needs
#
# - *Patients whole.* Split by patient; keep whole hospitals and later years for a test from outside.
# - *A question.* Who uses the answer, when, and what happens after a false one?
# - *A reference.* Who said what is sick? Labels have errors, and some are read from old reports.
# - *Groups.* Sensitivity by age, sex, skin, scanner and hospital, with intervals and with n.
# - *A plan first.* Threshold, measures and number of patients are written down before the test is opened.
# - *A report.* TRIPOD+AI lists what to say about a prediction model, DECIDE-AI about its first use with patients.
# - *Law.* Software that helps to diagnose is a medical device in most countries, and needs a regulator's consent.
#
# ## Summary
#
# Your choices beside what was measured, then three questions:

# %%
far = large[(large["shots"] == 50) & (large["task"] != "emoji")]
leading = int((far["verdict"] == "helps").sum())
print(lessons.beside("14.a", f"Lite0 leads on {leading} of 3", about="far targets"))
by_bayes = f"{100 * ppv(0.9, 0.9, 0.01):.1f} of 100, by Bayes"
print(lessons.beside("14.b", by_bayes, about="positive answers"))
less = told(differences, unit=" points")
seen_more = f"unseen against seen: {less}, {SEEDS} seeds"
print(lessons.beside("14.c", seen_more, about="fourth hospital"))

# %%
for letter in "def":
    display(lessons.quiz(f"14.{letter}"))

# %% [markdown]
# To read on:
#
# **References.** Raghu, Zhang, Kleinberg, Bengio (2019). Transfusion: understanding transfer learning for medical
# imaging. NeurIPS. Abstract and table 1. Mustafa et al. (2021). Supervised transfer learning at scale for medical
# imaging. arXiv:2101.05913. Abstract. Azizi et al. (2021). Big self-supervised models advance medical image
# classification. ICCV. Abstract. Zech et al. (2018). Variable generalization performance of a deep learning model to
# detect pneumonia in chest radiographs. PLOS Medicine 15(11). Abstract. Obermeyer, Powers, Vogeli, Mullainathan (2019).
# Dissecting racial bias in an algorithm used to manage the health of populations. Science 366. Abstract. Guo, Pleiss,
# Sun, Weinberger (2017). On calibration of modern neural networks. ICML. Equation 3. Yang et al. (2023). MedMNIST v2.
# Scientific Data 10. PathMNIST is made from Kather et al. (2019), PLOS Medicine 16(1). Veeling et al. (2018). Rotation
# equivariant CNNs for digital pathology. MICCAI. This is PatchCamelyon. Collins et al. (2024). TRIPOD+AI statement. BMJ
# 385. Vasey et al. (2022). DECIDE-AI. Nature Medicine 28.

# %% [markdown]
# **Remember:**
#
# - Far from photographs a pretrained network need not help: hold it against a small one from scratch, label by label.
# - Split by patient, and test in a hospital that nobody trained on.
# - A threshold is a promise about the images it was chosen on, and what a positive answer is worth depends on how many are sick.
