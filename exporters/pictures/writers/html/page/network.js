// What the page knows: operators with their costs, and pictures in which boxes open to others.
//
// A row of `data.rows` is an operator: name, label, and the numbers of its kind, of its groups' names
// and of how its figures come about: extents as name, formula and value, then a formula for each metric.
// A place of `data.places` is a picture: the number of its scene, and the id, the rows and the place
// of the inside of each of its boxes. Scenes hold positions only; equal places share one.

export const data = JSON.parse(document.getElementById("data").textContent);

export const rows = data.rows.map(([name, label, kind, groups, how], index) => ({
  index, name, label, groups: data.groups[groups], how: data.hows[how], ...data.kinds[kind],
}));
export const metrics = data.metrics.map((metric, place) => ({ ...metric, place }));
export const metricOf = (name) => metrics.find((metric) => metric.name === name);
export const valueOf = (row, metric) => rows[row].values[metric.place];

/** Return a line as what it joins, its kind and paint, and its start and segments. */
function drawn([source, target, pen, ...steps]) {
  const [kind, paint, sizes] = data.pens[pen];
  let [x, y, at] = [0, 0, 0];
  const next = () => { x += steps[at]; y += steps[at + 1]; at += 2; return [x / 10, y / 10]; };
  const path = [1, ...sizes].map((size) => Array.from({ length: size }, next).flat());
  return { source, target, kind, paint, path };
}
for (const scene of data.scenes) scene.lines = scene.lines.map(drawn);

/** Return the numbers behind runs of equal steps. */
function unrolled(runs) {
  return runs.flatMap((run) => (Array.isArray(run) ? Array.from({ length: run[1] }, (_, n) => run[0] + n * run[2]) : [run]));
}

export const places = data.places.map((place, index) => {
  const scene = data.scenes[place.scene];
  const ports = new Set(scene.ports);
  const boxes = place.ids.map((id, at) => ({
    at,
    id: typeof id === "number" ? data.rows[id][0] : id,
    head: place.heads[at],
    look: data.looks[scene.boxes[at][0]],
    port: ports.has(at),
    own: unrolled(place.rows[at]),
    inside: place.opens[at] ?? null,
  }));
  return { ...place, index, scene, boxes, flows: place.flows.map(unrolled) };
});
export const views = places.filter((place) => place.kind === "view");
export const placeOf = (key) => places.find((place) => place.key === key);

/** Return the rows of all operators that a picture shows, in the network's order. */
export function rowsIn(place) {
  if (place.kind === "view") place.all ??= rows.map((row) => row.index); // with what is hidden
  place.all ??= [...new Set(place.boxes.filter((box) => !box.port).flatMap(rowsOf))].sort((a, b) => a - b);
  return place.all;
}

/** Return the rows of the operators behind a box. */
export function rowsOf(box) {
  return box.inside === null || box.own.length ? box.own : rowsIn(places[box.inside]);
}

/** Return what operators cost together, null where it is not known of all. */
export function combined(some, metric) {
  if (metric.reduce === "ratio") return ratio(some, metric);
  let found = metric.reduce === "sum" ? 0 : null;
  for (const row of some) {
    const value = valueOf(row, metric);
    if (value === null || value === undefined) return null;
    found = metric.reduce === "sum" ? found + value : Math.max(found ?? value, value);
  }
  return found;
}

/** Return what operators have of one amount for each of another, such as FLOPs for a byte. */
function ratio(some, metric) {
  let [over, under] = [0, 0];
  for (const row of some) {
    const value = valueOf(row, metric);
    if (value === null || value === undefined) return null;
    over += value * rows[row].unders[metric.place];
    under += rows[row].unders[metric.place];
  }
  return under ? over / under : 0;
}

/** Return the boxes around an operator in a picture, the outermost first, itself last. */
export function pathTo(place, row) {
  const found = [];
  for (let at = place; at; ) {
    const box = holders(at).get(row);
    if (!box) break;
    found.push(box);
    at = box.inside === null ? null : places[box.inside];
  }
  return found;
}

/** Return the box of a picture that holds each row. */
function holders(place) {
  if (!place.holders) {
    place.holders = new Map();
    for (const box of place.boxes) {
      if (!box.port) for (const row of rowsOf(box)) if (!place.holders.has(row)) place.holders.set(row, box);
    }
  }
  return place.holders;
}
