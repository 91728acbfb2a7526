// Where the controls stand, and the look-ups in the cubes that follow from it: shape
// [...by, ...rest], C order.

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

function start(part, state, sizes) {
  let place = 0;
  for (const id of part.by) place = place * sizes[id] + state.at[id];
  return place;
}

// Which block of a strip or a map stands for a state; NaN where nothing is shown.
const blockOf = (chart, part, state = chart.state) => chart.cube[part.where_at + start(part, state, chart.sizes)];

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

// Whether a panel is shown where controls stand so.
const isShown = (panel, at) => !panel.when.length || at[panel.when[0]] === panel.when[1];

const shownPanels = (chart) => chart.spec.panels.filter((panel) => isShown(panel, chart.state.at));

// Whether nothing that is shown asks where a control stands.
function isIdle(chart, id) {
  const { spec } = chart;
  if (spec.panels.some((panel) => panel.when[0] === id)) return false;
  if ([...spec.facts, ...spec.strips, ...spec.clouds].some((part) => part.by.includes(id))) return false;
  return !shownPanels(chart).some((p) => p.cursor === id || p.by.includes(id) || p.order_by.includes(id));
}

// The places of x in the order shown.
function placed(chart, panel) {
  if (!panel.order_by.length) return panel.x.map((_, i) => i);
  const place = panel.order_at + start({ by: panel.order_by }, chart.state, chart.sizes) * panel.x.length;
  return [...chart.cube.subarray(place, place + panel.x.length)];
}
