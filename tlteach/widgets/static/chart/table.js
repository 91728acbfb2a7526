// All numbers of the panels as a table, which is drawn while it is open.
const HEAD = ["panel", "line", "at", "mean", "low", "high", "seeds", "verdict"];

function tableView(chart) {
  const box = focusable("div", { class: "tlt-table", role: "region", "aria-label": "table", tabindex: 0 });
  const node = make("details", {}, focusable("summary", {}, "Show as table"), box);
  const head = make("tr", {}, ...HEAD.map((text) => make("th", { scope: "col" }, text)));
  const body = make("tbody");
  box.append(make("table", {}, make("thead", {}, head), body));
  const shown = []; // texts of the rows that stand there: only what differs is written anew
  const paint = () => {
    if (!node.open) return;
    const lines = shownPanels(chart).flatMap((panel) => tableLines(chart, panel));
    while (shown.length > lines.length) {
      body.lastChild.remove();
      shown.pop();
    }
    lines.forEach((line, i) => {
      if (!shown[i]) body.append(make("tr", {}, ...line.map((text) => make("td", {}, text))));
      else line.forEach((text, k) => { if (text !== shown[i][k]) body.rows[i].cells[k].textContent = text; });
      shown[i] = line;
    });
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
    return [[panel.title, series.label, panel.x_names[x], ...numbers, String(v[3]), word(chart, panel, s, x)]];
  }));
}
