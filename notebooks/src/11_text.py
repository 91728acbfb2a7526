# %% [markdown]
# # 11 Text
#
# **You will** put sentences through the very same `compare` call that took images; see what a tokenizer does;
# hold frozen, tuned and LoRA-tuned MiniLM against words alone; take a head from one kind of text to another;
# ask each layer what it knows; and read what the model gets wrong.
#
# **You need** notebook 01; notebooks 03 to 05 help.
#
# **Time** about 60 seconds of computing on 2 cores.
#
# Texts need an extra. If it is missing, the first cell says in one line what to install.

# %%
from tlteach.models import needs_text

needs_text("this notebook")

# %% [markdown]
# ## Predict first
#
# Choose before anything runs. The summary puts your choices beside what was measured.

# %%
import os

import pandas as pd
import torch
from IPython.display import display

import tlteach as tlt
from tlteach import atlas, lessons, plots
from tlteach.measures import intervals, judge, told

# %%
for letter in "abc":
    display(lessons.quiz(f"11.{letter}"))

# %% [markdown]
# How much will be run: `class` is for you, `full` for a GPU, `smoke` for tests.

# %%
TIER = os.environ.get("TLTEACH_TIER", "class")
SMOKE, CLASS, FULL = (2, 40, 20, 100, 1), (2, 100, 40, 150, 2), (8, 300, 100, 400, 20)
# settings to try, texts per class to draw labels from, labels per class, texts to test on, updates
SEARCH, POOL, SHOTS, TEST, STEPS = {"smoke": SMOKE, "class": CLASS, "full": FULL}[TIER]

# %% [markdown]
# ## 1. What a network gets to see
#
# A task of texts stores UTF-8 bytes, as a task of images stores pixels. It knows nothing of any network. Cutting
# a text into pieces belongs to the [backbone](glossary.md#backbone), as resizing does for images.
#
# The piece of a text that has a number is called a [token](glossary.md#token), and what cuts is a *tokenizer*. MiniLM's tokenizer
# has a list of about 30,000 pieces. A word that is not on the list is cut into pieces that are; `##` marks a
# piece that continues a word. The small network of ours takes whole words and hashes each to a number.

# %% tags=["nbval-check-output", "keep_output"]
films = tlt.load_task("reviews", domains=["films"])
minilm, small = tlt.load_backbone("minilm"), tlt.load_backbone("small_text")
inputs = films.test.inputs
print(f"{films.kind}, classes {films.classes}, each {inputs.shape[1]} numbers, {inputs.dtype}")

# %% tags=["nbval-check-output", "keep_output"]
text = "An unputdownable, naïve film: not bad!"
print(f"{len(text)} letters, {len(text.encode())} bytes, {len(text.split())} words between spaces")
cut = minilm.preprocessing.encode
[ids] = cut([text], 64)
print(f"minilm, {len(ids)} tokens:", *cut.tokenizer.convert_ids_to_tokens(ids))
print(f"small_text, {len(small.preprocessing.encode([text], 64)[0])} words, each a number")

# %% [markdown]
# Capitals and the two dots of the *ï* are gone: MiniLM never sees them. `[CLS]` and `[SEP]` were put there by
# the tokenizer. So a network is tied to its tokenizer. With another one every number would mean another piece.
#
# What becomes of the *order* of the words? Here are two texts that hold the same words. One praises, one does
# not. Three ways turn each of them into [features](glossary.md#feature): the mean of word vectors
# (`small_text`), the plainest baseline (`bag_of_words`, a [bag of words](glossary.md#bag-of-words)), and MiniLM.


# %%
def stored(texts):
    """Return texts as a task stores them."""
    rows = [torch.tensor(list(text.encode()), dtype=torch.uint8) for text in texts]
    return torch.nn.utils.rnn.pad_sequence(rows, batch_first=True)


# %% tags=["nbval-check-output", "keep_output"]
from tlteach.models import bag_of_words

pair = stored(["A good film, not a bad one.", "A bad film, not a good one."])
looks = {"small_text": tlt.predict(small, pair), "bag_of_words": bag_of_words(pair)[0]}
looks["minilm"] = tlt.predict(minilm, pair, precision="fp32")
for name, (one, two) in looks.items():
    print(f"{name:12} the same features for both: {torch.allclose(one, two, atol=1e-4)}")

# %% [markdown]
# ### Exercise 11.1
#
# A bag that counts single words alone cannot see *not good*: it has *not* and it has *good*, and both texts have
# both. Yet our `bag_of_words` tells the two apart, though it knows no grammar. What does it count beside single
# words? Try texts of your own in the cell above. "letters", "pairs", "capitals" or "commas"?

# %%
answer = ...  # your word
# solution
answer = "pairs"

# %%
lessons.check("11.1", answer)

# %% [markdown]
# ## 2. The same call
#
# Reading is slow: a text has to pass six layers. So we take a piece of each
# [domain](glossary.md#domain), with few enough texts for this lesson. The piece of the films is a task like any other.

# %%
from dataclasses import replace

pieces = {}
for name in ("tweets", "films", "products", "editorials"):
    whole = tlt.load_task("reviews", domains=[name])
    few = tlt.few_shot(whole, POOL, seed=0)
    test = whole.test.select(torch.linspace(0, len(whole.test) - 1, TEST).long())
    pieces[name] = replace(few, name=name, test=test, pool=few.pool.select(torch.arange(0)))

# %% [markdown]
# `compare` does not ask whether a task holds images. Look: the first call is about sentences, the second about
# handwritten digits.

# %%
ways, plain = ["scratch", "frozen"], ["majority", "bag_of_words"]
same = {"shots": [10], "seeds": range(5), "search": SEARCH, "progress": False}
live = tlt.compare(pieces["films"], backbone="minilm", regimes=ways, baselines=plain, **same)
other = {"backbone": "small:glyphs", "regimes": ["frozen"], "baselines": ["raw_pixels"]}
images = tlt.compare(tlt.load_task("digits"), **other, **same)

# %%
ax = plots.regime_comparison(live, summary=tlt.summarize(live))
print(plots.describe(ax))
print("films:", tlt.verdict(live, "frozen", "scratch"))
print("digits:", tlt.verdict(images, "frozen", "raw_pixels"))

# %% [markdown]
# If a warning says that a range may be too narrow, that way might do even better with a wider search.
#
# [Scratch](glossary.md#scratch) is `small_text` here, for nobody trains 22 million numbers from 20 sentences. But is
# a network from scratch the right [baseline](glossary.md#baseline)? Words alone need no source either.
#
# ### Exercise 11.2
#
# Which [verdict](glossary.md#verdict) has `frozen` against `bag_of_words` in `live`: "helps", "hurts" or
# "cannot tell"?

# %%
answer = ...  # your word
# solution
answer = tlt.verdict(live, "frozen", "bag_of_words").word

# %%
lessons.check("11.2", answer, results=live)

# %% [markdown]
# ## 3. How many labels does the source save?
#
# The *atlas* is a table of runs that were computed before, on all texts: ten [seeds](glossary.md#seed), a search for
# every way, training until the loss is flat. First the films, by labels per class. `frozen_random` is MiniLM with random
# weights.

# %%
text = atlas.load("text")
runs = {name: atlas.arms(text, f"reviews_{name}", "minilm") for name in pieces}
some = ["frozen", "scratch", "bag_of_words", "frozen_random"]
ax = plots.learning_curve(tlt.summarize(runs["films"].query("regime in @some")))
print(plots.describe(ax))

# %% [markdown]
# Now be the sceptic. Is `bag_of_words` as strong as words alone can be? A weak opponent makes any source look good.
# (An earlier version of ours was one: it gave rare words far too much weight, and MiniLM seemed to save more labels.)
# Ours weighs words by TF-IDF, and reads from all training texts, without labels, how rare a word is. Here is another
# one, a few lines of scikit-learn, nothing tuned, which knows only the labelled texts of the same ten seeds.

# %%
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

test, truth = films.test.texts, films.test.labels.numpy()


# %%
def tfidf(shots, seed):
    """Return which test texts are named right after learning from a draw of labels."""
    few = tlt.few_shot(films, shots, seed=seed).labelled
    model = make_pipeline(TfidfVectorizer(), LogisticRegression(C=10))
    return model.fit(few.texts, few.labels).predict(test) == truth


# %% [markdown]
# A row of the atlas keeps its accuracy and, packed into a few bytes, which test texts were right. The new rows do, too,
# so that a verdict can count seeds and texts.

# %%
from tlteach.measures import on_test, pack

words = on_test(runs["films"]).query("regime == 'bag_of_words' and shots in [10, 50, 200]")
right = [tfidf(k, seed) for k, seed in zip(words["shots"], words["seed"], strict=True)]
rows = words.assign(regime="tfidf", value=[r.mean() for r in right])
measured = pd.concat([runs["films"], rows.assign(right=[pack(r) for r in right])])

# %% tags=["nbval-check-output", "keep_output"]
pairs = [("frozen", "bag_of_words"), ("frozen", "tfidf"), ("tfidf", "bag_of_words")]
for shots in (10, 50, 200):
    for one, other in pairs:
        word = tlt.verdict(measured, one, other, shots=shots).word
        print(f"films, {shots} labels: {one} against {other}: {word}")

# %% [markdown]
# How many labels does each opponent need for what frozen features have with 10?

# %%
saved = tlt.labels_saved(measured, "frozen", "tfidf", shots=10)
print(saved)
print(tlt.labels_saved(measured, "frozen", "bag_of_words", shots=10))

# %% tags=["nbval-check-output", "keep_output", "facts"]
print("tfidf needs over 50 labels for what frozen has with 10:", saved.needed > 50)
for name, rows in runs.items():
    word = tlt.verdict(rows, "frozen", "scratch", shots=20).word
    print(f"{name}, 20 labels: frozen {word} against scratch")

# %% [markdown]
# The verdict's word may stay while the story changes. "More than 200" would mean: not with the most labels that were
# tried, and nothing is said beyond them. Report the number against the strongest opponent that you know of (a mean over
# ten seeds, read off a line between the numbers of labels tried: the summary prints it).
# The lesson holds for images, too: a baseline has to be tried as hard as the idea that it is held against.
#
# Accuracy on tweets flatters whoever says "positive" often. Section 4 is about that.
#
# Is it worth letting MiniLM itself learn? [LoRA](glossary.md#low-rank-adaptation) (Hu et al. 2022) leaves every weight as it is and puts a pair of
# narrow matrices beside each linear layer. Only these learn. `partial` lets the last three layers learn,
# `fine_tune` all. Each has 20 labels per class and the same search, on five seeds, for an update of MiniLM takes long.

# %%
here = text.query("task == 'reviews_films' and backbone == 'minilm' and shots == 20 and seed < 5")
learn = here.query("metric == 'parameters_trained'").groupby("regime")["value"].first()
for regime, count in learn.sort_values().items():
    print(f"{regime:9} {count:12,.0f} numbers learn")

# %% tags=["nbval-check-output", "keep_output"]
pairs = [(regime, "frozen") for regime in ("partial", "fine_tune", "lora")]
for one, other in [*pairs, ("lora", "fine_tune"), ("partial", "fine_tune")]:
    print(f"{one} against {other}: {tlt.verdict(here, one, other).word}")

# %% [markdown]
# Where it says "cannot tell", the cheaper way is the one to take, and frozen features are cheapest: each text is read
# once. And the seconds? A short run of your own: a few updates of each, 10 labels per class, on this machine. That is
# too few to learn much. It is enough to count and to time. In the table `seconds` are those of one update; the last
# column is a whole run of the atlas, search included. The machine that built it had other work to do as well, so take
# those seconds as rough.
#
# ### Exercise 11.3
#
# How many numbers out of 100 of `total` learn under `lora`? Guess first, and guess its share of the *seconds* of
# `fine_tune`, too. Then run the next two cells, and write your number where the dots are.

# %%
few = tlt.few_shot(pieces["films"], 10, seed=0)
config = tlt.TrainConfig(lr=1e-3, updates=STEPS, batch_size=16)
took = {}
for regime in ("partial", "partial", "fine_tune", "lora"):  # the first run warms up
    run = tlt.train(minilm, few, regime, config, seed=0)
    took[regime] = {"trained": run.trained, "total": run.total, "seconds": run.seconds / STEPS}
took = pd.DataFrame(took).T
took["seconds, atlas"] = on_test(here).groupby("regime")["seconds"].mean()

# %%
display(took.round(2))

# %%
percent = ...  # your number
# solution
percent = 100 * took.loc["lora", "trained"] / took.loc["lora", "total"]

# %%
lessons.check("11.3", percent, results=took)

# %%
percent = lessons.use("11.3", percent, results=took)
share = 100 * took["seconds, atlas"]["lora"] / took["seconds, atlas"]["fine_tune"]
print(f"lora: {percent:.1f} % of the numbers, in the atlas {share:.0f} % of fine_tune's seconds")

# %% [markdown]
# Few numbers are not few seconds: every text still passes all layers, forward and back. What LoRA saves is what
# you keep. One MiniLM can serve ten tasks, with ten small files beside it.
#
# ## 4. From one kind of text to another
#
# Tweets, films, products and editorials: the same question, four ways of writing. Not the same shares of the
# classes, though. Whoever always says "positive" is right on 70 % of the tweets' test texts. So we need a measure
# that this cannot flatter: [balanced accuracy](glossary.md#balanced-accuracy), the mean of the shares of right answers in each class.
#
# ### Exercise 11.4
#
# Write it. `answers` and `labels` are lists of class numbers. Classes that no label names do not count.


# %%
def balanced(answers, labels):
    """Return the mean over the classes of the share of right answers."""
    # solution
    shares = []
    for c in set(labels):
        right = [answers[i] == c for i, label in enumerate(labels) if label == c]
        shares.append(sum(right) / len(right))
    return sum(shares) / len(shares)


# %%
lessons.check("11.4", balanced)

# %% [markdown]
# Now read each text once, and keep its features: [frozen features](glossary.md#frozen-features) are all that a
# [head](glossary.md#head) needs. They land in the cache, so a second time costs nothing.

# %%
balanced = lessons.use("11.4", balanced)
features = {}
for name, task in pieces.items():
    for side, split in (("learn", task.labelled), ("test", task.test)):
        features[name, side] = tlt.extract_features(minilm, split.inputs)

# %% [markdown]
# Ten seeds draw labels from each domain, and every head is tested on all four. The penalty `C` is one number for all
# heads, fixed beforehand.

# %%
from tlteach.measures import fit_probes

C, SEEDS = 0.01, range(10)


def drawn(name, shots, seed):
    """Return features and labels of a few texts of a domain."""
    task = pieces[name]
    some = tlt.few_shot(task, shots, seed=seed).labelled
    return features[name, "learn"][torch.searchsorted(task.labelled.index, some.index)], some.labels


# %%
def tested(name, *known):
    """Fit a head on pairs of features and labels; return its balanced accuracy on a domain."""
    x, y = (torch.cat(parts) for parts in zip(*known, strict=True))
    head = fit_probes(x, y, [torch.arange(len(y))], [C], n_classes=2)
    said = head.logits(features[name, "test"])[0, 0].argmax(1)
    return balanced(said.tolist(), pieces[name].test.labels.tolist())


# %%
rows = []
for seed in SEEDS:
    for home in pieces:
        known = drawn(home, SHOTS, seed)
        rows += [(home, away, seed, tested(away, known)) for away in pieces]
matrix = pd.DataFrame(rows, columns=["trained on", "tested on", "seed", "value"])

# %%
means = intervals(matrix, ["trained on", "tested on"])
ends = means["ci_low"].map("{:.2f}".format) + " to " + means["ci_high"].map("{:.2f}".format)
means["cell"] = means["mean"].map("{:.2f}".format) + " (" + ends + ")"
means.pivot(index="trained on", columns="tested on", values="cell")

# %% [markdown]
# Read down a column: the same texts, asked by four heads. Reading along a row mixes two things, for
# one domain may just be harder than another.
#
# ### Exercise 11.5
#
# How many points of balanced accuracy does a head lose away from home? Take the mean of the four cells where
# `trained on` and `tested on` agree, minus the mean of the twelve others, in points.

# %%
drop = ...  # your number
# solution
at_home = matrix["trained on"] == matrix["tested on"]
drop = 100 * (matrix[at_home]["value"].mean() - matrix[~at_home]["value"].mean())

# %%
lessons.check("11.5", drop, results=matrix)

# %% [markdown]
# ## 5. Do labels from elsewhere help?
#
# You have few labels of the target, and somebody offers you many of another domain. One head learns from both.
# Is it better than the head that saw the target's labels alone? Fewer errors than with the target alone is help, more is
# [negative transfer](glossary.md#negative-transfer). Each cell is a difference in points on the same seeds, with
# its [interval](glossary.md#confidence-interval).

# %%
drop = lessons.use("11.5", drop, results=matrix)


def offered(target, shots, other):
    """Return what many labels of another domain add to a few of the target, by seed."""
    found = []
    for seed in SEEDS:
        mine, theirs = drawn(target, shots, seed), drawn(other, POOL, seed)
        found.append(tested(target, mine, theirs) - tested(target, mine))
    return pd.Series(found)


# %%
gains = {}
for target in pieces:
    for shots in (5, SHOTS):
        for other in pieces.keys() - {target}:
            gains[target, shots, other] = offered(target, shots, other)
table = pd.Series({key: told(gain) for key, gain in gains.items()}).unstack()
table[[*pieces]].fillna("")

# %% tags=["nbval-check-output", "keep_output"]
at_home = matrix[matrix["trained on"] == matrix["tested on"]]
abroad = matrix[matrix["trained on"] != matrix["tested on"]]
lost = abroad.groupby("seed")["value"].mean() - at_home.groupby("seed")["value"].mean()
print("heads from elsewhere against the head from home, all targets:", judge(lost)[0])
above = at_home.groupby("tested on")["value"].mean().min() > 0.55
print("any head, at home, is above chance:", above)
always = balanced([1] * TEST, pieces["tweets"].test.labels.tolist())
print(f"always positive, tweets: balanced accuracy {always:.2f}")

# %% [markdown]
# Both tables are many tests at once, so by luck alone one or two words say more than they should.
#
# With five labels a head hardly knows anything, so even a rough idea of praise and blame from elsewhere is worth
# having. With more it knows its own domain, and the guests outnumber it. Compare the two rows of each target. A cell that
# says "hurts" is negative transfer. Where none says so, this check found none, which is no proof that there is none.
# Change `C`, or how many labels are offered, and see which words stay.
#
# One caution of another kind. MiniLM learnt from 1.17 billion pairs of sentences, and most of these, 726 million, are
# comments from Reddit: so says its card. That is no labelled sentiment, and no test text of ours need be among
# them. But people chat there as they do in tweets, about films and products, too. A source that is so wide is never
# quite "elsewhere". What looks like transfer across a gap may be a gap that the source has closed.
#
# ## 6. Which layers know it?
#
# MiniLM is a stack, as image networks are: embeddings, then six layers. We ask every stage, as notebook 03 did,
# with a [linear probe](glossary.md#linear-probe). What a stage says of a text is the mean over its
# tokens. Texts go in one at a time, so that no padding gets into a mean.

# %%
from tlteach.analysis import stage_features

task = pieces["films"]
test = task.test.select(torch.arange(0, TEST, max(1, TEST // 100)))
learn = stage_features(minilm, task.labelled.inputs)
asked = stage_features(minilm, test.inputs)

# %%
rows = []
for seed in SEEDS:
    few = tlt.few_shot(task, SHOTS, seed=seed).labelled
    at = [torch.searchsorted(task.labelled.index, few.index)]
    for stage, x in learn.items():
        head = fit_probes(x, task.labelled.labels, at, [C], n_classes=2)
        rows.append((stage, seed, tlt.accuracy(head.logits(asked[stage])[0, 0], test.labels)))
probes = pd.DataFrame(rows, columns=["stage", "seed", "value"])

# %%
display(intervals(probes, ["stage"]).round(3))
by_stage = probes.pivot(index="seed", columns="stage", values="value")
for stage in [*learn][:-1]:
    print(f"the last layer against {stage}: {told(by_stage['layer6'] - by_stage[stage])}")

# %% [markdown]
# The embeddings know single tokens and where they stand, so their mean is close to a bag of words. Layers mix. MiniLM was tuned
# so that the mean of its *last* layer tells sentences that belong together from others. "A wonderful film" and "an awful
# film" share their subject. Nobody asked it about mood.
#
# Read the direct tests, not the list of means: picking the best of seven on the test texts would flatter it. And
# all seeds share the same hundred test texts, so the intervals say how much the draw of the *labels* matters,
# not what other texts would give.
#
# ## 7. What it gets wrong
#
# A rule picks the examples, not you or I: the wrong answers that the head is surest of. These are people's words.
# We show films only; the card of the data says why one should not show tweets at random. Swear words are cut short.

# %%
import re

SWEARING = re.compile(r"\b(da(?=mn)|cr(?=ap)|sh(?=it)|fu(?=ck)|bi(?=tch))\w+", re.IGNORECASE)
x, y = drawn("films", SHOTS, 0)
head = fit_probes(x, y, [torch.arange(len(y))], [C], n_classes=2)
test = pieces["films"].test
sure, answer = head.logits(features["films", "test"])[0, 0].softmax(1).max(1)
wrong = (answer != test.labels).nonzero().flatten()

# %%
for i in wrong[sure[wrong].argsort(descending=True)][:6].tolist():
    name = films.classes[answer[i]]
    text = SWEARING.sub(r"\1***", test.texts[i])
    print(f"{name} ({sure[i]:.0%}), raters say {films.classes[test.labels[i]]}: {text}\n")

# %% [markdown]
# Look for a pattern before you read on. Praise with *not* or *but* in it? Irony? A film about something sad that is good?
#
# And be fair to the model. A label here is the sign of a mean over 15 or more paid raters. It says how most of
# them took a sentence out of its context, not what the writer felt. Some of these labels you may want to argue about.
#
# ## 8. Others by name, and one that you cannot have
#
# `load_backbone` takes any encoder or decoder of Hugging Face by its name, from safetensors alone, and runs no code that comes
# with it.
#
# | name | what it is | tokens | learnt to |
# |---|---|---|---|
# | `hf:bert-base-uncased` | encoder | word pieces, no capitals | fill gaps |
# | `hf:roberta-base` | encoder, BERT trained longer on more text | pieces of bytes | fill gaps, new ones each time |
# | `hf:gpt2` | decoder | pieces of bytes | say what comes next |
#
# In an encoder every token sees the whole text; in a decoder only what stands before it. `tlteach` takes the mean over
# the tokens of each, which is kind to encoders. None of the three was tuned to give good means, as MiniLM was. Without a network you get an error that says so:

# %%
before = os.environ.get("TLTEACH_OFFLINE")
os.environ["TLTEACH_OFFLINE"] = "1"
for name in ("hf:bert-base-uncased", "hf:roberta-base", "hf:gpt2"):
    try:
        print(tlt.load_backbone(name))  # this machine has it in its cache
    except ConnectionError as error:
        print(f"{name}: {error}")
os.environ["TLTEACH_OFFLINE"] = before or "0"

# %% [markdown]
# Why GPT-2 and not GPT-3? The weights of GPT-3 were never published. Nobody outside can freeze it, probe its layers or
# fine-tune it, except as far as a vendor's service offers that; nor check whether test texts were among what it
# learnt from. For transfer that means dependence: your texts leave the house, every answer has a price, and the vendor may change or
# withdraw the version that your results rest on, while a file with a hash stays what it is. Such a model may still do better on
# your task, and that is a question for a measurement with these costs beside it.
#
# Contamination is a danger with open weights as well. The films here are snippets that the
# Stanford Sentiment Treebank was made from. A model tuned on SST-2 or on "rotten_tomatoes" has seen most of our test texts.
#
# **Your turn.** Swap `"films"` for another domain in section 2, or let the scratch network see texts with words left
# out: `config=tlt.TrainConfig(augment="words")`. Write your guess down first.
#
# ## Summary
#
# Your choices beside what was measured, then three questions:

# %%
print(lessons.beside("11.a", tlt.verdict(live, "frozen", "bag_of_words"), about="words"))
print(f"and in the atlas, {tlt.verdict(measured, 'frozen', 'tfidf', shots=10)}; {saved}")
print(lessons.beside("11.b", f"{drop:.1f} points lost", about="away"))

# %%
words = [judge(gain)[0] for (_, shots, _), gain in gains.items() if shots == 5]
found = f"{words.count('helps')} of {len(words)} help, {words.count('hurts')} hurt"
print(lessons.beside("11.c", found, about="offers"))

# %%
for letter in "def":
    display(lessons.quiz(f"11.{letter}"))
lessons.progress("11")

# %% [markdown]
# **References.** C.J. Hutto and E. Gilbert, VADER, ICWSM 2014 (the texts and their ratings). W. Wang et al., MiniLM, NeurIPS
# 2020. N. Reimers and I. Gurevych, Sentence-BERT, EMNLP 2019, section 3 (the mean over tokens). J. Devlin et
# al., BERT, NAACL 2019, section 3. Y. Liu et al., RoBERTa, arXiv 1907.11692, 2019, section 4. A. Radford et al.,
# Language models are unsupervised multitask learners, 2019 (GPT-2). T. Brown et al., Language models are few-shot learners,
# NeurIPS 2020 (GPT-3). E. Hu et al., LoRA, ICLR 2022, section 4. J. Blitzer et al., Biographies, Bollywood,
# boom-boxes and blenders, ACL 2007 (sentiment across domains).

# %% [markdown]
# **Remember:**
#
# - The same call compares sentences and images: a task knows no network, and the backbone brings its tokenizer.
# - Hold a language model against words alone, tried as hard as the model.
# - A head has a home: tested on another kind of text, it loses, and labels from elsewhere may help or harm.
