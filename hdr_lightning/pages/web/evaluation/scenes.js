// Pictures of a scene, and two methods compared scene by scene.

function openScene(scene) {
  state.scene = scene;
  draw("pictures");
  document.getElementById("pictures").scrollIntoView({ behavior: "smooth" });
}

function scenePictures() {
  if (!state.scene) return quiet("No scene was fused.");
  const shots = pictures[state.scene];
  const captions = Object.keys(shots);
  const place = (caption) => methods.findIndex((method) => method.name === caption);
  const mean = (caption) => summaries.mef_ssim[place(caption)]?.mean ?? 0;
  const fused = captions.filter((caption) => place(caption) >= 0).sort((a, b) => mean(b) - mean(a));
  if (!captions.includes(state.left)) state.left = fused[1] ?? captions[0];
  if (!captions.includes(state.right)) state.right = fused[0];
  return pictureViewer(state.scene, shots, state, {
    controls: el("label", {}, "Scene", sceneChooser()),
    note,
  });
}

function sceneChooser() {
  const shown = scenes.filter((scene) => pictures[scene]);
  const options = shown.map((scene) => [scene, scene]);
  return select(options, state.scene, (scene) => {
    state.scene = scene;
    draw("pictures");
  });
}

/** The score of a picture, where it has one. */
function note(caption) {
  const method = ownMethods.find((index) => methods[index].name === caption);
  const score = method === undefined ? null : scoreOf(state.metric, method, state.scene);
  return isNumber(score) ? show(score) : "";
}

function comparison() {
  const candidates = shownMethods();
  if (candidates.length < 2) return quiet("There is only one method with this score.");
  choosePair(candidates);
  const { first, second } = state;
  const pair = comparisonOf(first, second);
  if (!pair) {
    const reason = first === second ? "Choose two different methods." : "They have no scene in common.";
    return [pairChooser(candidates), quiet(reason)];
  }
  const plot = svg("svg", { class: "plot", role: "img", "aria-label": "Difference on every scene, sorted" });
  const rows = differencesByScene(first, second);
  new ResizeObserver(() => drawBars(plot, rows)).observe(plot);
  return [
    pairChooser(candidates),
    el("div", { class: "card" }, tally(pair), plot),
    explanation(first, second),
  ];
}

/** The two best methods, unless two others have been chosen. */
function choosePair(candidates) {
  const merit = (index) => worth(metrics[state.metric], summaries[state.metric][index].mean);
  const ranked = [...candidates].sort((a, b) => merit(b) - merit(a));
  if (!candidates.includes(state.first)) state.first = ranked[0];
  if (!candidates.includes(state.second) || state.second === state.first) {
    state.second = ranked.find((index) => index !== state.first);
  }
}

function pairChooser(candidates) {
  const options = candidates.map((index) => {
    const { name, published } = methods[index];
    return [index, published ? `${name} (published)` : name];
  });
  const chooser = (side, word) =>
    el(
      "label",
      {},
      word,
      select(options, state[side], (index) => {
        state[side] = Number(index);
        draw("comparison");
      }),
    );
  return el("div", { class: "controls" }, chooser("first", "Compare"), chooser("second", "with"));
}

/** Statistics of first minus second; the data hold those of each pair in one order only. */
function comparisonOf(first, second) {
  if (first < second) return comparisons[state.metric][`${first},${second}`];
  const other = comparisons[state.metric][`${second},${first}`];
  if (!other) return other;
  const { difference, low, high, above, below } = other;
  return { ...other, difference: -difference, low: -high, high: -low, above: below, below: above };
}

function differencesByScene(first, second) {
  const rows = scenes.map((scene) => {
    const [one, other] = [first, second].map((method) => scoreOf(state.metric, method, scene));
    return { scene, value: isNumber(one) && isNumber(other) ? one - other : null };
  });
  return rows.filter((row) => isNumber(row.value)).sort((a, b) => b.value - a.value);
}

function tally(pair) {
  const { difference, low, high, above, below, p } = pair;
  const number = (value) => signed(value, digits(state.metric));
  const fact = (value, text, kind = "") => el("div", { class: kind }, el("b", {}, value), text);
  return el(
    "div",
    { class: "tally" },
    fact(number(difference), "mean difference"),
    fact(`${number(low)} to ${number(high)}`, "95 % interval"),
    fact(above, "scenes higher", "above"),
    fact(below, "scenes lower", "below"),
    fact(pair.scenes - above - below, "equal"),
    fact(p.toFixed(p < 0.001 ? 4 : 3), "p-value (sign-flip test)"),
  );
}

function explanation(first, second) {
  const { label } = metrics[state.metric];
  return el(
    "p",
    { class: "note" },
    `Each bar is a scene: ${label} of ${methods[first].name} minus that of ${methods[second].name}. `,
    `${direction(metrics[state.metric])} The interval is a bootstrap over the scenes; the p-value is the share of random `,
    "sign changes of the differences that give a mean as far from zero.",
  );
}

function drawBars(plot, rows) {
  const left = 62;
  const width = plot.clientWidth - 12;
  const height = plot.clientHeight - 14;
  if (width <= left || !rows.length) return;
  const top = Math.max(0, rows[0].value);
  const bottom = Math.min(0, rows.at(-1).value);
  const y = (value) => 8 + ((height - 16) * (top - value)) / (top - bottom || 1);
  const marks = [top, bottom].filter((value) => Math.abs(y(value) - y(0)) > 14);
  const step = (width - left) / rows.length;
  const bars = rows.map((row, index) => bar(row, left + index * step, step, y, height));
  plot.replaceChildren(...[0, ...marks].map((value) => barAxis(value, left, width, y(value))), ...bars);
}

function barAxis(value, left, width, y) {
  const text = value === 0 ? "0" : signed(value, digits(state.metric));
  return svg(
    "g",
    {},
    svg("line", { class: value === 0 ? "zero" : "axis", x1: left, x2: width, y1: y, y2: y }),
    svg("text", { x: left - 8, y: y + 4, "text-anchor": "end" }, text),
  );
}

/** A bar, and around it the whole height to point at; a click shows the pictures of the scene. */
function bar({ scene, value }, x, step, y, height) {
  const ends = [y(0), y(value)];
  const size = { y: Math.min(...ends), height: Math.max(1, Math.abs(ends[0] - ends[1])) };
  return svg(
    "g",
    { onclick: () => pictures[scene] && openScene(scene) },
    svg("title", {}, `${scene}: ${signed(value, digits(state.metric))}`),
    svg("rect", { class: "hit", x, width: step, y: 0, height }),
    svg("rect", {
      class: value >= 0 ? "above" : "below",
      x: x + step * 0.12,
      width: step * 0.76,
      rx: Math.min(2, step / 4),
      ...size,
    }),
  );
}
