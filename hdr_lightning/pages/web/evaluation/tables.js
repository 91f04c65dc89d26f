// The tables of an evaluation: ranking, every metric, and scene by scene.

function ranking() {
  const rows = shownMethods().map((index) => ({ ...methods[index], ...summaries[state.metric][index] }));
  const scale = intervalScale(rows);
  const isPartial = (row) => row.scenes < scenes.length;
  const partial = (row) => `Only ${row.scenes} of ${scenes.length} scenes: its mean is not comparable`;
  const columns = [
    { label: "method", value: (row) => row.name, show: methodName, text: true },
    {
      label: "mean",
      value: (row) => sortKey(state.metric, row.mean),
      show: (row) => show(row.mean),
      descending: true,
      attributes: () => ({ class: "best" }),
    },
    {
      label: "95 % interval",
      title: "Of the mean, by bootstrap over the scenes",
      value: (row) => row.low,
      show: (row) => `${show(row.low)} ${DASH} ${show(row.high)}`,
      text: true,
      descending: metrics[state.metric].better !== "lower",
    },
    { label: "", value: (row) => row.mean, show: (row) => intervalGraphic(row, scale), text: true },
    { label: "minimum", value: (row) => row.minimum, show: (row) => show(row.minimum), descending: true },
    {
      label: "wins",
      title: "Scenes on which none of the shown or hidden methods is better",
      value: (row) => row.wins,
      show: (row) => row.wins ?? DASH,
      descending: true,
    },
    {
      label: "scenes",
      value: (row) => row.scenes,
      descending: true,
      attributes: (row) => (isPartial(row) ? { title: partial(row), class: "best" } : {}),
    },
    {
      label: "seconds",
      title: "To fuse a scene, mean",
      value: (row) => row.seconds,
      show: (row) => fixed(row.seconds, 3),
    },
    {
      label: "MiB",
      title: "Highest memory to fuse a scene, on top of the photographs",
      value: (row) => row.memory,
      show: (row) => fixed(row.memory, 0),
    },
  ];
  const rowClass = (row) => (row.published ? "published" : null);
  return sortableTable(columns, rows, { sort: { index: 1, descending: true }, rowClass });
}

/** Ends of the scale of intervals. The worst quarter may lie off it, so that the good ones can be told apart. */
function intervalScale(rows) {
  const better = metrics[state.metric].better;
  const sorted = (end) => rows.map((row) => row[end]).sort((a, b) => a - b);
  const left = rows.length > 7 ? Math.floor(rows.length / 4) : 0;
  return {
    low: sorted("low")[better === "higher" ? left : 0],
    high: sorted("high")[rows.length - 1 - (better === "lower" ? left : 0)],
  };
}

/** Mean and interval as a line with a dot, or an arrow to where they lie off the scale. */
function intervalGraphic(summary, { low, high }) {
  const attributes = { class: "interval", viewBox: "0 0 190 18", "aria-hidden": "true" };
  if (summary.mean < low) return svg("svg", attributes, svg("text", { x: 0, y: 14 }, "\u2039"));
  if (summary.mean > high) return svg("svg", attributes, svg("text", { x: 180, y: 14 }, "\u203a"));
  const x = (value) => 4 + 182 * clamp((value - low) / (high - low || 1), 0, 1);
  return svg(
    "svg",
    attributes,
    svg("line", { x1: x(summary.low), x2: x(summary.high), y1: 9, y2: 9 }),
    svg("circle", { cx: x(summary.mean), cy: 9, r: 4 }),
  );
}

function everyMetric() {
  const name = { label: "method", value: (row) => row.name, show: methodName, text: true };
  const rows = ownMethods.map((index) => ({ ...methods[index], index }));
  const columns = [name, ...Object.keys(metrics).map(metricColumn)];
  return sortableTable(columns, rows, { sort: { index: 1, descending: true } });
}

function metricColumn(metric) {
  const { label, meaning } = metrics[metric];
  const mean = (index) => summaries[metric][index]?.mean;
  const isBest = bestOf(metrics[metric], ownMethods.map(mean));
  return {
    label,
    title: `${meaning} ${direction(metrics[metric])}`,
    descending: true,
    value: (row) => sortKey(metric, mean(row.index)),
    show: (row) => fixed(mean(row.index), digits(metric)),
    classes: "wrap",
    attributes: (row) => ({ class: isBest(mean(row.index)) ? "best" : "" }),
  };
}

/** The chosen metric of every scene and method, tinted by the place of a value among all of them. */
function heat() {
  const chosen = shownMethods();
  const rows = scenes.map((scene) => {
    const values = chosen.map((method) => scoreOf(state.metric, method, scene));
    return { scene, values, isBest: bestOf(metrics[state.metric], values) };
  });
  const tint = tints(rows.flatMap((row) => row.values).filter(isNumber));
  const columns = chosen.map((method, column) => heatColumn(methods[method], column, tint));
  const scene = {
    label: "scene",
    value: (row) => row.scene,
    text: true,
    show: (row) => sceneLink(row.scene),
  };
  return sortableTable([scene, ...columns], rows, { classes: "heat" });
}

/** A function from a value to the strength of its tint in per cent. */
function tints(values) {
  const sorted = values.map((value) => worth(metrics[state.metric], value)).sort((a, b) => a - b);
  const share = new Map(sorted.map((value, index) => [value, index / Math.max(1, sorted.length - 1)]));
  return (value) => 85 * share.get(worth(metrics[state.metric], value));
}

function heatColumn(method, column, tint) {
  const cell = (row) => {
    const value = row.values[column];
    if (!isNumber(value)) return { class: "empty" };
    return { class: row.isBest(value) ? "best" : "", style: `--t:${tint(value).toFixed(0)}%` };
  };
  return {
    label: method.name,
    title: method.published ? "published" : null,
    classes: "column",
    descending: true,
    value: (row) => sortKey(state.metric, row.values[column]),
    show: (row) => show(row.values[column]),
    attributes: cell,
  };
}

function sceneLink(scene) {
  if (!pictures[scene]) return el("span", { class: "name" }, scene);
  const title = `Show the pictures of ${scene}`;
  return el("button", { class: "link name", type: "button", title, onclick: () => openScene(scene) }, scene);
}
