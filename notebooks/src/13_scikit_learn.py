# %% [markdown]
# # 13 Tables, and scikit-learn where it is best
#
# **You will** prepare numbers, categories, texts and images with scikit-learn's pipelines; measure how much a leak
# flatters; read the spread of a cross-validation without fooling yourself; put a frozen backbone into a grid
# search; and transfer from one table to another, where it helps, does nothing and hurts.
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
import numpy as np
import pandas as pd
from IPython.display import display

import tlteach as tlt
from tlteach import lessons
from tlteach.measures import judge, t_interval, told

# %%
for letter in "abc":
    display(lessons.quiz(f"13.{letter}"))

# %% [markdown]
# How much will be run: `class` is for you, `full` for a GPU, `smoke` for tests.

# %%
TIER = os.environ.get("TLTEACH_TIER", "class")
SEEDS, DRAWS = {"smoke": (10, 24), "class": (20, 48), "full": (50, 64)}[TIER]

# %% [markdown]
# ## 1. Four kinds of input, one kind of pipeline
#
# scikit-learn's classifiers want a matrix of numbers. What turns your data into one is a *transformer*. It learns
# something from training rows in `fit`, and applies it to any rows in `transform`. A [pipeline](glossary.md#pipeline) is transformers
# and a classifier in a row, and it is fitted, cross-validated and searched as one thing.
#
# ### Four inputs
#
# Tumours are 30 numbers each. Patients with diabetes have numbers and one category, sex, so a
# `ColumnTransformer` sends each column to its own transformer; the question is whether the disease went on more
# than in the median patient. Film reviews are texts. Digits are images, and a
# [frozen](glossary.md#frozen-features) small network that learnt letters turns them into
# [features](glossary.md#feature).
#
# Files are often sorted. These reviews are, by their class, and digits lie in the order in which they were
# collected. So rows are shuffled before any of them are taken.

# %%
from sklearn import base, metrics, model_selection, utils
from sklearn.datasets import load_breast_cancer, load_diabetes, load_digits

tumours = load_breast_cancer(as_frame=True)
patients = load_diabetes(as_frame=True, scaled=False)
worse = (patients.target > patients.target.median()).astype(int)
pixels, digits = utils.shuffle(*load_digits(return_X_y=True), random_state=0)

# %%
films = tlt.load_task("reviews", domains=["films"])
known = np.array(films.train.texts), films.train.labels.numpy()
texts, moods = utils.shuffle(*known, random_state=0)

# %% [markdown]
# One transformer for each kind of input:

# %%
from sklearn.compose import make_column_transformer
from sklearn.feature_extraction import text
from sklearn.preprocessing import OneHotEncoder, StandardScaler

one_hot = OneHotEncoder(handle_unknown="ignore")
mixed = make_column_transformer((one_hot, ["sex"]), remainder=StandardScaler())
seen = tlt.FrozenFeatures("small:glyphs", value_range=(0, 16))

# %% [markdown]
# Without a [baseline](glossary.md#baseline) no accuracy says anything. `DummyClassifier` looks at no input and always
# answers the [majority class](glossary.md#majority-class). The model is the same everywhere: logistic regression.
# Both are [cross-validated](glossary.md#cross-validation) on 200 rows. The last column is a verdict over ten disjoint folds, and we shall see in
# section 3 why it must not be trusted too far.

# %%
INPUTS = {"numbers": (tumours.data, tumours.target, StandardScaler())}
INPUTS["and a category"] = (patients.data, worse, mixed)
INPUTS["texts"] = (texts, moods, text.TfidfVectorizer())
INPUTS["images"] = (pixels, digits, seen)

# %%
from sklearn.dummy import DummyClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_score
from sklearn.pipeline import make_pipeline

# %%
table = {}
for name, (X, y, prepare) in INPUTS.items():
    model = make_pipeline(prepare, LogisticRegression(max_iter=1000))
    dummy = cross_val_score(DummyClassifier(), X[:200], y[:200], cv=10)
    folds = cross_val_score(model, X[:200], y[:200], cv=10)
    table[name] = dummy.mean(), folds.mean(), folds.std(ddof=1), judge(folds - dummy)[0]

# %%
table = pd.DataFrame(table, index=["dummy", "model", "spread of folds", "verdict"]).T
table

# %% [markdown]
# One `ColumnTransformer` may hold all four kinds at once. Mind the brackets: scalers and encoders want a list of
# columns, `["sex"]`; a vectoriser wants one column of texts, `"text"`.
#
# What does `fit` keep? A scaler keeps a mean and a spread, an encoder its categories, a vectoriser its words, and
# `FrozenFeatures` nothing but the shape of an image: its network learnt elsewhere.
#
# ### Exercise 13.1
#
# Write what `StandardScaler` does to one value, without it. `train` is a list of numbers, the training column;
# `value` is a new one. Subtract the mean of the column and divide by its spread: the root of the mean squared distance.
# A column whose values are all the same has no spread: then only subtract.


# %%
def standardise(train, value):
    """Return the value on the scale of the training column."""
    # solution
    mean = sum(train) / len(train)
    spread = (sum((x - mean) ** 2 for x in train) / len(train)) ** 0.5
    return (value - mean) / spread if spread > 0 else value - mean


# %%
lessons.check("13.1", standardise)

# %% tags=["nbval-check-output", "keep_output"]
standardise = lessons.use("13.1", standardise)
column = patients.data[["bmi"]]
theirs = StandardScaler().fit(column[:100]).transform(column[100:]).ravel()
ours = [standardise(column["bmi"][:100].tolist(), value) for value in column["bmi"][100:]]
print("same as StandardScaler on new rows:", np.allclose(ours, theirs))

# %% tags=["nbval-check-output", "keep_output"]
for name, row in table.iterrows():
    print(f"{name}: the model {row.iloc[-1]} against the dummy")

# %% [markdown]
# ## 2. A leak, and its size
#
# The rows that are held out stand for rows that do not exist yet. Whatever is fitted must not have seen them: else
# information [leaks](glossary.md#leakage), and the accuracy flatters. A pipeline keeps you safe, for
# `cross_val_score` fits *all* its steps anew, on the training rows of each fold.
#
# ### Exercise 13.2
#
# Which of these lets the *answer* of a row that is held out into its training: A, B, C, D or "none"?
#
# | | |
# |---|---|
# | A | `cross_val_score(make_pipeline(StandardScaler(), model), X, y)` |
# | B | `cross_val_score(model, StandardScaler().fit_transform(X), y)` |
# | C | `cross_val_score(model, SelectKBest(k=100).fit_transform(X, y), y)` |
# | D | `cross_val_score(model, HashingVectorizer().transform(X), y)` |

# %%
answer = ...  # your letter
# solution
answer = "C"

# %%
lessons.check("13.2", answer)

# %% [markdown]
# Now the sizes. In each case a step is fitted on all rows first, then inside the pipeline, on the same folds, over
# the same [seeds](glossary.md#seed); the difference is the leak.
#
# The first case is the one of Hastie, Tibshirani and Friedman (section 7.10.2): 50 rows, 5,000 columns of *pure
# noise*, labels that mean nothing. No model can beat one half. The others are 60 real rows.


# %%
def both_ways(prepare, model, X, y, seed):
    """Return the accuracy with a step fitted on all rows, and with it in the pipeline."""
    folds = model_selection.StratifiedKFold(5, shuffle=True, random_state=seed)
    early = cross_val_score(model, prepare.fit_transform(X, y), y, cv=folds)
    inside = cross_val_score(make_pipeline(prepare, model), X, y, cv=folds)
    return early.mean(), inside.mean()


# %%
from sklearn.feature_selection import SelectKBest, chi2
from sklearn.neighbors import KNeighborsClassifier

picked = make_pipeline(text.CountVectorizer(), SelectKBest(chi2, k=100))
CASES = {"select columns of noise": (SelectKBest(k=100), KNeighborsClassifier(1))}
CASES["select words of films"] = (picked, LogisticRegression())
CASES["weigh words of films"] = (text.TfidfVectorizer(), LogisticRegression())
CASES["scale tumours"] = (StandardScaler(), LogisticRegression())


# %%
def draws(seed):
    """Return rows and labels of each case."""
    draw = np.random.default_rng(seed)
    some, few = draw.permutation(len(texts))[:60], draw.permutation(len(tumours.data))[:60]
    noise, words = (draw.normal(size=(50, 5000)), np.arange(50) % 2), (texts[some], moods[some])
    return [noise, words, words, (tumours.data.iloc[few], tumours.target.iloc[few])]


# %%
found = {name: [] for name in CASES}
for seed in range(SEEDS):
    for (name, steps), Xy in zip(CASES.items(), draws(seed), strict=True):
        found[name].append(both_ways(*steps, *Xy, seed))

# %% tags=["nbval-check-output", "keep_output"]
leaks = {name: np.subtract(*np.transpose(pairs)) for name, pairs in found.items()}
for name, leak in leaks.items():
    print(f"{name}: fitting early {judge(leak)[0].replace('helps', 'flatters')}")
early, inside = np.mean(found["select columns of noise"], axis=0)
print("noise, selected early, looks better than 90 %:", early > 0.9)
print("noise, selected inside, lies near one half:", 0.4 < inside < 0.6)

# %%
columns = ["fitted early", "in the pipeline"]
leaked = pd.DataFrame({k: np.mean(v, axis=0) for k, v in found.items()}, index=columns).T.round(3)
leaked["points that leak"] = pd.Series(leaks).map(told)
leaked

# %% [markdown]
# Read "helps" as "flatters" here. A step that reads *labels* leaks a lot. The mean and spread of a column, or how rare
# a word is, hardly know the answer, and their verdicts say so. It is still a mistake, for nobody can promise that
# it stays small, and the pipeline costs nothing.
#
# ## 3. Read the spread of a cross-validation
#
# Folds give you several accuracies. It is tempting to take them for independent measurements: standard deviation,
# divided by the root of their number. But any two training sets of five folds share three quarters of their rows.
# And splitting the same rows again does not bring new ones.
#
# Film reviews are many, so you can find out. Draw 100 reviews again and again, no review twice, and
# cross-validate in each draw. How far the estimates of the draws lie apart is their *real* spread.
#
# ### Exercise 13.3
#
# Nadeau and Bengio (2003) correct the standard error of $J$ scores with variance $s^2$ (dividing by $J - 1$):
#
# $$\sqrt{s^2 \left(\frac{1}{J} + \frac{n_\text{test}}{n_\text{train}}\right)}$$
#
# Write it.


# %%
def corrected(scores, n_train, n_test):
    """Return the corrected standard error of the mean score."""
    # solution
    mean = sum(scores) / len(scores)
    variance = sum((s - mean) ** 2 for s in scores) / (len(scores) - 1)
    return (variance * (1 / len(scores) + n_test / n_train)) ** 0.5


# %%
lessons.check("13.3", corrected)

# %% [markdown]
# Words are hashed here: a `HashingVectorizer` learns nothing, so it may be applied once to all texts. The model is
# naive Bayes, because it is fast. Five folds, repeated four times with other folds: 20 scores for each draw. The
# truth of a draw is the accuracy on 1,000 reviews of the [test split](glossary.md#test-split).

# %%
from sklearn.naive_bayes import MultinomialNB

corrected = lessons.use("13.3", corrected)
hashed = text.HashingVectorizer(n_features=4096, alternate_sign=False, norm=None, binary=True)
words, test_words = hashed.transform(texts), hashed.transform(films.test.texts)
order = np.random.default_rng(0).permutation(len(texts))


# %%
def estimate(draw):
    """Return the mean of 20 folds, the accuracy on other reviews, and both standard errors."""
    X, y = (rows[order[100 * draw : 100 * draw + 100]] for rows in (words, moods))
    folds = model_selection.RepeatedStratifiedKFold(n_splits=5, n_repeats=4, random_state=draw)
    scores = cross_val_score(MultinomialNB(), X, y, cv=folds)
    truth = MultinomialNB().fit(X, y).score(test_words, films.test.labels.numpy())
    return scores.mean(), truth, scores.std(ddof=1) / 20**0.5, corrected(scores.tolist(), 80, 20)


rows = [estimate(draw) for draw in range(DRAWS)]

# %%
spread = pd.DataFrame(rows, columns=["estimate", "truth", "naive", "corrected"])
real = spread["estimate"].std()
missed = (spread["estimate"] - spread["truth"]).abs()
held = {way: (missed < 2.09 * spread[way]).mean() for way in ("naive", "corrected")}  # t, 19 of 20

# %% tags=["nbval-check-output", "keep_output", "facts"]
print("the naive error is below 60 % of the real spread:", spread["naive"].mean() < 0.6 * real)
twice = (spread["corrected"] / spread["naive"]).min() > 2
print("the corrected one is at least twice the naive one:", twice)
print("naive 95 % intervals hold the truth in fewer than 80 %:", held["naive"] < 0.8)
print("corrected ones hold it more often:", held["corrected"] > held["naive"])

# %%
print(f"real spread over {DRAWS} draws: {100 * real:.1f} points")
for way in ("naive", "corrected"):
    error = spread[way].mean()
    print(f"{way} standard error: {100 * error:.1f} points, {error / real:.0%} of the real one;")
    print(f"  its interval holds the truth in {held[way]:.0%} of the draws (95 % was promised)")

# %% [markdown]
# No formula is right for every model: Bengio and Grandvalet (2004) proved that the spread of folds cannot tell
# its own error without a bias. So where this course says "95 % interval", each seed draws training rows anew from a
# larger table, and all ways of learning share them. That is why the verdicts in section 1, over folds of the same rows, were weak evidence.
#
# ## 4. A frozen backbone in a grid search
#
# `tlt.FrozenFeatures` is a transformer like any other. It can be cloned, and its settings can be searched: even the
# *source* of its weights. Here are 120 labelled digits. Lite0 learnt from photographs, the other network from
# letters. Features are computed once for each fold and kept, so more values of `C` cost little.
#
# ### Exercise 13.4
#
# How many models will `search.fit` fit in all? Count before you run it.

# %%
look = tlt.FrozenFeatures(value_range=(0, 16))
model = make_pipeline(look, StandardScaler(), LogisticRegression(max_iter=1000))
grid = {"frozenfeatures__backbone": ["lite0", "small:glyphs"]}
grid["logisticregression__C"] = [0.001, 0.01, 0.1, 1]
search = model_selection.GridSearchCV(model, grid, cv=3)

# %%
models = ...  # your number
# solution
models = 2 * 4 * 3 + 1

# %%
lessons.check("13.4", models)

# %%
search.fit(pixels[:120], digits[:120])
tried = pd.DataFrame(search.cv_results_).rename(columns=lambda name: name.split("__")[-1])
display(tried.pivot(index="backbone", columns="C", values="mean_test_score").round(3))
print("a clone has the same settings:", base.clone(look).get_params() == look.get_params())

# %%
plain = make_pipeline(StandardScaler(), LogisticRegression()).fit(pixels[:120], digits[:120])
late = pixels[797:], digits[797:]
scores = f"{search.best_score_:.3f} in cross-validation, {search.score(*late):.3f} on 1,000 others"
print(f"the best of the search: {scores}")
print(f"logistic regression on raw pixels, on the same others: {plain.score(*late):.3f}")

# %% [markdown]
# The best score of a search is the largest of several noisy numbers, so it leans upwards; that the last model gets all
# rows, not two thirds of them, pulls the other way. That is why you look once at rows that chose nothing. And there
# is the baseline again: is a network worth it, beside the raw pixels?
#
# ## 5. Two figures that scikit-learn draws for you
#
# `LearningCurveDisplay` shows the accuracy by the number of training rows. `CalibrationDisplay` shows whether
# texts called positive "with 80 %" are positive in 80 % of the cases: [calibration](glossary.md#calibration).

# %%
from sklearn.model_selection import LearningCurveDisplay

some, sizes = (texts[:1000], moods[:1000]), [50, 100, 200, 400, 800]
reader = make_pipeline(text.TfidfVectorizer(), LogisticRegression())
how = {"train_sizes": sizes, "cv": 5, "score_type": "both"}
curve = LearningCurveDisplay.from_estimator(reader, *some, **how)
curve.ax_.set_xscale("linear")
for size, known, held_out in zip(sizes, curve.train_scores, curve.test_scores, strict=True):
    print(f"{size} texts: training {known.mean():.2f}, held out {held_out.mean():.2f}")

# %%
from sklearn.calibration import CalibrationDisplay

test, truth = films.test.texts, films.test.labels.numpy()
readers = {"logistic regression": reader.fit(*some)}
readers["naive Bayes"] = make_pipeline(text.CountVectorizer(), MultinomialNB()).fit(*some)
ax = plt.subplots(layout="constrained")[1]
for name, model in readers.items():
    CalibrationDisplay.from_estimator(model, test, truth, name=name, strategy="quantile", ax=ax)

# %% tags=["nbval-check-output", "keep_output"]
losses = {}
for name, model in readers.items():
    sure = model.predict_proba(test)
    correct, claimed = model.score(test, truth), sure.max(axis=1).mean()
    word = "claims too much" if claimed > correct else "is too modest"
    print(f"{name} is right in {correct:.1f} and claims {claimed:.1f}: it {word}")
    losses[name] = metrics.log_loss(truth, sure)

# %% tags=["nbval-check-output", "keep_output"]
print("the lower log loss:", min(losses, key=losses.get))

# %% [markdown]
# Two models may be about as accurate and differ in what they claim. If somebody acts on "80 %", look at this figure
# before you look at the accuracy.
#
# ## 6. Transfer between tables
#
# A pretrained network is no use on a table of 30 columns. But another table of the same columns may be. We make one:
# a table is divided at the median of one column, so its halves differ by a shift
# ([domain mismatch](glossary.md#domain-mismatch)). Tumours with a smooth texture are the *source*, those with a
# coarse one the *target*. Of the patients the younger are the source, the older the target.
#
# ### Four ways, three controls
#
# The source is learnt by logistic regression. Then a few labels of the target, in all, not per class:
#
# | way | starts from | trains on |
# |---|---|---|
# | `scratch` | nothing | target labels, logistic regression, own scaler |
# | `start_at_zero` | zeros | target labels, as `fine_tune` does, the source's scaler |
# | `frozen` | the source | nothing: the source as it is |
# | `fine_tune` | the source | target labels, 20 [epochs](glossary.md#epoch) of gradient steps |
#
# And three sources made to fail, fine-tuned in the same way: `shuffled` labels; `turned` ones, where the other table
# codes 0 what you code 1; and `other`, which asks another question (whether one column is above its median).
#
# Nothing here was searched: steps, epochs and regularisation were fixed before the first run.


# %%
from sklearn.linear_model import SGDClassifier


def fine_tune(start, X, y, seed, keep=1):
    """Return the scaler of a start, and a classifier that went on from its weights."""
    scaler, source = start
    steps = {"learning_rate": "constant", "eta0": 0.01, "max_iter": 20, "tol": None}
    model = SGDClassifier(loss="log_loss", random_state=seed, **steps)
    begin = {"coef_init": keep * source.coef_, "intercept_init": keep * source.intercept_}
    return make_pipeline(scaler, model.fit(scaler.transform(X), y, **begin))


# %%
def sources(X, y, asked, seed):
    """Return the source learnt as it is, and the three that were made to fail."""
    other = (X[asked] > X[asked].median()).astype(int)
    mixed_up = np.random.default_rng(seed).permutation(y)
    labels = {"fine_tune": y, "shuffled": mixed_up, "turned": 1 - y, "other": other}
    return {name: base.clone(plain).fit(X, answers) for name, answers in labels.items()}


# %%
from sklearn.model_selection import train_test_split


def ways(begun, few, y_few, seed):
    """Return the model of every way, given few labels of the target."""
    found = {name: fine_tune(start, few, y_few, seed) for name, start in begun.items()}
    found["start_at_zero"] = fine_tune(begun["fine_tune"], few, y_few, seed, keep=0)
    return found | {"frozen": begun["fine_tune"], "scratch": base.clone(plain).fit(few, y_few)}


# %%
def shifted_halves(X, y, by, seed):
    """Return which rows are the source's; then, of the rest, the pool and the test rows."""
    near = X[by] <= X[by].median()
    X, y, half = X[~near], y[~near], {"test_size": 0.5, "random_state": seed}
    return near, train_test_split(X, y, stratify=y, **half)


# %%
def one_seed(X, y, by, asked, seed):
    """Yield labels, way and test accuracy."""
    near, (pool, X_test, y_pool, y_test) = shifted_halves(X, y, by, seed)
    begun, draw = sources(X[near], y[near], asked, seed), {"stratify": y_pool, "random_state": seed}
    for labels in (5, 10, 20, 50):
        few, _, y_few, _ = train_test_split(pool, y_pool, train_size=labels, **draw)
        for way, model in ways(begun, few, y_few, seed).items():
            yield labels, way, model.score(X_test, y_test)


# %% [markdown]
# Every seed divides pool and test rows anew, draws other labels, and all ways share them. The column `shots` counts
# labels in all here. The table says the same in numbers: each way minus `scratch`, seed by seed, in points. Below it
# stand the accuracies, without the controls; bars are 95 % intervals.
#
# Remember section 3. Seeds divide the same few hundred rows, and the source is always the same, so these intervals
# speak of draws from *this* table. For another hospital they are too narrow.

# %%
TABLES = {"tumours": (tumours.data, tumours.target, "mean texture", "mean smoothness")}
TABLES["patients"] = (patients.data, worse, "age", "bmi")
rows = []
for task, table in TABLES.items():
    for seed in range(SEEDS):
        rows += [("test", "accuracy", task, *row, seed) for row in one_seed(*table, seed)]
names = ["split", "metric", "task", "shots", "regime", "value", "seed"]
results = pd.DataFrame(rows, columns=names)

# %%
import seaborn as sns

shown = results.query("regime not in ['shuffled', 'turned', 'other']")
how = {"hue": "regime", "style": "regime", "kind": "line", "err_style": "bars"}
how["errorbar"] = lambda v: t_interval(v)[1:]
sns.relplot(shown, x="shots", y="value", col="task", **how).set_ylabels("accuracy")

# %%
wide = results.pivot(index=["task", "shots", "seed"], columns="regime", values="value")
gains = wide.sub(wide["scratch"], axis=0).groupby(["task", "shots"]).agg(told)
gains.T.drop("scratch")

# %% [markdown]
# ### Exercise 13.5
#
# Tumours, 50 labels: did the source help, against the *best* way without one? Two ways need no source: `scratch` and
# `start_at_zero`. Answer with a verdict: "helps", "hurts" or "cannot tell". The runs are in `last`.

# %%
last = results.query("task == 'tumours' and shots == 50")
print(last.groupby("regime")["value"].mean().round(3))

# %%
answer = ...  # your word
# solution
answer = tlt.verdict(last, "fine_tune", "scratch").word

# %%
lessons.check("13.5", answer, results=last)

# %% tags=["nbval-check-output", "keep_output"]
pairs = [(way, "scratch") for way in ("frozen", "fine_tune", "shuffled", "turned", "other")]
pairs += [("fine_tune", "start_at_zero"), ("fine_tune", "shuffled")]
for task in TABLES:
    here = results.query("task == @task")
    for one, two in pairs:
        few, many = (tlt.verdict(here, one, two, shots=labels).word for labels in (5, 50))
        print(f"{task}, {one} against {two}: {few} with 5 labels, {many} with 50")

# %% [markdown]
# A related table is worth most where labels are fewest, and nothing that one could tell where there are enough. With
# enough labels, a source that is left as it is may even hurt, for it never learns the shift.
#
# Shuffled labels teach nothing, and their row shows it. A source that is coded the other way round hurts: it is
# wrong with confidence, and a few labels cannot turn it. The other question depends on the question. If both
# depend on the same columns in the same direction, even a wrong question may lend a hand at first.
#
# ### Change it
#
# **Modify.** Take both `keep *` out of `fine_tune` and run the section again. The row `frozen` changes, though nothing
# of it is trained: `SGDClassifier` may work in the very array that it is handed, and `keep *` made a copy. Frozen
# means frozen only if you check.
#
# **Make.** Divide the tumours by another column in `TABLES`. Or take a table of your own that two places collected,
# and write its verdicts down before you look at the test rows.
#
# ## Summary
#
# Your choices beside what was measured, then three questions:

# %%
flattered = told(leaks["select words of films"])
print(lessons.beside("13.a", flattered, about="picked words"))
share = spread["naive"].mean() / real
print(lessons.beside("13.b", f"{share:.0%} of the real one", about="spread"))
word = tlt.verdict(last, "fine_tune", "scratch")
print(lessons.beside("13.c", word, about="tumours"))

# %%
for letter in "def":
    display(lessons.quiz(f"13.{letter}"))
lessons.progress("13")

# %% [markdown]
# **References.** T. Hastie, R. Tibshirani and J. Friedman, The elements of statistical learning, 2nd edition, 2009,
# section 7.10.2. Y. Bengio and Y. Grandvalet, No unbiased estimator of the variance of k-fold cross-validation, JMLR
# 5, 2004. C. Nadeau and Y. Bengio, Inference for the generalization error, Machine Learning 52, 2003. F. Pedregosa
# et al., Scikit-learn: machine learning in Python, JMLR 12, 2011.
# C. Hutto and E. Gilbert, VADER, ICWSM 2014 (the reviews).

# %% [markdown]
# **Remember:**
#
# - Whatever is fitted stands inside the pipeline: a step that reads labels outside of it leaks a lot.
# - Folds of the same rows are not independent: the plain standard error of a cross-validation is too small.
# - A related table helps most where labels are fewest; hold it against the best way without it.
