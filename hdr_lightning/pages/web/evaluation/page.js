// The page of an evaluation: its sections, all for one chosen metric.
const drawers = { ranking, everything: everyMetric, heat, pictures: scenePictures, comparison };
const explain = el("p", { class: "quiet", id: "explain" });
const hasPublished = methods.some((method) => method.published);

function draw(...names) {
  for (const name of names) sections[name].replaceChildren(...[drawers[name]()].flat());
  const { label, meaning } = metrics[state.metric];
  explain.textContent = `${label}: ${meaning} ${direction(metrics[state.metric])}`;
}

function choose(key, value) {
  state[key] = value;
  draw("ranking", "heat", "pictures", "comparison");
}

function metricChooser() {
  const options = Object.entries(metrics).map(([name, metric]) => [name, metric.label]);
  return el(
    "label",
    {},
    "Metric",
    select(options, state.metric, (name) => choose("metric", name)),
  );
}

function publishedSwitch() {
  const onchange = (event) => choose("published", event.target.checked);
  return el("label", {}, el("input", { type: "checkbox", checked: "", onchange }), "published scores");
}

function definitions() {
  const lines = Object.entries(metrics).map(([name, { label, meaning }]) => [
    el("dt", {}, label),
    el("dd", {}, `${meaning} ${direction(metrics[name])}`),
  ]);
  const published =
    "Published scores are copied from a file as they are, under the names that they have there; they were not " +
    "computed here.";
  return [
    el("dl", { class: "metrics" }, lines),
    el(
      "p",
      { class: "note" },
      "All scores are of the fused image as an 8-bit file holds it. ",
      hasPublished ? published : "",
    ),
  ];
}

reportTrouble("Not everything could be scored", failures);
main.append(el("div", { class: "bar" }, metricChooser(), hasPublished ? publishedSwitch() : null), explain);
section("ranking", "Ranking");
section(
  "everything",
  "Every metric",
  "Mean over the scenes, best in bold. No single number decides: MEF-SSIM can be gained with strange brightness " +
    "or colour, so look at the others and at the pictures.",
);
section(
  "heat",
  "Scene by scene",
  "The stronger the colour the better its place among all numbers of the table; the best of a scene in bold. " +
    "A click on a column sorts, a click on a scene shows its pictures.",
);
section("pictures", "Pictures", "Drag the boundary; zoom with the wheel or the buttons, then drag to move.");
section("comparison", "Two methods, scene by scene");
section("about", "What the numbers are");
sections.about.append(...definitions());
draw(...Object.keys(drawers));
