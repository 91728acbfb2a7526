"""Let ten learners work through one notebook at once, on a JupyterHub of this machine.

Starts a hub with jupyterhub_config.py beside this file, in a folder of its own and on the loopback
interface alone; starts a server for each learner by the hub's API; and runs the cells of a
learner's notebook in a kernel of each server, through the hub's proxy, all at the same time.
Prints, and writes as JSON where asked, the seconds until servers answer and notebooks end, and the
memory of each learner's processes, shared pages divided among who share them (PSS). It needs
jupyterhub and configurable-http-proxy (npm), and ends whatever it started.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import uuid
from pathlib import Path
from statistics import median
from typing import Any

import psutil
from tornado.httpclient import AsyncHTTPClient, HTTPClientError, HTTPRequest
from tornado.websocket import websocket_connect

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
PORT = 18000
URL = f"http://127.0.0.1:{PORT}"
EVERY = 3.0  # seconds between two looks at the memory
PATIENCE = 180.0  # seconds for an answer: ten kernels begin at once
GIB = 2**30


def arguments() -> argparse.Namespace:
    """Return what was typed."""
    parser = argparse.ArgumentParser(description="ten learners on one hub")
    parser.add_argument("--learners", type=int, default=10)
    parser.add_argument("--minutes", type=float, default=30.0, help="then it ends, done or not")
    parser.add_argument("--tier", default="smoke")
    parser.add_argument("--notebook", type=Path, default=ROOT / "notebooks" / "01_three_ways.ipynb")
    parser.add_argument("--shared", type=Path, help="a folder from `tlteach prefetch`")
    parser.add_argument("--out", type=Path, help="write the numbers here")
    return parser.parse_args()


class Hub:
    """A hub of our own, and what to ask it."""

    def __init__(self, state: Path, options: argparse.Namespace) -> None:
        self.token = secrets.token_hex(16)
        shared = options.shared or state / "shared"
        known = {
            "TLTEACH_HUB": "processes", "TLTEACH_HUB_STATE": str(state),
            "TLTEACH_HUB_TOKEN": self.token, "TLTEACH_TIER": options.tier,
            "TLTEACH_SHARED": str(shared),
            "CONFIGPROXY_AUTH_TOKEN": secrets.token_hex(16),
        }  # fmt: skip
        config, log = HERE / "jupyterhub_config.py", (state / "hub.log").open("w")
        command = [sys.executable, "-m", "jupyterhub", "-f", str(config), "--port", str(PORT)]
        self.process = subprocess.Popen(
            command, cwd=state, env=os.environ | known, stdout=log, stderr=log
        )
        self.client = AsyncHTTPClient(max_clients=100)

    def request(self, path: str, method: str = "GET", **settings: Any) -> HTTPRequest:
        """Return a request with the token of the class."""
        headers = {"Authorization": f"token {self.token}"}
        body = json.dumps(settings.pop("body", {})) if method == "POST" else None
        return HTTPRequest(
            f"{URL}{path}", method, headers, body, request_timeout=PATIENCE, **settings
        )

    async def ask(self, path: str, method: str = "GET", **settings: Any) -> Any:
        """Return what the hub answers, or a server behind it."""
        answer = await self.client.fetch(self.request(path, method, **settings))
        return json.loads(answer.body) if answer.body else None

    async def until(self, path: str, is_so: Any, seconds: float = 300.0) -> None:
        """Wait until an answer is as it should be."""
        end = time.monotonic() + seconds
        while True:
            try:
                if is_so(await self.ask(path)):
                    return
            except (OSError, HTTPClientError):
                pass  # not there yet
            if time.monotonic() > end or self.process.poll() is not None:
                msg = f"no answer from {path}: see hub.log"
                raise TimeoutError(msg)
            await asyncio.sleep(0.5)

    def close(self) -> None:
        """End the hub, its proxy and every server that it started."""
        family = psutil.Process(self.process.pid).children(recursive=True)
        self.process.terminate()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
        for one in family:
            if one.is_running():
                one.kill()


class Learner:
    """One learner: a server, a kernel in it, and how far the notebook got."""

    def __init__(self, name: str, cells: list[str]) -> None:
        self.name, self.cells = name, cells
        self.opened = self.ended = float("nan")
        self.done, self.error = 0, ""

    async def work(self, hub: Hub) -> None:
        """Open a server, start a kernel, and run one cell after the other."""
        start = time.monotonic()
        await hub.ask(f"/hub/api/users/{self.name}", "POST")
        await hub.ask(f"/hub/api/users/{self.name}/server", "POST")
        await hub.until(f"/hub/api/users/{self.name}", lambda user: user["servers"][""]["ready"])
        self.opened = time.monotonic() - start
        kernel = await hub.ask(f"/user/{self.name}/api/kernels", "POST", body={"name": "python3"})
        place = f"/user/{self.name}/api/kernels/{kernel['id']}/channels"
        request = hub.request(place)
        request.url = request.url.replace("http", "ws", 1)
        socket = await websocket_connect(request, max_message_size=2**28)
        for code in self.cells:
            self.error = await run(socket, code)
            if self.error:
                break
            self.done += 1
        else:
            self.ended = time.monotonic() - start
        socket.close()


async def run(socket: Any, code: str) -> str:
    """Run one cell in a kernel; return its error, or nothing."""
    number = uuid.uuid4().hex
    header = {"msg_id": number, "msg_type": "execute_request", "username": "", "session": number,
              "version": "5.3"}  # fmt: skip
    content = {"code": code, "silent": False, "store_history": True, "user_expressions": {},
               "allow_stdin": False, "stop_on_error": True}  # fmt: skip
    message = {"header": header, "parent_header": {}, "metadata": {}, "content": content,
               "channel": "shell"}  # fmt: skip
    await socket.write_message(json.dumps(message))
    while True:
        answer = await socket.read_message()
        if answer is None:
            return "the kernel is gone"
        known = json.loads(answer) if isinstance(answer, str) else {}
        mine = known.get("parent_header", {}).get("msg_id") == number
        if mine and known.get("msg_type") == "execute_reply":
            reply = known["content"]
            return "" if reply["status"] == "ok" else f"{reply.get('ename')}: {reply.get('evalue')}"


async def watch(hub: Hub, names: list[str], peaks: dict[str, float], whole: list[float]) -> None:
    """Note the most memory that each learner's processes took, and all together."""
    while True:
        held = await asyncio.to_thread(by_learner, hub.process.pid, names)
        for name, size in held.items():
            peaks[name] = max(peaks.get(name, 0.0), size)
        whole.append(sum(held.values()))
        await asyncio.sleep(EVERY)


def by_learner(hub: int, names: list[str]) -> dict[str, float]:
    """Return the GiB of each learner's processes; what they share is divided among them."""
    held = dict.fromkeys(names, 0.0)
    for process in psutil.Process(hub).children(recursive=True):
        try:
            user = process.environ().get("JUPYTERHUB_USER", "")
            if user in held:
                held[user] += process.memory_full_info().pss / GIB
        except psutil.Error:
            continue  # it ended meanwhile
    return held


async def all_at_once(hub: Hub, learners: list[Learner], minutes: float) -> dict[str, Any]:
    """Let all learners work at the same time; return what it took."""
    await hub.until("/hub/api/", lambda told: "version" in told)
    peaks: dict[str, float] = {}
    whole: list[float] = []
    watching = asyncio.create_task(watch(hub, [one.name for one in learners], peaks, whole))
    work = [asyncio.create_task(one.work(hub)) for one in learners]
    start = time.monotonic()
    done, late = await asyncio.wait(work, timeout=60 * minutes)
    seconds = time.monotonic() - start
    for task in (*late, watching):
        task.cancel()
    for one, task in zip(learners, work, strict=True):
        if task in done and task.exception():
            one.error = one.error or repr(task.exception())
    ended = [one.ended for one in learners if one.ended == one.ended]
    return {
        "learners": len(learners),
        "cells": len(learners[0].cells),
        "whole": len(ended),
        "cells_done": [one.done for one in learners],
        "errors": sorted({one.error for one in learners if one.error}),
        "seconds": round(seconds, 1),
        "seconds_until_open": [round(one.opened, 1) for one in learners],
        "seconds_until_end": [round(one, 1) for one in sorted(ended)],
        "gib_each": [round(size, 2) for size in sorted(peaks.values())],
        "gib_in_all": round(max(whole, default=0.0), 2),
    }


def told(found: dict[str, Any]) -> str:
    """Return the numbers as sentences."""
    opened, ended = found["seconds_until_open"], found["seconds_until_end"]
    lines = [
        f"{found['whole']} of {found['learners']} learners came to the end of {found['cells']} "
        f"cells; all together took {found['seconds']} s",
        f"servers answered after {median(opened):.0f} s (the last after {max(opened):.0f} s)",
        f"memory of a learner at most {max(found['gib_each'], default=0):.2f} GiB (median "
        f"{median(found['gib_each'] or [0]):.2f}), of all at once {found['gib_in_all']:.2f} GiB",
    ]
    if ended:
        lines.append(f"notebooks ended after {min(ended):.0f} to {max(ended):.0f} s")
    lines += [f"error: {error}" for error in found["errors"]]
    return "\n".join(lines)


def main() -> int:
    """Start, measure, print, and end what was started."""
    options = arguments()
    if shutil.which("configurable-http-proxy") is None:
        sys.exit("no configurable-http-proxy here: npm install configurable-http-proxy, and PATH")
    with socket.socket() as one:
        if one.connect_ex(("127.0.0.1", PORT)) == 0:
            sys.exit(f"port {PORT} is taken: an earlier hub may still run")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # else the hub would outlive a kill
    book = json.loads(options.notebook.read_text("utf-8"))
    cells = ["".join(c["source"]) for c in book["cells"] if c["cell_type"] == "code"]
    learners = [Learner(f"learner{i}", cells) for i in range(options.learners)]
    with tempfile.TemporaryDirectory() as folder:
        for one in learners:
            (Path(folder) / "homes" / one.name).mkdir(parents=True)
        load = round(os.getloadavg()[0], 1)
        hub = Hub(Path(folder), options)
        try:
            found = asyncio.run(all_at_once(hub, learners, options.minutes))
        finally:
            hub.close()
            log = (Path(folder) / "hub.log").read_text("utf-8")
    print(told(found))
    if found["errors"]:
        print(log[-3000:], file=sys.stderr)
    found |= {"load_before": load, "cores": os.cpu_count()}
    if options.out:
        options.out.write_text(json.dumps(found, indent=1) + "\n")
    return 0 if found["whole"] == found["learners"] else 1


if __name__ == "__main__":
    sys.exit(main())
