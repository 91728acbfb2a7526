"""A split of everything for each seed, and how small a difference a task can tell at all."""

from __future__ import annotations

from dataclasses import replace

from tlteach.base import checked, in_range
from tlteach.data.enough import smallest
from tlteach.data.task import Task


@checked
def resplit(task: Task) -> Task:
    """Return the task with a split of everything of its own for each seed.

    `few_shot`, and with it `compare`, then draws test images by the seed, too: about one in five
    of each class, whole groups. With 60 photographs a single split tests on 12, and no number of
    seeds brings more; five seeds with a split each test on about 40 of the 60. Nested
    cross-validation would test on every image once, but ties the number of seeds to that of its
    folds, and its folds share labels just as these splits do.

    Seeds that share images are no independent repetitions, so `verdict` and its like do not ask
    for one test split: they take the interval over seeds with the corrected variance of Nadeau
    and Bengio (2003, doi:10.1023/A:1024068626366), (1 / seeds + test images / other images) times
    that of the seeds' differences. It does not vanish with many seeds; ten or twenty are well
    spent.

    Parameters
    ----------
    task : Task
        Any; a test split that somebody made on purpose (other patients, a later year) is mixed up
        with the rest, so leave that one as it is.

    Returns
    -------
    Task
        With the same splits, as long as no seed asks for another.

    Examples
    --------
    >>> from tlteach.data import few_shot, load_task
    >>> task = resplit(load_task("photos"))
    >>> one, other = (few_shot(task, 5, seed=seed) for seed in (0, 1))
    >>> one.test.index.equal(other.test.index), len(one.labelled), len(other.labelled)
    (False, 55, 55)
    """
    return replace(task, resplit=True)


@checked
def resolvable(task: Task, *, seeds: int = 5, level: float = 0.95) -> float:
    """Return about how large a difference of accuracies must be to be told at all.

    Half the interval of `verdict`, worked out before anything runs, for two methods that get about
    75 % right, independently of each other, so that one alone is right on 37.5 % of the images
    (the variance of a difference of shares: Connor 1987, doi:10.2307/2531961), half of whose
    variance is the images' own: n groups of test images, S seeds, and with Student's t

    - one test split: ``sqrt(t_S**2 * 0.5 * 0.375 / (n S) + t_n**2 * 0.5 * 0.375 / n)``;
    - `resplit`, n being one in five of all: ``t_S * sqrt((1 / S + 1 / 4) * 0.375 / n)``.

    Methods that mostly agree can be told apart at less.

    Parameters
    ----------
    task : Task
        Whose images count, by their groups.
    seeds : int, default 5
        That `compare` will run.
    level : float, default 0.95
        Of the interval.

    Returns
    -------
    float
        A fraction: 0.2 is 20 points.

    Raises
    ------
    ValueError
        For fewer than two seeds or groups of test images, or a level that is not between 0 and 1.

    Examples
    --------
    >>> from tlteach.data import load_task
    >>> photos = load_task("photos")
    >>> round(resolvable(photos), 2), round(resolvable(resplit(photos), seeds=20), 2)
    (0.09, 0.1)
    """
    in_range("seeds", seeds, 2)
    in_range("number of groups of test images", len(task.test.groups.unique()), 2)
    if not 0 < in_range("level", level, 0, 1) < 1:
        msg = f"level must be above 0 and below 1; got {level!r}"
        raise ValueError(msg)
    n, others = (len(split.groups.unique()) for split in (task.test, task.labelled))
    return smallest(n, others if task.resplit else None, seeds, level)
