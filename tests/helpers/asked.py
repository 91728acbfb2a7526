"""Questions with radio buttons in a browser: what is drawn, said and kept of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from playwright.sync_api import Page

from tests.helpers.wire import Wire

PATIENCE = 4000  # milliseconds that a kernel has to answer


def quiz_faults(page: Page, lessons: Any) -> Iterator[str]:
    """Yield what is wrong with two questions on a page, whose answers this process hears."""
    page.clock.install()
    wire = Wire(page)
    asked = [lessons.quiz(f"05.{letter}") for letter in "ab"]
    for one in asked:
        wire.show(one.widget())
    boxes = page.locator(".tlt-quiz").all()
    for box, one in zip(boxes, asked, strict=True):
        if box.locator("legend").text_content() != one.question.ask:
            yield "the question"
        labels = [text.strip() for text in box.locator("label").all_text_contents()]
        if labels != list(one.question.options):
            yield "the options"
    # one group of buttons to a question, and keys that JupyterLab leaves alone
    for box, one in zip(boxes, asked, strict=True):
        options = list(one.question.options)
        buttons = box.locator("input")
        buttons.nth(1).click()
        yield from answer_faults(box, one, options, 1)
        page.keyboard.press("ArrowUp")
        yield from answer_faults(box, one, options, 0)
        if buttons.first.get_attribute("data-lm-suppress-shortcuts") != "true":
            yield "JupyterLab takes its keys"
    page.clock.run_for(PATIENCE + 1000)
    for box, one in zip(boxes, asked, strict=True):  # nobody is told as silent who answered
        yield from answer_faults(box, one, list(one.question.options), 0)
    if not boxes[0].locator("input").first.is_checked():
        yield "the first question lost its answer to the second"
    yield from faults_without_kernel(page, wire, boxes[0], asked[0])


def answer_faults(box: Any, one: Any, options: list[str], place: int) -> Iterator[str]:
    """Yield what is wrong after a choice: the button, what is kept, what is said."""
    chosen = [button.is_checked() for button in box.locator("input").all()]
    if chosen != [i == place for i in range(len(options))]:
        yield f"the button of {options[place]!r}"
    if one.chosen != options[place]:
        yield f"what is kept is {one.chosen!r}"
    said = box.locator("[role=status]").text_content()
    if said != one._said(options[place]):
        yield f"what is said: {said}"


def faults_without_kernel(page: Page, wire: Wire, box: Any, one: Any) -> Iterator[str]:
    """Yield what is wrong when no kernel answers, and when one speaks again."""
    status = box.locator("[role=status]")
    wire.alive = False
    box.locator("input").nth(1).click()
    if status.text_content() != "":
        yield "what was said of another choice stays"
    page.clock.run_for(PATIENCE - 500)
    if status.text_content() != "":
        yield "a busy kernel is told as gone"
    page.clock.run_for(1000)
    if "No answer from the kernel" not in str(status.text_content()):
        yield "a kernel that does not answer is not told"
    widget = wire.widgets[0]
    widget.choice = list(one.question.options)[-1]
    wire.push(widget)
    if not box.locator("input").last.is_checked() or status.text_content() != widget.said:
        yield "what the kernel chose and said"
    below = page.locator(f".tlt-still-{widget.still}")
    page.evaluate("html => { document.body.insertAdjacentHTML('beforeend', html) }", widget.below())
    if below.is_visible():
        yield "the list below is not hidden"
    page.evaluate("window.ends[0]()")
    if not below.is_visible():
        yield "the list below stays hidden after the end"
