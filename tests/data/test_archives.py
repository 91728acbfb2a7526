"""Archives of class folders: unpacked once, and never into anything but their own folder."""

import io
import os
import shutil
import stat
import tarfile
import zipfile
from pathlib import Path

import pytest

from tests.data.test_folder import write_classes
from tests.data.test_structure import noted
from tlteach.base import home
from tlteach.data import archives, from_folder


@pytest.fixture(autouse=True)
def _fresh_home(tmp_path, monkeypatch):
    monkeypatch.setenv("TLTEACH_HOME", str(tmp_path / "home"))


@pytest.mark.parametrize("kind", ["zip", "tar", "gztar", "bztar", "xztar"])
def test_an_archive_is_the_folder_in_it(tmp_path, kind):
    root = write_classes(tmp_path / "pets", n=4)
    (root / "ant" / "._0.png").write_bytes(b"x")
    archive = shutil.make_archive(str(tmp_path / "packed.1"), kind, root)
    task, plain = noted(archive)[0], noted(root)[0]
    assert task.name == "packed.1"
    assert (task.fingerprint, task.files) == (plain.fingerprint, plain.files)
    kept = sorted(home().rglob("*"))
    times = [path.stat().st_mtime_ns for path in kept]
    assert noted(archive)[0].fingerprint == task.fingerprint
    assert [path.stat().st_mtime_ns for path in kept] == times  # not unpacked again
    assert sorted(home().rglob("*")) == kept


def test_an_archive_of_a_folder_is_entered(tmp_path):
    write_classes(tmp_path / "pets", n=4)
    archive = shutil.make_archive(str(tmp_path / "pets"), "zip", tmp_path, "pets")
    assert noted(archive)[0].n_classes == 3


@pytest.mark.parametrize("between", ["/", "\\"])
def test_names_are_what_the_system_that_wrote_them_meant(tmp_path, monkeypatch, between):
    """macOS writes UTF-8 and does not say so, old Windows writes backslashes."""
    root = write_classes(tmp_path / "pets", n=4)
    (root / "bee").rename(root / "Bär")
    plain = from_folder(root, size=8)
    monkeypatch.setattr(
        zipfile.ZipInfo, "_encodeFilenameFlags", lambda self: (self.filename.encode(), 0)
    )
    with zipfile.ZipFile(tmp_path / "pets.zip", "w") as archive:
        for name in plain.files:
            archive.writestr(name.replace("/", between), (root / name).read_bytes())
    task = from_folder(tmp_path / "pets.zip", size=8)
    assert (task.classes, task.files) == (("ant", "Bär", "cat"), plain.files)
    assert task.fingerprint == plain.fingerprint


def zipped(path, name, link=False):
    entry = zipfile.ZipInfo(name)
    if link:
        entry.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(entry, "/etc/passwd")


def tarred(path, name, link=False):
    entry = tarfile.TarInfo(name)
    data = b"" if link else b"/etc/passwd"
    entry.size = len(data)
    if link:
        entry.type, entry.linkname = tarfile.SYMTYPE, "/etc/passwd"
    with tarfile.open(path, "w:gz") as archive:
        archive.addfile(entry, io.BytesIO(data))


@pytest.mark.parametrize("pack", [zipped, tarred])
@pytest.mark.parametrize("name", ["../out.png", "cat/../../out.png", "/out.png", "..\\out.png"])
def test_no_file_lands_elsewhere(tmp_path, pack, name):
    pack(tmp_path / "bad.zip", name)
    with pytest.raises(ValueError, match=r"bad\.zip is refused.*file outside of its folder.*out"):
        from_folder(tmp_path / "bad.zip")
    assert not list(tmp_path.rglob("*out.png"))
    assert not [path for path in home().rglob("*") if path.is_file()]


@pytest.mark.parametrize("pack", [zipped, tarred])
def test_links_are_refused(tmp_path, pack):
    pack(tmp_path / "bad.zip", "cat/0.png", link=True)
    with pytest.raises(ValueError, match=r"a link or device: cat/0\.png"):
        from_folder(tmp_path / "bad.zip")


def test_a_pipe_in_a_tar_is_refused(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    with tarfile.open(tmp_path / "bad.tar", "w") as archive:
        archive.add(tmp_path / "pipe", "cat/pipe")
    with pytest.raises(ValueError, match="a link or device: cat/pipe"):
        from_folder(tmp_path / "bad.tar")


@pytest.mark.parametrize("kind", ["zip", "gztar"])
@pytest.mark.parametrize("limit", ["LARGEST", "MOST"])
def test_a_bomb_is_refused_before_it_is_unpacked(tmp_path, monkeypatch, kind, limit):
    root = write_classes(tmp_path / "pets", n=4)
    archive = shutil.make_archive(str(tmp_path / "bomb"), kind, root)
    monkeypatch.setattr(archives, limit, 5)
    with pytest.raises(ValueError, match=r"bomb.* must unpack to at most .* files; got more"):
        from_folder(archive)
    assert not [path for path in home().rglob("*") if path.is_file()]


def test_damaged_and_other_files_are_told_in_words(tmp_path):
    archive = shutil.make_archive(str(tmp_path / "pets"), "gztar", write_classes(tmp_path / "in"))
    whole = Path(archive).read_bytes()
    (tmp_path / "half.tar.gz").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(ValueError, match=r"half\.tar\.gz cannot be unpacked"):
        from_folder(tmp_path / "half.tar.gz")
    (tmp_path / "notes.txt").write_text("hello")
    with pytest.raises(NotADirectoryError, match=r"notes\.txt is not a folder, nor a zip or tar"):
        from_folder(tmp_path / "notes.txt")
