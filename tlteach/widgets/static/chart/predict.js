// "Predict first": results stay hidden until a guess is there, on each state anew.
const EVERY = "*"; // stands for a guess on every state: somebody does not want to be asked

class Guess {
  constructor(chart) {
    this.chart = chart;
    const { predict } = chart.spec;
    this.predict = predict;
    this.node = "";
    if (!predict) return;
    this.fact = chart.spec.facts.find((fact) => fact.id === predict.fact);
    const button = (text, option, about) => {
      const node = focusable("button", { type: "button" }, text);
      node.addEventListener("click", () => this.make(option, about));
      return node;
    };
    const choices = predict.options.map((option) => button(option, option));
    const show = button("Show all, ask no more", "", EVERY);
    this.hands = predict.options.map((option) => {
      const node = focusable("button", { type: "button", class: "tlt-hand" });
      node.addEventListener("click", () => this.count(option, 1));
      return { option, node };
    });
    const none = focusable("button", { type: "button" }, "clear");
    none.addEventListener("click", () => this.count(null));
    const tally = make("p", { class: "tlt-tally" }, "A show of hands: ", ...this.hands.map(({ node: hand }) => hand), none);
    this.verdict = make("p", { class: "tlt-verdict", "aria-live": "polite" });
    const legend = make("legend", {}, predict.question);
    this.node = make("fieldset", { class: "tlt-predict" }, legend, ...choices, show, tally, this.verdict);
  }

  all() {
    return this.chart.model.get("guesses") || {};
  }

  // What a guess is about: where those controls stand that the answer depends on.
  asked() {
    const { spec, state } = this.chart;
    const value = (id) => spec.controls.find((c) => c.id === id).values[state.at[id]];
    return this.fact.by.map((id) => `${id}=${value(id)}`).join(";");
  }

  made() {
    return this.all()[this.asked()] || "";
  }

  make(option, about = this.asked()) {
    const { chart } = this;
    chart.model.set("guesses", { ...this.all(), [about]: option });
    chart.model.save_changes();
    chart.relayout();
    chart.tell();
  }

  // How many hands went up for each option, in this state of the chart.
  raised() {
    return (this.chart.model.get("hands") || {})[this.asked()] || {};
  }

  count(option, more) {
    const now = option === null ? {} : { ...this.raised(), [option]: (this.raised()[option] || 0) + more };
    this.chart.model.set("hands", { ...this.chart.model.get("hands"), [this.asked()]: now });
    this.chart.model.save_changes();
    this.paint();
  }

  forget() {
    if (this.predict) this.chart.model.set("guesses", {});
  }

  waits() {
    return Boolean(this.predict) && !(EVERY in this.all()) && !this.made();
  }

  paint() {
    if (!this.predict) return;
    const raised = this.raised();
    for (const { option, node } of this.hands) {
      node.textContent = `✋ ${option}: ${raised[option] || 0}`;
      node.title = `one more hand for ${option}`;
    }
    const said = this.made() ? `You said: ${this.made()}. ` : "";
    const measured = `${said}Measured: ${factText(this.chart, this.fact)}.`;
    this.verdict.textContent = this.waits() ? "" : measured;
  }
}
