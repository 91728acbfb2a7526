"""What a notebook shows of an audit: by severity, with the names of files."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from tlteach.base.markup import shorter, shown, table, tag

FIRST = 8  # findings of a severity that are shown
LONG = 160  # letters of a sentence
MEANS = {"error": "mend before anything else", "warning": "look at it", "note": "know it"}


class Findings(pd.DataFrame):
    """The table of an audit: a DataFrame that a notebook shows by severity.

    What is picked from it, such as ``found.head()`` or ``found[found["kind"] == "copy"]``, is a
    plain DataFrame and shows all its columns.

    Examples
    --------
    >>> found = Findings({"severity": ["note"], "kind": ["copy"], "file": ["a.png"],
    ...     "label": ["cup"], "found": ["same pixels as b.png"], "do": ["take one out"]})
    >>> "a.png" in found._repr_html_(), type(found.head()) is pd.DataFrame
    (True, True)
    """

    def _repr_html_(self) -> str:
        groups = [_group(word, self[self["severity"] == word]) for word in MEANS]
        title = shorter(self.attrs.get("summary", "Audit"), LONG)
        heads = ("file", "kind", "label", "found", "do")
        if not len(self):
            return shown(tag("p", tag("b", title)), tag("p", "Nothing was found."))
        return shown(table(title, heads, *filter(None, groups)))


def _group(word: str, rows: pd.DataFrame) -> list[Sequence[object]]:
    """Return the rows of one severity under a line that names it; none if there are none."""
    if rows.empty:
        return []
    more = f", the first {FIRST} of {len(rows)}" if len(rows) > FIRST else ""
    told: list[Sequence[object]] = [(f"{word}: {MEANS[word]}{more}",)]
    for _, row in rows.head(FIRST).iterrows():
        kind = tag("span", row["kind"], style="white-space: nowrap")
        file, label, found = (
            shorter(row["file"]),
            shorter(row["label"]),
            shorter(row["found"], LONG),
        )
        told.append((file or "no one file", kind, label, found, row["do"]))
    return told
