"""Small HTML is escaped wherever it is built, and can always be sent."""

import pytest

from tests.helpers.shown import HOSTILE, SAFE, Shown
from tlteach.base.markup import (
    Html,
    drawing,
    facts,
    letters,
    picture,
    shorter,
    shown,
    stroke,
    table,
    tag,
    text,
)


@pytest.mark.parametrize(
    "build",
    [
        text,
        lambda told: tag("p", told),
        lambda told: tag("p", "", aria_label=told),
        lambda told: facts(told, {told: told}),
        lambda told: table(told, (told, told), [(told, told)], [(told,)]),
        lambda told: picture(b"", "png", told, 1, 1, enlarged=True),
        lambda told: drawing(told, told, 9, 9, letters(told, 0, 0)),
    ],
)
def test_whatever_is_told_stays_text(build):
    html = build(HOSTILE)
    page = Shown(f"<div>{html}</div>")
    assert "<script" not in html
    found = {SAFE} & {*page.texts("div"), *page.texts("p"), *page.texts("td"), *page.texts("title")}
    assert found or any(SAFE in attributes.values() for _, attributes, _ in page.elements)


def test_halves_of_letters_and_control_letters_are_replaced():
    assert text("a\udcffb\x07c") == "a\ufffdb\ufffdc"
    assert text("tab\tand\nline") == "tab\tand\nline"
    shown(tag("p", "\ud800")).encode()


def test_numbers_have_commas_in_cells_and_none_in_attributes():
    assert tag("td", 1200, colspan=1200) == '<td colspan="1200">1,200</td>'
    assert text(True) == "True"


def test_html_is_escaped_once():
    assert text(text("<")) == "&lt;" == tag("p", Html("&lt;"))[3:-4]


def test_columns_of_numbers_stand_at_the_right_with_their_heads():
    page = Shown(table("Sizes", ("of", "n", "why"), [("all",)], [("a", 5, "x"), ("b", 7, "")]))
    heads = [("class" in attributes, text) for attributes, text in page.all("th")]
    assert heads[:3] == [(False, "of"), (True, "n"), (False, "why")]
    assert page.facts == {"a": ["5", "x"], "b": ["7", ""]}
    assert page.all("th")[3] == ({"scope": "rowgroup", "colspan": "3"}, "all")


def test_facts_leave_out_what_is_empty_and_keep_zero():
    assert Shown(facts("x", {"a": "", "b": None, "c": 0})).facts == {"c": ["0"]}


def test_lines_and_lengths():
    assert 'points="1.0,2.0 3.5,4.0"' in stroke((1, 2), (3.5, 4))
    assert "dash" not in stroke((0, 0), (1, 1))
    assert shorter("x" * 81) == "x" * 79 + "…"
    assert shorter("x" * 80) == "x" * 80
