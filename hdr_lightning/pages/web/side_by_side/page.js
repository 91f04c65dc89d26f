// Several evaluations on one page: a section each, every scene with its pictures in a row.
const REFERENCE = "(reference)";
const dialog = el("dialog", { class: "large", onclick: closeOutside });

/** The means of every method, in the order in which they were given. */
function meansTable({ methods, metrics, summaries }) {
  const rows = indices(methods).filter((index) => !methods[index].published);
  const name = { label: "method", value: (row) => row, show: (row) => methods[row].name, text: true };
  const columns = Object.entries(metrics).map(([key, metric]) => {
    const mean = (row) => summaries[key][row]?.mean ?? null;
    const isBest = bestOf(metric, rows.map(mean));
    return {
      label: metric.label,
      title: `${metric.meaning} ${direction(metric)}`,
      classes: "wrap",
      descending: true,
      value: mean,
      show: (row) => fixed(mean(row)),
      attributes: (row) => ({ class: isBest(mean(row)) ? "best" : "" }),
    };
  });
  return sortableTable([name, ...columns], rows);
}

/** The captions of a scene: its methods in their order, then the reference. */
function captionsOf({ methods, pictures }, scene) {
  const shots = pictures[scene];
  const names = methods.filter((method) => !method.published).map((method) => method.name);
  return [...names, REFERENCE].filter((caption) => shots[caption]);
}

function sceneRow(set, scene) {
  const figures = captionsOf(set, scene).map((caption) => figure(set, scene, caption));
  return el("article", {}, el("h3", {}, scene), el("div", { class: "shots" }, figures));
}

function figure(set, scene, caption) {
  const onclick = () => enlarge(set, scene, caption);
  const image = el("img", { src: set.pictures[scene][caption], alt: "", loading: "lazy" });
  const title = `Show ${caption} of ${scene} large`;
  return el(
    "figure",
    {},
    el("button", { type: "button", title, "aria-label": title, onclick }, image),
    el("figcaption", {}, el("b", {}, caption), fileLink(set, scene, caption)),
    scoresBeneath(set, scene, caption),
  );
}

function fileLink({ links }, scene, caption) {
  const href = links[caption]?.[scene];
  return href ? el("a", { href, title: "The fused image itself, as a file beside this page" }, "file") : null;
}

function scoresBeneath({ methods, metrics, scores, scenes }, scene, caption) {
  const method = methods.findIndex((each) => each.name === caption && !each.published);
  if (method < 0) return null;
  const place = scenes.indexOf(scene);
  const lines = DATA.beneath
    .filter((key) => metrics[key])
    .map((key) => {
      const values = scores[key].map((row) => row[place]);
      const best = bestOf(metrics[key], values)(values[method]);
      const label = metrics[key].label.replace(/ (\(|to the reference).*/, "");
      return [el("dt", {}, label), el("dd", { class: best ? "best" : "" }, fixed(values[method]))];
    });
  return el("dl", {}, lines);
}

/** Two pictures of a scene under a boundary, over the page. */
function enlarge(set, scene, caption) {
  const captions = captionsOf(set, scene);
  const exposures = Object.keys(set.pictures[scene]).filter((name) => !captions.includes(name));
  const shots = Object.fromEntries(
    [...captions, ...exposures].map((name) => [name, set.pictures[scene][name]]),
  );
  const left = captions.find((name) => name !== caption) ?? caption;
  const close = el("button", { type: "button", class: "plain", onclick: () => dialog.close() }, "Close");
  const heading = el("div", { class: "heading" }, el("h3", {}, scene), close);
  dialog.replaceChildren(heading, ...pictureViewer(scene, shots, { left, right: caption }).flat());
  dialog.showModal();
}

function closeOutside(event) {
  if (event.target === dialog) dialog.close();
}

function contents() {
  const links = DATA.sets.map(({ name }, index) => el("a", { href: `#set-${index}` }, name));
  return el("nav", { class: "bar" }, links);
}

main.append(contents());
DATA.sets.forEach((set, index) => {
  reportTrouble(`${set.name}: not everything could be scored`, set.failures);
  const shown = set.scenes.filter((scene) => set.pictures[scene]);
  section(`set-${index}`, set.name, `${set.scenes.length} scenes; means over them, the best in bold.`);
  sections[`set-${index}`].append(
    meansTable(set),
    quiet("A click on a picture compares it with the others, under a boundary that can be dragged."),
    ...shown.map((scene) => sceneRow(set, scene)),
  );
});
document.body.append(dialog);
