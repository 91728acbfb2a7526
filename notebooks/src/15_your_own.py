# %% [markdown]
# # 15 Your own photographs
#
# **You will** read a folder of photographs, have it looked through for faults, predict, compare three ways to start,
# hand in a report, and keep a model that names new photographs. Change one line, and the folder is yours.
#
# **You need** notebook 01.
#
# **Time** about 2.5 minutes of computing on 2 cores.

# %%
import os
import tempfile
from pathlib import Path

import tlteach as tlt
from IPython.display import display
from tlteach import lessons, plots, widgets

# %% [markdown]
# ## 1. A folder
#
# One folder for each class, photographs inside: that is all. For a start the task `photos` is written out as files.
#
# **The line to change** is the first one: `FOLDER = "~/Pictures/desk"`. Nothing in your folder is changed.

# %% tags=["nbval-check-output", "keep_output"]
FOLDER = None  # yours, such as "~/Pictures/desk"
here = Path(tempfile.mkdtemp())
folder = FOLDER or tlt.to_folder(tlt.load_task("photos"), here / "photos")
folder = Path(folder).expanduser()
for place in sorted(path for path in folder.iterdir() if path.is_dir()):
    print(place.name, len([*place.rglob("*.png"), *place.rglob("*.jp*g")]))

# %% [markdown]
# No folder yet? Take one with the camera of your computer, or drop, paste or choose files. The number keys take a
# picture, too. Two things from your desk, thirty pictures each, from many sides and on more than one background: that
# is enough. Then set `FOLDER` to it and run again from the top.

# %%
widgets.collect(here / "desk", classes=["cup", "pen"])

# %% [markdown]
# ## 2. Predict first
#
# Choose before anything is measured. The summary puts your choices beside it.

# %%
TIER = os.environ.get("TLTEACH_TIER", "class")
STEPS = {"smoke": 40, "class": 100, "full": 600}[TIER]
REGIMES = ["scratch", "frozen", "fine_tune"][: 2 if TIER == "smoke" else 3]
for letter in "abc":
    display(lessons.quiz(f"15.{letter}"))

# %% [markdown]
# ## 3. Read
#
# Every photograph becomes a square of bytes. What belongs together, such as copies, bursts or the files of one
# sub-folder, stays on one side of every split: else the test asks for what was learnt by heart, which is
# [leakage](glossary.md#leakage). Anything odd is told in one warning. Read it.

# %%
task = tlt.from_folder(folder, size=96)
task

# %% [markdown]
# The last line matters most. It says how large a difference these
# [test photographs](glossary.md#test-split) can tell at all. A smaller one will get the
# [word](glossary.md#verdict) `cannot tell`, however many [seeds](glossary.md#seed) you spend. More photographs make
# it smaller; so does `tlt.resplit(task)`, which draws other test photographs for every seed.

# %% tags=["nbval-check-output", "keep_output"]
print(len(task.labelled), "photographs to learn from,", len(task.test), "to test on")
print(f"told apart from about {100 * tlt.resolvable(task):.0f} points on, with 5 seeds")
tests = task.test.labels.bincount().tolist()
print(f"always saying the largest class: {100 * max(tests) / sum(tests):.0f} % right")

# %% [markdown]
# ### Exercise 15.1
#
# Your classes may be of unequal size. Then saying the largest class each time looks good.
# [Balanced accuracy](glossary.md#balanced-accuracy) does not fall for that: it is the mean over classes of the share
# that was named right. `right` and `counts` hold one number for each class.


# %%
def balanced(right, counts):
    """Return the mean over classes of the share named right."""
    # solution
    return sum(r / n for r, n in zip(right, counts, strict=True)) / len(counts)


# %%
lessons.check("15.1", balanced)

# %%
balanced = lessons.use("15.1", balanced)
lazy = [0] * task.n_classes
lazy[tests.index(max(tests))] = max(tests)
print(f"always the largest class, balanced: {100 * balanced(lazy, tests):.0f} %")

# %% [markdown]
# ## 4. Audit
#
# Before anything is trained, let a frozen network and a few plain rules look through the files. `error` means: mend it
# first. `warning`: look at it. `note`: know it. A suspect is no fault. You decide, with your eyes.

# %%
found = tlt.audit(folder)
print(found.attrs["summary"])
plots.audit(folder, found)
found[["severity", "kind", "file", "label", "do"]].head(10)

# %% [markdown]
# Photographs taken one after the other show nearly the same. If one is learnt from and its sister is in the test, that is
# [leakage](glossary.md#leakage) again, and reading alone does not see it: it takes a network. What the audit named in
# pairs is kept together from here on. Nothing was named? Then the task stays as it is.

# %%
task = tlt.grouped(task, found)
task

# %% [markdown]
# Is it quiet because all is well, or because it is blind? Plant a fault and see. The cell takes a copy of the folder,
# and puts one photograph into a second class as well.

# %%
import shutil

spoilt = Path(shutil.copytree(folder, here / "spoilt"))
known = [name for name in task.files if name not in task.files_of(task.pool)]
taken, place = spoilt / known[0], spoilt / known[-1]
shutil.copy(taken, place.with_name(f"again{taken.suffix}"))
found_there = tlt.audit(spoilt)
found_there[["severity", "kind", "file", "other"]].head(6)

# %% [markdown]
# ### Exercise 15.2
#
# Which kind of finding must be mended before anything else? Give the word under `kind`.

# %%
kind = ...  # your word
# solution
kind = found_there.loc[found_there["severity"] == "error", "kind"].iloc[0]

# %%
lessons.check("15.2", kind, found=found_there)

# %% tags=["nbval-check-output", "keep_output"]
planted = found_there[found_there["severity"] == "error"]
print("errors before:", int((found["severity"] == "error").sum()), "and after:", len(planted))
print("what it is called:", *sorted(set(planted["kind"])))

# %% tags=["nbval-check-output", "keep_output", "facts"]
print("both files are named:", all(planted["file"].ne(planted["other"])))

# %% [markdown]
# ## 5. Compare
#
# The same photographs, the same budget, three ways to start: notebook 01 explains them. Five
# [labels per class](glossary.md#shots), five seeds.

# %%
lite0 = tlt.load_backbone("lite0", size=64)
ways = {"backbone": lite0, "regimes": REGIMES, "shots": [5], "search": "brief"}
config = tlt.TrainConfig(updates=STEPS)
results = tlt.compare(task, seeds=range(5), config=config, progress=False, **ways)

# %%
ax = plots.regime_comparison(results, summary=tlt.summarize(results))
print(plots.describe(ax))

# %% tags=["nbval-check-output", "keep_output"]
led = tlt.verdict(results, "frozen", "scratch")
print("frozen against scratch:", led.word)
print("seeds:", led.n)
print("tested on", len(task.test), "photographs that nothing was chosen by")

# %% [markdown]
# ### Exercise 15.3
#
# One of them is to be kept. Never choose it by the test: then the test would flatter it. Return the regime with the
# highest [validation](glossary.md#validation-split) accuracy; between equals the one with fewer
# [updates](glossary.md#update). Each run is `(regime, accuracy, updates)`.


# %%
def to_keep(runs):
    """Return the regime to keep."""
    # solution
    return max(runs, key=lambda run: (run[1], -run[2]))[0]


# %%
lessons.check("15.3", to_keep)

# %% [markdown]
# ## 6. Keep
#
# `train_best` chooses so, too, and trains on every label that there is. Here each regime gets its turn, so that you
# can see them side by side. The folder holds numbers, words and a [card](glossary.md#model-card), nothing that runs.

# %%
models = {}
for name in REGIMES:
    start = None if name == "scratch" else lite0
    models[name] = tlt.train_best(results, task, regime=name, backbone=start)
best = tlt.train_best(results, task, backbone=lite0)
print(best.training["why"])
best

# %% tags=["nbval-check-output", "keep_output"]
kept = best.save(here / "kept")
again = tlt.load_model(kept)
new = [folder / name for name in task.files_of(task.test)]
said = best.predict(new)
print("loaded again, the same answers:", said.equals(again.predict(new)))
print("in the folder:", *sorted(path.name for path in kept.iterdir()))

# %% [markdown]
# ## 7. Use
#
# Show them things: a toy, a fruit, a cup. Where two look sure and one guesses, you see what the source brought. No
# camera? Choose a file. Say what it really is and press "Count" to keep who was right.

# %%
trial = widgets.try_model(models)
trial

# %% tags=["nbval-check-output", "keep_output"]
for path, truth in zip(new, task.test.labels.tolist(), strict=True):
    trial.look(path)
    trial.count(task.classes[truth])
right = {name: count for name, (count, _) in trial.counted.items()}
print("photographs shown:", len(task.test))

# %% tags=["nbval-check-output", "keep_output", "facts"]
print("frozen names more of them than scratch:", right["frozen"] > right["scratch"])

# %% [markdown]
# The same, and where it errs, in a table. `confidence` is [calibrated](glossary.md#calibration) where enough held-out
# labels were there to do it.

# %%
print(trial.describe())
wrong = best.mistakes(task)
if len(wrong):
    plots.mistakes(wrong, task.test, worst=8)
wrong.head(8)

# %% [markdown]
# ### Exercise 15.4
#
# You let it name a thousand photographs, and look only at those of which it is unsure. How many wrong answers stay
# among the rest? Return the number to expect among the answers of at least `sure`.


# %%
def expected_wrong(confidences, sure):
    """Return how many wrong answers to expect."""
    # solution
    kept = [c for c in confidences if c >= sure]
    return sum(1 - c for c in kept)


# %%
lessons.check("15.4", expected_wrong)

# %%
expected_wrong = lessons.use("15.4", expected_wrong)
sure = said[said["confidence"] >= 0.5]
wrong_there = int(wrong["confidence"].ge(0.5).sum())
print(f"{len(sure)} answers of at least 0.5, of which {wrong_there} are wrong;")
print(f"expected: {expected_wrong(said['confidence'].tolist(), 0.5):.1f}")

# %% [markdown]
# ## 8. Report
#
# One file to hand in: data, audit, figures, verdicts, costs, limits, cards. Then your choices, and three questions.

# %%
report = tlt.report(results, here / "report.html", task=task, audit=found, model=best)
print(report.name, f"{report.stat().st_size / 1e6:.1f} MB")
print(lessons.beside("15.a", led, about="frozen and scratch"))
print(lessons.beside("15.b", best.training["label"], about="kept"))
print(lessons.beside("15.c", "an error", about="a photograph in two classes"))

# %%
for letter in "def":
    display(lessons.quiz(f"15.{letter}"))

# %% [markdown]
# ## Summary
#
# A model knows its classes and nothing else: whatever you show it, it names one of them. After you looked at its mistakes,
# only new photographs tell how good it is.
#
# The same in a terminal: `tlteach audit FOLDER`, `tlteach train FOLDER --report report.html`, `tlteach predict MODEL FILES`.
#
# ## References
#
# - Guo, Pleiss, Sun, Weinberger (2017). On calibration of modern neural networks. ICML.
# - Northcutt, Jiang, Chuang (2021). Confident learning: estimating uncertainty in dataset labels. JAIR 70.
# - Nadeau, Bengio (2003). Inference for the generalization error. Machine Learning 52.
# - Carney et al. (2020). Teachable Machine: approachable web-based tool for exploring machine learning
#   classification. CHI Extended Abstracts.

# %% [markdown]
# **Remember:**
#
# - Read what was told when the folder was read, and what the audit found. Mend errors first.
# - The number of test photographs decides what can be told. It is written under the task.
# - The model to keep is chosen on validation and tested once.
