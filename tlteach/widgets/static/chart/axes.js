// The frame of a panel: how large it is, where values lie in it, its ticks and names.
const WIDEST = 720;
const UNITS = { percent: " (%)", points: " (points)" };

// What a layout is made of: sizes in pixels, the places of x that are drawn, and the scales `x` (of
// a place), `scale` (of a number along x) and `y`.
function measure(view) {
  const { chart, panel, node } = view;
  const type = parseFloat(getComputedStyle(chart.root).fontSize) || 14; // not on the page yet
  const most = chart.wide ? Infinity : WIDEST * (type / 14);
  const width = Math.max(240, Math.min(most, node.clientWidth || WIDEST));
  const slanted = panel.named && width < 60 * type;
  const tall = chart.panels.length > 1 ? 0.4 : 0.5;
  const usual = Math.max(13 * type, width * tall) + (slanted ? 6 * type : 0);
  const wanted = Math.min(chart.room ?? usual, width * 1.1);
  const height = Math.round(Math.max((slanted ? 18 : 10) * type, wanted));
  const left = 4.6 * type, right = width - 1.4 * type;
  const top = 0.8 * type, bottom = height - (slanted ? 9 : 3.4) * type;
  const visible = view.shown();
  const at = (v) => (panel.log ? Math.log(v) : v);
  const ends = [at(panel.x[0]), at(panel.x[panel.x.length - 1])];
  const span = ends[1] - ends[0] || 1;
  const scale = (v) => left + ((at(v) - ends[0]) / span) * (right - left);
  const among = (i) => left + ((visible.indexOf(i) + 0.5) / Math.max(1, visible.length)) * (right - left);
  return {
    type,
    visible,
    frame: { width, height, left, right, top, bottom, slanted },
    scale,
    x: panel.named ? among : (i) => scale(panel.x[i]),
    y: (v) => bottom - ((v - panel.low) / (panel.high - panel.low)) * (bottom - top),
  };
}

function clipBox({ clip, type, frame: { left, right, top, bottom } }) {
  const edge = 0.6 * type; // room for marks on the frame
  const box = { x: left - edge, y: top - edge, width: right - left + 2 * edge, height: bottom - top + 2 * edge };
  return make("svg:defs", {}, make("svg:clipPath", { id: clip }, make("svg:rect", box)));
}

function yAxis({ panel, type, frame: { left, right }, ...view }) {
  return panel.y_ticks.flatMap((tick) => {
    const y = view.y(tick);
    const text = UNITS[panel.form] ? (100 * tick).toFixed(0) : String(tick);
    return [
      make("svg:path", { d: `M${left},${y}H${right}`, class: tick === 0 ? "tlt-zero" : "tlt-grid" }),
      make("svg:text", { x: left - 0.5 * type, y: y + 0.35 * type, class: "tlt-tick tlt-end" }, text),
    ];
  });
}

function xAxis({ panel, type, visible, frame: { bottom, slanted }, ...view }) {
  let free = -Infinity;
  return visible.flatMap((i) => {
    const text = panel.x_names[i], x = view.x(i), half = 0.3 * type * (1 + text.length);
    if (!slanted && x - half < free) return []; // labels must not run into each other
    free = x + half;
    const turn = slanted ? { transform: `rotate(-38 ${x} ${bottom + 1.2 * type})` } : {};
    const end = slanted ? "tlt-end" : "tlt-middle";
    return [make("svg:text", { x, y: bottom + 1.3 * type, class: `tlt-tick ${end}`, ...turn }, text)];
  });
}

function axisNames({ panel, type, frame: { left, right, top, bottom, height, slanted } }) {
  const place = { x: 1.1 * type, y: (top + bottom) / 2 };
  const below = slanted ? "" : panel.x_label; // slanted names need the room, and say it themselves
  const along = { x: (left + right) / 2, y: height - 0.5 * type };
  const turn = `rotate(-90 ${place.x} ${place.y})`;
  return [
    make("svg:text", { ...along, class: "tlt-axis tlt-middle" }, below),
    make("svg:text", { ...place, class: "tlt-axis tlt-middle", transform: turn }, panel.y_label + (UNITS[panel.form] || "")),
  ];
}
