"""A task with some of its classes or domains, or with every split changed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

import torch

from tlteach.base import checked, in_range, one_of
from tlteach.data.task import Split, Task


@checked
def only_classes(task: Task, classes: Iterable[str]) -> Task:
    """Keep the images of some classes.

    Parameters
    ----------
    task : Task
        With more classes, or the same in another order.
    classes : iterable of str
        At least two names of `task.classes`; they get the labels 0, 1, ... in this order.
        Pool images without a label are kept.

    Returns
    -------
    Task
        With the same splits, less the images of other classes.

    Raises
    ------
    ValueError
        For an unknown class, or fewer than two.

    Examples
    --------
    >>> from tlteach.data import load_task
    >>> only_classes(load_task("digits"), ["3", "8"]).classes
    ('3', '8')
    """
    names, number = _renumbered(classes, task.classes, "class")
    in_range("number of classes", len(names), 2)

    def kept(split: Split) -> Split:
        few = split.select((number[split.labels] >= 0) | (split.labels < 0))
        return replace(few, labels=number[few.labels])

    return with_splits(replace(task, classes=names), kept)


@checked
def only_domains(task: Task, domains: str | Iterable[str]) -> Task:
    """Keep the inputs of some domains.

    Parameters
    ----------
    task : Task
        With these domains and perhaps others.
    domains : str or iterable of str
        At least one name of `task.domains`; they get the numbers 0, 1, ... in this order.

    Returns
    -------
    Task
        With the same splits, less the inputs of other domains.

    Raises
    ------
    ValueError
        For an unknown domain, or none.

    Examples
    --------
    >>> from tlteach.data import load_task
    >>> only_domains(load_task("emoji"), ["noto"]).domains
    ('noto',)
    """
    chosen = [domains] if isinstance(domains, str) else domains
    names, number = _renumbered(chosen, task.domains, "domain")
    in_range("number of domains", len(names), 1)

    def kept(split: Split) -> Split:
        few = split.select(number[split.domains] >= 0)
        return replace(few, domains=number[few.domains])

    return with_splits(replace(task, domains=names), kept)


def _renumbered(
    chosen: Iterable[str], known: Sequence[str], word: str
) -> tuple[tuple[str, ...], torch.Tensor]:
    """Return the names chosen, and the new number of each old one; -1 for what is left out."""
    names = tuple(dict.fromkeys(chosen))
    number = torch.full((len(known) + 1,), -1)  # the last is that of no label, -1
    for new, name in enumerate(names):
        number[known.index(one_of(word, name, known))] = new
    return names, number


@checked
def with_splits(task: Task, change: Callable[[Split], Split]) -> Task:
    """Return the task with every split changed in the same way.

    Parameters
    ----------
    task : Task
        Stays as it is.
    change : callable
        Of a split; returns another.

    Returns
    -------
    Task
        With the four new splits; all else as before.

    Examples
    --------
    >>> from tlteach.data import load_task
    >>> halves = with_splits(load_task("digits"), lambda split: split.select(split.index % 2 == 0))
    >>> len(halves.test)
    499
    """
    return replace(
        task,
        train=change(task.train),
        val=change(task.val),
        test=change(task.test),
        pool=change(task.pool),
    )
