// The front end of every chart: native inputs and SVG over a table of real runs. It looks numbers
// up and scales them to pixels; it computes no statistic and fetches nothing.
const NS = "http://www.w3.org/2000/svg";
const WIDEST = 720;
const PACE = 800; // milliseconds a step that plays
const EVERY = "*"; // stands for a guess on every state: somebody does not want to be asked

// A front end may load this module anew for every chart, so a counter here would not tell them apart.
const unique = () => Math.random().toString(36).slice(2);

function make(tag, attributes = {}, ...children) {
  const node = tag.startsWith("svg:")
    ? document.createElementNS(NS, tag.slice(4))
    : document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
}

// JupyterLab takes arrow keys and digits for itself unless the focused element says otherwise.
const focusable = (tag, attributes, ...children) =>
  make(tag, { ...attributes, "data-lm-suppress-shortcuts": "true" }, ...children);

function floats(view) {
  if (view instanceof Float32Array) return view;
  const bytes = view.buffer ? view : new DataView(view);
  const start = bytes.byteOffset;
  return new Float32Array(bytes.buffer.slice(start, start + bytes.byteLength));
}

// ---- numbers as text; tlteach/widgets/_words.py writes the same ----

const FORMS = {
  percent: (v) => `${(100 * v).toFixed(1)}%`,
  points: (v) => `${v < 0 ? "" : "+"}${(100 * v).toFixed(1)} points`,
  number: (v) => v.toFixed(3),
  whole: (v) => v.toFixed(0),
  seconds: (v) => `${v.toFixed(2)} s`,
};
const BARE = {
  percent: (v) => (100 * v).toFixed(1),
  points: (v) => (100 * v).toFixed(1),
  seconds: (v) => v.toFixed(2),
};

function told([mean, low, high], form) {
  if (Number.isNaN(mean)) return "not run";
  const bare = BARE[form] || FORMS[form];
  const between = Number.isNaN(low) ? "" : ` (${bare(low)} to ${bare(high)})`;
  return FORMS[form](mean) + between;
}

// ---- state: the option chosen for each control, as one short string ----

class State {
  constructor(controls) {
    this.controls = controls;
    this.reset();
  }

  reset() {
    this.at = Object.fromEntries(this.controls.map((c) => [c.id, c.start]));
  }

  text() {
    return this.controls.map((c) => `${c.id}=${c.values[this.at[c.id]]}`).join(";");
  }

  read(text) {
    for (const part of text.split(";")) {
      const cut = part.indexOf("=");
      const control = this.controls.find((c) => c.id === part.slice(0, cut));
      const place = control ? control.values.indexOf(part.slice(cut + 1)) : -1;
      if (place >= 0) this.at[control.id] = place;
    }
  }

  label(id) {
    return this.controls.find((c) => c.id === id).labels[this.at[id]];
  }
}

// ---- look-ups in the cubes: shape [...by, ...rest], C order ----

function start(part, state, sizes) {
  let place = 0;
  for (const id of part.by) place = place * sizes[id] + state.at[id];
  return place;
}

function cell(chart, panel, series, x) {
  const block = start(panel, chart.state, chart.sizes);
  const many = panel.series.length * panel.x.length;
  const place = panel.at + 4 * (block * many + series * panel.x.length + x);
  return chart.cube.subarray(place, place + 4);
}

function word(chart, panel, series, x) {
  if (!panel.words.length) return "";
  const block = start(panel, chart.state, chart.sizes);
  const many = panel.series.length * panel.x.length;
  const code = chart.cube[panel.words_at + block * many + series * panel.x.length + x];
  return Number.isNaN(code) ? "" : panel.words[code];
}

// The places of x in the order shown.
function placed(chart, panel) {
  if (!panel.order_by.length) return panel.x.map((_, i) => i);
  const place = panel.order_at + start({ by: panel.order_by }, chart.state, chart.sizes) * panel.x.length;
  return [...chart.cube.subarray(place, place + panel.x.length)];
}

function factText(chart, fact) {
  const block = start(fact, chart.state, chart.sizes);
  if (fact.form === "word") {
    const code = chart.cube[fact.at + block];
    return Number.isNaN(code) ? "not run" : fact.words[code];
  }
  const place = fact.at + 4 * block;
  return told(chart.cube.subarray(place, place + 4), fact.form);
}

function panelText(chart, panel) {
  const x = chart.state.at[panel.cursor];
  const lines = panel.series.map((series, s) => {
    const values = cell(chart, panel, s, x);
    const said = word(chart, panel, s, x);
    if (Number.isNaN(values[0])) return "";
    return `${series.label} ${told(values, panel.form)}${said && `, ${said}`}`;
  });
  const known = lines.filter(Boolean).join("; ") || "not run";
  return `${panel.title}, ${panel.x_label} ${panel.x_names[x]}: ${known}.`;
}

// The first panel in one short sentence, for those who see the intervals drawn.
function nowText(chart, panel) {
  const x = chart.state.at[panel.cursor];
  const lines = panel.series.map((series, s) => {
    const [mean] = cell(chart, panel, s, x);
    const said = word(chart, panel, s, x);
    return Number.isNaN(mean) ? "" : `${series.label} ${FORMS[panel.form](mean)}${said && `, ${said}`}`;
  });
  return `${panel.x_label} ${panel.x_names[x]}: ${lines.filter(Boolean).join("; ") || "not run"}.`;
}

function describe(chart) {
  const { spec, state } = chart;
  const chosen = spec.controls.map((c) => `${c.label}: ${state.label(c.id)}`).join(", ");
  const facts = spec.facts.map((fact) => `${fact.label}: ${factText(chart, fact)}.`);
  const panels = spec.panels.map((panel) => panelText(chart, panel));
  return [`${chosen}.`, ...panels, ...facts].join(" ");
}

// ---- drawing ----

const MARKS = {
  o: (r) => `m${-r},0a${r},${r} 0 1,0 ${2 * r},0a${r},${r} 0 1,0 ${-2 * r},0`,
  s: (r) => `m${-r},${-r}h${2 * r}v${2 * r}h${-2 * r}z`,
  D: (r) => `m0,${-1.3 * r}l${1.3 * r},${1.3 * r}l${-1.3 * r},${1.3 * r}l${-1.3 * r},${-1.3 * r}z`,
  "^": (r) => `m0,${-1.2 * r}l${1.2 * r},${2.2 * r}h${-2.4 * r}z`,
  v: (r) => `m0,${1.2 * r}l${1.2 * r},${-2.2 * r}h${-2.4 * r}z`,
  P: (r) => `m${-r},0h${2 * r}m${-r},${-r}v${2 * r}`,
};
const mark = (kind, x, y, r) => `M${x},${y}${(MARKS[kind] || MARKS.o)(r)}`;

// Pieces of a line between gaps, since what was not run must not look measured.
function pieces(points) {
  const found = [[]];
  for (const point of points) {
    if (Number.isNaN(point[1])) found.push([]);
    else found[found.length - 1].push(point);
  }
  return found.filter((piece) => piece.length);
}

const path = (points) => points.map(([x, y], i) => `${i ? "L" : "M"}${x.toFixed(1)},${y.toFixed(1)}`);

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
    this.svg.addEventListener("click", () => chart.take(panel.cursor)); // after the browser's own focus
  }

  // Which x positions are drawn: all, or of named ones those with a run.
  shown() {
    const { panel, chart } = this;
    const all = placed(chart, panel);
    if (!panel.named) return all;
    return all.filter((i) => panel.series.some((_, s) => !Number.isNaN(cell(chart, panel, s, i)[0])));
  }

  layout() {
    const { panel, svg } = this;
    const type = parseFloat(getComputedStyle(this.chart.root).fontSize) || 14; // not on the page yet
    const most = this.chart.wide ? Infinity : WIDEST * (type / 14);
    const width = Math.max(240, Math.min(most, this.node.clientWidth || WIDEST));
    const slanted = panel.named && width < 60 * type;
    const tall = this.chart.panels.length > 1 ? 0.4 : 0.5;
    const usual = Math.max(13 * type, width * tall) + (slanted ? 6 * type : 0);
    const wanted = Math.min(this.chart.room ?? usual, width * 1.1);
    const height = Math.round(Math.max((slanted ? 18 : 11) * type, wanted));
    const left = 4.6 * type, right = width - 1.4 * type;
    const top = 0.8 * type, bottom = height - (slanted ? 9 : 3.4) * type;
    this.type = type;
    this.visible = this.shown();
    const at = (v) => (panel.log ? Math.log(v) : v);
    const ends = [at(panel.x[0]), at(panel.x[panel.x.length - 1])];
    const span = ends[1] - ends[0] || 1;
    this.x = panel.named
      ? (i) => left + ((this.visible.indexOf(i) + 0.5) / Math.max(1, this.visible.length)) * (right - left)
      : (i) => this.scale(panel.x[i]);
    this.scale = (v) => left + ((at(v) - ends[0]) / span) * (right - left);
    this.y = (v) => bottom - ((v - panel.low) / (panel.high - panel.low)) * (bottom - top);
    svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
    svg.setAttribute("width", width);
    svg.setAttribute("height", height);
    svg.replaceChildren();
    const edge = 0.6 * type; // room for marks on the frame
    const box = { x: left - edge, y: top - edge, width: right - left + 2 * edge, height: bottom - top + 2 * edge };
    svg.append(make("svg:defs", {}, make("svg:clipPath", { id: this.clip }, make("svg:rect", box))));
    for (const tick of panel.y_ticks) {
      const y = this.y(tick);
      svg.append(make("svg:path", { d: `M${left},${y}H${right}`, class: tick === 0 ? "tlt-zero" : "tlt-grid" }));
      const text = panel.form === "percent" || panel.form === "points" ? (100 * tick).toFixed(0) : String(tick);
      svg.append(make("svg:text", { x: left - 0.5 * type, y: y + 0.35 * type, class: "tlt-tick tlt-end" }, text));
    }
    let free = -Infinity;
    for (const i of this.visible) {
      const text = panel.x_names[i], x = this.x(i), half = 0.3 * type * (1 + text.length);
      if (!slanted && x - half < free) continue; // labels must not run into each other
      free = x + half;
      const turn = slanted ? { transform: `rotate(-38 ${x} ${bottom + 1.2 * type})` } : {};
      const end = slanted ? "tlt-end" : "tlt-middle";
      svg.append(make("svg:text", { x, y: bottom + 1.3 * type, class: `tlt-tick ${end}`, ...turn }, text));
    }
    const unit = panel.form === "percent" ? " (%)" : panel.form === "points" ? " (points)" : "";
    const middle = (top + bottom) / 2;
    const below = slanted ? "" : panel.x_label; // slanted names need the room, and say it themselves
    svg.append(
      make("svg:text", { x: (left + right) / 2, y: height - 0.5 * type, class: "tlt-axis tlt-middle" }, below),
      make("svg:text", {
        x: 1.1 * type, y: middle, class: "tlt-axis tlt-middle", transform: `rotate(-90 ${1.1 * type} ${middle})`,
      }, panel.y_label + unit),
    );
    this.cursor = make("svg:path", { class: "tlt-cursor" });
    this.cursor.dataset.span = `${top},${bottom}`;
    const marks = make("svg:g", { "clip-path": `url(#${this.clip})` }, this.cursor);
    this.parts = panel.series.map((series) => {
      const band = make("svg:path", { class: panel.named ? "tlt-whisker" : "tlt-band", ...(panel.named ? stroke(series, true) : ink(series)) });
      const line = make("svg:path", { class: "tlt-line", ...stroke(series) });
      const dots = make("svg:path", { class: "tlt-mark", ...ink(series) });
      const ring = make("svg:path", { class: "tlt-ring", ...stroke(series, true) });
      marks.append(band, line, dots, ring);
      return { band, line, dots, ring };
    });
    this.live = make("svg:g");
    marks.append(this.live);
    this.named = make("svg:g");
    svg.append(marks, this.named);
  }

  paint() {
    const { chart, panel } = this;
    if (panel.named && String(this.shown()) !== String(this.visible)) this.layout();
    const at = chart.state.at[panel.cursor];
    const spread = panel.named ? 0.9 * this.type : 0; // series side by side on a named axis
    this.named.replaceChildren();
    panel.series.forEach((series, s) => {
      const shift = spread * (s - (panel.series.length - 1) / 2);
      const rows = this.visible.map((i) => [this.x(i) + shift, cell(chart, panel, s, i), i]);
      const part = this.parts[s];
      const means = rows.map(([x, v]) => [x, this.y(v[0])]);
      const bounded = rows.filter(([, v]) => !Number.isNaN(v[1]));
      part.dots.setAttribute("d", pieces(means).flat().map(([x, y]) => mark(series.marker, x, y, 0.26 * this.type)).join(""));
      if (panel.named) {
        part.band.setAttribute("d", bounded.map(([x, v]) => `M${x},${this.y(v[1])}V${this.y(v[2])}`).join(""));
        for (const [x, v, i] of rows) this.name(series, s, x, v, i);
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
      this.readouts[s].textContent = told(here, panel.form);
    });
    const [top, bottom] = this.cursor.dataset.span.split(",");
    this.cursor.setAttribute("d", this.visible.includes(at) ? `M${this.x(at)},${top}V${bottom}` : "");
    this.paintLive();
    this.svg.setAttribute("aria-label", panelText(chart, panel));
  }

  // The verdict's word over a point: colour and place alone would not say it.
  name(series, s, x, values, i) {
    const said = word(this.chart, this.panel, s, i);
    if (!said || Number.isNaN(values[0])) return;
    const top = this.y(Number.isNaN(values[2]) ? values[0] : values[2]) - 0.4 * this.type;
    const sign = { helps: "▲", hurts: "▼" }[said] || "?";
    this.named.append(make("svg:text", { x, y: Math.max(top, 0.9 * this.type), class: "tlt-tick tlt-middle" }, sign));
  }

  // An arrow with the number where a mean lies beyond the axis: it must not vanish.
  leaves(x, mean) {
    const { panel, type } = this;
    const above = mean > panel.high;
    const far = 0.02 * (panel.high - panel.low); // less than that is still to be seen
    if (Number.isNaN(mean) || (mean <= panel.high + far && mean >= panel.low - far)) return;
    const y = above ? this.y(panel.high) + type : this.y(panel.low) - 0.4 * type;
    const text = `${above ? "↑" : "↓"}${(BARE[panel.form] || FORMS[panel.form])(mean)}`;
    this.named.append(make("svg:text", { x, y, class: "tlt-tick tlt-middle tlt-leaves" }, text));
  }

  // Lines that a kernel adds while it trains.
  paintLive() {
    const lines = this.chart.live().filter((line) => line.panel === this.panel.id);
    this.live.replaceChildren(...lines.flatMap((line, i) => {
      const points = line.x.map((x, j) => [this.scale(x), this.y(line.y[j])]);
      const dash = ["", "7 3", "2 3"][i % 3];
      const drawn = make("svg:path", { d: pieces(points).flatMap(path).join(""), class: "tlt-live", "stroke-dasharray": dash });
      const end = points[points.length - 1];
      if (!end) return [drawn];
      return [drawn, make("svg:text", { x: end[0] - 4, y: end[1] + (i % 2 ? 1.2 : -0.5) * this.type, class: "tlt-tick tlt-end" }, line.label)];
    }));
  }

  grab(event) {
    const box = this.svg.getBoundingClientRect();
    const x = ((event.clientX - box.left) / box.width) * this.svg.viewBox.baseVal.width;
    const near = this.visible.reduce((a, b) => (Math.abs(this.x(b) - x) < Math.abs(this.x(a) - x) ? b : a), this.visible[0]);
    if (near !== undefined) this.chart.turn(this.panel.cursor, near);
  }
}

const ink = (series) => ({ style: `--ink:${series.colour}` });
const stroke = (series, solid) => ({
  ...ink(series),
  ...(solid || !series.dash.length ? {} : { "stroke-dasharray": series.dash.join(" ") }),
});

// ---- images beside the curves: tiles of one picture ----

function stripView(chart, strip) {
  const row = make("div", { class: "tlt-tiles" });
  const node = make("figure", { class: "tlt-strip" }, make("figcaption", {}, strip.title), row);
  const tiles = Array.from({ length: strip.count }, () => {
    const tile = make("div", { role: "img", class: "tlt-tile" });
    const under = make("span", {});
    const said = strip.answers.map(() => make("span", { class: "tlt-said" }));
    row.append(make("div", { class: "tlt-cell" }, tile, under, ...said));
    return { tile, under, said };
  });
  if (strip.answers.length) {
    const who = strip.answers.map(({ label }) => make("span", { class: "tlt-said" }, label));
    row.prepend(make("div", { class: "tlt-cell tlt-who" }, make("div", { class: "tlt-tile" }), ...who));
  }
  // What was said of an image, with a sign: colour alone would not tell right from wrong.
  const judge = (node, said, truth) => {
    node.hidden = Number.isNaN(said);
    if (node.hidden) return "";
    const right = said === truth;
    node.textContent = `${right ? "✓" : "✗"} ${strip.words[said]}`;
    node.classList.toggle("tlt-wrong", !right);
    return `${strip.words[said]}, ${right ? "right" : "wrong"}`;
  };
  const paint = () => {
    const block = start(strip, chart.state, chart.sizes) * strip.count;
    tiles.forEach(({ tile, under, said: lines }, i) => {
      const number = chart.cube[strip.at + block + i];
      tile.parentNode.hidden = Number.isNaN(number);
      if (Number.isNaN(number)) return;
      const [column, line] = [number % strip.columns, Math.floor(number / strip.columns)];
      const parts = (n, of) => (of > 1 ? (100 * n) / (of - 1) : 0);
      tile.style.backgroundImage = `url(${strip.picture})`;
      tile.style.backgroundSize = `${100 * strip.columns}% ${100 * strip.lines}%`;
      tile.style.backgroundPosition = `${parts(column, strip.columns)}% ${parts(line, strip.lines)}%`;
      const said = strip.form ? `${strip.says} ${FORMS[strip.form](chart.cube[strip.values_at + block + i])}` : "";
      under.textContent = said;
      const truth = chart.cube[strip.truth_at + block + i];
      const heard = strip.answers.map(({ label, at }, k) => [label, judge(lines[k], chart.cube[at + block + i], truth)]);
      const all = heard.filter(([, text]) => text).map(([label, text]) => `${label}: ${text}`);
      tile.setAttribute("aria-label", [strip.names[number] || strip.title, said, ...all].filter(Boolean).join(", "));
    });
  };
  return { node, paint };
}

// ---- the whole chart ----

class Chart {
  constructor(model, root) {
    this.model = model;
    this.root = root;
    this.id = unique();
    this.spec = model.get("spec");
    this.cube = floats(model.get("cube"));
    this.state = new State(this.spec.controls);
    this.state.read(model.get("state") || "");
    this.sizes = Object.fromEntries(this.spec.controls.map((c) => [c.id, c.values.length]));
    this.panels = this.spec.panels.map((panel, i) => new PanelView(this, panel, i));
    this.strips = this.spec.strips.map((strip) => stripView(this, strip));
    this.inputs = {};
    this.build();
  }

  live() {
    return this.model.get("live") || [];
  }

  build() {
    const { spec, root } = this;
    root.className = "tlt";
    this.say = make("p", { class: "tlt-say", "aria-live": "polite" });
    this.table = focusable("div", { class: "tlt-table", role: "region", "aria-label": "table", tabindex: 0 });
    this.details = make("details", {}, focusable("summary", {}, "Show as table"), this.table);
    this.details.addEventListener("toggle", () => this.paintTable());
    this.facts = make("dl", { class: "tlt-facts" });
    this.answers = spec.facts.map((fact) => {
      const answer = make("dd", {});
      this.facts.append(make("div", {}, make("dt", {}, fact.label), answer));
      return answer;
    });
    const panels = make("div", { class: "tlt-panels" }, ...this.panels.map((panel) => panel.node));
    const strips = this.strips.map((strip) => strip.node);
    this.now = make("p", { class: "tlt-now", "aria-hidden": "true" }); // `say` has it for readers
    this.results = make("div", { class: "tlt-results" }, panels, ...strips, this.details);
    const side = make("div", { class: "tlt-side" }, this.controlsView(), this.guessView(), this.toolbar(), this.now, this.facts);
    const main = make("div", { class: "tlt-main" }, side, this.results);
    root.replaceChildren(
      make("p", { class: "tlt-title", role: "heading", "aria-level": "3" }, spec.title),
      make("p", { class: "tlt-lead" }, spec.lead),
      main,
      this.say,
      ...spec.footer.map((line) => make("p", { class: "tlt-foot" }, line)),
    );
    root.tabIndex = -1;
    root.dataset.lmSuppressShortcuts = "true";
    root.addEventListener("keydown", (event) => this.key(event));
    for (const kind of ["pointerdown", "keydown"]) root.addEventListener(kind, () => clearInterval(this.playing));
  }

  controlsView() {
    const box = make("div", { class: "tlt-controls" });
    for (const control of this.spec.controls) {
      const id = `tlt-${this.id}-${control.id}`;
      const label = make("label", { for: id }, control.label);
      if (control.kind === "range") {
        const input = focusable("input", { id, type: "range", min: 0, max: control.values.length - 1, step: 1 });
        const output = make("output", { for: id });
        input.addEventListener("input", () => this.turn(control.id, Number(input.value)));
        box.append(make("div", { class: "tlt-control" }, label, input, output));
        this.inputs[control.id] = (place) => {
          input.value = place;
          const text = control.labels[place] + (this.wasRun(control.id, place) ? "" : " (not run)");
          input.setAttribute("aria-valuetext", text);
          output.textContent = text;
        };
      } else {
        const options = control.labels.map((text, i) => make("option", { value: i }, text));
        const input = focusable("select", { id }, ...options);
        input.addEventListener("change", () => this.turn(control.id, Number(input.value)));
        box.append(make("div", { class: "tlt-control" }, label, input));
        this.inputs[control.id] = (place) => {
          input.value = place;
          options.forEach((option, i) => {
            option.disabled = !this.wasRun(control.id, i);
            option.textContent = control.labels[i] + (option.disabled ? " (not run)" : "");
          });
        };
      }
    }
    return box;
  }

  // Whether anything was run with a control at a place, all others as they stand.
  wasRun(id, place) {
    const at = { ...this.state.at, [id]: place };
    const told = this.spec.panels.filter((panel) => panel.by.includes(id) || panel.cursor === id);
    return !told.length || told.some((panel) => {
      const many = panel.series.length * panel.x.length;
      const block = start(panel, { at }, this.sizes) * many;
      const known = (i) => !Number.isNaN(this.cube[panel.at + 4 * (block + i)]);
      for (let i = 0; i < many; i += 1) {
        if ((panel.cursor !== id || i % panel.x.length === place) && known(i)) return true;
      }
      return false;
    });
  }

  // "Predict first": results stay hidden until a guess is there, on each state anew.
  guessView() {
    const { predict } = this.spec;
    if (!predict) return "";
    const choices = predict.options.map((option) => {
      const button = focusable("button", { type: "button" }, option);
      button.addEventListener("click", () => this.guess(option));
      return button;
    });
    const show = focusable("button", { type: "button" }, "Show all, ask no more");
    show.addEventListener("click", () => this.guess("", EVERY));
    this.verdict = make("p", { class: "tlt-verdict", "aria-live": "polite" });
    return make("fieldset", { class: "tlt-predict" }, make("legend", {}, predict.question), ...choices, show, this.verdict);
  }

  // What a guess is about: where those controls stand that the answer depends on.
  asked() {
    const fact = this.spec.facts.find((f) => f.id === this.spec.predict.fact);
    const value = (id) => this.spec.controls.find((c) => c.id === id).values[this.state.at[id]];
    return fact.by.map((id) => `${id}=${value(id)}`).join(";");
  }

  guessed() {
    return (this.model.get("guesses") || {})[this.asked()] || "";
  }

  guess(option, about = this.asked()) {
    this.model.set("guesses", { ...this.model.get("guesses"), [about]: option });
    this.model.save_changes();
    this.relayout();
    this.say.textContent = this.root.dataset.say;
  }

  // Whether results still wait for a guess; hides or shows them.
  waiting() {
    const { predict } = this.spec;
    const asks = Boolean(predict) && !(EVERY in (this.model.get("guesses") || {}));
    this.results.hidden = asks && !this.guessed();
    return this.results.hidden;
  }

  toolbar() {
    const bar = make("div", { class: "tlt-bar" });
    const button = (text, title, work) => {
      const node = focusable("button", { type: "button", title }, text);
      node.addEventListener("click", work);
      bar.append(node);
      return node;
    };
    this.spec.presets.forEach((preset, i) => button(`${i + 1} ${preset.label}`, `key ${i + 1}`, () => this.load(preset.state)));
    if (this.spec.play) button("▶ Play", `moves ${this.label(this.spec.play)} to its end; any key stops`, () => this.play());
    button("Reset", "key 0", () => this.reset());
    this.presenting = button("Present", "large type for a lecture hall; key p", () => this.present());
    this.presenting.setAttribute("aria-pressed", "false");
    const copy = button("Copy state", "a text that brings this view back", () => {
      copy.textContent = this.state.text(); // shown as well: a page without rights cannot copy
      navigator.clipboard?.writeText(this.state.text()).catch(() => {});
      setTimeout(() => { copy.textContent = "Copy state"; }, 5000);
    });
    return bar;
  }

  label(id) {
    return this.spec.controls.find((c) => c.id === id).label;
  }

  // From where the control stands, or from its start, step by step to its end.
  play() {
    const id = this.spec.play, last = this.sizes[id] - 1;
    clearInterval(this.playing);
    if (this.state.at[id] === last) this.turn(id, 0);
    this.playing = setInterval(() => {
      if (this.state.at[id] >= last || !this.root.isConnected) clearInterval(this.playing);
      else this.turn(id, this.state.at[id] + 1);
    }, PACE);
  }

  present() {
    const on = this.root.classList.toggle("tlt-present");
    this.presenting.setAttribute("aria-pressed", String(on));
    this.relayout();
    if (on) this.root.focus({ preventScroll: true }); // a clicker's keys come here
  }

  // The next preset, or the one before: what a clicker's two keys ask for.
  step(way) {
    const { presets } = this.spec;
    this.stop = Math.max(0, Math.min(presets.length - 1, (this.stop ?? (way > 0 ? -1 : presets.length)) + way));
    if (presets.length) this.load(presets[this.stop].state);
  }

  key(event) {
    if (event.target.tagName === "SELECT" || event.ctrlKey || event.metaKey || event.altKey) return;
    const preset = this.spec.presets[Number(event.key) - 1];
    if (preset) this.load(preset.state);
    else if (event.key === "PageDown") this.step(1);
    else if (event.key === "PageUp") this.step(-1);
    else if (event.key === "Escape" && this.root.classList.contains("tlt-present")) this.present();
    else if (event.key === "0") this.reset();
    else if (event.key === "p") this.present();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  reset() {
    this.state.reset();
    if (this.spec.predict) this.model.set("guesses", {});
    this.changed();
  }

  load(text) {
    this.state.read(text);
    this.changed();
  }

  turn(id, place) {
    if (this.state.at[id] === place) return;
    this.state.at[id] = place;
    this.changed();
  }

  // After a click on a curve, keys go to the control that it moves, not to the page around.
  take(id) {
    this.root.querySelector(`#tlt-${this.id}-${id}`)?.focus({ preventScroll: true });
  }

  changed() {
    const hidden = this.results.hidden;
    if (this.waiting() !== hidden) this.relayout();
    else this.paint();
    clearTimeout(this.later); // a drag need not tell the kernel, or a screen reader, of each step
    this.later = setTimeout(() => {
      this.say.textContent = this.root.dataset.say;
      this.model.set("state", this.state.text());
      this.model.save_changes();
    }, 150);
  }

  relayout() {
    this.waiting(); // a hidden panel has no width to lay out in
    const { root, panels } = this;
    const presents = root.classList.contains("tlt-present");
    const type = parseFloat(getComputedStyle(root).fontSize) || 14;
    this.wide = root.clientWidth >= (presents ? 50 : 66) * type;
    root.classList.toggle("tlt-wide", this.wide);
    this.room = undefined;
    for (const panel of panels) panel.layout();
    this.paint();
    if (!this.wide || this.results.hidden) return;
    // One screen: plots take what is left of it.
    const taken = root.firstChild.offsetHeight + this.results.offsetHeight + (presents ? 2 : 5) * type;
    const rows = new Set(panels.map((panel) => panel.node.offsetTop)).size;
    const plots = Math.max(...panels.map((panel) => panel.svg.clientHeight));
    this.room = plots + (window.innerHeight - taken) / rows;
    for (const panel of panels) panel.layout();
    this.paint();
  }

  paint() {
    for (const [id, show] of Object.entries(this.inputs)) show(this.state.at[id]);
    const hidden = this.waiting();
    if (this.spec.predict) {
      const fact = this.spec.facts.find((f) => f.id === this.spec.predict.fact);
      const guess = this.guessed();
      const said = guess ? `You said: ${guess}. ` : "";
      this.verdict.textContent = hidden ? "" : `${said}Measured: ${factText(this, fact)}.`;
    }
    this.root.dataset.say = hidden ? "Make a prediction first." : describe(this);
    this.now.textContent = hidden ? "" : nowText(this, this.spec.panels[0]);
    if (hidden) return;
    for (const panel of this.panels) panel.paint();
    for (const strip of this.strips) strip.paint();
    this.spec.facts.forEach((fact, i) => { this.answers[i].textContent = factText(this, fact); });
    this.paintTable();
  }

  paintTable() {
    if (!this.details.open) return;
    const head = ["panel", "line", "at", "mean", "low", "high", "seeds", "verdict"];
    const rows = this.spec.panels.flatMap((panel) => panel.series.flatMap((series, s) =>
      placed(this, panel).map((x) => [cell(this, panel, s, x), panel, series, s, x])));
    const lines = rows.filter(([values]) => !Number.isNaN(values[0])).map(([v, panel, series, s, x]) => {
      const numbers = [...v.subarray(0, 3)].map((n) => (Number.isNaN(n) ? "" : (BARE[panel.form] || FORMS[panel.form])(n)));
      const cells = [panel.title, series.label, panel.x_names[x], ...numbers, v[3], word(this, panel, s, x)];
      return make("tr", {}, ...cells.map((text) => make("td", {}, String(text))));
    });
    const top = make("tr", {}, ...head.map((text) => make("th", { scope: "col" }, text)));
    this.table.replaceChildren(make("table", {}, make("thead", {}, top), make("tbody", {}, ...lines)));
  }
}

function render({ model, el }) {
  const root = make("div");
  el.append(root);
  const chart = new Chart(model, root);
  chart.relayout();
  chart.say.textContent = root.dataset.say;
  // What stands below is for readers without a live chart: a rule hides it, whichever comes first,
  // unless this is the chart in it.
  const still = `.tlt-still-${model.get("still")}`;
  const alone = Boolean(el.closest(still));
  const rule = make("style", {}, alone ? "" : `${still}{display:none}`);
  document.head.append(rule);
  if (!alone) for (const node of document.querySelectorAll(still)) node.replaceChildren();
  let width = root.clientWidth;
  const watch = new ResizeObserver(() => {
    if (root.clientWidth === width) return;
    width = root.clientWidth;
    chart.relayout();
  });
  watch.observe(root);
  const onState = () => {
    if (model.get("state") === chart.state.text()) return;
    chart.state.read(model.get("state"));
    chart.paint();
  };
  const onLive = () => chart.paint();
  const onGuess = () => chart.relayout();
  model.on("change:state", onState);
  model.on("change:live", onLive);
  model.on("change:guesses", onGuess);
  return () => {
    watch.disconnect();
    rule.remove();
    model.off("change:state", onState);
    model.off("change:live", onLive);
    model.off("change:guesses", onGuess);
  };
}

export default { render };
