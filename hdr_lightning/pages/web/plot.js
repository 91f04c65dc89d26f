// Curves in one plot: colours by group, a legend that hides and shows, and the nearest point under the pointer.
const COLOURS = 8;
const DASHES = 4;
const MARGIN = { top: 6, right: 12, bottom: 40 };
const NEAR = 80; // pixels from the pointer at which a point is still told

/**
 * A plot and its legend, as nodes.
 * lines: [{label, group, points: [[x, y], ...]}]; names: {x, y} of the axes.
 */
function linePlot(lines, names) {
  const groups = [...new Set(lines.map((line) => line.group))];
  const hidden = new Set();
  const label = `${names.y} by ${names.x}`;
  const classes = `plot curves ${lines.length > 40 ? "many" : ""}`;
  const plot = svg("svg", { class: classes, role: "img", "aria-label": label });
  const message = el("div", { class: "message", hidden: "" });
  const frame = el("div", { class: "card curves-frame" }, plot, message);
  let drawn = []; // [{line, dots: [[pixel x, pixel y, x, y], ...]}]

  function draw() {
    const shown = lines.filter((line) => !hidden.has(line.group) && line.points.length);
    const scales = plotScales(
      shown.flatMap((line) => line.points),
      plot,
    );
    drawn = scales ? shown.map((line) => ({ line, dots: line.points.map(scales.place) })) : [];
    const curves = drawn.map(({ line, dots }) => curve(dots, groupStyle(groups.indexOf(line.group))));
    plot.replaceChildren(...(scales ? axes(scales, names) : []), ...curves);
  }

  function clearMessage() {
    message.hidden = true;
    plot.querySelectorAll(".near").forEach((node) => node.remove());
  }

  function showNearest(event) {
    clearMessage();
    const box = plot.getBoundingClientRect();
    const nearest = nearestDot(drawn, event.clientX - box.left - 6, event.clientY - box.top - 10);
    if (!nearest || nearest.distance > NEAR) return;
    const [left, top, x, y] = nearest.dot;
    const style = groupStyle(groups.indexOf(nearest.line.group));
    plot.append(svg("circle", { class: `near ${style}`, cx: left, cy: top, r: 5 }));
    const at = fixed(x, Number.isInteger(x) ? 0 : 1);
    message.replaceChildren(
      el("b", {}, nearest.line.label),
      ` ${names.x} ${at}: ${Number(y.toPrecision(4))}`,
    );
    message.hidden = false;
    message.style.left = `${Math.min(left + 16, frame.clientWidth - message.offsetWidth - 8)}px`;
    message.style.top = `${Math.max(4, top - 22)}px`;
  }

  function toggle(group, button) {
    if (!hidden.delete(group)) hidden.add(group);
    button.setAttribute("aria-pressed", String(!hidden.has(group)));
    draw();
  }

  plot.addEventListener("pointermove", showNearest);
  plot.addEventListener("pointerleave", clearMessage);
  new ResizeObserver(draw).observe(plot);
  const buttons = groups.map((group, index) => legendButton(group, groupStyle(index), toggle));
  return [frame, el("div", { class: "legend" }, buttons)];
}

function groupStyle(index) {
  return `c${index % COLOURS} d${Math.floor(index / COLOURS) % DASHES}`;
}

function legendButton(group, style, toggle) {
  const line = svg("line", { class: `curve ${style}`, x1: 1, x2: 21, y1: 4, y2: 4 });
  const swatch = svg("svg", { class: "swatch", viewBox: "0 0 22 8", "aria-hidden": "true" }, line);
  const onclick = (event) => toggle(group, event.currentTarget);
  const attributes = {
    type: "button",
    class: "plain",
    "aria-pressed": "true",
    title: "Hide or show",
    onclick,
  };
  return el("button", attributes, swatch, group);
}

/** From values to pixels of the plot, with the marks of both axes; null where there is nothing to show. */
function plotScales(points, plot) {
  const width = plot.clientWidth - 12;
  const height = plot.clientHeight - 20;
  if (width <= 120 || !points.length) return null;
  const [x0, x1] = extent(points.map((point) => point[0]));
  const [low, high] = extent(points.map((point) => point[1]));
  const padding = (high - low) * 0.04 || Math.abs(high) * 0.01 || 1;
  const [y0, y1] = [low - padding, high + padding];
  const marks = ticks(y0, y1, 5);
  const left = 18 + 7 * Math.max(...marks.map(({ text }) => text.length));
  const inner = { width: width - left - MARGIN.right, height: height - MARGIN.bottom - MARGIN.top };
  const x = (value) => left + inner.width * (x1 > x0 ? (value - x0) / (x1 - x0) : 0.5);
  const y = (value) => MARGIN.top + (inner.height * (y1 - value)) / (y1 - y0);
  const place = ([across, up]) => [x(across), y(up), across, up];
  return { x, y, x0, x1, width, height, left, marks, place };
}

function extent(values) {
  return values.reduce(
    ([low, high], value) => [Math.min(low, value), Math.max(high, value)],
    [Infinity, -Infinity],
  );
}

/** Round numbers from `low` to `high`, about `count` of them and at least `least` apart. */
function ticks(low, high, count, least = 0) {
  const rough = Math.max(least, (high - low || 1) / count);
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((size) => size >= rough);
  const first = Math.ceil(low / step - 1e-9);
  const last = Math.floor(high / step + 1e-9);
  const digits = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
  const values = Array.from({ length: last - first + 1 }, (_, k) => (first + k) * step);
  return values.map((value) => ({ value, text: value.toFixed(digits) }));
}

function axes(scales, names) {
  const { x, y, width, height, left } = scales;
  const lines = scales.marks.map(({ value, text }) =>
    svg(
      "g",
      {},
      svg("line", { class: "axis", x1: left, x2: width - MARGIN.right, y1: y(value), y2: y(value) }),
      svg("text", { x: left - 8, y: y(value) + 4, "text-anchor": "end" }, text),
    ),
  );
  const count = Math.min(10, width / 70);
  const below = ticks(scales.x0, scales.x1, count, names.x === "epoch" ? 1 : 0).map(({ value, text }) =>
    svg("text", { x: x(value), y: height - 22, "text-anchor": "middle" }, text),
  );
  const name = svg("text", { x: width - MARGIN.right, y: height - 3, "text-anchor": "end" }, names.x);
  return [...lines, ...below, name];
}

function curve(dots, style) {
  if (dots.length === 1) {
    return svg("circle", { class: `curve dot ${style}`, cx: dots[0][0], cy: dots[0][1], r: 3.5 });
  }
  const points = dots.map(([x, y]) => `${x.toFixed(1)},${y.toFixed(1)}`).join(" ");
  return svg("polyline", { class: `curve ${style}`, points });
}

function nearestDot(drawn, x, y) {
  let nearest = null;
  for (const { line, dots } of drawn) {
    for (const dot of dots) {
      const distance = Math.hypot(dot[0] - x, dot[1] - y);
      if (!nearest || distance < nearest.distance) nearest = { distance, line, dot };
    }
  }
  return nearest;
}
