// The contact sheet of a batch: a card for every bracket, those with flags on demand alone.
const { brackets } = DATA;
const flagged = brackets.filter((bracket) => bracket.flags.length);
const sheet = el("div", { class: "sheet" });
let onlyFlagged = false;

function bracketCard(bracket) {
  const card = el("section", { class: "card bracket", "aria-label": bracket.name });
  const heading = el(
    "h3",
    {},
    el("span", {}, bracket.name),
    bracket.flags.map((flag) => el("span", { class: "flag" }, flag)),
  );
  const notes = bracket.notes.map((note) => el("p", { class: "note" }, note));
  card.append(heading, el("p", { class: "note facts" }, bracket.facts || bracket.output), ...notes);
  if (Object.keys(bracket.pictures).length) card.append(contacts(bracket, card));
  return card;
}

/** The result, and its exposures in small; any of them opens the two under one boundary. */
function contacts(bracket, card) {
  const { result, ...exposures } = bracket.pictures;
  const captions = Object.keys(exposures);
  const open = (left) => {
    const sides = { left, right: "result" };
    const viewer = pictureViewer(bracket.name, bracket.pictures, sides, { strip: false });
    const close = el("button", { class: "plain", onclick: () => comparison.replaceWith(row) }, "Close");
    const comparison = el("div", { class: "comparison" }, viewer, close);
    row.replaceWith(comparison);
    card.scrollIntoView({ block: "nearest" });
  };
  const row = el(
    "div",
    { class: "contacts" },
    thumbnail("result", result, bracket.name, () => open(captions[0])),
    el(
      "div",
      { class: "exposures" },
      captions.map((caption) => thumbnail(caption, exposures[caption], bracket.name, () => open(caption))),
    ),
  );
  return row;
}

function thumbnail(caption, address, name, onclick) {
  return el(
    "button",
    { class: "contact", onclick, title: `Compare ${caption}` },
    el("img", { src: address, alt: `${name}: ${caption}`, loading: "lazy" }),
    el("span", {}, caption),
  );
}

function drawSheet() {
  const shown = onlyFlagged ? flagged : brackets;
  sheet.replaceChildren(...(shown.length ? shown.map(bracketCard) : [quiet("Nothing to look at twice.")]));
}

function onlyFlaggedSwitch() {
  const onchange = (event) => {
    onlyFlagged = event.target.checked;
    drawSheet();
  };
  return el("label", {}, el("input", { type: "checkbox", onchange }), `only flagged (${flagged.length})`);
}

main.append(el("div", { class: "bar" }, onlyFlaggedSwitch()), sheet);
drawSheet();
