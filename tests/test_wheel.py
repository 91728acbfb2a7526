"""A built wheel, installed in an empty environment, loads every task and the weights."""

import json
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parent.parent
PROBE = """
import json, tlteach
from tlteach import data
tasks = {name: data.load_task(name).fingerprint for name in data.TASKS}
print(json.dumps({"file": tlteach.__file__, "data": str(data.shipped_data()), "tasks": tasks,
                  "weights": tlteach.load_backbone("lite0").fingerprint()}))
"""


def assert_licences_travel(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        (metadata,) = (name for name in names if name.endswith(".dist-info/METADATA"))
        told = archive.read(metadata).decode()
    assert "License-Expression: BSD-3-Clause AND" in told
    assert "GPL-2.0-or-later" in told
    for text in ("LICENSE", "datasets/photos/LICENSE", "datasets/photos/COPYRIGHT"):
        assert f"License-File: {text}\n" in told
        assert any(name.endswith(f".dist-info/licenses/{text}") for name in names)
    assert "tlteach/_datasets/photos/LICENSE" in names


@pytest.mark.slow
def test_installed_wheel_loads_every_task(tmp_path):
    from tlteach import data, load_backbone

    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(build, cwd=REPOSITORY, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")

    assert_licences_travel(wheel)

    home = tmp_path / "environment"
    venv.create(home, with_pip=False)
    python = home / "bin" / "python"
    pip = [sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet"]
    subprocess.run([*pip, "--no-deps", "--no-index", str(wheel)], check=True, capture_output=True)
    (site,) = home.glob("lib/python*/site-packages")
    (site / "borrowed.pth").write_text(sysconfig.get_path("purelib") + "\n")

    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    run = [str(python), "-I", "-c", PROBE]
    result = subprocess.run(run, cwd=elsewhere, check=True, capture_output=True, text=True)
    found = json.loads(result.stdout)
    assert Path(found["file"]).is_relative_to(site)
    package = REPOSITORY / "tlteach"
    shipped = {file.relative_to(package) for file in package.rglob("*.*") if file.suffix != ".pyc"}
    assert Path("py.typed") in shipped
    assert {file for file in shipped if not (site / "tlteach" / file).exists()} == set()
    assert Path(found["data"]).is_relative_to(site)
    assert found["tasks"] == {name: data.load_task(name).fingerprint for name in data.TASKS}
    assert found["weights"] == load_backbone("lite0").fingerprint()
