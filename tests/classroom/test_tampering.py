"""A checker that was changed is named, and what a notebook started ends with it."""

import builtins
import copy
import importlib
import json
import math
import os
import subprocess
import sys
import time
import warnings

import psutil
import pytest

from tlteach.classroom import guard, tampering
from tlteach.lessons import EXERCISES

IDS = ["00.1", "00.2", "00.3", "01.2"]


@pytest.fixture(scope="module", autouse=True)
def _otter():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of what otter imports
        pytest.importorskip("otter")


def module(name):
    return importlib.import_module(f"tlteach.{name}")


def yes(*_given, **_named):
    return True


FUNCTIONS = [
    (lambda: module("classroom.assignments"), "demand", "tlteach.classroom.assignments.demand"),
    (
        lambda: module("lessons._exercise").Exercise,
        "judge",
        "tlteach.lessons._exercise.Exercise.ju",
    ),
    (lambda: module("lessons._exercise").Number, "agrees", "tlteach.lessons._exercise.Number.agr"),
    (lambda: module("lessons._function"), "same", "tlteach.lessons._function.same"),
    (lambda: math, "isclose", "math.isclose"),
    (lambda: copy, "deepcopy", "copy.deepcopy"),
    (lambda: builtins, "callable", "builtins.callable"),
    (lambda: module("lessons._values").same, "__code__", "tlteach.lessons._function.same"),
    (
        lambda: module("lessons._untrusted").shortened,
        "__defaults__",
        "tlteach.lessons._function.sh",
    ),
]


def expected():
    # pytest rewrites the asserts of files that are called test_..., otter's among them
    fresh = tampering.fresh(tuple(IDS))
    return {place: told for place, told in fresh.items() if "otter.test_files" not in place}


def changed():
    return tampering.differing(expected(), json.dumps(tampering.state(IDS)))


def test_an_honest_process_is_as_a_fresh_one():
    for id in IDS:
        EXERCISES[id].judge(5, **EXERCISES[id].example())
    assert changed() == []


@pytest.mark.parametrize(("owner", "name", "told"), FUNCTIONS)
def test_a_function_in_another_s_place_is_named(owner, name, told, monkeypatch):
    instead = {"__code__": yes.__code__, "__defaults__": (3,)}.get(name, yes)
    monkeypatch.setattr(owner(), name, instead)
    found = changed()
    monkeypatch.undo()
    assert found[0].startswith(told)


def test_other_answers_words_and_calls_are_named(monkeypatch):
    assert EXERCISES["00.3"].kind.calls
    monkeypatch.setitem(EXERCISES["00.3"].kind.__dict__, "calls", [])
    monkeypatch.setattr(module("classroom.questions"), "CORRECT", "not yet")
    monkeypatch.setitem(EXERCISES["00.2"].__dict__, "right", "inductive")
    assert changed() == [
        "exercise 00.2.right",
        "exercise 00.3.kind.calls",
        "tlteach.classroom.questions.CORRECT",
    ]


def test_a_cell_compares_with_a_text_of_its_own(tmp_path, monkeypatch):
    monkeypatch.setattr(tampering, "state", lambda ids: {})
    exec(tampering.cell(str(tmp_path / "seen"), IDS), {})
    monkeypatch.undo()
    assert tampering.differing(expected(), (tmp_path / "seen").read_text()) == []
    assert tampering.differing(expected(), "{}") == sorted(expected())


DAEMON = """import os, subprocess, sys, time
code = "import os, time; open('pid', 'w').write(str(os.getpid())); time.sleep(600)"
if os.fork() == 0:
    os.setsid()
    subprocess.Popen([sys.executable, "-c", code], env={}, start_new_session=True)
    os._exit(0)
while not os.path.exists("pid") or not open("pid").read():
    time.sleep(0.02)
"""


@pytest.fixture
def guarded(tmp_path):
    started = []

    def start(code):
        command = [sys.executable, "-P", guard.__file__, sys.executable, "-c", code]
        process = subprocess.Popen(command, cwd=tmp_path, stdin=subprocess.PIPE)
        started.append(process)
        return process

    yield start
    for process in started:
        process.stdin.close()
        process.kill()
        process.wait()


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere nobody adopts what is left behind")
def test_what_left_session_parent_and_environment_ends_with_the_command(guarded, tmp_path):
    assert guarded(DAEMON).wait(30) == 0
    assert not psutil.pid_exists(int((tmp_path / "pid").read_text()))


@pytest.mark.skipif(sys.platform == "win32", reason="no os.fork")
def test_all_ends_when_whoever_asked_is_gone(guarded, tmp_path):
    process = guarded(f"{DAEMON}time.sleep(600)")
    for _ in range(1000):
        if (tmp_path / "pid").exists() and (tmp_path / "pid").read_text():
            break
        time.sleep(0.02)
    process.stdin.close()
    assert process.wait(30) == 124
    assert not psutil.pid_exists(int((tmp_path / "pid").read_text()))


def test_its_exit_status_is_the_command_s(guarded):
    assert guarded("raise SystemExit(7)").wait(30) == 7
    assert guarded(f"import os; os.kill({os.getpid()}, 0)").wait(30) == 0
