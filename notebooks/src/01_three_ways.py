# %% [markdown]
# # 01 Three ways to start
#
# **You will** train the same task from scratch, with a frozen backbone and by fine-tuning; compare them
# fairly; read an interval and a verdict; and switch on the commonest bug of transfer learning.
#
# **You need** notebook 00.
#
# **Time** about 2.5 minutes of computing on 2 cores.
#
# ## Predict first
#
# Choose before anything runs. The last section puts your choices beside what was measured.

# %%
import os
from dataclasses import replace

import tlteach as tlt
import pandas as pd
from IPython.display import display
from tlteach import lessons, plots

for letter in "afbc":
    display(lessons.quiz(f"01.{letter}"))

# %% [markdown]
# How much will be run: `class` is for you, `full` for a GPU, `smoke` for tests.

# %%
TIER = os.environ.get("TLTEACH_TIER", "class")
SEEDS = range(10 if TIER == "full" else 5)
SEARCH = "standard" if TIER == "full" else "brief"
STEPS = 100 if TIER == "smoke" else 600  # the most updates of any regime

# %% [markdown]
# ## 1. The task and the backbone
#
# Eleven kinds of thing, photographed and cut out on white. Lite0 saw photographs of other things: the source is near.
# We feed it 64 pixels a side, fewer than it is used to, so that fine-tuning fits into a lesson.

# %% tags=["nbval-check-output", "keep_output"]
photos = tlt.load_task("photos")
backbone = tlt.load_backbone("lite0", size=64)
print(f"{photos.n_classes} classes; chance is {1 / photos.n_classes:.3f}")
same = sorted(set(photos.classes) & set(backbone.card.classes))
print("ImageNet classes that a class of photos is named after:", same)

# %% [markdown]
# ImageNet has hundreds of animals, plants, vehicles and tools under more special names, so source and target
# overlap in *things*. Keep that in mind: it is why features may carry over.
#
# ## 2. One run of each
#
# `train` trains a copy, so running a cell again repeats it. Here is the real loop: batch, forward, loss, backward,
# step. Look for those five lines; the rest is measuring and care. On a GPU, `Graphed` records one update and repeats it.

# %%
import inspect

from tlteach.training import updates

print(inspect.getsource(updates).replace(updates.__doc__, "..."))

# %% [markdown]
# What in it knows about [regimes](glossary.md#regime)? `regime.uses` asks for two ideas: `thaw` opens a network stage by
# stage, and `anchor` pulls weights back to where they began; and `sgd` gives stages rates of their own where a regime wants it.
# All of that is off in the three regimes here. Those differ before the loop begins: in what the weights start from, and
# in which of them may move.

# %%
few = tlt.few_shot(photos, 5, seed=0)
small = tlt.load_backbone("small_cnn")
config = tlt.TrainConfig(lr=0.1, updates=STEPS)
runs = {"scratch": tlt.train(small, few, "scratch", config, seed=0)}
runs["frozen"] = tlt.train(backbone, few, "frozen", tlt.TrainConfig(c=0.01), seed=0)
brief = tlt.TrainConfig(lr=0.005, updates=40)
runs["fine_tune"] = tlt.train(backbone, few, "fine_tune", brief, seed=0)

# %%
columns = {"learn": "trained", "parameters": "total", "updates": "updates", "s": "seconds"}
table = pd.DataFrame([vars(run) for run in runs.values()], index=[*runs])
table[[*columns.values()]].set_axis([*columns], axis=1).round(1)

# %% [markdown]
# **[Frozen](glossary.md#frozen-features) means frozen.** A [fingerprint](glossary.md#fingerprint) is a hash over every
# parameter and every buffer. It must not change in the frozen regime, and it must change in the others.

# %% tags=["nbval-check-output", "keep_output"]
for name, run in runs.items():
    print(f"{name:10} backbone changed: {run.before != run.after}")
print("numbers that learn in frozen:", runs["frozen"].trained, "= 11 classes x (1280 + 1)")

# %% [markdown]
# What do they say? Twelve test images, drawn by chance before anybody looked at an answer. A tick is right, a cross is
# wrong. Which mistakes would you make, too?

# %%
for name, run in runs.items():
    print(f"{name:10} right on the test split: {run.test(few)['accuracy']:.0%}")
answers = {name: run.predictions["test"].argmax(1) for name, run in runs.items()}
ax = plots.answer_grid(photos, answers)
print(plots.describe(ax))

# %% [markdown]
# ## 3. The fair comparison
#
# One run of each compares luck. `compare` gives every regime the same images and one recipe: the same
# [settings](glossary.md#search-budget) to try, chosen on validation images out of the labels, then training until
# the loss is flat. It looks at the test split once per run. `scratch` and `fine_tune` differ in one thing: how they
# start. ("brief" tries few settings, and leaves BatchNorm statistics as usual: still if pretrained, else moving.)
#
# `scratch` trains a small network here. A large one from random weights would lose by far with so few images,
# and beating it would prove little.

# %%
config = tlt.TrainConfig(updates=STEPS)
fair = {"backbone": backbone, "seeds": SEEDS, "search": SEARCH, "config": config}
WAYS = ["scratch", "frozen", "fine_tune"]
on_photos = tlt.compare(photos, regimes=WAYS, shots=[5], **fair)

# %%
frozen_on_photos = tlt.verdict(on_photos, "frozen", "scratch")
title = frozen_on_photos.finding("photos")
ax = plots.regime_comparison(on_photos, summary=tlt.summarize(on_photos), title=title)
print(plots.describe(ax))

# %% [markdown]
# Each line below has two [intervals](glossary.md#confidence-interval). The word follows the first one: it asks what
# other seeds *and other test images* would give, and images of one thing count as one. The second one is over
# seeds alone, on these very images: it is narrower, and says less.

# %%
for regime in ("frozen", "fine_tune"):
    print(tlt.verdict(on_photos, regime, "scratch"))

# %% [markdown]
# ## 4. Harder: emoji
#
# Twelve kinds of thing, four drawing styles. Lite0 was not trained on drawings. There are 10 labels per class. (Fine-tuning
# is left out here and in section 5 to save two minutes of your lesson: replace the list by `WAYS`, and it runs.)

# %%
emoji = tlt.load_task("emoji")
ax = plots.image_grid(emoji.train, classes=emoji.classes)
print(plots.describe(ax))

# %%
on_emoji = tlt.compare(emoji, regimes=["scratch", "frozen"], shots=[10], **fair)
frozen_on_emoji = tlt.verdict(on_emoji, "frozen", "scratch")
title = frozen_on_emoji.finding("emoji")
ax = plots.regime_comparison(on_emoji, summary=tlt.summarize(on_emoji), title=title)
print(plots.describe(ax))
print(frozen_on_emoji)

# %% tags=["nbval-check-output", "keep_output", "facts"]
print("on photos, frozen", frozen_on_photos.word)
print("seeds compared:", frozen_on_photos.n)
print("on emoji, frozen", frozen_on_emoji.word)
nearer = frozen_on_photos.difference > frozen_on_emoji.difference
print("frozen leads by more on photos:", nearer)

# %% [markdown]
# ## 5. The opposite: handwritten digits
#
# Nothing changes but the data.

# %%
digits = tlt.load_task("digits")
on_digits = tlt.compare(digits, regimes=["scratch", "frozen"], shots=[10], **fair)
frozen_on_digits = tlt.verdict(on_digits, "frozen", "scratch")
title = frozen_on_digits.finding("digits")
ax = plots.regime_comparison(on_digits, summary=tlt.summarize(on_digits), title=title)
print(plots.describe(ax))
print(frozen_on_digits)
print(tlt.verdict(on_digits, "raw_pixels", "scratch"))

# %% tags=["nbval-check-output", "keep_output", "facts"]
print("on digits, frozen", frozen_on_digits.word)
raw = tlt.verdict(on_digits, "frozen", "raw_pixels")
print("against logistic regression on raw pixels, frozen", raw.word)

# %% [markdown]
# Here the source is [not worth it](glossary.md#not-worth-it): with it you do worse than the best you can do without it.
# Features that tell dogs from cars are of little use for eight by eight grey pixels, and a small network that
# looks at nothing but digits does better. Transfer is a bet on the source, not a law.
#
# Does the source do *harm*, which is [negative transfer](glossary.md#negative-transfer)? That is another question: it asks about the same method, a
# frozen network with a head, without the source. `frozen_random`, random weights, is that opponent; notebook 05 has it.
#
# ## 6. Time and labels
#
# `seconds` counts everything a regime cost: every setting tried and the last training.

# %%
together = pd.concat([on_photos, on_emoji, on_digits])
cost = together.query("split == 'test' and metric == 'accuracy' and regime in @WAYS")
cost.groupby(["task", "regime"])[["value", "seconds", "updates"]].mean().round(2)

# %% [markdown]
# With how many labels does frozen get where scratch is with 5 photographs per class, with 10 emoji, with 10 digits?
# Features are computed once, so a whole learning curve of frozen costs less than one training from scratch.

# %%
frozen, ladder = {"regimes": ["frozen"], "baselines": False, **fair}, [2, 5, 20, 40]
asked = [(photos, on_photos, 5, [1, 2, 10])]
asked += [(emoji, on_emoji, 10, ladder), (digits, on_digits, 10, ladder)]
curves = {}
for task, measured, shots, others in asked:
    curves[task.name] = pd.concat([measured, tlt.compare(task, shots=others, **frozen)])
    saved = tlt.labels_saved(curves[task.name], "scratch", "frozen", shots=shots)
    print(f"{task.name}: {saved}")

# %%
ax = plots.learning_curve(tlt.summarize(curves["emoji"]))
print(plots.describe(ax))

# %% [markdown]
# The same on four kinds of images, ten seeds each, computed before: choose a card, drag the labels or the curve,
# and read the sentence. The arrow keys move what has the focus. On which card does a source save no labels?

# %%
from tlteach import widgets

widgets.three_ways()

# %% [markdown]
# ## 7. The bug: frozen, but not quite
#
# Stopping the gradients of a backbone does not freeze it. In training mode its
# [BatchNorm](glossary.md#batch-normalisation) layers normalise with
# each batch's own statistics, and move their running averages. The head learns on one kind of features and is
# tested on another. Many published tutorials have this bug. Here it is, switched off and on.

# %%
head_only = replace(tlt.REGIMES["frozen"], name="frozen_sgd", solver="sgd", low=1e-3, high=1e-1)
buggy = replace(head_only, name="frozen_bug", statistics="move")
fashion = tlt.few_shot(tlt.load_task("fashion"), 20, seed=0)
fifty = tlt.TrainConfig(lr=0.01, updates=50)

# %%
bug = {}
for regime in (head_only, buggy):
    run = tlt.train(backbone, fashion, regime, fifty, seed=0)
    bug[regime.name] = run.test(fashion)["accuracy"]
    changed = run.before != run.after
    print(f"{regime.name:10} backbone changed: {changed}, accuracy {bug[regime.name]:.3f}")

# %%
points_lost = 100 * (bug["frozen_sgd"] - bug["frozen_bug"])
print(f"the bug costs {points_lost:.0f} points")

# %% tags=["nbval-check-output", "keep_output", "facts"]
print("the bug costs more than 10 points:", points_lost > 10)

# %% [markdown]
# ## Your turn
#
# `lessons.check` says what to think about, `lessons.hint("01.1")` gives the next of three hints, then comes
# `lessons.solution("01.1")`.
#
# **Exercise 01.1.** Which verdict do the runs on photographs give for `frozen` against `fine_tune`: "helps", "hurts"
# or "cannot tell"?

# %%
answer = ...  # your word
# solution
answer = tlt.verdict(on_photos, "frozen", "fine_tune").word

# %%
lessons.check("01.1", answer, results=on_photos)

# %% [markdown]
# **Exercise 01.2.** By how many points does `frozen` lead `scratch` on emoji, on average over the seeds?

# %%
points = ...  # your number
# solution
points = 100 * tlt.verdict(on_emoji, "frozen", "scratch").difference

# %%
lessons.check("01.2", points, results=on_emoji)

# %% [markdown]
# **Exercise 01.3.** Write the rule yourself: the interval of a difference gives one of the three words, and no word
# (an empty one, `""`) where fewer than five seeds stand behind it.


# %%
def word(low, high, n):
    """Return "helps", "hurts" or "cannot tell"; "" for fewer than five seeds."""
    # solution
    if n < 5:
        return ""
    if low > 0:
        return "helps"
    if high < 0:
        return "hurts"
    return "cannot tell"


# %%
lessons.check("01.3", word)

# %% [markdown]
# **Exercise 01.4.** [LP-FT](glossary.md#linear-probing-then-fine-tuning) fits the head first, then tunes everything (Kumar et al. 2022). Run it on the few
# photographs of section 2 with one seed and look whether the backbone changed.

# %%
run = ...  # your run
# solution
run = tlt.train(backbone, few, "lp_ft", tlt.TrainConfig(lr=1e-3, c=0.01, updates=40), seed=0)

# %%
lessons.check("01.4", run)

# %%
run = lessons.use("01.4", run, stand_in=runs["fine_tune"])
print(run.regime.name, "backbone changed:", run.before != run.after)

# %% [markdown]
# ## For your class
#
# With 5 labels per class, one seed says little. One learner is one seed: this measures yours and notes it, and
# `tlteach submit` writes it into a file for your lecturer, who draws the error bar that only a class can draw.

# %%
one = fair | {"seeds": [lessons.my_seed()], "baselines": False}
mine = tlt.compare(emoji, regimes=["scratch", "frozen"], shots=[5], **one)
print(lessons.keep(mine))

# %% [markdown]
# ## Summary
#
# Your choices beside what was measured on this machine, then two questions:

# %%
print(lessons.beside("01.a", frozen_on_photos, about="photos"))
print(lessons.beside("01.f", frozen_on_emoji, about="emoji"))
print(lessons.beside("01.b", frozen_on_digits, about="digits"))
print(lessons.beside("01.c", f"{points_lost:.0f} points lost", about="bug"))
for letter in "de":
    display(lessons.quiz(f"01.{letter}"))
lessons.progress("01")

# %% [markdown]
# **References.** J. Yosinski et al., How transferable are features in deep neural networks?, NeurIPS 2014.
# S. Kornblith et al., Do better ImageNet models transfer better?, CVPR 2019, Figure 1. A. Kumar et al.,
# Fine-tuning can distort pretrained features, ICLR 2022. Z. Wang et al., Characterizing and avoiding negative
# transfer, CVPR 2019 (the definition used here).

# %% [markdown]
# **Remember:**
#
# - One thing changes, how a model starts; labels, search and the end of training are the same.
# - A source wins most where it is near. Far away, a small network and even raw pixels may do better.
# - Frozen has to include BatchNorm: compare fingerprints.
