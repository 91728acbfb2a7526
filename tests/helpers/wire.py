"""A widget of this process on a page of a browser: changes go both ways, as a kernel sends them."""

from __future__ import annotations

import base64
from typing import Any

from playwright.sync_api import Page

MOUNT = """async ([script, style, known, id]) => {
  const url = URL.createObjectURL(new Blob([script], { type: "text/javascript" }));
  const { default: widget } = await import(url);
  for (const [name, value] of Object.entries(known)) {
    if (!value?.bytes) continue;
    known[name] = new DataView(Uint8Array.from(atob(value.bytes), (c) => c.charCodeAt(0)).buffer);
  }
  const heard = {};
  const take = (news) => {
    for (const [name, value] of Object.entries(news)) {
      if (value?.bytes || JSON.stringify(known[name]) === JSON.stringify(value)) continue;
      known[name] = value;
      for (const work of heard[`change:${name}`] || []) work();
    }
  };
  let fresh = {};
  const model = {
    get: (name) => known[name],
    set: (name, value) => { known[name] = fresh[name] = value; },
    save_changes: () => {
      const told = fresh;
      fresh = {};
      window.tell(id, told).then(take);
    },
    on: (name, work) => { (heard[name] ||= []).push(work); },
    off: (name, work) => { heard[name] = heard[name].filter((one) => one !== work); },
  };
  const el = document.body.appendChild(document.createElement("div"));
  const sheet = document.head.appendChild(document.createElement("style"));
  sheet.textContent = style;
  window.ends = { ...window.ends, [id]: widget.render({ model, el }) };
  window.takes = { ...window.takes, [id]: take };
}"""


class Wire:
    """Widgets of this process on one page.

    A page that has lost its kernel is one with `alive` set to False: nothing comes back.
    """

    def __init__(self, page: Page) -> None:
        self.page, self.alive = page, True
        self.widgets: list[Any] = []
        page.goto("about:blank")
        page.expose_function("tell", self._told)

    def show(self, widget: Any) -> None:
        """Mount a widget at the end of the page."""
        self.widgets.append(widget)
        known = [str(widget._esm), str(widget._css), self._known(widget), len(self.widgets) - 1]
        self.page.evaluate(MOUNT, known)

    def push(self, widget: Any) -> None:
        """Send what the kernel knows now."""
        known = [self.widgets.index(widget), self._known(widget)]
        self.page.evaluate("([id, news]) => window.takes[id](news)", known)

    def _told(self, number: int, news: dict[str, Any]) -> dict[str, Any]:
        if not self.alive:
            return {}
        for name, value in news.items():
            setattr(self.widgets[number], name, value)
        return self._known(self.widgets[number])

    def _known(self, widget: Any) -> dict[str, Any]:
        own = {name: getattr(widget, name) for name in widget.keys if not name.startswith("_")}
        plain = {name: value for name, value in own.items() if isinstance(value, str | list | dict)}
        packed = {name: value for name, value in own.items() if isinstance(value, bytes)}
        coded = {k: {"bytes": base64.b64encode(v).decode()} for k, v in packed.items()}
        return plain | coded
