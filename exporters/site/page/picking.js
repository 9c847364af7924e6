// The page that compares: a table and bars of the networks that are picked, named in the address.

const { columns, networks, notes } = JSON.parse(document.getElementById("networks").textContent);
const form = document.getElementById("picking");
const find = document.getElementById("find");
const choices = document.getElementById("choices");
const picked = document.getElementById("picked");
const shown = document.getElementById("shown");

// An element with a text, or with other elements in it; a text never becomes markup.
function made(tag, inside = "", attributes = {}) {
  const element = document.createElement(tag);
  if (typeof inside === "string") element.textContent = inside;
  else element.append(...inside);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  return element;
}

const boxes = networks.map((network) => {
  const box = made("input", "", { type: "checkbox", value: network.folder });
  const item = made("li", [made("label", [box, ` ${network.title}`])]);
  choices.append(item);
  return { network, box, item };
});

function head({ title, unit }) {
  return unit ? `${title} (${unit})` : title;
}

function table(chosen) {
  const top = made("tr", [made("th", "One image", { scope: "col" }), ...chosen.map((network) =>
    made("th", [made("a", network.title, { href: `../${network.folder}/index.html` })], { scope: "col" }))]);
  const body = made("tbody");
  columns.forEach((column, place) => {
    const texts = chosen.map((network) => network.texts[place]);
    if (texts.every((text) => text === "")) return;
    body.append(made("tr", [made("th", head(column), { scope: "row" }), ...texts.map((text) =>
      made("td", text, text.length > 30 ? { class: "words" } : {}))]));
  });
  return made("div", [made("table", [made("thead", [top]), body])], { class: "scroll", tabindex: "0" });
}

function bars(column, place, chosen) {
  const numbers = chosen.map((network) => network.numbers[place]);
  const most = Math.max(...numbers.filter((number) => number !== null));
  if (!(most > 0)) return [];
  const rows = chosen.map((network, at) => {
    const bar = made("div", "", { class: "bar", "aria-hidden": "true" });
    bar.style.width = `${100 * (numbers[at] ?? 0) / most}%`;
    bar.hidden = numbers[at] === null;
    return made("tr", [made("th", network.title, { scope: "row" }),
      made("td", network.texts[place], { class: "number" }), made("td", [bar])]);
  });
  const whole = made("table", [made("caption", head(column)), made("tbody", rows)], { class: "bars" });
  return [made("div", [whole], { class: "scroll" })];
}

function show() {
  const chosen = boxes.filter(({ box }) => box.checked).map(({ network }) => network);
  picked.textContent = chosen.length > 1 ? `${chosen.length} networks` : "Pick two or more networks.";
  shown.replaceChildren();
  if (chosen.length < 2) return;
  shown.append(table(chosen));
  columns.forEach((column, place) => {
    if (column.bars) shown.append(...bars(column, place, chosen));
  });
  const own = notes.filter((note) => !networks.some(({ name }) => note.startsWith(`${name}: `)));
  shown.append(...own.map((note) => made("p", note, { class: "soft note" })));
}

function narrow() {
  const words = find.value.toLowerCase().split(/\s+/).filter(Boolean);
  for (const { network, box, item } of boxes) {
    const text = `${network.name} ${network.title}`.toLowerCase();
    item.hidden = !box.checked && !words.every((word) => text.includes(word));
  }
}

function remember() {
  const names = boxes.filter(({ box }) => box.checked).map(({ box }) => encodeURIComponent(box.value));
  history.replaceState(null, "", `#${names.join(",")}`);
}

function recall() {
  const names = location.hash.slice(1).split(",").map(decodeURIComponent);
  for (const { box } of boxes) box.checked = names.includes(box.value);
  narrow();
  show();
}

document.getElementById("unscripted").hidden = true;
form.hidden = false;
form.addEventListener("input", (event) => {
  narrow();
  if (event.target === find) return;
  show();
  remember();
});
form.addEventListener("submit", (event) => event.preventDefault());
form.addEventListener("reset", (event) => {
  event.preventDefault();
  find.value = "";
  for (const { box } of boxes) box.checked = false;
  narrow();
  show();
  remember();
});
window.addEventListener("hashchange", recall);
recall();
