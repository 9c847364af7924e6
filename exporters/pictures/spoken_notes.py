"""What a presenter reads below a slide: sentences to say, then the cost table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from archgraph.graph import ArchGraph
from archgraph.ops import shape_text
from archgraph.structure import cut, in_flow, structure
from archgraph.units import count_text

from .captions import per_of, title_of, totals_of
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
    shapes = [shape_text(net.nodes[name]["shape"]).replace("×", " × ") for name in net.sources]
    told = {
        "title": title_of(net),
        "totals": totals_of(net, per_of(net)).replace(" · ", say(" and ")),
    }
    if not shapes:
        said = [say("{title} has {totals}.", **told)]
    elif len(shapes) == 1:
        said = [say("{title} takes an input of {shape} and has {totals}.", shape=shapes[0], **told)]
    elif len(shapes) == 2:
        both = say(" and ").join(shapes)
        said = [say("{title} takes inputs of {shapes} and has {totals}.", shapes=both, **told)]
    else:
        said = [say("{title} takes {count} inputs and has {totals}.", count=len(shapes), **told)]
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
    told = {"first": names[0], "last": names[-1], "count": len(names)}
    if len(names) > MOST:
        return say("Data goes through {count} stages, from {first} to {last}.", **told)
    told["first"] = ", ".join(names[:-1])
    return say("Data goes through {first} and {last}.", **told)


def _paper(net: ArchGraph) -> str:
    paper = net.graph.get("paper")
    if not isinstance(paper, dict) or net.graph.get("part_of"):
        return ""
    authors = str(paper.get("authors", "")).split(", ")
    by = ", ".join(authors)
    if len(authors) > AUTHORS:
        by = say("{name} and others", name=authors[0])
    number = f" (arXiv:{paper['arxiv']})" if paper.get("arxiv") else ""
    told = {"title": paper.get("title"), "venue": f"{paper.get('venue')}{number}"}
    return say("It is from “{title}” by {authors}, {venue}.", authors=by, **told)


def _result(result: Any) -> str:
    """Return a published result; of an ensemble that it is one."""
    errors = say(" and ").join(
        f"{result[key]} % {word}"
        for key, word in (("top1_error", "top-1"), ("top5_error", "top-5"))
        if result.get(key) is not None
    )
    if not errors:
        return ""
    told = {"errors": errors, "data": result["data"], "setting": result["setting"]}
    if result.get("ensemble"):
        return say(
            "Its paper reports an error of an ensemble of {errors} on {data}, {setting}.", **told
        )
    return say("Its paper reports an error of {errors} on {data}, {setting}.", **told)


def _largest(net: ArchGraph, metric: str, word: str) -> str:
    values = {name: value for name, value in net.values(metric) if value}
    if not values:
        return ""
    name = max(values, key=lambda each: values[each])  # the first of several
    alike = sum(value == values[name] for value in values.values()) - 1
    label, total = net.nodes[name].get("label"), net.total(metric)
    told = {
        "what": say(word),
        "name": f"{label} ({name})" if label and label != name else name,
        "value": count_text(values[name]),
    }
    also = say(", and as many in {count} more", count=alike) if alike else ""
    if not total:
        return say(
            "Most {what} of those that are known are in {name}: {value}{also}.", also=also, **told
        )
    told["part"] = f"{100 * values[name] / total:.1f} %"
    return say("Most {what} are in {name}: {value}, {part} of all{also}.", also=also, **told)


def _against(first: ArchGraph, other: ArchGraph) -> str:
    """Return how the totals of two networks compare."""
    said = []
    for metric, word in (("params", "parameters"), ("macs", "MACs")):
        one, two = first.total(metric), other.total(metric)
        if one and two:
            said.append(say("{factor} times the {what}", factor=f"{two / one:.3g}", what=say(word)))
    if not said:
        return ""
    told = {"other": title_of(other), "first": title_of(first)}
    return say("{other} has {factors} of {first}.", factors=say(" and ").join(said), **told)


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
