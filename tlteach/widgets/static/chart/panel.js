// One panel: lines over numbers, or points over names, with a legend that tells the numbers.

class PanelView {
  constructor(chart, panel, number) {
    this.chart = chart;
    this.panel = panel;
    this.clip = `tlt-clip-${chart.id}-${number}`;
    this.svg = make("svg:svg", { role: "img", class: "tlt-plot" });
    this.keys = make("ul", { class: "tlt-keys" });
    this.readouts = panel.series.map((series) => {
      const readout = make("span", { class: "tlt-readout" });
      const swatch = make("svg:svg", { class: "tlt-swatch", "aria-hidden": "true", viewBox: "0 0 34 12" });
      swatch.append(
        make("svg:path", { d: "M1,6h32", class: "tlt-line", ...stroke(series) }),
        make("svg:path", { d: mark(series.marker, 17, 6, 3.5), class: "tlt-mark", ...ink(series) }),
      );
      this.keys.append(make("li", {}, swatch, make("span", {}, `${series.label} `), readout));
      return readout;
    });
    const caption = make("figcaption", {}, panel.title);
    this.node = make("figure", { class: "tlt-panel" }, caption, this.svg, this.keys);
    this.svg.addEventListener("pointerdown", (event) => this.grab(event));
    this.svg.addEventListener("pointermove", (event) => event.buttons && this.grab(event));
    // after the browser's own focus
    this.svg.addEventListener("click", () => (chart.sketch.on ? chart.sketch.handles.focus() : chart.take(panel.cursor)));
  }

  // Which x positions are drawn: all, or of named ones those with a run.
  shown() {
    const { panel, chart } = this;
    const all = placed(chart, panel);
    if (!panel.named) return all;
    return all.filter((i) => panel.series.some((_, s) => !Number.isNaN(cell(chart, panel, s, i)[0])));
  }

  layout() {
    const { svg, frame } = Object.assign(this, measure(this));
    svg.setAttribute("viewBox", `0 0 ${frame.width} ${frame.height}`);
    svg.setAttribute("width", frame.width);
    svg.setAttribute("height", frame.height);
    this.cursor = make("svg:path", { class: "tlt-cursor" });
    this.parts = this.panel.series.map((series) => this.part(series));
    this.live = make("svg:g");
    this.over = make("svg:g");
    const marks = make("svg:g", { "clip-path": `url(#${this.clip})` }, this.cursor);
    for (const { band, line, dots, ring } of this.parts) marks.append(band, line, dots, ring);
    marks.append(this.live);
    svg.replaceChildren(clipBox(this), ...yAxis(this), ...xAxis(this), ...axisNames(this), marks, this.over);
  }

  // What is drawn of a series; `paint` says where.
  part(series) {
    const drawn = (name, look) => make("svg:path", { class: `tlt-${name}`, ...look });
    return {
      band: this.panel.named ? drawn("whisker", stroke(series, true)) : drawn("band", ink(series)),
      line: drawn("line", stroke(series)),
      dots: drawn("mark", ink(series)),
      ring: drawn("ring", stroke(series, true)),
    };
  }

  paint() {
    const { chart, panel } = this;
    if (panel.named && String(this.shown()) !== String(this.visible)) this.layout();
    const at = chart.state.at[panel.cursor];
    const spread = panel.named ? 0.9 * this.type : 0; // series side by side on a named axis
    this.over.replaceChildren();
    panel.series.forEach((series, s) => {
      const shift = spread * (s - (panel.series.length - 1) / 2);
      const rows = this.visible.map((i) => [this.x(i) + shift, cell(chart, panel, s, i), i]);
      const part = this.parts[s];
      const means = rows.map(([x, v]) => [x, this.y(v[0])]);
      const bounded = rows.filter(([, v]) => !Number.isNaN(v[1]));
      part.dots.setAttribute("d", pieces(means).flat().map(([x, y]) => mark(series.marker, x, y, 0.26 * this.type)).join(""));
      if (panel.named) {
        part.band.setAttribute("d", bounded.map(([x, v]) => `M${x},${this.y(v[1])}V${this.y(v[2])}`).join(""));
      } else {
        part.line.setAttribute("d", pieces(means).flatMap(path).join(""));
        const up = bounded.map(([x, v]) => [x, this.y(v[2])]);
        const down = bounded.map(([x, v]) => [x, this.y(v[1])]).reverse();
        part.band.setAttribute("d", bounded.length ? `${path([...up, ...down]).join("")}Z` : "");
      }
      for (const [x, v] of rows) this.leaves(x, v[0]);
      const here = cell(chart, panel, s, at);
      const seen = this.visible.includes(at) && !Number.isNaN(here[0]);
      part.ring.setAttribute("d", seen ? mark("o", this.x(at) + shift, this.y(here[0]), 0.5 * this.type) : "");
      say(this.readouts[s], liveText(chart, panel, series) || told(here, panel.form));
    });
    const { top, bottom } = this.frame;
    this.cursor.setAttribute("d", this.visible.includes(at) ? `M${this.x(at)},${top}V${bottom}` : "");
    paintLive(this);
    this.svg.setAttribute("aria-label", panelText(chart, panel));
  }

  // An arrow with the number where a mean lies beyond the axis: it must not vanish.
  leaves(x, mean) {
    const { panel, type } = this;
    const above = mean > panel.high;
    const far = 0.02 * (panel.high - panel.low); // less than that is still to be seen
    if (Number.isNaN(mean) || (mean <= panel.high + far && mean >= panel.low - far)) return;
    const y = above ? this.y(panel.high) + type : this.y(panel.low) - 0.4 * type;
    const text = `${above ? "↑" : "↓"}${(BARE[panel.form] || FORMS[panel.form])(mean)}`;
    this.over.append(make("svg:text", { x, y, class: "tlt-tick tlt-middle tlt-leaves" }, text));
  }

  grab(event) {
    if (this.chart.sketch.on) return; // the hand draws
    const box = this.svg.getBoundingClientRect();
    const x = ((event.clientX - box.left) / box.width) * this.svg.viewBox.baseVal.width;
    const near = this.visible.reduce((a, b) => (Math.abs(this.x(b) - x) < Math.abs(this.x(a) - x) ? b : a), this.visible[0]);
    if (near !== undefined) this.chart.turn(this.panel.cursor, near);
  }
}
