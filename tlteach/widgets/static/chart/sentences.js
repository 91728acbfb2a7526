// What a chart says in words: facts, a panel, all of it.

function factText(chart, fact) {
  const block = start(fact, chart.state, chart.sizes);
  if (fact.form === "word") {
    const code = chart.cube[fact.at + block];
    return Number.isNaN(code) ? NOT_RUN : fact.words[code];
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

// The one sentence for those who see the intervals drawn: the headline, or the first panel.
function nowText(chart) {
  const live = chart.live().find((item) => item.say);
  if (live) return `${live.say}.`;
  const headline = chart.spec.facts.find((fact) => fact.id === chart.spec.headline);
  const said = headline && factText(chart, headline);
  if (headline) return said === NOT_RUN ? "This was not run: choose what is not grey." : `${capital(said)}.`;
  const [panel] = shownPanels(chart);
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
  const turned = spec.controls.filter((c) => !isIdle(chart, c.id));
  const chosen = turned.map((c) => `${c.label}: ${state.label(c.id)}`).join(", ");
  const facts = spec.facts.map((fact) => `${fact.label}: ${factText(chart, fact)}.`);
  const panels = shownPanels(chart).map((panel) => panelText(chart, panel));
  return [`${chosen}.`, ...panels, ...facts].join(" ");
}
