"""What a figure says in words: checked tables, numbers as text, descriptions for the blind."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from weakref import WeakKeyDictionary

import pandas as pd
from matplotlib.axes import Axes

from tlteach.base import checked, counted, wrapped
from tlteach.measures import Verdict, false_words_told
from tlteach.measures.estimate import OVER_BOTH, OVER_SEEDS, OVER_SPLITS
from tlteach.measures.verdicts import COLUMNS
from tlteach.plots.letters import literal

QUANTITY = {
    "accuracy": "accuracy",
    "balanced_accuracy": "balanced accuracy",
    "loss": "loss (nats per image)",
    "log_loss": "log loss (nats per image)",
    "brier": "Brier score",
    "ece": "expected calibration error",
}
FRACTIONS = ("accuracy", "balanced_accuracy")  # shown in percent; the data stay fractions


SPOKEN = {  # what axes say for names that are typed
    "fashion_5_9": "clothes",
    "fashion_0_4": "other clothes",
    "frozen_random": "frozen, random weights",
    "fine_tune": "fine-tuned",
    "fine_tune_still": "fine-tuned, statistics still",
    "fine_tune_moving": "fine-tuned, statistics move",
    "lp_ft": "LP-FT",
    "l2_sp": "L2-SP",
    "lora": "LoRA",
    "bitfit": "BitFit",
    "bn_only": "BatchNorm alone",
    "bn_stats": "new statistics",
    "coral": "CORAL",
}


def spoken(name: object) -> str:
    """Return what an axis says for a name of the code.

    Examples
    --------
    >>> spoken("raw_pixels"), spoken("fashion_5_9"), spoken("emoji")
    ('raw pixels', 'clothes', 'emoji')
    """
    return SPOKEN.get(str(name), plain(name))


def plain(name: object) -> str:
    """Return a name of the code, such as a class, as people write it.

    Examples
    --------
    >>> plain("hoofed_mammal")
    'hoofed mammal'
    """
    return str(name).replace("_", " ")


def check_columns(name: str, table: pd.DataFrame, columns: Sequence[str]) -> None:
    """Raise unless the table has these columns and at least one row."""
    missing = [column for column in columns if column not in table.columns]
    if missing:
        msg = (
            f"{name} must have the columns {', '.join(columns)}; "
            f"missing: {', '.join(missing)}; got {', '.join(map(str, table.columns))}"
        )
        raise ValueError(msg)
    if table.empty:
        msg = f"{name} must have at least one row; got none"
        raise ValueError(msg)


def only(name: str, table: pd.DataFrame, column: str, default: Any = None) -> Any:
    """Return the one value that a column holds, or `default` where there is no such column."""
    if column not in table.columns:
        return default
    values = table[column].unique().tolist()
    if len(values) == 1:
        return values[0]
    msg = (
        f"{name} must hold one {column}; got {', '.join(map(repr, values))}; "
        f"choose one: {name}[{name}[{column!r}] == {values[0]!r}]"
    )
    raise ValueError(msg)


def having(name: str, table: pd.DataFrame, **wanted: Any) -> pd.DataFrame:
    """Return the rows with the wanted values; a column that is not there excludes no row."""
    for column, value in wanted.items():
        if column not in table.columns or value is None:
            continue
        rows = table[table[column] == value]
        if rows.empty:
            got = ", ".join(map(repr, table[column].unique().tolist()))
            msg = f"{name} must hold rows with {column} {value!r}; got {got}"
            raise ValueError(msg)
        table = rows
    return table


def one_row_each(name: str, table: pd.DataFrame, columns: list[str]) -> None:
    """Raise unless these columns tell the rows of a table apart."""
    twice = table[table.duplicated(columns)]
    if twice.empty:
        return
    row = ", ".join(f"{column} {twice.iloc[0][column]}" for column in columns)
    msg = (
        f"{name} must hold one row for each {' and '.join(columns)}; "
        f"got several for {row}: choose one backbone"
    )
    raise ValueError(msg)


def number(value: float, metric: str) -> str:
    """Return a value as text, accuracy in percent.

    Examples
    --------
    >>> number(0.6234, "accuracy"), number(1.2345, "log_loss")
    ('62.3%', '1.23')
    """
    return f"{value:.1%}" if metric in FRACTIONS else f"{value:.2f}"


def mean_text(row: pd.Series[Any], metric: str) -> str:
    """Return a mean with its interval as text."""
    mean = number(row["mean"], metric)
    if pd.isna(row["ci_low"]):
        return mean
    return f"{mean} ({number(row['ci_low'], metric)} to {number(row['ci_high'], metric)})"


def ends_text(line: pd.DataFrame, metric: str, *, interval: bool) -> str:
    """Return the first and the last mean of a learning curve as text."""
    ends = line.iloc[:: max(1, len(line) - 1)]
    means = [
        mean_text(row, metric) if interval else number(row["mean"], metric)
        for _, row in ends.iterrows()
    ]
    shots = [counted(k, "shot") for k in ends["shots"]]
    return ", ".join(f"{mean} at {k}" for mean, k in zip(means, shots, strict=True))


def seeds_text(rows: pd.DataFrame) -> str:
    """Return the number of seeds as text."""
    counts = [str(n) for n in sorted(rows["n_seeds"].unique())]
    return "1 seed" if counts == ["1"] else f"{' or '.join(counts)} seeds"


def over_text(rows: pd.DataFrame) -> str:
    """Return what the intervals of a table from `summarize` are over; of others: seeds alone."""
    found = set(rows["over"]) if "over" in rows.columns else {OVER_SEEDS}
    if found == {OVER_BOTH}:
        return "over seeds and test images"
    if found == {OVER_SPLITS}:
        return "over seeds, each with its own split"
    return "over seeds alone" if found == {OVER_SEEDS} else "over seeds, and images where known"


def verdict_texts(pairs: pd.DataFrame) -> list[str]:
    """Return a sentence per row of a table from `paired`; below several, how many may be false."""
    check_columns("pairs", pairs, COLUMNS)
    said = (Verdict.from_row(row) for _, row in pairs.iterrows())
    told = [str(replace(one, a=spoken(one.a), b=spoken(one.b))) for one in said]
    words = int((pairs["verdict"] != "").sum())
    return [*told, false_words_told(words).removesuffix(".")] if words > 1 else told


_DESCRIPTIONS: WeakKeyDictionary[Axes, str] = WeakKeyDictionary()


def tell(ax: Axes, text: str) -> Axes:
    """Remember what the axes show, in words; take their texts as they are; return them."""
    literal(ax)
    _DESCRIPTIONS[ax] = text
    return ax


@checked
def describe(ax: Axes) -> str:
    """Return what a figure shows, in a sentence or two with its numbers, for a screen reader.

    Lines are broken at words, to be printed.

    Parameters
    ----------
    ax : Axes
        Returned by a function of `tlteach.plots`.

    Returns
    -------
    str
        Lines of at most 88 letters.

    Raises
    ------
    ValueError
        For axes that no function of `tlteach.plots` drew on.

    Examples
    --------
    >>> import torch
    >>> from tlteach import plots
    >>> plots.describe(plots.image_grid(torch.zeros(2, 1, 8, 8, dtype=torch.uint8)))
    'Grid of 2 images, 8 by 8 pixels.'
    """
    return wrapped(in_words(ax))


def in_words(ax: Axes) -> str:
    """Return what `describe` does, in one line."""
    if ax not in _DESCRIPTIONS:
        msg = f"ax must come from a function of tlteach.plots; got {ax!r}"
        raise ValueError(msg)
    return _DESCRIPTIONS[ax]


def after(title: str, text: str) -> str:
    """Return a text behind what was found, if that is given.

    Examples
    --------
    >>> after("It helps", "Ten seeds."), after("", "Ten seeds.")
    ('It helps. Ten seeds.', 'Ten seeds.')
    """
    return f"{title.rstrip('.')}. {text}" if title else text
