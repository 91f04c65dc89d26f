// The way in: photographs are dropped or chosen, a folder of this machine is named, or the demo is tried.
const top_ = document.getElementById("top");
const TOGETHER = "Take them as one bracket all the same";
let shown = { settings: () => ({}) };

/** Name what is shown at the top of the page. */
function heading(title, detail, back, ...actions) {
  const home = el("button", { class: "brand", type: "button", onclick: startAgain }, "hdr-studio");
  const parts = title
    ? [el("h1", {}, title), el("span", { class: "quiet" }, detail)]
    : [el("h1", { class: "visually-hidden" }, "hdr-studio")];
  const open = title ? [plainButton("Open another", "Leave this", startAgain)] : [];
  const others = back ? [plainButton("All brackets", "Back to the list", back)] : [];
  top_.replaceChildren(home, ...parts, el("span", { class: "space" }), ...others, ...open, ...actions);
  document.title = title ? `${title} \u00b7 hdr-studio` : "hdr-studio";
}

function startAgain() {
  calm();
  show_(startView());
}

function show_(view) {
  shown = { settings: () => ({}), ...view };
  main.replaceChildren(view.node);
}

function startView() {
  heading("");
  const progress = progressLine();
  const retry = el("div", {});
  const pick = (folder) => {
    const input = el("input", {
      type: "file",
      multiple: "",
      hidden: "",
      ...(folder ? { webkitdirectory: "" } : { accept: accepted() }),
    });
    input.addEventListener("change", () => bring(() => filesOf(input.files), progress, retry));
    return input;
  };
  const [files, folder] = [pick(false), pick(true)];
  const choose = (input) => () => input.click();
  const path = el("input", {
    type: "text",
    name: "path",
    spellcheck: "false",
    placeholder: "/home/you/pictures/card",
    "aria-label": "A folder of this machine",
  });
  const named = el("form", { class: "row" }, path, el("button", { class: "plain" }, "Open"));
  named.addEventListener("submit", (event) => {
    event.preventDefault();
    openFolder(path.value, progress, retry);
  });
  const offered = DATA.folders.map((name) =>
    el(
      "button",
      { class: "plain folder", type: "button", onclick: () => openFolder(name, progress, retry) },
      name,
    ),
  );
  const zone = el(
    "section",
    { class: "drop", "aria-label": "Open photographs" },
    exposureIcon(),
    el("h2", {}, "Drop 2 or more exposures here"),
    el(
      "p",
      {},
      "Photographs of one scene, some darker and some brighter, come back as one picture in which everything is well exposed. A whole folder of brackets is fine too.",
    ),
    el(
      "div",
      { class: "row centred" },
      el("button", { class: "primary", type: "button", onclick: choose(files) }, "Choose photographs"),
      el("button", { class: "plain", type: "button", onclick: choose(folder) }, "Choose a folder"),
      el(
        "button",
        { class: "plain", type: "button", onclick: () => openDemo(progress, retry) },
        "Try the demo",
      ),
    ),
    files,
    folder,
  );
  const where = el(
    "section",
    { class: "where" },
    el("h3", {}, "Or a folder of this machine"),
    el("p", { class: "note" }, "Large cards need not be copied: results are written beside them."),
    offered.length ? el("div", { class: "row offered" }, offered) : null,
    named,
  );
  const promise = el(
    "p",
    { class: "quiet promise" },
    "Nothing leaves this machine: the page comes from it, and pictures that you drop are deleted when hdr-studio ends.",
  );
  return { node: el("div", { class: "start" }, zone, progress.node, retry, where, promise) };
}

/** Three frames, from dark to bright. */
function exposureIcon() {
  const frame = (x, y, name) => svg("rect", { class: name, x, y, width: 46, height: 32, rx: 4 });
  return svg(
    "svg",
    { class: "icon", viewBox: "0 0 92 60", "aria-hidden": "true" },
    frame(4, 24, "dark"),
    frame(22, 14, "mid"),
    frame(40, 4, "bright"),
  );
}

const accepted = () => DATA.suffixes.join(",");
const isPhotograph = (name) => DATA.suffixes.some((suffix) => name.toLowerCase().endsWith(suffix));

/** Files that were chosen, named as they lie in their folder. */
function filesOf(list) {
  return [...list].map((file) => ({ name: file.webkitRelativePath || file.name, file }));
}

/** Files that were dropped, those in folders too where the browser tells of them. */
async function filesDropped(items) {
  const found = [...items].map((item) => {
    const entry = item.webkitGetAsEntry?.();
    const file = item.getAsFile();
    return entry ? filesIn(entry, "") : file ? [{ name: file.name, file }] : [];
  });
  return (await Promise.all(found)).flat();
}

async function filesIn(entry, within) {
  const name = within + entry.name;
  if (entry.isFile) {
    return [{ name, file: await new Promise((done, fail) => entry.file(done, fail)) }];
  }
  const reader = entry.createReader();
  const inside = [];
  for (;;) {
    const some = await new Promise((done, fail) => reader.readEntries(done, fail));
    if (!some.length) break;
    inside.push(...some);
  }
  return (await Promise.all(inside.map((child) => filesIn(child, `${name}/`)))).flat();
}

/** Photographs only, and of a folder that was given what is in it: its own name says nothing. */
function tidy(files) {
  const kept = files.filter(({ name, file }) => isPhotograph(name) && !file.name.startsWith("."));
  const roots = new Set(kept.map(({ name }) => (name.includes("/") ? name.split("/")[0] : "")));
  const isOne = roots.size === 1 && !roots.has("");
  const deep = (name) =>
    name
      .split("/")
      .slice(isOne ? 1 : 0)
      .slice(-2)
      .join("/");
  return kept.map(({ name, file }) => ({ name: deep(name), file }));
}

async function bring(find, progress, retry) {
  await trying(async () => {
    retry.replaceChildren();
    const files = tidy(await find());
    if (!files.length)
      throw new Error("Expected photographs. Got none: JPEG, TIFF, PNG, raw and others are read");
    await post("clear");
    await upload(files, (place, all) => progress.show(`Reading ${place + 1} of ${all}`, place / all));
    await openWhat({}, progress, retry);
  })();
  progress.hide();
}

async function openDemo(progress, retry) {
  await trying(async () => {
    await post("clear");
    await runJob({ do: "demo" }, progress.hear);
    await openWhat({}, progress, retry);
  })();
  progress.hide();
}

async function openFolder(folder, progress, retry) {
  await trying(async () => {
    if (!folder.trim()) throw new Error("Expected the path of a folder. Got none");
    await post("clear");
    await openWhat({ folder: folder.trim() }, progress, retry);
  })();
  progress.hide();
}

/** Find the brackets; where there is none, the photographs can be taken as one all the same. */
async function openWhat(asked, progress, retry) {
  retry.replaceChildren();
  try {
    const ready = catalogue.methods.length ? null : loadCatalogue();
    const found = await runJob({ do: "open", ...asked }, progress.hear);
    await ready;
    showFound(found, asked, progress);
  } catch (error) {
    if (!asked.group && / single photographs/.test(error.message)) {
      const together = () => openWhat({ ...asked, group: "off" }, progress, retry).catch(complain);
      retry.replaceChildren(plainButton(TOGETHER, "", together));
    }
    throw error;
  } finally {
    progress.hide();
  }
}

function showFound(found, asked, progress) {
  let settings = {};
  const regroup = trying((group, progress) => openWhat({ ...asked, group }, progress, el("div", {})));
  const all = () => {
    settings = shown.settings();
    calm();
    show_(batchView(found, asked, settings, open, regroup));
  };
  const open = (place) => {
    calm();
    const others = found.brackets.length > 1;
    const back = others ? all : asked.group ? () => regroup("", progress) : null;
    show_(bracketView(place, found.brackets[place], back, others ? null : leftOut(found.left_out, regroup)));
  };
  if (found.brackets.length > 1) all();
  else open(0);
}

// a drop anywhere counts
for (const kind of ["dragover", "dragleave", "drop"]) {
  document.addEventListener(kind, (event) => {
    event.preventDefault();
    document.body.classList.toggle("dragging", kind === "dragover");
    if (kind !== "drop" || !event.dataTransfer.items.length) return;
    const files = filesDropped(event.dataTransfer.items);
    const view = startView();
    show_(view);
    const progress = progressLine();
    const retry = el("div", {});
    view.node.firstChild.after(progress.node, retry);
    bring(() => files, progress, retry);
  });
}

show_(startView());
loadCatalogue().catch(() => {});
if (DATA.folders.length === 1) main.querySelector("button.folder").click();
