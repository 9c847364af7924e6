// Search: what fits is marked and counted; Enter goes from one to the next, opening what hides it.
import { pathTo, places, rows, rowsIn, rowsOf } from "./network.js";
import { shown } from "./painting.js";
import { byId, change, listen, state } from "./state.js";

/** The rows that fit, null where nothing is looked for, and the boxes that they are found at. */
export const found = { rows: null, hits: [] };

// "3x3 conv" or "64 x 56" means the sign that pictures show, with or without spaces.
const simple = (text) => text.toLowerCase().replace(/(\d)\s*[x×]\s*(?=\d)/g, "$1×").replace(/\s+/g, " ").trim();
let texts = null;

function look() {
  const words = simple(state.words);
  found.rows = null; found.hits = [];
  if (!words) return;
  texts ??= rows.map((row) => ({
    own: simple([row.name, row.label ?? "", row.words, row.op, row.settings, row.output].join(" ")), groups: simple(row.groups),
  }));
  const place = places[state.place], all = rowsIn(place);
  const own = new Set(all.filter((row) => texts[row].own.includes(words)));
  const fits = new Set(all.filter((row) => own.has(row) || texts[row].groups.includes(words)));
  const hits = new Map(), seen = new Map();
  const bears = (box) => {
    if (!seen.has(box)) seen.set(box, box.inside !== null && simple(`${box.head ?? ""} ${box.id}`).includes(words));
    return seen.get(box);
  };
  for (const row of all) {
    const path = pathTo(place, row);
    let at = path.findIndex(bears);
    if (at < 0 && !fits.has(row)) continue;
    // What only the name of its block says is found at the block.
    if (at < 0 && !own.has(row)) at = path.findIndex((box) => rowsOf(box).every((each) => fits.has(each)));
    if (at < 0) at = own.has(row) ? path.length - 1 : Math.max(path.length - 2, 0);
    fits.add(row);
    if (!path.length) continue; // it is hidden
    const box = path[at];
    if (!hits.has(box)) hits.set(box, { box, path: path.slice(0, at) });
  }
  found.rows = fits;
  found.hits = [...hits.values()];
}

/** Mark the boxes that are found, or that hide what is. */
function mark() {
  const marks = new Set();
  for (const { box, path } of found.hits) marks.add([...path.filter((each) => !shown.frames.has(each.id)), box][0].id);
  for (const [id, group] of shown.groups) group.classList.toggle("match", marks.has(id));
  const count = found.hits.length, operators = found.rows?.size ?? 0;
  let said = "";
  if (state.words.trim()) said = count ? `${count} found, ${operators} ${operators === 1 ? "operator" : "operators"}` : "nothing found";
  if (state.hit >= 0 && count) said = `${state.hit + 1} of ${count}`;
  byId("found").textContent = said;
}

/** Return the hit that is so many further on, from the first again behind the last. */
export function nextHit(steps) {
  const count = found.hits.length;
  if (!count) return null;
  const at = state.hit < 0 ? (steps > 0 ? 0 : count - 1) : (state.hit + steps + count) % count;
  return { at, ...found.hits[at] };
}

byId("search").addEventListener("input", (event) => change({ words: event.target.value, hit: -1 }));
listen("place", "words", look);
listen("place", "open", "shut", "words", "hit", mark);
