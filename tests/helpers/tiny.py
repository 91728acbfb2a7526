"""A task of a few numbered images, and what holds of every division of it."""

import torch

from tlteach.data import Card, Split, Task

CARD = Card("tiny", "made here", "none", "nobody", "# tiny\n")


def tiny_task(groups_per_class=(8, 9, 12), per_group=3, test_groups=2) -> Task:
    """Every group holds `per_group` images of one class; every image is different."""
    labels = torch.cat([torch.full((g * per_group,), c) for c, g in enumerate(groups_per_class)])
    n = len(labels)
    groups = torch.arange(n) // per_group
    images = torch.arange(n * 4).remainder(251).to(torch.uint8).reshape(n, 1, 2, 2)
    rows = Split(images, labels, torch.arange(n) % per_group, groups, torch.arange(n))
    test = torch.zeros(n, dtype=torch.bool)
    for c in range(len(groups_per_class)):
        first = groups[labels == c].unique()[:test_groups]
        test |= torch.isin(groups, first)
    empty = rows.select(torch.arange(0))
    names = tuple("abcdefgh"[: len(groups_per_class)])
    styles = tuple(f"style{i}" for i in range(per_group))
    return Task("tiny", names, styles, rows.select(~test), empty, rows.select(test), empty, CARD)


def ids(split: Split) -> set[int]:
    return set(split.index.tolist())


def assert_apart(task: Task, *, pool: bool) -> None:
    """No image stands in two splits and no group in two of train, val and test."""
    splits = [task.train, task.val, task.test]
    for i, one in enumerate(splits):
        for other in splits[i + 1 :]:
            assert not ids(one) & ids(other)
            assert not set(one.groups.tolist()) & set(other.groups.tolist())
        if pool:
            assert not ids(one) & ids(task.pool)
