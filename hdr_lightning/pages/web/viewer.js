/**
 * Pictures of one motif side by side: two under a boundary that can be dragged, all of them in a strip below.
 * shots: {caption: address}; sides: {left, right}, the captions shown, which are changed here.
 */
function pictureViewer(title, shots, sides, {controls = [], note = () => "", strip: withStrip = true} = {}) {
  const captions = Object.keys(shots);
  const view = {zoom: 1, x: 0, y: 0, split: 0.5};
  const images = [el("img", {alt: ""}), el("img", {alt: ""})], layers = images.map((image) => el("div", {class: "layer"}, image));
  const divider = el("div", {class: "divider", role: "slider", tabindex: 0, "aria-label": "Boundary between the two pictures", "aria-valuemin": 0, "aria-valuemax": 100});
  const names = [el("span", {class: "side left"}), el("span", {class: "side right"})];
  const frame = el("div", {class: "viewer"}, layers[1], layers[0], divider, names);
  const strip = el("div", {class: "strip"});

  function place() {
    const width = frame.clientWidth, height = frame.clientHeight;
    view.x = Math.min(0, Math.max(width * (1 - view.zoom), view.x));
    view.y = Math.min(0, Math.max(height * (1 - view.zoom), view.y));
    for (const image of images) image.style.transform = `translate(${view.x}px, ${view.y}px) scale(${view.zoom})`;
    layers[0].style.clipPath = `inset(0 ${100 * (1 - view.split)}% 0 0)`;
    divider.style.left = `${100 * view.split}%`;
    divider.setAttribute("aria-valuenow", Math.round(100 * view.split));
    frame.classList.toggle("zoomed", view.zoom > 1);
  }
  function zoomTo(zoom, x = frame.clientWidth / 2, y = frame.clientHeight / 2) {
    zoom = Math.min(8, Math.max(1, zoom));
    view.x = x - (x - view.x) * zoom / view.zoom;
    view.y = y - (y - view.y) * zoom / view.zoom;
    view.zoom = zoom;
    place();
  }
  function put() {
    [sides.left, sides.right].forEach((caption, side) => {
      images[side].src = shots[caption];
      images[side].alt = `${title}: ${caption}`;
      names[side].textContent = caption;
    });
    images[0].decode().then(() => { 
      const shape = images[0].naturalWidth / images[0].naturalHeight;
      frame.style.aspectRatio = shape;
      frame.parentNode.style.maxWidth = `calc(74vh * ${shape})`;
      place();
    }).catch(() => {});
    for (const button of strip.children) button.setAttribute("aria-pressed", button.dataset.caption === sides.right);
  }
  function drag(event, move) {
    const stop = () => { frame.removeEventListener("pointermove", move); frame.removeEventListener("pointerup", stop); frame.removeEventListener("pointercancel", stop); };
    frame.setPointerCapture(event.pointerId);
    frame.addEventListener("pointermove", move);
    frame.addEventListener("pointerup", stop);
    frame.addEventListener("pointercancel", stop);
    event.preventDefault();
  }
  frame.addEventListener("pointerdown", (event) => {
    const start = {x: event.clientX, y: event.clientY, ...{vx: view.x, vy: view.y}}, box = frame.getBoundingClientRect();
    const slide = (moved) => { view.split = Math.min(1, Math.max(0, (moved.clientX - box.left) / box.width)); place(); };
    const pan = (moved) => { view.x = start.vx + moved.clientX - start.x; view.y = start.vy + moved.clientY - start.y; place(); };
    const sliding = event.target === divider || view.zoom === 1;
    if (sliding) slide(event);
    drag(event, sliding ? slide : pan);
  });
  frame.addEventListener("wheel", (event) => {
    if (!event.ctrlKey && view.zoom === 1 && event.deltaY > 0) return;
    const box = frame.getBoundingClientRect();
    zoomTo(view.zoom * (event.deltaY < 0 ? 1.2 : 1 / 1.2), event.clientX - box.left, event.clientY - box.top);
    event.preventDefault();
  }, {passive: false});
  divider.addEventListener("keydown", (event) => {
    const step = {ArrowLeft: -0.02, ArrowRight: 0.02}[event.key];
    if (step) { view.split = Math.min(1, Math.max(0, view.split + step)); place(); event.preventDefault(); }
  });
  const chooser = (side) => select(captions.map((caption) => [caption, caption]), sides[side], (caption) => { sides[side] = caption; put(); });
  const rightChooser = chooser("right");
  if (withStrip) strip.append(...captions.map((caption) => el("button", {type: "button", "data-caption": caption, title: `Show ${caption} on the right`,
    onclick: () => { sides.right = rightChooser.value = caption; put(); }},
    el("img", {src: shots[caption], alt: "", loading: "lazy"}), el("span", {}, el("b", {}, caption), note(caption)))));
  new ResizeObserver(place).observe(frame);
  put();
  return [el("div", {class: "controls"},
      controls, el("label", {}, "left", chooser("left")), el("label", {}, "right", rightChooser),
      el("span", {}, [["\u2212", 1 / 1.5], ["+", 1.5]].map(([text, factor]) => [el("button", {class: "plain", type: "button", "aria-label": factor > 1 ? "Zoom in" : "Zoom out", onclick: () => zoomTo(view.zoom * factor)}, text), " "]))),
    el("div", {class: "card frame"}, frame), withStrip ? strip : null].filter(Boolean);
}
