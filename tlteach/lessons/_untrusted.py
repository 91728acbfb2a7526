"""Checks of data from anywhere: short reasons, and nothing that a terminal would act on."""

from __future__ import annotations

import json
import re
import stat
import unicodedata
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tlteach.base import in_range, without_ignorables

MOST_TEXT = 500  # characters
MOST_DIGITS = 30
PICKLE = re.compile(rb"\x80[\x02-\x05]")  # how a pickle begins, with its version


class Refused(ValueError):  # noqa: N818  # a file's fault, not the program's
    """A file that is not used; the message says why."""


def read_json(path: Path, most: int) -> Any:
    """Read a file as JSON, and as nothing else: no link is followed, no code is run.

    Parameters
    ----------
    path : Path
        The file.
    most : int
        Bytes it may have.

    Raises
    ------
    Refused
        With the reason.
    OSError
        For a file that is not there or cannot be opened.
    """
    about = path.lstat()
    if stat.S_ISLNK(about.st_mode):
        reason = "is a link, and links are not followed"
    elif not stat.S_ISREG(about.st_mode):  # a pipe would be waited for without end
        reason = "is no file"
    else:
        with path.open("rb") as file:
            raw = file.read(most + 1)
        if len(raw) <= most:
            return _decoded(raw)
        size = max(about.st_size, len(raw))
        reason = f"is too large: {megabytes(size)}, and {megabytes(most)} are allowed"
    raise Refused(reason)


def megabytes(n: int) -> str:
    """Return a number of bytes as text.

    Examples
    --------
    >>> megabytes(5_000_000)
    '5.0 MB'
    """
    return f"{n / 1e6:.1f} MB"


def _decoded(raw: bytes) -> Any:
    if not raw.strip():
        reason = "is empty"
    elif PICKLE.match(raw):
        reason = "is a pickle, which could run code; it was not opened"
    else:
        try:
            text = raw.decode("utf-8-sig")
            return json.loads(
                text, parse_constant=_no_number, parse_int=_whole, object_pairs_hook=_once
            )
        except UnicodeDecodeError:
            reason = "is no text in UTF-8"
        except RecursionError:
            reason = "is nested too deeply"
        except json.JSONDecodeError as error:
            reason = f"is cut off or damaged at character {error.pos} of {len(text)}: {error.msg}"
        except ValueError as error:  # of the three below
            reason = str(error)
    raise Refused(reason)


def _no_number(name: str) -> None:
    msg = f"holds {name}, which is no number"
    raise ValueError(msg)


def _whole(digits: str) -> int:
    if len(digits) > MOST_DIGITS:
        msg = f"holds a number of {len(digits)} digits"
        raise ValueError(msg)
    return int(digits)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    known = dict(pairs)
    if len(known) < len(pairs):
        msg = "holds a key twice"
        raise ValueError(msg)
    return known


def shortened(text: str, most: int = 60) -> str:
    """Return a text of at most so many characters.

    Examples
    --------
    >>> shortened("a" * 100, 10)
    'aaaaaaa...'
    """
    return text if len(text) <= most else f"{text[: most - 3]}..."


def short(value: Any) -> str:
    """Return a value as text of at most 60 characters, none of them a control character."""
    return shortened(repr(value))


def check_text(name: str, value: Any, most: int = MOST_TEXT) -> str:
    """Return a text that is not long and that a terminal can show."""
    if not isinstance(value, str):
        msg = f"{name} must be text; got {short(value)}"
        raise TypeError(msg)
    if len(value) > most:
        msg = f"{name} must have at most {most} characters; got {len(value)}"
        raise ValueError(msg)
    if not value.isprintable():
        msg = f"{name} must hold no control characters; got {short(value)}"
        raise ValueError(msg)
    return value


def check_count(name: str, value: Any, low: int = 0, high: int = 2**53) -> int:
    """Return a whole number of a range."""
    if not isinstance(value, int) or isinstance(value, bool):
        msg = f"{name} must be a whole number; got {short(value)}"
        raise TypeError(msg)
    return int(in_range(name, value, low, high))


def check_list(name: str, value: Any, most: int) -> list[Any]:
    """Return a list that is not long."""
    if not isinstance(value, list):
        msg = f"{name} must be a list; got {short(value)}"
        raise TypeError(msg)
    in_range(f"length of {name}", len(value), 0, most)
    return value


def check_object(name: str, value: Any, keys: Sequence[str] | None = None) -> dict[str, Any]:
    """Return an object, with exactly these keys where some are given."""
    if not isinstance(value, dict):
        msg = f"{name} must be an object; got {short(value)}"
        raise TypeError(msg)
    if keys is not None and set(value) != set(keys):
        missing = ", ".join(key for key in keys if key not in value) or "nothing"
        unknown = ", ".join(short(key) for key in value if key not in keys) or "nothing"
        msg = f"{name} must have {', '.join(keys)}; missing {missing}; unknown {unknown}"
        raise ValueError(msg)
    return value


def check_alias(value: Any) -> str:
    """Return an alias that is safe in a file's name, in a table and in a spreadsheet.

    Letters are written in one way, and those that nobody sees are left out.

    Raises
    ------
    TypeError
        For anything but text.
    ValueError
        For what looks like a path, and for what does not begin with a letter or a digit.

    Examples
    --------
    >>> check_alias("Ana M.")
    'Ana M.'
    >>> check_alias("../ana")
    Traceback (most recent call last):
        ...
    ValueError: alias must not look like a path; got '../ana'
    """
    text = check_text("alias", value, 60)
    alias = without_ignorables(unicodedata.normalize("NFC", text))
    if any(sign in alias for sign in '/\\:*?"<>|') or ".." in alias:
        msg = f"alias must not look like a path; got {alias!r}"
        raise ValueError(msg)
    if not alias[:1].isalnum() or alias != alias.strip():  # "=" begins a formula in a spreadsheet
        msg = f"alias must begin with a letter or a digit and end without a space; got {alias!r}"
        raise ValueError(msg)
    return alias
