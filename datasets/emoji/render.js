// Reads a JSON list of SVG texts on standard input; writes each as SIZE x SIZE raw RGB on white.
const fs = require("fs");
const { Resvg } = require("@resvg/resvg-js");

const size = Number(process.argv[2]);
const options = {
  fitTo: { mode: "width", value: size },
  background: "white",
  font: { loadSystemFonts: false },
};

for (const svg of JSON.parse(fs.readFileSync(0, "utf8"))) {
  const image = new Resvg(svg, options).render();
  if (image.width !== size || image.height !== size) {
    throw new Error(`expected ${size} x ${size}, got ${image.width} x ${image.height}: ${svg}`);
  }
  const rgba = image.pixels;
  const rgb = Buffer.alloc(size * size * 3); // the alpha is opaque everywhere: drop it
  for (let from = 0, to = 0; from < rgba.length; from += 4, to += 3) {
    rgba.copy(rgb, to, from, from + 3);
  }
  for (let done = 0; done < rgb.length; ) done += fs.writeSync(1, rgb, done);
}
