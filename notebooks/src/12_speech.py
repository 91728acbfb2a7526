# %% [markdown]
# # 12 Speech: accents
#
# **You will** listen to words in accents that a network knows and does not know; find out what a new accent
# costs when nobody labels it, and what a few labels bring; see what a recurrent layer hears; hide pieces of a
# spectrogram; and ask who is behind a good mean.
#
# All speech here is **SYNTHETIC**: the program espeak-ng says every word, by rules. No person was recorded.
#
# **You need** notebooks 01 and 04.
#
# **Time** about 3 minutes of computing on 2 cores.
#
# ## Predict first
#
# Choose before anything runs. The summary puts your choices beside what was measured.

# %%
import os

import numpy as np
import pandas as pd
from IPython.display import Audio, display

import tlteach as tlt
from tlteach import atlas, lessons, plots
from tlteach.measures import accuracy_by, by_seed, judge, on_test, t_interval, told

# %%
for letter in "abc":
    display(lessons.quiz(f"12.{letter}"))

# %% [markdown]
# How much will be run: `class` is for you, `full` for a GPU, `smoke` for tests.

# %%
TIER = os.environ.get("TLTEACH_TIER", "class")
SEEDS, SEARCH, STEPS = {"smoke": (5, 1, 40), "class": (5, 2, 100), "full": (10, 4, 300)}[TIER]

# %% [markdown]
# ## 1. Words that nobody said
#
# Twenty words, said in twenty accents. Ten accents are the [source](glossary.md#source): varieties of English.
# Ten are the [target](glossary.md#target). Three of those are varieties of English again; we call them *mild*.
# Seven are voices of other languages that read the English word in their own spelling; we call them *strong*. A
# caricature by rules, not how anyone in particular speaks. And each target accent has one voice: what comes from
# the accent and what from the voice cannot be told apart.

# %% tags=["nbval-check-output", "keep_output"]
spoken = tlt.load_task("spoken")
known = [accent for accent in spoken.domains if accent.startswith("source")]
print(spoken.card.title)
print(f"accents: {len(known)} source, {len(spoken.domains) - len(known)} target")
print("words:", *spoken.classes)
print("clips to learn from:", len(spoken.labelled), "and for the test:", len(spoken.test))
print("each clip is mels x frames:", tuple(spoken.test.inputs.shape[2:]))

# %% [markdown]
# A clip is a picture: time from left to right, low frequencies at the bottom, bright where it is loud. It is called
# a [log-mel spectrogram](glossary.md#log-mel-spectrogram). A network for pictures can read it, and nothing in `compare` has to change.
#
# A picture can be turned back into sound, roughly (Griffin and Lim 1984). The hiss is the noise that was mixed in and
# what the way back costs. Play the same word in a source accent, a mild and a strong one. Can you tell the word? How
# many bright blocks has each? The Japanese voice says four syllables.

# %%
WORD = "stop"
HEARD = {"received": "source_received_m", "Scottish": "target_scottish"}
HEARD["Japanese"] = "target_japanese"
clips, test = {}, spoken.test
for title, accent in HEARD.items():
    word, place = spoken.classes.index(WORD), spoken.domains.index(accent)
    mine = test.inputs[(test.labels == word) & (test.domains == place)]
    clips[title] = mine[mine.float().mean((1, 2, 3)).argmin()]  # the darkest: least noise

# %%
import matplotlib.pyplot as plt
import torch

wide = plt.subplots(figsize=(11, 3.5), layout="constrained")[1]
pictures = torch.stack([*clips.values()]).flip(2)  # low frequencies at the bottom
titles = [f"{WORD}, {title}" for title in clips]
ax = plots.image_grid(pictures, rows=1, columns=3, titles=titles, ax=wide)
print(plots.describe(ax))

# %%
from tlteach.data.sound import RATE, to_sound

for title, clip in clips.items():
    print(title)
    display(Audio(to_sound(clip.numpy(), seed=0), rate=RATE))

# %% [markdown]
# ### Exercise 12.1
#
# How loud is a pixel? The loudest cell of a clip is 255. Every 17 less are 4 decibels less. Write what a value
# stands for, in decibels below the loudest: 0 for 255, and negative for the rest.


# %%
def decibels(value):
    """Return decibels below the loudest cell."""
    # solution
    return 4 * (value - 255) / 17


# %%
lessons.check("12.1", decibels)

# %% [markdown]
# With it the picture can be told in words: how long the clip is within 20 dB of its loudest cell, and near which frequency
# it is loudest at its beginning, in the middle and at its end. (A byte cannot be negative: with uint8, 0 - 255 is 1. So the
# cell turns the bytes into `float` first.)

# %%
from tlteach.data.sound import HOP, WINDOW, mel_filters

decibels = lessons.use("12.1", decibels)
pitch = mel_filters().argmax(1) * RATE / WINDOW  # Hz, the middle of each row


# %%
def spans(clip):
    """Return the seconds within 20 dB of the loudest cell, and the pitch of each third."""
    loud = np.vectorize(decibels)(clip[0].numpy().astype(float))
    frames = np.flatnonzero((loud > -20).any(0))
    thirds = np.array_split(loud[:, frames[0] : frames[-1] + 1], 3, axis=1)
    return (np.ptp(frames) + 1) * HOP / RATE, [pitch[third.max(1).argmax()] for third in thirds]


# %%
for title, clip in clips.items():
    seconds, (first, middle, last) = spans(clip)
    print(f"{title}: {seconds:.2f} s; loudest near {first:.0f}, {middle:.0f}, {last:.0f} Hz")

# %% [markdown]
# ## 2. New accents, no label
#
# `speech_cnn` is a small convolutional network, `deepspeech_mini` has the shape of DeepSpeech: dense layers on
# single frames, then one recurrent layer. Both learnt the ten source accents, five times each, from different
# [seeds](glossary.md#seed). The words of the target are the same, so the [head](glossary.md#head) that they have can
# answer at once. How many words does it get right in each accent?

# %%
from itertools import product

from tlteach.models import load_small


# %%
def by_accent(net, seed):
    """Return what a network gets right in each accent with the head that it has."""
    logits = tlt.predict(load_small(net, seed=seed), test.inputs, precision="fp32")
    found = accuracy_by(logits, test.labels, test.domains, spoken.domains)
    return found.rename_axis("accent").reset_index().assign(backbone=net, seed=seed)


nets = ["deepspeech_mini", "speech_cnn"]
heard = pd.concat([by_accent(net, seed) for net, seed in product(nets, range(5))])

# %%
mild = tlt.load_task("spoken_mild").domains
heard["kind"] = ["mild" if accent in mild else "strong" for accent in heard["accent"]]
heard.loc[heard["accent"].isin(known), "kind"] = "source"
heard["accent"] = heard["accent"].str.removeprefix("target_")
own = heard[heard["kind"] == "source"].groupby(["backbone", "seed"])["value"].mean()
heard = heard.join(own.rename("own"), on=["backbone", "seed"])
heard["change"] = heard["value"] - heard["own"]
afar = heard[heard["kind"] != "source"]  # the target accents

# %%
new = afar[afar["backbone"] == "speech_cnn"]
shown = new.assign(task="speech_cnn, its own head", regime=new["accent"], shots=0)
ax = plots.regime_comparison(shown.assign(split="test", metric="accuracy"))
ax.tick_params(axis="x", rotation=30)
print(plots.describe(ax))

# %%
afar.groupby(["kind", "accent", "backbone"])["change"].agg(told).unstack("backbone")

# %% [markdown]
# The dots are accuracies on synthetic clips, one for each network. The table has the distance to the mean over the
# source accents, in points, with its 95 % [interval](glossary.md#confidence-interval) over five trainings. "Hurts"
# is the word of the [verdict](glossary.md#verdict) here: the change of accent costs points. An accent has the same
# 120 test clips each time. So the interval says what other trainings would do, not what other voices would do.

# %% tags=["nbval-check-output", "keep_output"]
by_net = afar.groupby("backbone")
for net, here in by_net:
    words = here.groupby("accent")["change"].agg(lambda values: judge(values)[0])
    low = here.groupby("accent")["value"].agg(lambda values: t_interval(values)[1])
    print(f"{net}: accents that cost points: {(words == 'hurts').sum()} of {len(words)}")
    print("  every accent is above chance (1 in 20):", (low > 1 / 20).all())

# %% tags=["nbval-check-output", "keep_output"]
for net, here in by_net:
    mean = here.groupby(["kind", "accent"])["value"].mean()
    easier = mean["mild"].min() > mean["strong"].max()
    print(f"{net}: worst accent: {mean.idxmin()[1]}", end="; ")
    print("every mild one is easier than every strong one:", easier)

# %% [markdown]
# "Mild" and "strong" are our words, by how a voice was made. They are not the network's. Look for a strong
# accent that it hears better than a mild one.
#
# ## 3. Nobody speaks a mean accent
#
# One number for all ten new accents would look fair enough. Who is behind it? In a study of five commercial
# recognisers and real speakers, the error rate for Black speakers was about twice that for white ones (Koenecke
# et al. 2020). The mean over both would not have shown it.
#
# ### Exercise 12.2
#
# Write how far the worst accent lies behind the mean over accents. `by_accent` has a list for each accent: its
# accuracies, one for each seed. Which accent is worst shows in its mean over the seeds.


# %%
def lag(by_accent):
    """Return the mean over accents, minus that of the worst accent."""
    # solution
    means = [sum(values) / len(values) for values in by_accent.values()]
    return sum(means) / len(means) - min(means)


# %%
lessons.check("12.2", lag)

# %%
lag = lessons.use("12.2", lag)
for net, here in afar.groupby("backbone"):
    lists = here.groupby("accent")["value"].agg(list).to_dict()
    mean = here["value"].mean()
    print(f"{net}: mean {mean:.3f}, worst accent {mean - lag(lists):.3f}, lag {lag(lists):.3f}")

# %% [markdown]
# ### Exercise 12.3
#
# A guess among 20 words is right once in 20. So an accuracy can be read as a guess among fewer words. In its
# worst target accent, `speech_cnn` is as good as a guess among how many words? Its runs are in `new`: columns
# `accent`, `seed`, `value`.

# %%
k = ...  # your number
# solution
k = 1 / new.groupby("accent")["value"].mean().min()

# %%
lessons.check("12.3", k, heard=new)

# %% [markdown]
# What does it take the words of the Japanese voice for? Each word was said six times.

# %%
mine = test.select(test.domains == spoken.domains.index(HEARD["Japanese"]))
logits = tlt.predict(load_small("speech_cnn"), mine.inputs, precision="fp32")
table = tlt.confusion_table(logits, mine.labels, spoken.classes)
wrong = table.mask(np.eye(len(table), dtype=bool)).stack().nlargest(5)
for (true, said), times in wrong.items():
    print(f"Japanese voice, {true!r}: {times:.0f} of 6 clips taken for {said!r}")

# %% [markdown]
# ## 4. A few labels: the same call
#
# Now label a few clips of the new accents. This is the call of notebook 01, with a network that reads
# spectrograms. [Shots](glossary.md#shots) are labels per word, here spread over all seven strong accents.
# `raw_pixels` is logistic regression on the picture itself, without any network, and `small_cnn` another network
# from scratch: the one that looks at pictures in notebook 01. A weak opponent proves little, so take two.

# %%
strong = tlt.load_task("spoken_strong")
brief = tlt.TrainConfig(updates=STEPS, precision="fp32")
fair = {"backbone": "speech_cnn", "shots": [5], "seeds": range(SEEDS), "search": SEARCH}
fair |= {"config": brief, "progress": False}
ways = ["scratch", "frozen", "fine_tune"]
live = tlt.compare(strong, regimes=ways, baselines=["raw_pixels", "small_cnn"], **fair)

# %%
ax = plots.regime_comparison(live, summary=tlt.summarize(live))
print(plots.describe(ax))
for other in ("scratch", "small_cnn", "raw_pixels"):
    for way in ("frozen", "fine_tune"):
        print(tlt.verdict(live, way, other))

# %% [markdown]
# Your runs are few and short, and they all begin with the same pretrained network. A network from
# [scratch](glossary.md#scratch) needs more updates than that, and fine-tuning too. The atlas searched more settings, trained until the
# loss was flat, drew ten seeds, and began with five different pretrainings. Its `scratch` is the better one of
# `speech_cnn` and `small_cnn`, chosen on validation clips: the stronger opponent.

# %%
speech = atlas.load("speech")
runs = {}
for kind in ("mild", "strong"):
    for net in ("speech_cnn", "deepspeech_mini"):
        runs[kind, net] = atlas.arms(speech, f"spoken_{kind}", net)
    here = speech[speech["task"] == f"spoken_{kind}"]
    print(f"{kind}: from scratch {atlas.strongest(here)} does better")

# %% [markdown]
# First the mild accents, then the strong ones, by labels per word:

# %%
for kind in ("mild", "strong"):
    summary = tlt.summarize(runs[kind, "speech_cnn"])
    print(plots.describe(plots.learning_curve(summary, title=f"{kind} accents")))

# %%
pairs = []
for kind in ("mild", "strong"):
    for way in ("frozen", "fine_tune"):
        for other in ("scratch", "raw_pixels"):
            pairs.append(tlt.paired(runs[kind, "speech_cnn"], way, other))
pd.concat(pairs).drop(columns=["metric", "n_seeds", "won"]).round(3)

# %% [markdown]
# The table has each way minus scratch, and minus logistic regression on the raw picture, as fractions: 0.1 is ten
# points. With few labels a network from scratch is a weak opponent, so read the rows of `raw_pixels` too.
#
# Where does transfer help most? Take the gain over scratch in mild accents minus that in strong ones, seed by seed.


# %%
def reached(kind, regime, shots, net="speech_cnn"):
    """Return test accuracies, indexed by seed."""
    return by_seed(on_test(runs[kind, net]), regime=regime, shots=shots)


def gain(kind, regime, shots):
    """Return what a regime gained over scratch, seed by seed."""
    return reached(kind, regime, shots) - reached(kind, "scratch", shots)


# %% tags=["nbval-check-output", "keep_output"]
for other in ("raw_pixels", "scratch"):
    print(f"your runs, 5 labels, frozen against {other}:", tlt.verdict(live, "frozen", other).word)
for way in ("frozen", "fine_tune"):
    for shots in (1, 5, 20):
        mild, far = gain("mild", way, shots), gain("strong", way, shots)
        more = judge(mild - far)[0]
        words = f"mild {judge(mild)[0]}, strong {judge(far)[0]}; difference {more}"
        print(f"{way}, {shots} labels: {words}")

# %% [markdown]
# As a difference, "helps" means: more gained in mild accents. "Hurts" means: more gained in strong ones. The two
# targets have different test clips and a different number of voices. So read this as a difference between two tasks,
# not as a law about accents.
#
# ### The opponent that costs nothing
#
# The regimes put a *new* head on the network, as if it had never heard these words. But it has. The head of
# section 2 knows all twenty and needs no label. So scratch is not the only [baseline](glossary.md#baseline).
#
# ### Exercise 12.4
#
# Mild accents, one label per word. Which verdict has `frozen` against `source_head`: "helps", "hurts" or
# "cannot tell"? The runs are in `one`. Run number *s* of the atlas begins with pretraining number *s* modulo 5, and
# so does its `source_head`.


# %%
def with_source_head(kind, shots, net="speech_cnn"):
    """Return atlas runs and, for each seed, what the network's own head gets right."""
    rows = on_test(runs[kind, net]).query("shots == @shots")
    own = heard.query("backbone == @net and kind == @kind").groupby("seed")["value"].mean()
    one = rows[rows["regime"] == "frozen"].assign(regime="source_head", right=None)
    return pd.concat([rows, one.assign(value=(one["seed"] % 5).map(own))])


one = with_source_head("mild", 1)

# %%
word = ...  # your word
# solution
word = tlt.verdict(one, "frozen", "source_head").word

# %%
lessons.check("12.4", word, results=one)

# %%
against_head = {}
for kind in ("mild", "strong"):
    for shots in (1, 5, 20):
        results = with_source_head(kind, shots)
        for way in ways:
            against_head[kind, shots, way] = tlt.verdict(results, way, "source_head")
            print(f"{kind}, {shots} labels: {against_head[kind, shots, way]}")

# %% [markdown]
# So "transfer helps" and "labels help" are two questions. Where the classes stay the same, keep the old head and
# start from there, or at least hold your result against it.
#
# ### Accent by accent
#
# Labels can also be spent on one accent alone. Five per word, in each of the ten; features of one network, ten
# draws of the labels. What does a new head gain over the old one?

# %%
few = {**fair, "seeds": range(10), "search": "quick", "baselines": False}
head = new[new["seed"] == 0].set_index("accent")["value"].sort_values()
gains = {}
for accent in head.index:
    alone = tlt.load_task("spoken", domains=[f"target_{accent}"])
    found = on_test(tlt.compare(alone, regimes=["frozen"], **few))
    gains[accent] = found["value"] - head[accent]

# %%
pd.DataFrame({"old head": head.round(3), "new head, gain": pd.Series(gains).map(told)})

# %%
old = {accent: [value] for accent, value in head.items()}
now = {accent: (head[accent] + gained).tolist() for accent, gained in gains.items()}
print(f"lag of the worst accent: old head {lag(old):.3f}, new head {lag(now):.3f}")

# %% [markdown]
# Be careful with these gains. Each target accent has one voice, so the labels come from the very voice that is
# tested. For a new speaker of the same accent, expect less.

# %% tags=["nbval-check-output", "keep_output", "facts"]
for (kind, shots, way), verdict in against_head.items():
    print(f"{kind}, {shots} labels, {way} against the head it had: {verdict.word}")
for place, accent in (("worst", head.index[0]), ("best", head.index[-1])):
    print(f"{place} without labels: {accent} - a new head {judge(gains[accent])[0]}")

# %% [markdown]
# ## 5. What a recurrent layer sees
#
# Three dense layers of `deepspeech_mini` see a frame and two neighbours on either side. Its recurrent layer goes
# through the clip in both directions and carries along what it has met (Hannun et al. 2014). The last layer of
# `speech_cnn` sees 31 frames at most: four layers, each three wide, each with a step of two. Change one frame of a clip,
# and count the frames in which a layer's answer moves. Then the two networks side by side, in points: their own
# heads, and new heads on frozen features.

# %%
deep = tlt.load_backbone("deepspeech_mini").net
clip = clips["received"][None].float() / 127.5 - 1
other = clip.clone()
other[..., 24] *= -1
for name, part in {"three dense layers": deep[:4], "recurrent layer": deep[:5]}.items():
    with torch.no_grad():
        moved = (part(clip) != part(other)).any(-1).sum()
    print(f"{name}: one frame changed, {moved} of 48 move")

# %%
wide = heard.groupby(["kind", "seed", "backbone"])["value"].mean().unstack()
apart = (wide[nets[0]] - wide[nets[1]]).groupby("kind").agg(told)
ahead = apart.add_suffix(", no label").to_dict()
for kind in ("mild", "strong"):
    for shots in (1, 5, 20):
        one, two = (reached(kind, "frozen", shots, net) for net in nets)
        ahead[f"{kind}, frozen, {shots} labels"] = told(one - two)
pd.Series(ahead, name="deepspeech_mini minus speech_cnn").to_frame()

# %% [markdown]
# Seeds pair labels and splits here, not weights: two networks of different shape have no weights in common. And a
# difference between two networks has more than one reason. They differ in width, in how they normalise and in
# parameters, too. That the recurrent layer alone is the cause, this table cannot say.
#
# ## 6. Hide a piece
#
# SpecAugment (Park et al. 2019) hides a band of frequencies and a stretch of time in every picture of every batch,
# at random places. The label stays. It is an [augmentation](glossary.md#augmentation) made for spectrograms; ours is
# called `mask` and is a smaller version of it.
#
# ### Exercise 12.5
#
# Write the stretch of time. A picture is a list of rows, a row is a list of frames. Return a new picture whose
# `width` frames from `start` on are `level` in every row. They always fit.


# %%
def hide(picture, start, width, level):
    """Return the picture with some frames hidden."""
    # solution
    end = start + width
    return [row[:start] + [level] * width + row[end:] for row in picture]


# %%
lessons.check("12.5", hide)

# %%
from tlteach.data.augment import mask

hide, whole = lessons.use("12.5", hide), clips["received"]
level = round(whole.float().mean().item())

# %%
yours = torch.tensor(hide(whole[0].tolist(), 20, 8, level), dtype=torch.uint8)[None]
batch = torch.stack([whole, whole])
masked = mask(batch, batch, torch.Generator().manual_seed(0))[0]
titles = ["as it was", "yours", "mask", "mask again"]
grid = torch.stack([whole, yours, *masked]).flip(2)
print(plots.describe(plots.image_grid(grid, rows=1, columns=4, titles=titles)))

# %% [markdown]
# Now with and without. Both sides have the same labels, the same updates, the same search. Only the hiding differs.

# %%
from dataclasses import replace

tables = []
for policy in ("none", "mask"):
    some = {**fair, "config": replace(brief, augment=policy), "baselines": False}
    found = tlt.compare(strong, regimes=["fine_tune"], **some)
    tables.append(found.assign(regime=policy))
masked = pd.concat(tables)

# %%
ax = plots.regime_comparison(masked, summary=tlt.summarize(masked))
print(plots.describe(ax))
print(tlt.verdict(masked, "mask", "none"))

# %% [markdown]
# "Cannot tell" would be an answer, too. There are few seeds and short runs here, a small network, and clips that a
# program spoke. Hiding makes the exercise harder, and a network that has not yet learnt the plain pictures may
# lose by it. The gains in the paper belong to large networks and hundreds of hours of speech. To ask again, give it
# more updates or more seeds in the first cell, and decide how many *before* you look.
#
# ## 7. Recordings of your own
#
# The Free Spoken Digit Dataset is a folder of files named `digit_speaker_index.wav`, such as `7_anna_0.wav`.
# Recordings 0 to 4 of each speaker and digit are the [test split](glossary.md#test-split). Any folder laid out
# like that loads by `tlt.load_task("fsdd", root=...)`: resampled to 16 kHz, silence cut off, made into the same
# spectrograms. Here is a tiny one, of shipped clips turned back into sound. Put your own folder in its place.

# %%
import tempfile
from pathlib import Path

from scipy.io import wavfile

folder = Path(tempfile.mkdtemp())

# %%
for accent in ("source_british_m", "target_scottish"):
    mine = test.select(test.domains == spoken.domains.index(accent))
    for digit in range(10):
        for index, clip in zip((0, 5, 6), mine.inputs[mine.labels == digit], strict=False):
            sound = to_sound(clip.numpy(), seed=0, rounds=5).astype("float32")
            wavfile.write(folder / f"{digit}_{accent}_{index}.wav", RATE, sound)

# %% tags=["nbval-check-output", "keep_output"]
recorded = tlt.load_task("fsdd", root=folder)
said = tlt.predict(load_small("speech_cnn"), recorded.test.inputs, precision="fp32")[:, :10]
print(f"{recorded}\nthree in ten are right:", tlt.accuracy(said, recorded.test.labels) > 0.3)

# %% [markdown]
# The first ten words of `spoken` are the digits, so the head can answer: more than three in ten are right, where
# a guess has one. With `compare(recorded, ...)` everything in this notebook runs on your recordings. Ask people
# before you record them, and say what for.
#
# ## 8. What this cannot say
#
# - Nothing about people. A program is far more regular than a speaker. It has no room, no microphone, no cold,
#   and every word stands alone.
# - Nothing about how fair a recogniser is to people with these accents. The worst voice here is a rule that adds
#   vowels. For people you need recordings of people, several for each group.
# - Nothing about the size of an effect elsewhere. What may carry over is how to ask: by accent, against the head you
#   had, with an interval.
#
# Larger systems begin with a network that learnt from hundreds of hours of unlabelled speech. `WAV2VEC2_BASE` of
# torchaudio is one: 960 hours of read English books (Baevski et al. 2020). It hears the sound itself, not a
# picture. With torchaudio and a network connection, `tlt.load_backbone("torchaudio:WAV2VEC2_BASE")` and
# `tlt.load_task("fsdd_waves", root=...)` go into the same `compare`: frozen, or fine-tuned.
#
# ## Summary
#
# Your choices beside what was measured, then three questions:

# %%
more = gain("mild", "fine_tune", 5) - gain("strong", "fine_tune", 5)
print(lessons.beside("12.a", told(more), about="mild minus strong accents"))
print(lessons.beside("12.b", against_head["mild", 1, "frozen"], about="a new head"))
print(lessons.beside("12.c", tlt.verdict(masked, "mask", "none"), about="hiding"))

# %%
for net, here in afar.groupby("backbone"):
    mean = here.groupby("accent")["value"].mean()
    print(f"{net}, no label: {mean.mean():.3f} on average, {mean.min():.3f} for {mean.idxmin()}")

# %%
for letter in "def":
    display(lessons.quiz(f"12.{letter}"))
lessons.progress("12")

# %% [markdown]
# **References.** A. Hannun et al., Deep Speech: scaling up end-to-end speech recognition, arXiv:1412.5567, 2014,
# section 2. D. S. Park et al., SpecAugment, Interspeech 2019, section 2 and table 3. D. Griffin and J. Lim, Signal
# estimation from modified short-time Fourier transform, IEEE Transactions on Acoustics, Speech, and Signal
# Processing 32(2), 1984. A. Koenecke et al., Racial disparities in automated speech recognition, PNAS 117(14), 2020,
# figure 1. A. Baevski et al., wav2vec 2.0, NeurIPS 2020, section 4. Z. Jackson et al., Free Spoken Digit Dataset,
# 2018. J. Duddington, R. H. Dunn and others, eSpeak NG.

# %% [markdown]
# **Remember:**
#
# - A mean over accents hides the worst one: report it beside the mean.
# - Where the classes stay the same, the head that the network has is the opponent, and it costs no label.
# - All of this is synthetic speech. What carries over is how to ask, not how large an effect is.
