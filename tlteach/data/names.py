"""Names of files and classes: their order, twins among them, and lists of them in words."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from itertools import groupby

JUNK = {
    "__macosx", "@eadir", "#recycle", "$recycle.bin", "system volume information", "lost+found",
    "thumbs.db", "ehthumbs.db", "desktop.ini", "icon\r",
}  # fmt: skip
IMAGES = {
    ".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".gif", ".bmp", ".tif", ".tiff", ".webp", ".heic",
    ".heif", ".avif", ".jp2", ".ppm", ".pgm",
}  # fmt: skip
NO_IMAGES = {  # what lies beside photographs: annotations, films, sound, papers
    ".xml", ".txt", ".json", ".jsonl", ".csv", ".tsv", ".yaml", ".yml", ".xmp", ".aae", ".thm",
    ".mp4", ".mov", ".avi", ".m4v", ".3gp", ".mkv", ".webm", ".wav", ".mp3", ".m4a", ".md",
    ".html", ".htm", ".pdf", ".doc", ".docx", ".xls", ".xlsx", ".log",
}  # fmt: skip
NAMED = 8  # names in a note; an error names all
LONGEST = 80  # characters of a name: every file system takes so many
RESERVED = {"con", "prn", "aux", "nul"} | {
    f"{port}{i}" for port in ("com", "lpt") for i in range(10)
}


def one_form(name: str) -> str:
    """Return a name with its accents composed, as NFC: what looks the same is the same."""
    return unicodedata.normalize("NFC", name)


def natural(name: str) -> tuple[list[str | int], str]:
    """Return the key that sorts names as people do.

    Examples
    --------
    >>> sorted(["img10", "Zoo", "img2", "ant"], key=natural)
    ['ant', 'img2', 'img10', 'Zoo']
    """
    plain = one_form(name)
    parts = re.split(r"(\d+)", plain.casefold())
    return [int(part) if i % 2 else part for i, part in enumerate(parts)], plain


def some(names: Iterable[str], between: str = ", ") -> str:
    """Join names for a note: the first ones, and how many more there are.

    Examples
    --------
    >>> some(f"{i}.jpg" for i in range(10))
    '0.jpg, 1.jpg, 2.jpg, 3.jpg, 4.jpg, 5.jpg, 6.jpg, 7.jpg and 2 more'
    """
    known = list(names)
    more = f" and {len(known) - NAMED} more" if len(known) > NAMED else ""
    return between.join(known[:NAMED]) + more


def told_twins(classes: Iterable[str]) -> list[str]:
    """Return notes on class names that differ by case or by spaces at their ends alone.

    They are often one class, but A and a are letters.

    Examples
    --------
    >>> told_twins(["cat", "Cat", "dog"]), told_twins(["cat", "cat "])[0][:12]
    (['Cat, cat are different classes here; are they one?'], "cat, 'cat ' ")
    """

    def bare(name: str) -> str:
        return name.strip().casefold()

    alike = [list(names) for _, names in groupby(sorted(classes, key=lambda n: (bare(n), n)), bare)]
    shown = [
        ", ".join(name if name == name.strip() else repr(name) for name in names)
        for names in alike
        if len(names) > 1
    ]
    return [f"{names} are different classes here; are they one?" for names in shown]


def told_forms(labels: Iterable[str]) -> list[str]:
    """Return a note on labels that are written with composed and with separate accents.

    Examples
    --------
    >>> told_forms(["caf\u00e9", "cafe\u0301", "tea"])
    ['written with composed and with separate accents, taken as one class each: café']
    """
    forms: dict[str, set[str]] = {}
    for label in labels:
        forms.setdefault(one_form(label), set()).add(label)
    several = [label for label, written in forms.items() if len(written) > 1]
    what = "written with composed and with separate accents, taken as one class each"
    return [f"{what}: {some(several)}"] if several else []


def count(n: int, what: str) -> str:
    """Return a number of things in words.

    Examples
    --------
    >>> count(1, "image"), count(2, "image")
    ('1 image', '2 images')
    """
    return f"{n} {what}" if n == 1 else f"{n} {what}s"


def fault_of(name: str) -> str:
    """Return why a name cannot be a folder's on every system, or "" if it can.

    Examples
    --------
    >>> fault_of("street lamp"), fault_of("../lamp"), fault_of("con")
    ('', "holds '/'", 'is a name that Windows keeps for itself')
    """
    strange = [c for c in name if c in '/\\:*?"<>|' or unicodedata.category(c) == "Cc"]
    if not name.strip():
        return "is empty"
    if strange:
        return f"holds {strange[0]!r}"
    if len(name) > LONGEST:
        return f"has {len(name)} characters, the most is {LONGEST}"
    if name.split(".")[0].rstrip().lower() in RESERVED:
        return "is a name that Windows keeps for itself"
    if name != name.strip() or name.endswith(".") or name.startswith("."):
        return "begins or ends with a space or a dot"
    return "is what systems leave behind" if name.lower() in JUNK else ""
