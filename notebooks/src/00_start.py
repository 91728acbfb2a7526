# %% [markdown]
# # 00 Start here
#
# **You will** see in two minutes what this course is about, pretrain a network of your own and use it again, and
# learn the dozen words that everything else is told in. All words stand in the [glossary](glossary.md).
#
# **You need** a little Python. No network, no GPU.
#
# **Time** about 40 seconds of computing on 2 cores, 15 minutes of reading.
#
# Press Shift-Enter to run a cell and go to the next. Every notebook runs from top to bottom as it is; where
# you are asked to change something, the notebook still works if you do not.

# %%
import os

import matplotlib.pyplot as plt
import tlteach as tlt
from IPython.display import display
from tlteach import lessons, plots
from tlteach.base import wrapped

# "class" is for you, "full" for a GPU, "smoke" for tests
TIER = os.environ.get("TLTEACH_TIER", "class")

# %% [markdown]
# ## 1. The point, in two minutes
#
# You have five photographs of each of eleven kinds of thing, and no more. Here they are, a kind in each column.

# %%
photos = tlt.load_task("photos")
few = tlt.few_shot(photos, 5, seed=0)
by_class = few.labelled.labels.argsort(stable=True).view(11, 5)  # a row of five for each kind
shown = few.labelled.select(by_class.T.flatten())
ax = plots.image_grid(shown, classes=photos.classes, rows=5, columns=11)
plt.show()
print(plots.describe(ax))

# %% [markdown]
# One network starts from nothing and learns from these alone. Another one has seen a million other photographs
# before. Both are then shown new photographs. **Choose before you run on**: you remember what surprised you.

# %%
lessons.quiz("00.a")

# %%
small, backbone = tlt.load_backbone("small_cnn"), tlt.load_backbone("lite0")
alone = tlt.train(small, few, "scratch", tlt.TrainConfig(lr=0.1), seed=0)
helped = tlt.train(backbone, few, "frozen", tlt.TrainConfig(c=0.01), seed=0)
without, with_it = (run.test(few)["accuracy"] for run in (alone, helped))
finding = f"{with_it:.0%} with a network that knows photographs, {without:.0%} without"
finding = f"{len(few.labelled)} photographs: {finding}"

# %% [markdown]
# The twelve new photographs below are drawn by chance, and nobody looked at the answers before. A tick is right, a cross
# is wrong. Which mistakes would you make, too?

# %%
runs = {"scratch": alone, "frozen": helped}
answers = {name: run.predictions["test"].argmax(1) for name, run in runs.items()}
ax = plots.answer_grid(photos, answers, title=finding)
plt.show()
print(plots.describe(ax))

# %% [markdown]
# ## 2. What happened
#
# A network learns from examples what to look for in an image: edges, then corners and curves, then fur, wheels, leaves.
# To learn that takes very many examples, and 55 are not many. So the second network did not learn it from yours.
#
# Others had trained it before, on [ImageNet](glossary.md#imagenet): 1.2 million photographs of 1,000 kinds of thing. That is
# called [pretraining](glossary.md#pretraining), ImageNet is the [source](glossary.md#source), and your photographs are the
# [target](glossary.md#target). What it has learned to look for is of use for your kinds of thing, too. To carry it over
# is **transfer learning**.
#
# ```text
# SOURCE  a million photographs          TARGET  your 55 photographs
#             |                                      |
#             v                                      v
#       [ backbone ]-->[ 1,000 names ]         [ backbone ]-->[ 11 names ]
#             |             head                     ^          new head:
#             |                                      |          learns
#             +--------- the weights go along -------+
#                                             frozen: stays as it is
#                                             fine-tuned: learns in small steps
# ```
#
# The part that looks is the [backbone](glossary.md#backbone). The part that names is the [head](glossary.md#head), and yours has
# other names. Leave the backbone as it is and let only the head learn: that is a *frozen* backbone. Let all of it learn,
# beginning at the source's weights: that is *fine-tuning*. Begin at random weights: that is *from scratch*.
#
# People want it for three reasons: fewer labels, less time, better answers. This course asks each time whether
# that is true, by how much, and when it is not.
#
# ## 3. Pretrain one yourself
#
# A million photographs take days. Letters take seconds: `glyphs` are small grey letters, drawn by many
# fonts. Train a small network on them, from random weights.

# %%
from tlteach.models import load_source

letters = load_source("glyphs", seed=0)
steps = 100 if TIER == "smoke" else 600
plan = tlt.TrainConfig(lr=0.05, updates=steps, batch_size=64, augment="shift")
source = tlt.train(tlt.load_backbone("resnet8"), letters, "scratch", plan, seed=0)
print(f"{source.seconds:.0f} s; right on new letters: {source.test(letters)['accuracy']:.0%}")

# %% [markdown]
# Now use it again. The target is handwritten digits, with **one** label for each. No digit was among the letters. The same
# small network, five draws of ten images: from random weights, or from yours, frozen.

# %%
digits, ways = tlt.load_task("digits"), ["scratch", "frozen"]
draws = {"shots": [1], "seeds": range(5), "baselines": False, "progress": False}
reused = tlt.compare(digits, backbone=source.model.backbone, regimes=ways, **draws)

# %%
yours = tlt.verdict(reused, "frozen", "scratch")
title = yours.finding("digits from letters")
ax = plots.regime_comparison(reused, summary=tlt.summarize(reused), title=title)
plt.show()
print(plots.describe(ax))

# %% [markdown]
# One dot is one draw. The word comes from the [interval](glossary.md#confidence-interval), which section 8 explains. If it says
# "cannot tell", five draws are too few to tell, and that is an answer, too.
#
# ## 4. What comes next
#
# Photographs are the near case: they look like what the network of section 1 has seen. Notebook 01 gives that network two more
# tasks: `emoji`, drawings of 12 kinds of thing, and `digits`, small grey handwriting. Choose now; what you choose is kept
# on this machine, and notebook 01 measures it.

# %%
for letter in "bc":
    display(lessons.quiz(f"00.{letter}"))

# %% [markdown]
# Is this machine ready for that? Each line says what was found. A line that starts with `!!` has one sentence of
# advice under it.

# %%
from tlteach.app import examine

for line in examine():
    print(line)

# %% [markdown]
# ## 5. The data
#
# A [task](glossary.md#task) holds images with labels, cut once into a [test split](glossary.md#test-split), which
# nothing is ever chosen on, and the rest. It carries a [card](glossary.md#data-card): where the images come from,
# under which licence, and what is wrong with them.

# %% tags=["nbval-check-output", "keep_output"]
kinds = ", ".join(photos.classes).replace("_", " ")
print(wrapped(f"{len(photos.classes)} classes: {kinds}"))
print("licence:", photos.card.licence.split(",")[0])

# %% tags=["nbval-check-output", "keep_output", "facts"]
print("test split of at least 100 images:", len(photos.test) >= 100)

# %% [markdown]
# [Shots](glossary.md#shots) are labelled training images per class. `few_shot` draws them from a
# [seed](glossary.md#seed). [Validation images](glossary.md#validation-split) come **out of** the labels: if you
# only have 5 labels per class, you cannot spend 5 on training and find more for choosing a learning rate.

# %% tags=["nbval-check-output", "keep_output"]
labels = 5 * photos.n_classes
print("labels paid for:", labels)
print("train + val uses exactly those:", len(few.train) + len(few.val) == labels)
more = tlt.few_shot(photos, 10, seed=0)
inside = set(few.labelled.index.tolist()) <= set(more.labelled.index.tolist())
print("5 shots are part of 10:", inside)

# %% tags=["nbval-check-output", "keep_output"]
again, other = tlt.few_shot(photos, 5, seed=0), tlt.few_shot(photos, 5, seed=1)
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
print(f"majority class of the test split: {majority(photos.test.labels.tolist()):.3f}")

# %% [markdown]
# ## 6. The network
#
# A backbone turns an image into a list of numbers, its [features](glossary.md#feature). A head turns features into
# one number per class, the [logits](glossary.md#logits). The backbone of section 1 is called Lite0. It has a card, as the
# data have, and a [fingerprint](glossary.md#fingerprint) that tells its weights from any others.

# %% tags=["nbval-check-output", "keep_output"]
print("source:", backbone.card.source, "with", len(backbone.card.classes), "classes")
print("licence:", backbone.card.licence)
print("weights:", backbone.fingerprint()[:16])

# %%
features = tlt.extract_features(backbone, few.train.images)
print("one row of numbers for each image:", tuple(features.shape))

# %% [markdown]
# ## 7. Three ways to start
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
# ## 8. How big is a difference?
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
# Your first choice beside what was measured, and where you stand:

# %%
print(lessons.beside("00.a", finding, about="photographs"))
lessons.progress("00")

# %% [markdown]
# `tlteach progress` says the same in a terminal. It is kept in one file of your own and sent nowhere.
#
# **Next:** 01_three_ways, where you find out whether you guessed right.
#
# **References.** S. J. Pan and Q. Yang, A Survey on Transfer Learning, IEEE TKDE 22(10), 2010, Tables 1-3.

# %% [markdown]
# **Remember:**
#
# - Transfer learning starts from what a network has learned elsewhere: frozen, or fine-tuned.
# - A comparison is fair if one thing changes, and if every way has the same labels.
# - One run is luck. Several, with an interval, give a word: helps, hurts or cannot tell.
