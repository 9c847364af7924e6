// A picture with boxes open: their insides in frames, the rest moved along.
import { places } from "./network.js";
import { clipped, isMain } from "./clipping.js";
import { ended, flat, moved, toPort } from "./routing.js";
import { settled } from "./settling.js";

const SIDE = 16, HEAD = 20, TOP = 8, BOTTOM = 12, RING = 8; // the margins in a frame, its name, and where lines run
const CENTRED = 120; // a frame is at most so much larger than it must be for its line to run straight

/**
 * Return what a picture shows, with positions: boxes, lines, frames, and its size.
 *
 * `open` are the ids of boxes that are open, `shut` the keys of frames that are closed.
 */
export function nested(place, open, shut) {
  const { scene } = place;
  const closed = scene.frames.filter((frame) => shut.has(frame[0]) && frame[8].length);
  const gone = new Map(closed.flatMap((frame) => frame[8].map((at) => [at, frame])));
  const boxes = place.boxes.filter((box) => !gone.has(box.at)).map((box) => {
    const [, x, y] = scene.boxes[box.at];
    const [, w, h] = box.look;
    const each = { box, x, y, w, h };
    if (box.inside !== null && open.has(box.id)) {
      each.inside = nested(places[box.inside], open, shut);
    }
    return each;
  });
  for (const frame of closed) {
    const [key, x, y, w, h] = frame;
    boxes.push({ shut: key, frame, x, y, w, h, box: { id: key, head: frame[7], members: frame[8].map((at) => place.boxes[at]) } });
  }
  const at = new Map(boxes.filter((each) => each.box.at !== undefined).map((each) => [each.box.at, each]));
  for (const each of boxes) if (each.shut) for (const n of each.frame[8]) at.set(n, each);
  const lines = scene.lines
    .map((line, number) => ({ line, flows: place.flows[number], source: at.get(line.source), target: at.get(line.target) }))
    .filter(({ source, target }) => source !== target)
    .filter((each, _, all) => !(each.source.shut || each.target.shut) || isMain(each, all));
  for (const each of lines) each.segments = clipped(each);
  for (const each of boxes) if (each.inside) frameFor(each, lines);
  const shift = settled(boxes, lines);
  const found = { place, lines: [], frames: [] };
  // A word beside a line moves as the line does there.
  found.notes = scene.notes.map((items) => {
    const [, x, y, w, h] = items[0];
    return { items, by: shift(x + w / 2, y + h / 2) };
  });
  found.boxes = boxes;
  for (const { line, flows, source, target, segments } of lines) {
    const points = flat(segments);
    const from = ended(points[0], source, source.now, shift), to = ended(points[points.length - 1], target, target.now, shift);
    // At a port the line goes on to its middle.
    const start = source.box.port ? middle(source.now) : from.at;
    const end = target.box.port ? middle(target.now) : to.at;
    const { kind, paint } = line;
    const path = moved(segments, [from.at, to.at], shift);
    if (source.box.port) path[0] = start;
    if (target.box.port) path.push(end);
    found.lines.push({ kind, paint, path, flows, arrow: !target.box.port && !target.inside, ends: [source.box.id, target.box.id] });
    for (const [each, way, out] of [[source, from, true], [target, to, false]]) {
      if (each.inside && way.side) found.lines.push(...portLines(each, way, out, flows, kind, paint));
    }
  }
  for (const frame of scene.frames) if (!closed.includes(frame)) found.frames.push(framed(frame, found.boxes, shift));
  return fromCorner(found);
}

/** Move all of a picture so that it begins at its corner, and tell how large it is. */
function fromCorner(found) {
  const points = [
    ...[...found.boxes, ...found.frames].flatMap(({ now }) => [[now.x, now.y], [now.x + now.w, now.y + now.h]]),
    ...found.lines.flatMap(({ path }) => flat(path)),
  ];
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const [x, y] of points) {
    left = Math.min(left, x); top = Math.min(top, y); right = Math.max(right, x); bottom = Math.max(bottom, y);
  }
  for (const { now } of [...found.boxes, ...found.frames]) { now.x -= left; now.y -= top; }
  for (const line of found.lines) line.path = line.path.map((s) => s.map((v, n) => v - (n % 2 ? top : left)));
  for (const note of found.notes) note.by = [note.by[0] - left, note.by[1] - top];
  return { ...found, w: right - left, h: bottom - top };
}

const middle = (r) => [r.x + r.w / 2, r.y + r.h / 2];

/** Tell how large the frame of an open box is, and where its inside begins in it. */
function frameFor(each, lines) {
  const { inside, box } = each;
  const room = { w: inside.w + 2 * SIDE, h: inside.h + HEAD + TOP + BOTTOM };
  each.grown = { w: Math.max(room.w, 6 * (box.head?.length ?? 0) + 40), h: room.h };
  each.corner = [(each.grown.w - inside.w) / 2, HEAD + TOP];
  // Lines come in at the middle of a side: there stands the port, if that makes it little larger.
  const port = inside.boxes.find((b) => b.box.port && b.box.id.includes("<")) ?? inside.boxes.find((b) => b.box.port);
  const line = lines.find(({ target }) => target === each) ?? lines.find(({ source }) => source === each);
  if (!port || !line) return;
  const points = flat(line.segments);
  const { side } = ended(line.target === each ? points[points.length - 1] : points[0], each, each);
  const [axis, size, from] = side === "left" || side === "right" ? [1, "h", HEAD + TOP] : [0, "w", SIDE];
  const at = from + middle(port.now)[axis], half = Math.max(at, room[size] - at);
  const whole = Math.max(each.grown[size], 2 * half);
  if (whole - each.grown[size] > CENTRED) return;
  each.grown[size] = whole;
  each.corner[axis] = whole / 2 - middle(port.now)[axis];
}

/** Return where an inside begins within the picture around it. */
export const insideAt = ({ now, corner }) => [now.x + corner[0], now.y + corner[1]];

/** Return the lines from a frame's border to the ports inside that bear the same. */
function portLines(each, way, out, flows, kind, paint) {
  const { inside, now } = each;
  const [ox, oy] = insideAt(each);
  const solid = inside.boxes.filter((b) => !b.box.port).map((b) => ({ ...b.now, x: b.now.x + ox, y: b.now.y + oy }));
  const ring = { x: now.x + RING, y: now.y + HEAD + 2, w: now.w - 2 * RING, h: now.h - HEAD - 2 - RING };
  const mark = out ? ">" : "<";
  return inside.boxes
    .filter((b) => b.box.port && b.box.id.includes(mark) && (out ? exits(inside, b) : b.box.own).some((row) => flows.includes(row)))
    .map((b) => {
      const [x, y] = middle(b.now);
      const points = toPort(way.at, way.side, [x + ox, y + oy], now, ring, solid);
      return { kind, paint, path: out ? points.reverse() : points, flows, arrow: false, ends: [], port: true };
    });
}

/** Return the rows of what goes out at a port: of the lines that lead to it. */
function exits(inside, port) {
  return inside.place.scene.lines.flatMap((line, n) => (line.target === port.box.at ? inside.place.flows[n] : []));
}

/** Return a frame around the boxes that it stood around, as far from them as it was. */
function framed(frame, boxes, shift) {
  const [key, x, y, w, h, paint, words, name, inside] = frame;
  const held = boxes.filter((b) => b.x >= x && b.y >= y && b.x + b.w <= x + w && b.y + b.h <= y + h);
  let now;
  if (held.length) {
    const was = bounds(held), is = bounds(held.map((each) => each.now));
    now = { x: is.x - (was.x - x), y: is.y - (was.y - y), w: is.w + w - was.w, h: is.h + h - was.h };
  } else {
    const [ax, ay] = shift(x, y), [bx, by] = shift(x + w, y + h);
    now = { x: x + ax, y: y + ay, w: w + bx - ax, h: h + by - ay };
  }
  return { key, now, was: { x, y, w, h }, paint, words, name, closable: inside.length > 0 };
}

function bounds(all) {
  const x = Math.min(...all.map((r) => r.x)), y = Math.min(...all.map((r) => r.y));
  return { x, y, w: Math.max(...all.map((r) => r.x + r.w)) - x, h: Math.max(...all.map((r) => r.y + r.h)) - y };
}
