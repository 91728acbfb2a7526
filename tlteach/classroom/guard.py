"""Runs one command and ends all that it started, also what left its session and its environment.

It is a program of its own, started by path: on Linux it adopts what a notebook leaves behind, so
whatever descends from the notebook descends from it. It ends when the command does, when the pipe
to its parent closes (the parent may have been killed), or when it is told to.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import threading

import psutil

PR_SET_CHILD_SUBREAPER = 36
ROUNDS = 50  # what was starting while we looked is found the next time


def main(command: list[str]) -> int:
    """Run a command; return its exit status, or 124 where it was ended."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    over = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: over.set())
    threading.Thread(target=_wait_for_parent, args=(over,), daemon=True).start()
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL)
    try:
        while process.poll() is None and not over.wait(0.05):
            pass
        return 124 if process.returncode is None else process.returncode
    finally:
        end_descendants()


def _wait_for_parent(over: threading.Event) -> None:
    with contextlib.suppress(OSError):
        os.read(0, 1)  # nothing is ever written: it returns when the parent is gone
    over.set()


def end_descendants() -> None:
    """Kill every process that descends from this one, until there is none."""
    me = psutil.Process()
    for _ in range(ROUNDS):
        found = me.children(recursive=True)
        for process in found:
            with contextlib.suppress(psutil.Error):
                process.kill()
        if not found:
            return
        psutil.wait_procs(found, timeout=3)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
