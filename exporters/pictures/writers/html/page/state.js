// What the page shows, in one place; whoever draws a part of it listens.
import { data, views } from "./network.js";

export const state = {
  place: views[0].index, // the picture: a view of the network, or the inside of one box
  view: views[0].index, // the view to come back to
  open: new Set(), // ids of the boxes that are open, in the order in which they were opened
  shut: new Set(), // keys of frames that are closed
  picked: null, // { id } of a box, or { row } of an operator
  metric: data.metric,
  log: data.log,
  words: "", // that are looked for
  hit: -1, // which of the places where they are is shown
  sort: null, // { column, down }
  columns: null, // those that are shown, null for as many as fit
  table: true,
};

const listeners = [];

/** Call a function with what changed, after every change. */
export function listen(...names) {
  const heard = names.pop();
  listeners.push((changed) => { if (names.some((name) => changed.has(name))) heard(changed); });
}

/** Change what is shown; everyone who shows some of it draws it anew. */
export function change(part) {
  const changed = new Set(Object.keys(part));
  Object.assign(state, part);
  for (const heard of listeners) heard(changed);
}

export const byId = (id) => document.getElementById(id);
