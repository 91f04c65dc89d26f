// The page that compares runs: its sections.
const STATES = ["finished", "running", "interrupted", "failed"];
const drawers = {
  settings: () => drawTable(table, "best val MEF-SSIM"),
  runs: runTable,
  curves: curvePlot,
  scenes: sceneTable,
  pictures: scenePictures,
  differences: differenceTable,
};

function draw(...names) {
  for (const name of names) sections[name].replaceChildren(...[drawers[name]()].flat(Infinity));
}

function troubles() {
  const unfinished = runs.filter((run) => run.state === "failed" || run.state === "interrupted");
  const reason = (run) => (run.state === "failed" ? `, ${run.reason}` : "");
  return [...problems, ...unfinished.map((run) => `${run.name}: ${run.state}${reason(run)}`)];
}

function countStates() {
  const count = (name) => runs.filter((run) => run.state === name).length;
  const parts = STATES.filter(count).map((name) => `${count(name)} ${name}`);
  return `${parts.join(", ")}.`;
}

function leftOut() {
  if (!left_out) return "";
  return ` Left out to keep this page small: ${left_out} more ${left_out > 1 ? "scenes" : "scene"}.`;
}

reportTrouble("Not everything finished", troubles());
main.append(quiet(countStates()));
section(
  "settings",
  "What varies",
  "Runs that differ only in the seed are one row: mean \u00b1 standard deviation over those that finished, best in " +
    "bold. MEF-SSIM is the official one (Ma 2015); the test scores are those of the checkpoint with the best " +
    "validation score.",
);
section("runs", "Runs");
section(
  "curves",
  "Learning curves",
  "Losses of different gammas measure different things; MEF-SSIM can be compared. A click on a name hides its " +
    "curves.",
);
const seeds = "Mean \u00b1 standard deviation over the seeds, best of each scene in bold.";
section("scenes", "Scene by scene", haveSeeds ? seeds : "Best of each scene in bold.");
section(
  "pictures",
  "Pictures",
  `Drag the boundary between two runs; a click on a small picture shows it on the right.${leftOut()}`,
);
section("differences", "Differences between two runs");
draw(...Object.keys(drawers));
