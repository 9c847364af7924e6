// The table of costs: a row for each operator of the picture, sorted and found.
import { columnsShown } from "./columns.js";
import { combined, data, places, rows, rowsIn } from "./network.js";
import { exact } from "./numbers.js";
import { boxOf, shown } from "./painting.js";
import { found } from "./searching.js";
import { byId, change, listen, state } from "./state.js";

const MANY = 400; // of more rows only those in sight are made
const body = byId("rows"), scroll = byId("table");
let order = [], columns = [], high = 24, marked = new Set();

function ordered() {
  const all = rowsIn(places[state.place]).filter((row) => !found.rows || found.rows.has(row));
  const column = columns.find((each) => each.key === state.sort?.column);
  if (!column) return all;
  const { down } = state.sort;
  return all.sort((a, b) => {
    const left = column.sortsBy(rows[a]), right = column.sortsBy(rows[b]);
    if (left === right) return a - b;
    if (left === null || left === undefined) return 1;
    if (right === null || right === undefined) return -1;
    return (left < right ? -1 : 1) * (down ? -1 : 1);
  });
}

function line(index) {
  const row = rows[index], made = document.createElement("tr");
  made.dataset.row = index;
  made.tabIndex = -1;
  for (const column of columns) {
    const cell = document.createElement("td");
    cell.className = column.number ? "number" : column.key;
    if (column.key === "name") {
      // It is cut at its beginning, yet read from left to right.
      const words = document.createElement("bdi");
      words.textContent = column.text(row);
      cell.append(words);
      cell.title = row.name;
    } else cell.textContent = column.text(row);
    made.append(cell);
  }
  mark(made);
  return made;
}

function spacer(height) {
  const made = document.createElement("tr"), cell = document.createElement("td");
  made.className = "spacer"; made.setAttribute("aria-hidden", "true");
  cell.colSpan = columns.length; cell.style.height = `${height}px`;
  made.append(cell);
  return made;
}

/** Make the rows in sight; of few rows all. */
function fill(whole = order.length <= MANY) {
  if (whole) { body.replaceChildren(...order.map(line)); return; }
  const count = Math.ceil(scroll.clientHeight / high) + 40;
  const first = Math.max(0, Math.min(order.length - count, Math.floor(scroll.scrollTop / high) - 20));
  const last = Math.min(order.length, first + count);
  body.replaceChildren(spacer(first * high), ...order.slice(first, last).map(line), spacer((order.length - last) * high));
  high = body.children[1]?.offsetHeight || high;
}

function heads() {
  const part = rowsIn(places[state.place]).length < data.rows.length ? places[state.place].title : "";
  byId("columns").replaceChildren(...columns.map((column) => {
    const head = document.createElement("th"), button = document.createElement("button");
    const chosen = state.sort?.column === column.key;
    head.dataset.column = column.key; head.dataset.title = column.title; head.scope = "col";
    head.className = column.number ? "number" : "";
    head.setAttribute("aria-sort", chosen ? (state.sort.down ? "descending" : "ascending") : "none");
    button.type = "button";
    button.textContent = column.title + (chosen ? (state.sort.down ? " ↓" : " ↑") : "");
    button.addEventListener("click", () => sort(column));
    head.append(button);
    return head;
  }));
  // The totals are of what the picture shows: the whole network, or the box that stands alone.
  byId("totals-row").replaceChildren(...columns.map((column) => {
    const cell = document.createElement("td");
    cell.className = column.number ? "number" : column.key;
    if (column.metric) cell.textContent = exact(part ? combined(rowsIn(places[state.place]), column.metric) : data.totals[column.key]);
    else if (column.key === "name") { cell.textContent = part ? `Total of ${part}` : "Total"; cell.title = data.batch; }
    return cell;
  }));
}

function sort(column) {
  const again = state.sort?.column === column.key, downFirst = Boolean(column.number);
  if (again && state.sort.down !== downFirst) change({ sort: null });
  else change({ sort: { column: column.key, down: again ? !state.sort.down : downFirst } });
  document.querySelector(`#columns [data-column="${CSS.escape(column.key)}"] button`)?.focus();
}

function build() {
  if (!state.table) return;
  columns = columnsShown();
  order = ordered();
  byId("costs").setAttribute("aria-rowcount", String(order.length));
  heads();
  fill();
}

function mark(one) {
  const chosen = marked.has(Number(one.dataset.row));
  one.classList.toggle("selected", chosen);
  one.setAttribute("aria-selected", String(chosen));
}

/** Mark the rows of what is picked, and bring the first into sight unless it was picked here. */
export function markRows(some, show) {
  marked = new Set(some);
  for (const one of body.children) if (one.dataset.row) mark(one);
  if (!show || !some.length || !state.table) return;
  const at = order.findIndex((row) => marked.has(row));
  if (at < 0) return;
  scroll.scrollTop = at * high - scroll.clientHeight / 2;
  if (order.length > MANY) fill();
}

const rowAt = (event) => {
  const one = event.target.closest("tr[data-row]");
  return one ? Number(one.dataset.row) : null;
};
body.addEventListener("click", (event) => {
  const row = rowAt(event);
  if (row !== null) change({ picked: { row } });
});
let over = null;
const hover = (group) => {
  over?.classList.remove("hover");
  over = group ?? null;
  over?.classList.add("hover");
};
body.addEventListener("pointerover", (event) => hover(shown.groups.get(boxOf(rowAt(event)))));
body.addEventListener("pointerleave", () => hover(null));
scroll.addEventListener("scroll", () => { if (order.length > MANY) fill(); });
window.addEventListener("beforeprint", () => fill(true));
window.addEventListener("afterprint", () => fill());
listen("place", "sort", "columns", "table", "words", "width", build);
