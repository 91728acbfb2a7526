"""The card of a trained model as Markdown: what it learnt from, how good it is, where it ends."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from tlteach.measures import Calibration
from tlteach.models.backbone import ModelCard
from tlteach.models.intake import Intake

TERMS = ("Source", "Licence", "Attribution")


def describe(
    source: ModelCard,
    classes: tuple[str, ...],
    intake: Intake,
    calibration: Calibration,
    training: Mapping[str, Any],
    data: Mapping[str, Any],
    metrics: pd.DataFrame,
    provenance: Mapping[str, Any],
) -> str:
    """Return the card; the arguments are what a `TrainedModel` holds."""
    regime, config = training["regime"]["name"], training["config"]
    setting = ", ".join(f"{name} {_short(config[name])}" for name in training["searched"])
    versions = ", ".join(f"{name} {number}" for name, number in provenance["versions"].items())
    sections = {
        "What it does": (
            f"Tells {len(classes)} classes apart: {', '.join(classes)}. Made for learning and "
            "teaching; try it on data of your own before anything depends on it."
        ),
        "Data": (
            f"{data['title']}: {data['labels']} labelled inputs ({_counts(data)})."
            + "".join(f" {word}: {ended(data[word.lower()])}" for word in TERMS)
        ),
        "Weights": _weights(source, classes),
        "Training": (
            f"Regime {regime}, seed {training['seed']}, {setting}, "
            f"{training['trained']:,} of {training['total']:,} parameters learned. "
            f"{training['why']}"
        ),
        "Inputs": f"{intake.told}; then the backbone's own preprocessing: {_pairs(training)}.",
        "How good it is": _table(metrics),
        "Limits": "\n".join(f"- {line}" for line in _limits(calibration, training, len(classes))),
        "Provenance": (
            f"{provenance['date']}; {versions}; data {data['fingerprint'][:12]}, "
            f"weights {provenance['weights'][:12]}."
        ),
    }
    text = "\n\n".join(f"## {title}\n\n{body}" for title, body in sections.items())
    return f"# {data['name']}, {source.name} {training['label']}\n\n{text}\n"


def ended(text: str) -> str:
    """Return a text with one full stop behind it.

    Examples
    --------
    >>> ended("BSD-3-Clause"), ended("As is.")
    ('BSD-3-Clause.', 'As is.')
    """
    return text.rstrip(".") + "."


def _short(value: float | str) -> str:
    return value if isinstance(value, str) else f"{value:.3g}"


def _counts(data: Mapping[str, Any]) -> str:
    return ", ".join(f"{name} {n}" for name, n in data["counts"].items())


def _weights(source: ModelCard, classes: tuple[str, ...]) -> str:
    if source.source == "none":
        return f"{source.name}: random at the start, so they know nothing but the data above."
    return (
        f"{source.name}, trained on {source.source} ({source.origin}). "
        f"Licence: {ended(source.licence)} {source.overlap(classes)}"
    )


def _pairs(training: Mapping[str, Any]) -> str:
    return ", ".join(f"{name} {value}" for name, value in training["preprocessing"].items())


def _table(metrics: pd.DataFrame) -> str:
    rows = ["| of | split | metric | value | 95 % interval | n |", "|---|---|---|---|---|---|"]
    for row in metrics.itertuples():
        interval = f"{row.ci_low:.3f} to {row.ci_high:.3f}".replace("nan to nan", "none")
        rows.append(
            f"| {row.what} | {row.split} | {row.metric} | {row.value:.3f} | {interval} "
            f"| {row.n} {row.unit} |"
        )
    return "\n".join(rows)


def _limits(calibration: Calibration, training: Mapping[str, Any], n_classes: int) -> list[str]:
    lines = [
        f"It answers one of {n_classes} classes whatever it is shown; what is none of them gets "
        "a class too, often with a high confidence.",
        "It was tested on data of the same origin. Other cameras, places or people may lower it.",
    ]
    if calibration.reason:
        lines.append(f"Confidences are as the network gives them: {calibration.reason}.")
    else:
        lines.append(
            f"Confidences are divided by the temperature {calibration.temperature:.2f}, fitted on "
            f"{calibration.n} labels held out from the same training with fewer labels."
        )
    if calibration.threshold is not None:
        lines.append(
            f'"None of these" means a confidence below {calibration.threshold:.2f}, which keeps '
            "95 % of the right held-out answers. It was not tried on foreign things."
        )
    return lines + list(training["notes"])
