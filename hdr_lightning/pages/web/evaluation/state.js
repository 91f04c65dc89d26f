// What the page of an evaluation knows, and what its reader has chosen.
const { methods, scenes, metrics, scores, summaries, comparisons, pictures, failures } = DATA;
const ownMethods = indices(methods).filter((index) => !methods[index].published);
const state = {
  metric: Object.keys(metrics)[0],
  published: true,
  scene: scenes.find((scene) => pictures[scene]),
  left: null,
  right: null,
  first: null,
  second: null,
};

function digits(metric) {
  return metric === "entropy" || metric === "spatial_frequency" ? 3 : 4;
}

/** A value of the chosen metric as text. */
function show(value) {
  return fixed(value, digits(state.metric));
}

/** What a table sorts by; null keeps a cell without a value at the end. */
function sortKey(metric, value) {
  return isNumber(value) ? worth(metrics[metric], value) : null;
}

/** Places of the methods that have the chosen metric and are not hidden. */
function shownMethods() {
  return indices(methods).filter(
    (index) => summaries[state.metric][index] && (state.published || !methods[index].published),
  );
}

function scoreOf(metric, method, scene) {
  return scores[metric][method][scenes.indexOf(scene)];
}

function methodName(method) {
  const title = "The score is the authors' own, read from a file";
  return [
    el("span", { class: "name", title: method.name }, method.name),
    method.published ? el("span", { class: "badge", title }, "published") : null,
  ];
}
