// How often each level occurs in a picture: red, green, blue and their mean, drawn on a canvas.
const LEVELS = 128;
const SAMPLED_SIDE = 512;

/** Counts of LEVELS levels in four channels of an image that is loaded, and the shares of black and white. */
function countLevels(image) {
  const scale = Math.min(1, SAMPLED_SIDE / Math.max(image.naturalWidth, image.naturalHeight));
  const width = Math.max(1, Math.round(image.naturalWidth * scale));
  const height = Math.max(1, Math.round(image.naturalHeight * scale));
  const canvas = el("canvas", { width, height });
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context.drawImage(image, 0, 0, width, height);
  const { data } = context.getImageData(0, 0, width, height);
  const counts = Array.from({ length: 4 }, () => new Float64Array(LEVELS));
  let black = 0;
  let white = 0;
  for (let at = 0; at < data.length; at += 4) {
    const [red, green, blue] = [data[at], data[at + 1], data[at + 2]];
    counts[0][(red * LEVELS) >> 8] += 1;
    counts[1][(green * LEVELS) >> 8] += 1;
    counts[2][(blue * LEVELS) >> 8] += 1;
    counts[3][((0.299 * red + 0.587 * green + 0.114 * blue) * LEVELS) >> 8] += 1;
    if (Math.max(red, green, blue) <= 2) black += 1;
    if (Math.min(red, green, blue) >= 253) white += 1;
  }
  const pixels = data.length / 4;
  return { counts, black: black / pixels, white: white / pixels };
}

/** A histogram that is drawn anew for every image it is given. */
function histogram() {
  const canvas = el("canvas", { class: "histogram", role: "img", "aria-label": "Histogram" });
  const shares = el("p", { class: "shares" });
  const node = el("div", { class: "histogram-frame" }, canvas, shares);

  function draw(image) {
    if (!image.naturalWidth) return;
    const found = countLevels(image);
    const ratio = devicePixelRatio || 1;
    canvas.width = canvas.clientWidth * ratio;
    canvas.height = canvas.clientHeight * ratio;
    const context = canvas.getContext("2d");
    const styles = getComputedStyle(node);
    context.globalCompositeOperation = styles.getPropertyValue("--mix").trim() || "source-over";
    ["--red", "--green", "--blue"].forEach((name, channel) =>
      area(context, found.counts[channel], styles.getPropertyValue(name)),
    );
    line(context, found.counts[3], styles.getPropertyValue("--ink"));
    const percent = (share) => `${(100 * share).toFixed(share < 0.0995 ? 1 : 0)} %`;
    shares.replaceChildren(
      el("span", {}, `black ${percent(found.black)}`),
      el("span", {}, `white ${percent(found.white)}`),
    );
  }

  return { node, draw };
}

/** Heights in [0, 1]; the ends, where clipped values pile up, do not decide the scale. */
function heights(counts) {
  const inner = [...counts].slice(1, -1);
  const most = Math.max(...inner, 1) ** 0.75;
  return [...counts].map((count) => Math.min(1, count ** 0.75 / most));
}

function trace(context, counts) {
  const { width, height } = context.canvas;
  context.beginPath();
  heights(counts).forEach((value, place) => {
    context.lineTo((place / (LEVELS - 1)) * width, height * (1 - 0.96 * value));
  });
}

function area(context, counts, colour) {
  trace(context, counts);
  context.lineTo(context.canvas.width, context.canvas.height);
  context.lineTo(0, context.canvas.height);
  context.closePath();
  context.fillStyle = colour;
  context.fill();
}

function line(context, counts, colour) {
  context.globalCompositeOperation = "source-over";
  trace(context, counts);
  context.strokeStyle = colour;
  context.lineWidth = devicePixelRatio || 1;
  context.globalAlpha = 0.7;
  context.stroke();
  context.globalAlpha = 1;
}
