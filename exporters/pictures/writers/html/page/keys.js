// Everything by mouse, finger and keyboard.
import { views } from "./network.js";
import { close, closeAll, closeOne, goToHit, leave, open, openMore, showView, shut } from "./opening.js";
import { shown } from "./painting.js";
import { fullScreen, turnTable, turnTheme } from "./screen.js";
import { byId, change, listen, state } from "./state.js";
import { dragged, fit, pan, zoom } from "./zooming.js";

const picture = byId("picture"), search = byId("search");
const groupAt = (event) => event.target.closest?.("g[data-id]");
const frameAt = (event) => event.target.closest?.("g.cluster.closable");
const turn = (id) => (shown.frames.has(id) ? close(id) : open(id));

picture.addEventListener("click", (event) => {
  if (dragged.yes) return;
  const group = groupAt(event), frame = frameAt(event);
  // The second click of two on a sign would undo what the first did.
  if (event.detail > 1 && event.target.closest(".more, .less")) return;
  if (!group && frame && event.target.closest(".less")) { shut(frame.dataset.frame); return; }
  if (!group) { if (state.picked) change({ picked: null }); return; }
  if (event.target.closest(".more, .less")) turn(group.dataset.id);
  else change({ picked: { id: group.dataset.id } });
});
picture.addEventListener("dblclick", (event) => {
  const group = groupAt(event), frame = frameAt(event);
  if (event.target.closest(".more, .less")) return;
  if (group) turn(group.dataset.id);
  else if (frame) shut(frame.dataset.frame);
});
picture.addEventListener("focusin", (event) => {
  const id = groupAt(event)?.dataset.id;
  if (id !== undefined && state.picked?.id !== id) change({ picked: { id } });
});

const KEYS = {
  "/": () => search.focus(),
  "+": () => zoom(1.3), "=": () => zoom(1.3), "-": () => zoom(1 / 1.3), 0: fit,
  f: fullScreen, t: turnTable, d: turnTheme, o: openMore, c: closeAll,
  ArrowLeft: () => pan(60, 0), ArrowRight: () => pan(-60, 0), ArrowUp: () => pan(0, 60), ArrowDown: () => pan(0, -60),
};

document.addEventListener("keydown", (event) => {
  const inSearch = event.target === search, typing = event.target.matches("input, select, textarea");
  if (inSearch && event.key === "Enter") goToHit(event.shiftKey ? -1 : 1);
  else if (event.key === "Escape") {
    if (inSearch) { search.blur(); change({ words: "", hit: -1 }); }
    else if (document.querySelector("details[open]")) document.querySelector("details[open]").open = false;
    else if (!typing) keepFocus(closeOne);
  } else if (typing || event.ctrlKey || event.metaKey || event.altKey) return;
  else if (event.key === "Enter" || event.key === " ") {
    const { id, frame } = document.activeElement?.dataset ?? {};
    if (id === undefined && frame === undefined) return;
    keepFocus(() => (id === undefined ? shut(frame) : turn(id)));
  } else if (event.key in KEYS) KEYS[event.key]();
  else if (views[Number(event.key) - 1]) showView(views[Number(event.key) - 1].index);
  else return;
  event.preventDefault();
});

/** Leave the focus where it was, though the picture is drawn anew. */
function keepFocus(action) {
  const { id, frame } = document.activeElement?.dataset ?? {};
  action();
  const again = shown.groups.get(state.picked?.id ?? id) ?? picture.querySelector(`[data-frame="${CSS.escape(id ?? frame ?? "")}"]`);
  again?.focus({ preventScroll: true });
}

for (const view of views) {
  const button = document.createElement("button");
  button.type = "button"; button.textContent = view.title; button.dataset.key = view.key;
  button.addEventListener("click", () => showView(view.index));
  byId("levels").append(button);
}
const BUTTONS = {
  larger: () => zoom(1.3), smaller: () => zoom(1 / 1.3), fit, full: fullScreen, theme: turnTheme,
  "table-toggle": turnTable, more: openMore, less: closeAll, next: () => goToHit(1), previous: () => goToHit(-1), leave,
};
for (const [id, action] of Object.entries(BUTTONS)) byId(id).addEventListener("click", action);

listen("place", "view", "words", () => {
  for (const button of document.querySelectorAll("#levels button")) {
    button.setAttribute("aria-pressed", String(state.place === state.view && views.some((view) => view.index === state.view && view.key === button.dataset.key)));
  }
  if (search.value !== state.words) search.value = state.words;
  for (const id of ["next", "previous"]) byId(id).hidden = !state.words;
});
