// What models say of what the camera sees, or of a file. The kernel answers; here it is drawn.

const EVERY = 200; // milliseconds between two pictures, if the kernel is as quick
const SENT = 384; // pixels: more than the networks look at

function render({ model, el }) {
  const { line, say, wait, heard } = speaker();
  const arms = Object.fromEntries(Object.entries(model.get("colours")).map(([name, ink]) => [name, arm(name, ink)]));
  const lens = camera(say, (on) => {
    if (on) look();
  });
  const seen = make("img", { className: "tlt-cam-seen", alt: "the picture that you chose", hidden: true });
  const choose = chooser("Choose a picture file to try", showFile, false);
  const truth = make("select", { "aria-label": "What it really is" });
  for (const label of model.get("classes")) truth.append(make("option", { text: label, value: label }));
  const count = make("button", { type: "button", text: "Count" });
  count.title = "Count who is right about what is shown now";
  const box = make("section", {
    className: "tlt-cam",
    tabIndex: 0,
    "aria-label": "Try models",
    parts: [
      make("p", { text: "Pictures go from this browser to the machine that runs Python, and are forgotten." }),
      lens.box,
      seen,
      make("div", { parts: [...choose, " or drop a file here, or click here and paste"] }),
      make("div", { className: "tlt-cam-arms", parts: Object.values(arms).map((one) => one.node) }),
      make("div", { className: "tlt-cam-count", parts: ["It really is", truth, count] }),
      line,
    ],
  });
  let turn = 0; // answers to older pictures come too late
  let waiting = false;
  let next;
  el.append(box);
  takeFiles(box, showFile);

  function arm(name, ink) {
    const best = make("p", { className: "tlt-cam-best", text: "nothing seen yet" });
    const bars = make("div");
    const tally = make("p");
    const title = make("h3", { text: name });
    title.style.color = ink;
    bars.style.color = ink;
    return { node: make("div", { parts: [title, best, bars, tally] }), best, bars, tally };
  }

  function ask(data) {
    turn += 1;
    waiting = true;
    model.send({ do: "look", turn }, undefined, [data]);
    wait(() => { waiting = false; });
  }

  // One picture after the other: the next one leaves when the last one is answered.
  async function look() {
    clearTimeout(next);
    if (!lens.on()) return;
    if (lens.ready() && !waiting && !document.hidden) {
      const { video } = lens;
      seen.hidden = true;
      ask(await jpegOf(video, video.videoWidth, video.videoHeight, SENT));
    }
    next = setTimeout(look, EVERY);
  }

  async function showFile([file]) {
    if (!file) {
      say(`No picture file came. ${OTHERWISE}`, true);
      return;
    }
    try {
      const data = await jpegOfFile(file, SENT);
      lens.stop();
      URL.revokeObjectURL(seen.src);
      seen.src = URL.createObjectURL(new Blob([data], { type: "image/jpeg" }));
      seen.hidden = false;
      say(`${file.name || "What you pasted"} is shown.`);
      ask(data);
    } catch (error) {
      say(error.message, true);
    }
  }

  function draw(rows) {
    for (const [name, { best, bars }] of Object.entries(arms)) {
      const mine = rows.filter((row) => row.model === name);
      best.textContent = mine[0].class;
      bars.replaceChildren(
        ...mine.map((row) => {
          const share = `${Math.round(100 * row.confidence)} %`;
          const fill = make("i");
          fill.style.width = `${100 * row.confidence}%`;
          const names = make("span", { text: row.class, title: row.class });
          names.style.color = "var(--jp-ui-font-color1, #1f2328)";
          const value = make("b", { text: share });
          value.style.color = names.style.color;
          return make("div", { className: "tlt-cam-bar", parts: [names, make("div", { parts: [fill] }), value] });
        }),
      );
    }
  }

  function tell() {
    for (const [name, [right, n]] of Object.entries(model.get("counted"))) {
      arms[name].tally.textContent = n ? `right: ${right} of ${n}` : "";
    }
  }

  function answer(content) {
    heard();
    if (content.do === "seen") {
      if (content.turn < turn) return;
      waiting = false;
      draw(content.rows);
    } else if (content.do === "said") {
      waiting = false;
      say(content.text, content.fault);
    }
  }

  count.addEventListener("click", () => {
    model.send({ do: "count", truth: truth.value });
    wait();
  });
  model.on("msg:custom", answer);
  model.on("change:counted", tell);
  tell();
  return () => {
    clearTimeout(next);
    lens.stop();
    heard();
    model.off("msg:custom", answer);
    model.off("change:counted", tell);
  };
}

export default { render };
