// How the window is shared and lit: table, its width, full screen, light and dark.
import { byId, change, listen, state } from "./state.js";
import { fit, refit } from "./zooming.js";

const root = document.documentElement, divider = byId("divider"), KEPT = "archgraph-theme";

// ---- light and dark: as the system is, unless one was chosen by hand ------------------------
const system = matchMedia("(prefers-color-scheme: dark)");

/** Return what was chosen; a page may be where nothing can be kept. */
function kept() {
  try { return localStorage.getItem(KEPT); } catch { return null; }
}
function keep(theme) {
  try { localStorage.setItem(KEPT, theme); } catch { /* it holds for this page */ }
}
let chosen = kept();
const dark = () => (chosen === "dark" || chosen === "light" ? chosen === "dark" : root.dataset.drawn === "dark" || system.matches);
function light() { root.dataset.theme = dark() ? "dark" : "light"; }
light();
system.addEventListener("change", light);

/** Turn light to dark and back. */
export function turnTheme() {
  chosen = dark() ? "light" : "dark";
  keep(chosen);
  light();
}

// ---- full screen: the picture alone, for a projector -----------------------------------------
export function fullScreen() {
  if (document.fullscreenElement) document.exitFullscreen();
  else byId("diagram").requestFullscreen?.();
}
document.addEventListener("fullscreenchange", () => {
  byId("full").setAttribute("aria-pressed", String(Boolean(document.fullscreenElement)));
  requestAnimationFrame(fit);
});
byId("full").hidden = !document.fullscreenEnabled;

// ---- the table and its width ------------------------------------------------------------------
export const turnTable = () => change({ table: !state.table });
listen("table", () => {
  byId("main").classList.toggle("alone", !state.table);
  byId("table-toggle").setAttribute("aria-pressed", String(state.table));
  refit();
});
function widen(share) {
  root.style.setProperty("--side", `${Math.min(75, Math.max(15, share))}%`);
  change({ width: share });
}
const shareNow = () => (100 * byId("side").offsetWidth) / document.body.clientWidth;
divider.addEventListener("pointerdown", (event) => divider.setPointerCapture(event.pointerId));
divider.addEventListener("pointermove", (event) => {
  if (divider.hasPointerCapture(event.pointerId)) widen(100 * (1 - event.clientX / document.body.clientWidth));
});
divider.addEventListener("keydown", (event) => {
  const step = { ArrowLeft: 3, ArrowRight: -3 }[event.key];
  if (!step) return;
  widen(shareNow() + step);
  event.preventDefault();
  event.stopPropagation();
});
let before = 0;
new ResizeObserver(() => {
  const now = byId("side").clientWidth;
  if (now && now !== before) { before = now; change({ width: now }); }
}).observe(byId("side"));
