// What can be taken away: a link to a state of a page, and a picture of what is seen.

const slug = (chart) => chart.spec.title.toLowerCase().replaceAll(" ", "-");
const onPage = (chart) => Boolean(chart.model.get("page")); // the address is ours

const linkTo = (chart) => `${location.href.split("#")[0]}#${slug(chart)}:${chart.state.text()}`;

// Brings a chart to the state in the page's address, if that is of this chart.
function readAddress(chart) {
  const [name, state] = decodeURIComponent(location.hash.slice(1)).split(/:(.*)/);
  if (!onPage(chart) || name !== slug(chart)) return;
  chart.state.read(state || "");
  requestAnimationFrame(() => chart.root.scrollIntoView());
}

function writeAddress(chart) {
  if (onPage(chart)) history.replaceState(null, "", linkTo(chart));
}

const LOOKS = ["fill", "stroke", "stroke-width", "stroke-dasharray", "opacity", "font-weight", "text-anchor", "transform"];

// A copy of a drawing that needs no style sheet.
function styled(svg) {
  const copy = svg.cloneNode(true);
  const copies = copy.querySelectorAll("*");
  svg.querySelectorAll("*").forEach((node, i) => {
    const style = getComputedStyle(node);
    copies[i].setAttribute("style", LOOKS.map((name) => `${name}:${style.getPropertyValue(name)}`).join(";"));
    if (style.display === "none") copies[i].setAttribute("display", "none");
  });
  return copy;
}

// Words in lines of at most so many characters.
function wrapped(text, most) {
  const lines = [""];
  for (const part of text.split(" ")) {
    const last = lines.length - 1;
    if (lines[last].length + part.length > most) lines.push(part);
    else lines[last] = `${lines[last]} ${part}`.trim();
  }
  return lines;
}

// What is seen as one SVG: the sentence, every drawing with its legend, where the numbers are from.
function pictureOf(chart) {
  const { root, spec } = chart;
  const style = getComputedStyle(root);
  const drawings = [...root.querySelectorAll(".tlt-plot, .tlt-map")].filter((svg) => svg.checkVisibility());
  const width = Math.max(640, ...drawings.map((svg) => Number(svg.getAttribute("width"))));
  const whole = make("svg:svg", { xmlns: NS, width, "font-family": "system-ui, sans-serif", "font-size": 14, fill: style.color });
  let y = 0;
  const write = (text, size = 14, weight = 400, x = 8) => wrapped(text, width / (0.56 * size)).forEach((line) => {
    y += 1.4 * size;
    whole.append(make("svg:text", { x, y, "font-size": size, "font-weight": weight }, line));
  });
  const legend = (key) => {
    const swatch = styled(key.querySelector("svg"));
    for (const [name, value] of Object.entries({ x: 8, y: y + 5, width: 34, height: 12 })) swatch.setAttribute(name, value);
    whole.append(swatch);
    write(key.textContent, 12, 400, 50);
  };
  write(spec.title, 18, 600);
  write(chart.now.textContent, 16);
  for (const svg of drawings) {
    const figure = svg.parentNode;
    y += 14;
    write(figure.querySelector("figcaption").textContent, 14, 600);
    const copy = styled(svg);
    copy.setAttribute("y", y + 6);
    whole.append(copy);
    y += 6 + Number(svg.getAttribute("height"));
    const keys = figure.querySelector(".tlt-keys");
    if (keys.checkVisibility()) for (const key of keys.children) legend(key);
  }
  y += 8;
  for (const line of [chart.state.text(), ...spec.footer]) write(line, 11);
  whole.setAttribute("height", y + 12);
  whole.prepend(make("svg:rect", { width, height: y + 12, fill: style.backgroundColor }));
  return new XMLSerializer().serializeToString(whole);
}

function savePicture(chart) {
  const link = make("a", { download: `${slug(chart)}.svg` });
  link.href = URL.createObjectURL(new Blob([pictureOf(chart)], { type: "image/svg+xml" }));
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}
