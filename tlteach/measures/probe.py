"""Multinomial logistic regression for many subsets and penalties, solved as one batch.

The objective is scikit-learn's: C times the summed log loss plus half the squared weights, the
bias free. Three things make it quick. A subset of n rows spans at most n directions, so features
are rotated there once, exactly, and shared by every C. In those directions the columns are
orthogonal, so Boehning's bound on the curvature (1992) is diagonal and a good scale for L-BFGS.
And subsets of equal size are one batch of matrix products, where each stops by itself: its bits do
not depend on its neighbours.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from tlteach.base import checked, finite, in_range, same_length

MEMORY = 8  # pairs that L-BFGS remembers
LINE = 6  # most halvings of a step
DECADE = 10 * (1 + 1e-9)  # between two values of C, and rounding
Step = tuple[Tensor, Tensor, Tensor]  # a move, the gradient's change, one over their product


@dataclass(frozen=True)
class Probes:
    """Linear heads for S subsets and R values of C, on raw features.

    Attributes
    ----------
    weight : float32 tensor of shape (S, R, n_classes, d)
        The standardisation is folded in: logits are ``features @ weight.T + bias``.
    bias : float32 tensor of shape (S, R, n_classes)
    objective : float64 tensor of shape (S, R)
        What was minimised, on the standardised features.
    iterations : int
        The most that a batch needed.

    Examples
    --------
    >>> probes = Probes(torch.ones(1, 1, 2, 3), torch.zeros(1, 1, 2), torch.zeros(1, 1), 0)
    >>> probes.logits(torch.ones(4, 3)).shape
    torch.Size([1, 1, 4, 2])
    """

    weight: Tensor
    bias: Tensor
    objective: Tensor
    iterations: int

    def logits(self, features: Tensor) -> Tensor:
        """Return logits of shape (S, R, n, n_classes)."""
        answers = torch.einsum("nd,srkd->srnk", features.to(self.weight.dtype), self.weight)
        return answers + self.bias[:, :, None]


@checked
def fit_probes(
    features: Tensor,
    labels: Tensor,
    subsets: Sequence[Tensor],
    cs: Sequence[float],
    *,
    n_classes: int,
    standardise: bool = True,
    tol: float = 1e-6,
    max_iter: int = 500,
) -> Probes:
    """Fit one probe for each subset of rows and each C.

    Parameters
    ----------
    features : float tensor of shape (n, d)
        Raw features of all rows.
    labels : int64 tensor of shape (n,)
        Values in [0, n_classes).
    subsets : sequence of int64 tensor
        Row numbers of each training subset; sizes may differ; every class must be in each.
    cs : sequence of float
        Inverse strengths of the penalty, as in scikit-learn.
    n_classes : int
        Number of classes.
    standardise : bool, default True
        Scale each feature by the mean and deviation of the subset's own rows.
    tol : float, default 1e-6
        Stop when the expected gain is below this share of the objective, or the last eight steps
        gained less than ten times this share: rounding hides smaller gains.
    max_iter : int, default 500
        Most iterations.

    Returns
    -------
    Probes
        In the order of `subsets` and `cs`.

    Raises
    ------
    ValueError
        For an empty list, a C that is not positive, NaN or infinite features, or a class missing
        from a subset.

    Examples
    --------
    >>> features = torch.tensor([[0.0], [1.0], [2.0], [3.0]])
    >>> labels = torch.tensor([0, 0, 1, 1])
    >>> probes = fit_probes(features, labels, [torch.arange(4)], [1.0], n_classes=2)
    >>> probes.logits(features)[0, 0].argmax(1).tolist()
    [0, 0, 1, 1]
    """
    same_length(features=finite("features", features), labels=labels)
    in_range("number of subsets", len(subsets), 1)
    in_range("number of cs", len(cs), 1)
    for c in cs:
        in_range("c", float(c), torch.finfo(torch.float32).tiny)
    alike: dict[int, list[int]] = defaultdict(list)
    for place, rows in enumerate(subsets):
        _check_classes(labels[rows], n_classes, place)
        alike[len(rows)].append(place)
    shape = (len(subsets), len(cs), n_classes)
    weight = features.new_zeros(*shape, features.shape[1], dtype=torch.float32)
    bias = features.new_zeros(shape, dtype=torch.float32)
    objective = features.new_zeros(shape[:2], dtype=torch.float64)
    most = 0
    for places in alike.values():
        beside = places * 2 if len(places) == 1 else places  # sums over one have another order
        rows = torch.stack([subsets[place] for place in beside])
        x, y = features[rows].double(), labels[rows]
        mean, scale = _scales(x, standardise)
        z, back = _rotate((x - mean) / scale)
        batch = _Batch(z.float(), y, n_classes)
        solution, value, iterations = batch.path([*map(float, cs)], tol, max_iter)
        found = (*_unfold(solution, back, mean, scale), value)
        weight[places], bias[places], objective[places] = (part[: len(places)] for part in found)
        most = max(most, iterations)
    return Probes(weight, bias, objective, most)


def _unfold(solution: Tensor, back: Tensor, mean: Tensor, scale: Tensor) -> tuple[Tensor, Tensor]:
    """Return weights and biases on raw features, from those on rotated ones."""
    weight = (solution[..., :-1] @ back.float().mT).transpose(0, 1) / scale.float()[:, None]
    shift = torch.einsum("srkd,sd->srk", weight.double(), mean[:, 0])
    return weight, (solution[..., -1].transpose(0, 1) - shift).float()


def _check_classes(labels: Tensor, n_classes: int, place: int) -> None:
    missing = sorted(set(range(n_classes)) - set(labels.tolist()))
    if missing:
        msg = f"every subset must hold all {n_classes} classes; subset {place} lacks {missing}"
        raise ValueError(msg)


def _scales(x: Tensor, standardise: bool) -> tuple[Tensor, Tensor]:
    """Return mean and deviation of each subset's rows; a constant feature gets deviation 1."""
    mean = x.mean(1, keepdim=True)
    if not standardise:
        return mean, torch.ones_like(mean)  # centring only moves the bias
    scale = x.std(1, keepdim=True, unbiased=False)
    tiny = 10 * torch.finfo(torch.float32).eps * x.abs().amax(1, keepdim=True)
    return mean, torch.where(scale <= tiny, 1.0, scale)


def _rotate(x: Tensor) -> tuple[Tensor, Tensor]:
    """Return coordinates z with orthogonal columns, and the matrix that leads back to weights.

    ``x = z @ back.T``, so weights ``back @ b`` give the same logits as b on z, and the same
    length: nothing is lost by solving for b (the representer theorem).
    """
    wide = x.shape[2] > x.shape[1]
    values, vectors = torch.linalg.eigh(x @ x.mT if wide else x.mT @ x)
    root = values.clamp(min=0).sqrt()
    keep = root > root.amax(1, keepdim=True).clamp(min=1e-300) * 1e-6
    inverse = torch.where(keep, 1 / root.clamp(min=1e-300), 0.0)
    if not wide:
        back = vectors * keep[:, None]
        return x @ back, back
    return vectors * (root * keep)[:, None], x.mT @ (vectors * inverse[:, None])


class _Batch:
    """S subsets of n rows for one C after another; parameters have shape (S, n_classes, m + 1)."""

    def __init__(self, z: Tensor, labels: Tensor, n_classes: int) -> None:
        self.z = torch.cat([z, z.new_ones(*z.shape[:2], 1)], 2)
        self.target = F.one_hot(labels, n_classes).to(z.dtype).mT.contiguous()
        self.penalty = z.new_ones(z.shape[2] + 1)
        self.penalty[-1] = 0  # the bias is free
        self.squares = self.z.square()

    def path(self, cs: Sequence[float], tol: float, max_iter: int) -> tuple[Tensor, Tensor, int]:
        """Return solutions (R, S, n_classes, m + 1), objectives (S, R) and iterations.

        From weak C to strong, each starts where a straight line through the last two ends; where
        the penalty is weak there are stations between, since from afar the solver stops too soon.
        """
        start = self.z.new_zeros(*self.target.shape[:2], self.z.shape[2])
        found: dict[float, Tensor] = {}
        done: list[tuple[float, Tensor]] = []
        total = 0
        for c in _ladder(cs):
            if len(done) > 1:
                (c0, b0), (c1, b1) = done[-2:]
                start = b1 + (b1 - b0) * (math.log(c / c1) / math.log(c1 / c0))
            elif done:
                start = done[-1][1]
            found[c], iterations = self.solve(start, c, tol, max_iter)
            done.append((c, found[c]))
            total += iterations
        values = [self.both(found[c].double(), c)[0] for c in cs]
        return torch.stack([found[c] for c in cs]), torch.stack(values, 1), total

    def both(self, b: Tensor, c: float) -> tuple[Tensor, Tensor]:
        """Return the objective (S,) and its gradient, in the precision of b."""
        z, target, penalty = (t.to(b.dtype) for t in (self.z, self.target, self.penalty))
        logp = (b @ z.mT).log_softmax(1)
        value = -c * (logp * target).sum((1, 2)) + (penalty * b * b).sum((1, 2)) / 2
        return value, c * ((logp.exp() - target) @ z) + penalty * b

    def scale(self, b: Tensor, c: float) -> Tensor:
        """Return one over the diagonal of the second derivative."""
        p = (b @ self.z.mT).softmax(1)
        return 1 / (c * ((p * (1 - p)) @ self.squares) + self.penalty + 1e-9)

    def solve(self, b: Tensor, c: float, tol: float, max_iter: int) -> tuple[Tensor, int]:
        """Minimise by L-BFGS, all subsets at once, until each expects to gain next to nothing."""
        scale = self.scale(b, c)
        value, gradient = self.both(b, c)
        steps: list[Step] = []
        values = [torch.full_like(value, torch.inf)] * MEMORY
        settled = torch.zeros_like(value, dtype=torch.bool)
        for iteration in range(max_iter):
            direction = -_two_loops(gradient, steps, scale)
            slope = _dot(direction, gradient)
            settled |= -slope / 2 <= tol * value
            settled |= values[-MEMORY] - value <= 10 * tol * value
            if settled.all():
                return b, iteration
            values.append(value)
            direction = torch.where(settled[:, None, None], 0.0, direction)  # stays where it is
            new, new_value, new_gradient = self._line(b, value, direction, slope, c)
            s, y = new - b, new_gradient - gradient
            curved = _dot(s, y)
            rho = torch.where(curved > 0, 1 / curved.clamp(min=1e-30), 0.0)
            steps = [*steps[1 - MEMORY :], (s, y, rho)]
            b, value, gradient = new, new_value, new_gradient
        return b, max_iter

    def _line(
        self, b: Tensor, value: Tensor, direction: Tensor, slope: Tensor, c: float
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Halve each subset's step until it gains enough (Armijo), as far as rounding shows."""
        step = torch.ones_like(value)
        for _ in range(LINE):
            new = b + step[:, None, None] * direction
            new_value, gradient = self.both(new, c)
            good = new_value <= value + 1e-4 * step * slope + 3e-6 * value
            if good.all():
                break
            step = torch.where(good, step, step / 2)
        return new, new_value, gradient


def _ladder(cs: Sequence[float]) -> list[float]:
    """Return cs, ascending, with powers of ten above 1 where neighbours lie further apart.

    Examples
    --------
    >>> _ladder([500.0]), _ladder([0.001, 3.0]), _ladder([10.0, 100.0])
    ([1.0, 10.0, 100.0, 500.0], [0.001, 1.0, 3.0], [1.0, 10.0, 100.0])
    """
    found: list[float] = []
    for c in sorted(set(cs)):
        below = found[-1] if found else 0.0
        if c > DECADE * below:
            found += [10.0**k for k in range(math.ceil(math.log10(c))) if below < 10.0**k < c]
        found.append(c)
    return found


def _dot(a: Tensor, b: Tensor) -> Tensor:
    return (a * b).sum((1, 2))


def _two_loops(gradient: Tensor, steps: list[Step], scale: Tensor) -> Tensor:
    """Return the inverse curvature times the gradient (Nocedal & Wright 2006, algorithm 7.4)."""
    q, alphas = gradient, []
    for s, y, rho in reversed(steps):
        alpha = rho * _dot(s, q)
        q = q - alpha[:, None, None] * y
        alphas.append(alpha)
    r = scale * q
    for (s, y, rho), alpha in zip(steps, reversed(alphas), strict=True):
        beta = rho * _dot(y, r)
        r = r + (alpha - beta)[:, None, None] * s
    return r
