// Reads diagrams with the library that draw.io is made of, whose stencils it adds as draw.io does.
(source) => {
  mxStencilRegistry.getStencil = (name) => {
    if (!name || !name.startsWith("stencil(")) return null;
    const packed = Uint8Array.from(atob(name.slice(8, -1)), (char) => char.charCodeAt(0));
    const words = decodeURIComponent(new TextDecoder().decode(pako.inflateRaw(packed)));
    return new mxStencil(mxUtils.parseXml(words).documentElement);
  };
  const create = mxCellRenderer.prototype.createShape;
  mxCellRenderer.prototype.createShape = function (state) {
    const stencil = mxStencilRegistry.getStencil(state.style.shape);
    return stencil ? new mxShape(stencil) : create.apply(this, arguments);
  };
  const found = { boxes: 0, lines: 0, text: "" };
  document.body.replaceChildren();
  for (const diagram of mxUtils.parseXml(source).getElementsByTagName("diagram")) {
    const words = new XMLSerializer().serializeToString(diagram.firstElementChild);
    const model = mxUtils.parseXml(words).documentElement;
    const place = document.createElement("div");
    place.style.cssText = `position:relative;background:${model.getAttribute("background")}`;
    place.style.width = `${model.getAttribute("pageWidth")}px`;
    place.style.height = `${model.getAttribute("pageHeight")}px`;
    document.body.append(place);
    const graph = new mxGraph(place);
    graph.htmlLabels = true;
    graph.convertValueToString = ({ value }) => value?.getAttribute?.("label") ?? value ?? "";
    new mxCodec(model.ownerDocument).decode(model, graph.getModel());
    for (const cell of Object.values(graph.getModel().cells)) {
      found.boxes += Boolean(cell.vertex);
      found.lines += Boolean(cell.edge && cell.source && cell.target);
    }
  }
  found.text = document.body.innerText;
  return found;
};
