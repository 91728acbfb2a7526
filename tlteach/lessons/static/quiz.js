// A question with native radio buttons. What there is to say of a choice comes from the kernel.

const PATIENCE = 4000; // milliseconds
const SILENT = "No answer from the kernel: it is busy, or gone. If it is gone, run this cell again.";

// A front end may load this module anew for every widget, so a counter here would not tell two
// questions apart, and all of them would be one group of buttons.
const unique = () => Math.random().toString(36).slice(2);

function render({ model, el }) {
  const name = `tlt-quiz-${unique()}`;
  const box = document.createElement("fieldset");
  const ask = document.createElement("legend");
  const said = document.createElement("div");
  box.className = "tlt-quiz";
  ask.textContent = model.get("ask");
  said.setAttribute("role", "status");
  box.append(ask);
  const inputs = model.get("options").map((text) => {
    const label = document.createElement("label");
    const input = document.createElement("input");
    input.type = "radio";
    input.name = name;
    // JupyterLab takes arrow keys for itself unless the focused element says otherwise
    input.dataset.lmSuppressShortcuts = "true";
    input.addEventListener("change", () => {
      model.set("choice", text);
      model.save_changes();
      wait();
    });
    label.append(input, ` ${text}`);
    box.append(label);
    return [text, input];
  });
  box.append(said);
  el.append(box);
  // What was said of another choice must not stand beside this one, even if nobody answers.
  let late;
  function wait() {
    said.textContent = "";
    clearTimeout(late);
    late = setTimeout(() => { said.textContent = SILENT; }, PATIENCE);
  }
  const check = () => {
    for (const [text, input] of inputs) input.checked = text === model.get("choice");
  };
  const say = () => {
    clearTimeout(late);
    said.textContent = model.get("said");
  };
  // what stands below is for readers without live buttons
  const rule = document.createElement("style");
  rule.textContent = `.tlt-still-${model.get("still")}{display:none}`;
  document.head.append(rule);
  check();
  say();
  model.on("change:choice", check);
  model.on("change:said", say);
  return () => {
    clearTimeout(late);
    rule.remove();
    model.off("change:choice", check);
    model.off("change:said", say);
  };
}

export default { render };
