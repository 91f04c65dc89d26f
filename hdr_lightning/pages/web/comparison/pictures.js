// Learning curves of the runs, and their pictures of one scene.
const KINDS_FIRST = ["fused", "weight", "gamma"];
const AVERAGE = "plain average";

function curvePlot() {
  const lines = runs.map((run, index) => ({
    label: caption(index),
    group: state.colour === "run" ? caption(index) : asText(settings[run.setting].values[state.colour]),
    points: curves[state.metric][index].map(([epoch, seconds, value]) => [
      state.x === "epoch" ? epoch : minutes(seconds),
      value,
    ]),
  }));
  const written = lines.filter((line) => line.points.length);
  const controls = [
    chooser("Curve", Object.keys(curves), "metric", "curves"),
    chooser("over", ["epoch", "minutes"], "x", "curves"),
    chooser("colour by", [...keys, "run"], "colour", "curves"),
  ];
  const names = { x: state.x, y: state.metric };
  return [
    el("div", { class: "controls" }, controls),
    written.length ? linePlot(written, names) : quiet("No run has written this yet."),
  ];
}

function scenePictures() {
  const byKind = pictures[state.scene] ?? {};
  const kinds = kindsOf(byKind);
  if (!kinds.length) return quiet("No run has written pictures yet.");
  if (!kinds.includes(state.kind)) state.kind = kinds[0];
  const order = bestFirst(indices(runs).filter((index) => kinds.some((kind) => byKind[kind][index])));
  const shots = shotsOf(byKind, order);
  const shown = Object.keys(shots);
  if (!shown.includes(state.right)) state.right = shown[0];
  if (!shown.includes(state.left)) state.left = shown[1] ?? shown[0];
  const controls = [
    chooser("Scene", Object.keys(pictures), "scene", "pictures"),
    chooser("picture", kinds, "kind", "pictures"),
  ];
  return [
    pictureViewer(state.scene, shots, state, { strip: false, controls }),
    pictureMatrix(byKind, kinds, order),
  ];
}

/** Names of the pictures: fused, weights and gammas first; the plain average is the same in every run. */
function kindsOf(byKind) {
  const place = (kind) => KINDS_FIRST.indexOf(kind.split(" ")[0]) + 1 || KINDS_FIRST.length + 1;
  const kinds = Object.keys(byKind).filter((kind) => kind !== "average");
  return kinds.sort((a, b) => place(a) - place(b) || compareValues(a, b));
}

function bestFirst(places) {
  return [...places].sort((a, b) => (runs[b].best ?? 0) - (runs[a].best ?? 0));
}

/** The pictures of the chosen kind by the caption of their run, and beside fused ones the plain average. */
function shotsOf(byKind, order) {
  const chosen = byKind[state.kind];
  const written = order.filter((index) => chosen[index]);
  const shots = Object.fromEntries(written.map((index) => [caption(index), chosen[index]]));
  if (state.kind === "fused" && byKind.average) shots[AVERAGE] = Object.values(byKind.average)[0];
  return shots;
}

/** A row for each run and a column for each kind, of small pictures that a click shows large. */
function pictureMatrix(byKind, kinds, order) {
  const heads = ["run", ...kinds].map((name, index) =>
    el("th", { scope: "col", class: index ? "text" : "text first" }, name),
  );
  const rows = order.map((index) => {
    const name = el("span", { class: "name", title: runs[index].name }, caption(index));
    const score = el("span", { class: "spread" }, fixed(runs[index].best));
    const cells = kinds.map((kind) =>
      el("td", { class: "text" }, smallPicture(byKind[kind][index], kind, index)),
    );
    return el("tr", {}, el("th", { scope: "row", class: "text" }, name, score), cells);
  });
  const content = el(
    "table",
    { class: "matrix" },
    el("thead", {}, el("tr", {}, heads)),
    el("tbody", {}, rows),
  );
  return el("div", { class: "card" }, el("div", { class: "scroll" }, content));
}

function smallPicture(address, kind, index) {
  if (!address) return DASH;
  const onclick = () => {
    state.kind = kind;
    state.right = caption(index);
    draw("pictures");
    document.getElementById("pictures").scrollIntoView({ behavior: "smooth" });
  };
  const title = `Show ${kind} of ${caption(index)} on the right`;
  const image = el("img", { src: address, alt: `${caption(index)}: ${kind}`, loading: "lazy" });
  return el("button", { type: "button", class: "thumb", title, onclick }, image);
}
