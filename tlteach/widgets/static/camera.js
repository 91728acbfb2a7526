// Shared by collect.js and try.js, which are appended to this file: the camera, files as pictures.

const SIDE = 1024; // pixels of the longer side: more than any network here looks at
const QUALITY = 0.92;
const MOST_FILE = 50e6; // bytes of a file that is opened at all
const PATIENCE = 6000; // milliseconds
const SILENT = "No answer from the kernel: it is busy, or gone. If it is gone, run this cell again.";
const OTHERWISE = "Choose, drop or paste picture files instead.";
const WHY_NOT = {
  NotAllowedError: "The camera may not be used: the browser, the system or this page forbids it.",
  NotFoundError: "There is no camera here.",
  NotReadableError: "The camera does not answer: does another program use it?",
  OverconstrainedError: "The camera cannot do what is asked of it.",
};

// What makes an element, in one call.
function make(tag, { text, parts = [], ...given } = {}) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(given)) {
    if (name in node) node[name] = value;
    else node.setAttribute(name, value);
  }
  if (text !== undefined) node.textContent = text;
  node.append(...parts);
  // JupyterLab takes keys for itself unless the focused element says otherwise
  if (["button", "input", "select", "section"].includes(tag)) node.dataset.lmSuppressShortcuts = "true";
  return node;
}

function whyNot(error) {
  return `${WHY_NOT[error.name] ?? `The camera cannot be used (${error.name}).`} ${OTHERWISE}`;
}

// A video with a button under it. `onto(true or false)` hears when it starts and stops.
function camera(say, onto = () => {}) {
  const video = make("video", { muted: true, playsInline: true, "aria-label": "what the camera sees" });
  const button = make("button", { text: "Start camera", type: "button" });
  const box = make("div", { className: "tlt-cam-view", parts: [video, button] });
  let stream = null;
  video.hidden = true;
  const stop = () => {
    for (const track of stream?.getTracks() ?? []) track.stop();
    stream = null;
    video.srcObject = null;
    video.hidden = true;
    button.textContent = "Start camera";
    onto(false);
  };
  const start = async () => {
    if (!navigator.mediaDevices?.getUserMedia) {
      say(`This page cannot use a camera: browsers want https or localhost for it. ${OTHERWISE}`, true);
      return;
    }
    button.disabled = true;
    try {
      stream = await navigator.mediaDevices.getUserMedia({ video: { width: 640, height: 480 }, audio: false });
      stream.getVideoTracks()[0].addEventListener("ended", () => {
        stop();
        say(`The camera was taken away. ${OTHERWISE}`, true);
      });
      video.srcObject = stream;
      video.hidden = false;
      await video.play();
      button.textContent = "Stop camera";
      say("The camera is on.");
      onto(true);
    } catch (error) {
      stop();
      say(whyNot(error), true);
    } finally {
      button.disabled = false;
    }
  };
  button.addEventListener("click", () => (stream ? stop() : start()));
  return { box, video, stop, on: () => stream !== null, ready: () => stream !== null && video.readyState >= 2 };
}

// A JPEG of whatever can be drawn: on white where transparent, without what a file says beside it.
async function jpegOf(source, wide, high, side = SIDE) {
  const scale = Math.min(1, side / Math.max(wide, high));
  const canvas = make("canvas", {
    width: Math.max(1, Math.round(wide * scale)),
    height: Math.max(1, Math.round(high * scale)),
  });
  const pen = canvas.getContext("2d");
  pen.fillStyle = "white";
  pen.fillRect(0, 0, canvas.width, canvas.height);
  pen.imageSmoothingQuality = "high";
  pen.drawImage(source, 0, 0, canvas.width, canvas.height);
  const blob = await new Promise((done) => canvas.toBlob(done, "image/jpeg", QUALITY));
  return blob.arrayBuffer();
}

async function jpegOfFile(file, side = SIDE) {
  const name = file.name || "pasted";
  if (file.size > MOST_FILE) {
    const [has, most] = [file.size, MOST_FILE].map((n) => `${Math.round(n / 1e6)} MB`);
    throw new Error(`${name} has ${has}, the most is ${most}: save it smaller.`);
  }
  let bitmap;
  try {
    bitmap = await createImageBitmap(file); // upright, as its camera held it
  } catch {
    throw new Error(`${name} is no picture that this browser can read: JPEG, PNG, WebP, GIF or BMP.`);
  }
  try {
    return await jpegOf(bitmap, bitmap.width, bitmap.height, side);
  } finally {
    bitmap.close();
  }
}

// Let an element take files: dropped on it, or pasted while it or something in it has the focus.
function takeFiles(node, take) {
  const over = (event) => {
    event.preventDefault();
    event.stopPropagation(); // JupyterLab would open or upload what is dropped
    node.classList.toggle("tlt-cam-over", event.type === "dragover");
  };
  node.addEventListener("dragover", over);
  node.addEventListener("dragleave", over);
  node.addEventListener("drop", (event) => {
    over(event);
    take([...event.dataTransfer.files]);
  });
  node.addEventListener("paste", (event) => {
    event.preventDefault();
    event.stopPropagation();
    take([...event.clipboardData.files]);
  });
}

// A button that opens the file chooser.
function chooser(name, take, several) {
  const input = make("input", { type: "file", accept: "image/*", multiple: several, hidden: true });
  const button = make("button", { text: "Choose files", type: "button", "aria-label": name });
  button.addEventListener("click", () => input.click());
  input.addEventListener("change", () => {
    take([...input.files]);
    input.value = ""; // so that the same file can be chosen again
  });
  return [button, input];
}

// A line that is read out when it changes, and a watch for a kernel that does not answer.
function speaker() {
  const line = make("p", { className: "tlt-cam-said", role: "status" });
  let late;
  const say = (text, fault = false) => {
    clearTimeout(late);
    line.textContent = text;
    line.classList.toggle("tlt-cam-fault", fault);
  };
  const wait = (then = () => {}) => {
    clearTimeout(late);
    late = setTimeout(() => {
      say(SILENT, true);
      then();
    }, PATIENCE);
  };
  return { line, say, wait, heard: () => clearTimeout(late) };
}
