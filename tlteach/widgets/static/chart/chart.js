// The whole chart: its parts, and what happens when a control moves.

class Chart {
  constructor(model, root) {
    this.model = model;
    this.root = root;
    this.id = unique();
    this.spec = model.get("spec");
    this.cube = floats(model.get("cube"));
    this.state = new State(this.spec.controls);
    this.state.read(model.get("state") || "");
    readAddress(this);
    this.sizes = Object.fromEntries(this.spec.controls.map((c) => [c.id, c.values.length]));
    this.panels = this.spec.panels.map((panel, i) => new (VIEWS[panel.drawn] || PanelView)(this, panel, i));
    this.strips = this.spec.strips.map((strip) => stripView(this, strip));
    this.clouds = this.spec.clouds.map((cloud) => cloudView(this, cloud));
    this.looks = looksView(this);
    this.controls = controlsView(this);
    this.guess = new Guess(this);
    this.sketch = new Sketch(this);
    this.toolbar = new Toolbar(this);
    this.table = tableView(this);
    this.build();
  }

  live() {
    return this.model.get("live") || [];
  }

  build() {
    const { spec, root, toolbar } = this;
    root.className = this.model.get("slide") ? "tlt tlt-present" : "tlt";
    this.say = make("p", { class: "tlt-say", "aria-live": "polite" });
    const facts = spec.facts.map((fact) => {
      const answer = make("dd", {});
      return { fold: fact.fold, id: fact.id, answer, node: make("div", {}, make("dt", {}, fact.label), answer) };
    });
    this.answers = facts.map(({ answer }) => answer);
    const open = facts.filter(({ fold, id }) => !fold && id !== spec.headline);
    this.facts = make("dl", { class: "tlt-facts" }, ...open.map(({ node }) => node));
    const views = this.panels.map(({ node, panel }) => ({ node, fold: panel.fold }));
    const panels = make("div", { class: "tlt-panels" }, ...views.filter(({ fold }) => !fold).map(({ node }) => node), ...this.clouds.map(({ node }) => node));
    const strips = make("div", { class: "tlt-strips" }, ...this.strips.map((strip) => strip.node));
    const folds = foldViews(this, views, facts);
    this.now = make("p", { class: "tlt-now", "aria-hidden": "true" }); // `say` has it for readers
    const above = spec.headline ? [this.now] : [];
    if (spec.headline) this.now.classList.add("tlt-headline");
    this.results = make("div", { class: "tlt-results" }, ...above, panels, strips, this.looks.node, ...folds, this.table.node);
    const side = make("div", { class: "tlt-side" }, this.controls.node, this.guess.node, toolbar.node, ...(above.length ? [] : [this.now]), this.facts);
    root.replaceChildren(
      make("p", { class: "tlt-title", role: "heading", "aria-level": "3" }, spec.title),
      make("p", { class: "tlt-lead" }, spec.lead),
      make("div", { class: "tlt-main" }, side, this.results),
      this.say,
      ...spec.footer.map((line) => make("p", { class: "tlt-foot" }, line)),
    );
    root.tabIndex = -1;
    root.dataset.lmSuppressShortcuts = "true";
    root.addEventListener("keydown", (event) => toolbar.key(event));
    for (const kind of ["pointerdown", "keydown"]) root.addEventListener(kind, () => toolbar.rest());
  }

  reset() {
    this.state.reset();
    this.guess.forget();
    this.changed();
  }

  load(text) {
    this.state.read(text);
    this.changed();
  }

  turn(id, place) {
    if (this.state.at[id] === place) return;
    this.state.at[id] = place;
    this.changed();
  }

  // After a click on a curve, keys go to the control that it moves, not to the page around.
  take(id) {
    this.root.querySelector(`#tlt-${this.id}-${id}`)?.focus({ preventScroll: true });
  }

  changed() {
    const hidden = this.results.hidden;
    const stands = ({ node, panel }) => node.hidden === !isShown(panel, this.state.at);
    if (this.waiting() !== hidden || !this.panels.every(stands)) this.relayout();
    else this.paint();
    clearTimeout(this.later); // a drag need not tell the kernel, or a screen reader, of each step
    this.later = setTimeout(() => {
      this.tell();
      writeAddress(this);
      this.model.set("state", this.state.text());
      this.model.save_changes();
    }, 150);
  }

  // To a screen reader.
  tell() {
    this.say.textContent = this.root.dataset.say;
  }

  // Whether results still wait for a guess; hides or shows them.
  waiting() {
    this.results.hidden = this.guess.waits();
    return this.results.hidden;
  }

  relayout() {
    this.waiting(); // a hidden panel has no width to lay out in
    const { root } = this;
    const presents = root.classList.contains("tlt-present");
    const high = Number(root.closest("[data-high]")?.dataset.high) || window.innerHeight;
    const type = parseFloat(getComputedStyle(root).fontSize) || 14;
    this.wide = root.clientWidth >= (presents ? 50 : 66) * type;
    root.classList.toggle("tlt-wide", this.wide);
    this.room = undefined;
    for (const { node, panel } of this.panels) node.hidden = !isShown(panel, this.state.at);
    const panels = this.panels.filter(({ node }) => node.checkVisibility());
    for (const part of [...panels, ...this.clouds]) part.layout();
    this.paint();
    if (!this.wide || this.results.hidden) return;
    // One screen: plots take what is left of it.
    const taken = root.firstChild.offsetHeight + this.results.offsetHeight + (presents ? 2 : 5) * type;
    const open = panels.filter(({ panel }) => !panel.fold);
    const rows = new Set(open.map((panel) => panel.node.offsetTop)).size;
    const plots = Math.max(...open.map((panel) => panel.svg.clientHeight));
    this.room = plots + (high - taken) / rows;
    for (const part of [...panels, ...this.clouds]) part.layout();
    this.paint();
  }

  paint() {
    for (const [id, show] of Object.entries(this.controls.show)) show(this.state.at[id]);
    const hidden = this.waiting();
    this.guess.paint();
    const told = this.sketch.on ? DRAWING : describe(this); // a drawn guess must not be told the answer
    this.root.dataset.say = hidden ? "Make a prediction first." : told;
    this.now.textContent = hidden ? "" : nowText(this);
    if (hidden) return;
    for (const panel of this.panels) if (!panel.node.hidden && panel.frame) panel.paint();
    this.sketch.paint();
    for (const strip of this.strips) strip.paint();
    for (const cloud of this.clouds) cloud.paint();
    this.looks.paint();
    this.spec.facts.forEach((fact, i) => { say(this.answers[i], factText(this, fact)); });
    this.table.paint();
  }
}
