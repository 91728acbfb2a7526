"""What a process writes to its error stream where somebody looks on, and where nobody does."""

import os
import subprocess
import sys

import pytest

termios = pytest.importorskip("termios", reason="a terminal of Unix")


def run(code, *, terminal, **environment):
    """Run Python code; return what its error stream got: a terminal's, or a pipe's."""
    settings = {key: value for key, value in os.environ.items() if key != "TQDM_DISABLE"}
    command = [sys.executable, "-c", code]
    if not terminal:
        return subprocess.run(command, capture_output=True, env=settings | environment).stderr
    reader, writer = os.openpty()
    termios.tcsetwinsize(writer, (24, 80))  # tqdm draws nothing where there are no lines
    try:
        subprocess.run(command, stderr=writer, env=settings | environment)
        os.write(writer, b"\n")  # so that there is something to read
        return os.read(reader, 10_000).strip()
    finally:
        os.close(reader)
        os.close(writer)
