// The picture: shapes and words where nesting puts them. Words are only ever text.
import { data, places, rows, rowsOf } from "./network.js";
import { insideAt, nested } from "./nesting.js";
import { flat } from "./routing.js";
import { byId, listen, state } from "./state.js";

const SVG = "http://www.w3.org/2000/svg", AROUND = 12;
const picture = byId("picture");

/** What is drawn: boxes and open frames by id, the box that shows each row, and the extent. */
export const shown = { groups: new Map(), boxes: new Map(), frames: new Map(), owner: new Map(), w: 0, h: 0 };

function made(kind, attributes, parent, text) {
  const element = document.createElementNS(SVG, kind);
  for (const [key, value] of Object.entries(attributes)) {
    if (value !== null && value !== undefined) element.setAttribute(key, value);
  }
  if (text !== undefined) element.textContent = text;
  parent?.append(element);
  return element;
}

function painted(number) {
  const [fill, stroke, width, dashes, opacity] = data.paints[number];
  return {
    fill: fill ?? "none", stroke, "stroke-width": stroke ? width : null,
    "stroke-dasharray": dashes.length ? dashes.join(" ") : null, opacity: opacity === 1 ? null : opacity,
  };
}

const route = (segments) => segments.map((s, n) => `${n ? (s.length === 2 ? "L" : "C") : "M"}${s.map((v) => Math.round(v * 10) / 10).join(" ")}`).join("");

function item(each, parent) {
  if (each[0] === "t") {
    const [, x, y, font, text] = each, [size, anchor, style, colour, turn] = data.fonts[font];
    made("text", {
      x, y, "font-size": size, fill: colour, "text-anchor": anchor === "start" ? null : anchor,
      "font-weight": style.includes("b") ? "bold" : null, "font-style": style.includes("i") ? "italic" : null,
      transform: turn ? `rotate(${turn} ${x} ${y})` : null,
    }, parent, text);
  } else if (each[0] === "r") {
    const [, x, y, width, height, rx, look] = each;
    made("rect", { x, y, width, height, rx: rx || null, ...painted(look) }, parent);
  } else made("path", { d: route(each[1]), ...painted(each[2]) }, parent);
}

/** Draw a line, its arrowhead where its end is. */
function line(each, parent) {
  const group = made("g", { class: `edge ${each.kind}` }, parent);
  const carried = each.flows.slice(0, 3).map((row) => `${rows[row].name}: ${rows[row].output}`);
  if (carried.length) made("title", {}, group, carried.join("\n"));
  const look = painted(each.paint);
  let path = each.path;
  if (each.arrow) {
    const points = flat(path), [x, y] = points[points.length - 1];
    const before = points.slice(0, -1).reverse().find(([bx, by]) => Math.hypot(x - bx, y - by) > 0.5);
    if (before) {
      const span = Math.hypot(x - before[0], y - before[1]);
      const long = Math.min(4 + 2 * (look["stroke-width"] ?? 1), Math.max(4, 0.75 * span));
      const [ux, uy] = [(x - before[0]) / span, (y - before[1]) / span];
      const foot = [x - ux * long, y - uy * long], half = 0.4 * long;
      const back = Math.min(long * 0.8, span);
      path = path.map((s) => [...s]);
      const last = path[path.length - 1];
      for (let n = last.length === 6 ? 2 : 0; n < last.length; n += 2) { last[n] -= ux * back; last[n + 1] -= uy * back; }
      const corners = [[x, y], [foot[0] - uy * half, foot[1] + ux * half], [foot[0] + uy * half, foot[1] - ux * half]];
      made("path", { d: route(path), ...look }, group);
      made("polygon", { points: corners.map((c) => c.map((v) => Math.round(v * 10) / 10).join(",")).join(" "), fill: look.stroke }, group);
      return;
    }
  }
  made("path", { d: route(path), ...look }, group);
}

function frame(each, parent) {
  const { now, was } = each;
  const button = each.closable ? { tabindex: "0", role: "button", "aria-expanded": "true", "aria-label": `${each.name}, open` } : {};
  const group = made("g", { class: each.closable ? "cluster closable" : "cluster", "data-frame": each.key, ...button }, parent);
  made("title", {}, group, each.name);
  made("rect", { x: now.x, y: now.y, width: now.w, height: now.h, rx: 6, ...painted(each.paint) }, group);
  for (const words of each.words) {
    // Words keep the end of their side at which they stand, or its middle.
    const [, x, y, font] = words, moved = [...words], [, anchor, , , turn] = data.fonts[font];
    const kept = (at, old, size) => (Math.abs(at - old / 2) < 1 ? size / 2 : at < old / 2 ? at : at + size - old);
    moved[1] = now.x + (anchor === "middle" && !turn ? kept(x, was.w, now.w) : x < was.w / 2 ? x : x + now.w - was.w);
    moved[2] = now.y + (turn && anchor === "middle" ? y * now.h / was.h : y < was.h / 2 ? y : y + now.h - was.h);
    item(moved, group);
  }
  if (each.closable) closer(now.x + 1, now.y + 1, group);
}

/** Draw the sign that closes what is open. */
function closer(x, y, parent) {
  const sign = made("g", { class: "less", transform: `translate(${x} ${y})` }, parent);
  made("circle", { r: 4 }, sign);
  made("path", { d: "M-2 0L2 0" }, sign);
}

/** Return what a box tells those who point at it, or hear it. */
export function spoken(own) {
  const behind = behindBox(own), called = String(own.head ?? own.id);
  if (behind.length !== 1) return behind.length ? `${called}\n${behind.length} operators` : called;
  const { name: operator, settings, output } = rows[behind[0]];
  return `${operator}\n${settings}\noutput ${output}`;
}

/** Return the rows behind a box, or behind all that a closed frame holds. */
export function behindBox(own) {
  return own.members ? [...new Set(own.members.filter((each) => !each.port).flatMap(rowsOf))] : rowsOf(own);
}

function draw(net, parent, depth) {
  for (const each of net.frames) frame(each, parent);
  const lines = made("g", { class: "lines" }, parent);
  const ports = [];
  for (const each of net.boxes) {
    if (each.inside) opened(each, parent, depth);
    else if (each.box.port) ports.push(each);
    else box(each, parent);
  }
  // What is open lies below the lines to its ports.
  parent.append(lines);
  for (const each of net.lines) line(each, lines);
  for (const { items, by } of net.notes) {
    const note = made("g", { class: "note", transform: `translate(${by.join(" ")})` }, parent);
    for (const each of items) item(each, note);
  }
  for (const each of net.boxes) if (each.inside) name(each, parent);
  for (const { now } of ports) made("circle", { class: "port", cx: now.x + now.w / 2, cy: now.y + now.h / 2, r: 2 }, parent);
  for (const each of net.boxes) if (!each.inside && !each.box.port) parent.append(shown.groups.get(each.box.id));
}

function box(each, parent) {
  const { box: own, now } = each;
  const classes = each.shut ? "node module shut" : own.look[0];
  const openable = each.shut || own.inside !== null;
  const group = made("g", {
    class: openable ? `${classes} openable` : classes, "data-id": own.id, tabindex: "0", role: "button",
    transform: `translate(${now.x} ${now.y})`, "aria-label": spoken(own), "aria-expanded": openable ? "false" : null,
  }, parent);
  made("title", {}, group, spoken(own));
  if (each.shut) closedFrame(each, group);
  else looks(each, group);
  if (openable) {
    // A small plus at the corner says that there is more in it.
    const sign = made("g", { class: "more", transform: "translate(1 1)" }, group);
    made("circle", { r: 4 }, sign);
    made("path", { d: "M-2 0L2 0M0 -2L0 2" }, sign);
  }
  shown.groups.set(own.id, group);
  shown.boxes.set(own.id, each);
  for (const row of behindBox(own)) if (!shown.owner.has(row)) shown.owner.set(row, own.id);
}

/** Draw what is in a box: its shape as large as it is now, the rest in the middle of it. */
function looks({ box: own, now, w, h }, group) {
  const [shape, ...others] = own.look[3];
  const [dw, dh] = [now.w - w, now.h - h];
  item(dw || dh ? [...shape.slice(0, 3), now.w, now.h, ...shape.slice(5)] : shape, group);
  const inner = dw || dh ? made("g", { transform: `translate(${dw / 2} ${dh / 2})` }, group) : group;
  for (const one of others) item(one, inner);
}

function closedFrame(each, group) {
  const { now, frame: [, , , , , look, , called] } = each;
  made("rect", { x: 0, y: 0, width: now.w, height: now.h, rx: 6, ...painted(look) }, group);
  const [words] = each.frame[6], colour = words ? data.fonts[words[3]][3] : "#555555";
  const turn = now.w < 60 && now.h > now.w ? `rotate(-90 ${now.w / 2} ${now.h / 2})` : null;
  made("text", { x: now.w / 2, y: now.h / 2 + 3, "font-size": 10, "font-weight": "bold", fill: colour, "text-anchor": "middle", transform: turn }, group, called);
}

function opened(each, parent, depth) {
  const { box: own, now } = each;
  const group = made("g", { class: `cluster open depth${depth % 2}`, "data-id": own.id, tabindex: "0", role: "button", "aria-expanded": "true", "aria-label": `${spoken(own)}, open` }, parent);
  made("title", {}, group, `${own.head ?? own.id}: double click closes`);
  made("rect", { x: now.x, y: now.y, width: now.w, height: now.h, rx: 6 }, group);
  shown.groups.set(own.id, group);
  shown.boxes.set(own.id, each);
  shown.frames.set(own.id, each);
  const [x, y] = insideAt(each);
  draw(each.inside, made("g", { class: "inside", transform: `translate(${x} ${y})` }, parent), depth + 1);
}

/** Write the name of an open box above the lines that may run through its frame there. */
function name({ box: own, now }, parent) {
  const group = made("g", { class: "name", "data-id": own.id, transform: `translate(${now.x} ${now.y})` }, parent);
  made("text", { x: 20, y: 13.5, "font-size": 10, "font-weight": "bold" }, group, own.head ?? own.id);
  closer(11, 10, group);
}

function paint() {
  for (const table of [shown.groups, shown.boxes, shown.frames, shown.owner]) table.clear();
  const net = nested(places[state.place], state.open, state.shut);
  const width = net.w + 2 * AROUND, height = net.h + 2 * AROUND;
  const svg = made("svg", {
    width, height, viewBox: `${-AROUND} ${-AROUND} ${width} ${height}`, role: "group", "aria-label": data.title,
    "font-family": 'Helvetica, Arial, "Liberation Sans", Arimo, sans-serif',
  });
  draw(net, made("g", {}, svg), 0);
  shown.w = width; shown.h = height; shown.around = AROUND;
  picture.replaceChildren(svg);
}
listen("place", "open", "shut", paint);

/** Return where a box or an open frame stands in the picture. */
export function rectangle(id) {
  const group = shown.groups.get(id);
  if (!group) return null;
  const { w, h } = shown.boxes.get(id).now;
  let { x, y } = shown.boxes.get(id).now;
  for (let at = group.parentNode; at && at.nodeName === "g"; at = at.parentNode) {
    const by = at.transform?.baseVal?.consolidate()?.matrix;
    if (by) { x += by.e; y += by.f; }
  }
  return { x: x + AROUND, y: y + AROUND, w, h };
}

/** Return the id of the box around an operator that is shown. */
export const boxOf = (row) => shown.owner.get(row);
