"use strict";
// What every page needs. Text only ever enters the page as text nodes and attributes, so any name is harmless.
const DATA = JSON.parse(document.getElementById("data").textContent);
const main = document.getElementById("main");
const SVG = "http://www.w3.org/2000/svg";

function fill(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (value !== null && value !== undefined && value !== false) node.setAttribute(name, value);
  }
  node.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined).map((child) => child instanceof Node ? child : String(child)));
  return node;
}
const el = (tag, attributes = {}, ...children) => fill(document.createElement(tag), attributes, children);
const svg = (tag, attributes = {}, ...children) => fill(document.createElementNS(SVG, tag), attributes, children);

const isNumber = (value) => typeof value === "number" && Number.isFinite(value);
const fixed = (value, digits = 4) => isNumber(value) ? value.toFixed(digits).replace("-", "\u2212") : "\u2013";
const signed = (value, digits = 4) => isNumber(value) ? (value > 0 ? "+" : "") + fixed(value, digits) : "\u2013";

/** A drop-down list of [value, text]. */
function select(options, chosen, onchange) {
  const node = el("select", {onchange: () => onchange(node.value)},
    options.map(([value, text]) => el("option", {value, selected: String(value) === String(chosen) ? "" : null}, text)));
  return node;
}

/**
 * A table that sorts by a click on a column's name; cells without a value stay at the end.
 * A column is {label, value(row), show(row), text, descending, attributes(row)}; the first one names the row.
 * The row `total` always stays below the others.
 */
function sortableTable(columns, rows, {sort = null, classes = "", rowClass = () => null, total = null} = {}) {
  const body = el("tbody");
  const heads = columns.map((column, index) => el("th",
    {scope: "col", class: [column.text ? "text" : "", index === 0 ? "first" : "", column.classes ?? ""].join(" "), title: column.title},
    el("button", {type: "button", onclick: () => order(index)}, column.label)));
  const draw = (sorted) => body.replaceChildren(...sorted.concat(total ? [total] : []).map((row) => el("tr", {class: row === total ? "total" : rowClass(row)},
    columns.map((column, index) => el(index === 0 ? "th" : "td",
      {scope: index === 0 ? "row" : null, class: column.text ? "text" : "", ...(column.attributes ? column.attributes(row) : {})},
      column.show ? column.show(row) : column.value(row))))));
  function order(index, direction = null) {
    const column = columns[index], head = heads[index];
    direction ??= head.getAttribute("aria-sort") === (column.descending ? "descending" : "ascending") ? !column.descending : column.descending;
    heads.forEach((other) => other.removeAttribute("aria-sort"));
    head.setAttribute("aria-sort", direction ? "descending" : "ascending");
    const known = rows.filter((row) => isKnown(column.value(row))), unknown = rows.filter((row) => !isKnown(column.value(row)));
    known.sort((a, b) => compareValues(column.value(a), column.value(b)) * (direction ? -1 : 1));
    draw([...known, ...unknown]);
  }
  if (sort) order(sort.index, sort.descending); else draw(rows);
  return el("div", {class: "card"}, el("div", {class: "scroll"}, el("table", {class: classes}, el("thead", {}, el("tr", {}, heads)), body)));
}
const isKnown = (value) => value !== null && value !== undefined;
const compareValues = (a, b) => typeof a === "string" ? a.localeCompare(b, undefined, {numeric: true, sensitivity: "base"}) : a - b;

const sections = {};

function section(name, heading, ...notes) {
  sections[name] = el("div");
  main.append(el("section", {id: name}, el("h2", {}, heading), notes.map((note) => el("p", {class: "quiet"}, note)), sections[name]));
}
