// Curves in one plot: colours by group, a legend that hides and shows, the nearest point told under the pointer.
const COLOURS = 8;

function ticks(low, high, count, least = 0) {
  const rough = Math.max(least, (high - low || 1) / count), power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((size) => size >= rough);
  const first = Math.ceil(low / step - 1e-9), digits = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
  return Array.from({length: Math.floor(high / step + 1e-9) - first + 1}, (_, k) => ({value: (first + k) * step, text: ((first + k) * step).toFixed(digits)}));
}

/** lines: [{label, group, points: [[x, y], ...]}]; labels: {x, y}. Returns nodes: the plot, and its legend. */
function linePlot(lines, labels) {
  const groups = [...new Set(lines.map((line) => line.group))], hidden = new Set();
  const style = (group) => { const place = groups.indexOf(group); return `c${place % COLOURS} d${Math.floor(place / COLOURS) % 4}`; };
  const plot = svg("svg", {class: `plot curves ${lines.length > 40 ? "many" : ""}`, role: "img", "aria-label": `${labels.y} by ${labels.x}`}), told = el("div", {class: "told", hidden: ""});
  const frame = el("div", {class: "card curves-frame"}, plot, told);
  let placed = [];

  function place() {
    const width = plot.clientWidth - 12, height = plot.clientHeight - 20, right = 12, bottom = 40;
    const shown = lines.filter((line) => !hidden.has(line.group) && line.points.length), all = shown.flatMap((line) => line.points);
    placed = [];
    if (width <= 120 || !all.length) return plot.replaceChildren();
    const span = (axis) => all.reduce(([low, high], point) => [Math.min(low, point[axis]), Math.max(high, point[axis])], [Infinity, -Infinity]);
    const [x0, x1] = span(0), [low, high] = span(1), pad = (high - low) * 0.04 || Math.abs(high) * 0.01 || 1, y0 = low - pad, y1 = high + pad;
    const marks = ticks(y0, y1, 5), left = 18 + 7 * Math.max(...marks.map(({text}) => text.length));
    const x = (value) => left + (width - left - right) * (x1 > x0 ? (value - x0) / (x1 - x0) : 0.5), y = (value) => 6 + (height - bottom - 6) * (y1 - value) / (y1 - y0);
    placed = shown.map((line) => ({line, dots: line.points.map((point) => [x(point[0]), y(point[1]), ...point])}));
    plot.replaceChildren(
      ...marks.map(({value, text}) => svg("g", {}, svg("line", {class: "axis", x1: left, x2: width - right, y1: y(value), y2: y(value)}),
        svg("text", {x: left - 8, y: y(value) + 4, "text-anchor": "end"}, text))),
      ...ticks(x0, x1, Math.min(10, width / 70), labels.x === "epoch" ? 1 : 0).map(({value, text}) => svg("text", {x: x(value), y: height - 22, "text-anchor": "middle"}, text)),
      svg("text", {x: width - right, y: height - 3, "text-anchor": "end"}, labels.x),
      ...placed.map(({line, dots}) => dots.length > 1
        ? svg("polyline", {class: `curve ${style(line.group)}`, points: dots.map(([a, b]) => `${a.toFixed(1)},${b.toFixed(1)}`).join(" ")})
        : svg("circle", {class: `curve dot ${style(line.group)}`, cx: dots[0][0], cy: dots[0][1], r: 3.5})));
  }
  function tell(event) {
    const box = plot.getBoundingClientRect(), px = event.clientX - box.left - 6, py = event.clientY - box.top - 10;
    let best = null;
    for (const {line, dots} of placed) for (const dot of dots) {
      const far = (dot[0] - px) ** 2 + (dot[1] - py) ** 2;
      if (!best || far < best.far) best = {far, line, dot};
    }
    plot.querySelectorAll(".near").forEach((node) => node.remove());
    told.hidden = !best || best.far > 80 ** 2;
    if (told.hidden) return;
    plot.append(svg("circle", {class: `near ${style(best.line.group)}`, cx: best.dot[0], cy: best.dot[1], r: 5}));
    told.replaceChildren(el("b", {}, best.line.label), ` ${labels.x} ${fixed(best.dot[2], Number.isInteger(best.dot[2]) ? 0 : 1)}: ${Number(best.dot[3].toPrecision(4))}`);
    told.style.left = `${Math.min(best.dot[0] + 16, frame.clientWidth - told.offsetWidth - 8)}px`;
    told.style.top = `${Math.max(4, best.dot[1] - 22)}px`;
  }
  plot.addEventListener("pointermove", tell);
  plot.addEventListener("pointerleave", () => { told.hidden = true; plot.querySelectorAll(".near").forEach((node) => node.remove()); });
  const legend = el("div", {class: "legend"}, groups.map((group) => el("button", {type: "button", class: "plain", "aria-pressed": "true", title: "Hide or show",
    onclick: ({currentTarget}) => {
      hidden.has(group) ? hidden.delete(group) : hidden.add(group);
      currentTarget.setAttribute("aria-pressed", String(!hidden.has(group)));
      place();
    }}, svg("svg", {class: "swatch", viewBox: "0 0 22 8", "aria-hidden": "true"}, svg("line", {class: `curve ${style(group)}`, x1: 1, x2: 21, y1: 4, y2: 4})), group)));
  new ResizeObserver(place).observe(plot);
  return [frame, legend];
}
