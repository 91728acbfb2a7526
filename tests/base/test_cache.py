"""Files from a real server on loopback; atomic writes that fail, race and respect the umask."""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.helpers.loopback import Server, serve
from tlteach.base import cache

BODY = bytes(range(256)) * 5000  # more than one chunk
HASH = hashlib.sha256(BODY).hexdigest()


@pytest.fixture
def server(monkeypatch):
    monkeypatch.delenv("TLTEACH_OFFLINE", raising=False)
    with serve() as running:
        running.files = {"/good.bin": BODY, "/cut.bin": BODY}
        running.cut = {"/cut.bin"}
        yield running


def everything(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob("*"))


# fetch


def test_a_file_is_downloaded_once_and_kept_under_its_name(server, tmp_path):
    first = cache.fetch(f"{server.url}/good.bin", HASH, folder=tmp_path / "new")
    assert first.read_bytes() == BODY
    assert everything(tmp_path) == [f"{HASH[:8]}-good.bin", "new"]
    assert cache.fetch(f"{server.url}/good.bin", HASH, folder=tmp_path / "new") == first
    assert server.asked == ["GET /good.bin"]


def test_by_default_it_lies_in_the_cache_folder(server, tmp_path, monkeypatch):
    monkeypatch.setenv("TLTEACH_HOME", str(tmp_path))
    path = cache.fetch(f"{server.url}/good.bin", HASH)
    assert path == tmp_path / "downloads" / f"{HASH[:8]}-good.bin"


@pytest.mark.parametrize("expected", [HASH[:8], HASH[:12], HASH.upper()])
def test_a_hash_may_be_shortened_to_eight_digits_and_written_in_capitals(
    server, tmp_path, expected
):
    assert cache.fetch(f"{server.url}/good.bin", expected, folder=tmp_path).read_bytes() == BODY


def test_the_hash_is_checked_every_time(server, tmp_path):
    path = cache.fetch(f"{server.url}/good.bin", HASH, folder=tmp_path)
    path.write_bytes(BODY + b"!")
    changed = hashlib.sha256(BODY + b"!").hexdigest()
    with pytest.raises(ValueError, match=rf"SHA-256 should be {HASH}, got {changed}"):
        cache.fetch(f"{server.url}/good.bin", HASH, folder=tmp_path)
    assert server.asked == ["GET /good.bin"]


@pytest.mark.parametrize("expected", ["0" * 64, "0" * 8, HASH[:7], ""])
def test_a_wrong_or_too_short_hash_is_refused_and_nothing_is_kept(server, tmp_path, expected):
    with pytest.raises(ValueError, match=rf"SHA-256 should be {expected}, got {HASH}"):
        cache.fetch(f"{server.url}/good.bin", expected, folder=tmp_path)
    assert everything(tmp_path) == []


def test_a_connection_cut_off_in_the_middle_keeps_nothing(server, tmp_path):
    with pytest.raises(ConnectionError, match=r"could not download http://127\S+/cut\.bin: "):
        cache.fetch(f"{server.url}/cut.bin", HASH, folder=tmp_path)
    assert everything(tmp_path) == []


def test_a_missing_file_names_the_address_and_the_reason(server, tmp_path):
    with pytest.raises(
        ConnectionError, match=r"could not download http://127\S+/missing\.bin: 404"
    ):
        cache.fetch(f"{server.url}/missing.bin", HASH, folder=tmp_path)
    assert everything(tmp_path) == []


def test_a_server_that_is_not_there_is_a_connection_error(server, tmp_path):
    gone = Server()
    url = f"{gone.url}/good.bin"
    gone.server_close()
    with pytest.raises(ConnectionError, match="could not download"):
        cache.fetch(url, HASH, folder=tmp_path)


def test_offline_never_connects_but_still_reads_what_is_there(server, tmp_path, monkeypatch):
    monkeypatch.setenv("TLTEACH_OFFLINE", "1")
    url = f"{server.url}/good.bin"
    with pytest.raises(ConnectionError, match=rf"TLTEACH_OFFLINE is set and .*; needed from {url}"):
        cache.fetch(url, HASH, folder=tmp_path)
    assert server.asked == []
    monkeypatch.setenv("TLTEACH_OFFLINE", "0")
    path = cache.fetch(url, HASH, folder=tmp_path)
    monkeypatch.setenv("TLTEACH_OFFLINE", "1")
    assert cache.fetch(url, HASH, folder=tmp_path) == path
    assert server.asked == ["GET /good.bin"]


@pytest.mark.parametrize(
    ("value", "offline"),
    [("1", True), ("true", True), ("yes", True), ("0", False), ("", False), ("False", False)],
)
def test_offline_is_read_as_people_write_it(monkeypatch, value, offline):
    monkeypatch.setenv("TLTEACH_OFFLINE", value)
    assert cache.is_offline() is offline


def test_offline_is_off_and_the_cache_is_the_users_by_default(monkeypatch):
    monkeypatch.delenv("TLTEACH_OFFLINE", raising=False)
    monkeypatch.delenv("TLTEACH_HOME", raising=False)
    assert not cache.is_offline()
    assert cache.home().is_absolute()
    assert cache.home().name == "tlteach"


# hashes


def test_the_hash_is_sha256_at_every_size(tmp_path):
    for size in (0, 1, cache.CHUNK, cache.CHUNK + 1):
        data = os.urandom(size)
        path = tmp_path / "data"
        path.write_bytes(data)
        assert cache.sha256(path) == hashlib.sha256(data).hexdigest()


# atomic_write


def test_a_failure_keeps_the_old_file_and_leaves_nothing_behind(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("old")
    with pytest.raises(RuntimeError, match="halfway"), cache.atomic_write(path) as temporary:  # noqa: PT012
        temporary.write_text("ne")
        assert path.read_text() == "old"
        raise RuntimeError("halfway")
    assert path.read_text() == "old"
    assert everything(tmp_path) == ["a.txt"]


def test_success_replaces_the_old_file_and_makes_the_folder(tmp_path):
    path = tmp_path / "x" / "y" / "a.tar.gz"
    for text in ("first", "second"):
        with cache.atomic_write(str(path)) as temporary:
            temporary.write_text(text)
            assert temporary.parent == path.parent
            assert temporary.suffix == ".gz"  # writers that look at the suffix see the right one
        assert path.read_text() == text
    assert everything(tmp_path / "x" / "y") == ["a.tar.gz"]


def test_a_block_that_writes_nothing_fails_and_keeps_the_old_file(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("old")
    with pytest.raises(FileNotFoundError), cache.atomic_write(path):
        pass
    assert path.read_text() == "old"


@pytest.mark.skipif(os.name != "posix", reason="the umask is a Unix notion")
@pytest.mark.parametrize(("umask", "mode"), [(0o022, 0o644), (0o002, 0o664), (0o077, 0o600)])
def test_the_file_gets_the_rights_that_the_umask_leaves(tmp_path, umask, mode):
    before = os.umask(umask)
    try:
        with cache.atomic_write(tmp_path / "a.txt") as temporary:
            temporary.write_text("shared")
    finally:
        os.umask(before)
    assert (tmp_path / "a.txt").stat().st_mode & 0o777 == mode


def test_two_processes_writing_the_same_path_never_show_half_a_file(tmp_path):
    path = tmp_path / "a.bin"
    size = 300_000
    code = (
        "import sys; from tlteach.base.cache import atomic_write\n"
        "for _ in range(150):\n"
        f"    with atomic_write({str(path)!r}) as temporary:\n"
        f"        temporary.write_bytes(sys.argv[1].encode() * {size})\n"
    )
    writers = [subprocess.Popen([sys.executable, "-c", code, letter]) for letter in "ab"]
    seen = set()
    while any(writer.poll() is None for writer in writers):
        if path.exists():
            seen.add(path.read_bytes())
    seen.add(path.read_bytes())
    assert [writer.returncode for writer in writers] == [0, 0]
    assert seen <= {b"a" * size, b"b" * size}
    assert everything(tmp_path) == ["a.bin"]


# whose what is


def test_no_test_reaches_the_home_of_whoever_runs_it():
    real = Path.home() / ".tlteach"
    assert not cache.progress_home().is_relative_to(real)
    assert not cache.home().is_relative_to(Path.home() / ".cache")
    assert cache.shared() is None


def test_progress_is_never_in_the_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("TLTEACH_HOME", str(tmp_path / "cache"))
    monkeypatch.delenv("TLTEACH_PROGRESS")
    assert cache.progress_home() == Path.home() / ".tlteach" / "progress"
    monkeypatch.setenv("TLTEACH_PROGRESS", "~/course")
    assert cache.progress_home() == Path.home() / "course"


def test_the_shared_folder_is_read_where_the_cache_has_nothing(tmp_path, monkeypatch):
    monkeypatch.setenv("TLTEACH_HOME", str(tmp_path / "own"))
    assert cache.shared() is None
    monkeypatch.setenv("TLTEACH_SHARED", str(tmp_path / "shared"))
    own, theirs = (tmp_path / name / "downloads" / "a" for name in ("own", "shared"))
    assert cache.kept("downloads", "a") == own  # it is nowhere: that is where it goes
    for path in (theirs, own):  # the own one, once there, comes first
        path.parent.mkdir(parents=True)
        path.touch()
        assert cache.kept("downloads", "a") == path


def test_a_shared_download_is_checked_and_not_fetched_again(server, tmp_path, monkeypatch):
    monkeypatch.setenv("TLTEACH_HOME", str(tmp_path / "shared"))
    first = cache.fetch(f"{server.url}/good.bin", HASH)
    monkeypatch.setenv("TLTEACH_HOME", str(tmp_path / "own"))
    monkeypatch.setenv("TLTEACH_SHARED", str(tmp_path / "shared"))
    assert cache.fetch(f"{server.url}/good.bin", HASH) == first
    assert server.asked == ["GET /good.bin"]
    assert not (tmp_path / "own").exists()
    first.write_bytes(BODY + b"!")
    with pytest.raises(ValueError, match="SHA-256 should be"):
        cache.fetch(f"{server.url}/good.bin", HASH)
