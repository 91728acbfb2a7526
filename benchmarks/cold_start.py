"""From a fresh process to a curve on screen (J7), with and without `warmup`.

The program is what a learner types: import, load a task and Lite0, features of 120 images, three
probes, one figure drawn without a window. Its cache is empty, as on the first day. Cold is the
whole wait from starting Python; warm is the wait after `warmup` has ended. Imports take most of
it, so a share of the roofline would say nothing.
"""

from __future__ import annotations

import time

from common import arguments, fresh, machine, ratio, save, spread, tell, warn_if_busy

COLD, WARM = 10.0, 2.0  # seconds, goals
REPEATS = 3
SHOTS = (2, 4, 8)
WARMUP = """
from tlteach.app.warm import warmup
warmup(wait=True)
"""
CURVE = f"""
import tlteach as tlt
import pandas as pd
import torch
from tlteach import plots
from tlteach.measures.probe import fit_probes

few = tlt.few_shot(tlt.load_task("emoji"), 10, seed=0)
net = tlt.load_backbone("lite0")
train, val = (tlt.extract_features(net, split.images) for split in (few.train, few.val))
labels = few.train.labels
of_class = [(labels == c).nonzero()[:, 0] for c in range(few.n_classes)]
subsets = [torch.cat([rows[:shots] for rows in of_class]) for shots in {SHOTS}]
logits = fit_probes(train, labels, subsets, [0.01], n_classes=few.n_classes).logits(val)
means = [tlt.accuracy(answers, few.val.labels) for answers in logits[:, 0]]
table = pd.DataFrame({{"regime": "frozen", "shots": {SHOTS}, "metric": "accuracy", "mean": means}})
ax = plots.learning_curve(table.assign(ci_low=means, ci_high=means, n_seeds=1))
ax.figure.canvas.draw()
"""
FROM_OUTSIDE = f"{CURVE}\nimport time; print(time.time())"
FROM_INSIDE = f"{WARMUP}\nimport time; start = time.time()\n{CURVE}\nprint(time.time() - start)"


def cold() -> float:
    """Return the seconds from starting Python to the figure."""
    start = time.time()
    return float(fresh(FROM_OUTSIDE, MPLBACKEND="Agg")) - start


def warm() -> float:
    """Return the seconds from the end of the warm-up to the figure."""
    return float(fresh(FROM_INSIDE, MPLBACKEND="Agg"))


def main() -> None:
    options = arguments("from a fresh process to a curve on screen")
    here = machine()
    warn_if_busy(here)
    turns = [(cold(), warm()) for _ in range(1 if options.quick else REPEATS)]
    waits = dict(zip(("cold", "warm"), zip(*turns, strict=True), strict=True))
    rows = {
        name: tell(name, spread(waits[kind]), goal, unit=" s")
        for name, kind, goal in (
            ("first curve, fresh process", "cold", COLD),
            ("first curve, after warmup", "warm", WARM),
        )
    }
    name = "first curve, fresh process against after warmup"
    rows[name] = tell(name, ratio(waits["cold"], waits["warm"]))
    save("cold_start", here, {"rows": rows}, options.out)


if __name__ == "__main__":
    main()
