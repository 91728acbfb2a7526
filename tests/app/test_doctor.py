"""The doctor tells what is there, and one line of advice for each thing that is broken."""

import re
import shutil
import sys

import pytest
import torch

import tlteach as tlt
from tlteach.app import examine
from tlteach.app.doctor import Finding
from tlteach.base import adding, counted
from tlteach.data import shipped
from tlteach.training import versions

NAMES = [
    "versions",
    "device",
    "memory",
    "threads",
    "cache",
    "progress",
    "shared",
    "network",
    "weights",
    "data",
    "notebooks",
]


@pytest.fixture(autouse=True)
def _sound(tmp_path, monkeypatch):
    monkeypatch.setenv("TLTEACH_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("OMP_WAIT_POLICY", "PASSIVE")
    monkeypatch.delenv("TLTEACH_OFFLINE", raising=False)


def found():
    findings = examine()
    assert [finding.name for finding in findings] == NAMES
    return {finding.name: finding for finding in findings}


def test_a_sound_machine_needs_no_advice(tmp_path):
    findings = found()
    assert [f.name for f in findings.values() if f.advice] == []
    assert all(str(finding).startswith("ok  ") for finding in findings.values())
    for name, version in versions().items():
        assert f"{name} {version}" in findings["versions"].found
    assert list((tmp_path / "home").iterdir()) == []  # the trial file is gone


def test_it_names_the_weights_and_counts_the_images():
    findings = found()
    assert "'lite0': 1280 features" in findings["weights"].found
    for name in shipped.TASKS:
        task = tlt.load_task(name)
        n = len(task.train) + len(task.val) + len(task.test)
        assert f"{name} ({n} {task.kind})" in findings["data"].found


def test_lines_are_broken_under_what_was_found():
    text = "\n".join(map(str, examine()))
    long = [line for line in text.splitlines() if len(line) > 88]
    assert not [line for line in long if " " in line[15:].strip()]  # a path is never broken
    assert all(line.startswith(("ok  ", "!!  ", " " * 15)) for line in text.splitlines())


def test_one_thread_is_one(monkeypatch):
    monkeypatch.setattr("torch.get_num_threads", lambda: 1)
    assert ", 1 torch thread, " in found()["threads"].found


def test_it_names_device_memory_and_threads():
    findings = found()
    gpu = torch.cuda.is_available()
    assert (torch.cuda.get_device_name() if gpu else "cpu") in findings["device"].found
    room = r"[1-9]\d* GiB, room for about [1-9]\d* learners? at once"
    assert re.fullmatch(room, findings["memory"].found)
    threads = counted(torch.get_num_threads(), "torch thread")
    assert f"{threads}, waiting PASSIVE" in findings["threads"].found


def test_a_cache_that_cannot_be_written_gets_advice(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("not a folder")
    for place in ("file", "file/inside"):
        monkeypatch.setenv("TLTEACH_HOME", str(tmp_path / place))
        cache = found()["cache"]
        assert "cannot be written" in cache.found
        assert cache.advice == "point TLTEACH_HOME to a folder you can write to"
    assert (tmp_path / "file").read_text() == "not a folder"


def test_the_cache_is_made_and_measured(tmp_path):
    (tmp_path / "home" / "deep").mkdir(parents=True)
    with (tmp_path / "home" / "deep" / "big").open("wb") as file:
        file.truncate(1 << 29)
    assert "0.50 GiB used" in found()["cache"].found


def test_places_that_cannot_be_used_get_advice(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("not a folder")
    monkeypatch.setenv("TLTEACH_PROGRESS", str(tmp_path / "file" / "inside"))
    monkeypatch.setenv("TLTEACH_SHARED", str(tmp_path / "nowhere"))
    findings = found()
    assert "cannot be written" in findings["progress"].found
    assert findings["progress"].advice == "point TLTEACH_PROGRESS to a folder of your own"
    assert findings["shared"].advice.startswith("tlteach prefetch fills one")
    monkeypatch.setenv("TLTEACH_SHARED", str(tmp_path))
    assert found()["shared"].found.startswith(str(tmp_path))


@pytest.mark.parametrize(("value", "word"), [("1", "forbidden"), ("0", "allowed"), ("", "allowed")])
def test_offline_is_told_and_is_no_fault(monkeypatch, value, word):
    monkeypatch.setenv("TLTEACH_OFFLINE", value)
    network = found()["network"]
    assert word in network.found
    assert network.advice == ""


@pytest.mark.parametrize("policy", ["ACTIVE", None])
def test_threads_that_spin_while_waiting_get_advice(monkeypatch, policy):
    monkeypatch.delenv("OMP_WAIT_POLICY")
    if policy:
        monkeypatch.setenv("OMP_WAIT_POLICY", policy)
    threads = found()["threads"]
    assert f"waiting {policy or 'not set'}" in threads.found
    assert "set OMP_WAIT_POLICY=PASSIVE" in threads.advice


def test_a_damaged_data_file_is_a_finding_and_the_rest_goes_on(tmp_path, monkeypatch):
    root = tmp_path / "datasets"
    for name in shipped.TASKS:
        shutil.copytree(shipped.shipped_data() / name, root / name)
    with (root / "digits" / "digits.npz").open("r+b") as file:
        file.write(b"damaged")
    monkeypatch.setattr(shipped, "shipped_data", lambda: root)
    findings = found()
    assert "digits.npz is damaged or was changed" in findings["data"].found
    assert findings["data"].advice == "install tlteach again"
    assert findings["notebooks"].advice == ""


def test_a_finding_is_one_line_and_its_advice_another():
    assert str(Finding("memory", "8 GiB")) == "ok  memory     8 GiB"
    told = str(Finding("memory", "2 GiB", "close other programs")).splitlines()
    assert told == ["!!  memory     2 GiB", " " * 15 + "close other programs"]


def test_what_a_notebook_lacks_is_named_with_the_command_that_adds_it(monkeypatch):
    whole = found()["notebooks"]
    assert (whole.found, whole.advice) == ("all 17 have what they need", "")
    monkeypatch.setitem(sys.modules, "captum", None)  # as Python marks what cannot be imported
    monkeypatch.setitem(sys.modules, "peft", None)
    lacking = found()["notebooks"]
    assert lacking.found.splitlines() == ["07_look_inside lacks captum", "11_text lacks peft"]
    assert lacking.advice == adding("course")
    first, second, advice = str(lacking).splitlines()
    assert (first, second) == (
        "!!  notebooks  07_look_inside lacks captum", " " * 15 + "11_text lacks peft",
    )  # fmt: skip
    assert advice.strip() == lacking.advice


def test_what_every_notebook_lacks_is_named_once(monkeypatch):
    monkeypatch.setitem(sys.modules, "jupyterlab", None)
    monkeypatch.setitem(sys.modules, "captum", None)
    told = found()["notebooks"].found.splitlines()
    assert told == ["every notebook lacks jupyterlab", "07_look_inside lacks captum"]
