// What is said of the box or operator that is picked, and of the network where none is.
import { combined, data, metrics, places, rows, rowsIn, valueOf } from "./network.js";
import { exact, withUnit } from "./numbers.js";
import { close, leave, open, showAlone } from "./opening.js";
import { behindBox, boxOf, shown } from "./painting.js";
import { byId, listen, state } from "./state.js";
import { markRows } from "./table.js";

const facts = byId("facts");

/** Return the box that is picked, or that shows the operator that is. */
export const pickedBox = () => (state.picked ? state.picked.id ?? boxOf(state.picked.row) : undefined);

const TOLD = 3;

/** Return the sum behind a figure of several operators, the largest first, or the formula of the only one. */
function added(some, metric) {
  if (metric.reduce !== "sum") return "";
  const parts = some.map((row) => ({ name: rows[row].name, value: valueOf(row, metric), row }));
  if (parts.some(({ value }) => value === null || value === undefined)) return "";
  const least = parts.filter(({ value }) => value).sort((a, b) => b.value - a.value);
  if (least.length < 2) return least.length ? rows[least[0].row].how[1][metric.place] : "";
  const first = least.slice(0, least.length > TOLD + 1 ? TOLD : TOLD + 1), rest = least.slice(first.length);
  const shared = common(some.map((row) => rows[row].name));
  const told = first.map(({ name, value }) => `${name.slice(shared)}: ${exact(value)}`);
  if (rest.length) told.push(`${exact(rest.length)} more: ${exact(rest.reduce((sum, { value }) => sum + value, 0))}`);
  return told.join(" + ");
}

/** Return how many characters names share at their beginning: whole words, and no number loses its own. */
function common(names) {
  const [first, ...others] = names;
  let shared = first.lastIndexOf(".") + 1;
  const tells = () => others.every((name) => name.startsWith(first.slice(0, shared))) && !names.some((name) => /^\d/.test(name.slice(shared)));
  while (shared && !tells()) shared = first.lastIndexOf(".", shared - 2) + 1;
  return shared;
}

function tell() {
  const id = pickedBox(), each = shown.boxes.get(id);
  for (const [name, group] of shown.groups) group.classList.toggle("selected", name === id);
  let some = [];
  if (state.picked?.row !== undefined) some = [state.picked.row];
  else if (each) some = behindBox(each.box);
  markRows(some, state.picked?.row === undefined);
  const head = document.createElement("h2"), list = document.createElement("dl"), buttons = document.createElement("p");
  const line = (name, value, how = "") => {
    const dt = document.createElement("dt"), dd = document.createElement("dd");
    dt.textContent = name; dd.textContent = value; list.append(dt, dd);
    if (!how) return;
    const formula = document.createElement("div");
    formula.className = "how"; formula.textContent = `= ${how}`; dd.append(formula);
  };
  const button = (words, name, action) => {
    const made = document.createElement("button");
    made.type = "button"; made.textContent = words; made.id = name;
    made.addEventListener("click", action);
    buttons.append(made);
  };
  const sums = (inside) => {
    line("operators", exact(inside.length));
    for (const metric of metrics) line(metric.title, withUnit(combined(inside, metric), metric), added(inside, metric));
  };
  const place = places[state.place];
  if (some.length === 1) {
    const row = rows[some[0]];
    head.textContent = row.label ? `${row.label} · ${row.name}` : row.name;
    line("operator", row.settings); line("output", row.output);
    if (row.device !== null) line("device", String(row.device));
    const [extents, costs] = row.how;
    for (const [name, formula, value] of extents) line(name, exact(value), formula);
    for (const metric of metrics) line(metric.title, withUnit(valueOf(row.index, metric), metric), costs[metric.place]);
  } else if (some.length) {
    head.textContent = each.box.head ?? each.box.id;
    sums(some);
  } else if (place.kind !== "view") {
    head.textContent = place.title;
    sums(rowsIn(place));
  } else {
    head.textContent = data.title;
    for (const [name, value] of data.facts) line(name, value);
    if (!data.facts.length) sums(rowsIn(place));
  }
  if (each?.inside) button("Close (Esc)", "close", () => close(id));
  else if (each && (each.shut || each.box.inside !== null)) button("Open (Enter)", "open", () => open(id));
  if (each && (each.box.inside ?? null) !== null) button("Show it alone", "alone", () => showAlone(each.box.inside));
  if (!each && place.kind !== "view") button("Back to the network (Esc)", "back", leave);
  facts.replaceChildren(head, list, ...(buttons.childElementCount ? [buttons] : []));
}
listen("place", "open", "shut", "picked", "words", "sort", tell);
