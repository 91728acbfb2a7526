// Buttons, their keys, and a control that plays.
const PACE = 800; // milliseconds a step that plays

class Toolbar {
  constructor(chart) {
    this.chart = chart;
    this.node = make("div", { class: "tlt-bar" });
    const { spec } = chart;
    const button = (text, title, work) => {
      const node = focusable("button", { type: "button", title }, text);
      node.addEventListener("click", work);
      this.node.append(node);
      return node;
    };
    spec.presets.forEach((preset, i) => button(`${i + 1} ${preset.label}`, `key ${i + 1}`, () => chart.load(preset.state)));
    if (spec.play) {
      const { label } = spec.controls.find((c) => c.id === spec.play);
      button("▶ Play", `moves ${label} to its end; any key stops`, () => this.play());
    }
    if (chart.sketch.button) this.node.append(chart.sketch.button);
    button("Reset", "key 0", () => chart.reset());
    if (!chart.model.get("slide")) {
      this.presenting = button("Present", "large type for a lecture hall; key p", () => this.present());
      this.presenting.setAttribute("aria-pressed", "false");
    }
    const copying = (name, title, text) => {
      const copy = button(name, title, () => {
        copy.textContent = text(); // shown as well: a page without rights cannot copy
        navigator.clipboard?.writeText(text()).catch(() => {});
        setTimeout(() => { copy.textContent = name; }, 5000);
      });
    };
    copying("Copy state", "a text that brings this view back", () => chart.state.text());
    if (onPage(chart)) copying("Copy link", "an address that opens this view", () => linkTo(chart));
    button("Save picture", "an SVG file, with its sentence", () => savePicture(chart));
  }

  // From where the control stands, or from its start, step by step to its end.
  play(last = this.chart.sizes[this.chart.spec.play] - 1) {
    const { chart } = this;
    const id = chart.spec.play;
    this.rest();
    if (chart.state.at[id] === last) chart.turn(id, 0);
    this.playing = setInterval(() => {
      if (chart.state.at[id] >= last || !chart.root.isConnected) this.rest();
      else chart.turn(id, chart.state.at[id] + 1);
    }, PACE);
  }

  // By itself, when the chart is first seen as it opens; not for those who want nothing to move.
  once() {
    const { chart } = this;
    const { once } = chart.spec;
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    if (!once || still || chart.guess.waits() || chart.state.text() !== new State(chart.spec.controls).text()) return;
    new IntersectionObserver((seen, watch) => {
      if (!seen.some((one) => one.isIntersecting)) return;
      watch.disconnect();
      this.play(once);
    }, { threshold: 0.5 }).observe(chart.panels[0].node);
  }

  rest() {
    clearInterval(this.playing);
  }

  present() {
    if (!this.presenting) return; // a slide is large already
    const { root } = this.chart;
    const on = root.classList.toggle("tlt-present");
    this.presenting.setAttribute("aria-pressed", String(on));
    this.chart.relayout();
    if (on) root.focus({ preventScroll: true }); // a clicker's keys come here
  }

  // The next preset, or the one before: what a clicker's two keys ask for.
  step(way) {
    const { presets } = this.chart.spec;
    this.stop = Math.max(0, Math.min(presets.length - 1, (this.stop ?? (way > 0 ? -1 : presets.length)) + way));
    if (presets.length) this.chart.load(presets[this.stop].state);
  }

  key(event) {
    const { chart } = this;
    if (event.target.tagName === "SELECT" || event.ctrlKey || event.metaKey || event.altKey) return;
    const preset = chart.spec.presets[Number(event.key) - 1];
    if (preset) chart.load(preset.state);
    else if (event.key === "PageDown") this.step(1);
    else if (event.key === "PageUp") this.step(-1);
    else if (event.key === "Escape" && chart.root.classList.contains("tlt-present")) this.present();
    else if (event.key === "0") chart.reset();
    else if (event.key === "p") this.present();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }
}
