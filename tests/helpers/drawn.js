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
  const plot = (figure) => {
    const svg = figure.querySelector(".tlt-plot");
    const all = [...svg.querySelectorAll("path")];
    return {
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
  const control = (box) => {
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
    controls: [...root.querySelectorAll(".tlt-control")].map(control),
    facts: [...root.querySelectorAll(".tlt-facts > div")].map((fact) => [...fact.children].map(shown)),
    plots: [...root.querySelectorAll(".tlt-panel")].map(plot),
    strips: [...root.querySelectorAll(".tlt-strip")].map(strip),
    table: [...root.querySelectorAll("details[open] .tlt-table tr")].map((row) => [...row.cells].map((c) => c.textContent)),
  });
  // Moves every input of a chart to its place, as a hand does one after the other.
  const move = (root, places) => {
    [...root.querySelectorAll(".tlt-control input, .tlt-control select")].forEach((input, i) => {
      if (Number(input.value) === places[i]) return;
      input.value = places[i];
      input.dispatchEvent(new Event(input.tagName === "SELECT" ? "change" : "input"));
    });
  };
  return (jobs) => {
    const roots = [...document.querySelectorAll(".tlt")];
    return jobs.map(([chart, places]) => {
      if (places) move(roots[chart], places);
      return read(roots[chart]);
    });
  };
})()
