"""The search of a gradient regime written out plainly: every training begins anew each time."""

import math
from dataclasses import dataclass, field, replace

import numpy as np
import torch
from scipy.special import logsumexp

import tlteach as tlt
from tlteach.measures import log_loss
from tlteach.training import Begun, draw_configs, updates

END = 10**9  # more updates than any training takes
SOFTER = 1 / np.geomspace(1, 1000, 4001)  # what logits may be multiplied with


def softened(logits, labels):
    """The lowest log loss over a fine grid of temperatures."""
    z, rows = logits.double().numpy(), np.arange(len(labels))
    if not np.isfinite(z).all():
        return math.inf
    logs = z[None] * SOFTER[:, None, None]
    losses = logsumexp(logs, axis=2) - logs[:, rows, labels.numpy()]
    return losses.mean(1).min()


def rank(told, by):
    """What orders scores: the lowest softened loss first, ties by accuracy; or the other way round.

    The grid finds the loss to 1e-6 or so: what is closer is alike.
    """
    loss = round(told["softened"], 5) if math.isfinite(told["softened"]) else math.inf
    return (told["accuracy"], -loss) if by == "accuracy" else (-loss, told["accuracy"])


def beyond(lr, factor):
    """Which ways leave what makes sense as a learning rate."""
    return ({"up"} if lr * factor > 2 else set()) | ({"down"} if lr / factor < 1e-7 else set())


@dataclass
class Reference:
    """Nothing is carried on: what takes n updates is trained for n updates from its start."""

    net: object
    few: object
    regime: object
    seed: int
    told: dict = field(default_factory=dict)
    begun: dict = field(default_factory=dict)
    over: dict = field(default_factory=dict)

    def score(self, config, goal):
        """What validation tells after `goal` updates, and how many it took."""
        begun = Begun(self.net, self.few, self.regime, config, seed=self.seed, device="cpu")
        pace, losses = begun.pace(), []
        for loss, _ in updates(
            begun.model, self.few, begun.regime, begun.config, seed=self.seed, pace=pace
        ):
            losses.append(loss)
            if len(losses) == goal:
                break
        logits = tlt.predict(begun.model, self.few.val.inputs, precision=config.precision)
        labels = self.few.val.labels
        told = {"accuracy": tlt.accuracy(logits, labels), "log_loss": log_loss(logits, labels)}
        latest = torch.stack(losses[-10:]).mean()
        self.told[config] = told
        self.begun[config] = bool(latest < 0.9 * math.log(self.few.n_classes))
        self.over[config] = pace.over
        return told | {"softened": softened(logits, labels)}, len(losses)

    def open(self, base):
        """What is left to compare after the race: the usual value first, then the others."""
        ways = {}
        layers = {type(module).__name__ for module in self.net.net.modules()}
        norms = layers & {"BatchNorm1d", "BatchNorm2d", "BatchNorm3d"}
        if norms and self.regime.statistics == "any" and base.statistics is None:
            pretrained = self.regime.pretrained
            ways["statistics"] = ["still", "move"] if pretrained else ["move", "still"]
        if base.augment is None and len(self.few.augments) > 1:
            others = [name for name in self.few.augments if name != "shift"]
            ways["augment"] = ["shift", *others]
        return ways

    def race(self, base, search):
        """Return the config that wins, its score, the edge, and the updates of all trainings."""
        alive = draw_configs(self.regime, base, search.drawn, seed=self.seed)
        took, scores, goal = {}, {}, search.first

        def ranked(config):
            return rank(scores[config], search.by)

        while True:
            for config in alive:
                scores[config], took[config] = self.score(config, goal or END)
            if not any(self.begun[c] for c in alive) and not all(self.over[c] for c in alive):
                goal *= 2
                continue
            alive = sorted(alive, key=ranked, reverse=True)
            alive = alive[: math.ceil(len(alive) / 2) if search.first else 1]
            if len(alive) == 1:
                break
            goal *= 2
        best, lost = alive[0], set()
        factor = (self.regime.high / self.regime.low) ** (1 / search.drawn)
        for _ in range(search.further):
            while (lost | beyond(best.lr, factor)) == {"up", "down"}:
                factor, lost = factor**0.5, set()
            lowest = len(scores) > 1 and best.lr == min(config.lr for config in scores)
            first, second = ("down", "up") if lowest else ("up", "down")
            side = second if first in lost | beyond(best.lr, factor) else first
            other = replace(best, lr=best.lr * factor if side == "up" else best.lr * factor**-1)
            scores[other], took[other] = self.score(other, goal or END)
            if ranked(other) > ranked(best):
                best, lost = other, {"down" if side == "up" else "up"}
            else:
                lost.add(side)
        beside = sorted((config.lr, ranked(config)) for config in scores if config != best)
        edge = 0
        if beside and best.lr > beside[-1][0]:
            edge = int(ranked(best) > beside[-1][1])
        elif beside and best.lr < beside[0][0]:
            edge = -int(ranked(best) > beside[0][1])
        ways = self.open(base) if search.variants else {}
        if ways:
            scores[best], took[best] = self.score(best, END)
        for name, (_, *others) in ways.items():
            for value in others:
                other = replace(best, **{name: value})
                scores[other], took[other] = self.score(other, END)
                best = other if ranked(other) > ranked(best) else best
        return best, self.told[best], edge, sum(took.values())
