"""What a notebook shows of a backbone: its card, its stages, what of it learns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from torch import nn

from tlteach.base import counted
from tlteach.base.markup import facts, shorter, shown, table

STAGES = 24  # shown by row
LONG = 200  # letters of what a card says


def backbone_html(
    name: str, known: Mapping[str, object], stages: Mapping[str, Sequence[nn.Module]]
) -> str:
    """Return what a notebook shows of a backbone.

    Parameters
    ----------
    name : str
        The backbone's.
    known : mapping
        What is known, by name.
    stages : mapping of str to sequence of nn.Module
        In the order inputs pass them.
    """
    first = [*stages.items()][:STAGES]
    rows: list[Sequence[object]] = [
        (shorter(stage), *numbers(nn.ModuleList(parts))) for stage, parts in first
    ]
    if hidden := len(stages) - len(rows):
        rest = nn.ModuleList(part for parts in [*stages.values()][STAGES:] for part in parts)
        rows.append((f"and {hidden} more", *numbers(rest)))
    card = {key: shorter(value, LONG) for key, value in known.items()}
    caption = f"{counted(len(stages), 'stage')}, first to last"
    heads = ("stage", "parameters", "may learn")
    parts = (table(caption, heads, rows),) if rows else ()
    return shown(facts(f"Backbone {name!r}", card), *parts)


def numbers(part: nn.Module) -> tuple[int, int]:
    """Return how many parameters there are, and how many are free to learn.

    Examples
    --------
    >>> numbers(nn.Linear(3, 2).requires_grad_(False))
    (8, 0)
    """
    sizes = [(p.numel(), p.numel() * p.requires_grad) for p in part.parameters()]
    return sum(n for n, _ in sizes), sum(free for _, free in sizes)
