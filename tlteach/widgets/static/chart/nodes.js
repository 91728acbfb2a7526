// Elements, and what every view makes of them. All modules of this folder are joined into one, in
// the order that `_bundle.py` states, so they see each other's names.
//
// The front end of every chart: native inputs and SVG over a table of real runs. It looks numbers
// up and scales them to pixels; it computes no statistic and fetches nothing.

const NS = "http://www.w3.org/2000/svg";

// A front end may load this module anew for every chart, so a counter here would not tell them apart.
const unique = () => Math.random().toString(36).slice(2);

function make(tag, attributes = {}, ...children) {
  const node = tag.startsWith("svg:")
    ? document.createElementNS(NS, tag.slice(4))
    : document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
}

// What is written again, though the same, is laid out and drawn again.
function put(node, name, value) {
  if (node.getAttribute(name) !== value) node.setAttribute(name, value);
}

function say(node, text) {
  if (node.textContent !== text) node.textContent = text;
  return text;
}

// JupyterLab takes arrow keys and digits for itself unless the focused element says otherwise.
const focusable = (tag, attributes, ...children) =>
  make(tag, { ...attributes, "data-lm-suppress-shortcuts": "true" }, ...children);

function floats(view) {
  if (view instanceof Float32Array) return view;
  // as a file holds it that a course site embeds
  if (typeof view === "string") return new Float32Array(Uint8Array.from(atob(view), (c) => c.charCodeAt(0)).buffer);
  const bytes = view.buffer ? view : new DataView(view);
  const start = bytes.byteOffset;
  return new Float32Array(bytes.buffer.slice(start, start + bytes.byteLength));
}
