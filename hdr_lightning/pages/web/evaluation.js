// The page of an evaluation: ranking, scenes, pictures and comparisons, all for one chosen metric.
const {methods, scenes, metrics, scores, summaries, comparisons, pictures, failures} = DATA;
const own = methods.map((_, index) => index).filter((index) => !methods[index].published);
const state = {metric: Object.keys(metrics)[0], published: true, scene: scenes.find((scene) => pictures[scene]), left: null, right: null, first: null, second: null};
const digits = (metric) => metric === "entropy" || metric === "spatial_frequency" ? 3 : 4;
const show = (value) => fixed(value, digits(state.metric));
const badge = (method) => method.published ? el("span", {class: "badge", title: "The score is the authors' own, read from a file"}, "published") : null;
const title = (method) => [el("span", {class: "name", title: method.name}, method.name), badge(method)];
const shownMethods = () => methods.map((_, index) => index).filter((index) => summaries[state.metric][index] && (state.published || !methods[index].published));
const towards = (metric) => ({higher: "Higher is better.", lower: "Lower is better.", one: "Best near 1.", zero: "Best near 0.", neither: "No direction is better."})[metrics[metric].better];
/** The value turned so that higher is better, where a direction is. */
const worth = (metric, value) => ({lower: -value, one: -Math.abs(value - 1), zero: -Math.abs(value)})[metrics[metric].better] ?? value;
/** Tells of each of some values whether it is the best of them. */
function bestOf(metric, values) {
  const best = metrics[metric].better === "neither" ? null : Math.max(...values.filter(isNumber).map((value) => worth(metric, value)));
  return (value) => isNumber(value) && worth(metric, value) === best;
}

function intervalGraphic(summary, low, high) {
  const x = (value) => 4 + 182 * Math.max(0, Math.min(1, (value - low) / ((high - low) || 1)));
  if (summary.mean < low || summary.mean > high) return svg("svg", {class: "interval", viewBox: "0 0 190 18", "aria-hidden": "true"},
    svg("text", {x: summary.mean < low ? 0 : 180, y: 14}, summary.mean < low ? "\u2039" : "\u203a"));
  return svg("svg", {class: "interval", viewBox: "0 0 190 18", "aria-hidden": "true"},
    svg("line", {x1: x(summary.low), x2: x(summary.high), y1: 9, y2: 9}), svg("circle", {cx: x(summary.mean), cy: 9, r: 4}));
}

function ranking() {
  const better = metrics[state.metric].better, rows = shownMethods().map((index) => ({...methods[index], ...summaries[state.metric][index]}));
  // The worst quarter may lie off the scale, so that the good ones can be told apart.
  const ends = (end) => rows.map((row) => row[end]).sort((a, b) => a - b), quarter = rows.length > 7 ? Math.floor(rows.length / 4) : 0;
  const low = ends("low")[better === "higher" ? quarter : 0], high = ends("high")[rows.length - 1 - (better === "lower" ? quarter : 0)];
  const columns = [
    {label: "method", value: (row) => row.name, show: title, text: true},
    {label: "mean", value: (row) => worth(state.metric, row.mean), show: (row) => show(row.mean), descending: true, attributes: () => ({class: "best"})},
    {label: "95 % interval", title: "Of the mean, by bootstrap over the scenes", value: (row) => row.low, text: true, descending: better !== "lower",
      show: (row) => `${show(row.low)} \u2013 ${show(row.high)}`},
    {label: "", value: (row) => row.mean, show: (row) => intervalGraphic(row, low, high), text: true},
    {label: "minimum", value: (row) => row.minimum, show: (row) => show(row.minimum), descending: true},
    {label: "wins", title: "Scenes on which none of the shown or hidden methods is better", value: (row) => row.wins, show: (row) => row.wins ?? "\u2013", descending: true},
    {label: "scenes", value: (row) => row.scenes, descending: true,
      attributes: (row) => row.scenes < scenes.length ? {title: `Only ${row.scenes} of ${scenes.length} scenes: its mean is not comparable`, class: "best"} : {}},
    {label: "seconds", title: "To fuse a scene, mean", value: (row) => row.seconds, show: (row) => fixed(row.seconds, 3)},
    {label: "MiB", title: "Highest memory to fuse a scene, on top of the photographs", value: (row) => row.memory, show: (row) => fixed(row.memory, 0)},
  ];
  return sortableTable(columns, rows, {sort: {index: 1, descending: true}, rowClass: (row) => row.published ? "published" : null});
}

function everyMetric() {
  const names = Object.keys(metrics);
  const columns = [{label: "method", value: (row) => row.name, show: title, text: true}, ...names.map((metric) => {
    const mean = (index) => summaries[metric][index]?.mean, best = bestOf(metric, own.map(mean));
    return {label: metrics[metric].label, title: `${metrics[metric].meaning} ${towards(metric)}`, descending: true,
      value: (row) => isNumber(mean(row.index)) ? worth(metric, mean(row.index)) : null, show: (row) => fixed(mean(row.index), digits(metric)),
      classes: "wrap", attributes: (row) => ({class: best(mean(row.index)) ? "best" : ""})};
  })];
  return sortableTable(columns, own.map((index) => ({...methods[index], index})), {sort: {index: 1, descending: true}});
}

function heat() {
  const chosen = shownMethods(), worthOf = (value) => worth(state.metric, value);
  const all = chosen.flatMap((index) => scores[state.metric][index].filter(isNumber).map(worthOf)).sort((a, b) => a - b);
  const place = new Map(all.map((value, index) => [value, index / Math.max(1, all.length - 1)]));
  const tint = (value) => 85 * place.get(worthOf(value));
  const rows = scenes.map((scene, index) => {
    const values = chosen.map((method) => scores[state.metric][method][index]);
    return {scene, values, best: bestOf(state.metric, values)};
  });
  const columns = [
    {label: "scene", value: (row) => row.scene, text: true, show: (row) => pictures[row.scene]
      ? el("button", {class: "link name", type: "button", title: `Show the pictures of ${row.scene}`, onclick: () => openScene(row.scene)}, row.scene) : el("span", {class: "name"}, row.scene)},
    ...chosen.map((method, column) => ({label: methods[method].name, title: methods[method].published ? "published" : null, classes: "column", descending: true,
      value: (row) => isNumber(row.values[column]) ? worthOf(row.values[column]) : null, show: (row) => show(row.values[column]),
      attributes: (row) => isNumber(row.values[column]) ? {class: row.best(row.values[column]) ? "best" : "", style: `--t:${tint(row.values[column]).toFixed(0)}%`} : {class: "empty"}})),
  ];
  return sortableTable(columns, rows, {classes: "heat"});
}

function openScene(scene) {
  state.scene = scene;
  draw("pictures");
  document.getElementById("pictures").scrollIntoView({behavior: "smooth"});
}

function scoreOf(caption, scene) {
  const method = own.find((index) => methods[index].name === caption);
  return method === undefined ? null : scores[state.metric][method][scenes.indexOf(scene)];
}

function scenePictures() {
  const shots = pictures[state.scene], captions = Object.keys(shots), fused = captions.filter((caption) => methods.some((method) => method.name === caption));
  const order = [...fused].sort((a, b) => (summaries.mef_ssim[methods.findIndex((m) => m.name === b)]?.mean ?? 0) - (summaries.mef_ssim[methods.findIndex((m) => m.name === a)]?.mean ?? 0));
  if (!captions.includes(state.left)) state.left = order[1] ?? captions[0];
  if (!captions.includes(state.right)) state.right = order[0];
  const chooser = select(scenes.filter((scene) => pictures[scene]).map((scene) => [scene, scene]), state.scene, (scene) => { state.scene = scene; draw("pictures"); });
  return pictureViewer(state.scene, shots, state, {controls: el("label", {}, "Scene", chooser),
    note: (caption) => isNumber(scoreOf(caption, state.scene)) ? show(scoreOf(caption, state.scene)) : ""});
}

function comparison() {
  const candidates = shownMethods(), byMean = [...candidates].sort((a, b) => worth(state.metric, summaries[state.metric][b].mean) - worth(state.metric, summaries[state.metric][a].mean));
  if (candidates.length < 2) return el("p", {class: "quiet"}, "There is only one method with this score.");
  if (!candidates.includes(state.first)) state.first = byMean[0];
  if (!candidates.includes(state.second) || state.second === state.first) state.second = byMean.find((index) => index !== state.first);
  const choices = candidates.map((index) => [index, methods[index].name + (methods[index].published ? " (published)" : "")]);
  const controls = el("div", {class: "controls"}, ["first", "second"].map((side) => el("label", {}, side === "first" ? "Compare" : "with",
    select(choices, state[side], (index) => { state[side] = Number(index); draw("comparison"); }))));
  const {first, second} = state, swapped = first > second, found = comparisons[state.metric][swapped ? `${second},${first}` : `${first},${second}`];
  if (!found) return [controls, el("p", {class: "quiet"}, first === second ? "Choose two different methods." : "They have no scene in common.")];
  const sign = swapped ? -1 : 1, [low, high] = swapped ? [-found.high, -found.low] : [found.low, found.high];
  const [above, below] = swapped ? [found.below, found.above] : [found.above, found.below];
  const fact = (number, text, kind) => el("div", {class: kind ?? ""}, el("b", {}, number), text);
  const differences = scenes.map((scene, index) => ({scene, value: scores[state.metric][first][index] === null || scores[state.metric][second][index] === null ? null : scores[state.metric][first][index] - scores[state.metric][second][index]}))
    .filter((row) => isNumber(row.value)).sort((a, b) => b.value - a.value);
  const plot = svg("svg", {class: "plot", role: "img", "aria-label": "Difference on every scene, sorted"});
  new ResizeObserver(() => drawBars(plot, differences)).observe(plot);
  return [controls, el("div", {class: "card"},
    el("div", {class: "tally"}, fact(signed(sign * found.difference, digits(state.metric)), "mean difference"),
      fact(`${signed(low, digits(state.metric))} to ${signed(high, digits(state.metric))}`, "95 % interval"),
      fact(above, "scenes higher", "above"), fact(below, "scenes lower", "below"), fact(found.scenes - above - below, "equal"),
      fact(found.p < 0.001 ? found.p.toFixed(4) : found.p.toFixed(3), "p-value (sign-flip test)")), plot),
    el("p", {class: "note"}, `Each bar is a scene: ${metrics[state.metric].label} of ${methods[first].name} minus that of ${methods[second].name}. ${towards(state.metric)} `,
      "The interval is a bootstrap over the scenes; the p-value is the share of random sign changes of the differences that give a mean as far from zero.")];
}

function drawBars(plot, rows) {
  const width = plot.clientWidth - 12, height = plot.clientHeight - 14, left = 62;
  if (width <= left || !rows.length) return;
  const top = Math.max(0, rows[0].value), bottom = Math.min(0, rows[rows.length - 1].value), span = (top - bottom) || 1;
  const y = (value) => 8 + (height - 16) * (top - value) / span, step = (width - left) / rows.length;
  const ticks = [top, 0, bottom].filter((value, index, all) => index === 1 || Math.abs(y(value) - y(0)) > 14);
  plot.replaceChildren(...ticks.map((value) => svg("g", {}, svg("line", {class: value === 0 ? "zero" : "axis", x1: left, x2: width, y1: y(value), y2: y(value)}),
    svg("text", {x: left - 8, y: y(value) + 4, "text-anchor": "end"}, value === 0 ? "0" : signed(value, digits(state.metric))))),
  ...rows.map((row, index) => svg("g", {onclick: () => pictures[row.scene] && openScene(row.scene)},
    svg("title", {}, `${row.scene}: ${signed(row.value, digits(state.metric))}`), svg("rect", {class: "hit", x: left + index * step, width: step, y: 0, height}),
    svg("rect", {class: row.value >= 0 ? "above" : "below", x: left + index * step + step * 0.12, width: step * 0.76, rx: Math.min(2, step / 4),
      y: Math.min(y(0), y(row.value)), height: Math.max(1, Math.abs(y(row.value) - y(0)))}))));
}

const drawers = {ranking, everything: everyMetric, heat, pictures: () => state.scene ? scenePictures() : el("p", {class: "quiet"}, "No scene was fused."), comparison};
function draw(...names) {
  for (const name of names) sections[name].replaceChildren(...[drawers[name]()].flat());
  explain.textContent = `${metrics[state.metric].label}: ${metrics[state.metric].meaning} ${towards(state.metric)}`;
}
const explain = el("p", {class: "quiet", id: "explain"});
const redraw = () => draw("ranking", "heat", "pictures", "comparison");

if (failures.length) main.append(el("div", {class: "card failed"}, `Not everything could be scored (${failures.length}):`, el("pre", {}, failures.join("\n"))));
main.append(el("div", {class: "bar"}, el("label", {}, "Metric", select(Object.entries(metrics).map(([name, metric]) => [name, metric.label]), state.metric, (name) => { state.metric = name; redraw(); })),
  methods.some((method) => method.published) ? el("label", {}, el("input", {type: "checkbox", checked: "", onchange: (event) => { state.published = event.target.checked; redraw(); }}), "published scores") : null));
main.append(explain);
section("ranking", "Ranking");
section("everything", "Every metric", "Mean over the scenes, best in bold. No single number decides: MEF-SSIM can be gained with strange brightness or colour, so look at the others and at the pictures.");
section("heat", "Scene by scene", "The stronger the colour the better its place among all numbers of the table; the best of a scene in bold. A click on a column sorts, a click on a scene shows its pictures.");
section("pictures", "Pictures", "Drag the boundary; zoom with the wheel or the buttons, then drag to move.");
section("comparison", "Two methods, scene by scene");
section("about", "What the numbers are");
sections.about.append(el("dl", {class: "metrics"}, Object.entries(metrics).map(([name, metric]) => [el("dt", {}, metric.label), el("dd", {}, `${metric.meaning} ${towards(name)}`)])),
  el("p", {class: "note"}, "All scores are of the fused image as an 8-bit file holds it. ",
    methods.some((method) => method.published) ? "Published scores are copied from a file as they are, under the names that they have there; they were not computed here." : ""));
draw(...Object.keys(drawers));
