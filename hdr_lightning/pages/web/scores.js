// Which way a score is better, and which of some is the best.
function direction({ better }) {
  const words = {
    higher: "Higher is better.",
    lower: "Lower is better.",
    one: "Best near 1.",
    zero: "Best near 0.",
    neither: "No direction is better.",
  };
  return words[better];
}

/** The value turned so that higher is better, where a direction is. */
function worth({ better }, value) {
  const turned = { lower: -value, one: -Math.abs(value - 1), zero: -Math.abs(value) };
  return turned[better] ?? value;
}

/** A function that tells of each of some values whether it is the best of them; none is where there is one. */
function bestOf(metric, values) {
  const known = values.filter(isNumber);
  if (metric.better === "neither" || known.length < 2) return () => false;
  const best = Math.max(...known.map((value) => worth(metric, value)));
  return (value) => isNumber(value) && worth(metric, value) === best;
}

