// Brings charts and questions of a page to life; what they need lies in the page itself.

const bytes = (text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0));

// What a front end calls a model: values, and who wants to hear of changes.
function modelOf(known, react = () => {}) {
  const heard = {};
  return {
    get: (name) => known[name],
    set(name, value) {
      known[name] = value;
      react(known, name);
      for (const call of heard[`change:${name}`] || []) call();
    },
    // as a kernel does, it answers after whoever asked is done
    save_changes() { setTimeout(() => (heard["change:said"] || []).forEach((call) => call())); },
    on: (name, call) => { (heard[name] = heard[name] || []).push(call); },
    off() {},
  };
}

// The rules of the page's theme do not reach into a shadow root, and ours do not leave it.
function inside(section, css) {
  const root = section.attachShadow({ mode: "open" });
  const style = document.createElement("style");
  style.textContent = css;
  const el = document.createElement("div");
  root.append(style, el);
  return el;
}

const knownOf = (section) => JSON.parse(section.querySelector("script").textContent);

function wakeChart(section, place) {
  const known = knownOf(section);
  known.cube = new DataView(bytes(known.cube).buffer);
  known.page = true;
  known.still = `page-${place}`;
  tlteach.chart.render({ model: modelOf(known), el: inside(section, tlteach.chartStyle) });
}

function wakeQuiz(section, place) {
  const known = { ...knownOf(section), choice: "", still: `quiz-${place}` };
  const react = (now, name) => { if (name === "choice") now.said = said[now.choice]; };
  const { said } = known;
  known.said = "";
  tlteach.quiz.render({ model: modelOf(known, react), el: inside(section, tlteach.quizStyle) });
}

document.querySelectorAll("section[data-chart]").forEach((section, place) => {
  const wake = () => wakeChart(section, place);
  if (section.hasAttribute("data-now")) return wake();
  new IntersectionObserver((seen, watch) => {
    if (!seen.some((one) => one.isIntersecting)) return;
    watch.disconnect();
    wake();
  }, { rootMargin: "600px" }).observe(section);
});
document.querySelectorAll("section[data-quiz]").forEach(wakeQuiz);
// wide tables and figures scroll; by keys, too
for (const box of document.querySelectorAll(".cell_output > .output")) {
  if (box.scrollWidth > box.clientWidth) box.tabIndex = 0;
}
// the theme's arrows for folding a part of the contents have no name of their own
for (const arrow of document.querySelectorAll("summary:has(.toctree-toggle)")) {
  const link = arrow.closest("li")?.querySelector("a");
  arrow.setAttribute("aria-label", `Pages of ${link ? link.textContent.trim() : "this part"}`);
}
