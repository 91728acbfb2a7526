# %% [markdown]
# # 05 Negative transfer
#
# **You will** meet sources that hurt; say what negative transfer is, and what it is not; tell the harm of a source
# from what freezing costs anyway, and both from "not worth it"; choose a source before training; and find out what
# rescues a bad one.
#
# **You need** notebook 01.
#
# **Time** about 40 seconds of computing on 2 cores.
#
# ## Predict first
#
# Choose before anything runs. The summary puts your choices beside what was measured.

# %%
import os

import matplotlib.pyplot as plt
import pandas as pd
from IPython.display import display

import tlteach as tlt
from tlteach import atlas, lessons, plots, widgets
from tlteach.analysis import transferability
from tlteach.measures import only, told

# %%
TIER = os.environ.get("TLTEACH_TIER", "class")
SEARCH = {"smoke": "brief", "class": "quick", "full": "standard"}[TIER]
SEEDS = 10 if TIER == "full" else 5
for letter in "abc":
    display(lessons.quiz(f"05.{letter}"))

# %% [markdown]
# ## 1. A source that hurts
#
# Handwritten digits, ten labels each. On one side features of Lite0, which learnt 1,000 classes of photographs.
# None of these classes is a digit. On the other side a small network from [scratch](glossary.md#scratch), which
# learns nothing but these digits. Both may try the same number of settings.

# %%
digits = tlt.load_task("digits")
fair = {"shots": [10], "seeds": range(SEEDS), "search": SEARCH, "progress": False}
live = tlt.compare(digits, regimes=["scratch", "frozen"], baselines=["raw_pixels"], **fair)
print(plots.describe(plots.regime_comparison(live, summary=tlt.summarize(live))))
for other in ("scratch", "raw_pixels"):
    print(tlt.verdict(live, "frozen", other))

# %% [markdown]
# If a warning says that a range may be too narrow, that way might do even better with a wider search.
#
# Is it a matter of labels? That you cannot see at one number of them. The *atlas* is a table of runs that were
# computed before: ten [seeds](glossary.md#seed), as many settings tried for every way. Here is the distance to the
# network from scratch in points, with its 95 % [interval](glossary.md#confidence-interval), by labels per class.

# %%
transfer = atlas.load("transfer")
judged = atlas.judged(transfer)
lost = judged.query("task == 'digits' and regime == 'frozen' and source != 'none'")
atlas.grid(lost, ["source"], "shots")

# %% [markdown]
# With one label per class the network from scratch knows little, and two small sources help against it. From ten
# labels on every frozen source loses to scratch here. So whether a source is worth it is no property of two data
# sets. It is a property of a source, a target, a method and a number of labels.
#
# ## 2. Hurts, against what?
#
# There are two questions, and each has its own opponent:
#
# - **Harm of the source.** Wang et al. (2019) subtract two errors of the *same method* on the target: with the
# source,   minus without it. Above zero, transfer is [negative](glossary.md#negative-transfer). We subtract
# accuracies, so it   is negative *below* zero. A frozen network is held against frozen random weights, a fine-tuned
# one against the   same network from scratch. - **Not worth it.** With the source you do worse than the [best you
# can do without it](glossary.md#not-worth-it),   whatever the method.

# %% [markdown]
# Three things that are neither:
#
# - a target that is harder than the source: no network was trained without the source;
# - one source that is worse than another: both may help;
# - a source that fails against something weak, or beats it.
#
# The last one is the trap. Take the letters, fine-tuned for digits with **one** label each. The same ten runs,
# held against three [baselines](glossary.md#baseline) that need no source:

# %%
letters = only(atlas.starts(transfer, "digits", "glyphs"), shots=1)
for other in ("majority", "frozen_random", "scratch"):
    print(tlt.verdict(letters, "fine_tune", other))

# %% [markdown]
# ### Exercise 05.1
#
# One baseline is missing: logistic regression on raw pixels, with no network at all. Which verdict has
# `fine_tune` against `raw_pixels`: "helps", "hurts" or "cannot tell"?

# %%
answer = ...  # your word
# solution
answer = tlt.verdict(letters, "fine_tune", "raw_pixels").word

# %%
lessons.check("05.1", answer, results=letters)

# %% [markdown]
# ### Exercise 05.2
#
# Is the source worth it? That asks about the *best* you can do without it. Write the lead as a function.
# `with_source` is a list of accuracies, one for each seed; `without` has such a list for every way without a
# source. Which way is strongest shows in the mean over the seeds.


# %%
def lead(with_source, without):
    """Return the mean with the source, minus that of the strongest way without one."""
    # solution
    means = [sum(values) / len(values) for values in without.values()]
    return sum(with_source) / len(with_source) - max(means)


# %%
lessons.check("05.2", lead)

# %%
lead = lessons.use("05.2", lead)
leads = atlas.worth(transfer, judged, lead)
leads.query("shots == 1 and `against scratch` == 'helps'").round(3)

# %% [markdown]
# That is one label. Here are the counts for more labels: how many cases there are, how many of them help against
# scratch, and how many of those are behind the best without a source, on average.

# %% tags=["nbval-check-output", "keep_output"]
some = only(leads, shots=[1, 5, 10, 50])
helped = only(some, **{"against scratch": "helps"})
counts = {"cases": some.groupby("shots").size(), "help": helped.groupby("shots").size()}
counts["of these behind the best"] = (helped["lead"] < 0).groupby(helped["shots"]).sum()
print(pd.DataFrame(counts).to_string())

# %% tags=["facts", "nbval-check-output", "keep_output"]
for other in ("scratch", "raw_pixels"):
    word = tlt.verdict(live, "frozen", other).word
    print(f"digits, your runs: frozen against {other}: {word}")
words = set(lost.query("shots >= 10")["verdict"])
print("digits, frozen sources of the atlas, 10 labels or more:", *sorted(words))

# %% [markdown]
# Where labels are fewest, a network from scratch is a weak opponent, and "transfer helps" is easily said. From
# here on we hold every source against the same network from scratch. For fine-tuning that is the same method without
# the source, as Wang et al. write it; for frozen features it is not, and section 4 adds the opponent that is. Keep in
# mind that scratch alone is the friendlier question. (Lite0 is larger than the small network that it is held against.)
#
# The strongest way was chosen by its test accuracy. That flatters it a little; in a project of your own,
# validation images would choose.
#
# ## 3. Which source?
#
# Predict in the chart, then look. Each line is a source, held against the same method without one: for frozen
# features that is the opponent of section 4. The other question holds it against the best without a source. Move the
# target, the labels and the regime. Can you find a target where a source helps, and one where none does?

# %%
widgets.negative_transfer(predict=True)

# %% [markdown]
# When you have looked, or if you do not want to move anything, here is the chart's first picture in words:

# %%
print(widgets.negative_transfer().describe())

# %% [markdown]
# ## 4. A source made to be bad
#
# Real sources differ in many things at once. So here are made ones. All show the same five kinds of clothes, and
# the target asks for five others: in *permuted* all pixels of all images changed places, always in the same way;
# in *shuffled* the labels were dealt out anew; in *conflict* a label says how bright an image is within its class.
#
# One claim about them was fixed before these runs: frozen, shuffled labels lose 5 points or more. We call it A2. Look
# for it in the table below; the last cell of this section puts it to the test.
#
# But how much of a loss is the source? A frozen network can only learn a head. Even random weights,
# frozen, would lose to a network that may learn. So every frozen source needs a second control: the same network,
# frozen, with *random* weights. The table has both distances in points, 5 labels per class.

# %%
random = atlas.judged(transfer, "frozen")
both = pd.concat([judged, random]).rename(columns={"b": "against"})
both = only(both, task="fashion_5_9", regime="frozen")
atlas.grid(only(both, shots=5), ["source"], "against")

# %%
ARMS = ["frozen", "scratch", "frozen_random", "raw_pixels", "majority"]
shuffled = atlas.starts(transfer, "fashion_5_9", "fashion_0_4_shuffled")
made = only(shuffled, shots=5, regime=ARMS).replace({"regime": {"frozen": "shuffled"}})
print(plots.describe(plots.regime_comparison(made, summary=tlt.summarize(made))))

# %% [markdown]
# ### Exercise 05.3
#
# How many points does the frozen source of shuffled labels (`shuffled`) lose that `frozen_random` does not lose,
# on average over the seeds? A loss is below zero. The runs are in `made`.

# %%
own = ...  # your number
# solution
mean = made.groupby("regime")["value"].mean()
own = 100 * (mean["shuffled"] - mean["frozen_random"])

# %%
lessons.check("05.3", own, results=made)

# %%
own = lessons.use("05.3", own, results=made)
whole = 100 * tlt.verdict(made, "shuffled", "scratch").difference
print(f"{whole:.1f} points against scratch; {own:.1f} of them are the source's own")

# %% [markdown]
# And the claim A2, put to the runs of the atlas:

# %%
a2 = [claim for claim in atlas.claims({"transfer": transfer}) if claim.id == "A2"]
atlas.claim_table(a2)

# %% tags=["facts", "nbval-check-output", "keep_output"]
for claim in a2:
    print(f"{claim.text}: {claim.word}")
frozen = only(both, against="frozen_random").set_index(["source", "shots"])["verdict"]
for kind in ("shuffled", "conflict", "permuted"):
    for shots in (5, 50):
        word = frozen[f"fashion_0_4_{kind}", shots]
        print(f"{kind}, {shots} labels, against frozen random weights: {word}")

# %% tags=["facts", "nbval-check-output", "keep_output"]
half = abs(own) < abs(whole) / 2
print("most of what shuffled labels lose is lost by freezing alone:", half)

# %% [markdown]
# Two surprises. Most of the loss is not the source's own: with 5 labels neither shuffled nor conflicting labels can
# be told from random weights. And permuted pixels, which look like noise to you, beat random weights with 5 labels
# and with 50. What looks like a bad source to a person need not be one for a network, so it has to be measured.
#
# ## 5. Choose before you train
#
# A [transferability score](glossary.md#transferability-score) looks at features of a few labelled images and
# foretells which source will do best. A score can fool itself, so each stands beside the same score on
# **shuffled** labels. `knn` and `probe` are accuracies on labelled images, held out in turn; LogME is a log density
# and has no natural zero. The h_score refuses to answer where features are wider than there are images.
#
# A score that beats its control has seen something. Does it *rank* the sources? The second table asks the atlas. Its
# weighted tau compares the ranking by a score with the ranking by gain: 1 for the same, about 0 for none, -1 for the
# reverse, and the top counts most. Ten seeds stand behind each number; the interval draws the sources anew.

# %%
few = tlt.few_shot(digits, 10, seed=0)
nets = {name: tlt.load_backbone(f"small:{name}") for name in ("glyphs", "fashion", "emoji_noto")}
nets["lite0"] = tlt.load_backbone("lite0", size=64)
METHODS = ["knn", "probe", "logme", "h_score"]
found = {name: transferability.score(net, few, METHODS, seed=0) for name, net in nets.items()}
scores = pd.concat(found, names=["source", None]).reset_index("source")
scores.pivot(index="source", columns="method", values=["value", "shuffled"]).round(3)

# %%
print("\n".join(scores.loc[scores["refused"] != "", "refused"]))

# %%
said = atlas.load("scores")
ranks = only(atlas.score_ranks(atlas.gaps(transfer), said), method=["knn", "probe", "logme"])
ranks.drop(columns="regime").round(2)

# %% [markdown]
# And the source that a score puts first: what became of it, frozen, with ten labels?

# %% tags=["nbval-check-output", "keep_output"]
TARGETS = ["digits", "emoji", "emoji_fluent_flat", "fashion_5_9"]
words = only(judged, regime="frozen", shots=10).set_index(["task", "source"])["verdict"]
best = atlas.favourites(said, TARGETS)[["probe", "logme"]].reset_index()
first = best.melt("task", value_name="source")
places = zip(first["task"], first["source"], strict=True)
first["against scratch"] = [words[place] for place in places]
print(first.to_string(index=False))

# %% tags=["facts", "nbval-check-output", "keep_output"]
ok = scores[scores["method"].isin(["knn", "probe"])]
print("kNN and probe: true labels 30 points above shuffled ones:", (ok["gap"] > 0.3).all())
for task, here in ranks.groupby("task"):
    holds = ((here["low"] <= 0) & (here["high"] >= 0)).sum()
    print(f"{task}, {here['n'].iloc[0]} sources: the interval holds 0 for {holds} of {len(here)}")

# %% [markdown]
# The kNN and the probe see something: true labels are more than 30 points above shuffled ones. But four to six
# sources say little about a ranking, however many seeds stand behind each. For digits and clothes every interval holds zero.
# For flat drawings none does: there every score puts other drawings of the same things before letters and clothes. You might
# have done that without a score.
#
# And a score ranks sources among themselves. It cannot say that the best of them hurts, for no score was worked
# out for a network that starts from scratch. So put that network among the candidates.
#
# ### Exercise 05.4
#
# Write a rule that may say no. `found` has a validation accuracy for each source, `alone` is that of the network
# without a source. Return the best source if it is ahead of `alone` by more than `margin`, else "none".


# %%
def choose(found, alone, margin):
    """Return the name of a source, or "none"."""
    # solution
    best = max(found, key=found.get)
    return best if found[best] - alone > margin else "none"


# %%
lessons.check("05.4", choose)

# %%
choose = lessons.use("05.4", choose)
rules = {"best source": -1, "best, or none": 0}
found = {name: atlas.chosen(transfer, choose, margin) for name, margin in rules.items()}
picks = pd.concat(found, names=["rule", None]).reset_index("rule")

# %% [markdown]
# For each seed the rule picked by [validation images](glossary.md#validation-split), which came out of the labels
# that were paid for. Then one look at the test split. Each number is what was picked, minus scratch, in points (the
# interval is over seeds alone); the last column is the second one minus the first, on the same seeds. That is what
# the right to refuse is worth.

# %%
PLACE = ["task", "shots"]
won = picks.pivot(index=[*PLACE, "seed"], columns="rule", values="won")
won["worth"] = won["best, or none"] - won["best source"]
won.groupby(PLACE).agg(told)

# %% tags=["nbval-check-output", "keep_output"]
refused = only(picks, rule="best, or none", pick="none").groupby(PLACE).size()
for (task, shots), worth in won["worth"].groupby(PLACE):
    often = refused.get((task, shots), 0)
    print(f"{task:11} {shots:2} labels: refused {often:2} of 10, worth it: {told(worth)}")

# %% [markdown]
# A rule that may refuse needs validation images to refuse with. Of five labels per class one is for validation, and
# luck chooses. With 50 the rule refuses where the best source hurts, and on emoji, where Lite0 helps, it does not.
#
# A seed in which it refuses counts as zero against scratch, for none *is* scratch. So "cannot tell" in the middle
# column may mean no more than "it mostly refused".
#
# ## 6. How large must a source be?
#
# So far every network had learnt all of its source. What if there is less of it? Here small networks learnt a sixteenth
# of a source, an eighth, and so on, the larger part holding the smaller. All took as many updates, whatever the
# part. Then they met ten labels per class of the target. Guess first: how much is lost with a sixteenth?

# %%
STEPS = {1 / 16: "a sixteenth", 1 / 8: "an eighth", 1 / 4: "a quarter", 1 / 2: "a half", 1: "all"}
NEAR = {"digits": "digits from letters", "fashion_5_9": "clothes from clothes"}
size = atlas.by_size(atlas.load("sizes"), transfer)
size["part of the source"] = size["share"].map(STEPS)
leads = size.rename(columns={"difference": "mean"})

# %%
step = {"along": "part of the source", "percent": True}
for task, pair in NEAR.items():
    y = f"{pair}, minus scratch"
    ax = plots.stage_curve(only(leads, task=task), "regime", [*STEPS.values()], y, **step)
    plt.show()
    print(plots.describe(ax))

# %% tags=["nbval-check-output", "keep_output"]
counts = size.pivot_table("source_images", "part of the source", "source", sort=False).astype(int)
print(counts.to_string())
for (task, regime), found in size.groupby(["task", "regime"]):
    least = found[found["share"] == min(STEPS)].iloc[0]
    said = least["against_all"]
    print(f"{NEAR[task]}, {regime}: {least['source_images']} images against all of them: {said}")

# %% [markdown]
# Above zero the source is ahead of starting from scratch. The lines rise, by some points from a sixteenth to all. And yet these
# runs cannot tell one end from the other: each of five seeds has its own draw of the source and its own labels, and
# they spread wider than that. So a sixteenth may be nearly as good as all of it, or some points worse. Who claims that a larger source
# is better owes you an interval, too.
#
# These sources are small, and all the points of a line stand on the same few labels. Kolesnikov et al. (2020) went on from there,
# to 300 million photographs: a larger source went on helping, as long as the network grew with it.
#
# ## 7. What rescues a bad source?
#
# Three ways out: another source; [fine-tuning](glossary.md#fine-tuning) instead of freezing; more labels. Each has to
# answer two questions. Is it *better than before*, on the same seeds? And how does it
# stand *against no source*?
#
# ### Exercise 05.5
#
# Write the answer as a function of interval ends: `gain_low` is the lower end of what the rescue gained,
# `left_low` and `left_high` are the ends of what is left against scratch. The first row that fits counts.
#
# | gain | left | return |
# |---|---|---|
# | its interval does not start above zero | any | "not shown" |
# | starts above zero | the interval ends below zero | "less harm" |
# | starts above zero | the interval starts above zero | "helps now" |
# | starts above zero | the interval holds zero | "harm may be left" |

# %%
PAIRS = [  # target, a bad source, another source
    ("digits", "fashion", "glyphs"),
    ("emoji", "fashion", "ImageNet-1k"),
    ("emoji_fluent_flat", "glyphs", "emoji_fluent_color"),
    ("fashion_5_9", "emoji_noto", "fashion_0_4"),
]


# %%
def rescue(gain_low, left_low, left_high):
    """Return what a rescue achieved."""
    # solution
    if gain_low <= 0:
        return "not shown"
    if left_high < 0:
        return "less harm"
    return "helps now" if left_low > 0 else "harm may be left"


# %%
lessons.check("05.5", rescue)

# %%
rescue = lessons.use("05.5", rescue)
rescues = atlas.rescues(transfer, judged, PAIRS)
atlas.grid(rescues, ["place", "way"], "what")

# %% [markdown]
# And in the words of your function:

# %% tags=["nbval-check-output", "keep_output"]
for (place, way), rows in rescues.groupby(["place", "way"], sort=False):
    gain, left = (only(rows, what=what).iloc[0] for what in ("gain", "left"))
    print(f"{place:25} {way:15} {rescue(gain['ci_low'], left['ci_low'], left['ci_high'])}")

# %% [markdown]
# Each row of the table starts from the source in its name, frozen, with ten labels per class. For 50 labels both sides got
# more: what is left is held against scratch with 50 labels, too. So that row asks whether the *distance* closes.
#
# More labels need not rescue a frozen source: scratch gains from them as well. Fine-tuning gives the network back
# what freezing took: look at which rows it leaves no harm that can be shown.
#
# Where the source stays the wrong one, harm may be left. A fifth way out costs nothing: no source at all.
#
# So many tests at once: by luck alone, one word may say more than it should. Change `PAIRS` and see which words stay.
#
# ## Summary
#
# Your choices beside what was measured, then three questions:

# %%
near = atlas.grid(lost, ["source"], "shots").loc["glyphs", 10]
print(lessons.beside("05.a", f"{near}, in points", about="letters"))
word = tlt.verdict(made, "shuffled", "frozen_random")
print(lessons.beside("05.b", word, about="shuffled labels"))
counts = only(first, **{"against scratch": "helps"})["method"].value_counts().to_dict()
print(lessons.beside("05.c", f"targets that it helped: {counts}", about="best score"))

# %%
for letter in "def":
    display(lessons.quiz(f"05.{letter}"))
lessons.progress("05")

# %% [markdown]
# You held sources against what can be done without them, and saw the word change with the baseline. You took a
# loss apart, gave a rule the right to say no, and asked of a rescue whether it only shrinks the harm.
#
# **References.** A. Kolesnikov et al., Big transfer (BiT), ECCV 2020. Z. Wang et al., Characterizing and avoiding negative transfer, CVPR 2019, section 3. W. Zhang et
# al., A survey on negative transfer, IEEE/CAA Journal of Automatica Sinica 10(2), 2023. C. Nguyen et al., LEEP,
# ICML 2020. K. You et al., LogME, ICML 2021. Y. Bao et al., An information-theoretic approach to transferability
# in task transfer learning, ICIP 2019 (the H-score). S. Vigna, A weighted correlation index for rankings with ties,
# WWW 2015.

# %% [markdown]
# **Remember:**
#
# - Ask "hurts, against what?": the harm of a source and "not worth it" have different opponents.
# - What looks like a bad source to you need not be one for a network, so measure it.
# - Give your rule the right to say no, and hold every rescue against no source at all.
