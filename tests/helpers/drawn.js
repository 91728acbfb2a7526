// Reads back from the page what eyes see of a chart: texts, shapes, pictures. Python judges it.
(() => {
  const number = (node, name) => Number(node.getAttribute(name));
  const seen = (node) => {
    const style = getComputedStyle(node);
    const faint = Number(style.opacity) < 0.05 || (style.stroke === "none" && style.fill === "none");
    return node.checkVisibility({ opacityProperty: true, visibilityProperty: true }) && !faint;
  };
  const shown = (node) => (node && node.checkVisibility({ opacityProperty: true }) ? node.textContent : "");
  const shape = (node) => {
    const style = getComputedStyle(node);
    return {
      kind: node.classList[0].replace("tlt-", ""),
      d: node.getAttribute("d"),
      stroke: style.stroke,
      fill: style.fill,
      dash: style.strokeDasharray,
      width: parseFloat(style.strokeWidth),
      seen: seen(node),
    };
  };
  const written = (svg) => (node) => ({
    text: node.textContent,
    x: number(node, "x"),
    y: number(node, "y"),
    turned: node.hasAttribute("transform"),
    kinds: [...node.classList].map((name) => name.replace("tlt-", "")),
    where: node.parentNode === svg ? "frame" : node.closest("[clip-path]") ? "live" : "over",
    seen: seen(node),
  });
  const clip = (svg) => {
    const name = svg.querySelector("[clip-path]").getAttribute("clip-path").slice(5, -1);
    const rect = document.getElementById(name)?.firstElementChild;
    return svg.contains(rect) ? ["x", "y", "width", "height"].map((side) => number(rect, side)) : null;
  };
  // How far a row was moved along x and down; from where to where a part of it is drawn.
  const moved = (node) => (node.style.transform.match(/-?[\d.]+/g) || []).map(Number);
  const drawn = (node) => { const box = node.getBBox(); return [box.x, box.x + box.width]; };
  const middle = (node) => drawn(node).reduce((a, b) => a + b) / 2;
  const dumbbells = (figure, svg) => ({
    seen: true,
    title: shown(figure.querySelector("figcaption")),
    label: svg.getAttribute("aria-label"),
    ticks: [...svg.querySelectorAll(":scope > .tlt-middle.tlt-tick")].map((one) => [Number(one.textContent), number(one, "x")]),
    zero: svg.querySelector(".tlt-zero").getAttribute("d"),
    areas: [...svg.querySelectorAll(".tlt-area")].map((rect) => [number(rect, "y"), number(rect, "height"), rect.classList[1]]),
    titles: [...svg.querySelectorAll(".tlt-strong")].map((one) => [one.textContent, number(one, "x"), number(one, "y")]),
    rows: [...svg.querySelectorAll(".tlt-row")].filter((row) => row.style.display !== "none").map((row) => ({
      name: row.querySelector(".tlt-end").textContent,
      gain: row.querySelector(".tlt-gain").textContent,
      word: row.classList[1],
      y: moved(row)[1],
      from: middle(row.querySelector(".tlt-from")),
      to: middle(row.querySelector(".tlt-to")),
      bar: drawn(row.querySelector(".tlt-gap")),
      reach: drawn(row.querySelector(".tlt-reach")),
      ring: row.querySelector(".tlt-ring").style.display !== "none",
      fill: getComputedStyle(row.querySelector(".tlt-to")).fill,
    })),
  });
  const plot = (figure) => {
    const svg = figure.querySelector(".tlt-plot");
    if (!svg.checkVisibility()) return { seen: false };
    if (svg.querySelector(".tlt-area")) return dumbbells(figure, svg);
    const all = [...svg.querySelectorAll("path")];
    return {
      seen: true,
      title: shown(figure.querySelector("figcaption")),
      label: svg.getAttribute("aria-label"),
      size: svg.getAttribute("viewBox").split(" ").slice(2).map(Number),
      clip: clip(svg),
      shapes: all.map(shape),
      texts: [...svg.querySelectorAll("text")].map(written(svg)),
      keys: [...figure.querySelectorAll(".tlt-keys li")].map((key) => ({
        name: shown(key.querySelector("svg + span")),
        readout: shown(key.querySelector(".tlt-readout")),
        shapes: [...key.querySelectorAll("path")].map(shape),
      })),
    };
  };
  const tile = (cell) => {
    const style = getComputedStyle(cell.firstElementChild);
    return {
      seen: cell.checkVisibility(),
      picture: style.backgroundImage.slice(5, -2),
      size: style.backgroundSize,
      place: style.backgroundPosition,
      label: cell.firstElementChild.getAttribute("aria-label"),
      under: shown(cell.querySelector("span:not(.tlt-said)")),
      said: [...cell.querySelectorAll(".tlt-said")].filter(seen).map((line) => ({
        text: line.textContent,
        colour: getComputedStyle(line).color,
      })),
    };
  };
  const strip = (figure) => ({
    title: shown(figure.querySelector("figcaption")),
    who: [...figure.querySelectorAll(".tlt-who .tlt-said")].map(shown),
    tiles: [...figure.querySelectorAll(".tlt-cell:not(.tlt-who)")].map(tile),
  });
  const cloud = (figure) => ({
    seen: figure.checkVisibility(),
    title: shown(figure.querySelector("figcaption")),
    keys: [...figure.querySelectorAll(".tlt-keys li")].map((key) => key.textContent),
    size: (figure.querySelector(".tlt-map").getAttribute("viewBox") || "").split(" ").slice(2).map(Number),
    paths: [...figure.querySelectorAll(".tlt-map path")].map((path) => path.getAttribute("d")),
  });
  const look = (figure) => ({
    title: shown(figure.querySelector("figcaption")),
    tiles: [...figure.querySelectorAll(".tlt-cell")].map((cell) => ({
      src: cell.querySelector("img").src,
      alt: cell.querySelector("img").alt,
      said: shown(cell.querySelector(".tlt-said")),
      red: cell.querySelector(".tlt-said").classList.contains("tlt-wrong"),
      bar: cell.querySelector(".tlt-loss").getBoundingClientRect().width / cell.clientWidth,
      under: shown(cell.lastElementChild),
    })),
  });
  const deck = (box) => {
    const inputs = [...box.querySelectorAll("input")];
    return {
      label: shown(box.querySelector("legend")),
      place: inputs.findIndex((input) => input.checked),
      last: inputs.length - 1,
      text: "",
      said: null,
      options: inputs.map((one) => [one.parentNode.textContent, one.disabled]),
    };
  };
  const control = (box) => {
    if (box.classList.contains("tlt-cards")) return deck(box);
    const input = box.querySelector("input, select");
    const named = document.querySelector(`label[for="${input.id}"]`);
    return {
      label: shown(named),
      place: Number(input.value),
      last: input.tagName === "SELECT" ? input.options.length - 1 : Number(input.max),
      text: shown(box.querySelector("output")),
      said: input.getAttribute("aria-valuetext"),
      options: [...(input.options || [])].map((one) => [one.textContent, one.disabled]),
    };
  };
  const read = (root) => ({
    title: shown(root.querySelector(".tlt-title")),
    lead: shown(root.querySelector(".tlt-lead")),
    foot: [...root.querySelectorAll(".tlt-foot")].map(shown),
    buttons: [...root.querySelectorAll(".tlt-bar button")].map(shown),
    say: root.dataset.say,
    now: root.querySelector(".tlt-now").textContent,
    wide: root.classList.contains("tlt-wide"),
    type: parseFloat(getComputedStyle(root).fontSize),
    results: shown(root.querySelector(".tlt-results")) !== "",
    controls: [...root.querySelectorAll(".tlt-control")].filter((box) => !box.hidden).map(control),
    facts: [...root.querySelectorAll(".tlt-side .tlt-facts > div")].map((fact) => [...fact.children].map(shown)),
    plots: [...root.querySelectorAll(".tlt-panel")].map(plot),
    strips: [...root.querySelectorAll(".tlt-strip:not(.tlt-looks *)")].map(strip),
    clouds: [...root.querySelectorAll(".tlt-cloud")].map(cloud),
    looks: [...root.querySelectorAll(".tlt-looks .tlt-strip")].map(look),
    table: [...root.querySelectorAll("details[open] .tlt-table tr")].map((row) => [...row.cells].map((c) => c.textContent)),
  });
  // Moves every input of a chart to its place, as a hand does one after the other.
  const move = (root, places) => {
    [...root.querySelectorAll(".tlt-control")].forEach((box, i) => {
      const cards = box.classList.contains("tlt-cards");
      const input = [...box.querySelectorAll("input, select")][cards ? places[i] : 0];
      if (cards) {
        input.checked = true;
        input.dispatchEvent(new Event("change"));
        return;
      }
      if (Number(input.value) === places[i]) return;
      input.value = places[i];
      input.dispatchEvent(new Event(input.tagName === "SELECT" ? "change" : "input"));
    });
  };
  const settled = async (root) => {
    while (root.querySelector("[aria-busy]")) await new Promise((done) => setTimeout(done, 5));
  };
  return async (jobs) => {
    const roots = [...document.querySelectorAll(".tlt")];
    const found = [];
    for (const [chart, places] of jobs) {
      if (places) move(roots[chart], places);
      await settled(roots[chart]);
      found.push(read(roots[chart]));
    }
    return found;
  };
})()
