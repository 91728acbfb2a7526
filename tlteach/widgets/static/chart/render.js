// What a front end calls: a chart for a model, in an element.

function render({ model, el }) {
  const root = make("div");
  el.append(root);
  const chart = new Chart(model, root);
  chart.relayout();
  chart.say.textContent = root.dataset.say;
  chart.toolbar.once();
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
    chart.load(model.get("state")); // not only painted: another panel may be shown now
  };
  const onLive = () => chart.paint();
  const onGuess = () => chart.relayout();
  model.on("change:state", onState);
  model.on("change:live", onLive);
  model.on("change:looks", onLive);
  model.on("change:guesses", onGuess);
  return () => {
    watch.disconnect();
    rule.remove();
    model.off("change:state", onState);
    model.off("change:live", onLive);
    model.off("change:looks", onLive);
    model.off("change:guesses", onGuess);
  };
}

export default { render };
