"""The page is one sound HTML file: balanced, accessible, escaped, alone, never half written."""

import base64
import io

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
import torch

from tests.helpers.html_page import Elements
from tlteach import plots
from tlteach.app import Section, Table, write_report

HOSTILE = """<script>alert("1")</script> & '</title>"""


class Page(Elements):
    """A report's elements; the texts without the space around them."""

    def texts(self, tag):
        return [text.strip() for text in super().texts(tag)]


@pytest.fixture(autouse=True)
def _close_figures():
    yield
    plt.close("all")


def frame():
    return pd.DataFrame(
        {
            "regime": ["frozen", "scratch"],
            "mean": [0.61849, np.nan],
            "images": [12345, 7],
            "chosen": [True, False],
        }
    )


def grid(ax=None):
    return plots.image_grid(
        torch.zeros(2, 1, 8, 8, dtype=torch.uint8), titles=['"a<b"', "c"], ax=ax
    )


def write(tmp_path, *sections, **options):
    path = write_report(tmp_path / "deep" / "report.html", sections, **options)
    return Page(path.read_text(encoding="utf-8"))


def full(text="plain"):
    return Section(
        text,
        verdicts=["frozen helps: +10.3 points", text],
        paragraphs=[text, "two"],
        figures=[grid()],
        tables=[Table(frame().assign(**{text: text}), text)],
    )


def test_page_is_balanced_and_says_its_language(tmp_path):
    page = write(tmp_path, full(), full(), title="A title", language="de")
    assert page.all("html")[0][0] == {"lang": "de"}
    assert page.texts("title") == page.texts("h1") == ["A title"]
    assert page.texts("h2") == ["plain", "plain"]
    assert page.texts("li")[:2] == ["frozen helps: +10.3 points", "plain"]
    assert page.texts("p") == ["plain", "two"] * 2
    names = [attributes.get("name") for attributes, _ in page.all("meta")]
    assert "viewport" in names


def test_a_sentence_and_a_picture_open_the_page(tmp_path):
    page = write(tmp_path, full(), title="A title", lead="One <sentence>.", picture=grid())
    ((_, opening),) = page.all("header")
    assert page.texts("h1") == ["A title"]
    assert opening.split("\n")[1:3] == ["A title", "One <sentence>."]
    ((attributes, _), *_) = page.all("p")
    assert attributes == {"class": "lead"}
    names = [name for name, _, _ in page.elements]
    assert names.index("h1") < names.index("img") < names.index("section")
    assert len(page.all("img")) == 2  # the opening's and the section's


def test_notes_stand_together_at_the_end(tmp_path):
    first, last = Section("a", notes=["licence of a", "b < c"]), Section("z", paragraphs=["text"])
    page = write(tmp_path, first, last, notes=["about all"])
    assert page.texts("h2") == ["a", "z", "Licences and notes"]
    assert page.texts("h3") == ["a"]
    assert page.texts("p") == ["text", "about all", "licence of a", "b < c"]
    *_, (attributes, inside) = page.all("section")
    assert attributes == {"class": "notes"}
    assert "licence of a" in inside


def test_style_serves_dark_screens_and_paper(tmp_path):
    (style,) = write(tmp_path).texts("style")
    assert "@media (prefers-color-scheme: dark)" in style
    assert "@media print" in style


def test_figures_are_inside_and_said_in_words(tmp_path):
    ax = grid()
    ((image, _),) = write(tmp_path, Section("a", figures=[ax])).all("img")
    assert image["alt"] == plots.describe(ax) == 'Grid of 2 images, 8 by 8 pixels: "a<b"; c.'
    kind, data = image["src"].split(",")
    assert kind == "data:image/png;base64"
    pixels = plt.imread(io.BytesIO(base64.b64decode(data, validate=True)))
    assert pixels.shape[1] / int(image["width"]) == pytest.approx(1.5, abs=0.01)
    assert pixels.shape[0] / int(image["height"]) == pytest.approx(1.5, abs=0.01)
    assert pixels.std() > 0  # something is drawn


def test_axes_of_one_figure_make_one_picture(tmp_path):
    _, axes = plt.subplots(1, 2)
    section = Section("a", figures=[grid(ax) for ax in axes] + [grid()])
    images = write(tmp_path, section).all("img")
    assert [image["alt"].count("Grid") for image, _ in images] == [2, 1]


def test_tables_have_captions_scopes_and_readable_numbers(tmp_path):
    table = Table(frame(), "What was measured", {"mean": ".1%"})
    page = write(tmp_path, Section("a", tables=[table]))
    assert page.texts("caption") == ["What was measured"]
    heads = [(attributes["scope"], text) for attributes, text in page.all("th")]
    assert heads == [
        ("col", "regime"),
        ("col", "mean"),
        ("col", "images"),
        ("col", "chosen"),
        ("row", "frozen"),
        ("row", "scratch"),
    ]
    assert page.texts("td") == ["61.8%", "12,345", "True", "–", "7", "False"]  # noqa: RUF001
    plain = write(tmp_path, Section("a", tables=[Table(frame(), "b")]))
    assert plain.texts("td")[0] == "0.618"


def test_nothing_comes_from_outside_and_nothing_runs(tmp_path):
    path = write_report(tmp_path / "report.html", [full()])
    html = path.read_text(encoding="utf-8")
    assert "http:" not in html
    assert "https:" not in html
    page = Page(html)
    assert not {"script", "link", "iframe"} & {tag for tag, _, _ in page.elements}
    for _, attributes, _ in page.elements:
        assert not [name for name in attributes if name.startswith("on")]
        assert attributes.get("src", "data:").startswith("data:")
    policy = [a["content"] for a, _ in page.all("meta") if "http-equiv" in a]
    assert policy == ["default-src 'none'; img-src data:; style-src 'unsafe-inline'"]


def test_hostile_text_stays_text(tmp_path):
    page = write(tmp_path, full(HOSTILE), title=HOSTILE, language='en"><script>')
    assert not page.all("script")
    assert page.all("html")[0][0] == {"lang": 'en"><script>'}
    assert page.texts("title") == page.texts("h1") == page.texts("h2") == [HOSTILE]
    assert page.texts("li")[1] == page.texts("p")[0] == page.texts("caption")[0] == HOSTILE
    assert page.texts("td")[3] == page.texts("th")[4] == HOSTILE
    (region,) = [attributes for attributes, _ in page.all("div")]
    assert region["aria-label"] == HOSTILE


def test_dollars_are_no_placeholders(tmp_path):
    assert write(tmp_path, Section("$title costs $5")).texts("h2") == ["$title costs $5"]


def test_same_input_gives_the_same_bytes(tmp_path):
    first = write_report(tmp_path / "a.html", [full()]).read_bytes()
    assert write_report(tmp_path / "b.html", [full()]).read_bytes() == first


def test_a_failure_leaves_the_old_file_and_no_other(tmp_path):
    path = write_report(tmp_path / "report.html", [Section("old")])
    before = path.read_bytes()
    with pytest.raises(UnicodeEncodeError):  # fails while writing, not before
        write_report(path, [Section("a lone surrogate: \ud800")])
    with pytest.raises(ValueError, match="ax must come from"):
        write_report(path, [Section("new", figures=[plt.figure().add_subplot()])])
    with pytest.raises(ValueError, match=r"formats must name columns .* chosen; got men"):
        write_report(path, [Section("new", tables=[Table(frame(), "a", {"men": ".1%"})])])
    assert path.read_bytes() == before
    assert [file.name for file in tmp_path.iterdir()] == ["report.html"]


def test_odd_tables(tmp_path):
    table = pd.DataFrame({"a": ["x"], "b": [[1, 2]], "c": [None]})
    page = write(tmp_path, Section("a", tables=[Table(table, "b"), Table(table[:0], "none")]))
    assert page.texts("td") == ["[1, 2]", "–"]  # noqa: RUF001
    assert page.texts("caption") == ["b", "none"]
