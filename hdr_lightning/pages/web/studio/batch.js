// Many brackets: what was found, what would become of it, and all of it fused with the settings of the last one.
const SHOWN = 5; // exposures of a bracket in the list
const AT_ONCE = 4; // brackets whose small pictures are asked for together

const GROUPINGS = [
  ["", "found by itself"],
  ...[2, 3, 4, 5, 7, 9].map((count) => [String(count), `every ${count} photographs`]),
  ["off", "all are one bracket"],
];

/** The view of all brackets; `open` opens one, `settings` are those of hdr-fuse that all get. */
function batchView(found, asked, settings, open, regroup) {
  const source = asked.folder || "";
  const progress = progressLine();
  const grouping = select(GROUPINGS, asked.group || "", (group) => regroup(group, progress));
  const outcome = el("div", { class: "outcome" });
  const many = { jobs: "auto" };
  const output = el("input", { type: "text", spellcheck: "false", placeholder: `${source}-fused` });
  const question = () => ({ settings: { ...settings, ...file, ...many }, output: output.value });
  const command = commandLine(question);
  const states = found.brackets.map(() => el("span", { class: "result" }));
  output.addEventListener("input", command.update);

  const force = el("input", { type: "checkbox" });
  force.addEventListener("change", () => {
    if (force.checked) many.force = true;
    else delete many.force;
    command.update();
  });

  async function plan() {
    const { jobs } = await run({ do: "planned" });
    jobs.forEach(({ output: path, done }, place) => {
      if (!states[place]) return;
      states[place].textContent = done ? "is there already" : lastPart(path);
      states[place].title = path;
    });
    const left = jobs.filter(({ done }) => !done).length;
    outcome.replaceChildren(el("p", {}, `${left} of ${jobs.length} would be fused.`));
  }

  async function fuse() {
    outcome.replaceChildren();
    const made = await run({ do: "batch" }, hear);
    const lines = made.lines || [];
    const where = source ? `, in ${output.value || output.placeholder}` : "";
    if (made.good) states.forEach((state) => (state.textContent = "fused"));
    outcome.replaceChildren(
      el("p", {}, made.good ? `Every bracket is fused${where}.` : "Some brackets failed:"),
      made.good ? "" : el("pre", {}, lines.join("\n")),
      el(
        "p",
        { class: "links" },
        el("a", { href: made.at("sheet"), target: "_blank", rel: "noopener" }, "Contact sheet"),
        made.file ? el("a", { href: made.at("file"), download: "" }, "Results as ZIP") : "",
      ),
    );
  }

  /** How far it is, by the lines that hdr-fuse prints: one for each result. */
  function hear(job) {
    const [done, all] = job.progress.count || [0, found.brackets.length];
    const ready = done + job.lines.filter((line) => / clipped, /.test(line)).length;
    progress.show(`${job.progress.doing || "Starting"}: ${ready} of ${all}`, ready / all, job.stop);
  }

  async function run(asked, onNews = progress.hear) {
    buttons.forEach((button) => (button.disabled = true));
    let lines = [];
    const listen = (job) => {
      lines = job.lines;
      onNews(job);
    };
    try {
      return { ...(await runJob({ ...asked, ...question() }, listen)), lines };
    } finally {
      progress.hide();
      buttons.forEach((button) => (button.disabled = false));
    }
  }

  const buttons = [
    el("button", { class: "plain", type: "button", onclick: trying(plan) }, "Show the plan"),
    el("button", { class: "primary", type: "button", onclick: trying(fuse) }, "Fuse all"),
  ];
  const list = bracketList(found, states, open);
  const say = Object.keys(settings).length
    ? "the settings of the bracket you had open"
    : "the default settings";
  const panel = el(
    "aside",
    { class: "panel", "aria-label": "All brackets" },
    group(
      "All brackets",
      [
        el("p", { class: "note" }, `Fused with ${say}. Open one to try others.`),
        field("A bracket is", grouping),
        source
          ? field("Into the folder", output)
          : el("p", { class: "note" }, "The results come as one ZIP file."),
        source ? el("label", { class: "check" }, force, "Fuse again what is there") : null,
      ].filter(isKnown),
    ),
    group("File", [filePanel(command.update), el("div", { class: "row" }, buttons)]),
  );
  const view = el(
    "div",
    { class: "view" },
    leftOut(found.left_out, regroup) || "",
    progress.node,
    outcome,
    list,
  );
  heading(source || "What you dropped", `${found.brackets.length} brackets`);
  command.update();
  return { node: el("div", { class: "work" }, view, panel, command.node) };
}

/** The brackets, each with small pictures of its exposures; those arrive some at a time. */
function bracketList(found, states, open) {
  const rows = found.brackets.map(({ name, files }, place) => {
    const names = files.map((path) => lastPart(path));
    const pictures = el("span", { class: "small-exposures", "aria-hidden": "true" });
    const count = files.length > 1 ? `${files.length} exposures` : "one photograph";
    const words = el(
      "span",
      { class: "words" },
      el("b", {}, name),
      el("span", { class: "quiet", title: names.join(", ") }, `${count}: ${names.join(", ")}`),
    );
    const button = el(
      "button",
      { type: "button", onclick: () => open(place) },
      pictures,
      words,
      states[place],
    );
    return { node: el("li", {}, button), pictures };
  });
  const list = el(
    "ul",
    { class: "brackets card" },
    rows.map(({ node }) => node),
  );
  showThumbnails(found, rows, list);
  return list;
}

async function showThumbnails(found, rows, list) {
  await new Promise((done) => setTimeout(done));
  for (let first = 0; first < rows.length && list.isConnected; first += AT_ONCE) {
    const places = indices(rows).slice(first, first + AT_ONCE);
    let made;
    try {
      made = await runJob({ do: "thumbnails", brackets: places });
    } catch {
      return; // the list is there without them
    }
    let next = 0;
    for (const place of places) {
      const own = made.pictures.slice(next, next + found.brackets[place].files.length);
      next += own.length;
      const shown = own.filter(Boolean).slice(0, SHOWN);
      rows[place].pictures.replaceChildren(
        ...shown.map((name) => el("img", { src: made.at(name), alt: "" })),
      );
    }
  }
}

/** What was found in no bracket, and a way to take it into one. */
function leftOut(lines, regroup) {
  if (!lines.length) return null;
  const title = el("summary", {}, "Left out");
  const progress = progressLine();
  const together = plainButton(TOGETHER, "", () => regroup("off", progress));
  const text = el("pre", {}, lines.join("\n"));
  return el("details", { class: "left-out" }, title, text, together, progress.node);
}
