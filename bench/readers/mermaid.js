// Draws a flowchart as Markdown pages do, strictly; gives how many boxes and lines it has.
async (source) => {
  mermaid.initialize({ startOnLoad: false, securityLevel: "strict" });
  const { svg } = await mermaid.render("drawn", source);
  document.body.innerHTML = svg;
  const count = (selector) => document.querySelectorAll(selector).length;
  return { boxes: count(".node"), lines: count(".edgePaths > *"), text: document.body.innerText };
};
