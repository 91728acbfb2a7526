"""The report to hand in: everything inside, every name escaped, nothing that runs."""

import matplotlib.pyplot as plt
import pytest

import tlteach as tlt
from tests.app.test_page import Page
from tests.helpers.kept import BRIEF
from tests.helpers.photographs import write_photographs

HOSTILE = "<script>alert(1)<"  # a folder's name may hold no slash


@pytest.fixture(scope="module")
def parts(tmp_path_factory):
    root = write_photographs(
        tmp_path_factory.mktemp("report") / "<b>own", 12, kinds=(HOSTILE, "stripes")
    )
    again = root / "stripes" / "<i>.jpg"
    again.write_bytes(next((root / HOSTILE).iterdir()).read_bytes())
    with pytest.warns(tlt.data.FolderNote, match="copies with different labels"):
        task = tlt.from_folder(root, size=32)
    results = tlt.compare(
        task, backbone="small:glyphs", regimes=["scratch", "frozen"], shots=[2, 4],
        seeds=range(2), search="smoke", baselines=["raw_pixels"], config=BRIEF, n_jobs=1,
        progress=False,
    )  # fmt: skip
    model = tlt.train_best(results, task, regime="frozen")
    return {
        "task": task,
        "audit": tlt.audit(root, backbone="small:glyphs"),
        "model": model,
    }, results


@pytest.fixture(scope="module")
def page(parts, tmp_path_factory):
    more, results = parts
    before = plt.get_fignums()
    path = tlt.report(results, tmp_path_factory.mktemp("out") / "deep" / "report.html", **more)
    assert plt.get_fignums() == before
    return Page(path.read_text(encoding="utf-8"))


def test_it_holds_every_part_in_order(page):
    titles = page.texts("h2")
    each = ["Data", "Audit", "2 labels per class", "4 labels per class", "The model", "Limits"]
    assert titles == [*each, "Licences and notes"]
    captions = page.texts("caption")
    assert captions[0] == "Images by class and split"
    assert captions[1].startswith("What was found, severest first")
    assert captions[2].startswith("Test accuracy at 2 labels per class")
    assert captions[-1].startswith("How good the model is")


def test_two_configurations_make_no_report(parts, tmp_path):
    _, results = parts
    two = results.assign(config=results["config"].where(results["seed"] == 0, "other"))
    with pytest.raises(ValueError, match="all seeds must have one configuration"):
        tlt.report(two, tmp_path / "report.html")
    assert not (tmp_path / "report.html").exists()


def test_figures_have_words(page):
    told = [attributes["alt"] for attributes, _ in page.all("img")]
    assert any("with findings" in text for text in told)
    assert any(text.startswith("Learning curve") for text in told)
    assert all(told)


def test_every_name_is_escaped(page):
    assert not page.all("script")
    assert not page.all("b")
    assert not page.all("i")
    assert HOSTILE in page.texts("th")  # the class, in the table of counts
    assert "<b>own" in page.texts("title")[0]
    assert any("<i>.jpg" in text for text in page.texts("td"))


def test_it_is_one_file_that_asks_for_nothing(page):
    for _, attributes, _ in page.elements:
        assert attributes.get("src", "data:").startswith("data:")
    assert not page.all("link")


def test_verdicts_costs_limits_and_provenance_stand_in_it(page, parts):
    _, results = parts
    verdicts = page.texts("li")
    here = results[results["shots"] == 4]
    assert str(tlt.verdict(here, "frozen", "scratch")) in verdicts
    assert {"seconds", "updates"} <= set(page.texts("th"))
    told = " ".join(page.texts("p"))
    assert "Another task, camera or place may come out otherwise." in told
    assert "Overlap with the source" in told
    assert f"torch {results.attrs['provenance']['versions']['torch']}" in told


def test_results_alone_are_enough(parts, tmp_path):
    _, results = parts
    page = Page(tlt.report(results, tmp_path / "r.html").read_text(encoding="utf-8"))
    assert page.texts("h2")[:1] == ["2 labels per class"]
    bare = results[results["regime"] == "frozen"].copy()
    bare.attrs = {}
    page = Page(tlt.report(bare, tmp_path / "r.html").read_text(encoding="utf-8"))
    assert "The results came without their provenance." in page.texts("p")


def test_another_task_is_refused(parts, digits, tmp_path):
    _, results = parts
    with pytest.raises(ValueError, match="must be the one of the results, '<b>own'; got 'digits'"):
        tlt.report(results, tmp_path / "r.html", task=digits)
    with pytest.raises(ValueError, match=r"number of tasks in results must be .* 1; got 0"):
        tlt.report(results[:0], tmp_path / "r.html")
    assert not list(tmp_path.iterdir())
