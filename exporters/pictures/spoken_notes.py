"""What a presenter reads below a slide: sentences to say, then the cost table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from archgraph.graph import ArchGraph
from archgraph.ops import shape_text
from archgraph.structure import cut, in_flow, structure
from archgraph.units import count_text

from .captions import per_of, title_of
from .dress.spoken import say, spoken

__all__ = ["compared_notes", "notes_of", "sentences_of"]

MOST = 12
"""So many stages are named; of more, how many they are."""
AUTHORS = 4
"""So many authors are named; of more, the first."""


def notes_of(net: ArchGraph) -> str:
    """Return what is said of a network, and the cost table, layers with weights only."""
    return f"{sentences_of(net)}\n\n{_table(net)}".strip()


def compared_notes(nets: Sequence[ArchGraph], what: str = "") -> str:
    """Return what is said of networks beside each other: of each, how they compare, and tables.

    ``what`` are words on how the picture shows them.
    """
    first, *others = nets
    lines = [what] if what else []
    lines += [sentences_of(net) for net in nets]
    lines += [_against(first, other) for other in others]
    return "\n\n".join([*filter(None, lines), *filter(None, map(_table, nets))])


def sentences_of(net: ArchGraph) -> str:
    """Return what to see, what its paper claims and where its costs are, where that is known."""
    title = title_of(net)
    shapes = [shape_text(net.nodes[name]["shape"]).replace("×", " × ") for name in net.sources]
    takes = f"inputs of {' and '.join(shapes)}" if len(shapes) == 2 else f"{len(shapes)} inputs"
    takes = f" takes {f'an input of {shapes[0]}' if len(shapes) == 1 else takes} and"
    # These sentences are English in every language: so are the words in them.
    params, macs = (net.total(name) for name in ("params", "macs"))
    totals = "unknown parameters" if params is None else f"{count_text(params)} parameters"
    totals += " and unknown MACs" if macs is None else f" and {count_text(macs)} MACs {per_of(net)}"
    said = [f"{title}{takes if shapes else ''} has {totals}."]
    said += [_way(net), _paper(net), *map(_result, net.graph.get("published") or ())]
    said += [str(note) for note in net.graph.get("notes") or ()]
    said += [_largest(net, "macs", "MACs"), _largest(net, "params", "parameters")]
    return " ".join(filter(None, said))


def _way(net: ArchGraph) -> str:
    """Return the stages that data goes through, as in a picture from left to right."""
    groups, parts = structure(net).groups, cut(net, "stage")
    stages = [key for key in in_flow(net, parts) if key in groups and parts[key]]
    labels = (str(groups[key].label or key).partition(",")[0] for key in stages)
    names = list(dict.fromkeys(labels))
    if len(names) < 2:
        return ""
    if len(names) > MOST:
        return f"Data goes through {len(names)} stages, from {names[0]} to {names[-1]}."
    return f"Data goes through {', '.join(names[:-1])} and {names[-1]}."


def _paper(net: ArchGraph) -> str:
    paper = net.graph.get("paper")
    if not isinstance(paper, dict) or net.graph.get("part_of"):
        return ""
    authors = str(paper.get("authors", "")).split(", ")
    by = ", ".join(authors) if len(authors) <= AUTHORS else f"{authors[0]} and others"
    number = f" (arXiv:{paper['arxiv']})" if paper.get("arxiv") else ""
    return f"It is from “{paper.get('title')}” by {by}, {paper.get('venue')}{number}."


def _result(result: Any) -> str:
    """Return a published result; of an ensemble that it is one."""
    errors = " and ".join(
        f"{result[key]} % {word}"
        for key, word in (("top1_error", "top-1"), ("top5_error", "top-5"))
        if result.get(key) is not None
    )
    if not errors:
        return ""
    who = "of an ensemble " if result.get("ensemble") else ""
    return f"Its paper reports an error {who}of {errors} on {result['data']}, {result['setting']}."


def _largest(net: ArchGraph, metric: str, word: str) -> str:
    values = {name: net.nodes[name][metric] for name in net.topological()}
    values = {name: value for name, value in values.items() if value}
    if not values:
        return ""
    name = max(values, key=lambda each: values[each])  # the first of several
    alike = sum(value == values[name] for value in values.values()) - 1
    label, total = net.nodes[name].get("label"), net.total(metric)
    called = f"{label} ({name})" if label and label != name else name
    share = f", {values[name] / total:.1%}".replace("%", " % of all") if total else ""
    known = "" if total else " of those that are known"
    also = f", and as many in {alike} more" if alike else ""
    return f"Most {word}{known} are in {called}: {count_text(values[name])}{share}{also}."


def _against(first: ArchGraph, other: ArchGraph) -> str:
    """Return how the totals of two networks compare."""
    said = []
    for metric, word in (("params", "parameters"), ("macs", "MACs")):
        one, two = first.total(metric), other.total(metric)
        if one and two:
            said.append(f"{two / one:.3g} times the {word}")
    if not said:
        return ""
    return f"{title_of(other)} has {' and '.join(said)} of {title_of(first)}."


def _table(net: ArchGraph) -> str:
    one = "image" if per_of(net) == "per image" else "input"
    head = f"{{name}}: costs for one {one} (MACs: multiply-adds of conv, fc and matmul)"
    lines = [say(head, name=net.name)]
    for name, data in net.nodes(data=True):
        if data["params"]:
            macs = say("unknown") if data["macs"] is None else f"{data['macs']:,}"
            told = {"shape": spoken(shape_text(data["shape"])), "params": f"{data['params']:,}"}
            words = "{name}: {shape}, {params} parameters, {macs} MACs"
            lines.append(say(words, name=name, macs=macs, **told))
    return "\n".join(lines) if len(lines) > 1 else ""
