"""What pyproject.toml says of the package is so: Pythons, licences, types, what the sdist holds."""

import re
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from pathlib import Path

import pytest

from tlteach.data import TASKS, load_task

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
# how a card writes a licence, and its name in SPDX
SPDX = {
    "Apache-2.0": r"Apache(?: License)?[- ]2\.0",
    "BSD-3-Clause": "BSD-3-Clause",
    "CC-BY-4.0": r"CC[- ]BY[- ]4\.0",
    "GPL-2.0-or-later": r"GPL-2\.0-or-later",
    "MIT": r"\bMIT\b",
}


def test_pythons_that_are_named_are_those_that_ci_tries():
    lines = [line for line in PROJECT["classifiers"] if "Python :: 3." in line]
    named = [line.rpartition(" :: ")[2] for line in lines]
    workflow = (ROOT / ".github" / "workflows" / "tests.yml").read_text()
    tried = set(re.findall(r'python(?:-version)?: "(3\.\d+)"', workflow))
    assert named == sorted(tried) == ["3.11", "3.12", "3.13"]
    assert PROJECT["requires-python"] == f">={named[0]}"


def test_it_says_that_it_has_types():
    assert "Typing :: Typed" in PROJECT["classifiers"]
    assert (ROOT / "tlteach" / "py.typed").read_text() == ""


def test_the_licence_names_those_of_all_data():
    told = {"BSD-3-Clause"}  # the code's own
    for name in TASKS:
        licence = load_task(name).card.licence
        found = {spdx for spdx, written in SPDX.items() if re.search(written, licence)}
        assert found, f"{name}: {licence}"
        told |= found
    assert set(PROJECT["license"].split(" AND ")) == told


def test_texts_of_licences_that_ask_for_it_go_along():
    names = {path.relative_to(ROOT).as_posix() for path in ROOT.glob("datasets/*/LICENSE")}
    patterns = PROJECT["license-files"]
    matched = {path.relative_to(ROOT).as_posix() for one in patterns for path in ROOT.glob(one)}
    assert names | {"LICENSE", "datasets/photos/COPYRIGHT"} == matched


@pytest.fixture(scope="module")
def sdist(tmp_path_factory):
    """Build the sdist and unpack it."""
    place = tmp_path_factory.mktemp("sdist")
    hatch("sdist", ROOT, place)
    (path,) = place.glob("*.tar.gz")
    with tarfile.open(path) as archive:
        archive.extractall(place, filter="data")
    (folder,) = (path for path in place.iterdir() if path.is_dir())
    return folder


def hatch(kind, folder, place):
    command = [sys.executable, "-m", "hatchling", "build", "-t", kind, "-d", str(place)]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)


@pytest.mark.slow
def test_the_sdist_holds_every_file_of_the_repository(sdist):
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    if listed.returncode:
        pytest.skip("this is no clone: what belongs to the repository cannot be told")
    held = {path.relative_to(sdist).as_posix() for path in sdist.rglob("*") if path.is_file()}
    assert set(listed.stdout.splitlines()) - held == set()
    assert held - set(listed.stdout.splitlines()) == {"PKG-INFO"}


@pytest.mark.slow
def test_a_wheel_from_the_sdist_is_the_wheel_from_the_clone(sdist, tmp_path):
    wheels = []
    for name, folder in (("clone", ROOT), ("sdist", sdist)):
        hatch("wheel", folder, tmp_path / name)
        (path,) = (tmp_path / name).glob("*.whl")
        with zipfile.ZipFile(path) as archive:
            wheels.append({one.filename: one.CRC for one in archive.infolist()})
    assert wheels[0] == wheels[1]
