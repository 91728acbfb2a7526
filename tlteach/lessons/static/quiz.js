// A question with native radio buttons. What there is to say of a choice comes from the kernel.

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
    });
    label.append(input, ` ${text}`);
    box.append(label);
    return [text, input];
  });
  box.append(said);
  el.append(box);
  const show = () => {
    for (const [text, input] of inputs) input.checked = text === model.get("choice");
    said.textContent = model.get("said");
  };
  show();
  model.on("change:choice", show);
  model.on("change:said", show);
  return () => {
    model.off("change:choice", show);
    model.off("change:said", show);
  };
}

export default { render };
