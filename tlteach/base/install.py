"""How this package is installed: as a clone or from a wheel, and what follows from that."""

from __future__ import annotations

from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[1]


def clone() -> Path | None:
    """Return the folder of the clone that this package is imported from; None from a wheel.

    Returns
    -------
    Path or None
        Where pyproject.toml lies.

    Examples
    --------
    >>> folder = clone()
    >>> folder is None or (folder / "pyproject.toml").is_file()
    True
    """
    folder = PACKAGE.parent
    # a wheel brings its notebooks inside the package, whatever else lies beside it
    inside = (PACKAGE / "_notebooks").is_dir()
    return folder if (folder / "pyproject.toml").is_file() and not inside else None


def course_folder() -> Path:
    """Return the folder of the course: beside the package in a clone, inside it in a wheel.

    It holds the notebooks and their sources, the solved ones, notes, exam questions and glossary.

    Returns
    -------
    Path
        Where glossary.md lies.

    Raises
    ------
    FileNotFoundError
        Where somebody took the package alone out of a clone.

    Examples
    --------
    >>> (course_folder() / "00_start.ipynb").is_file()
    True
    """
    places = (PACKAGE / "_notebooks", PACKAGE.parent / "notebooks")
    for folder in places:
        if (folder / "glossary.md").is_file():
            return folder
    msg = (
        "the notebooks must lie inside an installed package or beside it in a clone; "
        f"got neither {places[0]} nor {places[1]}: install tlteach again"
    )
    raise FileNotFoundError(msg)


def adding(*extras: str) -> str:
    """Return the command that adds extras to this very install.

    Parameters
    ----------
    *extras : str
        Such as "text"; none gives the package alone.

    Returns
    -------
    str
        With pip.

    Examples
    --------
    >>> adding("text").endswith('[text]"')
    True
    """
    wanted = f"[{','.join(extras)}]" if extras else ""
    here = clone()
    if here is None:
        return f'pip install "tlteach{wanted}"'
    # notebooks run in folders of their own, where "." would be another place
    place = "." if Path.cwd() == here else str(here)
    return f'pip install -e "{place}{wanted}"'
