// A table that sorts by a click on a column's name.

/**
 * A column is {label, value(row), show(row), text, descending, classes, title, attributes(row)}: `text` is
 * aligned to the left, `descending` is its first order, `show` is what a cell holds instead of the value.
 * The first column names the row. Cells without a value stay at the end, the row `total` below all others.
 */
function sortableTable(
  columns,
  rows,
  { sort = null, classes = "", rowClass = () => null, total = null } = {},
) {
  const body = el("tbody");
  const heads = columns.map((column, index) => columnHead(column, index, () => order(index)));

  function draw(sorted) {
    const shown = total ? [...sorted, total] : sorted;
    body.replaceChildren(
      ...shown.map((row) => tableRow(columns, row, row === total ? "total" : rowClass(row))),
    );
  }

  function order(index, descending = nextOrder(columns[index], heads[index])) {
    heads.forEach((head) => head.removeAttribute("aria-sort"));
    heads[index].setAttribute("aria-sort", descending ? "descending" : "ascending");
    draw(sortedRows(rows, columns[index].value, descending));
  }

  if (sort) order(sort.index, sort.descending);
  else draw(rows);
  const head = el("thead", {}, el("tr", {}, heads));
  const table = el("table", { class: classes }, head, body);
  return el("div", { class: "card" }, el("div", { class: "scroll" }, table));
}

function columnHead(column, index, onclick) {
  const classes = [column.text ? "text" : "", index === 0 ? "first" : "", column.classes ?? ""].join(" ");
  const button = el("button", { type: "button", onclick }, column.label);
  return el("th", { scope: "col", class: classes, title: column.title }, button);
}

function tableRow(columns, row, rowClass) {
  const cells = columns.map((column, index) => {
    const shared = { scope: index === 0 ? "row" : null, class: column.text ? "text" : "" };
    const own = column.attributes ? column.attributes(row) : {};
    return el(
      index === 0 ? "th" : "td",
      { ...shared, ...own },
      column.show ? column.show(row) : column.value(row),
    );
  });
  return el("tr", { class: rowClass }, cells);
}

/** Whether a further click sorts from high to low: the column's own order first, then the other one. */
function nextOrder(column, head) {
  const first = Boolean(column.descending);
  const isFirst = head.getAttribute("aria-sort") === (first ? "descending" : "ascending");
  return isFirst ? !first : first;
}

function sortedRows(rows, value, descending) {
  const known = rows.filter((row) => isKnown(value(row)));
  const unknown = rows.filter((row) => !isKnown(value(row)));
  known.sort((a, b) => compareValues(value(a), value(b)) * (descending ? -1 : 1));
  return [...known, ...unknown];
}
