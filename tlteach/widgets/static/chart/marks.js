// Shapes of points and lines, and how a series looks.

const MARKS = {
  o: (r) => `m${-r},0a${r},${r} 0 1,0 ${2 * r},0a${r},${r} 0 1,0 ${-2 * r},0`,
  s: (r) => `m${-r},${-r}h${2 * r}v${2 * r}h${-2 * r}z`,
  D: (r) => `m0,${-1.3 * r}l${1.3 * r},${1.3 * r}l${-1.3 * r},${1.3 * r}l${-1.3 * r},${-1.3 * r}z`,
  "^": (r) => `m0,${-1.2 * r}l${1.2 * r},${2.2 * r}h${-2.4 * r}z`,
  v: (r) => `m0,${1.2 * r}l${1.2 * r},${-2.2 * r}h${-2.4 * r}z`,
  P: (r) => `m${-r},0h${2 * r}m${-r},${-r}v${2 * r}`,
};
const mark = (kind, x, y, r) => `M${x},${y}${(MARKS[kind] || MARKS.o)(r)}`;

// Pieces of a line between gaps, since what was not run must not look measured.
function pieces(points) {
  const found = [[]];
  for (const point of points) {
    if (Number.isNaN(point[1])) found.push([]);
    else found[found.length - 1].push(point);
  }
  return found.filter((piece) => piece.length);
}

const path = (points) => points.map(([x, y], i) => `${i ? "L" : "M"}${x.toFixed(1)},${y.toFixed(1)}`);

const ink = (series) => ({ style: `--ink:${series.colour}` });
const stroke = (series, solid) => ({
  ...ink(series),
  ...(solid || !series.dash.length ? {} : { "stroke-dasharray": series.dash.join(" ") }),
});
