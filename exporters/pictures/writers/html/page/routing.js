// How lines follow what they join, and how they go on from a frame's border to a port inside.
// A line is a list of segments, each a list of numbers: its start, then one point or three a segment.

export const flat = (segments) => segments.flatMap((s) => Array.from({ length: s.length / 2 }, (_, n) => [s[2 * n], s[2 * n + 1]]));

function shaped(points, segments) {
  let at = 0;
  return segments.map((s) => Array.from({ length: s.length / 2 }, () => points[at++]).flat());
}

const BESIDE = 4; // a line that ends nearer than this to a box ends at it
const STRAIGHT = 0.5;
const near = (a, b) => Math.abs(a - b) < 0.3;

const CORNER = 16; // a curve no longer than this is a rounded corner, and stays one

/**
 * Return a line between boxes that moved.
 *
 * `ends` are the new first and last points; `move` shifts the points between. Along each axis the
 * points of a straight piece, with the corners at its ends, move by the same, so that the line stays
 * as upright as it was; those at an end move with it.
 */
export function moved(segments, ends, move) {
  const points = flat(segments), last = points.length - 1;
  const found = points.map((point) => [...point]);
  const inCorner = segments.slice(1).flatMap((s) => Array(s.length / 2).fill(s.length > 2));
  for (const axis of [0, 1]) {
    const first = ends[0][axis] - points[0][axis], end = ends[1][axis] - points[last][axis];
    const alike = near(first, end) && !grows(points, 1 - axis, move);
    for (let from = 0, to; from <= last; from = to + 1) {
      to = from;
      while (to < last && Math.abs(points[to + 1][axis] - points[to][axis]) < (inCorner[to] ? CORNER : STRAIGHT)) to += 1;
      let by = move(...points[(from + to) >> 1])[axis]; // on the straight piece, not in its corners
      if (alike || from === 0) by = first;
      else if (to === last) by = end;
      for (let n = from; n <= to; n += 1) found[n][axis] += by;
    }
  }
  found[0] = ends[0]; found[last] = ends[1];
  return upright(shaped(found, segments), segments);
}

/** Let what was straight along an axis, and is between ends that moved apart, step aside halfway. */
function upright(path, before) {
  return path.flatMap((segment, n) => {
    if (!n || segment.length > 2) return [segment];
    const [[ax, ay], [bx, by]] = [path[n - 1].slice(-2), segment];
    const [[ox, oy], [px, py]] = [before[n - 1].slice(-2), before[n]];
    const [aside, down] = [!near(ax, bx), !near(ay, by)];
    if (!aside || !down || (!near(ox, px) && !near(oy, py))) return [segment];
    return near(ox, px) ? [[ax, (ay + by) / 2], [bx, (ay + by) / 2], segment] : [[(ax + bx) / 2, ay], [(ax + bx) / 2, by], segment];
  });
}

/** Return whether something between the ends of a line grows along an axis. */
function grows(points, axis, move) {
  const shifts = points.map((point) => move(...point)[axis]);
  return shifts.some((shift) => !near(shift, shifts[0]));
}

/**
 * Return where a line ends at a box that grew.
 *
 * The end keeps its side of the box, and how far it is from the middle of it. What begins elsewhere,
 * where another line passes, moves with that, and is at no side.
 */
export function ended([x, y], box, now, move = null) {
  const sides = [[Math.abs(y - box.y), "top"], [Math.abs(y - box.y - box.h), "bottom"], [Math.abs(x - box.x), "left"], [Math.abs(x - box.x - box.w), "right"]];
  const side = sides.reduce((a, b) => (b[0] < a[0] - 0.01 ? b : a))[1];
  const far = Math.max(box.x - x, x - box.x - box.w, box.y - y, y - box.y - box.h);
  if (far > BESIDE && move) { const [dx, dy] = move(x, y); return { side: null, at: [x + dx, y + dy] }; }
  if (box.stretched && move) {
    const [dx, dy] = move(x, y);
    if (side === "top" || side === "bottom") return { side, at: [x + dx, side === "top" ? now.y : now.y + now.h] };
    return { side, at: [side === "left" ? now.x : now.x + now.w, y + dy] };
  }
  const within = (value, low, high) => Math.min(Math.max(value, low), high);
  const cx = now.x + now.w / 2 + (x - box.x - box.w / 2), cy = now.y + now.h / 2 + (y - box.y - box.h / 2);
  const dy = y - box.y - box.h / 2, dx = x - box.x - box.w / 2;
  if (side === "top") return { side, at: [within(cx, now.x, now.x + now.w), now.y + (dy + box.h / 2)] };
  if (side === "bottom") return { side, at: [within(cx, now.x, now.x + now.w), now.y + now.h + (dy - box.h / 2)] };
  if (side === "left") return { side, at: [now.x + (dx + box.w / 2), within(cy, now.y, now.y + now.h)] };
  return { side, at: [now.x + now.w + (dx - box.w / 2), within(cy, now.y, now.y + now.h)] };
}

const ORDER = ["top", "right", "bottom", "left"];

/**
 * Return the points from a frame's border to a port inside it, along the margin within the frame.
 *
 * `frame` is the frame, `ring` the rectangle in its margin that lines run on, `solid` what stands
 * in the way of a straight line from the ring to the port.
 */
export function toPort(at, side, port, frame, ring, solid) {
  const [px, py] = port;
  const rays = {
    top: [px, ring.y], bottom: [px, ring.y + ring.h], left: [ring.x, py], right: [ring.x + ring.w, py],
  };
  const cost = (name) => {
    const [x, y] = rays[name];
    const box = { x: Math.min(x, px), y: Math.min(y, py), w: Math.abs(x - px), h: Math.abs(y - py) };
    const hits = solid.filter((b) => b.x < box.x + box.w && box.x < b.x + b.w && b.y < box.y + box.h && box.y < b.y + b.h).length;
    const turns = Math.min((ORDER.indexOf(name) - ORDER.indexOf(side) + 4) % 4, (ORDER.indexOf(side) - ORDER.indexOf(name) + 4) % 4);
    return hits * 1e5 + turns * 40 + box.w + box.h;
  };
  const way = ORDER.reduce((a, b) => (cost(b) < cost(a) ? b : a));
  const enter = { top: [at[0], ring.y], bottom: [at[0], ring.y + ring.h], left: [ring.x, at[1]], right: [ring.x + ring.w, at[1]] }[side];
  const corners = { top: [ring.x, ring.y], right: [ring.x + ring.w, ring.y], bottom: [ring.x + ring.w, ring.y + ring.h], left: [ring.x, ring.y + ring.h] };
  const round = (steps) => {
    // From a side on to the next, clockwise, past the corner between them; or back.
    const found = [];
    let now = ORDER.indexOf(side);
    const goal = ORDER.indexOf(way);
    while (now !== goal) {
      const next = (now + steps + 4) % 4;
      found.push(corners[ORDER[steps > 0 ? next : now]]);
      now = next;
    }
    return [at, enter, ...found, rays[way], port];
  };
  const length = (points) => points.slice(1).reduce((sum, p, n) => sum + Math.abs(p[0] - points[n][0]) + Math.abs(p[1] - points[n][1]), 0);
  const ways = [round(1), round(-1)].sort((a, b) => length(a) - length(b));
  return tidy(ways[0]);
}

/** Return a line without points that it runs straight through. */
function tidy(points) {
  const apart = points.filter((p, n) => !n || !near(p[0], points[n - 1][0]) || !near(p[1], points[n - 1][1]));
  return apart.filter((p, n) => {
    const a = apart[n - 1], b = apart[n + 1];
    return !a || !b || !((near(a[0], p[0]) && near(p[0], b[0])) || (near(a[1], p[1]) && near(p[1], b[1])));
  });
}
