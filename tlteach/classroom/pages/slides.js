
// Charts on slides: each wakes when its slide is first shown; its presets are the slide's fragments.
const HIGH = 700; // of a slide, in its own pixels
const turns = new Map(); // by slide, what turns its chart
const printing = /view=print/.test(location.search); // paper gets the still picture

async function wake(slide) {
  const box = slide?.querySelector(".alive");
  if (!box || turns.has(slide) || printing) return;
  turns.set(slide, () => {}); // not twice, however fast somebody goes to and fro
  const chart = box.querySelector("[data-chart]");
  chart.dataset.high = HIGH - slide.scrollHeight + box.offsetHeight; // what the words leave
  while (chart.nextSibling) chart.nextSibling.remove(); // the still picture
  const start = JSON.parse(chart.querySelector("script").textContent).state;
  const turn = await mount(chart);
  turns.set(slide, () => {
    const passed = [...slide.querySelectorAll(".fragment.visible")];
    turn(passed.length ? passed[passed.length - 1].dataset.state : start);
  });
  if (slide.querySelector(".fragment.visible")) turns.get(slide)();
}

// In a chart its own keys work. Page Up, Page Down and a clicker go on with the slides; Escape leaves it.
function key(event) {
  const root = event.target.closest?.(".alive");
  if (!root || event.target.closest(".tlt-handle")) return;
  const work = { PageDown: Reveal.next, PageUp: Reveal.prev, Escape: () => event.target.blur() }[event.key];
  if (!work) return;
  work();
  event.preventDefault();
  event.stopImmediatePropagation();
}

document.addEventListener("keydown", key, true);
for (const box of document.querySelectorAll(".alive")) box.addEventListener("keydown", (event) => event.stopPropagation());
Reveal.on("slidechanged", ({ currentSlide }) => wake(currentSlide));
for (const kind of ["fragmentshown", "fragmenthidden"]) {
  Reveal.on(kind, ({ fragment }) => turns.get(fragment.closest("section"))?.());
}
if (Reveal.isReady()) wake(Reveal.getCurrentSlide());
else Reveal.on("ready", ({ currentSlide }) => wake(currentSlide));
