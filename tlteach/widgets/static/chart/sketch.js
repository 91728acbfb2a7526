// Draw first: a curve by hand or by keys over empty axes, then the real one over it.
const DRAWING = "Draw your guess first.";

class Sketch {
  constructor(chart) {
    this.chart = chart;
    this.on = false;
    this.drawn = new Map(); // by place of x, a value
    [this.view] = chart.panels.filter(({ panel }) => !panel.named);
    if (!this.view) return;
    this.line = make("svg:path", { class: "tlt-sketch" });
    this.handles = new Handles(this);
    this.button = focusable("button", { type: "button", "aria-pressed": "false" }, "Draw first");
    this.button.title = "hides the curves until you drew your own, by mouse, finger or arrow keys";
    this.button.addEventListener("click", () => this.toggle());
    const { svg } = this.view;
    const pen = (event) => this.on && this.take(event);
    svg.addEventListener("pointerdown", pen);
    svg.addEventListener("pointermove", (event) => event.buttons && pen(event));
  }

  toggle() {
    this.on = !this.on;
    if (this.on) this.drawn.clear();
    this.button.textContent = this.on ? "Show the curves" : "Draw first";
    this.button.setAttribute("aria-pressed", String(this.on));
    this.chart.root.classList.toggle("tlt-sketching", this.on);
    // what is inside an image is not told to screen readers
    this.view.svg.setAttribute("role", this.on ? "group" : "img");
    this.chart.relayout();
    this.chart.tell();
    if (this.on) this.handles.focus(0);
    else this.button.focus();
  }

  // Puts a point at a place of x, or takes it away.
  put(i, value) {
    if (value === undefined) this.drawn.delete(i);
    else this.drawn.set(i, value);
    this.paint();
  }

  // What the pen touches: the nearest place of x, at the height of the pen.
  take(event) {
    const { view } = this;
    const box = view.svg.getBoundingClientRect();
    const { width, height, top, bottom } = view.frame;
    const x = ((event.clientX - box.left) / box.width) * width;
    const y = ((event.clientY - box.top) / box.height) * height;
    const far = (i) => Math.abs(view.x(i) - x);
    const near = view.visible.reduce((a, b) => (far(b) < far(a) ? b : a), view.visible[0]);
    const share = (bottom - Math.max(top, Math.min(bottom, y))) / (bottom - top);
    this.handles.at = near; // where keys go on
    this.put(near, view.panel.low + share * (view.panel.high - view.panel.low));
  }

  paint() {
    const { view } = this;
    if (!view || !view.frame) return;
    const at = [...this.drawn].sort(([a], [b]) => a - b).map(([i, value]) => [view.x(i), view.y(value)]);
    if (this.line.parentNode !== view.svg) view.svg.append(this.line, this.handles.node);
    this.line.setAttribute("d", path(at).join(""));
    this.handles.node.style.display = this.on ? "" : "none";
    if (!this.on) return;
    view.svg.setAttribute("aria-label", `${view.panel.title}: your guess, ${this.drawn.size} of ${view.panel.x.length} points`);
    this.handles.paint();
  }
}
