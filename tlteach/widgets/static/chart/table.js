// All numbers of the panels as a table, which is drawn while it is open.
const IN_SIGHT = 24; // rows: more than the box is high
const LATER = 20; // milliseconds until the others are written: a frame
const HEAD = ["panel", "line", "at", "mean", "low", "high", "seeds", "verdict"];

function tableView(chart) {
  const box = focusable("div", { class: "tlt-table", role: "region", "aria-label": "table", tabindex: 0 });
  const node = make("details", {}, focusable("summary", {}, "Show as table"), box);
  const head = make("tr", {}, ...HEAD.map((text) => make("th", { scope: "col" }, text)));
  const body = make("tbody");
  box.append(make("table", {}, make("thead", {}, head), body));
  const shown = []; // the texts of each row: only what differs is written anew
  const write = (lines, first, last) => {
    for (let i = first; i < Math.min(last, lines.length); i += 1) {
      if (i === shown.length) {
        shown.push(lines[i].map((text) => document.createTextNode(text)));
        body.append(make("tr", {}, ...shown[i].map((text) => make("td", {}, text))));
      } else lines[i].forEach((text, k) => { if (shown[i][k].data !== text) shown[i][k].data = text; });
    }
  };
  // Rows in sight are written at once, the others after the frame that the eye waits for.
  let top = 0, high = 0, rest; // pixels: scrolled so far, and of a row
  box.addEventListener("scroll", () => { top = box.scrollTop; });
  const paint = () => {
    if (!node.open) return;
    const lines = shownPanels(chart).flatMap((panel) => tableLines(chart, panel));
    while (shown.length > lines.length) {
      body.lastChild.remove();
      shown.pop();
    }
    const first = high ? Math.max(0, Math.min(shown.length, Math.floor(top / high) - 4)) : 0;
    write(lines, first, first + IN_SIGHT);
    box.setAttribute("aria-busy", "true");
    clearTimeout(rest);
    rest = setTimeout(() => {
      write(lines, 0, lines.length);
      box.removeAttribute("aria-busy");
      high ||= body.offsetHeight / lines.length;
    }, LATER);
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
