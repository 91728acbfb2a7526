// Pictures into class folders. The kernel writes them; here they are taken, shown and named.

function render({ model, el }) {
  const { line, say, wait, heard } = speaker();
  const lens = camera(say, (on) => {
    for (const card of Object.values(cards)) card.take.disabled = !on;
  });
  const undo = make("button", { text: "Undo delete", type: "button", disabled: true });
  const cards = Object.fromEntries(model.get("classes").map((label, i) => [label, card(label, i)]));
  const box = make("section", {
    className: "tlt-cam",
    "aria-label": "Collect pictures",
    parts: [
      make("p", {
        text: "Pictures go from this browser to the folder on the machine that runs Python, and nowhere else.",
      }),
      lens.box,
      make("div", { className: "tlt-cam-cards", parts: Object.values(cards).map((one) => one.node) }),
      undo,
      line,
    ],
  });
  el.append(box);

  function send(content, data) {
    model.send(content, undefined, data ? [data] : []);
    wait();
  }

  async function addFiles(label, files) {
    if (!files.length) say(`No picture file came. ${OTHERWISE}`, true);
    for (const file of files) {
      try {
        send({ do: "add", label, name: file.name || "pasted.png" }, await jpegOfFile(file));
      } catch (error) {
        say(error.message, true);
      }
    }
  }

  async function shoot(label) {
    if (!lens.ready()) {
      say(`The camera is off: start it first. ${OTHERWISE}`, true);
      return;
    }
    const { video } = lens;
    send({ do: "add", label, name: "camera.jpg" }, await jpegOf(video, video.videoWidth, video.videoHeight));
  }

  function card(label, i) {
    const id = `tlt-cam-${Math.random().toString(36).slice(2)}`;
    const title = make("h3", { id, text: label });
    const key = i < 9 ? ` (key ${i + 1})` : "";
    const take = make("button", { type: "button", text: "Take picture", disabled: true });
    take.setAttribute("aria-label", `Take a picture of ${label}${key}`);
    take.title = `Take a picture of ${label}${key}`;
    take.addEventListener("click", () => shoot(label));
    const list = make("ul", { "aria-labelledby": id });
    const more = make("p");
    const add = (files) => addFiles(label, files);
    const node = make("section", {
      tabIndex: 0,
      "aria-labelledby": id,
      parts: [
        title,
        make("div", { parts: [take, ...chooser(`Choose picture files of ${label}`, add, true)] }),
        make("p", { text: "or drop files here, or click here and paste" }),
        list,
        more,
      ],
    });
    takeFiles(node, add);
    return { node, title, take, list, more };
  }

  function thumbnail(label, name, data) {
    const remove = make("button", { type: "button", text: "×", "aria-label": `Delete ${name} of ${label}` });
    remove.title = `Delete ${name}`;
    const picture = make("img", { alt: `${label}, ${name}`, title: name });
    if (data.byteLength) {
      picture.src = URL.createObjectURL(new Blob([data], { type: "image/webp" }));
      picture.addEventListener("load", () => URL.revokeObjectURL(picture.src), { once: true });
    } else {
      picture.alt = `${label}, ${name}: cannot be read`;
    }
    const item = make("li", { parts: [picture, remove] });
    item.dataset.name = name;
    const go = () => send({ do: "remove", label, name });
    remove.addEventListener("click", go);
    remove.addEventListener("keydown", (event) => {
      if (event.key === "Delete" || event.key === "Backspace") go();
    });
    return item;
  }

  function drop(label, name) {
    const { list, node } = cards[label];
    const item = [...list.children].find((one) => one.dataset.name === name);
    if (!item) return;
    const next = item.nextElementSibling ?? item.previousElementSibling;
    const had = item.contains(document.activeElement);
    item.remove();
    if (had) (next?.querySelector("button") ?? node).focus(); // not back to the top of the page
  }

  function count() {
    for (const [label, n] of Object.entries(model.get("counts"))) {
      const { title, more, list } = cards[label];
      title.textContent = `${label}: ${n} ${n === 1 ? "picture" : "pictures"}`;
      const hidden = n - list.children.length;
      more.textContent = hidden > 0 && list.children.length ? `and ${hidden} more in the folder` : "";
    }
  }

  function answer(content, buffers) {
    heard();
    const { do: what, label, name } = content;
    if (what === "shown") {
      cards[label].list.replaceChildren(...content.names.map((one, i) => thumbnail(label, one, buffers[i])));
    } else if (what === "added") {
      cards[label].list.prepend(thumbnail(label, name, buffers[0]));
    } else if (what === "removed") {
      drop(label, name);
      undo.disabled = false;
    } else if (what === "said") {
      say(content.text, content.fault);
    }
    count();
  }

  undo.addEventListener("click", () => send({ do: "undo" }));
  box.addEventListener("keydown", (event) => {
    const label = model.get("classes")[Number(event.key) - 1];
    // a key held down would give a burst of copies
    if (!label || event.repeat || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    shoot(label);
  });
  model.on("msg:custom", answer);
  model.on("change:counts", count);
  count();
  send({ do: "list" });
  return () => {
    lens.stop();
    heard();
    model.off("msg:custom", answer);
    model.off("change:counts", count);
  };
}

export default { render };
