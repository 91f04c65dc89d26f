// Pictures of one scene side by side: two under a boundary that can be dragged, all of them in a strip below.
const LARGEST_ZOOM = 8;

/**
 * Nodes of the viewer.
 * shots: {caption: address}; sides: {left, right}, the captions shown, which are changed here.
 */
function pictureViewer(
  title,
  shots,
  sides,
  { controls = [], note = () => "", strip: withStrip = true } = {},
) {
  const captions = Object.keys(shots);
  const stage = pictureStage();

  function showBoth() {
    stage.show("left", shots[sides.left], `${title}: ${sides.left}`, sides.left);
    stage.show("right", shots[sides.right], `${title}: ${sides.right}`, sides.right);
    for (const button of strip.children) {
      button.setAttribute("aria-pressed", button.dataset.caption === sides.right);
    }
  }

  function chooser(side) {
    const options = captions.map((caption) => [caption, caption]);
    return select(options, sides[side], (caption) => {
      sides[side] = caption;
      showBoth();
    });
  }

  const rightChooser = chooser("right");
  function showOnRight(caption) {
    sides.right = rightChooser.value = caption;
    showBoth();
  }

  const small = captions.map((caption) => stripButton(caption, shots[caption], note(caption), showOnRight));
  const strip = el("div", { class: "strip" }, withStrip ? small : []);
  showBoth();
  const bar = el(
    "div",
    { class: "controls" },
    controls,
    el("label", {}, "left", chooser("left")),
    el("label", {}, "right", rightChooser),
    el(
      "span",
      {},
      zoomButton("Zoom out", MINUS, 1 / 1.5, stage),
      " ",
      zoomButton("Zoom in", "+", 1.5, stage),
      " ",
    ),
  );
  return [bar, el("div", { class: "card frame" }, stage.frame), ...(withStrip ? [strip] : [])];
}

function stripButton(caption, address, note, show) {
  const attributes = { type: "button", "data-caption": caption, title: `Show ${caption} on the right` };
  return el(
    "button",
    { ...attributes, onclick: () => show(caption) },
    el("img", { src: address, alt: "", loading: "lazy" }),
    el("span", {}, el("b", {}, caption), note),
  );
}

function zoomButton(label, text, factor, stage) {
  const attributes = { class: "plain", type: "button", "aria-label": label };
  return el("button", { ...attributes, onclick: () => stage.zoomBy(factor) }, text);
}

/** Two pictures on top of each other, the left one cut off at the boundary; both zoom and move together. */
function pictureStage() {
  const view = { zoom: 1, x: 0, y: 0, boundary: 0.5, split: false };
  const images = { left: el("img", { alt: "" }), right: el("img", { alt: "" }) };
  const names = { left: el("span", { class: "side left" }), right: el("span", { class: "side right" }) };
  const cut = el("div", { class: "layer" }, images.left);
  const divider = el("div", {
    class: "divider",
    role: "slider",
    tabindex: 0,
    "aria-label": "Boundary between the two pictures; Shift and arrows move what is zoomed",
    "aria-valuemin": 0,
    "aria-valuemax": 100,
  });
  const overlay = el("img", { alt: "", class: "overlay", hidden: "" });
  const below = el("div", { class: "layer" }, images.right, overlay);
  const frame = el("div", { class: "viewer" }, below, cut, divider, names.left, names.right);

  const parts = () => (view.split ? 2 : 1);
  const width = () => frame.clientWidth / parts(); // of one picture

  /** Bring the page to what `view` says; the pictures always fill the frame. */
  function update() {
    view.x = clamp(view.x, width() * (1 - view.zoom), 0);
    view.y = clamp(view.y, frame.clientHeight * (1 - view.zoom), 0);
    for (const image of [...Object.values(images), overlay]) {
      image.style.transform = `translate(${view.x}px, ${view.y}px) scale(${view.zoom})`;
    }
    cut.style.clipPath = view.split ? "none" : `inset(0 ${100 * (1 - view.boundary)}% 0 0)`;
    divider.hidden = view.split;
    frame.classList.toggle("split", view.split);
    divider.style.left = `${100 * view.boundary}%`;
    divider.setAttribute("aria-valuenow", Math.round(100 * view.boundary));
    frame.classList.toggle("zoomed", view.zoom > 1);
  }

  /** Zoom by a factor; the point (x, y) of the frame, by default its centre, stays where it is. */
  function zoomBy(factor, x = width() / 2, y = frame.clientHeight / 2) {
    const zoom = clamp(view.zoom * factor, 1, Math.max(LARGEST_ZOOM, 2 * zoomOfPixels()));
    view.x = x - ((x - view.x) * zoom) / view.zoom;
    view.y = y - ((y - view.y) * zoom) / view.zoom;
    view.zoom = zoom;
    update();
  }

  /** The zoom at which a pixel of the picture is one of the screen. */
  function zoomOfPixels() {
    const pixels = Math.max(images.left.naturalWidth, images.right.naturalWidth);
    return pixels / (width() * devicePixelRatio || 1);
  }

  /** Lay a picture over the right one, or none. */
  function lay(address) {
    overlay.hidden = !address;
    if (address) overlay.src = address;
  }

  function moveBoundary(share) {
    view.boundary = clamp(share, 0, 1);
    update();
  }

  function show(side, address, description, caption) {
    images[side].src = address;
    images[side].alt = description;
    names[side].textContent = caption;
    if (side === "left") images.left.decode().then(takeShape, () => {});
  }

  function takeShape() {
    const shape = images.left.naturalWidth / images.left.naturalHeight;
    frame.style.aspectRatio = shape * parts();
    frame.parentNode.style.maxWidth = `calc(74vh * ${shape * parts()})`;
    update();
  }

  /** Show the two side by side, each as a whole, or under their boundary. */
  function split(isSplit) {
    view.split = isSplit;
    takeShape();
  }

  frame.addEventListener("pointerdown", (event) => {
    const box = frame.getBoundingClientRect();
    const start = { x: view.x - event.clientX, y: view.y - event.clientY };
    const slide = (moved) => moveBoundary((moved.clientX - box.left) / box.width);
    const pan = (moved) => {
      view.x = start.x + moved.clientX;
      view.y = start.y + moved.clientY;
      update();
    };
    const isSliding = !view.split && (event.target === divider || view.zoom === 1);
    if (isSliding) slide(event);
    followPointer(frame, event, isSliding ? slide : pan);
  });
  const onwheel = (event) => {
    const isScrolling = !event.ctrlKey && view.zoom === 1 && event.deltaY > 0;
    if (isScrolling) return;
    const box = frame.getBoundingClientRect();
    const x = (event.clientX - box.left) % width();
    zoomBy(event.deltaY < 0 ? 1.2 : 1 / 1.2, x, event.clientY - box.top);
    event.preventDefault();
  };
  frame.addEventListener("wheel", onwheel, { passive: false });
  divider.addEventListener("keydown", (event) => {
    const [x, y] =
      { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key] || [];
    const moves = event.shiftKey && view.zoom > 1;
    if (!isNumber(x) || (!x && !moves)) return;
    if (moves) {
      view.x -= 40 * x;
      view.y -= 40 * y;
      update();
    } else moveBoundary(view.boundary + 0.02 * x);
    event.preventDefault();
  });
  new ResizeObserver(update).observe(frame);
  const zoomTo = (zoom) => zoomBy(zoom / view.zoom);
  return { frame, images, show, lay, split, zoomBy, zoomTo, zoomOfPixels };
}

/** Call `move` until the pointer that was pressed is let go. */
function followPointer(frame, event, move) {
  const ends = ["pointerup", "pointercancel"];
  function stop() {
    frame.removeEventListener("pointermove", move);
    ends.forEach((end) => frame.removeEventListener(end, stop));
  }
  frame.setPointerCapture(event.pointerId);
  frame.addEventListener("pointermove", move);
  ends.forEach((end) => frame.addEventListener(end, stop));
  event.preventDefault();
}

function clamp(value, low, high) {
  return Math.min(high, Math.max(low, value));
}
