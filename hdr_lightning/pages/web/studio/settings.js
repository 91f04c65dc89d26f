// The panel of settings: what decides the picture, as the options of hdr-fuse that have the same names.
const SLIDERS = [
  ["brightness", "Brightness", "The whole picture"],
  ["highlights", "Highlights", "Bright areas: to the left, a window is pulled back"],
  ["shadows", "Shadows", "Dark areas"],
  ["saturation", "Saturation", "Colours, down to gray"],
];
const NETWORK = "a trained network";
const GHOSTS = [
  ["auto", "found and shown once"],
  ["0.25", "only what clearly moved"],
  ["0.75", "more of what may have moved"],
  ["1", "as much as possible"],
  ["off", "left as they are"],
];
const ALIGNMENTS = [
  ["auto", "where it helps"],
  ["always", "always"],
  ["never", "never"],
];
const REFINEMENTS = [
  ["", "no"],
  ["10", "10 steps"],
  ["30", "30 steps"],
  ["100", "100 steps"],
];
const catalogue = { methods: [], blendings: [], default: "", networks: [] };

/** Ask for the methods once; it also gets the process behind the page ready. */
async function loadCatalogue() {
  Object.assign(catalogue, await runJob({ do: "methods" }));
}

/** The panel; `settings` are changed here, `exposures` are names, and `onchange` is called after each change. */
function settingsPanel(settings, exposures, onchange) {
  const set = (name, value) => {
    if (value === "" || value === undefined) delete settings[name];
    else settings[name] = value;
    onchange();
  };
  const sliders = SLIDERS.map(([name, title, help]) => slider(name, title, help, settings, set));
  const reset = el("button", { class: "link", type: "button" }, "Reset");
  reset.addEventListener("click", () => {
    for (const [name] of SLIDERS) delete settings[name];
    sliders.forEach(({ show }) => show());
    onchange();
  });
  return [
    group("Look", [sliders.map(({ node }) => node)], reset),
    group("Fusion", [
      methodChoice(settings, set),
      blendingChoice(settings, set),
      refinementChoice(settings, set),
    ]),
    group("Hands and crowds", [
      field(
        "Camera motion",
        select(ALIGNMENTS, settings.align || "auto", (value) => set("align", value)),
      ),
      field(
        "What moves",
        select(GHOSTS, settings.deghost || "auto", (value) => set("deghost", value)),
      ),
      referenceChoice(settings, set, exposures),
      switchOf("drop_unaligned", "Leave out exposures that match no other", settings, set),
      switchOf("wrap", "A panorama of 360 degrees", settings, set),
    ]),
  ];
}

function group(title, parts, aside = null) {
  const head = el("div", { class: "group-head" }, el("h3", {}, title), aside);
  return el("section", { class: "group", "aria-label": title }, head, parts);
}

function field(title, control, ...notes) {
  return el("label", { class: "field" }, el("span", {}, title), control, ...notes);
}

/** From -1 to 1; a double click, or the Reset of the group, brings it back to 0. */
function slider(name, title, help, settings, set) {
  const output = el("output", {});
  const range = el("input", { type: "range", min: -1, max: 1, step: 0.05, name, title: help });
  const show = () => {
    const value = settings[name] || 0;
    range.value = value;
    output.textContent = value ? signed(value, 2) : "0";
    range.style.setProperty("--from", `${50 + 50 * Math.min(0, value)}%`);
    range.style.setProperty("--to", `${50 + 50 * Math.max(0, value)}%`);
  };
  const change = (value) => {
    set(name, value || undefined);
    show();
  };
  range.addEventListener("input", () => change(Number(range.value)));
  range.addEventListener("dblclick", () => change(0));
  show();
  return { node: el("label", { class: "slider" }, el("span", {}, title), output, range), show };
}

function methodChoice(settings, set) {
  const about = el("small", {});
  const chooser = el("div", { class: "network" });
  const describe = () => {
    const method = catalogue.methods.find(({ name }) => name === (settings.method || catalogue.default));
    const sentence = method && `${method.about.split(". Blending")[0]}.`;
    about.textContent = (settings.checkpoint === undefined && sentence) || "";
    chooser.replaceChildren(...(settings.checkpoint === undefined ? [] : [networkChoice(settings, set)]));
  };
  const choose = (value) => {
    delete settings.checkpoint;
    if (value === NETWORK) settings.checkpoint = catalogue.networks[0]?.file || "";
    set("method", value === NETWORK || value === catalogue.default ? undefined : value);
    describe();
  };
  const names = [...catalogue.methods.map(({ name }) => name), NETWORK];
  const chosen = settings.checkpoint === undefined ? settings.method || catalogue.default : NETWORK;
  const options = names.map((name) => [name, name === catalogue.default ? `${name} (default)` : name]);
  describe();
  return el("div", {}, field("Method", select(options, chosen, choose), about), chooser);
}

/** A checkpoint, or a run of a sweep: its path is typed, what is there is chosen from. */
function networkChoice(settings, set) {
  const path = el("input", {
    type: "text",
    placeholder: "a checkpoint, a run or a sweep: its path",
    spellcheck: "false",
    "aria-label": "Path of a network, a run or a sweep",
  });
  const found = el("div", {});
  const list = () => {
    if (!catalogue.networks.length) return;
    const options = catalogue.networks.map(({ file, label }) => [file, label]);
    found.replaceChildren(select(options, settings.checkpoint, (file) => set("checkpoint", file)));
    found.firstChild.setAttribute("aria-label", "Network");
  };
  const load = trying(async () => {
    const { networks } = await runJob({ do: "networks", path: path.value });
    catalogue.networks = networks;
    set("checkpoint", networks[0].file);
    list();
  });
  const form = el("form", { class: "row" }, path, el("button", { class: "plain" }, "Find"));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    load();
  });
  list();
  return el("div", {}, form, found);
}

function blendingChoice(settings, set) {
  const options = [["", "what suits the method"], ...catalogue.blendings.map((name) => [name, name])];
  return field(
    "Blending",
    select(options, settings.blend || "", (value) => set("blend", value)),
  );
}

function refinementChoice(settings, set) {
  const note = el("small", {}, "Adjusts the weights to these exposures: seconds a megapixel.");
  const chooser = select(REFINEMENTS, settings.refine || "", (value) => set("refine", value));
  return field("Refine", chooser, settings.refine ? note : null);
}

function referenceChoice(settings, set, exposures) {
  if (exposures.length < 2) return null;
  const options = [["", "the best one"], ...exposures.map((name, place) => [place + 1, name])];
  const change = (value) => set("reference", value && Number(value));
  return field("Stays in place", select(options, settings.reference || "", change));
}

function switchOf(name, title, settings, set) {
  const box = el("input", { type: "checkbox", name });
  box.checked = Boolean(settings[name]);
  box.addEventListener("change", () => set(name, box.checked || undefined));
  return el("label", { class: "check" }, box, title);
}
