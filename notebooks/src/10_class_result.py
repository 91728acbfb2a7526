# %% [markdown]
# # 10 What only a class can find out
#
# **You will** read a folder of submissions while it fills, see which files are not used and why, pair the class's
# runs, and watch a verdict grow with the number of learners.
#
# **You need** notebook 01, and a folder into which learners put the file that `tlteach submit` wrote. This notebook
# is the instructor's: show it live.
#
# **Time** about 5 seconds of computing on 2 cores.
#
# One learner has one seed: one draw of labels, one start, one order. What she finds may be luck. A class is many
# draws of the same comparison: **each learner is one seed, and the class is the error bar.** Notebook 01 ends with
# such a run: `lessons.my_seed()` draws a seed once for each learner, `lessons.keep` notes what was measured, and
# `tlteach submit --name ALIAS` writes the file.
#
# ## Predict first
#
# Emoji with 5 labels per class: a frozen ImageNet backbone against a small network from scratch. Let the class
# vote: how many learners must hand in until the interval leaves out zero, and stays so?

# %%
guess = 3  # the class's vote

# %% [markdown]
# ## 1. The folder
#
# Set the environment variable `TLTEACH_CLASS` to your folder, or write its name below. Without one, a small folder
# is filled with **stand-ins**: no class handed them in. Their numbers are real runs out of the atlas that ships with
# this package, one seed for each made-up learner.

# %%
import json
import os
import tempfile
from pathlib import Path

import numpy as np

import tlteach as tlt
from tlteach import atlas, plots
from tlteach.classroom import pool, submit

# %%
WORK = tempfile.TemporaryDirectory()
CLASS = os.environ.get("TLTEACH_CLASS", "")  # or write your folder's name here
FOLDER = Path(CLASS or Path(WORK.name, "class"))
STAND_INS = not CLASS

# %% [markdown]
# The atlas started each of its networks from one of five sets of weights, and the config id names them, even where
# scratch throws them away. Learners all run the same call, so the stand-ins get one id for scratch. Nothing else is
# changed.

# %%
from tlteach.data import shipped_data

where = "task == 'emoji' and shots == 5 and split == 'test' and metric == 'accuracy'"
runs = atlas.load("transfer").query(where).query("regime in ['frozen', 'scratch']").copy()
runs.loc[runs["regime"] == "scratch", "config"] = "atlas-scratch"
made = json.loads((shipped_data() / "atlas" / "provenance.json").read_text())["transfer"]
about = {"task": "emoji", "fingerprint": tlt.load_task("emoji").fingerprint}
about |= {"versions": made["versions"], "machine": made["machine"]}


# %%
from tlteach.lessons import Journal
from tlteach.measures import PER_IMAGE, judge


# %%
def hand_in(alias, seed, source="ImageNet-1k"):
    start = {"frozen": source, "scratch": "none"}
    own = runs[(runs["seed"] == seed) & (runs["source"] == runs["regime"].map(start))]
    columns = ["task", "split", "metric", "images", *PER_IMAGE]
    journal = Journal(Path(WORK.name, f"{alias}.jsonl"))
    plain = own.drop(columns=columns, errors="ignore")
    journal.add("runs", rows=plain.to_dict("records"), **about)
    return submit(alias, FOLDER, journal=journal)


# %% [markdown]
# Four learners are quick. A fifth file is half copied when you look; somebody edited a number; and somebody used
# another backbone.

# %%
if STAND_INS:
    for seed in range(4):
        hand_in(f"learner {seed}", seed)
    whole = hand_in("learner 4", 4).read_text()
    (FOLDER / "tlteach-learner-4.json").write_text(whole[: len(whole) // 2])
    edited = hand_in("wishful", 9)
    edited.write_text(edited.read_text().replace('"value": 0.', '"value": 0.9'))
    hand_in("other backbone", 9, source="glyphs")

# %% [markdown]
# ## 2. Look
#
# `pool` reads the folder and merges what it can into one results table. A run is used if its images, splits and
# settings (the config id) are those of most learners. Nothing is dropped silently: what is left out stands below,
# with its reason. No state and no number in such a file is a grade, or proof of anything.

# %%
REGIMES = ["frozen", "scratch"]
found = pool(FOLDER, task="emoji", shots=5, regimes=REGIMES)
print(found)

# %% tags=["nbval-check-output", "keep_output"]
for row in found.left_out.itertuples():
    reason = row.reason.split(" at ")[0].split(":")[0]
    print(f"{row.file}: {reason}")

# %% [markdown]
# Edited files are told by a digest. It tells accidents and edits; against someone who wants to cheat it proves
# nothing. The half file is no fault: it will be whole when we look again.
#
# ## 3. Pairs
#
# Every learner has both regimes on the **same** labels. So each one gives a [difference](glossary.md#paired-difference), and luck with the labels,
# which both share, is gone.

# %% tags=["nbval-check-output", "keep_output"]
pairs = found.differences("frozen", "scratch")
for row in pairs.itertuples():
    print(f"{row.alias}: {100 * row.difference:+.1f} points")
print(found.verdict("frozen", "scratch"))

# %% [markdown]
# Ask the class before you go on: who is right, the one who lost or the ones who gained? Neither: each of them has
# one draw.
#
# ## 4. More files arrive
#
# Run the next two cells as often as you like while the folder fills. Reading 300 files takes a second or so.

# %%
if STAND_INS:
    (FOLDER / "tlteach-learner-4.json").write_text(whole)
    for seed in range(5, 10):
        hand_in(f"learner {seed}", seed)
    hand_in("same again", 6)

# %%
found = pool(FOLDER, task="emoji", shots=5, regimes=REGIMES)
ax = found.figure("frozen", "scratch")
print(plots.describe(ax))

# %% tags=["nbval-check-output", "keep_output"]
print(found.told("frozen", "scratch"))
print("learners used:", found.runs["alias"].nunique())

# %% [markdown]
# One file too many: *same again* handed in the runs of *learner 6* to the last bit. A copy is counted once, and
# both names are told.

# %% tags=["nbval-check-output", "keep_output"]
again = found.left_out.query("alias == 'same again'")
print(*again["reason"], "noted:", *found.notes["file"], sep="\n")

# %% [markdown]
# ## 5. The verdict, learner by learner
#
# The interval of two learners is huge: two differences say next to nothing about how far differences spread. Then
# it narrows, roughly with the square root of their number.

# %%
growth = found.growth("frozen", "scratch")
growth.round(3)

# %% tags=["nbval-check-output", "keep_output"]
since = found.told_since("frozen", "scratch")
words = growth["verdict"].replace("", "no word")
print("the verdict by number of learners:", dict(zip(growth["n"], words, strict=True)))
print("it stays what it is from", since, "learners on")

# %%
print(f"the class guessed {guess}. It was {since}.")

# %% [markdown]
# ## 6. A trap: stopping when it looks good
#
# Who looks after every file, and stops at the first "helps", asks many questions and keeps the answer that pleased.
# Here are 300 classes of 30 learners in which the truth is **no difference at all**.

# %%
random = np.random.default_rng(0)
at_the_end, at_some_time = [], []
for _ in range(300):
    differences = random.normal(0, 1, 30)
    words = [judge(differences[:n])[0] for n in range(2, 31)]
    at_the_end.append(words[-1] in ("helps", "hurts"))
    at_some_time.append(any(word in ("helps", "hurts") for word in words))
print(f"wrong at the end {np.mean(at_the_end):.0%}, wrong at some time {np.mean(at_some_time):.0%}")

# %% tags=["nbval-check-output", "keep_output", "facts"]
print("looking once, at the end, is wrong in at most 7 %:", np.mean(at_the_end) <= 0.07)
print("looking after every learner, in more than 15 %:", np.mean(at_some_time) > 0.15)

# %% [markdown]
# About 5 % at the end is what a 95 % interval promises. So say **before** you look
# how many learners there will be. The figure above is for watching, not for stopping.
#
# ## Your turn
#
# **Exercise.** You want to know the lead of frozen to within 2 points either way. From the spread of the class's
# differences: how many learners does that take? (Half the width of the interval is about twice the standard
# deviation, divided by the square root of the number.)

# %%
needed = None  # your number
# solution
spread = found.differences("frozen", "scratch")["difference"].std()
needed = int(np.ceil((2 * spread / 0.02) ** 2))

# %%
if needed is None:
    print("not attempted: how many learners would give half a width of 0.02?")
else:
    half = 2 * found.differences("frozen", "scratch")["difference"].std() / np.sqrt(needed)
    close = 0.018 <= half <= 0.0201
    print("right" if close else f"not yet: {needed} learners give {100 * half:.1f} points")

# %% [markdown]
# ## Summary
#
# In a terminal: `tlteach pool FOLDER` prints the same table and verdicts, `tlteach overview FOLDER` shows where
# learners get stuck. Both are for teaching; grades come from elsewhere.
#
# **References.** X. Bouthillier et al., Accounting for variance in machine learning benchmarks, MLSys 2021.
# P. Armitage, C. McPherson and B. Rowe, Repeated significance tests on accumulating data, Journal of the Royal
# Statistical Society A 132(2), 1969 (why looking after every learner misleads).

# %%
WORK.cleanup()

# %% [markdown]
# **Remember:**
#
# - A single run tells a story; a class tells how much of it was luck.
# - Paired differences, an interval, and a number of learners that was fixed beforehand: that is a fair comparison.
# - Whoever stops at the first word that pleases is wrong far more often than the interval says.
