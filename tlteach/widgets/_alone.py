"""A chart as plain HTML with its data inside: alive without a kernel and without saved state."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from tlteach.widgets._bundle import script, style

MOUNT = """
const bytes = (text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
async function mount(el) {
  const { default: widget } = await import("data:text/javascript;base64,%(esm)s");
  const known = JSON.parse(el.querySelector("script").textContent);
  known.cube = new DataView(bytes(known.cube).buffer);
  const heard = {};
  const model = {
    get: (name) => known[name],
    set: (name, value) => { known[name] = value; },
    save_changes() {},
    on: (name, work) => { heard[name] = work; },
    off: (name) => { delete heard[name]; },
  };
  widget.render({ model, el });
  // turns the chart from outside, as a kernel does
  return (state) => { known.state = state; heard["change:state"](); };
}
"""
# A notebook that was reopened says "Loading widget..." for ever where no state was saved. So the
# output below it wakes, once it is seen and no live chart has come in its place.
WAKE = """
<style>%(css)s</style>
<div class="tlt-still-%(still)s" id="%(id)s">%(section)s<div>%(picture)s</div></div>
<script type="module">%(mount)s
const box = document.getElementById("%(id)s");
const wake = async () => {
  if (!box.offsetParent || !box.lastElementChild) return;
  await mount(box.firstElementChild);
  box.lastElementChild.remove();
  const above = box.closest(".jp-OutputArea-child")?.previousElementSibling;
  if (above && !above.querySelector(".tlt")) above.style.display = "none"; // "Loading widget..."
};
new IntersectionObserver((seen, watch) => {
  if (!seen.some((one) => one.isIntersecting)) return;
  watch.disconnect();
  setTimeout(wake, %(wait)d);
}).observe(box);
</script>
"""
WAIT = 3000  # milliseconds that a live chart has to come


def section(known: Mapping[str, Any], *, tag: str = "section") -> str:
    """Return an element that holds all that the front end needs: a chart's `known`."""
    cube = base64.b64encode(known["cube"]).decode()
    text = json.dumps({**known, "cube": cube}).replace(
        "<", "\\u003c"
    )  # no text may end the script element
    return f'<{tag} data-chart><script type="application/json">{text}</script></{tag}>'


def mount() -> str:
    """Return a script with the function that brings a section to life."""
    esm = base64.b64encode(script().encode()).decode()
    return MOUNT % {"esm": esm}


def alone(known: Mapping[str, Any], picture: str) -> str:
    """Return HTML that shows a picture, and the chart itself where scripts may run."""
    return WAKE % {
        "css": style(),
        "still": known["still"],
        "id": f"tlt-alone-{uuid4().hex[:12]}",
        "section": section(known),
        "picture": picture,
        "mount": mount(),
        "wait": WAIT,
    }
