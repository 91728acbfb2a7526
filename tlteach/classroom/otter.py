"""One notebook in one process of its own, run by otter-grader, and ended for sure."""

from __future__ import annotations

import contextlib
import importlib.util
import json
import os
import secrets
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tlteach.base import adding
from tlteach.classroom import tampering
from tlteach.classroom.autograder import Autograder, prepare, read_pieces

GUARD = str(Path(__file__).with_name("guard.py"))
TOKEN = "TLTEACH_GRADING"  # in the environment of all that a notebook starts


@dataclass(frozen=True)
class Mark:
    """What one notebook got.

    Attributes
    ----------
    scores : dict of str to float
        Points by exercise; empty where nothing could be graded.
    says : dict of str to str
        What otter printed, by exercise.
    note : str
        Why it was not graded, or what an instructor should know.
    seconds : float
    """

    scores: dict[str, float] = field(default_factory=dict)
    says: dict[str, str] = field(default_factory=dict)
    note: str = ""
    seconds: float = 0.0


def require_otter() -> None:
    """Raise ModuleNotFoundError, with the cure, where otter-grader is not installed."""
    if importlib.util.find_spec("otter") is None:
        msg = f"assignments need otter-grader 7: {adding('grading')}"
        raise ModuleNotFoundError(msg)


def run_otter(arguments: list[str], folder: Path, *, timeout: float, tier: str = "smoke") -> None:
    """Run otter in a process of its own, and end all that it started.

    Parameters
    ----------
    arguments : list of str
        Such as ["run", "ada.ipynb"].
    folder : Path
        Where it runs; temporary files and the journal of its notebook go there, too.
    timeout : float
        Seconds.
    tier : str
        `TLTEACH_TIER` of the notebook.

    Raises
    ------
    TimeoutError
        Where it took longer.
    RuntimeError
        Where it failed, with the last line of what it printed.
    """
    for name in ("tmp", "home"):
        (folder / name).mkdir(exist_ok=True)
    token = secrets.token_hex(16)
    command = [sys.executable, "-P", GUARD, sys.executable, "-m", "otter", *arguments]
    with (folder / "log.txt").open("wb") as log:
        process = subprocess.Popen(
            command,
            cwd=folder,
            env=_environment(folder, tier) | {TOKEN: token},
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        try:
            process.wait(timeout)
        except subprocess.TimeoutExpired:
            msg = f"it ran longer than {timeout:g} s and was stopped"
            raise TimeoutError(msg) from None
        finally:
            _end(process, token)
    if process.returncode < 0:
        msg = "the process that watched over it was killed: by the notebook, or out of memory"
        raise RuntimeError(msg)
    if process.returncode:
        printed = (folder / "log.txt").read_text(encoding="utf-8", errors="replace")
        raise RuntimeError(_reason(printed))


def _environment(folder: Path, tier: str) -> dict[str, str]:
    temporary = str(folder / "tmp")
    ours = {
        "TLTEACH_HOME": str(folder / "home"),
        "TLTEACH_PROGRESS": str(folder / "progress"),  # a learner's is not the instructor's
        "TLTEACH_OFFLINE": "1",
        "TLTEACH_TIER": tier,
        "TQDM_DISABLE": "1",
        "TMPDIR": temporary,
        "IPYTHONDIR": temporary,
        "JUPYTER_RUNTIME_DIR": temporary,
        "JUPYTER_PREFER_ENV_PATH": "1",  # the kernel of this environment comes first
        "PYDEVD_DISABLE_FILE_VALIDATION": "1",
        "PYTHONIOENCODING": "utf-8",
    }
    return {"OMP_NUM_THREADS": "1"} | os.environ | ours


def _end(process: subprocess.Popen[bytes], token: str) -> None:
    """Let the guard end all that it guards; kill what carries the token, should it be gone."""
    import psutil

    if process.stdin:
        process.stdin.close()
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(60)
    process.kill()
    process.wait()
    for _ in range(5):  # what was starting while we looked is found the next time
        found = []
        for other in psutil.process_iter():
            with contextlib.suppress(psutil.Error):  # gone, or somebody else's
                if other.environ().get(TOKEN) == token:
                    other.kill()
                    found.append(other)
        if not found:
            return
        psutil.wait_procs(found, timeout=3)


def _reason(printed: str) -> str:
    if "DeadKernelError" in printed:
        return "its Python died while it ran: out of memory, or a crash"
    lines = [line for line in printed.splitlines() if line.strip()] or ["otter failed, silently"]
    return " ".join(lines[-1].split())[:300]


def mark(
    path: Path, autograder: Autograder, *, timeout: float, tier: str, features: Path | None = None
) -> Mark:
    """Grade one notebook; whatever is wrong with it ends up in the note.

    Parameters
    ----------
    path : Path
        The file that was handed in.
    autograder : Autograder
    timeout : float
        Seconds.
    tier : str
        `TLTEACH_TIER` of the notebook.
    features : Path, optional
        A folder for features, which many notebooks compute alike.
    """
    began = time.monotonic()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as temporary:
        folder = Path(temporary)
        try:
            seen = folder / f"checker-{secrets.token_hex(8)}.jsonl"
            ids = list(autograder.possible)
            found = read_pieces(path)
            notebook, note = prepare(found, autograder, tampering.cell(str(seen), ids))
            handed_in = folder / f"{autograder.name}.ipynb"
            handed_in.write_text(json.dumps(notebook), encoding="utf-8")
            if features is not None:
                (folder / "home").mkdir()
                with contextlib.suppress(OSError):  # not everybody may make links on Windows
                    (folder / "home" / "features").symlink_to(features, target_is_directory=True)
            command = ["run", handed_in.name, "-a", str(autograder.path), "-o", ".", "--no-logo"]
            run_otter(command, folder, timeout=timeout, tier=tier)
            scores, says = _results(folder / "results.json", autograder.possible)
            _demand_untouched(seen, ids, sum(piece.check is not None for piece in found))
        except (OSError, ValueError, RuntimeError) as error:  # TimeoutError is an OSError
            return Mark(note=str(error), seconds=time.monotonic() - began)
    return Mark(scores, says, note, time.monotonic() - began)


def _demand_untouched(seen: Path, ids: list[str], times: int) -> None:
    """Raise where a notebook changed what judges it, as it was after each test.

    Raises
    ------
    RuntimeError
        With the names of what was changed.
    """
    lines = seen.read_text("utf-8").splitlines() if seen.exists() else []
    if len(lines) != times:
        msg = f"it kept its checker from being compared ({len(lines)} of {times} times): tampering"
        raise RuntimeError(msg)
    expected = tampering.fresh(tuple(ids))
    changed = sorted({name for line in lines for name in tampering.differing(expected, line)})
    if changed:
        more = f" and {len(changed) - 3} more" if len(changed) > 3 else ""
        msg = f"it changed what judges it: {', '.join(changed[:3])}{more}: tampering"
        raise RuntimeError(msg)


def _results(path: Path, possible: Mapping[str, float]) -> tuple[dict[str, float], dict[str, str]]:
    try:
        tests = {test["name"]: test for test in json.loads(path.read_text("utf-8"))["tests"]}
        missing = [id for id in possible if "score" not in tests.get(id, {})]
    except (ValueError, TypeError, KeyError) as error:
        msg = f"otter's results cannot be read ({type(error).__name__}: {error})"[:200]
        raise RuntimeError(msg) from error
    if missing:
        msg = f"otter has no result for {', '.join(missing)}: did the notebook stop Python?"
        raise RuntimeError(msg)
    scores = {id: fitting(id, tests[id]["score"], possible[id]) for id in possible}
    return scores, {id: str(tests[id].get("output", "")) for id in possible}


def fitting(id: str, score: Any, possible: float) -> float:
    """Return points that can have been reached.

    Raises
    ------
    ValueError
        For more than are possible, fewer than none, or what is no number.

    Examples
    --------
    >>> fitting("00.1", 99, 4)
    Traceback (most recent call last):
        ...
    ValueError: points of 00.1 must be between 0 and 4; got 99: was the result tampered with?
    """
    is_number = isinstance(score, int | float) and not isinstance(score, bool)
    if is_number and 0 <= score <= possible + 1e-9:  # NaN is neither
        return float(score)
    told = f"points of {id} must be between 0 and {possible:g}; got {repr(score)[:40]}"
    msg = f"{told}: was the result tampered with?"
    raise ValueError(msg)
