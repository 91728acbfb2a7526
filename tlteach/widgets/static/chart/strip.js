// Images beside the curves: tiles of one picture, and what was said of each.

function stripView(chart, strip) {
  const row = make("div", { class: "tlt-tiles" });
  const node = make("figure", { class: "tlt-strip" }, make("figcaption", {}, strip.title), row);
  const tiles = Array.from({ length: strip.count }, () => {
    const tile = make("div", { role: "img", class: "tlt-tile" });
    // once: it is long, and a browser reads all of it
    tile.style.backgroundImage = `url(${strip.picture})`;
    tile.style.backgroundSize = `${100 * strip.columns}% ${100 * strip.lines}%`;
    const under = make("span", {});
    const said = strip.answers.map(() => make("span", { class: "tlt-said" }));
    row.append(make("div", { class: "tlt-cell" }, tile, under, ...said));
    return { tile, under, said };
  });
  if (strip.answers.length) {
    const who = strip.answers.map(({ label }) => make("span", { class: "tlt-said" }, label));
    row.prepend(make("div", { class: "tlt-cell tlt-who" }, make("div", { class: "tlt-tile" }), ...who));
  }
  // What was said of an image, with a sign: colour alone would not tell right from wrong.
  const judge = (node, said, truth) => {
    node.hidden = Number.isNaN(said);
    if (node.hidden) return "";
    if (!strip.judged) return say(node, strip.words[said]);
    const right = said === truth;
    say(node, `${right ? "✓" : "✗"} ${strip.words[said]}`);
    node.classList.toggle("tlt-wrong", !right);
    return `${strip.words[said]}, ${right ? "right" : "wrong"}`;
  };
  const paint = () => {
    const block = blockOf(chart, strip) * strip.count;
    node.hidden = Number.isNaN(block);
    if (node.hidden) return;
    tiles.forEach(({ tile, under, said: lines }, i) => {
      const number = chart.cube[strip.at + block + i];
      tile.parentNode.hidden = Number.isNaN(number);
      if (Number.isNaN(number)) return;
      const [column, line] = [number % strip.columns, Math.floor(number / strip.columns)];
      const parts = (n, of) => (of > 1 ? (100 * n) / (of - 1) : 0);
      tile.style.backgroundPosition = `${parts(column, strip.columns)}% ${parts(line, strip.lines)}%`;
      const said = strip.form ? `${strip.says} ${FORMS[strip.form](chart.cube[strip.values_at + block + i])}` : "";
      say(under, said);
      const truth = chart.cube[strip.truth_at + block + i];
      const heard = strip.answers.map(({ label, at }, k) => [label, judge(lines[k], chart.cube[at + block + i], truth)]);
      const all = heard.filter(([, text]) => text).map(([label, text]) => `${label}: ${text}`);
      put(tile, "aria-label", [strip.names[number] || strip.title, said, ...all].filter(Boolean).join(", "));
    });
  };
  return { node, paint };
}
