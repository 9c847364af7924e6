// The beginning: show what the address says.
import { read } from "./address.js";
import { places } from "./network.js";
import { byId, listen, state } from "./state.js";

listen("place", () => {
  const place = places[state.place];
  byId("trail").hidden = place.kind === "view";
  byId("alone-name").textContent = place.title;
});
read();
