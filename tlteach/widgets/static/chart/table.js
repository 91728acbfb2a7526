// All numbers of the panels as a table, which is drawn while it is open.
const HEAD = ["panel", "line", "at", "mean", "low", "high", "seeds", "verdict"];

function tableView(chart) {
  const box = focusable("div", { class: "tlt-table", role: "region", "aria-label": "table", tabindex: 0 });
  const node = make("details", {}, focusable("summary", {}, "Show as table"), box);
  const paint = () => {
    if (!node.open) return;
    const top = make("tr", {}, ...HEAD.map((text) => make("th", { scope: "col" }, text)));
    const lines = chart.spec.panels.flatMap((panel) => tableLines(chart, panel));
    box.replaceChildren(make("table", {}, make("thead", {}, top), make("tbody", {}, ...lines)));
  };
  node.addEventListener("toggle", paint);
  return { node, paint };
}

function tableLines(chart, panel) {
  const bare = BARE[panel.form] || FORMS[panel.form];
  const places = placed(chart, panel);
  return panel.series.flatMap((series, s) => places.flatMap((x) => {
    const v = cell(chart, panel, s, x);
    if (Number.isNaN(v[0])) return [];
    const numbers = [...v.subarray(0, 3)].map((n) => (Number.isNaN(n) ? "" : bare(n)));
    const cells = [panel.title, series.label, panel.x_names[x], ...numbers, v[3], word(chart, panel, s, x)];
    return [make("tr", {}, ...cells.map((text) => make("td", {}, String(text))))];
  }));
}
