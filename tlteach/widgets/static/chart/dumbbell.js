// A panel whose names stand below one another: a line from zero to each value, in areas by word.
const AREAS = { helps: "helped", "": "cannot tell", hurts: "hurt" };
const SIGNS = { helps: "▲", "": "?", hurts: "▼" };

class DumbbellView extends PanelView {
  constructor(chart, panel, number) {
    super(chart, panel, number);
    this.keys.hidden = true; // zero and the areas say it all
    this.rows = panel.x.map((_, i) => this.row(i));
  }

  // Rows move as a whole; their parts are drawn anew: each that moved by itself would be a layer of its own.
  row(i) {
    const part = (name, attributes) => make("svg:path", { class: `tlt-${name}`, ...attributes });
    const parts = {
      whisker: part("reach", {}),
      bar: part("gap", {}),
      from: part("from", {}),
      to: part("to", {}),
      ring: part("ring", {}),
      name: make("svg:text", { class: "tlt-tick tlt-end" }, this.panel.x_names[i]),
      gain: make("svg:text", { class: "tlt-tick tlt-gain" }),
    };
    return { ...parts, node: make("svg:g", { class: "tlt-row" }, ...Object.values(parts)) };
  }

  area(i) {
    const said = word(this.chart, this.panel, 0, i);
    return said in AREAS ? said : "";
  }

  // The axis holds the intervals at every number of labels, so that dots move and the axis does not.
  range() {
    const { chart, panel } = this;
    const { cube, sizes, state, spec } = chart;
    let [low, high] = [-0.02, 0.02];
    const known = new Set();
    for (let turned = 0; turned < (sizes[spec.play] || 1); turned += 1) {
      const block = start(panel, { at: { ...state.at, [spec.play]: turned } }, sizes) * panel.x.length;
      panel.x.forEach((_, i) => {
        const [mean, under, over] = cube.subarray(panel.at + 4 * (block + i));
        if (Number.isNaN(mean)) return;
        known.add(i);
        low = Math.min(low, Number.isNaN(under) ? mean : under);
        high = Math.max(high, Number.isNaN(over) ? mean : over);
      });
    }
    const step = [0.02, 0.05, 0.1].find((one) => (high - low) / one < 11) || 0.2;
    const first = Math.floor(low / step), last = Math.ceil(high / step);
    const ticks = Array.from({ length: last - first + 1 }, (_, i) => (first + i) * step);
    return { low: first * step, high: last * step, ticks, lines: known.size + 3 }; // and the areas' names
  }

  layout() {
    const { panel, svg, chart, node } = this;
    const type = parseFloat(getComputedStyle(chart.root).fontSize) || 14;
    const width = Math.max(240, Math.min(chart.wide ? Infinity : 720, node.clientWidth || 720));
    const { low, high, ticks, lines } = this.range();
    const line = Math.max(1.2 * type, Math.min(2.4 * type, ((chart.room ?? 30 * type) - 3.4 * type) / lines));
    const frame = { width, height: Math.round(lines * line + 3.4 * type), left: Math.min(13 * type, 0.42 * width), right: width - 4.2 * type };
    const x = (v) => frame.left + ((v - low) / (high - low)) * (frame.right - frame.left);
    Object.assign(this, { type, line, frame, low, high, scale: x, visible: this.shown() });
    svg.setAttribute("viewBox", `0 0 ${width} ${frame.height}`);
    svg.setAttribute("width", width);
    svg.setAttribute("height", frame.height);
    const bottom = frame.height - 3 * type;
    const drawn = ticks.flatMap((tick) => [
      make("svg:path", { d: `M${x(tick)},0V${bottom}`, class: tick === 0 ? "tlt-zero" : "tlt-grid" }),
      make("svg:text", { x: x(tick), y: bottom + 1.2 * type, class: "tlt-tick tlt-middle" }, (100 * tick).toFixed(0)),
    ]);
    const along = { x: x(0), y: bottom + 2.6 * type, class: "tlt-axis tlt-middle" };
    this.areas = make("svg:g", {});
    for (const row of this.rows) {
      row.name.setAttribute("x", frame.left - type);
      for (const text of [row.name, row.gain]) text.setAttribute("y", 0.33 * type);
    }
    const rows = this.rows.map(({ node: drawn }) => drawn);
    svg.replaceChildren(this.areas, ...drawn, make("svg:text", along, `${panel.y_label} (points)`), ...rows);
  }

  paint() {
    const { low, high } = this.range();
    if (low !== this.low || high !== this.high) this.layout();
    const { chart, panel, type, line, frame } = this;
    this.visible = this.shown();
    this.areas.replaceChildren();
    for (const { node } of this.rows) node.style.display = "none";
    let top = 0;
    for (const [said, name] of Object.entries(AREAS)) {
      const mine = this.visible.filter((i) => this.area(i) === said);
      if (!mine.length && !said) continue; // that nothing is open needs no telling
      const box = { x: 0, y: top, width: frame.width, height: line * (mine.length + 1) - 2, class: `tlt-area tlt-word-${said || "none"}` };
      const title = `${SIGNS[said]} ${name}: ${mine.length || "none"}`;
      this.areas.append(make("svg:rect", box), make("svg:text", { x: 0.5 * type, y: top + 0.5 * line + 0.33 * type, class: "tlt-tick tlt-strong" }, title));
      mine.forEach((i, place) => this.place(i, said, top + (place + 1.5) * line));
      top += line * (mine.length + 1);
    }
    this.readouts[0].textContent = told(cell(chart, panel, 0, chart.state.at[panel.cursor]), panel.form);
    this.svg.setAttribute("aria-label", panelText(chart, panel));
  }

  place(i, said, y) {
    const { chart, panel, scale, type, frame, low: least, high: most } = this;
    const row = this.rows[i];
    const [mean, low, high] = cell(chart, panel, 0, i);
    const zero = scale(0);
    const kept = (v) => Math.max(least, Math.min(most, v)); // the number stands beside it
    const dot = (node, kind, x, r) => put(node, "d", mark(kind, x.toFixed(1), 0, r * type));
    const beam = (node, from, to, high) => put(node, "d", `M${from.toFixed(1)},${-high}H${to.toFixed(1)}V${high}H${from.toFixed(1)}z`);
    row.node.style.display = "";
    row.node.style.transform = `translate(0,${y.toFixed(1)}px)`;
    row.node.setAttribute("class", `tlt-row tlt-word-${said || "none"}`);
    const at = scale(kept(mean));
    dot(row.from, "s", zero, 0.28);
    dot(row.to, "o", at, 0.38);
    dot(row.ring, "o", at, 0.62);
    beam(row.bar, zero, at, 2.5);
    const bounded = !Number.isNaN(low);
    beam(row.whisker, bounded ? scale(kept(low)) : at, bounded ? scale(kept(high)) : at, 1);
    row.ring.style.display = i === chart.state.at[panel.cursor] ? "" : "none";
    row.gain.setAttribute("x", frame.right + 0.6 * type);
    row.gain.textContent = `${mean < 0 ? "" : "+"}${BARE.points(mean)}`;
    row.y = y;
  }

  grab(event) {
    const box = this.svg.getBoundingClientRect();
    const y = ((event.clientY - box.top) / box.height) * this.frame.height;
    const far = (i) => Math.abs(this.rows[i].y - y);
    const near = this.visible.reduce((a, b) => (far(b) < far(a) ? b : a), this.visible[0]);
    if (near !== undefined) this.chart.turn(this.panel.cursor, near);
  }
}

const VIEWS = { dumbbell: DumbbellView };
