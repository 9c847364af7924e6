"""A writer: what a picture shows as a Mermaid flowchart, which Markdown pages draw."""

from archgraph.exporters.pictures import Writer, label_lines, tone_of


def write(pages):
    view, lines = pages[0].view, ["flowchart TB"]
    names = {key: f"n{number}" for number, key in enumerate(view.nodes)}
    for key, node in view.nodes.items():
        label = "<br>".join(line.replace('"', "#quot;") for line in label_lines(node))
        lines.append(f'  {names[key]}["{label}"]')
        lines.append(f"  style {names[key]} fill:{tone_of(node).fill}")
    for edge in view.edges:
        arrow = "-->" if edge.kind == "data" else "-.->"
        lines.append(f"  {names[edge.source]} {arrow} {names[edge.target]}")
    return "\n".join([*lines, ""]).encode()


MERMAID = Writer(write, takes="view")
