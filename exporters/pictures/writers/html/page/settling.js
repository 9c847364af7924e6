// Where each box goes when some grow: stacks stay together, and bars reach as far as their lines.
import { growth } from "./growing.js";
import { flat } from "./routing.js";

const TOUCHING = 0.6;
const WIDE = 0.3; // of a side, between the lines that end at it

/**
 * Give each box its new rectangle, `now`, and return how points move.
 *
 * `boxes` have a rectangle, and `grown` with a width and height where they grow.
 */
export function settled(boxes, lines) {
  const units = stacks(boxes);
  const { move, settle } = growth(units, lines.map((each) => flat(each.segments)));
  for (const unit of units) {
    const [dx, dy] = settle(unit);
    for (const each of unit.boxes) {
      const size = each.grown ?? each;
      each.now = { x: each.x + dx + (each.w - size.w) / 2, y: each.y + dy + (each.h - size.h) / 2, w: size.w, h: size.h };
    }
    if (unit.boxes.length === 1) stretch(unit.boxes[0], lines, move);
  }
  return move;
}

/** Return boxes with those that touch them, as one rectangle each. */
function stacks(boxes) {
  const owner = new Map(boxes.map((each) => [each, [each]]));
  const loose = boxes.filter((each) => !each.grown && !each.shut && !each.box.port).sort((a, b) => a.y - b.y || a.x - b.x);
  const at = new Map();
  for (const each of loose) {
    const above = at.get(Math.round(each.y));
    const held = above?.find((b) => Math.abs(b.y + b.h - each.y) < TOUCHING && b.x < each.x + each.w && each.x < b.x + b.w);
    if (held) { owner.get(held).push(each); owner.set(each, owner.get(held)); }
    for (const end of new Set([Math.floor(each.y + each.h), Math.ceil(each.y + each.h)])) {
      if (!at.has(end)) at.set(end, []);
      at.get(end).push(each);
    }
  }
  return [...new Set(owner.values())].map((held) => {
    if (held.length === 1) return Object.assign(held[0], { boxes: held });
    const x = Math.min(...held.map((b) => b.x)), y = Math.min(...held.map((b) => b.y));
    const w = Math.max(...held.map((b) => b.x + b.w)) - x, h = Math.max(...held.map((b) => b.y + b.h)) - y;
    return { x, y, w, h, boxes: held };
  });
}

/** Let a bar, at which several lines end side by side, reach as far as they do now. */
function stretch(each, lines, move) {
  if (each.grown || each.shut || each.box.port || !each.box.look[0].split(" ").includes("merge")) return;
  const ends = lines.flatMap(({ source, target, segments }) => {
    const points = flat(segments);
    return [...(target === each ? [points[points.length - 1]] : []), ...(source === each ? [points[0]] : [])];
  });
  for (const [axis, at, size] of [[0, "x", "w"], [1, "y", "h"]]) {
    const places = ends.map((point) => point[axis]);
    if (Math.max(...places) - Math.min(...places) < WIDE * each[size] || each[size] < 2 * DOT) continue;
    const middle = (other, length) => each[other] + each[length] / 2;
    const shift = (place) => (axis ? move(middle("x", "w"), place) : move(place, middle("y", "h")))[axis];
    const low = each[at] + shift(each[at]), high = each[at] + each[size] + shift(each[at] + each[size]);
    each.now[at] = low; each.now[size] = high - low;
    each.stretched = true;
  }
}

const DOT = 12;
