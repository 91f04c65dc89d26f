// The tables of the page that compares runs: what varies, the runs, the scenes and the differences.

/** A table that was made in Python: a cell is text, or {mean, std, digits, best}. */
function drawTable({ header, rows, total }, sortedBy = null) {
  const columns = header.map((label, index) => tableColumn(label, index, rows));
  return sortableTable(columns, total ? rows.slice(0, -1) : rows, {
    sort: sortedBy ? { index: header.indexOf(sortedBy), descending: true } : null,
    total: total ? rows.at(-1) : null,
  });
}

function tableColumn(label, index, rows) {
  const isNumeric = rows.some((row) => isScore(row[index]));
  const name = (row) => el("span", { class: "name", title: row[0] }, row[0]);
  return {
    label,
    text: !isNumeric,
    descending: isNumeric,
    value: (row) => (isScore(row[index]) ? row[index].mean : row[index] || null),
    show: (row) => (index === 0 ? name(row) : showCell(row[index])),
    attributes: (row) => (row[index].best ? { class: "best" } : {}),
  };
}

function isScore(cell) {
  return typeof cell === "object" && cell !== null;
}

function showCell(cell) {
  if (!isScore(cell)) return cell || DASH;
  const mean = fixed(cell.mean, cell.digits);
  if (cell.std === null) return mean;
  return [mean, el("span", { class: "spread" }, ` \u00b1 ${fixed(cell.std, cell.digits)}`)];
}

function runTable() {
  const rows = runs.map((run, index) => ({ ...run, index }));
  const columns = [
    { label: "run", text: true, value: (run) => caption(run.index), show: showName },
    { label: "state", text: true, value: (run) => run.state, show: showState },
    numberColumn("best val", "best", 4, "MEF-SSIM of the validation scenes"),
    numberColumn("final val", "final", 4, "After the last epoch so far"),
    numberColumn("test", "test", 4, "Mean of the test scenes, by the best checkpoint"),
    numberColumn("epochs", "epochs", 0),
    { ...numberColumn("minutes", "seconds"), show: (run) => fixed(minutes(run.seconds), 1) },
    numberColumn("parameters", "parameters", 0),
    { label: "commit", text: true, value: (run) => run.commit, show: showCommit },
  ];
  return sortableTable(columns, rows, { sort: { index: 2, descending: true } });
}

function numberColumn(label, key, digits, title) {
  const value = (run) => run[key];
  return { label, title, descending: true, value, show: (run) => fixed(run[key], digits) };
}

function showName(run) {
  return el("span", { class: "name wide", title: run.name }, caption(run.index));
}

function showState(run) {
  const text = run.state === "running" ? `running, wrote ${duration(run.silent)} ago` : run.state;
  return el("span", { class: `state is-${run.state}`, title: run.reason }, text);
}

function showCommit(run) {
  return el("span", { class: "name", title: run.commit }, run.commit ?? DASH);
}

function minutes(seconds) {
  return isNumber(seconds) ? seconds / 60 : null;
}

/** Seconds as text, in the unit that suits them. */
function duration(seconds) {
  if (seconds < 120) return `${seconds} s`;
  if (seconds < 7200) return `${Math.round(seconds / 60)} min`;
  if (seconds < 172800) return `${Math.round(seconds / 3600)} h`;
  return `${Math.round(seconds / 86400)} days`;
}

function sceneTable() {
  if (!state.scenes) return quiet("No run has scored a scene yet.");
  const controls = chooser("MEF-SSIM of the", sceneTables, "scenes", "scenes");
  return [el("div", { class: "controls" }, controls), drawTable(scenes[state.scenes])];
}

function differenceTable() {
  if (runs.length < 2) return quiet("There is only one run.");
  const { first, second } = state;
  const rows = Object.entries(differences)
    .map(([key, values]) => ({ key, first: values[first], second: values[second] }))
    .filter((row) => row.first !== row.second);
  const controls = [runChooser("Compare", "first"), runChooser("with", "second")];
  const columns = [
    { label: "setting", text: true, value: (row) => row.key },
    differenceColumn("first"),
    differenceColumn("second"),
  ];
  return [
    el("div", { class: "controls" }, controls),
    rows.length ? sortableTable(columns, rows) : quiet("Both have the same settings."),
  ];
}

function runChooser(word, side) {
  const options = indices(runs).map((index) => [index, caption(index)]);
  const onchange = (index) => {
    state[side] = Number(index);
    draw("differences");
  };
  return el("label", {}, word, select(options, state[side], onchange));
}

function differenceColumn(side) {
  const value = (row) => asText(row[side]);
  return {
    label: caption(state[side]),
    text: true,
    value,
    show: (row) => el("span", { class: "value" }, value(row)),
  };
}
