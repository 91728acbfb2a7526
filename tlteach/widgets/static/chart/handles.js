// The points of a drawn curve under the keys: left and right walk along x, up and down move a point.
// Each is a slider with a name, so that a screen reader says where it is and what was guessed there.
const FINE = 10; // steps from one tick to the next; Page Up and Page Down go by whole ticks

class Handles {
  constructor(sketch) {
    this.sketch = sketch;
    const { panel } = sketch.view;
    this.node = make("svg:g", { class: "tlt-handles" });
    this.all = panel.x_names.map((name, i) => {
      const node = focusable("svg:path", {
        class: "tlt-handle",
        role: "slider",
        "aria-orientation": "vertical",
        "aria-label": `your guess, ${panel.x_label} ${name}`,
        "aria-valuemin": panel.low,
        "aria-valuemax": panel.high,
      });
      node.addEventListener("keydown", (event) => this.key(event, i));
      node.addEventListener("focus", () => { this.at = i; this.paint(); });
      return node;
    });
    this.node.append(...this.all);
    this.at = 0;
  }

  focus(i = this.at) {
    this.all[Math.max(0, Math.min(this.all.length - 1, i))].focus({ preventScroll: true });
  }

  // What stands at a place, or where a point would begin: as high as the one drawn before it.
  value(i) {
    const { drawn, view: { panel } } = this.sketch;
    const before = [...drawn.keys()].filter((place) => place <= i);
    return before.length ? drawn.get(Math.max(...before)) : (panel.low + panel.high) / 2;
  }

  move(i, by) {
    const { sketch } = this;
    const { panel } = sketch.view;
    const fine = (panel.y_ticks[1] - panel.y_ticks[0]) / FINE;
    // the first key puts a point there, and only later ones move it
    const steps = Math.round((this.value(i) - panel.low) / fine) + (sketch.drawn.has(i) ? by : 0);
    sketch.put(i, Math.max(panel.low, Math.min(panel.high, panel.low + fine * steps)));
  }

  key(event, i) {
    const { sketch } = this;
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const work = {
      ArrowLeft: () => this.focus(i - 1),
      ArrowRight: () => this.focus(i + 1),
      Home: () => this.focus(0),
      End: () => this.focus(this.all.length - 1),
      ArrowUp: () => this.move(i, 1),
      ArrowDown: () => this.move(i, -1),
      PageUp: () => this.move(i, FINE),
      PageDown: () => this.move(i, -FINE),
      Delete: () => sketch.put(i),
      Backspace: () => sketch.put(i),
      Enter: () => sketch.toggle(),
      Escape: () => sketch.button.focus(),
    }[event.key];
    if (!work) return;
    work();
    event.preventDefault();
    event.stopPropagation(); // presets and slides have some of these keys, too
  }

  paint() {
    const { drawn, view } = this.sketch;
    this.all.forEach((node, i) => {
      const there = drawn.has(i);
      const value = this.value(i);
      node.setAttribute("d", mark("o", view.x(i), view.y(value), 0.5 * view.type));
      node.setAttribute("tabindex", i === this.at ? 0 : -1);
      node.setAttribute("aria-valuenow", value);
      node.setAttribute("aria-valuetext", there ? FORMS[view.panel.form](value) : "no guess yet");
      node.classList.toggle("tlt-there", there);
    });
  }
}
