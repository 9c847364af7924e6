// The interactive page: pan, zoom, search, open and close, colour by a metric, sort, select.
"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const byId = (id) => document.getElementById(id);
  const stage = byId("stage"), picture = byId("picture"), facts = byId("facts");
  const state = { key: data.first, metric: data.metric, log: data.log, selected: null, trail: [], sort: null, found: null };
  const view = { x: 0, y: 0, k: 1 };
  let shapes = new Map(); // node id in the picture -> its <g>
  let owner = new Map(); // row number -> node id in the picture
  let original = new Map(); // recoloured element -> its attributes before

  // ---- numbers ----------------------------------------------------------------------------
  const steps = [["T", 1e12], ["G", 1e9], ["M", 1e6], ["k", 1e3]];
  const binary = [["GiB", 2 ** 30], ["MiB", 2 ** 20], ["KiB", 2 ** 10]];
  const three = (n) => String(Number(n.toPrecision(3)));
  function shown(value, metric) {
    if (value === null || value === undefined) return "unknown";
    if (metric.unit === "B") {
      for (const [unit, size] of binary) if (value >= size) return `${three(value / size)} ${unit}`;
      return `${value} B`;
    }
    const unit = metric.unit ? ` ${metric.unit}` : "";
    for (const [prefix, size] of steps) if (Math.abs(value) >= size) return `${three(value / size)} ${prefix}${unit}`.trim();
    return `${Number.isInteger(value) ? value : three(value)}${unit}`;
  }
  const exact = (value) => (value === null || value === undefined ? "unknown" : value.toLocaleString("en-US"));
  const metricOf = (name) => data.metrics.find((metric) => metric.name === name);

  function combined(rows, metric) {
    let found = metric.reduce === "sum" ? 0 : null;
    for (const row of rows) {
      const value = data.rows[row].values[metric.name];
      if (value === null || value === undefined) return null;
      found = metric.reduce === "sum" ? found + value : Math.max(found ?? value, value);
    }
    return found;
  }

  const here = () => data.pictures[state.key];

  // ---- the picture ------------------------------------------------------------------------
  function show(key, fit = true) {
    state.key = key;
    const chosen = data.pictures[key];
    const parsed = new DOMParser().parseFromString(chosen.svg, "image/svg+xml");
    const svg = document.importNode(parsed.documentElement, true);
    picture.replaceChildren(svg);
    shapes = new Map(); owner = new Map(); original = new Map();
    for (const group of svg.querySelectorAll("g.node")) {
      const facts = chosen.nodes[group.id];
      if (!facts) continue;
      shapes.set(group.id, group);
      for (const row of facts.rows) if (!owner.has(row)) owner.set(row, group.id);
      group.setAttribute("tabindex", "0");
      group.setAttribute("role", "button");
      group.setAttribute("aria-label", group.querySelector("title")?.textContent || group.id);
      group.addEventListener("click", () => { if (!moved) select({ node: group.id }); });
      group.addEventListener("dblclick", (event) => { event.stopPropagation(); open(group.id); });
      group.addEventListener("focus", () => select({ node: group.id }));
      group.addEventListener("pointerenter", () => group.classList.add("hover"));
      group.addEventListener("pointerleave", () => group.classList.remove("hover"));
    }
    // The frame around what is open closes it again.
    for (const frame of svg.querySelectorAll("g.cluster")) {
      if (!chosen.frames.includes(frame.id.replace(/^group /, ""))) continue;
      frame.classList.add("open");
      frame.addEventListener("dblclick", (event) => { event.stopPropagation(); close(); });
    }
    for (const button of document.querySelectorAll(".levels button")) {
      const pressed = button.dataset.key === (chosen.kind === "alone" ? "" : chosen.level);
      button.setAttribute("aria-pressed", String(pressed));
    }
    drawTrail();
    recolour();
    search();
    if (fit) fitted();
    mark();
  }

  // A box opens in its place, or alone where the network is too large for that.
  function open(id, how = "opens") {
    const target = here().nodes[id]?.[how];
    if (!target || target === state.key) return;
    // One box is open at a time: the next takes its place in the trail.
    const instead = here().kind === "place" && data.pictures[target].kind === "place";
    if (!instead) state.trail.push(state.key);
    state.selected = null;
    show(target);
  }
  function close() {
    state.selected = null;
    if (state.trail.length) show(state.trail.pop());
    else if (here().kind === "place") show(here().level);
  }
  function drawTrail() {
    const trail = byId("trail"), before = [...state.trail];
    if (!before.length && here().kind === "place") before.push(here().level);
    trail.replaceChildren();
    trail.hidden = !before.length;
    before.forEach((key, depth) => {
      const button = document.createElement("button");
      button.textContent = data.pictures[key].title;
      button.addEventListener("click", () => { state.trail.length = Math.min(depth, state.trail.length); state.selected = null; show(key); });
      trail.append(button, "›");
    });
    if (before.length) {
      const now = document.createElement("strong");
      now.textContent = here().title;
      trail.append(now, here().kind === "place" ? "open in its place" : "");
    }
  }

  // ---- pan and zoom -----------------------------------------------------------------------
  const place = () => { picture.style.transform = `translate(${view.x}px, ${view.y}px) scale(${view.k})`; };
  function fitted() {
    const svg = picture.firstElementChild, box = svg.viewBox.baseVal;
    svg.setAttribute("width", box.width); svg.setAttribute("height", box.height);
    view.k = Math.min(stage.clientWidth / box.width, stage.clientHeight / box.height) * 0.97 || 1;
    view.x = (stage.clientWidth - box.width * view.k) / 2;
    view.y = (stage.clientHeight - box.height * view.k) / 2;
    place();
  }
  function zoom(factor, x = stage.clientWidth / 2, y = stage.clientHeight / 2) {
    const k = Math.min(40, Math.max(0.05, view.k * factor));
    view.x = x - ((x - view.x) * k) / view.k;
    view.y = y - ((y - view.y) * k) / view.k;
    view.k = k;
    place();
  }
  function pan(dx, dy) { view.x += dx; view.y += dy; place(); }
  let held = null, moved = false;
  stage.addEventListener("pointerdown", (event) => {
    if (event.target.closest("button")) return;
    held = { x: event.clientX, y: event.clientY }; moved = false;
  });
  window.addEventListener("pointermove", (event) => {
    if (!held) return;
    const dx = event.clientX - held.x, dy = event.clientY - held.y;
    if (!moved && Math.hypot(dx, dy) < 4) return;
    moved = true; stage.classList.add("dragging");
    pan(dx, dy); held = { x: event.clientX, y: event.clientY };
  });
  window.addEventListener("pointerup", () => { held = null; stage.classList.remove("dragging"); });
  stage.addEventListener("wheel", (event) => {
    event.preventDefault();
    const box = stage.getBoundingClientRect();
    zoom(Math.exp(-event.deltaY / 400), event.clientX - box.left, event.clientY - box.top);
  }, { passive: false });
  window.addEventListener("resize", fitted);

  // The line between picture and table can be moved, by hand or with the arrow keys.
  const divider = byId("divider");
  function widen(share) {
    document.documentElement.style.setProperty("--side", `${Math.min(75, Math.max(15, share))}%`);
    fitted();
  }
  const shareNow = () => (100 * byId("side").offsetWidth) / document.body.clientWidth;
  divider.addEventListener("pointerdown", (event) => divider.setPointerCapture(event.pointerId));
  divider.addEventListener("pointermove", (event) => {
    if (divider.hasPointerCapture(event.pointerId)) widen(100 * (1 - event.clientX / document.body.clientWidth));
  });
  divider.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: 3, ArrowRight: -3 }[event.key];
    if (!step) return;
    widen(shareNow() + step);
    event.preventDefault(); event.stopPropagation();
  });

  // ---- colour by a metric -----------------------------------------------------------------
  const ramp = [[247, 251, 255], [198, 219, 239], [107, 174, 214], [33, 113, 181], [8, 48, 107]];
  function colour(t) {
    const at = Math.min(ramp.length - 2, Math.floor(t * (ramp.length - 1)));
    const part = t * (ramp.length - 1) - at;
    return ramp[at].map((c, i) => Math.round(c + (ramp[at + 1][i] - c) * part));
  }
  const css = (c) => `rgb(${c.join(",")})`;
  function paint(element, name, value) {
    if (!original.has(element)) original.set(element, {});
    const kept = original.get(element);
    if (!(name in kept)) kept[name] = element.getAttribute(name);
    element.setAttribute(name, value);
  }
  function recolour() {
    for (const [element, kept] of original) {
      for (const [name, value] of Object.entries(kept)) {
        if (value === null) element.removeAttribute(name); else element.setAttribute(name, value);
      }
    }
    original = new Map();
    const scale = byId("scale");
    scale.hidden = !state.metric;
    if (!state.metric) return;
    const metric = metricOf(state.metric), values = new Map();
    for (const id of shapes.keys()) values.set(id, combined(here().nodes[id].rows, metric));
    const known = [...values.values()].filter((v) => v !== null);
    const positive = known.filter((v) => v > 0);
    const top = Math.max(...known, 0), low = state.log ? Math.min(...positive, top) : 0;
    const at = (v) => {
      if (v <= 0 || top <= 0) return 0;
      if (!state.log || top === low) return v / top;
      return 0.08 + (0.92 * (Math.log(v) - Math.log(low))) / (Math.log(top) - Math.log(low));
    };
    for (const [id, value] of values) {
      const group = shapes.get(id);
      const shape = group.querySelector("rect, path, polygon, circle, ellipse");
      if (!shape) continue;
      const c = value === null ? [160, 160, 160] : colour(at(value));
      paint(shape, "fill", css(c));
      const dark = 0.299 * c[0] + 0.587 * c[1] + 0.114 * c[2] < 140;
      for (const text of group.querySelectorAll("text")) paint(text, "fill", dark ? "#ffffff" : "#10151c");
      // A shortcut inside the box: its arc and the plus stand out from the box's new colour.
      for (const mark of group.querySelectorAll("rect, path")) {
        if (mark === shape) continue;
        if (dark) paint(mark, "stroke", "#ffffff");
        if ((mark.getAttribute("fill") ?? "none") !== "none") paint(mark, "fill", css(c));
      }
    }
    // Colour means the metric now: what it meant before leaves the legend, the kinds of lines stay.
    for (const box of document.querySelectorAll("#picture .legend rect")) {
      paint(box, "visibility", "hidden");
      if (box.nextElementSibling) paint(box.nextElementSibling, "visibility", "hidden");
    }
    for (const end of ["scale-low", "scale-half"]) byId(end).hidden = low === top;
    const half = state.log && low > 0 ? Math.sqrt(low * top) : top / 2;
    byId("scale-name").textContent = `${metric.title}${state.log ? " (log scale)" : ""}`;
    byId("scale-bar").style.background = `linear-gradient(90deg, ${[0, 0.25, 0.5, 0.75, 1].map((t) => css(colour(t))).join(",")})`;
    byId("scale-low").textContent = shown(state.log ? low : 0, metric);
    byId("scale-half").textContent = shown(half >= 10 ? Math.round(half) : half, metric);
    byId("scale-top").textContent = shown(top, metric);
  }

  // ---- facts, table, selection ------------------------------------------------------------
  function select(what) {
    state.selected = what;
    mark();
  }
  function rowsSelected() {
    const chosen = state.selected;
    if (!chosen) return here().focus;
    if (chosen.row !== undefined) return [chosen.row];
    return here().nodes[chosen.node]?.rows ?? [];
  }
  function mark() {
    const rows = new Set(rowsSelected());
    const box = state.selected?.node ?? owner.get(state.selected?.row);
    for (const [id, group] of shapes) group.classList.toggle("selected", id === box);
    let first = null;
    for (const line of byId("rows").children) {
      const chosen = rows.has(Number(line.dataset.row));
      line.classList.toggle("selected", chosen);
      line.setAttribute("aria-selected", String(chosen));
      if (chosen && !first) first = line;
    }
    if (first && !state.selected?.row) first.scrollIntoView({ block: "center" });
    showFacts([...rows], box);
  }
  function showFacts(rows, box) {
    facts.replaceChildren();
    const head = document.createElement("h2");
    const list = document.createElement("dl");
    const line = (name, value) => {
      const dt = document.createElement("dt"), dd = document.createElement("dd");
      dt.textContent = name; dd.textContent = value; list.append(dt, dd);
    };
    const button = (words, id, action) => {
      const made = document.createElement("button");
      made.textContent = words; made.id = id;
      made.addEventListener("click", action);
      facts.append(made);
    };
    const sums = (inside) => {
      line("operators", String(inside.length));
      for (const metric of data.metrics) line(metric.title, `${exact(combined(inside, metric))} ${metric.unit}`);
    };
    if (!state.selected && here().kind !== "level") {
      head.textContent = here().title;
      sums(here().kind === "place" ? here().focus : rowsHere());
    } else if (!rows.length) {
      head.textContent = data.title;
      for (const [name, value] of data.facts) line(name, value);
    } else if (rows.length === 1) {
      const row = data.rows[rows[0]];
      head.textContent = row.label ? `${row.label} · ${row.name}` : row.name;
      line("operator", row.settings); line("output", row.output);
      if (row.device !== null) line("device", String(row.device));
      for (const metric of data.metrics) line(metric.title, `${exact(row.values[metric.name])} ${metric.unit}`);
    } else {
      head.textContent = shapes.get(box)?.querySelector("title")?.textContent.split("\n")[0] ?? box ?? "";
      sums(rows);
    }
    facts.append(head, list);
    const node = here().nodes[box];
    if (node?.opens) button("Open this block (Enter)", "open", () => open(box));
    if (node?.alone && node.alone !== node.opens) button("Show it alone", "alone", () => open(box, "alone"));
    if (!state.selected && here().kind !== "level") button("Close (Esc)", "close", close);
  }
  // The rows of the operators that the picture stands for, in the network's order.
  function rowsHere() {
    if (here().kind !== "alone") return [...data.rows.keys()];
    const nodes = Object.values(here().nodes);
    return [...new Set(nodes.flatMap((node) => node.rows))].sort((a, b) => a - b);
  }
  function fillTable() {
    const body = byId("rows"), all = rowsHere();
    body.replaceChildren();
    const order = all.filter((index) => !state.found || state.found.has(index));
    if (state.sort) {
      const { column, down } = state.sort;
      const key = (index) => (column in data.rows[index].values ? data.rows[index].values[column] : data.rows[index][column]);
      order.sort((a, b) => {
        const left = key(a), right = key(b);
        if (left === right) return a - b;
        if (left === null || left === undefined) return 1;
        if (right === null || right === undefined) return -1;
        return (left < right ? -1 : 1) * (down ? -1 : 1);
      });
    }
    for (const index of order) {
      const row = data.rows[index], line = document.createElement("tr");
      line.dataset.row = index; line.tabIndex = -1;
      const cell = (text, kind) => {
        const td = document.createElement("td");
        td.textContent = text; td.className = kind; line.append(td);
        return td;
      };
      cell(row.label ? `${row.label} · ${row.name}` : row.name, "name").title = row.name;
      cell(row.output, "");
      for (const metric of data.metrics) cell(exact(row.values[metric.name]), "number");
      cell(row.op, "");
      line.addEventListener("click", () => select({ row: index }));
      line.addEventListener("pointerenter", () => shapes.get(owner.get(index))?.classList.add("hover"));
      line.addEventListener("pointerleave", () => shapes.get(owner.get(index))?.classList.remove("hover"));
      body.append(line);
    }
    // The totals are of what the picture shows: the whole network, or the block that is open.
    const part = all.length < data.rows.length ? here().title : "";
    for (const td of byId("totals-row").children) {
      const metric = metricOf(td.dataset.column);
      if (metric) td.textContent = exact(part ? combined(all, metric) : data.totals[metric.name]);
      else if (td.dataset.column === "name") td.textContent = part ? `Total of ${part}` : `Total (${data.batch})`;
    }
    for (const head of document.querySelectorAll("thead th")) {
      const chosen = state.sort && head.dataset.column === state.sort.column;
      head.setAttribute("aria-sort", chosen ? (state.sort.down ? "descending" : "ascending") : "none");
      const mark = chosen ? (state.sort.down ? " ↓" : " ↑") : "";
      head.firstElementChild.textContent = head.dataset.title + mark;
    }
    mark();
  }
  function makeTable() {
    const head = byId("columns"), foot = byId("totals-row");
    const numbers = data.metrics.map((metric) => [metric.name, metric.title]);
    const columns = [["name", "Node"], ["output", "Output"], ...numbers, ["op", "Operator"]];
    columns.forEach(([column, title], place) => {
      const number = Boolean(metricOf(column));
      const th = document.createElement("th"), button = document.createElement("button");
      th.dataset.column = column; th.dataset.title = title; th.scope = "col";
      if (number) th.className = "number";
      button.addEventListener("click", () => {
        const again = state.sort?.column === column;
        const downFirst = number;
        if (again && state.sort.down !== downFirst) state.sort = null;
        else state.sort = { column, down: again ? !state.sort.down : downFirst };
        fillTable();
      });
      th.append(button); head.append(th);
      const td = document.createElement("td");
      td.dataset.column = column;
      if (number) td.className = "number";
      foot.append(td);
    });
  }

  // ---- search -----------------------------------------------------------------------------
  // What is typed as "3x3 conv" or "64 x 56" means the sign that pictures show, with or without spaces.
  const simple = (text) => text.toLowerCase().replace(/(\d)\s*[x×]\s*(?=\d)/g, "$1×").replace(/\s+/g, " ").trim();
  const texts = data.rows.map((row) => simple([row.name, row.words, row.op, row.settings, row.output].join(" ")));
  // Rows are found by their own words, else with the boxes that bear the words ("conv3_2–4"). So
  // the boxes that light up and the lines that stay are always of the same operators.
  function foundRows(words) {
    const rows = new Set([...texts.keys()].filter((row) => texts[row].includes(words)));
    if (rows.size) return rows;
    for (const [id, group] of shapes) {
      const label = [...group.querySelectorAll("text")].map((text) => text.textContent).join(" ");
      if (simple(label).includes(words)) here().nodes[id].rows.forEach((row) => rows.add(row));
    }
    return rows;
  }
  function search() {
    const words = simple(byId("search").value);
    state.found = words ? foundRows(words) : null;
    let boxes = 0;
    for (const [id, group] of shapes) {
      const hit = Boolean(words) && here().nodes[id].rows.some((row) => state.found.has(row));
      group.classList.toggle("match", hit);
      boxes += hit;
    }
    fillTable();
    const rows = byId("rows").children.length;
    const some = (count, one, many) => `${count} ${count === 1 ? one : many}`;
    const found = rows ? `${some(boxes, "box", "boxes")}, ${some(rows, "operator", "operators")}` : "nothing found";
    byId("found").textContent = words ? found : "";
  }

  // ---- controls ---------------------------------------------------------------------------
  for (const [key, title] of data.levels) {
    const button = document.createElement("button");
    button.textContent = title; button.dataset.key = key;
    button.addEventListener("click", () => { state.trail = []; show(key); });
    byId("levels").append(button);
  }
  for (const metric of data.metrics) byId("colour").append(new Option(metric.title, metric.name));
  byId("colour").value = state.metric;
  byId("colour").addEventListener("change", (event) => { state.metric = event.target.value; recolour(); });
  byId("log").checked = state.log;
  byId("log").addEventListener("change", (event) => { state.log = event.target.checked; recolour(); });
  byId("search").addEventListener("input", () => search());
  byId("larger").addEventListener("click", () => zoom(1.3));
  byId("smaller").addEventListener("click", () => zoom(1 / 1.3));
  byId("fit").addEventListener("click", fitted);
  byId("theme").addEventListener("click", () => {
    const root = document.documentElement;
    root.dataset.theme = root.dataset.theme === "dark" ? "light" : "dark";
  });
  document.addEventListener("keydown", (event) => {
    const typing = event.target.matches("input, select");
    if (event.key === "Escape") {
      if (typing) { event.target.value = ""; event.target.blur(); search(); }
      else if (state.trail.length || here().kind === "place") close();
      else select(null);
      return;
    }
    if (typing || event.ctrlKey || event.metaKey || event.altKey) return;
    const focused = document.activeElement?.closest?.("g.node");
    const level = data.levels[Number(event.key) - 1];
    if (event.key === "/") byId("search").focus();
    else if (event.key === "+" || event.key === "=") zoom(1.3);
    else if (event.key === "-") zoom(1 / 1.3);
    else if (event.key === "0") fitted();
    else if (level) { state.trail = []; show(level[0]); }
    else if (event.key === "Enter" && focused) open(focused.id);
    else if (event.key === "ArrowLeft") pan(60, 0);
    else if (event.key === "ArrowRight") pan(-60, 0);
    else if (event.key === "ArrowUp") pan(0, 60);
    else if (event.key === "ArrowDown") pan(0, -60);
    else return;
    event.preventDefault();
  });

  makeTable();
  fillTable();
  show(state.key);
})();
