// Points on a map: where each was, where it is now, and the way between.

function cloudView(chart, cloud) {
  const svg = make("svg:svg", { role: "img", class: "tlt-map" });
  const ways = make("svg:path", { class: "tlt-way" });
  const was = make("svg:path", { class: "tlt-was" });
  const now = make("svg:path", { class: "tlt-moved" });
  svg.append(ways, was, now);
  const key = (name, kind) => {
    const swatch = make("svg:svg", { class: "tlt-swatch", "aria-hidden": "true", viewBox: "0 0 34 12" });
    swatch.append(make("svg:path", { d: mark(kind === "was" ? "s" : "o", 17, 6, 4), class: `tlt-${kind}` }));
    return make("li", {}, swatch, name);
  };
  const keys = make("ul", { class: "tlt-keys" }, key(cloud.was, "was"), key(cloud.now, "moved"));
  const node = make("figure", { class: "tlt-cloud" }, make("figcaption", {}, cloud.title), svg, keys);

  const points = (state) => {
    const block = blockOf(chart, cloud, state);
    if (Number.isNaN(block)) return [];
    const first = cloud.at + 4 * cloud.count * block;
    const all = Array.from({ length: cloud.count }, (_, i) => [...chart.cube.subarray(first + 4 * i, first + 4 * i + 4)]);
    return all.filter((point) => !point.some(Number.isNaN));
  };
  // The frame holds the points at every place of what plays, so that they move and it does not.
  const frames = new Map();
  const frame = () => {
    const { play } = chart.spec;
    const first = start(cloud, { at: { ...chart.state.at, [play]: 0 } }, chart.sizes);
    if (frames.has(first)) return frames.get(first);
    const turns = cloud.by.includes(play) ? chart.sizes[play] : 1;
    const all = Array.from({ length: turns }, (_, i) => points({ at: { ...chart.state.at, [play]: i } })).flat();
    const ends = (places) => [Math.min(...all.flatMap(places)), Math.max(...all.flatMap(places))];
    frames.set(first, [ends((p) => [p[0], p[2]]), ends((p) => [p[1], p[3]])]);
    return frames.get(first);
  };
  let room; // asked once for each layout: to ask makes the browser lay out what was written before
  const layout = () => { room = undefined; };
  const measure = () => {
    const type = parseFloat(getComputedStyle(chart.root).fontSize) || 14;
    const width = Math.max(200, Math.min(node.clientWidth || 300, 48 * type));
    const height = Math.round(Math.min(width, chart.room ?? width));
    svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
    svg.setAttribute("width", width);
    svg.setAttribute("height", height);
    return { type, width, height };
  };
  const paint = () => {
    const known = points(chart.state);
    node.hidden = !known.length;
    if (node.hidden) return;
    room ??= measure();
    const { type, width, height } = room;
    const [[left, right], [low, high]] = frame();
    const scale = Math.min((width - 2 * type) / (right - left || 1), (height - 2 * type) / (high - low || 1));
    const x = (v) => width / 2 + (v - (left + right) / 2) * scale;
    const y = (v) => height / 2 - (v - (low + high) / 2) * scale;
    const marks = (kind, place) => known.map((p) => mark(kind, x(p[place]).toFixed(1), y(p[place + 1]).toFixed(1), 0.3 * type)).join("");
    ways.setAttribute("d", known.map((p) => path([[x(p[0]), y(p[1])], [x(p[2]), y(p[3])]]).join("")).join(""));
    put(was, "d", marks("s", 0));
    now.setAttribute("d", marks("o", 2));
    svg.setAttribute("aria-label", `${cloud.title}: ${known.length} points, ${cloud.was} and ${cloud.now}`);
  };
  return { node, layout, paint };
}
