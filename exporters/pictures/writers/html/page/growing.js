// Where everything goes when boxes grow: what is right of one moves right, what is below moves down.
//
// Along each axis a point moves by a shift that never falls from left to right, so that nothing that
// was apart meets, and rows and columns stay in line. Boxes in one column share the room for it.
// Where a picture is a chain of parts with one line between each two, the parts grow by themselves.

const EDGE = 0.5; // what touches a box stands beside it
const REACH = 1e-6;

/**
 * Return a function from a position to its shift, for spans [low, high] of which each grows.
 *
 * The least shift moves things only as far as what is before them makes them, the most as far as the
 * whole grows. Along the flow it is the least, so that what begins side by side still does; across
 * it, midway, so that what grows stays in line with what is before and behind it.
 */
export function shifting(spans, along) {
  const growing = spans.filter((span) => span.by > REACH);
  const ends = growing.map((span) => ({ ...span })).sort((a, b) => a.high - b.high);
  const starts = growing.map((span) => ({ ...span })).sort((a, b) => b.low - a.low);
  const least = (x) => Math.max(0, ...ends.filter((s) => s.before !== undefined && s.high <= x).map((s) => s.before));
  for (const span of ends) span.before = least(span.low) + span.by;
  const after = (x) => Math.max(0, ...starts.filter((s) => s.after !== undefined && s.low >= x).map((s) => s.after));
  for (const span of starts) span.after = after(span.high) + span.by;
  const total = least(Infinity);
  const shift = along ? least : (x) => (least(x) + total - after(x)) / 2;
  return { shift, total };
}

/**
 * Return how points and boxes of a picture move when some of its boxes grow.
 *
 * `boxes` are rectangles {x, y, w, h}, with `grown` {w, h} where one grows; `lines` are lists of
 * points. `move(x, y)` gives the shift of a point, `settle(box)` that of a box's middle, and `extent`
 * is the whole after it.
 */
export function growth(boxes, lines) {
  return part(boxes, lines, around(boxes, lines), runsDown(lines));
}

/** Return whether most lines set out downwards or upwards, else to a side. */
function runsDown(lines) {
  const upright = lines.filter(([[ax, ay], [bx, by]]) => Math.abs(by - ay) > Math.abs(bx - ax));
  return 2 * upright.length > lines.length;
}

const middle = (box) => [box.x + box.w / 2, box.y + box.h / 2];

function around(boxes, lines) {
  const xs = boxes.flatMap((b) => [b.x, b.x + b.w]), ys = boxes.flatMap((b) => [b.y, b.y + b.h]);
  for (const line of lines) for (const [x, y] of line) { xs.push(x); ys.push(y); }
  const least = (all) => all.reduce((a, b) => Math.min(a, b), Infinity);
  const most = (all) => all.reduce((a, b) => Math.max(a, b), -Infinity);
  return { x: [least(xs), most(xs)], y: [least(ys), most(ys)] };
}

function part(boxes, lines, extent, down) {
  if (!boxes.some((box) => box.grown)) return { move: () => [0, 0], settle: () => [0, 0], extent };
  for (const axis of ["x", "y"]) {
    const cuts = waists(boxes, lines, extent, axis);
    if (cuts.length) return chain(boxes, lines, extent, axis, cuts, down);
  }
  const grown = boxes.filter((box) => box.grown);
  const spans = (axis, size) => grown.map((b) => ({ low: b[axis] + EDGE, high: b[axis] + b[size] - EDGE, by: b.grown[size] - b[size] }));
  const x = shifting(spans("x", "w"), !down), y = shifting(spans("y", "h"), down);
  // A box that grew stands in the room that was made for it.
  const within = (axis, at, size, box) => {
    const low = axis.shift(box[at]) - box[size] / 2 + box.grown[size] / 2;
    const high = axis.shift(box[at] + box[size]) + box[size] / 2 - box.grown[size] / 2;
    return Math.min(Math.max(axis.shift(box[at] + box[size] / 2), low), high);
  };
  return {
    move: (px, py) => [x.shift(px), y.shift(py)],
    settle: (box) => (box.grown ? [within(x, "x", "w", box), within(y, "y", "h", box)] : [x.shift(middle(box)[0]), y.shift(middle(box)[1])]),
    extent: { x: [extent.x[0], extent.x[1] + x.total], y: [extent.y[0], extent.y[1] + y.total] },
  };
}

/** Return where a picture can be cut across an axis, with the one line, at most, that runs there. */
function waists(boxes, lines, extent, axis) {
  const [at, size, other] = axis === "x" ? ["x", "w", 1] : ["y", "h", 0];
  const own = 1 - other;
  const spans = boxes.map((b) => [b[at], b[at] + b[size]]).sort((a, b) => a[0] - b[0]);
  const found = [];
  let reach = spans[0][1];
  for (const [low, high] of spans.slice(1)) {
    if (low > reach + EDGE) {
      const cut = (low + reach) / 2;
      const runs = lines.filter((line) => line.some((p) => p[own] < cut) && line.some((p) => p[own] > cut));
      if (runs.length <= 1) found.push({ cut, across: runs.length ? straightAt(runs[0], own, reach, low) : null });
    }
    reach = Math.max(reach, high);
  }
  return found;
}

/** Return where a line runs straight from one part to the next, null where it turns between them. */
function straightAt(line, own, low, high) {
  const other = 1 - own;
  for (let n = 1; n < line.length; n += 1) {
    const [a, b] = [line[n - 1], line[n]].sort((p, q) => p[own] - q[own]);
    if (a[own] <= low + 1 && b[own] >= high - 1 && Math.abs(a[other] - b[other]) < EDGE) return a[other];
  }
  return null;
}

/** Return how the parts of a chain grow: one after the other, each from where its line comes in. */
function chain(boxes, lines, extent, axis, cuts, down) {
  const [at, size, own] = axis === "x" ? ["x", "w", 0] : ["y", "h", 1];
  const cross = axis === "x" ? "y" : "x";
  const bounds = [extent[axis][0] - 1, ...cuts.map((c) => c.cut), extent[axis][1] + 1];
  const parts = [];
  let pushed = 0;
  for (let n = 0; n + 1 < bounds.length; n += 1) {
    const [low, high] = [bounds[n], bounds[n + 1]];
    const inside = boxes.filter((b) => b[at] + b[size] / 2 > low && b[at] + b[size] / 2 < high);
    const held = lines.filter((line) => line.every((p) => p[own] >= low && p[own] <= high));
    const edges = around(inside, held), made = part(inside, held, edges, down);
    const now = { high, made, edges: edges[axis], by: [0, 0] };
    // Along the axis it begins where the one before ends; across it keeps the line straight.
    const straight = cuts[n - 1]?.across ?? null;
    now.by[own] = pushed - (made.extent[axis][0] - edges[axis][0]);
    if (straight === null) now.by[1 - own] = edges[cross][0] - made.extent[cross][0];
    else now.by[1 - own] = acrossAt(parts[n - 1], straight, own, 1) - acrossAt(now, straight, own, 0);
    pushed = now.by[own] + made.extent[axis][1] - edges[axis][1];
    now.behind = pushed;
    parts.push(now);
  }
  const partAt = (here) => parts.find((each) => here < each.high) ?? parts[parts.length - 1];
  const move = (...point) => {
    const here = point[own], each = partAt(here);
    const found = shifted(each, each.made.move(...point));
    // The gap between two parts moves as a whole, so that a line along it stays straight.
    if (here < each.edges[0]) found[own] = parts[parts.indexOf(each) - 1]?.behind ?? 0;
    else if (here > each.edges[1]) found[own] = each.behind;
    return found;
  };
  const settle = (box) => {
    const each = partAt(box[at] + box[size] / 2);
    return shifted(each, each.made.settle(box));
  };
  const crosses = parts.flatMap((each) => each.made.extent[cross].map((v) => v + each.by[1 - own]));
  const whole = {
    [axis]: [extent[axis][0], extent[axis][1] + pushed],
    [cross]: [Math.min(...crosses, extent[cross][0]), Math.max(...crosses, extent[cross][1])],
  };
  return { move, settle, extent: whole };
}

const shifted = (each, by) => [by[0] + each.by[0], by[1] + each.by[1]];

/** Return how far a part moves a line that runs along the axis at a place across it, at one end. */
function acrossAt(each, place, own, end) {
  const along = each.edges[end];
  const point = own ? [place, along] : [along, place];
  return shifted(each, each.made.move(...point))[1 - own];
}
