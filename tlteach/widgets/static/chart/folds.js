// Panels and facts that wait behind a question until somebody unfolds it.

function foldViews(chart, panels, facts) {
  const names = new Set([...panels, ...facts].map(({ fold }) => fold).filter(Boolean));
  return [...names].map((name) => {
    const mine = (parts) => parts.filter(({ fold }) => fold === name).map(({ node }) => node);
    const list = mine(facts);
    const node = make(
      "details",
      { class: "tlt-fold" },
      focusable("summary", {}, name),
      make("div", { class: "tlt-panels" }, ...mine(panels)),
      ...(list.length ? [make("dl", { class: "tlt-facts" }, ...list)] : []),
    );
    node.addEventListener("toggle", () => chart.relayout()); // folded panels have no width
    return node;
  });
}
