// What is drawn of lines whose ends are in a frame that is closed.
import { flat } from "./routing.js";

/** Return whether a line stands for all between its boxes: on the main path, if one of them is. */
export function isMain({ source, target, line }, all) {
  const along = (each) => each.source === source && each.target === target && each.line.kind === "data";
  return line.kind === "data" || !all.some(along);
}

/** Return a line as far as the frame that is closed over one of its ends. */
export function clipped({ line, source, target }) {
  let { path } = line;
  if (source.shut) path = reversed(cutAt(reversed(path), source));
  return target.shut ? cutAt(path, target) : path;
}

/** Return a line from its end to its start. */
function reversed(path) {
  const points = flat(path).reverse();
  let at = 1;
  return [points[0], ...path.slice(1).reverse().map((s) => points.slice(at, (at += s.length / 2)).flat())];
}

/** Return a line up to where it enters a rectangle. */
function cutAt(path, box) {
  const inside = ([x, y]) => x > box.x && x < box.x + box.w && y > box.y && y < box.y + box.h;
  const last = path.findIndex((s) => inside(s.slice(-2)));
  if (last < 1) return path;
  const [a, b] = [path[last - 1].slice(-2), path[last].slice(-2)];
  let [low, high] = [0, 1];
  const on = (t) => [a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t];
  for (let n = 0; n < 20; n += 1) { const t = (low + high) / 2; if (inside(on(t))) high = t; else low = t; }
  return [...path.slice(0, last), on(low)];
}
