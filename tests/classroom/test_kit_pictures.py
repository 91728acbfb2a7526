"""Pictures that solved notebooks keep: small, described, and all that is left of live outputs."""

import base64
import io

import numpy as np
import pytest
from nbformat.v4 import new_code_cell, new_output
from PIL import Image

from tlteach.classroom.kit_pictures import LIMIT, drawn, pictures, small


def png(pixels, mode="RGB"):
    file = io.BytesIO()
    Image.fromarray(pixels, mode).save(file, "png")
    return file.getvalue()


def chart(width=900, height=550):
    """White with a few thick lines, as a chart is."""
    pixels = np.full((height, width, 3), 255, np.uint8)
    pixels[100:108, 50:850] = (1, 115, 178)
    pixels[50:500, 60:64] = 0
    return pixels


def noise(width, height):
    return np.random.default_rng(0).integers(0, 256, (height, width, 3), np.uint8)


def shown(content):
    return base64.b64encode(content).decode()


def test_a_chart_stays_as_it_was_but_small():
    kind, content = small(png(chart()))
    assert kind == "image/png"
    assert len(content) < 5_000
    assert np.abs(np.asarray(Image.open(io.BytesIO(content)).convert("RGB")).astype(int)
                  - chart()).max() <= 2  # fmt: skip


def test_a_photograph_becomes_a_jpeg_that_fits():
    blurred = np.asarray(Image.fromarray(noise(40, 25)).resize((1300, 800)))
    kind, content = small(png(blurred))
    assert kind == "image/jpeg"
    assert len(content) <= LIMIT
    seen = Image.open(io.BytesIO(content))
    assert seen.width / seen.height == pytest.approx(1300 / 800, rel=0.01)
    assert seen.width >= 640


def test_what_cannot_be_small_is_at_least_narrow():
    kind, content = small(png(noise(1300, 800)))
    assert kind == "image/jpeg"
    assert Image.open(io.BytesIO(content)).width == 640


def test_what_shines_through_becomes_white():
    _, content = small(png(np.zeros((20, 30, 4), np.uint8), "RGBA"))
    assert (np.asarray(Image.open(io.BytesIO(content)).convert("RGB")) == 255).all()


def test_the_same_pixels_give_the_same_bytes():
    assert small(png(chart())) == small(png(chart()))


def test_of_outputs_only_what_was_drawn_stays():
    figure = new_output(
        "display_data", data={"image/png": shown(png(chart())), "text/plain": "<F>"}
    )
    source = f"data:image/png;base64,{shown(png(chart()))}"
    still = f'<section>live</section><img alt="a &quot;chart&quot;" src="{source}">'
    widget = new_output("display_data", data={"text/html": still, "text/plain": "in words"})
    live = new_output("display_data", data={"application/vnd.jupyter.widget-view+json": {}})
    table = new_output(
        "display_data", data={"text/html": '<table class="dataframe">', "text/plain": "a b"}
    )
    said = new_output("stream", text="One figure.\nIt helps.\n")
    error = new_output("stream", name="stderr", text="/home/somebody: a warning")
    kept = drawn([said, error, live, figure, widget, table])
    assert [output.output_type for output in kept] == ["stream"] + ["display_data"] * 3
    assert "somebody" not in str(kept)
    assert "section" not in str(kept)
    cell = new_code_cell("draw()", outputs=kept)
    assert [one.words for one in pictures(cell)] == ["One figure. It helps.", 'a "chart"']
    assert all(one.source.startswith("data:image/png;base64,") for one in pictures(cell))
    assert kept[-1].data == {"text/html": '<table class="dataframe">', "text/plain": "a b"}


def test_text_alone_goes():
    assert drawn([new_output("stream", text="took 3.2 s")]) == []
    assert drawn([new_output("execute_result", data={"text/plain": "3"})]) == []


@pytest.mark.parametrize("printed_first", [True, False])
def test_what_is_printed_below_a_picture_stays_below_it(printed_first):
    outputs = [
        new_output("stream", text="It shows a line.\n"),
        new_output("display_data", data={"image/png": shown(png(chart()))}),
    ]
    kept = drawn(outputs if printed_first else outputs[::-1])
    assert [output.output_type == "stream" for output in kept] == [printed_first, not printed_first]
    [picture] = pictures(new_code_cell(outputs=kept))
    assert picture.words == "It shows a line."
