"""`pretrain`: train a small network on a source and keep it, with its card."""

from __future__ import annotations

import json
import platform
from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import joblib
import torch
from filelock import FileLock

from tlteach.base import atomic_write, checked, device as machine, in_range, one_of, sha256
from tlteach.data.shipped import made_here
from tlteach.models import SOURCES, Classifier, load_source, small_file
from tlteach.models.small import CARDS, cards_in, net_for
from tlteach.training.packages import versions
from tlteach.training.run import train
from tlteach.training.settings import TrainConfig

# Nothing is chosen: the middle of the range from scratch (rule P4), batches of 64, and more passes
# over every source than it needs. The last step is what is kept.
RECIPE = TrainConfig(
    lr=0.05, updates=1000, batch_size=64, weight_decay=5e-4, augment="shift", precision="fp32"
)
SEEDS = range(5)
ABOUT = """# Weights of the small networks

`load_backbone("small:SOURCE", seed=N)`: `resnet8` (77k parameters, 32 px), trained from random
weights on a source that ships with tlteach, by `tlteach pretrain SOURCE`, with the head it had
there. `load_backbone("speech_cnn", seed=N)` and `load_backbone("deepspeech_mini", seed=N)` learned
the source accents of the task `spoken`, which is SYNTHETIC speech. Names that end in permuted,
shuffled or conflict are controls, made to be bad sources. The weights are BSD-3-Clause; the
licence of the source's data, its class names, the SHA-256 of each file, versions and machine stand
in `cards.json`. The same command gives the same bits on one machine's CPU. Seconds are wall time,
some of it beside other work; alone a run of `resnet8` takes about 20.

| source | seed | classes | training images | accuracy on own test | test images | seconds |
|---|---:|---:|---:|---:|---:|---:|"""


def pretrain(
    source: str,
    *,
    seed: int,
    config: TrainConfig = RECIPE,
    out: str | Path | None = None,
    device: str | torch.device | None = None,
) -> dict[str, Any]:
    """Train the small network of a source from scratch; write its weights and its card.

    Parameters
    ----------
    source : str
        A key of `SOURCES`.
    seed : int
        Sets the fresh weights, the order, the augmentation and, in controls, what is random.
    config : TrainConfig, default `RECIPE`
        The settings.
    out : str or Path, optional
        Folder; default in a clone the one that ships, from which `load_backbone` reads. An
        installed package stays as it is: there the default is ``made/weights`` in the cache folder,
        from which `load_small` reads by its `folder`.
    device : str or torch.device, optional
        Default: the best one here. The same command gives the same bits on the CPU.

    Returns
    -------
    dict
        The card: source, seed, command, classes, accuracy on the source's own test, ...

    Examples
    --------
    >>> import tempfile
    >>> tiny = TrainConfig(updates=2, precision="fp32")
    >>> card = pretrain("fashion_0_4", seed=0, config=tiny, out=tempfile.mkdtemp())
    >>> card["file"], card["test_images"]
    ('small-fashion_0_4-0.safetensors', 1000)
    """
    one_of("source", source, SOURCES)
    where = machine.pick(device)
    task = load_source(source, seed=seed)
    with machine.threads(1 if where.type == "cpu" else torch.get_num_threads()):
        run = train(net_for(source), task, "scratch", config, seed=seed, device=where)
        scores = run.test(task, device=where)
    folder = Path(out) if out is not None else made_here() / "weights"
    path = folder / small_file(source, seed)
    _save(run.model, path)
    card = {
        "file": path.name,
        "sha256": sha256(path),
        "source": source,
        "seed": seed,
        "command": f"tlteach pretrain {source}",
        "classes": list(task.classes),
        "data": task.fingerprint,
        "data_licence": task.card.licence,
        "training_images": len(task.train),
        "test_images": len(task.test),
        "accuracy": round(scores["accuracy"], 4),
        "updates": run.updates,
        "images": run.images,
        "seconds": round(run.seconds, 1),
        "machine": f"{machine.processor()}, {where.type}",
        "date": date.today().isoformat(),
        "versions": versions() | {"system": platform.system()},
    }
    _add_card(folder, card)
    return card


@checked
def pretrain_all(
    sources: Iterable[str] = SOURCES,
    seeds: Iterable[int] = SEEDS,
    *,
    config: TrainConfig = RECIPE,
    out: str | Path | None = None,
    n_jobs: int = -1,
) -> list[dict[str, Any]]:
    """Call `pretrain` for each source and seed, one process and one thread for each core.

    Parameters
    ----------
    sources : iterable of str
        Keys of `SOURCES`; default all.
    seeds : iterable of int
        Each 0 or larger; default those that ship.
    config : TrainConfig, default `RECIPE`
        The settings.
    out : str or Path, optional
        Folder; default as in `pretrain`.
    n_jobs : int, default -1
        Processes; -1 for one a core.

    Returns
    -------
    list of dict
        The cards, by source and then seed.

    Raises
    ------
    ValueError
        For an unknown source or a negative seed, before anything is trained.

    Examples
    --------
    >>> pretrain_all([], [])
    []
    """
    plan = [(one_of("source", source, SOURCES), seed) for source in sources for seed in seeds]
    for _, seed in plan:
        in_range("seed", seed, 0)
    call = joblib.delayed(machine.as_worker)
    work = (call(pretrain, source, seed=seed, config=config, out=out) for source, seed in plan)
    with machine.workers_may_be_replaced():
        cards: list[dict[str, Any]] = joblib.Parallel(n_jobs)(work)
    return cards


def _save(model: Classifier, path: Path) -> None:
    """Write backbone and head: some transferability scores need the source's own answers."""
    from safetensors.torch import save_file

    state = {f"net.{name}": tensor for name, tensor in model.backbone.net.state_dict().items()}
    state |= {f"head.{name}": tensor for name, tensor in model.head.state_dict().items()}
    with atomic_write(path) as temporary:
        save_file({name: tensor.contiguous() for name, tensor in state.items()}, temporary)


def _add_card(folder: Path, card: Mapping[str, Any]) -> None:
    path = folder / CARDS
    with FileLock(folder / f".{CARDS}.lock"):  # processes side by side must not lose a card
        cards = cards_in(folder)
        cards[card["file"]] = dict(card)
        with atomic_write(path) as temporary:
            temporary.write_text(json.dumps(cards, indent=1, sort_keys=True) + "\n")
        with atomic_write(folder / "README.md") as temporary:
            temporary.write_text(describe(cards))


def describe(cards: Mapping[str, Mapping[str, Any]]) -> str:
    """Return the model cards of a folder of weights as Markdown.

    Examples
    --------
    >>> print(describe({}).splitlines()[0])
    # Weights of the small networks
    """
    lines = [ABOUT]
    lines += [
        f"| {c['source']} | {c['seed']} | {len(c['classes'])} | {c['training_images']} "
        f"| {c['accuracy']:.3f} | {c['test_images']} | {c['seconds']:.0f} |"
        for c in sorted(cards.values(), key=lambda c: (c["source"], c["seed"]))
    ]
    return "\n".join(lines) + "\n"
