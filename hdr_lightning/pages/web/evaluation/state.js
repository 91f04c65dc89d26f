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

function direction(metric) {
  const better = {
    higher: "Higher is better.",
    lower: "Lower is better.",
    one: "Best near 1.",
    zero: "Best near 0.",
    neither: "No direction is better.",
  };
  return better[metrics[metric].better];
}

/** The value turned so that higher is better, where a direction is. */
function worth(metric, value) {
  const turned = { lower: -value, one: -Math.abs(value - 1), zero: -Math.abs(value) };
  return turned[metrics[metric].better] ?? value;
}

/** What a table sorts by; null keeps a cell without a value at the end. */
function sortKey(metric, value) {
  return isNumber(value) ? worth(metric, value) : null;
}

/** A function that tells of each of some values whether it is the best of them. */
function bestOf(metric, values) {
  if (metrics[metric].better === "neither") return () => false;
  const best = Math.max(...values.filter(isNumber).map((value) => worth(metric, value)));
  return (value) => isNumber(value) && worth(metric, value) === best;
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
