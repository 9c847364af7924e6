// Lays out graphs with ELK or dagre: reads { tool, graphs } as JSON, writes their layouts.
// A graph has nodes [width, height], edges [from, to] and whether its flow runs down.
const fs = require("fs");

const SPACE = { nodes: 14, layers: 22, lines: 7 };

const ELK = {
  "elk.algorithm": "layered",
  "elk.edgeRouting": "ORTHOGONAL",
  "elk.spacing.nodeNode": SPACE.nodes,
  "elk.layered.spacing.nodeNodeBetweenLayers": SPACE.layers,
  "elk.spacing.edgeEdge": SPACE.lines,
  "elk.spacing.edgeNode": SPACE.lines,
  "elk.layered.spacing.edgeEdgeBetweenLayers": SPACE.lines,
  "elk.layered.spacing.edgeNodeBetweenLayers": SPACE.lines,
};

const WRAPPED = {
  "elk.layered.wrapping.strategy": "MULTI_EDGE",
  "elk.aspectRatio": 16 / 9,
};

async function elk(graph, more) {
  const ELKLayout = require("elkjs");
  const laid = await new ELKLayout().layout({
    id: "root",
    layoutOptions: { ...ELK, ...more, "elk.direction": graph.down ? "DOWN" : "RIGHT" },
    children: graph.nodes.map(([width, height], index) => ({ id: `n${index}`, width, height })),
    edges: graph.edges.map(([from, to], index) => ({
      id: `e${index}`,
      sources: [`n${from}`],
      targets: [`n${to}`],
    })),
  });
  const points = ({ startPoint, bendPoints = [], endPoint }) => [startPoint, ...bendPoints, endPoint];
  return {
    boxes: laid.children.map((node) => [node.x, node.y]),
    lines: laid.edges.map((edge) => edge.sections.flatMap(points).map(({ x, y }) => [x, y])),
  };
}

function dagre(graph) {
  const { Graph, layout } = require("@dagrejs/dagre");
  const made = new (Graph || require("@dagrejs/dagre").graphlib.Graph)({ multigraph: true });
  made.setGraph({
    rankdir: graph.down ? "TB" : "LR",
    nodesep: SPACE.nodes,
    ranksep: SPACE.layers,
    edgesep: SPACE.lines,
  });
  graph.nodes.forEach(([width, height], index) => made.setNode(`${index}`, { width, height }));
  graph.edges.forEach(([from, to], index) => made.setEdge(`${from}`, `${to}`, {}, `${index}`));
  layout(made);
  return {
    boxes: graph.nodes.map(([width, height], index) => {
      const { x, y } = made.node(`${index}`);
      return [x - width / 2, y - height / 2];
    }),
    lines: graph.edges.map(([from, to], index) =>
      made.edge(`${from}`, `${to}`, `${index}`).points.map(({ x, y }) => [x, y]),
    ),
  };
}

const TOOLS = { elk: (graph) => elk(graph, {}), "elk-wrapped": (graph) => elk(graph, WRAPPED), dagre };

async function main() {
  const { tool, graphs } = JSON.parse(fs.readFileSync(0, "utf8"));
  const found = [];
  for (const graph of graphs) {
    try {
      found.push(await TOOLS[tool](graph));
    } catch (error) {
      found.push({ error: String(error).split("\n")[0] });
    }
  }
  fs.writeSync(1, JSON.stringify(found));
}

main();
