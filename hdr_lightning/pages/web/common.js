"use strict";
// What every page needs: its data, elements, numbers as text, and sections.
// Text only ever enters the page as text nodes and attributes, so any name is harmless.
const DATA = JSON.parse(document.getElementById("data").textContent);
const main = document.getElementById("main");
const SVG_NAMESPACE = "http://www.w3.org/2000/svg";
const DASH = "\u2013";
const MINUS = "\u2212";

/** An HTML element; attributes named "on..." are listeners, those without a value are left out. */
function el(tag, attributes = {}, ...children) {
  return fill(document.createElement(tag), attributes, children);
}

/** The same of SVG. */
function svg(tag, attributes = {}, ...children) {
  return fill(document.createElementNS(SVG_NAMESPACE, tag), attributes, children);
}

function fill(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (isKnown(value) && value !== false) node.setAttribute(name, value);
  }
  const known = children.flat(Infinity).filter(isKnown);
  node.append(...known.map((child) => (child instanceof Node ? child : String(child))));
  return node;
}

/** A drop-down list of [value, text]; `onchange` is called with the value chosen. */
function select(options, chosen, onchange) {
  const items = options.map(([value, text]) =>
    el("option", { value, selected: String(value) === String(chosen) ? "" : null }, text),
  );
  const node = el("select", { onchange: () => onchange(node.value) }, items);
  return node;
}

function quiet(text) {
  return el("p", { class: "quiet" }, text);
}

function isKnown(value) {
  return value !== null && value !== undefined;
}

function isNumber(value) {
  return typeof value === "number" && Number.isFinite(value);
}

function fixed(value, digits = 4) {
  return isNumber(value) ? value.toFixed(digits).replace("-", MINUS) : DASH;
}

function signed(value, digits = 4) {
  return isNumber(value) && value > 0 ? `+${fixed(value, digits)}` : fixed(value, digits);
}

/** The order of two values: numbers by size, text as people sort it ("2" before "10"). */
function compareValues(a, b) {
  if (typeof a !== "string") return a - b;
  return a.localeCompare(b, undefined, { numeric: true, sensitivity: "base" });
}

/** Every place of a list. */
function indices(list) {
  return list.map((_, index) => index);
}

const sections = {};

/** Add a headed section; what is drawn goes into `sections[name]`. */
function section(name, heading, ...notes) {
  sections[name] = el("div");
  main.append(el("section", { id: name }, el("h2", {}, heading), notes.map(quiet), sections[name]));
}

/** Say above everything else what went wrong, if anything did. */
function reportTrouble(heading, lines) {
  if (!lines.length) return;
  main.append(
    el("div", { class: "card failed" }, `${heading} (${lines.length}):`, el("pre", {}, lines.join("\n"))),
  );
}
