// The page that compares runs: settings, runs, curves, scenes, pictures and differences.
const {keys, settings, runs, table, scenes, curves, differences, pictures, left_out, problems} = DATA;
const named = Object.entries(scenes).filter(([, found]) => found.rows.length).map(([name]) => name);
const state = {metric: Object.keys(curves)[0], x: "epoch", colour: keys.includes("loss.gamma") ? "loss.gamma" : keys[0] ?? "run",
  scenes: named[0], scene: Object.keys(pictures)[0], kind: null, left: null, right: null, first: 0, second: 1};
const several = settings.length < runs.length;
const captions = runs.map((run) => several ? `${settings[run.setting].label}, seed ${run.seed}` : settings[run.setting].label);
const caption = (index) => captions.indexOf(captions[index]) === captions.lastIndexOf(captions[index]) ? captions[index] : runs[index].name;
const text = (value) => value === null || value === undefined ? "none" : String(value);
const minutes = (seconds) => isNumber(seconds) ? seconds / 60 : null;
const ago = (seconds) => seconds < 120 ? `${seconds} s` : seconds < 7200 ? `${Math.round(seconds / 60)} min` : seconds < 172800 ? `${Math.round(seconds / 3600)} h` : `${Math.round(seconds / 86400)} days`;

const isCell = (cell) => typeof cell === "object" && cell !== null;
const showCell = (cell) => !isCell(cell) ? cell || "\u2013" : cell.std === null ? fixed(cell.mean, cell.digits)
  : [fixed(cell.mean, cell.digits), el("span", {class: "spread"}, ` \u00b1 ${fixed(cell.std, cell.digits)}`)];
function drawTable({header, rows, total}, sort) {
  const columns = header.map((label, index) => {
    const numeric = rows.some((row) => isCell(row[index]));
    return {label, text: !numeric, descending: numeric, value: (row) => isCell(row[index]) ? row[index].mean : row[index] || null,
      show: (row) => index ? showCell(row[index]) : el("span", {class: "name", title: row[0]}, row[0]), attributes: (row) => row[index].best ? {class: "best"} : {}};
  });
  return sortableTable(columns, total ? rows.slice(0, -1) : rows, {sort: sort ? {index: header.indexOf(sort), descending: true} : null,
    total: total ? rows.at(-1) : null});
}

function runTable() {
  const rows = runs.map((run, index) => ({...run, index}));
  const number = (label, key, digits, title) => ({label, title, descending: true, value: (run) => run[key], show: (run) => fixed(run[key], digits)});
  return sortableTable([
    {label: "run", text: true, value: (run) => caption(run.index), show: (run) => el("span", {class: "name wide", title: run.name}, caption(run.index))},
    {label: "state", text: true, value: (run) => run.state, show: (run) => el("span", {class: `state is-${run.state}`, title: run.reason},
      run.state === "running" ? `running, wrote ${ago(run.silent)} ago` : run.state)},
    number("best val", "best", 4, "MEF-SSIM of the validation scenes"), number("final val", "final", 4, "After the last epoch so far"),
    number("test", "test", 4, "Mean of the test scenes, by the best checkpoint"),
    number("epochs", "epochs", 0),
    {label: "minutes", descending: true, value: (run) => run.seconds, show: (run) => fixed(minutes(run.seconds), 1)},
    number("parameters", "parameters", 0),
    {label: "commit", text: true, value: (run) => run.commit, show: (run) => el("span", {class: "name", title: run.commit}, run.commit ?? "\u2013")},
  ], rows, {sort: {index: 2, descending: true}});
}

function curvePlot() {
  const group = (run, index) => state.colour === "run" ? caption(index) : text(settings[run.setting].values[state.colour]);
  const lines = runs.map((run, index) => ({label: caption(index), group: group(run, index),
    points: curves[state.metric][index].map(([epoch, seconds, value]) => [state.x === "epoch" ? epoch : seconds / 60, value])})).filter((line) => line.points.length);
  const change = (name) => (value) => { state[name] = value; draw("curves"); };
  return [el("div", {class: "controls"},
    el("label", {}, "Curve", select(Object.keys(curves).map((name) => [name, name]), state.metric, change("metric"))),
    el("label", {}, "over", select([["epoch", "epochs"], ["minutes", "minutes"]], state.x, change("x"))),
    el("label", {}, "colour by", select([...keys, "run"].map((name) => [name, name]), state.colour, change("colour")))),
    lines.length ? linePlot(lines, {x: state.x, y: state.metric}) : el("p", {class: "quiet"}, "No run has written this yet.")];
}

function sceneTable() {
  if (!state.scenes) return el("p", {class: "quiet"}, "No run has scored a scene yet.");
  return [el("div", {class: "controls"}, el("label", {}, "MEF-SSIM of the", select(named.map((name) => [name, name]), state.scenes, (name) => { state.scenes = name; draw("scenes"); }))),
    drawTable(scenes[state.scenes])];
}

const ORDER = ["fused", "weight", "gamma"];
const place = (kind) => ORDER.indexOf(kind.split(" ")[0]) + 1 || ORDER.length + 1;
function scenePictures() {
  const kinds = pictures[state.scene] ?? {};
  const names = Object.keys(kinds).filter((kind) => kind !== "average").sort((a, b) => place(a) - place(b) || compareValues(a, b));
  if (!names.length) return el("p", {class: "quiet"}, "No run has written pictures yet.");
  if (!names.includes(state.kind)) state.kind = names[0];
  const order = runs.map((_, index) => index).filter((index) => names.some((kind) => kinds[kind][index])).sort((a, b) => (runs[b].best ?? 0) - (runs[a].best ?? 0));
  const shots = Object.fromEntries(order.filter((index) => kinds[state.kind][index]).map((index) => [caption(index), kinds[state.kind][index]]));
  if (state.kind === "fused" && kinds.average) shots["plain average"] = Object.values(kinds.average)[0];
  const shown = Object.keys(shots);
  if (!shown.includes(state.right)) state.right = shown[0];
  if (!shown.includes(state.left)) state.left = shown[1] ?? shown[0];
  const change = (name) => (value) => { state[name] = value; draw("pictures"); };
  const small = (index, kind) => kinds[kind][index] ? el("button", {type: "button", class: "thumb", title: `Show ${kind} of ${caption(index)} on the right`,
    onclick: () => { state.kind = kind; state.right = caption(index); draw("pictures"); document.getElementById("pictures").scrollIntoView({behavior: "smooth"}); }},
    el("img", {src: kinds[kind][index], alt: `${caption(index)}: ${kind}`, loading: "lazy"})) : "\u2013";
  const matrix = el("div", {class: "card"}, el("div", {class: "scroll"}, el("table", {class: "matrix"},
    el("thead", {}, el("tr", {}, ["run", ...names].map((name, index) => el("th", {scope: "col", class: index ? "text" : "text first"}, name)))),
    el("tbody", {}, order.map((index) => el("tr", {}, el("th", {scope: "row", class: "text"}, el("span", {class: "name", title: runs[index].name}, caption(index)),
      el("span", {class: "spread"}, fixed(runs[index].best))), names.map((kind) => el("td", {class: "text"}, small(index, kind)))))))));
  return [pictureViewer(state.scene, shots, state, {strip: false, controls: [
    el("label", {}, "Scene", select(Object.keys(pictures).map((name) => [name, name]), state.scene, change("scene"))),
    el("label", {}, "picture", select(names.map((name) => [name, name]), state.kind, change("kind")))]}), matrix];
}

function differenceTable() {
  if (runs.length < 2) return el("p", {class: "quiet"}, "There is only one run.");
  const choices = runs.map((run, index) => [index, caption(index)]), {first, second} = state;
  const rows = Object.entries(differences).map(([key, values]) => ({key, first: values[first], second: values[second]})).filter((row) => row.first !== row.second);
  const column = (side) => ({label: caption(state[side]), text: true, value: (row) => text(row[side]), show: (row) => el("span", {class: "value"}, text(row[side]))});
  return [el("div", {class: "controls"}, [["first", "Compare"], ["second", "with"]].map(([side, word]) => el("label", {}, word,
    select(choices, state[side], (index) => { state[side] = Number(index); draw("differences"); })))),
    rows.length ? sortableTable([{label: "setting", text: true, value: (row) => row.key}, column("first"), column("second")], rows)
      : el("p", {class: "quiet"}, "Both have the same settings.")];
}

const drawers = {settings: () => drawTable(table, "best val MEF-SSIM"), runs: runTable, curves: curvePlot, scenes: sceneTable, pictures: scenePictures, differences: differenceTable};
const draw = (...names) => names.forEach((name) => sections[name].replaceChildren(...[drawers[name]()].flat(Infinity)));

const troubled = runs.filter((run) => run.state === "failed" || run.state === "interrupted");
const trouble = [...problems, ...troubled.map((run) => `${run.name}: ${run.state}${run.state === "failed" ? `, ${run.reason}` : ""}`)];
if (trouble.length) main.append(el("div", {class: "card failed"}, `Not everything finished (${trouble.length}):`, el("pre", {}, trouble.join("\n"))));
const count = (state) => runs.filter((run) => run.state === state).length;
main.append(el("p", {class: "quiet"}, ["finished", "running", "interrupted", "failed"].filter(count).map((name) => `${count(name)} ${name}`).join(", ") + "."));
section("settings", "What varies", "Runs that differ only in the seed are one row: mean \u00b1 standard deviation over those that finished, best in bold. MEF-SSIM is the official one (Ma 2015); the test scores are those of the checkpoint with the best validation score.");
section("runs", "Runs");
section("curves", "Learning curves", "Losses of different gammas measure different things; MEF-SSIM can be compared. A click on a name hides its curves.");
section("scenes", "Scene by scene", several ? "Mean \u00b1 standard deviation over the seeds, best of each scene in bold." : "Best of each scene in bold.");
section("pictures", "Pictures", "Drag the boundary between two runs; a click on a small picture shows it on the right." + (left_out ? ` Left out to keep this page small: ${left_out} more ${left_out > 1 ? "scenes" : "scene"}.` : ""));
section("differences", "Differences between two runs");
draw(...Object.keys(drawers));
