// Scrolls a notebook of JupyterLab, then says what is in sight; evaluated by by_hand.py.
async (to) => {
  const panel = document.querySelector(".jp-WindowedPanel-outer");
  panel.scrollTop = to;
  await new Promise((done) => setTimeout(done, 500));  // JupyterLab lays out what comes into sight
  const box = panel.getBoundingClientRect();
  const visible = (query) => [...panel.querySelectorAll(query)].filter((node) => {
    const at = node.getBoundingClientRect();
    return at.height > 0 && at.bottom > box.top && at.top < box.bottom;
  });
  const output = ":is(.jp-OutputArea-output, .jp-MarkdownOutput)";
  return {
    top: panel.scrollTop,
    height: panel.clientHeight,
    drawn: visible(`${output} :is(img, svg, canvas, table), ${output} > .lm-Widget`).length > 0,
    cells: visible(".jp-CodeCell").map((cell) => cell.innerText.replace(/\s+/g, " ")),
  };
}
