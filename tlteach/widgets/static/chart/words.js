// Numbers as text; `_words.py` writes the same, a test compares.

const FORMS = {
  percent: (v) => `${(100 * v).toFixed(1)}%`,
  points: (v) => `${v < 0 ? "" : "+"}${(100 * v).toFixed(1)} points`,
  number: (v) => v.toFixed(3),
  whole: (v) => v.toFixed(0),
  seconds: (v) => `${v.toFixed(2)} s`,
};
const BARE = {
  percent: (v) => (100 * v).toFixed(1),
  points: (v) => (100 * v).toFixed(1),
  seconds: (v) => v.toFixed(2),
};

const NOT_RUN = "not run";
const capital = (text) => text.charAt(0).toUpperCase() + text.slice(1);

function told([mean, low, high], form) {
  if (Number.isNaN(mean)) return NOT_RUN;
  const bare = BARE[form] || FORMS[form];
  const between = Number.isNaN(low) ? "" : ` (${bare(low)} to ${bare(high)})`;
  return FORMS[form](mean) + between;
}
