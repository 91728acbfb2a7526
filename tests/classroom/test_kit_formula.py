"""Formulas on the kit's pages: drawn at the size of the text, and told in words."""

import base64
import io
import re

import pytest
from PIL import Image

from tlteach.classroom.kit_formula import formula
from tlteach.classroom.kit_page import MARKDOWN


def height(image):
    return float(re.search(r"height:([\d.]+)em", image).group(1))


def test_a_formula_is_drawn_at_the_size_of_the_text_around_it():
    assert 0.4 < height(formula("x")) < 0.8
    assert height(formula("x")) < height(formula(r"\frac{x}{y}")) < 2.5


def test_the_picture_holds_ink_and_is_the_same_each_time():
    image = formula(r"\sqrt{s^2}")
    assert image == formula(r"\sqrt{s^2}")
    data = base64.b64decode(re.search(r"base64,([^\"]+)", image).group(1))
    with Image.open(io.BytesIO(data)) as picture:
        low, high = picture.convert("L").getextrema()
    assert (low, high) == (0, 255)


def test_inline_and_alone_it_stands_in_place_of_the_tex():
    page = MARKDOWN("of $J$ scores\n\n$$\\sqrt{a < b}$$\n\nand so on")
    assert page.count('<img class="formula"') == 2
    assert 'alt="J"' in page
    assert 'alt="\\sqrt{a &lt; b}"' in page
    assert "$" not in page


def test_a_price_is_no_formula():
    assert "<img" not in MARKDOWN("it costs 5 $ or 6 $ a day")


def test_a_formula_that_cannot_be_read_says_so():
    with pytest.raises(ValueError, match="nosuch"):
        formula(r"\nosuch{x}")


def test_no_page_of_the_course_shows_raw_tex(kit_folder):
    drawn = 0
    for path in kit_folder.glob("*.html"):
        page = path.read_text(encoding="utf-8")
        assert "\\frac" not in re.sub(r'alt="[^"]*"', "", page), path.name
        drawn += page.count('class="formula"')
    assert drawn
