"""Bars are drawn in a terminal and nowhere else."""

import os
import subprocess
import sys

import pytest

termios = pytest.importorskip("termios", reason="a terminal of Unix")

CODE = "from tlteach.base import bar\nfor _ in bar(range(3), unit='cup', shown={shown}): pass"


def run(*, terminal, shown=True, **environment):
    """Return what a process writes to its error stream: a terminal's, or a pipe's."""
    settings = {key: value for key, value in os.environ.items() if key != "TQDM_DISABLE"}
    code = CODE.format(shown=shown)
    if not terminal:
        return subprocess.run(
            [sys.executable, "-c", code], capture_output=True, env=settings | environment
        ).stderr
    reader, writer = os.openpty()
    termios.tcsetwinsize(writer, (24, 80))  # tqdm draws nothing where there are no lines
    try:
        subprocess.run([sys.executable, "-c", code], stderr=writer, env=settings | environment)
        os.write(writer, b"\n")  # so that there is something to read
        return os.read(reader, 10_000).strip()
    finally:
        os.close(reader)
        os.close(writer)


def test_a_terminal_sees_it_unless_told_otherwise():
    assert b"3/3" in run(terminal=True)
    assert run(terminal=True, TQDM_DISABLE="1") == b""
    assert run(terminal=True, shown=False) == b""


def test_a_pipe_sees_nothing():
    assert run(terminal=False) == b""
