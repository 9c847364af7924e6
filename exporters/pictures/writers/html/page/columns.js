// The columns of the table: as many as fit are shown, the most asked for first, or those chosen.
import { data, metrics, rows, valueOf } from "./network.js";
import { exact } from "./numbers.js";
import { byId, change, listen, state } from "./state.js";

const named = (row) => (row.label ? `${row.label} · ${row.name}` : row.name);

/** All columns: how each is called, what it says of a row, and what it sorts by. */
export const COLUMNS = [
  { key: "name", title: "Node", text: named, sortsBy: (row) => row.name },
  { key: "output", title: "Output", text: (row) => row.output, sortsBy: (row) => row.output },
  ...metrics.map((metric) => ({
    key: metric.name, title: metric.title, metric, number: true,
    text: (row) => exact(valueOf(row.index, metric)), sortsBy: (row) => valueOf(row.index, metric),
  })),
  { key: "op", title: "Operator", text: (row) => row.op, sortsBy: (row) => row.op },
];

const FIRST = ["name", "macs", "params", "output"];
const NAMES = 190; // pixels: longer names are shortened, and whole where one points at them

/** Return the width that a column needs for all that it says. */
function width(column) {
  const pen = document.createElement("canvas").getContext("2d");
  const style = getComputedStyle(byId("table"));
  pen.font = `600 ${parseFloat(style.fontSize) * 0.85}px ${style.fontFamily}`;
  let longest = `${column.title} ↓`;
  if (column.metric) {
    const known = rows.map((row) => valueOf(row.index, column.metric)).filter((v) => v !== null);
    for (const value of [known.reduce((a, b) => Math.max(a, b), 0), data.totals[column.key]]) {
      if (exact(value).length > longest.length) longest = exact(value);
    }
  } else for (const row of rows) if (column.text(row).length > longest.length) longest = column.text(row);
  const found = pen.measureText(longest).width + 26;
  return column.key === "name" ? Math.min(found, NAMES) : found;
}

let widths = null;

/** Return the columns that are shown. */
export function columnsShown() {
  if (state.columns) return COLUMNS.filter((each) => state.columns.has(each.key));
  widths ??= new Map(COLUMNS.map((each) => [each.key, width(each)]));
  let room = byId("side").clientWidth - 18;
  const wanted = [...COLUMNS].sort((a, b) => (FIRST.indexOf(a.key) + 1 || 99) - (FIRST.indexOf(b.key) + 1 || 99));
  const found = new Set();
  for (const each of wanted) {
    room -= widths.get(each.key);
    if (room < 0 && found.size) break;
    found.add(each.key);
  }
  return COLUMNS.filter((each) => found.has(each.key));
}

/** The menu in which columns are chosen. */
function menu() {
  const list = byId("columns-list"), now = new Set(columnsShown().map((each) => each.key));
  list.replaceChildren(...COLUMNS.map((each) => {
    const label = document.createElement("label"), box = document.createElement("input");
    box.type = "checkbox"; box.checked = now.has(each.key); box.disabled = each.key === "name";
    box.dataset.column = each.key;
    box.addEventListener("change", () => {
      const chosen = new Set(now);
      if (box.checked) chosen.add(each.key); else chosen.delete(each.key);
      change({ columns: chosen });
    });
    label.append(box, ` ${each.title}`);
    return label;
  }));
  byId("columns-name").textContent = now.size < COLUMNS.length ? `Columns (${now.size} of ${COLUMNS.length})` : "Columns";
}
listen("columns", "table", "width", menu);
