// Draw first: a curve by hand over empty axes, then the real one over it.

class Sketch {
  constructor(chart) {
    this.chart = chart;
    this.on = false;
    this.drawn = new Map(); // by place of x, a value
    [this.view] = chart.panels.filter(({ panel }) => !panel.named);
    if (!this.view) return;
    this.button = focusable("button", { type: "button", "aria-pressed": "false" }, "Draw first");
    this.button.title = "hides the curves until you drew your own";
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
    this.chart.relayout();
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
    this.drawn.set(near, view.panel.low + share * (view.panel.high - view.panel.low));
    this.paint();
  }

  paint() {
    const { view } = this;
    if (!view || !view.frame) return;
    const at = [...this.drawn].sort(([a], [b]) => a - b).map(([i, value]) => [view.x(i), view.y(value)]);
    if (!this.line || this.line.parentNode !== view.svg) {
      this.line = make("svg:path", { class: "tlt-sketch" });
      view.svg.append(this.line);
    }
    this.line.setAttribute("d", path(at).join(""));
  }
}
