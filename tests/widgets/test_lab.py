"""Charts in JupyterLab: drawn, heard by the kernel, moved by it, alive after it."""

import base64
import time

import pytest
from playwright.sync_api import Page, expect

from tests.helpers.browser import (
    CHROMIUM,
    WAIT,
    end_kernels,
    faults_for_readers,
    jupyterlab,
    keep,
    opened,
    run_cell,
    save,
    write_notebook,
)
from tests.helpers.kept import kept
from tests.helpers.photographs import photograph
from tlteach import widgets

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here: widgets NOT tested")
CELLS = [
    "from tlteach import widgets\nchart = widgets.overfitting()\nchart",
    "print('heard', chart.state)",
    "chart.state = 'shots=2;step=30'\nprint('moved')",
]


TRAINING = [
    "import tlteach as tlt\nfrom tlteach import widgets\n"
    "config = tlt.TrainConfig(updates=20_000, measure_every=15)\n"
    "live = widgets.train_live(config=config)\nlive",
    "print('kernel', live.training.state)",
    "print('runs', len(live.runs), live.training.result().updates == live.training.step)",
]


LOOKING = [
    "from tlteach import widgets\n"
    "explorer = widgets.look('digits', backbone='small:glyphs', shots=5)\nexplorer",
    "print('looking at', explorer.which.value, explorer.place.value, 'of', len(explorer.rows))",
]


MANY = [
    "from IPython.display import display\nfrom tlteach import lessons, widgets\n"
    "first, second = widgets.layers(), widgets.layers('target=digits;shots=20')\n"
    "display(first, second, widgets.overfitting())\n"
    "for letter in 'abc':\n    display(lessons.quiz(f'05.{letter}'))",
    "print('chosen', [lessons.chosen(f'05.{letter}') != '' for letter in 'abc'])",
]


CAMERA = ["--use-fake-device-for-media-stream"]  # green, with a disc that turns; asks for leave
GIVE = """(node, [how, data]) => {
  const all = new DataTransfer();
  const bytes = Uint8Array.from(atob(data), (c) => c.charCodeAt(0));
  all.items.add(new File([bytes], `${how}.png`, { type: "image/png" }));
  const given = { dataTransfer: all, clipboardData: all, bubbles: true, cancelable: true };
  const Kind = how === "drop" ? DragEvent : ClipboardEvent;
  node.dispatchEvent(new Kind(how, given));
}"""
CAMERA_CELLS = [
    "from tlteach import widgets\nfound = widgets.collect('desk', classes=['cup', 'pen'])\nfound",
    "print('counts', found.counts)",
    "import tlteach as tlt\n"
    "models = {name: tlt.load_model(f'models/{name}') for name in ('scratch', 'frozen')}\n"
    "tried = widgets.try_model(models)\ntried",
    "print('tried', len(tried.table()), tried.table()['truth'].tolist())",
]


@pytest.fixture(scope="module")
def lab(tmp_path_factory, digits):
    root = tmp_path_factory.mktemp("lab")
    for regime in ("scratch", "frozen"):
        kept(digits, "small:glyphs", regime).save(root / "models" / regime)
    write_notebook(root / "camera.ipynb", CAMERA_CELLS)
    write_notebook(root / "charts.ipynb", CELLS)
    write_notebook(root / "training.ipynb", TRAINING)
    write_notebook(root / "looking.ipynb", LOOKING)
    write_notebook(root / "many.ipynb", MANY)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TLTEACH_HOME", str(root / "home"))
        patch.setenv("TLTEACH_PROGRESS", str(root / "home"))
        with jupyterlab(root) as url:
            yield url


@pytest.fixture
def page(lab, request):
    with opened(lab, f"{request.param}.ipynb", 1400, arguments=CAMERA) as found:
        yield found


def reopen_charts(page: Page, url: str) -> None:
    """Save the notebook of charts, end its kernel and open it again."""
    save(page)
    end_kernels(page, url)
    page.goto(f"{url}/lab/tree/charts.ipynb?reset")
    page.wait_for_selector(".tlt-plot", timeout=WAIT)


def said(page: Page) -> str:
    return page.locator(".tlt").get_attribute("data-say")


@pytest.mark.parametrize("page", ["charts"], indirect=True)
def test_a_chart_lives_in_jupyterlab(page, lab):
    chart = widgets.overfitting()
    run_cell(page, 0, "Overfitting")
    page.wait_for_selector(".tlt-plot", timeout=WAIT)
    assert said(page) == chart.describe()
    assert not page.locator("[class^=tlt-still]").is_visible()

    page.locator("[id$=-shots]").focus()
    page.keyboard.press("ArrowRight")  # JupyterLab's own shortcuts must not take it
    chart.state = "shots=5"
    assert said(page) == chart.describe()
    time.sleep(1)  # the kernel hears of it when the hand rests
    run_cell(page, 1, f"heard {chart.state}")

    run_cell(page, 2, "moved")
    chart.state = "shots=2;step=30"
    expect(page.locator(".tlt")).to_have_attribute("data-say", chart.describe(), timeout=WAIT)

    reopen_charts(page, lab)
    assert said(page) == chart.describe()
    page.locator("[id$=-shots]").focus()
    page.keyboard.press("ArrowRight")
    chart.state = "shots=5"
    assert said(page) == chart.describe()


@pytest.mark.parametrize("page", ["many"], indirect=True)
def test_charts_and_quizzes_of_a_notebook_do_not_take_each_other_for_themselves(page, lab):
    run_cell(page, 0, "Overfitting")
    expect(page.locator(".tlt")).to_have_count(3, timeout=WAIT)
    expect(page.locator(".tlt-quiz")).to_have_count(3, timeout=WAIT)
    ids = page.locator(".tlt [id]").evaluate_all("nodes => nodes.map((node) => node.id)")
    assert len(ids) == len(set(ids)) > 6
    groups = [
        set(quiz.locator("input").evaluate_all("nodes => nodes.map((node) => node.name)"))
        for quiz in page.locator(".tlt-quiz").all()
    ]
    assert [len(group) for group in groups] == [1, 1, 1]
    assert len(set.union(*groups)) == 3
    page.locator(".tlt-quiz").first.locator("input").last.focus()
    page.keyboard.press("Space")
    page.keyboard.press("ArrowDown")  # round within the question, not on to the next one
    expect(page.locator(".tlt-quiz").first).to_contain_text("Noted:", timeout=WAIT)
    run_cell(page, 1, "chosen [True, False, False]")
    end_kernels(page, lab)
    page.keyboard.press("Escape")
    page.locator(".tlt-quiz").first.locator("input").last.click()
    first = page.locator(".tlt-quiz").first
    expect(first).to_contain_text("No answer from the kernel", timeout=WAIT)
    expect(first).not_to_contain_text("Noted:")


@pytest.mark.parametrize("page", ["training"], indirect=True)
def test_training_leaves_the_kernel_free(page):
    run_cell(page, 0, "Overfitting")
    assert faults_for_readers(page) == []
    page.get_by_role("button", name="Train", exact=True).click()
    curve = page.locator(".tlt-live").first
    curve.wait_for(state="attached", timeout=WAIT)
    run_cell(page, 1, "kernel running")
    page.get_by_role("button", name="Pause").click()
    page.get_by_text("paused, update").wait_for(timeout=WAIT)
    drawn = curve.get_attribute("d")
    run_cell(page, 1, "kernel paused")
    page.get_by_role("button", name="Train", exact=True).click()  # goes on
    page.get_by_text("running, update").wait_for(timeout=WAIT)
    page.wait_for_function(
        "old => document.querySelector('.tlt-live').getAttribute('d') !== old", arg=drawn
    )
    page.get_by_role("button", name="Draw first").click()  # the chart answers while it trains
    assert not curve.is_visible()
    page.get_by_role("button", name="Show the curves").click()
    assert curve.is_visible()
    page.get_by_role("button", name="Stop").click()
    page.get_by_text("stopped, update").wait_for(timeout=WAIT)
    keep(page, "train_live")
    run_cell(page, 2, "runs 1 True")


@pytest.mark.parametrize("page", ["looking"], indirect=True)
def test_images_are_looked_at_by_keys(page):
    run_cell(page, 0, "Nearest training images")
    assert faults_for_readers(page) == []
    run_cell(page, 1, "looking at all 0 of")
    first = page.locator(".jp-OutputArea figure img").first.get_attribute("src")
    page.get_by_role("combobox", name="images").select_option("wrong")
    number = page.get_by_role("spinbutton", name="number")
    number.focus()
    page.keyboard.press("ArrowUp")
    page.wait_for_function(
        "old => document.querySelector('.jp-OutputArea figure img').src !== old", arg=first
    )
    run_cell(page, 1, "looking at wrong 1 of")
    keep(page, "look")


@pytest.mark.parametrize("page", ["camera"], indirect=True)
def test_pictures_are_collected_and_tried(page, tmp_path):
    run_cell(page, 0, "Start camera")
    box = page.get_by_role("region", name="Collect pictures")
    said = box.get_by_role("status")
    start = box.get_by_role("button", name="Start camera")
    start.click()
    expect(said).to_contain_text("may not be used", timeout=WAIT)
    expect(said).to_contain_text("Choose, drop or paste picture files instead.")

    photograph("rings", 1).save(tmp_path / "mine.png")
    (tmp_path / "notes.txt").write_text("no picture")
    with page.expect_file_chooser() as chooser:
        box.get_by_role("button", name="Choose picture files of pen").click()
    chooser.value.set_files([tmp_path / "mine.png"])
    expect(said).to_contain_text("pen: mine.jpg is in.", timeout=WAIT)
    with page.expect_file_chooser() as chooser:
        box.get_by_role("button", name="Choose picture files of pen").click()
    chooser.value.set_files([tmp_path / "notes.txt"])
    expect(said).to_contain_text("notes.txt is no picture that this browser can read")

    for seed, how in enumerate(("drop", "paste"), 2):
        photograph("rings", seed).save(tmp_path / "given.png")
        data = base64.b64encode((tmp_path / "given.png").read_bytes()).decode()
        box.get_by_role("region", name="pen").evaluate(GIVE, [how, data])
        expect(said).to_contain_text(f"pen: {how}.jpg is in.", timeout=WAIT)

    page.context.grant_permissions(["camera"])
    start.click()
    expect(said).to_contain_text("The camera is on.", timeout=WAIT)
    box.get_by_role("button", name="Take a picture of cup").click()
    expect(said).to_contain_text("cup: camera.jpg is in.", timeout=WAIT)
    time.sleep(0.5)  # the disc turns on
    page.keyboard.press("2")  # a number key takes one too
    expect(said).to_contain_text("pen: camera.jpg is in.", timeout=WAIT)
    assert faults_for_readers(page) == []
    keep(page, "collect")
    box.get_by_role("button", name="Delete mine.jpg of pen").focus()
    page.keyboard.press("Delete")
    expect(said).to_contain_text("mine.jpg is deleted", timeout=WAIT)
    box.get_by_role("button", name="Undo delete").click()
    expect(said).to_contain_text("mine.jpg is back", timeout=WAIT)
    box.get_by_role("button", name="Stop camera").click()
    run_cell(page, 1, "counts {'cup': 1, 'pen': 4}")

    run_cell(page, 2, "nothing seen yet")
    box = page.get_by_role("region", name="Try models")
    for nothing_yet in ("img.tlt-cam-seen", "video"):
        expect(box.locator(nothing_yet)).to_be_hidden()
    box.get_by_role("button", name="Start camera").click()
    expect(box.locator(".tlt-cam-bar")).to_have_count(10, timeout=WAIT)
    with page.expect_file_chooser() as chooser:
        box.get_by_role("button", name="Choose a picture file to try").click()
    chooser.value.set_files([tmp_path / "mine.png"])
    expect(box.get_by_role("img", name="the picture that you chose")).to_be_visible(timeout=WAIT)
    expect(box.get_by_role("button", name="Start camera")).to_be_visible()  # a file stops it
    box.get_by_role("combobox", name="What it really is").select_option("7")
    box.get_by_role("button", name="Count").click()
    expect(box).to_contain_text("of 1", timeout=WAIT)
    keep(page, "try_model", 2)
    run_cell(page, 3, "tried 2 ['7', '7']")


def test_a_chart_wakes_in_a_reopened_notebook_of_a_default_jupyterlab(tmp_path):
    quiz = "from tlteach import lessons\nlessons.quiz('05.d')"
    write_notebook(tmp_path / "charts.ipynb", [CELLS[0], quiz])
    known = {"but": "widget model not found"}  # what JupyterLab says of what was not saved
    with (
        jupyterlab(tmp_path, saved=False) as url,
        opened(url, "charts.ipynb", 1400, **known) as page,
    ):
        run_cell(page, 0, "Overfitting")
        page.wait_for_selector(".tlt-plot", timeout=WAIT)
        expect(page.locator(".tlt")).to_have_count(1)
        run_cell(page, 1, "negative transfer")
        expect(page.locator(".tlt-quiz")).to_have_count(1, timeout=WAIT)
        expect(page.get_by_text("To answer, run this cell.")).to_be_hidden()
        reopen_charts(page, url)
        expect(page.get_by_text("To answer, run this cell.")).to_be_visible(timeout=WAIT)
        page.wait_for_function(  # what can be seen
            "() => !/(Loading|Error displaying) widget/"
            ".test(document.querySelector('.jp-Notebook').innerText)"
        )
        chart = widgets.overfitting()
        assert said(page) == chart.describe()
        page.locator("[id$=-shots]").focus()
        page.keyboard.press("ArrowRight")
        chart.state = "shots=5"
        assert said(page) == chart.describe()
