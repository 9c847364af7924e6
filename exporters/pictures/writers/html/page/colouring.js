// Colours: of kinds with a legend of those that are shown, or of a metric with its bar.
import { combined, data, metricOf, metrics } from "./network.js";
import { figure } from "./numbers.js";
import { behindBox, shown } from "./painting.js";
import { byId, change, listen, state } from "./state.js";

const RAMP = [[247, 251, 255], [198, 219, 239], [107, 174, 214], [33, 113, 181], [8, 48, 107]];
const UNKNOWN = [160, 160, 160];
const SHAPES = "rect, path, polygon, circle, ellipse";
const LINES = { shortcut: "identity shortcut", projection: "projection shortcut", padding: "zero-padded shortcut", crossing: "between GPUs", auxiliary: "in training only" };
let original = new Map(); // recoloured element -> its attributes before

function colour(t) {
  const at = Math.min(RAMP.length - 2, Math.floor(t * (RAMP.length - 1)));
  const part = t * (RAMP.length - 1) - at;
  return RAMP[at].map((c, i) => Math.round(c + (RAMP[at + 1][i] - c) * part));
}
const css = (c) => `rgb(${c.join(",")})`;

function give(element, name, value) {
  if (!original.has(element)) original.set(element, {});
  const kept = original.get(element);
  if (!(name in kept)) kept[name] = element.getAttribute(name);
  element.setAttribute(name, value);
}

function restore() {
  for (const [element, kept] of original) {
    for (const [name, value] of Object.entries(kept)) {
      if (value === null) element.removeAttribute(name); else element.setAttribute(name, value);
    }
  }
  original = new Map();
}

function recolour() {
  restore();
  byId("scale").hidden = !state.metric;
  const closed = [...shown.groups].filter(([id]) => !shown.frames.has(id));
  if (!state.metric) { legend(closed); return; }
  const metric = metricOf(state.metric);
  const values = new Map(closed.map(([id]) => [id, combined(behindBox(shown.boxes.get(id).box), metric)]));
  const known = [...values.values()].filter((v) => v !== null);
  const most = (all, start) => all.reduce((a, b) => Math.max(a, b), start);
  const top = most(known, 0);
  const low = state.log ? known.filter((v) => v > 0).reduce((a, b) => Math.min(a, b), top) : 0;
  const at = (v) => {
    if (v <= 0 || top <= 0) return 0;
    if (!state.log || top === low) return v / top;
    return 0.08 + (0.92 * (Math.log(v) - Math.log(low))) / (Math.log(top) - Math.log(low));
  };
  for (const [id, group] of closed) {
    const value = values.get(id), shape = group.querySelector(SHAPES);
    if (!shape) continue;
    const c = value === null ? UNKNOWN : colour(at(value));
    give(shape, "fill", css(c));
    const dark = 0.299 * c[0] + 0.587 * c[1] + 0.114 * c[2] < 140;
    for (const text of group.querySelectorAll("text")) give(text, "fill", dark ? "#ffffff" : "#10151c");
    // A shortcut inside the box: its arc and the plus stand out from the box's new colour.
    for (const mark of group.querySelectorAll(":scope > rect, :scope > path")) {
      if (mark === shape) continue;
      if (dark) give(mark, "stroke", "#ffffff");
      if ((mark.getAttribute("fill") ?? "none") !== "none") give(mark, "fill", css(c));
    }
  }
  legend(closed);
  for (const end of ["scale-low", "scale-half"]) byId(end).hidden = low === top;
  const half = state.log && low > 0 ? Math.sqrt(low * top) : top / 2;
  byId("scale-name").textContent = `${metric.title}${state.log ? " (log scale)" : ""}`;
  byId("scale-bar").style.background = `linear-gradient(90deg, ${[0, 0.25, 0.5, 0.75, 1].map((t) => css(colour(t))).join(",")})`;
  byId("scale-low").textContent = figure(state.log ? low : 0, metric);
  byId("scale-half").textContent = figure(half >= 10 ? Math.round(half) : half, metric);
  byId("scale-top").textContent = figure(top, metric);
}

/** List what the colours of boxes mean, unless they mean a metric, and what the lines are. */
function legend(closed) {
  const list = byId("legend"), entries = [];
  const fills = new Set(closed.map(([, group]) => group.querySelector(SHAPES)?.getAttribute("fill")));
  if (!state.metric) for (const [words, fill] of data.legend) if (fills.has(fill)) entries.push([words, "box", fill]);
  for (const [kind, words] of Object.entries(LINES)) {
    const path = document.querySelector(`#picture g.edge.${kind} > path`);
    if (path) entries.push([words, "line", path.getAttribute("stroke"), path.hasAttribute("stroke-dasharray")]);
  }
  list.replaceChildren(...entries.map(([words, what, paint, dashed]) => {
    const line = document.createElement("li"), sign = document.createElement("span");
    sign.className = `sign ${what}`;
    if (what === "box") sign.style.background = paint;
    else sign.style.borderTop = `2px ${dashed ? "dashed" : "solid"} ${paint}`;
    line.append(sign, words);
    return line;
  }));
}

for (const metric of metrics) byId("colour").append(new Option(metric.title, metric.name));
byId("colour").addEventListener("change", (event) => change({ metric: event.target.value }));
byId("log").addEventListener("change", (event) => change({ log: event.target.checked }));
listen("place", "open", "shut", "metric", "log", () => {
  byId("colour").value = state.metric;
  byId("log").checked = state.log;
  byId("log").closest("label").hidden = !state.metric;
  recolour();
});
