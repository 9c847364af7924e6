// Pan and zoom: by wheel, by drag, with two fingers, by keys.
import { rectangle, shown } from "./painting.js";
import { byId } from "./state.js";

const stage = byId("stage"), picture = byId("picture");
const LEAST = 0.02, MOST = 20;
const READABLE = 0.8; // below this scale words of 8 points cannot be read
const view = { x: 0, y: 0, k: 1, fitted: true };
let settled = () => {};

/** Call a function when the picture was moved by hand. */
export function whenSettled(heard) { settled = heard; }

function place() {
  picture.style.transform = `translate(${view.x}px, ${view.y}px) scale(${view.k})`;
  settled();
}

/** Show all of the picture. */
export function fit() {
  const { clientWidth: w, clientHeight: h } = stage;
  view.k = Math.min(w / shown.w, h / shown.h, 2.5) || 1;
  view.x = (w - shown.w * view.k) / 2;
  view.y = (h - shown.h * view.k) / 2;
  view.fitted = true;
  place();
}

/** Show the picture larger or smaller, around a point of the window. */
export function zoom(factor, x = stage.clientWidth / 2, y = stage.clientHeight / 2) {
  const k = Math.min(MOST, Math.max(LEAST, view.k * factor));
  view.x = x - ((x - view.x) * k) / view.k;
  view.y = y - ((y - view.y) * k) / view.k;
  view.k = k; view.fitted = false;
  place();
}

/** Move the picture by pixels. */
export function pan(dx, dy) { view.x += dx; view.y += dy; view.fitted = false; place(); }

/** Return the point of the picture in the middle, and its scale; null where all of it is shown. */
export function lookingAt() {
  if (view.fitted) return null;
  return { x: (stage.clientWidth / 2 - view.x) / view.k, y: (stage.clientHeight / 2 - view.y) / view.k, k: view.k };
}

/** Show a point of the picture in the middle; with null all of it. */
export function lookAt(at) {
  if (!at) { fit(); return; }
  view.k = at.k; view.fitted = false;
  view.x = stage.clientWidth / 2 - at.x * at.k;
  view.y = stage.clientHeight / 2 - at.y * at.k;
  place();
}

/** Show a point in the middle, as far as no room is lost beside the picture. */
function lookWithin(at) {
  const along = (middle, whole, room) => {
    const half = room / 2 / at.k;
    return whole <= 2 * half ? whole / 2 : Math.min(Math.max(middle, half), whole - half);
  };
  lookAt({ k: at.k, x: along(at.x, shown.w, stage.clientWidth), y: along(at.y, shown.h, stage.clientHeight) });
}

/** Fit again where all was shown. */
export function refit() { if (view.fitted) fit(); else place(); }

/** Show all while it can be read, else one box of it, as large as it can be read. */
export function focusOn(id) {
  const whole = Math.min(stage.clientWidth / shown.w, stage.clientHeight / shown.h);
  const at = id === null ? null : rectangle(id);
  if (whole >= READABLE || !at) { fit(); return; }
  const room = Math.min(stage.clientWidth / (at.w + 60), stage.clientHeight / (at.h + 60));
  const k = Math.min(Math.max(room, READABLE), Math.max(view.k, READABLE), 1.6);
  const large = { w: at.w * k > stage.clientWidth, h: at.h * k > stage.clientHeight };
  lookWithin({
    k,
    x: large.w ? at.x - 12 / k + stage.clientWidth / 2 / k : at.x + at.w / 2,
    y: large.h ? at.y - 12 / k + stage.clientHeight / 2 / k : at.y + at.h / 2,
  });
}

/** Move the picture as little as shows a box whole. */
export function bringIntoView(id) {
  const at = rectangle(id);
  if (!at) return;
  const [l, t] = [view.x + at.x * view.k, view.y + at.y * view.k], [w, h] = [at.w * view.k, at.h * view.k];
  const inside = l >= 0 && t >= 0 && l + w <= stage.clientWidth && t + h <= stage.clientHeight;
  if (inside && view.k >= 0.5) return;
  lookWithin({ k: Math.max(view.k, READABLE), x: at.x + at.w / 2, y: at.y + at.h / 2 });
}

// Fingers and the mouse: one moves the picture, two move and stretch it.
const held = new Map();
export const dragged = { yes: false };
stage.addEventListener("pointerdown", (event) => {
  if (event.target.closest("button, details")) return;
  held.set(event.pointerId, { x: event.clientX, y: event.clientY });
  if (held.size === 1) dragged.yes = false;
});
window.addEventListener("pointermove", (event) => {
  const before = held.get(event.pointerId);
  if (!before) return;
  const now = { x: event.clientX, y: event.clientY };
  if (held.size === 2) {
    const [other] = [...held].filter(([id]) => id !== event.pointerId).map(([, at]) => at);
    const far = (at) => Math.hypot(at.x - other.x, at.y - other.y) || 1;
    const box = stage.getBoundingClientRect();
    zoom(far(now) / far(before), (now.x + other.x) / 2 - box.left, (now.y + other.y) / 2 - box.top);
    dragged.yes = true;
  } else if (dragged.yes || Math.hypot(now.x - before.x, now.y - before.y) > 4) {
    dragged.yes = true;
    stage.classList.add("dragging");
    pan(now.x - before.x, now.y - before.y);
  } else return;
  held.set(event.pointerId, now);
});
for (const end of ["pointerup", "pointercancel"]) {
  window.addEventListener(end, (event) => {
    held.delete(event.pointerId);
    if (!held.size) stage.classList.remove("dragging");
  });
}
stage.addEventListener("wheel", (event) => {
  event.preventDefault();
  const box = stage.getBoundingClientRect();
  const step = event.deltaMode ? 30 * event.deltaY : event.deltaY;
  zoom(Math.exp(-step * (event.ctrlKey ? 0.01 : 0.002)), event.clientX - box.left, event.clientY - box.top);
}, { passive: false });
new ResizeObserver(refit).observe(stage);
