// The file that is written: its format, and the command line that does the same.
const FORMATS = [
  ["jpg", "JPEG"],
  ["png", "PNG"],
  ["tif", "TIFF"],
  ["webp", "WebP"],
  ["avif", "AVIF"],
  ["jxl", "JPEG XL"],
  ["exr", "OpenEXR: linear light"],
  ["hdr", "Radiance HDR: linear light"],
];
const LOSSY = ["jpg", "webp", "avif", "jxl"];
const DEEP = ["png", "tif", "jxl"];
const file = { format: "jpg" };

/** Options of the file; what they are is kept in `file`. */
function filePanel(onchange) {
  const node = el("div", {});
  const set = (name, value) => {
    if (value === "" || value === undefined) delete file[name];
    else file[name] = value;
    draw();
    onchange();
  };
  function draw() {
    if (file.format !== "jpg") delete file.hdr;
    if (!DEEP.includes(file.format)) delete file.bits;
    const parts = [
      field(
        "Format",
        select(FORMATS, file.format, (value) => set("format", value)),
      ),
    ];
    if (LOSSY.includes(file.format)) parts.push(qualityField(set));
    if (DEEP.includes(file.format)) {
      const depths = [["", "as the exposures"], ...["8", "16"].map((bits) => [bits, `${bits} bits`])];
      parts.push(
        field(
          "Depth",
          select(depths, file.bits || "", (value) => set("bits", value && Number(value))),
        ),
      );
    }
    if (file.format === "jpg") parts.push(hdrSwitch(set));
    const focused =
      node.contains(document.activeElement) && document.activeElement.closest("label")?.dataset.name;
    node.replaceChildren(...parts);
    for (const label of node.querySelectorAll("label")) label.dataset.name = label.textContent;
    if (focused)
      node
        .querySelector(`label[data-name="${CSS.escape(focused)}"]`)
        ?.querySelector("select,input")
        ?.focus();
  }
  draw();
  return node;
}

function qualityField(set) {
  const output = el("output", {}, file.quality || 95);
  const range = el("input", { type: "range", min: 50, max: 100, step: 1, value: file.quality || 95 });
  range.addEventListener("input", () => (output.textContent = range.value));
  range.addEventListener("change", () => set("quality", Number(range.value)));
  return el("label", { class: "slider plain-range" }, el("span", {}, "Quality"), output, range);
}

function hdrSwitch(set) {
  const box = el("input", { type: "checkbox" });
  box.checked = Boolean(file.hdr);
  box.addEventListener("change", () => set("hdr", box.checked || undefined));
  return el("label", { class: "check" }, box, "Ultra HDR: brighter than white on screens that can");
}

/** The command line that does what is set; `asked` says of what. */
function commandLine(asked) {
  const code = el("code", { tabindex: 0, "aria-label": "Command line" });
  const copy = el("button", { class: "plain small", type: "button" }, "Copy");
  const node = el("div", { class: "command" }, code, copy);
  copy.addEventListener("click", async () => {
    await copyText(code);
    copy.textContent = "Copied";
    setTimeout(() => (copy.textContent = "Copy"), 1500);
  });
  let last = 0;
  async function update() {
    last += 1;
    const mine = last;
    try {
      const { command } = await post("command", asked());
      if (mine === last) code.textContent = command;
    } catch (error) {
      if (mine === last) code.textContent = error.message;
    }
  }
  return { node, update };
}

/** Copy, also where the browser lets pages do so only by a selection. */
async function copyText(node) {
  try {
    await navigator.clipboard.writeText(node.textContent);
  } catch {
    getSelection().selectAllChildren(node);
    document.execCommand("copy");
  }
}

function download(address) {
  const link = el("a", { href: address, download: "" });
  document.body.append(link);
  link.click();
  link.remove();
}
