// What the page asks the server: files go there, jobs are begun and followed, and errors are one line.

/** Ask for something; what is refused is thrown as an error with the server's line. */
async function ask(path, options = {}) {
  let response;
  try {
    response = await fetch(path, { cache: "no-store", ...options });
  } catch {
    throw new Error("hdr-studio does not answer: it was ended, or this machine was asleep. Start it again");
  }
  const isJson = (response.headers.get("content-type") || "").includes("json");
  const content = isJson ? await response.json() : { error: (await response.text()).trim() };
  if (!response.ok) throw new Error(content.error || `Got status ${response.status}`);
  return content;
}

/** The name at the end of a path of any system. */
function lastPart(path) {
  return path.split(/[\\/]/).pop();
}

function post(path, content = {}) {
  const headers = { "content-type": "application/json" };
  return ask(path, { method: "POST", headers, body: JSON.stringify(content) });
}

/** Begin a job and follow it to its end; `onNews` gets what it tells. The job has its pictures' address. */
async function runJob(asked, onNews = () => {}) {
  const { job: number } = await post("jobs", asked);
  let seen = "";
  for (;;) {
    const job = await ask(`jobs/${number}?seen=${seen}`);
    seen = job.version;
    onNews({ ...job, stop: () => ask(`jobs/${number}`, { method: "DELETE" }) });
    if (job.state === "done") return { ...job.result, number, at: (name) => `jobs/${number}/${name}` };
    if (job.state === "failed") throw new Error(job.error);
    if (job.state === "stopped") throw new StoppedError();
  }
}

class StoppedError extends Error {}

/** Bring files to the server, one after the other; each is {name, file}. */
async function upload(files, onProgress) {
  for (const [place, { name, file }] of files.entries()) {
    onProgress(place, files.length);
    const path = name.split("/").map(encodeURIComponent).join("/");
    await ask(`files/${path}`, { method: "PUT", body: file });
  }
}

const messages = document.getElementById("messages");

/** Say in one line what went wrong; the next line, or a click, takes it away. */
function complain(error) {
  if (error instanceof StoppedError) return;
  const close = () => messages.replaceChildren();
  const button = el(
    "button",
    { class: "plain", type: "button", "aria-label": "Dismiss", onclick: close },
    "\u00d7",
  );
  messages.replaceChildren(el("p", { class: "complaint" }, el("span", {}, error.message), button));
}

function calm() {
  messages.replaceChildren();
}

/** A listener that says what goes wrong in it. */
function trying(work) {
  return async (...given) => {
    try {
      calm();
      return await work(...given);
    } catch (error) {
      complain(error);
      return undefined;
    }
  };
}

/** A line about what is going on, with a bar and a way to stop it; hidden while there is nothing. */
function progressLine() {
  const text = el("span", { class: "doing" });
  const bar = el("progress", { max: 1 });
  const stop = el("button", { class: "plain small", type: "button" }, "Stop");
  const node = el("div", { class: "progress", role: "status", hidden: "" }, text, bar, stop);
  let end = () => {};
  stop.addEventListener("click", () => end());

  function show(doing, fraction, onstop) {
    node.hidden = false;
    text.textContent = doing;
    if (isNumber(fraction)) bar.value = fraction;
    else bar.removeAttribute("value");
    stop.hidden = !onstop;
    end = onstop || (() => {});
  }

  const hide = () => (node.hidden = true);
  const hear = (job) => {
    const waiting = job.state === "waiting" ? "Waiting for the job before" : "Starting";
    const count = job.progress.count ? ` (${job.lines.length + job.progress.count[0]} lines)` : "";
    show((job.progress.doing || waiting) + count, job.progress.fraction, job.stop);
  };
  return { node, show, hide, hear };
}
