"""Texts for a page: lines that it does not break in mid-word, counts with the right plural."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from textwrap import wrap

# DerivedCoreProperties.txt of Unicode 16, and the blank Braille pattern, which looks like nothing
IGNORABLE = (
    (0xAD, 0xAD), (0x34F, 0x34F), (0x61C, 0x61C), (0x115F, 0x1160), (0x17B4, 0x17B5),
    (0x180B, 0x180F), (0x200B, 0x200F), (0x202A, 0x202E), (0x2060, 0x206F), (0x2800, 0x2800),
    (0x3164, 0x3164), (0xFE00, 0xFE0F), (0xFEFF, 0xFEFF), (0xFFA0, 0xFFA0), (0xFFF0, 0xFFF8),
    (0x1BCA0, 0x1BCA3), (0x1D173, 0x1D17A), (0xE0000, 0xE0FFF),
)  # fmt: skip
FORMULA, CONTROL = (*"=+-@",), (*"\t\r\n",)
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


def visible(text: str) -> str:
    r"""Return a text that can be shown and saved anywhere: what has no shape is written as a code.

    Control characters, which a terminal would act on; halves of letters, which names of files hold
    that are no UTF-8; and what reads as nothing, such as a zero-width space.

    Parameters
    ----------
    text : str
        From anywhere.

    Returns
    -------
    str
        Printable, and encodable as UTF-8.

    Examples
    --------
    >>> visible("ana" + chr(0x200b)), visible("caf" + chr(0xdce9)), visible("Zoë 张")
    ('ana\\u200b', 'caf\\udce9', 'Zoë 张')
    """
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)


def without_ignorables(text: str) -> str:
    """Return a text without letters that nobody sees: Unicode's default-ignorable code points.

    Parameters
    ----------
    text : str
        From anywhere.

    Returns
    -------
    str
        Without zero-width spaces, marks of direction, fillers and the like.

    Examples
    --------
    >>> without_ignorables("a" + chr(0x200B) + "n" + chr(0x3164) + "a")
    'ana'
    """
    return "".join(c for c in text if not any(low <= ord(c) <= high for low, high in IGNORABLE))


def unformula(text: str) -> str:
    """Return a text for a cell that no spreadsheet takes for a formula, all of it to be seen.

    Parameters
    ----------
    text : str
        From anywhere.

    Returns
    -------
    str
        With an apostrophe before it where it begins like a formula.

    Examples
    --------
    >>> unformula("=1+1"), unformula("1+1"), unformula(chr(0xFF1D) + "1")
    ("'=1+1", '1+1', "'＝1")
    """
    shown = visible(text)
    # full-width signs, and signs behind a blank, begin one as well
    begin = unicodedata.normalize("NFKC", text).lstrip()[:1]
    return f"'{shown}" if begin in FORMULA or text[:1] in CONTROL else shown
