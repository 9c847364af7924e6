// Opening and closing boxes, and what is looked at then.
import { pathTo, places, rowsOf, views } from "./network.js";
import { shown } from "./painting.js";
import { nextHit } from "./searching.js";
import { change, state } from "./state.js";
import { bringIntoView, fit, focusOn } from "./zooming.js";

const without = (all, one) => new Set([...all].filter((each) => each !== one));

/** Open a box, or a frame that is closed. */
export function open(id) {
  const each = shown.boxes.get(id);
  if (!each || each.inside) return;
  if (each.shut) change({ shut: without(state.shut, id), picked: null });
  else if (each.box.inside === null) return;
  else change({ open: new Set([...state.open, id]), picked: { id } });
  focusOn(each.shut ? null : id);
}

/** Close an open box. */
export function close(id) {
  if (!shown.frames.has(id)) return;
  change({ open: without(state.open, id), picked: { id } });
  focusOn(id);
}

/** Close a frame of the view: all that is in it becomes one box. */
export function shut(key) {
  change({ shut: new Set([...state.shut, key]), picked: { id: key } });
}

/** Open every box that is closed, by one step. */
export function openMore() {
  const closed = [...shown.boxes].filter(([, each]) => !each.inside && !each.shut && each.box.inside !== null);
  if (!closed.length && !state.shut.size) return;
  change({ open: new Set([...state.open, ...closed.map(([id]) => id)]), shut: new Set() });
  fit();
}

/** Close every box. */
export function closeAll() {
  change({ open: new Set(), shut: new Set(), picked: null });
  fit();
}

/** Show a view of the network. */
export function showView(index) {
  change({ place: index, view: index, open: new Set(), shut: new Set(), picked: null, hit: -1 });
  fit();
}

/** Show the inside of a box and nothing around it. */
export function showAlone(index) {
  change({ place: index, picked: null, hit: -1 });
  fit();
}

/** Go back from a box that stands alone to the network. */
export function leave() {
  change({ place: state.view, picked: null, hit: -1 });
  fit();
}

/** Close the innermost open box around what is picked, else the last that was opened; or go back. */
export function closeOne() {
  const id = state.picked?.id;
  const around = id === undefined ? [] : openAround(id);
  const last = [...state.open].filter((each) => shown.frames.has(each)).pop();
  if (around.length) close(around[around.length - 1]);
  else if (state.picked) change({ picked: null });
  else if (last !== undefined) close(last);
  else if (places[state.place].kind !== "view") leave();
}

/** Return the open boxes around a box, and itself where it is open, the outermost first. */
function openAround(id) {
  const each = shown.boxes.get(id);
  if (!each || each.shut) return [];
  const [row] = rowsOf(each.box);
  const path = row === undefined ? [] : pathTo(places[state.place], row).map((box) => box.id);
  return path.slice(0, path.indexOf(id) + 1).filter((one) => shown.frames.has(one));
}

/** Go to the next place where what is looked for stands, opening what hides it. */
export function goToHit(steps) {
  const hit = nextHit(steps);
  if (!hit) return;
  const closed = hit.path.map((box) => box.id);
  const hidden = places[state.place].scene.frames.filter((frame) => state.shut.has(frame[0]));
  const [outer] = [...hit.path, hit.box];
  const shutNow = new Set([...state.shut].filter((key) => !hidden.some((frame) => frame[0] === key && frame[8].includes(outer.at))));
  const part = { hit: hit.at, picked: { id: hit.box.id } };
  if (closed.some((id) => !state.open.has(id))) part.open = new Set([...state.open, ...closed]);
  if (shutNow.size < state.shut.size) part.shut = shutNow;
  change(part);
  bringIntoView(hit.box.id);
}

/** Return the view that is shown, or that the box which stands alone is of. */
export const viewShown = () => views.find((view) => view.index === state.view);
