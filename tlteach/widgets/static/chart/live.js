// What a kernel adds while it trains: curves, the gap between them, marks on the axis, images.

const liveLine = (chart, panel, series) =>
  chart.live().find((line) => line.panel === panel.id && line.series === series.id);

// The last value of a running curve, for the legend.
function liveText(chart, panel, series) {
  const line = liveLine(chart, panel, series);
  return line ? FORMS[panel.form](line.y[line.y.length - 1]) : "";
}

function paintLive(view) {
  const { chart, panel, live, scale, frame, type } = view;
  const at = (line) => line.x.map((x, j) => [scale(x), view.y(line.y[j])]);
  const drawn = (line, look) => make("svg:path", { d: pieces(at(line)).flatMap(path).join(""), class: "tlt-live", ...look });
  const past = chart.live().filter((line) => line.panel === panel.id && !line.series);
  const pair = panel.series.map((series) => [series, liveLine(chart, panel, series)]).filter(([, line]) => line);
  const marks = chart.live().filter((item) => "mark" in item).map(({ mark: step, label }, i) => {
    const x = Math.max(frame.left, scale(Math.max(step, panel.x[0])));
    const text = make("svg:text", { x: x + 3, y: frame.top + (1 + (i % 3)) * 1.1 * type, class: "tlt-tick" }, label);
    return make("svg:g", { class: "tlt-turned" }, make("svg:path", { d: `M${x},${frame.top}V${frame.bottom}`, class: "tlt-turn" }), text);
  });
  live.replaceChildren(
    ...past.map((line) => drawn(line, { "stroke-dasharray": "2 4", style: "--ink:#6b6b6b" })),
    ...gap(view, pair.map(([, line]) => line), at),
    ...pair.map(([series, line]) => drawn(line, stroke(series))),
    ...marks,
  );
}

// The area between what is learnt from and other images, with its height at the end.
function gap({ panel, type }, [ours, other], at) {
  if (!ours || !other) return [];
  const [over, under] = [at(ours), at(other)];
  const last = over.length - 1;
  const area = `${path([...over, ...under.reverse()]).join("")}Z`;
  const far = Math.abs(ours.y[last] - other.y[last]);
  const text = `gap ${panel.form === "percent" ? FORMS.points(far).slice(1) : FORMS[panel.form](far)}`;
  const middle = { x: over[last][0] - 0.4 * type, y: (over[last][1] + under[0][1]) / 2 + 0.3 * type };
  return [
    make("svg:path", { d: area, class: "tlt-between" }),
    make("svg:text", { ...middle, class: "tlt-tick tlt-end tlt-strong" }, text),
  ];
}

// Images that a kernel looks at, each with a bar as long as its loss.
const LONGEST = 3; // nats

function looksView(chart) {
  const node = make("div", { class: "tlt-strips tlt-looks" });
  const tile = ({ src, is, said, loss }) => {
    const right = said === is;
    const text = make("span", { class: right ? "tlt-said" : "tlt-said tlt-wrong" }, right ? `✓ ${is}` : `✗ ${said}`);
    const bar = make("span", { class: "tlt-loss", style: `--loss:${Math.min(1, loss / LONGEST)}` });
    const image = make("img", { src, alt: `${is}, called ${said}, loss ${FORMS.number(loss)}`, class: "tlt-tile" });
    return make("div", { class: "tlt-cell" }, image, text, bar, make("span", {}, `${is}: ${loss.toFixed(2)}`));
  };
  const paint = () => {
    const groups = chart.model.get("looks") || [];
    node.hidden = !groups.length;
    node.replaceChildren(...groups.map(({ title, tiles }) => {
      const row = make("div", { class: "tlt-tiles" }, ...tiles.map(tile));
      return make("figure", { class: "tlt-strip" }, make("figcaption", {}, title), row);
    }));
  };
  return { node, paint };
}
