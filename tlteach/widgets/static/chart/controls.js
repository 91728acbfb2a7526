// Native inputs, one for each control; what was never run cannot be chosen.

const KINDS = { range: sliderView, choice: choiceView, cards: cardsView };

// Returns the node, and for each control a function that shows a place.
function controlsView(chart) {
  const node = make("div", { class: "tlt-controls" });
  const show = {};
  for (const control of chart.spec.controls) {
    const view = KINDS[control.kind];
    if (!view) continue; // it is only a place along x
    const { parts, show: mine } = view(chart, control, `tlt-${chart.id}-${control.id}`);
    const box = make("div", { class: `tlt-control tlt-${control.kind}` }, ...parts);
    node.append(box);
    show[control.id] = (place) => {
      box.hidden = isIdle(chart, control.id);
      mine(place);
    };
  }
  return { node, show };
}

function sliderView(chart, control, id) {
  const label = make("label", { for: id }, control.label);
  const input = focusable("input", { id, type: "range", min: 0, max: control.values.length - 1, step: 1 });
  const output = make("output", { for: id });
  input.addEventListener("input", () => chart.turn(control.id, Number(input.value)));
  const show = (place) => {
    input.value = place;
    const text = control.labels[place] + (wasRun(chart, control.id, place) ? "" : " (not run)");
    input.setAttribute("aria-valuetext", text);
    output.textContent = text;
  };
  return { parts: [label, input, output], show };
}

function choiceView(chart, control, id) {
  const label = make("label", { for: id }, control.label);
  const options = control.labels.map((text, i) => make("option", { value: i }, text));
  const input = focusable("select", { id }, ...options);
  input.addEventListener("change", () => chart.turn(control.id, Number(input.value)));
  const show = (place) => {
    input.value = place;
    options.forEach((option, i) => {
      option.disabled = !wasRun(chart, control.id, i);
      option.textContent = control.labels[i] + (option.disabled ? " (not run)" : "");
    });
  };
  return { parts: [label, input], show };
}

// Whether anything was run with a control at a place, all others as they stand.
function wasRun(chart, id, place) {
  const { spec, cube, sizes, state } = chart;
  const at = { ...state.at, [id]: place };
  const asks = (panel) => panel.by.includes(id) || panel.cursor === id || panel.when[0] === id;
  const told = spec.panels.filter((panel) => isShown(panel, at) && asks(panel));
  if (!told.length) return wasTold(chart, id, at);
  return told.some((panel) => {
    const many = panel.series.length * panel.x.length;
    const block = start(panel, { at }, sizes) * many;
    const known = (i) => !Number.isNaN(cube[panel.at + 4 * (block + i)]);
    for (let i = 0; i < many; i += 1) {
      if ((panel.cursor !== id || i % panel.x.length === place) && known(i)) return true;
    }
    return false;
  });
}

// The same for a control that no panel asks, by the one sentence of the chart.
function wasTold({ spec, cube, sizes }, id, at) {
  const fact = spec.facts.find((one) => one.id === spec.headline);
  return !fact || !fact.by.includes(id) || !Number.isNaN(cube[fact.at + start(fact, { at }, sizes)]);
}
