# %% [markdown]
# # 00 Start here
#
# **You will** check that your machine is ready, learn the dozen words this course uses, and see how the
# notebooks work. All words stand in the [glossary](glossary.md).
#
# **You need** a little Python. No network, no GPU.
#
# **Time** about 10 seconds of computing on 2 cores, 10 minutes of reading.
#
# Press Shift-Enter to run a cell and go to the next. Every notebook runs from top to bottom as it is; where
# you are asked to change something, the notebook still works if you do not.

# %%
import os

import tlteach as tlt
from tlteach.app import examine

# "class" is for you, "full" for a GPU, "smoke" for tests
TIER = os.environ.get("TLTEACH_TIER", "class")

# %% [markdown]
# ## 1. Is this machine ready?
#
# Each line says what was found. A line that starts with `!!` has one sentence of advice under it.

# %%
for finding in examine():
    print(finding)

# %% [markdown]
# ## 2. Predict first
#
# Before a figure appears, this course asks what you expect. Guessing wrong is the point: you remember what
# surprised you. Choose now; what you choose is kept on this machine, and notebook 01 measures all three.

# %%
from IPython.display import display

from tlteach import lessons

for letter in "abc":
    display(lessons.quiz(f"00.{letter}"))

# %% [markdown]
# ## 3. The data
#
# A [task](glossary.md#task) holds images with labels, cut once into a [test split](glossary.md#test-split), which
# nothing is ever chosen on, and the rest. It carries a [card](glossary.md#data-card): where the images come from,
# under which licence, and what is wrong with them.

# %% tags=["nbval-check-output", "keep_output"]
task = tlt.load_task("photos")
print(len(task.classes), "classes:", ", ".join(task.classes))
print("licence:", task.card.licence.split(",")[0])
print("test split of at least 100 images:", len(task.test) >= 100)

# %%
from tlteach import plots

ax = plots.image_grid(task.train, classes=task.classes)
print(plots.describe(ax))

# %% [markdown]
# Photographs are the near case: they look like what the network below has seen. Two more tasks follow in notebook 01:
# `emoji`, drawings of 12 kinds of thing, is harder, and `digits`, small grey handwriting, is the opposite case.
#
# [Shots](glossary.md#shots) are labelled training images per class. `few_shot` draws them from a
# [seed](glossary.md#seed). [Validation images](glossary.md#validation-split) come **out of** the labels: if you
# only have 5 labels per class, you cannot spend 5 on training and find more for choosing a learning rate.

# %% tags=["nbval-check-output", "keep_output"]
few = tlt.few_shot(task, 5, seed=0)
labels = 5 * task.n_classes
print("labels paid for:", labels)
print("train + val uses exactly those:", len(few.train) + len(few.val) == labels)
more = tlt.few_shot(task, 10, seed=0)
print(
    "5 shots are part of 10:", set(few.labelled.index.tolist()) <= set(more.labelled.index.tolist())
)

# %% tags=["nbval-check-output", "keep_output"]
again, other = tlt.few_shot(task, 5, seed=0), tlt.few_shot(task, 5, seed=1)
print("same seed, same images:", again.train.index.tolist() == few.train.index.tolist())
print("other seed, other images:", other.train.index.tolist() != few.train.index.tolist())

# %%
lessons.quiz("00.d")

# %% [markdown]
# ### Exercise 00.3
#
# Before any model: how good is one that looks at no image and always answers the
# [commonest class](glossary.md#majority-class)? Write a function that takes a list of labels and returns that accuracy. If you leave it empty, the notebook goes on
# with a stand-in and says so. Stuck? `lessons.hint("00.3")` has three hints, then `lessons.solution("00.3")`.


# %%
def majority(labels):
    """Return the accuracy of always answering the commonest class of a list."""
    # solution
    return max(labels.count(label) for label in set(labels)) / len(labels)


# %%
lessons.check("00.3", majority)

# %%
majority = lessons.use("00.3", majority)
print(f"majority class of the test split: {majority(task.test.labels.tolist()):.3f}")

# %% [markdown]
# ## 4. The network
#
# A [backbone](glossary.md#backbone) turns an image into a list of numbers, its [features](glossary.md#feature). A
# [head](glossary.md#head) turns features into one number per class, the [logits](glossary.md#logits). The backbone
# here, Lite0, was trained on the 1,000 classes of ImageNet: that is the [source](glossary.md#source). What you want
# to solve is the [target](glossary.md#target).

# %% tags=["nbval-check-output", "keep_output"]
backbone = tlt.load_backbone("lite0")
print("source:", backbone.card.source, "with", len(backbone.card.classes), "classes")
print("licence:", backbone.card.licence)
print("weights:", backbone.fingerprint()[:16])

# %%
features = tlt.extract_features(backbone, few.train.images)
print("one row of numbers for each image:", tuple(features.shape))

# %% [markdown]
# ## 5. Three ways to start
#
# | regime | starts from | what learns |
# |---|---|---|
# | `scratch` | random weights | everything |
# | `frozen` | the source's weights | only the head, on features computed once |
# | `fine_tune` | the source's weights | everything, in small steps |
#
# This is [inductive](glossary.md#inductive-transfer) transfer: source and target ask for different classes, and the
# target has some labels. In [transductive](glossary.md#transductive-transfer) transfer the classes are the same, the
# images look different, and only the source has labels; the target's images are used without any (Pan & Yang 2010,
# definition 3). Web pages often tell it otherwise.

# %% tags=["nbval-check-output", "keep_output"]
for name in ("scratch", "frozen", "fine_tune"):
    regime = tlt.REGIMES[name]
    print(f"{name:10} pretrained: {regime.pretrained!s:6} trains: {regime.trains}")

# %% [markdown]
# One run of the first two, on the same 5 labels per class. The images below are drawn by chance, and nobody looked at
# the answers before: a tick is right, a cross is wrong.

# %%
small = tlt.load_backbone("small_cnn")
runs = {
    "scratch": tlt.train(small, few, "scratch", tlt.TrainConfig(lr=0.1), seed=0),
    "frozen": tlt.train(backbone, few, "frozen", tlt.TrainConfig(c=0.01), seed=0),
}
for name, run in runs.items():
    print(f"{name:8} right on the test split: {run.test(few)['accuracy']:.0%}")
answers = {name: run.predictions["test"].argmax(1) for name, run in runs.items()}
ax = plots.answer_grid(task, answers)
print(plots.describe(ax))

# %% [markdown]
# ### Exercise 00.2
#
# Photographs of 12 things have labels, drawings of the same 12 things have none. A model learns from both, and
# should work on drawings. Is that "inductive" or "transductive" transfer?

# %%
kind = ...  # your word
# solution
kind = "transductive"

# %%
lessons.check("00.2", kind)

# %%
lessons.quiz("00.e")

# %% [markdown]
# ## 6. How big is a difference?
#
# One run proves little: another draw of labels gives another number. So every comparison here is repeated
# over seeds, and each seed gives all regimes the same images. The answer is the mean of the
# [paired differences](glossary.md#paired-difference) with a 95 % [interval](glossary.md#confidence-interval), and one
# of three [verdicts](glossary.md#verdict):
#
# - **helps** or **hurts**: the interval excludes zero;
# - **cannot tell**: it holds zero. That is an answer, not a failure.
#
# The seeds are a sample, and so are the test images: other thousand pictures would give another number, too. The
# interval counts both, and pictures that belong together as one. Beside it stands the one over seeds alone, on these
# very images. Fewer than five seeds are too few for a word: then there are numbers only.

# %% [markdown]
# ### Exercise 00.1
#
# `emoji` has 12 classes. How many labelled images does it need for 5 shots? Change `answer`, then run both cells.

# %%
answer = ...  # your number
# solution
answer = 5 * 12

# %%
lessons.check("00.1", answer)

# %% [markdown]
# ## Summary
#
# You checked the machine, loaded real data and real weights without a network, and met the words: task,
# source, target, shots, seed, backbone, head, features, logits, regime, verdict. Where you stand:

# %%
lessons.progress("00")

# %% [markdown]
# `tlteach progress` says the same in a terminal. It is kept in one file of your own and sent nowhere.
#
# **Next:** 01_three_ways, where you find out whether you guessed right.
#
# **References.** S. J. Pan and Q. Yang, A Survey on Transfer Learning, IEEE TKDE 22(10), 2010, Tables 1-3.
