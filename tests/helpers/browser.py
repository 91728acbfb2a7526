"""A real JupyterLab on loopback and a real Chromium to look at it."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import nbformat
from axe_playwright_python.sync_playwright import Axe
from nbformat.v4 import new_code_cell, new_notebook
from playwright.sync_api import Page, expect, sync_playwright

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
WIDGETS = "@jupyter-widgets/jupyterlab-manager/plugin"
SETTINGS = {
    "@jupyterlab/apputils-extension/notification": {
        "fetchNews": "false",
        "checkForUpdates": False,
    },
    WIDGETS: {"saveState": True},
}
READY = 60  # seconds
WAIT = 120_000  # milliseconds; the machine may be busy


def write_notebook(path: Path, cells: Sequence[str]) -> Path:
    notebook = new_notebook(
        cells=[new_code_cell(cell) for cell in cells],
        metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}},
    )
    nbformat.write(notebook, path)
    return path


def ready(page: Page, url: str) -> None:
    """Wait until a notebook is drawn and its kernel answers."""
    page.wait_for_selector(".jp-Notebook .jp-CodeCell", timeout=WAIT)
    end = time.monotonic() + WAIT / 1000
    while time.monotonic() < end:
        sessions = page.request.get(f"{url}/api/sessions").json()
        kernels = [session["kernel"] for session in sessions if session["path"] in page.url]
        # before somebody listens, a cell that is run gets no answer
        if kernels and all(k["connections"] and k["execution_state"] == "idle" for k in kernels):
            break
        time.sleep(0.2)
    else:
        raise TimeoutError(f"no kernel: {kernels}")
    shown = page.locator(".jp-Notebook-ExecutionIndicator")
    expect(shown).to_have_attribute("data-status", "idle", timeout=WAIT)


def run_cell(page: Page, number: int, wanted: str) -> None:
    page.locator(".jp-CodeCell").nth(number).locator(".cm-content").click()
    page.keyboard.press("Control+Enter")
    expect(page.locator(".jp-CodeCell").nth(number)).to_contain_text(wanted, timeout=WAIT)


def faults_for_readers(page: Page) -> list[str]:
    """Return what axe finds wrong with the first cell's output."""
    found = Axe().run(page, context={"include": [[".jp-CodeCell .jp-OutputArea"]]}).response
    assert found["passes"]
    serious = [v for v in found["violations"] if v["impact"] in ("serious", "critical")]
    return [f"{v['id']}: {node['html']}" for v in serious for node in v["nodes"]]


def keep(page: Page, name: str, cell: int = 0) -> None:
    """Keep a picture of a cell's output."""
    if folder := os.environ.get("TLTEACH_ARTEFACTS"):
        area = page.locator(".jp-CodeCell").nth(cell).locator(".jp-OutputArea").first
        area.screenshot(path=Path(folder) / f"{name}.png")


@contextmanager
def browsed(
    url: str, name: str, height: int, complaints: list[str], *, arguments: Sequence[str] = ()
) -> Iterator[Page]:
    """Open a notebook in JupyterLab; note what the console complains of."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=[*ARGUMENTS, *arguments]
        )
        page = browser.new_page(viewport={"width": 1200, "height": height})
        page.on("console", lambda m: m.type == "error" and complaints.append(m.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(f"{url}/lab/tree/{name}?reset")
        ready(page, url)
        yield page
        browser.close()


@contextmanager
def opened(
    url: str, name: str, height: int, *, but: str = "\n", arguments: Sequence[str] = ()
) -> Iterator[Page]:
    """Open a notebook in JupyterLab; complaints of the console, but one, fail at the end."""
    complaints: list[str] = []
    with browsed(url, name, height, complaints, arguments=arguments) as page:
        yield page
    assert [text for text in complaints if but not in text] == []


def save(page: Page) -> None:
    page.keyboard.press("Control+s")
    expect(page.locator(".jp-mod-dirty")).to_have_count(0, timeout=WAIT)


def end_kernels(page: Page, url: str) -> None:
    for session in page.request.get(f"{url}/api/sessions").json():
        page.request.delete(f"{url}/api/sessions/{session['id']}")


def settings(folder: Path, *, saved: bool) -> None:
    """Let JupyterLab fetch no news, and save the state of widgets where asked."""
    for name, values in SETTINGS.items():
        if name == WIDGETS and not saved:
            continue
        package, plugin = name.rsplit("/", 1)
        path = folder / package / f"{plugin}.jupyterlab-settings"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(values))


@contextmanager
def jupyterlab(root: Path, *, saved: bool = True) -> Iterator[str]:
    """Serve a folder; yield the address."""
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        port = s.getsockname()[1]
    home = root / ".home"
    settings(home / "lab" / "user-settings", saved=saved)
    env = os.environ | {
        "HOME": str(home),
        "JUPYTER_CONFIG_DIR": str(home),
        "JUPYTER_DATA_DIR": str(home / "data"),
        "JUPYTER_RUNTIME_DIR": str(home / "runtime"),
        "JUPYTERLAB_SETTINGS_DIR": str(home / "lab" / "user-settings"),
        "JUPYTERLAB_WORKSPACES_DIR": str(home / "lab" / "workspaces"),
        "IPYTHONDIR": str(home / "ipython"),
    }
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", f"--port={port}"]
    command += ["--ServerApp.ip=127.0.0.1", "--IdentityProvider.token=", "--ServerApp.password="]
    command += [f"--ServerApp.root_dir={root}", "--ServerApp.disable_check_xsrf=True"]
    with (root / "server.log").open("w") as log:
        server = subprocess.Popen(command, env=env, stdout=log, stderr=log)
    url = f"http://127.0.0.1:{port}"
    try:
        _wait(f"{url}/api", server, root / "server.log")
        yield url
    finally:
        server.terminate()
        server.wait(READY)


def _wait(url: str, server: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + READY
    while time.monotonic() < end and server.poll() is None:
        try:
            with urllib.request.urlopen(url):
                return
        except OSError:
            time.sleep(0.2)
    raise RuntimeError(f"JupyterLab did not answer:\n{log.read_text()[-2000:]}")
