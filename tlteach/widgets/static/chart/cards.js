// A control as cards, each with a picture of what it stands for.

function cardsView(chart, control, id) {
  const cards = control.labels.map((text, i) => {
    const input = focusable("input", { type: "radio", name: id, id: `${id}-${i}`, value: i });
    input.addEventListener("change", () => chart.turn(control.id, i));
    const picture = control.pictures[i] ? [make("img", { src: control.pictures[i], alt: "" })] : [];
    const name = make("span", {});
    return { text, input, name, node: make("label", { class: "tlt-card" }, input, ...picture, name) };
  });
  const legend = make("legend", {}, control.label);
  const box = make("fieldset", { id, class: "tlt-deck" }, legend, ...cards.map(({ node }) => node));
  const show = (place) => cards.forEach(({ text, input, name }, i) => {
    input.checked = i === place;
    input.disabled = !wasRun(chart, control.id, i);
    name.textContent = text + (input.disabled ? " (not run)" : "");
  });
  return { parts: [box], show };
}
