// The index: which networks are shown, in which order. What is asked stands in the address.

const form = document.getElementById("filters");
const list = document.getElementById("networks");
const rows = document.querySelector("#compared tbody");
const found = document.getElementById("found");
const fields = [...form.querySelectorAll("input, select")];

// A card and its row of the table belong together; both are in the order of the networks.
const networks = [...list.children].map((card, place) => ({
  card, row: rows.children[place], place, data: card.dataset,
}));

function asked(key) {
  const field = document.getElementById(key);
  return field === null ? "any" : field.value;
}

function within(range, value) {
  if (range === "any") return true;
  if (range === "" || value === undefined) return range === "" && value === undefined;
  const [low, high] = range.split(":").map(Number);
  return Number(value) >= low && Number(value) < high;
}

function matches({ data }) {
  const words = asked("search").toLowerCase().split(/\s+/).filter(Boolean);
  const year = asked("year"), built = asked("built");
  return words.every((word) => data.words.includes(word))
    && (year === "any" || data.year === year)
    && (built === "any" || data.built.split("|").includes(built))
    && within(asked("params"), data.params)
    && within(asked("macs"), data.macs);
}

// What is unknown stands last.
function compare(key, one, other) {
  const a = one.data[key], b = other.data[key];
  if (key === "" || a === b) return one.place - other.place;
  if (a === undefined || b === undefined) return a === undefined ? 1 : -1;
  const order = key === "title" ? a.localeCompare(b, "en", { numeric: true }) : Number(a) - Number(b);
  return order || one.place - other.place;
}

function show() {
  const key = asked("order");
  let count = 0;
  for (const network of [...networks].sort((one, other) => compare(key, one, other))) {
    const shown = matches(network);
    count += Number(shown);
    for (const element of [network.card, network.row]) element.hidden = !shown;
    list.append(network.card);
    rows.append(network.row);
  }
  found.textContent = count === networks.length ? `${count} networks`
    : count ? `${count} of ${networks.length} networks` : "No network is like that.";
}

function remember() {
  const given = fields.filter((field) => field.value !== field.dataset.usual);
  const address = new URLSearchParams(given.map((field) => [field.id, field.value]));
  history.replaceState(null, "", `#${address}`);
}

function recall() {
  const address = new URLSearchParams(location.hash.slice(1));
  for (const field of fields) {
    field.value = field.dataset.usual;
    const value = address.get(field.id);
    if (value !== null) field.value = value;
    if (field.selectedIndex === -1) field.value = field.dataset.usual;
  }
  show();
}

for (const field of fields) field.dataset.usual = field.tagName === "SELECT" ? field.options[0].value : "";
form.hidden = false;
form.addEventListener("input", () => { show(); remember(); });
form.addEventListener("submit", (event) => event.preventDefault());
form.addEventListener("reset", (event) => {
  event.preventDefault();
  for (const field of fields) field.value = field.dataset.usual;
  show();
  remember();
});
window.addEventListener("hashchange", recall);
recall();
