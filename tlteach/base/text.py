"""Texts for a page: lines that it does not break in mid-word, counts with the right plural."""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import wrap

WIDTH = 88  # letters: JupyterLab breaks what is wider wherever it happens to be


def wrapped(text: str, indent: int = 0) -> str:
    """Return a text broken at words, for a page that would break it anywhere.

    Parameters
    ----------
    text : str
        Its own line breaks stay.
    indent : int, default 0
        Spaces before what goes on from the line above.

    Returns
    -------
    str
        No line is longer than 88 letters, unless a single word is.

    Examples
    --------
    >>> print(wrapped("a picture " * 12))
    a picture a picture a picture a picture a picture a picture a picture a picture
    a picture a picture a picture a picture
    """
    return "\n".join(
        part
        for line in text.splitlines()
        for part in wrap(
            line,
            WIDTH,
            subsequent_indent=" " * indent,
            break_long_words=False,
            break_on_hyphens=False,
        )
        or [""]
    )


def unwrapped(lines: Sequence[str]) -> list[str]:
    """Return lines as they were before `wrapped` broke them.

    A line was broken where the next word has no room on it.

    Parameters
    ----------
    lines : sequence of str
        What was printed, line by line.

    Returns
    -------
    list of str
        One for each line that went into `wrapped`.

    Examples
    --------
    >>> unwrapped([*wrapped("a picture " * 12).splitlines(), "done"])[1]
    'done'
    """
    whole: list[str] = []
    last = ""
    for line in lines:
        word = line.split(" ", 1)[0]
        if last and word and len(last) <= WIDTH < len(last) + 1 + len(word):
            whole[-1] += f" {line}"
        else:
            whole.append(line)
        last = line
    return whole


def counted(n: object, one: str, several: str = "") -> str:
    """Return a number with what it counts.

    Parameters
    ----------
    n : object
        The number; 1 alone takes `one`.
    one : str
        What is counted.
    several : str, optional
        Its plural; default `one` with an s.

    Returns
    -------
    str
        Such as "5 shots".

    Examples
    --------
    >>> counted(1, "shot"), counted(5, "shot"), counted(2, "class", "classes")
    ('1 shot', '5 shots', '2 classes')
    """
    return f"{n} {one if n == 1 else several or f'{one}s'}"
