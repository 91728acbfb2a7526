"""Charts without a browser: their states are safe, and what is saved of them is small."""

import json

import numpy as np
import pytest

from tlteach import widgets
from tlteach.widgets import pages
from tlteach.widgets._bundle import MODULES, STATIC, script, style
from tlteach.widgets._chart import EVERY, WAITING, Chart
from tlteach.widgets._spec import Control, Fact, Spec
from tlteach.widgets._words import fixed

CHARTS = list(widgets.CHARTS)


@pytest.fixture(params=CHARTS)
def chart(request):
    return getattr(widgets, request.param)()


def test_predict_first_hides_until_a_guess():
    chart = widgets.negative_transfer(predict=True)
    assert chart.describe() == WAITING
    chart.guess = "hurts"
    assert "verdict: " in chart.describe()


def test_every_control_changes_what_is_told(chart):
    start = chart.state
    for control in chart.spec["controls"]:
        told = set()
        if control["id"] in ("share", "seconds"):  # asked by a panel that is shown later
            chart.state = f"against={'updates' if control['id'] == 'share' else 'seconds'}"
            chart.state = "target=digits"
        for value in control["values"]:
            chart.state = f"{control['id']}={value}"
            told.add(chart.describe())
        chart.state = start
        assert len(told) == len(control["values"])


def test_presets_are_states(chart):
    for preset in chart.spec["presets"]:
        chart.state = preset["state"]
        assert not chart.table().empty


def test_a_state_brings_a_view_back(chart):
    first = chart.state
    chart.state = chart.spec["presets"][1]["state"]
    assert chart.state != first
    told, moved = chart.describe(), chart.state
    chart.state = first
    chart.state = moved
    assert chart.describe() == told


def test_a_wrong_state_is_refused_and_changes_nothing(chart):
    before = chart.state
    with pytest.raises(ValueError, match=r"state must name controls out of .*; got 'shotz'"):
        chart.state = "shotz=5"
    name = chart.spec["controls"][-1]["id"]
    with pytest.raises(ValueError, match=f"{name} must be one of .*; got '7.5'"):
        chart.state = f"{name}=7.5"
    assert chart.state == before


def test_the_picture_shows_the_same_lines(chart):
    figure = chart.figure()
    shown = [panel.title for panel in chart._spec.shown(chart.at)]
    drawn = [panel for panel in chart.spec["panels"] if panel["title"] in shown]
    for ax, panel in zip(figure.axes, drawn, strict=True):
        rows = chart.table().query("panel == @panel['title']")
        for series in panel["series"]:
            mine = rows.loc[rows["line"] == series["label"], "mean"].to_numpy()
            found = [line for line in ax.lines if line.get_label() == series["label"]]
            found += [bar[0] for bar in ax.containers if bar.get_label() == series["label"]]
            [line] = found
            drawn = np.asarray(line.get_ydata(), float)
            assert drawn[~np.isnan(drawn)] == pytest.approx(mine)


def test_what_is_saved_stays_small(chart):
    saved = len(json.dumps(chart.spec)) + len(chart.cube) * 4 / 3  # base64
    front = len(script().encode()) + len(style().encode())
    assert saved + front <= 750_000  # a map of moving points alone takes a quarter of a megabyte
    assert front < 80_000  # every saved chart brings it along; 40 kB held lines and strips alone


def test_every_module_of_the_front_end_is_joined():
    assert sorted(path.stem for path in (STATIC / "chart").iterdir()) == sorted(MODULES)
    for name in MODULES:
        assert len((STATIC / "chart" / f"{name}.js").read_text().splitlines()) < 300


def test_the_front_end_fetches_nothing():
    source = script() + style()
    assert not [word for word in ("fetch(", "XMLHttp", "import ", "@import") if word in source]
    assert source.count("http") == source.count("http://www.w3.org/2000/svg")


def asking() -> Chart:
    words = ("hurts", "helps")
    fact = Fact("verdict", "verdict", ("shots",), np.array([0, 1], np.float32), "word", words)
    control = Control("shots", "shots", (1, 2))
    return Chart(Spec("T", "L", (control,), (), (fact,), predict=("Which?", words, "verdict")))


def test_results_wait_for_a_guess():
    chart = asking()
    assert chart.describe() == WAITING
    assert WAITING in chart.picture()
    chart.guess = "helps"
    assert chart.describe() == "shots: 1. verdict: hurts."


def test_a_guess_belongs_to_its_state():
    chart = widgets.negative_transfer("target=digits;shots=10", predict=True)
    chart.guess = "hurts"
    assert "verdict: " in chart.describe()
    chart.state = "shots=50"
    assert (chart.guess, chart.describe()) == ("", WAITING)
    chart.state = "shots=10"
    assert "verdict: " in chart.describe()
    chart.guesses = {EVERY: ""}
    chart.state = "shots=50"
    assert "verdict: " in chart.describe()


def test_a_page_holds_no_end_of_its_script(tmp_path):
    chart = asking()
    chart.guess = "</script><b>"
    text = pages.write_page([chart], tmp_path / "p.html", title="<T>").read_text()
    assert "</script><b>" not in text
    assert "<title>&lt;T&gt;</title>" in text


@pytest.mark.parametrize(
    ("value", "digits", "text"),
    [(0.25, 1, "0.3"), (-0.25, 1, "-0.3"), (2.5, 0, "3"), (0.1, 3, "0.100"), (1e-9, 1, "0.0")],
)
def test_halves_go_away_from_zero(value, digits, text):
    assert fixed(value, digits) == text
