// What the page that compares runs knows, and what its reader has chosen.
const { keys, settings, runs, table, scenes, curves, differences, pictures, left_out, problems } = DATA;
const sceneTables = Object.keys(scenes).filter((name) => scenes[name].rows.length);
const haveSeeds = settings.length < runs.length;
const captions = runs.map(({ setting, seed }) => {
  const { label } = settings[setting];
  return haveSeeds ? `${label}, seed ${seed}` : label;
});
const state = {
  metric: Object.keys(curves)[0],
  x: "epoch",
  colour: keys.includes("loss.gamma") ? "loss.gamma" : (keys[0] ?? "run"),
  scenes: sceneTables[0],
  scene: Object.keys(pictures)[0],
  kind: null,
  left: null,
  right: null,
  first: 0,
  second: 1,
};

/** What varies in a run, or its name where that does not tell it from the others. */
function caption(index) {
  const isUnique = captions.indexOf(captions[index]) === captions.lastIndexOf(captions[index]);
  return isUnique ? captions[index] : runs[index].name;
}

function asText(value) {
  return isKnown(value) ? String(value) : "none";
}

/** A labelled list of names for `state[key]`; a choice draws a section again. */
function chooser(label, names, key, sectionName) {
  const options = names.map((name) => [name, name]);
  const onchange = (value) => {
    state[key] = value;
    draw(sectionName);
  };
  return el("label", {}, label, select(options, state[key], onchange));
}
