"""Which files of a folder are images of which class: found, passed over and told, or refused.

Nothing is decoded here: `images` does that, `own` makes the task.
"""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

from tlteach.data.found import File, Found, folders_in, look_beside, loose_in, walk
from tlteach.data.names import count, natural, one_form, some
from tlteach.data.sites import are_sites, told_sites

SPLIT_NAMES = {"train": "train", "val": "val", "valid": "val", "validation": "val", "test": "test"}
POOL_NAMES = {"test", "test1", "unlabelled", "unlabeled"}  # where they hold loose images
NUMBERED = re.compile(r"(.+)\.\d+\.[^.]+")  # Kaggle's cat.0.jpg


def find_images(path: Path, *, domains: bool | None = None) -> Found:
    """Find the images of each class.

    Parameters
    ----------
    path : Path
        Holds ``cat/*.jpg dog/*.jpg``, or ``train/cat/*.jpg ... val/dog/*.jpg``, or
        ``cat.0.jpg dog.12.jpg``, or a single folder that does. Beside them a folder ``test`` or
        ``unlabelled`` of loose images is the pool. Hidden files and what systems leave behind
        are passed over and told.
    domains : bool, optional
        Whether the folders are places with class folders in each. Default: by `are_sites`.

    Raises
    ------
    NotADirectoryError
        If there is no such folder.
    ValueError
        For fewer than two classes, empty classes, names that look the same, and split folders
        that do not fit together.
    """
    if not path.is_dir():
        msg = f"{path} is not a folder, nor a zip or tar archive"
        raise NotADirectoryError(msg)
    found = Found(path)
    root = _descended(found)
    folders = folders_in(root)
    pool = [folder for folder in folders if folder.name.lower() in POOL_NAMES and _is_loose(folder)]
    folders = [folder for folder in folders if folder not in pool]
    parts = {SPLIT_NAMES.get(folder.name.lower(), ""): folder for folder in folders}
    parts.pop("", None)
    if pool and list(parts) == ["train"] and len(folders) == 1:
        root, folders, parts = folders[0], folders_in(folders[0]), {}
    _check_parts(root, parts, folders)
    _list_classes(found, parts or {"": root}, folders, domains)
    for folder in pool:
        files = [File(p, found.name(p), "", "pool") for p in walk(folder, found)]
        found.files += files
        found.notes.append(
            f"{count(len(files), 'image')} in {found.name(folder)} without a class: the pool"
        )
    found.notes += found.told_passed("an image")
    return found


def _descended(found: Found) -> Path:
    """Return the folder that holds the classes: the first with more than one folder inside."""
    at = found.root
    while len(inner := folders_in(at)) == 1 and not loose_in(at):
        look_beside(at, found)
        if inner[0].name.lower() in SPLIT_NAMES:
            break
        at = inner[0]
    if at == found.root or (len(inner) < 2 and not _numbered(at)):
        return found.root
    found.notes.append(f"the classes are those of {found.name(at)}, the only folder with images")
    return at


def _check_parts(path: Path, parts: dict[str, Path], folders: list[Path]) -> None:
    got = ", ".join(folder.name for folder in folders)
    if parts and len(parts) < len(folders):
        msg = f"{path.name} must hold split folders or class folders, not both; got {got}"
        raise ValueError(msg)
    if parts and ("train" not in parts or len(parts) < 2):
        msg = f"{path.name} must hold train and val or test folders; got {got}"
        raise ValueError(msg)


def _list_classes(
    found: Found, parts: dict[str, Path], folders: list[Path], domains: bool | None
) -> None:
    """Find the files of every class in every part, and check that the parts fit together."""
    classes: dict[str, set[str]] = {}
    at = {part: folders_in(root) if part else folders for part, root in parts.items()}
    sited = _are_sites(found, [site for sites in at.values() for site in sites], domains)
    for part, root in parts.items():
        here = at[part]
        for folder in (root, *(here if sited else ())):
            look_beside(folder, found)
        if sited:
            sites = {site: folders_in(site) for site in here}
            files = [f for s, inner in sites.items() for f in _at_site(found, s, inner, part)]
            here = [folder for inner in sites.values() for folder in inner]
        else:
            files = [file for folder in here for file in _in_class(found, folder, part)]
        if not here:
            files = _flat(found, root, part)
        elif beside := loose_in(root):
            names = some(found.name(path) for path in beside)
            found.notes.append(
                f"{count(len(beside), 'image')} beside the class folders left out: {names}"
            )
        classes[part] = {one_form(folder.name) for folder in here} or {f.label for f in files}
        found.files += files
    _check_classes(found.root, classes)
    found.classes = tuple(sorted(set.union(*classes.values()), key=natural))
    _unwrap(found)


def _are_sites(found: Found, folders: list[Path], asked: bool | None) -> bool:
    """Return whether these folders are places around class folders, and note it."""
    if asked is False:
        return False
    inner: dict[str, list[str]] = {}
    for folder in folders:
        names = [] if loose_in(folder) else [one_form(one.name) for one in folders_in(folder)]
        inner.setdefault(one_form(folder.name), []).extend(names)
    splits = any(name.lower() in SPLIT_NAMES for names in inner.values() for name in names)
    if asked is None and (splits or not are_sites(inner)):
        return False
    if empty := [name for name, names in inner.items() if not names]:
        msg = f"domains=True needs class folders in every folder; none in {', '.join(empty)}"
        raise ValueError(msg)
    known = {name: list(dict.fromkeys(names)) for name, names in inner.items()}
    found.notes += [] if asked else told_sites(known)
    return True


def _at_site(found: Found, site: Path, folders: list[Path], part: str) -> list[File]:
    """Find the files of the classes in one place; its groups are its own."""
    place = one_form(site.name)
    files = [file for folder in folders for file in _in_class(found, folder, part)]
    return [
        file._replace(domain=place, group=file.group and f"{place}/{file.group}") for file in files
    ]


def _in_class(found: Found, folder: Path, part: str) -> list[File]:
    label = one_form(folder.name)
    if label != folder.name and (folder.parent / label).exists():
        msg = (
            f"two class folders are written {label!r}, once with composed accents and once with "
            "separate ones: put their images into one folder"
        )
        raise ValueError(msg)
    files, bad = [], len(found.bad)
    for path in walk(folder, found):
        inner = path.relative_to(folder).parts
        group = inner[0] if len(inner) > 1 else None
        files.append(File(path, found.name(path), label, part, group))
    if not files and bad == len(found.bad):
        msg = f"class folder {found.name(folder)} holds no images"
        raise ValueError(msg)
    return files


def _flat(found: Found, root: Path, part: str) -> list[File]:
    """Take the classes from names as Kaggle writes them: cat.0.jpg, dog.12.jpg."""
    if not _numbered(root):
        return []
    files = []
    for path in walk(root, found):
        numbered = NUMBERED.fullmatch(path.name)
        if numbered is None:
            found.bad[found.name(path)] = "has no class in its name, as cat.0.jpg has"
        else:
            label = one_form(numbered[1])
            files.append(File(path, found.name(path), label, part))
    counts = Counter(file.label for file in files)
    told = ", ".join(f"{label} {counts[label]}" for label in sorted(counts, key=natural))
    found.notes.append(f"the classes come from the names of the files: {told}")
    return files


def _unwrap(found: Found) -> None:
    """Forget sub-folders that group nothing: one in every class, all of its images inside.

    Sub-folders named as splits are refused: to draw splits from them would mix them up.
    """
    labelled = [file for file in found.files if file.label]
    groups = {str(file.group).lower() for file in labelled}
    if groups and groups <= SPLIT_NAMES.keys():
        msg = f"split folders must stand around the class folders; got {labelled[0].name}"
        raise ValueError(msg)
    inner: dict[tuple[str, str], set[str | None]] = {}
    for file in labelled:
        inner.setdefault((file.part, file.label), set()).add(file.group)
    if inner and all(len(names) == 1 and None not in names for names in inner.values()):
        found.files = [file._replace(group=None) for file in found.files]
        found.notes.append("every class folder holds one folder, whose images were taken")


def _check_classes(path: Path, classes: dict[str, set[str]]) -> None:
    everything = sorted(set.union(*classes.values()), key=natural)
    if len(everything) < 2:
        msg = (
            f"{path.name} must hold at least 2 class folders of images (or train and val folders "
            f"of them, or files named as cat.0.jpg, dog.12.jpg); got {len(everything)}: "
            f"{', '.join(everything) or 'none'}"
        )
        raise ValueError(msg)
    for part, names in classes.items():
        if missing := [name for name in everything if name not in names]:
            msg = f"{path.name}/{part} has no folder for class {', '.join(missing)}"
            raise ValueError(msg)


def _is_loose(folder: Path) -> bool:
    return not folders_in(folder) and bool(loose_in(folder)) and not _numbered(folder)


def _numbered(folder: Path) -> bool:
    """Return whether most images of a folder are named like cat.0.jpg."""
    images = loose_in(folder)
    return 2 * sum(NUMBERED.fullmatch(path.name) is not None for path in images) > len(images)
