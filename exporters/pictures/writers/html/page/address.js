// What is shown, in the address behind "#", so that a link shows the same.
import { metricOf, placeOf, places, rows, views } from "./network.js";
import { change, listen, state } from "./state.js";
import { lookAt, lookingAt, whenSettled } from "./zooming.js";

let written = "";

function address() {
  const said = new URLSearchParams();
  if (state.view !== views[0].index) said.set("view", places[state.view].key);
  if (state.place !== state.view) said.set("alone", places[state.place].key);
  for (const id of state.open) said.append("open", id);
  for (const key of state.shut) said.append("shut", key);
  if (state.picked?.id !== undefined) said.set("box", state.picked.id);
  if (state.picked?.row !== undefined) said.set("row", String(state.picked.row));
  const at = lookingAt();
  if (at) said.set("at", [at.x, at.y, at.k].map((v) => Math.round(v * 1000) / 1000).join(","));
  said.set("colour", state.metric);
  if (!state.log) said.set("scale", "linear");
  if (state.words) said.set("find", state.words);
  if (state.sort) said.set("sort", `${state.sort.down ? "-" : ""}${state.sort.column}`);
  if (state.columns) said.set("columns", [...state.columns].join(","));
  if (!state.table) said.set("table", "hidden");
  if (!state.metric) said.delete("colour");
  return said.toString();
}

let waiting = 0;
function write() {
  // Once a frame is enough, however often the wheel turns.
  waiting ||= requestAnimationFrame(() => {
    waiting = 0;
    written = address();
    if (written !== location.hash.slice(1)) history.replaceState(null, "", written ? `#${written}` : location.pathname + location.search);
  });
}

/** Show what the address says. What it does not say is as at the first. */
export function read() {
  const said = new URLSearchParams(location.hash.slice(1));
  const view = placeOf(said.get("view") ?? "") ?? views[0], alone = placeOf(said.get("alone") ?? "");
  const row = Number(said.get("row")), sort = said.get("sort");
  const part = { view: view.index, place: (alone ?? view).index, open: new Set(said.getAll("open")), shut: new Set(said.getAll("shut")), picked: null };
  if (said.has("box")) part.picked = { id: said.get("box") };
  if (said.has("row") && rows[row]) part.picked = { row };
  if (said.has("colour")) part.metric = metricOf(said.get("colour")) ? said.get("colour") : "";
  if (said.has("scale")) part.log = said.get("scale") !== "linear";
  part.words = said.get("find") ?? "";
  if (sort) part.sort = { column: sort.replace(/^-/, ""), down: sort.startsWith("-") };
  if (said.has("columns")) part.columns = new Set(["name", ...said.get("columns").split(",")]);
  part.table = said.get("table") !== "hidden";
  change({ ...part, hit: -1, width: 0 });
  const [x, y, k] = (said.get("at") ?? "").split(",").map(Number);
  lookAt(k > 0 && Number.isFinite(x + y + k) ? { x, y, k } : null);
}

whenSettled(write);
listen("place", "view", "open", "shut", "picked", "metric", "log", "words", "sort", "columns", "table", write);
window.addEventListener("hashchange", () => { if (location.hash.slice(1) !== written) read(); });
