// One bracket at work: two pictures under a boundary, the strip of exposures, settings and the file.
const LOOK_DELAY = 120; // milliseconds in which a slider may still move

/** The view of a bracket; `back` leads to all brackets, if there are others, and `aside` says what is in none. */
function bracketView(place, bracket, back, aside) {
  const names = bracket.files.map((path) => lastPart(path));
  const settings = [{}, null]; // those of A, and of B while two are compared
  const looks = [null, null]; // what was made of them
  const whole = [null, null]; // in full size, with the settings that it was made by
  const sides = { left: null, right: "A" };
  let active = 0;

  const stage = pictureStage();
  const levels = histogram();
  const besides = plainButton("Side by side", "Both pictures as a whole, or under a boundary", () => {
    const isSplit = besides.getAttribute("aria-pressed") !== "true";
    besides.setAttribute("aria-pressed", String(isSplit));
    stage.split(isSplit);
  });
  besides.setAttribute("aria-pressed", "false");
  const progress = progressLine();
  const facts = el("p", { class: "facts", "aria-live": "polite" });
  const legend = el("p", { class: "colours" });
  const strip = el("div", { class: "strip studio-strip" });
  const toolbar = el("div", { class: "toolbar" });
  const tabs = el("div", { class: "tabs", role: "group", "aria-label": "Settings" });
  const panel = el("div", { class: "panel-settings" });
  const overlayChoice = { value: "" };
  const question = () => ({ bracket: place, settings: { ...settings[active], ...file } });
  const command = commandLine(question);
  const save = el("button", { class: "primary", type: "button" }, "Save");

  /** Every picture that can be shown, by a short name: exposures from dark to bright, then results. */
  function shots() {
    const look = looks[0] || looks[1];
    const shown = {};
    const full = [0, 1].filter(isCurrent).map((slot) => whole[slot])[0];
    (full || look)?.exposures.forEach(({ name, picture }, number) => {
      shown[`e${number}`] = { name, address: (full || look).at(picture), small: look.at(picture) };
    });
    ["A", "B"].forEach((name, slot) => {
      if (!looks[slot] || !settings[slot]) return;
      const address = isCurrent(slot) ? fullAddress(slot) : looks[slot].at(looks[slot].result);
      const title = settings[1] ? `Setting ${name}` : "Result";
      shown[name] = { name: title, address, small: looks[slot].at(looks[slot].result) };
    });
    return shown;
  }

  const fullAddress = (slot) =>
    whole[slot].result ? whole[slot].at(whole[slot].result) : whole[slot].at("file?show");
  const isCurrent = (slot) => whole[slot]?.key === JSON.stringify(settings[slot]);

  // previews: one at a time, the latest settings of each slot
  const wanted = new Set();
  let isLooking = false;
  let timer = 0;

  function wantLook(slot) {
    wanted.add(slot);
    clearTimeout(timer);
    timer = setTimeout(lookAtAll, LOOK_DELAY);
    command.update();
  }

  async function lookAtAll() {
    if (isLooking || !node.isConnected) return;
    isLooking = true;
    stage.frame.classList.add("stale");
    while (wanted.size) {
      const [slot] = wanted;
      wanted.delete(slot);
      if (settings[slot]) await lookAt(slot);
    }
    isLooking = false;
    stage.frame.classList.remove("stale");
    progress.hide();
  }

  async function lookAt(slot) {
    try {
      const asked = { do: "look", slot, bracket: place, settings: settings[slot] };
      looks[slot] = await runJob(asked, progress.hear);
      calm();
      show();
    } catch (error) {
      complain(error);
    }
  }

  function show() {
    const shown = shots();
    if (!shown[sides.left]) sides.left = Object.keys(shown)[middle(Object.keys(shown))];
    if (!shown[sides.right]) sides.right = "A";
    if (!shown[sides.right]) return;
    for (const side of ["left", "right"]) {
      const { name, address } = shown[sides[side]];
      stage.show(side, address, name, name);
    }
    const own = sides.right === "B" ? looks[1] : looks[0];
    showOverlay(own);
    const notes = own.notes.map((note) => el("span", { class: "warning" }, note));
    facts.replaceChildren(el("span", {}, own.line.replace(/, [\d.]+ s$/, "")), ...notes);
    drawToolbar(shown, own);
    drawStrip(shown);
    stage.images.right.decode().then(
      () => levels.draw(stage.images.right),
      () => {},
    );
  }

  /** The middle exposure: what a camera would have taken alone. */
  const middle = (keys) => Math.max(0, Math.ceil(keys.filter((key) => key[0] === "e").length / 2) - 1);

  function showOverlay(look) {
    const found = look.overlays.find(({ picture }) => picture === overlayChoice.value);
    const isResult = sides.right === "A" || sides.right === "B";
    stage.lay(found && isResult ? look.at(found.picture) : null);
    const colours = (isResult && found?.legend) || [];
    legend.replaceChildren(...colours.map(([name, colour]) => colourName(name, colour)));
  }

  function drawToolbar(shown, look) {
    const options = Object.entries(shown).map(([key, { name }]) => [key, name]);
    const chooser = (side, label) => {
      const node = select(options, sides[side], (key) => {
        sides[side] = key;
        show();
      });
      node.setAttribute("aria-label", label);
      return node;
    };
    const overlays = [["", "no overlay"], ...look.overlays.map(({ name, picture }) => [picture, name])];
    const overlay = select(overlays, overlayChoice.value, (value) => {
      overlayChoice.value = value;
      showOverlay(look);
    });
    overlay.setAttribute("aria-label", "Overlay");
    const focused = [...toolbar.querySelectorAll("select,button")].indexOf(document.activeElement);
    toolbar.replaceChildren(
      el(
        "span",
        { class: "versus" },
        chooser("left", "Left picture"),
        el("span", {}, "|"),
        chooser("right", "Right picture"),
      ),
      overlay,
      el(
        "span",
        { class: "zoom" },
        besides,
        plainButton("Fit", "The whole picture", () => stage.zoomTo(1)),
        plainButton("100 %", "Pixel by pixel, in full size", trying(showPixels)),
        zoomButton("Zoom out", MINUS, 1 / 1.5, stage),
        zoomButton("Zoom in", "+", 1.5, stage),
      ),
    );
    if (focused >= 0) toolbar.querySelectorAll("select,button")[focused]?.focus();
  }

  function drawStrip(shown) {
    const buttons = Object.entries(shown).map(([key, { name, small }]) => {
      const side = key[0] === "e" ? "left" : "right";
      const choose = () => {
        sides[side] = key;
        show();
        strip.querySelector(`[data-key="${key}"]`)?.focus();
      };
      const pressed = String(sides.left === key || sides.right === key);
      return el(
        "button",
        {
          type: "button",
          "data-key": key,
          "aria-pressed": pressed,
          title: `Show ${name} on the ${side}`,
          onclick: choose,
        },
        el("img", { src: small, alt: "" }),
        el("span", {}, el("b", {}, name)),
      );
    });
    strip.replaceChildren(...buttons);
  }

  /** Fuse in full size what is shown, unless that was done, and show its pixels. */
  async function showPixels() {
    const slots = ["A", "B"].flatMap((name, slot) => (Object.values(sides).includes(name) ? slot : []));
    if (looks[0].reduced) {
      for (const slot of slots.length ? slots : [0]) {
        if (!isCurrent(slot)) await makeWhole(slot, { format: "jpg" });
      }
      show();
      await Promise.all(Object.values(stage.images).map((image) => image.decode()));
    }
    stage.zoomTo(stage.zoomOfPixels());
  }

  async function makeWhole(slot, how) {
    const own = { ...settings[slot] };
    try {
      const made = await runJob(
        { do: "save", slot, bracket: place, settings: { ...own, ...how } },
        progress.hear,
      );
      whole[slot] = { ...made, key: JSON.stringify(own), how: JSON.stringify(how) };
    } finally {
      progress.hide();
    }
  }

  save.addEventListener(
    "click",
    trying(async () => {
      save.disabled = true;
      try {
        if (!isCurrent(active) || whole[active].how !== JSON.stringify(file))
          await makeWhole(active, { ...file });
        download(whole[active].at("file"));
        show();
      } finally {
        save.disabled = false;
      }
    }),
  );

  function drawTabs() {
    const tab = (name, slot) =>
      el(
        "button",
        { type: "button", "aria-pressed": String(active === slot), onclick: () => activate(slot) },
        name,
      );
    const compare = el("button", { type: "button", class: "link", onclick: toggleComparison });
    compare.textContent = settings[1] ? "Keep this one" : "Compare with another setting";
    const both = settings[1] ? [tab("Setting A", 0), tab("Setting B", 1)] : [];
    tabs.replaceChildren(...both, compare);
  }

  function activate(slot) {
    active = slot;
    const onchange = () => wantLook(active);
    panel.replaceChildren(...settingsPanel(settings[active], names, onchange));
    drawTabs();
    command.update();
  }

  /** Begin with a second setting that is like the first, or go on with the one that is chosen. */
  function toggleComparison() {
    if (settings[1]) {
      settings[0] = settings[active];
      [looks[0], whole[0]] = [looks[active], whole[active]];
      settings[1] = looks[1] = whole[1] = null;
      Object.assign(sides, { left: null, right: "A" });
      activate(0);
      wantLook(0);
      show();
      return;
    }
    settings[1] = { ...settings[0] };
    looks[1] = looks[0];
    Object.assign(sides, { left: "A", right: "B" });
    activate(1);
    wantLook(1);
    show();
  }

  const view = el(
    "div",
    { class: "view" },
    toolbar,
    el("div", { class: "card frame" }, stage.frame),
    progress.node,
    legend,
    facts,
    strip,
    aside || "",
  );
  const writing = group("File", [filePanel(command.update)]);
  const side = el("aside", { class: "panel", "aria-label": "Settings" }, levels.node, tabs, panel, writing);
  const node = el("div", { class: "work" }, view, side, command.node);
  const count = `${names.length} ${names.length > 1 ? "exposures" : "photograph"}`;
  heading(bracket.name, count, back, save);
  activate(0);
  wantLook(0);
  return { node, settings: () => settings[active] };
}

/** A name in a legend. */
function colourName(name, colour) {
  const dot = el("i", {});
  dot.style.background = colour;
  return el("span", {}, dot, name);
}

function plainButton(text, title, onclick) {
  return el("button", { class: "plain", type: "button", title, onclick }, text);
}
