"""The command line as typed, and what `import tlteach` does and does not do."""

import base64
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import tlteach as tlt
from tlteach.app.cli import main
from tlteach.app.demo import FULL, QUICK

BINARY = Path(sys.executable).parent / "tlteach"


def run(*command, cwd=None, **environment):
    settings = {key: value for key, value in os.environ.items() if key != "OMP_WAIT_POLICY"}
    return subprocess.run(
        list(map(str, command)), capture_output=True, text=True, cwd=cwd, env=settings | environment
    )


def python(code, **environment):
    return run(sys.executable, "-c", code, **environment)


def test_the_installed_command_knows_its_version():
    done = run(BINARY, "--version")
    assert (done.returncode, done.stdout, done.stderr) == (0, f"tlteach {tlt.__version__}\n", "")


def test_the_site_is_built_in_a_clone_and_nowhere_else(capsys, monkeypatch, tmp_path):
    asked = []
    monkeypatch.setattr(subprocess, "call", lambda command: asked.append(command) or 0)
    assert main(["site", "--stored", "--out", str(tmp_path)]) == 0
    [[_, program, *typed]] = asked
    assert Path(program).samefile(Path(__file__).parents[2] / "docs" / "build.py")
    assert typed == ["--out", str(tmp_path), "--stored"]
    monkeypatch.setattr("tlteach.base.clone", lambda: None)
    assert main(["site"]) == 2
    assert "a clone of the repository; got a wheel" in capsys.readouterr().err
    assert len(asked) == 1


def test_help_names_every_command(capsys):
    with pytest.raises(SystemExit) as end:
        main(["--help"])
    assert end.value.code == 0
    told = capsys.readouterr().out
    assert "people teach transfer learning with" in told
    for command in (
        "demo",
        "lab",
        "notebooks",
        "doctor",
        "pages",
        "site",
        "progress",
        "prefetch",
        "submit",
        "overview",
        "pool",
        "kit",
    ):
        assert f"\n    {command} " in told


def test_the_demos_help_names_its_options(capsys):
    with pytest.raises(SystemExit) as end:
        main(["demo", "--help"])
    assert end.value.code == 0
    told = capsys.readouterr().out
    assert "--full" in told
    assert "tlteach-demo" in told
    assert FULL != QUICK


@pytest.mark.parametrize("typed", [[], ["dance"], ["doctor", "--loud"], ["demo", "--out"]])
def test_what_is_not_understood_ends_with_2_and_the_usage(typed, capsys):
    with pytest.raises(SystemExit) as end:
        main(typed)
    assert end.value.code == 2
    assert capsys.readouterr().err.startswith("usage: tlteach")


def test_doctor_ends_with_0_where_all_is_well_and_1_where_not(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("OMP_WAIT_POLICY", "PASSIVE")
    monkeypatch.setenv("TLTEACH_HOME", str(tmp_path))
    assert main(["doctor"]) == 0
    told = capsys.readouterr().out.splitlines()
    assert sum(line.startswith("ok  ") for line in told) == 11
    assert all(line.startswith(("ok  ", " " * 15)) for line in told)
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("TLTEACH_HOME", str(tmp_path / "file"))
    assert main(["doctor"]) == 1
    told = capsys.readouterr().out.splitlines()
    [at] = [place for place, line in enumerate(told) if line.startswith("!!")]
    assert told[at].startswith("!!  cache")
    after = next(place for place, line in enumerate(told) if line.startswith("ok  progress"))
    assert told[after - 1].strip() == "point TLTEACH_HOME to a folder you can write to"


def test_the_module_runs_as_the_command_does():
    done = run(sys.executable, "-m", "tlteach.app.cli", "dance")
    assert done.returncode == 2
    assert "invalid choice: 'dance'" in done.stderr


def test_import_is_lazy():
    heavy = ["torch", "timm", "pandas", "sklearn", "matplotlib", "ipywidgets", "IPython"]
    done = python(f"import sys, tlteach; print([m for m in {heavy} if m in sys.modules])")
    assert (done.returncode, done.stdout, done.stderr) == (0, "[]\n", "")


@pytest.mark.slow
def test_the_engine_needs_neither_matplotlib_nor_a_notebook():
    code = (
        "import sys, tlteach as tlt\n"
        "for name in tlt.__all__: getattr(tlt, name)\n"
        "shells = 'matplotlib seaborn ipywidgets IPython jupyterlab dask distributed'.split()\n"
        "print([m for m in shells if m in sys.modules])\n"
    )
    done = python(code)
    assert (done.returncode, done.stdout, done.stderr) == (0, "[]\n", "")


def test_every_public_name_is_there_and_an_unknown_one_is_an_error():
    assert set(tlt.__all__) <= set(dir(tlt))
    assert all(getattr(tlt, name) is not None for name in tlt.__all__)
    with pytest.raises(AttributeError, match="module 'tlteach' has no attribute 'teach'"):
        tlt.teach  # noqa: B018


def test_waiting_is_passive_unless_the_user_says_otherwise():
    code = "import os, tlteach; print(os.environ['OMP_WAIT_POLICY'])"
    assert python(code).stdout == "PASSIVE\n"
    assert python(code, OMP_WAIT_POLICY="ACTIVE").stdout == "ACTIVE\n"


@pytest.mark.slow
def test_torch_before_tlteach_is_warned_about_where_it_matters():
    late = "import torch; import tlteach"
    assert "RuntimeWarning: torch was imported before tlteach" in python(late).stderr
    assert python("import tlteach, torch").stderr == ""
    assert python(late, OMP_WAIT_POLICY="PASSIVE").stderr == ""


def test_one_chart_is_written_for_a_course_site(tmp_path, capsys):
    assert main(["pages", "--only", "layers", "--out", str(tmp_path)]) == 0
    told = capsys.readouterr().out
    page = tmp_path / "layers.html"
    assert page.read_text().count("data-chart") == 2  # one section, and the script that finds it
    assert '<iframe src="layers.html" title="Layers"' in told
    parts = tmp_path / "parts"
    assert sorted(path.name for path in parts.iterdir()) == [
        "charts.css", "charts.mjs", "layers.json",
    ]  # fmt: skip
    assert "export default { render };" in (parts / "charts.mjs").read_text()
    known = json.loads((parts / "layers.json").read_text())
    numbers = np.frombuffer(base64.b64decode(known["cube"]), "<f4")
    assert known["spec"]["title"] == "Which layers learn"
    assert np.isfinite(numbers).any()


def test_an_unknown_chart_is_refused(tmp_path, capsys):
    assert main(["pages", "--only", "layer", "--out", str(tmp_path)]) != 0
    assert "--only must be one of" in capsys.readouterr().err
