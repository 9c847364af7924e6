"""What a node, an edge and a network may carry: each attribute's name, form and meaning."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from archgraph.errors import FormatError
from archgraph.forms import (
    ANYTHING,
    COUNT,
    DEVICE,
    FINITE,
    FLAG,
    NOTE,
    PLAIN,
    TEXT,
    TEXTS,
    Form,
    lists,
    maybe,
    objects,
    one_of,
    records,
)

__all__ = [
    "COMPUTED",
    "EDGE",
    "NETWORK",
    "NETWORKX",
    "NODE",
    "RESERVED",
    "Attribute",
    "check_attributes",
    "check_node",
]


class Attribute(NamedTuple):
    """One attribute: what it means, and the form of what it holds.

    ``computed`` says that it follows from the operators and edges: nobody may give it.
    """

    meaning: str
    form: Form
    computed: bool = False


_TEXT_BY_WORD = objects(TEXT, "an object of texts")
_PART = records("an object with layer, index and of", {"layer": TEXT, "index": COUNT, "of": COUNT})
_PAPER = records(
    "an object with title, authors, year and venue",
    {"title": TEXT, "authors": TEXT, "year": COUNT, "venue": TEXT},
    {"arxiv": TEXT, "doi": TEXT},
)
_RESULT = records(
    "an object with data and setting",
    {"data": TEXT, "setting": TEXT},
    {"ensemble": FLAG, "top1_error": FINITE, "top5_error": FINITE},
)
_GROUP = records(
    "an object with a kind and a label", {"kind": one_of("stage", "block"), "label": TEXT}
)
_METRIC = records(
    "an object of title, unit, reduce and per_image",
    {"title": TEXT, "unit": TEXT, "reduce": one_of("sum", "max"), "per_image": FLAG},
    others=False,
)
_STORED = records("an object with a shape", {"shape": ANYTHING})

NODE: Mapping[str, Attribute] = {
    "op": Attribute("the operator", ANYTHING, True),
    "shape": Attribute("the first output's shape for one image", ANYTHING, True),
    "outputs": Attribute("all outputs, with element types", ANYTHING, True),
    "params": Attribute("learned numbers, read first here", ANYTHING, True),
    "macs": Attribute("multiply-adds for one image", ANYTHING, True),
    "flops": Attribute("floating-point operations for one image", ANYTHING, True),
    "lecture": Attribute("operations as the lecture counts", ANYTHING, True),
    "activation_bytes": Attribute("bytes of all outputs, one image", ANYTHING, True),
    "growth": Attribute("costs that are no multiple of the batch", ANYTHING, True),
    "shared": Attribute("who reads a tensor first that it reads too", ANYTHING, True),
    "tensors": Attribute("keys of stored tensors, by input position or by word", _TEXT_BY_WORD),
    "device": Attribute("the device that runs it", maybe(DEVICE)),
    "label": Attribute("the name that the paper gives it", TEXT),
    "stage": Attribute("id of the stage that it belongs to", maybe(TEXT)),
    "block": Attribute("id of the block that it belongs to", maybe(TEXT)),
    "role": Attribute("what it is there for: reduction, projection, auxiliary", TEXT),
    "training_only": Attribute("whether it runs in training only", FLAG),
    "modules": Attribute("classes of the modules it was read from, by path", _TEXT_BY_WORD),
    "apart": Attribute("what sets it apart from operators that are equal", TEXT),
    "part_of": Attribute("the layer that it is a part of", _PART),
    "origin": Attribute("the nodes of the file or the calls that it stands for", TEXTS),
}
"""The attributes of a node; any other is a metric that was attached or the user's own."""

RESERVED = frozenset(("name", "inputs", "self"))
"""What no attribute of a node can be called: what ``net.add`` calls something else."""

NETWORKX = frozenset(("backend", "incoming_graph_data"))
"""What no attribute of a network can be called: what ``networkx.DiGraph`` calls something else."""

COMPUTED = frozenset(name for name, each in NODE.items() if each.computed)
"""The node attributes that follow from the operator and its inputs."""

EDGE: Mapping[str, Attribute] = {
    "uses": Attribute("pairs of (output, input position)", ANYTHING, True),
    "bytes": Attribute("bytes of the outputs that it carries", ANYTHING, True),
}
"""The attributes of an edge."""

NETWORK: Mapping[str, Attribute] = {
    "name": Attribute("the name it is known by", TEXT),
    "title": Attribute("the name that people call it", TEXT),
    "summary": Attribute("one line about it", TEXT),
    "paper": Attribute("where it was published", _PAPER),
    "published": Attribute("published results", lists(_RESULT, "a list")),
    "training": Attribute("how it was trained, in words", objects(PLAIN, "an object")),
    "notes": Attribute("what is to be known about it", lists(PLAIN, "a list")),
    "outputs": Attribute("what it returns, the main one first", TEXTS),
    "result_names": Attribute("what its module or file calls these", _TEXT_BY_WORD),
    "groups": Attribute("stages and blocks by id", objects(_GROUP, "an object")),
    "metrics": Attribute("attached metrics", objects(_METRIC, "an object")),
    "tensors": Attribute("stored tensors by key", objects(_STORED, "an object")),
    "modules": Attribute("classes of its modules, by path", _TEXT_BY_WORD),
    "part_of": Attribute("the network that it was cut from", TEXT),
    "unused": Attribute("keys of parameters that it never reads", TEXTS),
    "asked": Attribute("which numbers its module looked at when it was read", TEXTS),
    "partial": Attribute("why it ends before the module does that it was read from", NOTE),
}
"""The attributes of a network; others are the user's own."""


def check_attributes(values: Mapping[Any, Any], known: Mapping[str, Attribute], where: str) -> None:
    """Raise FormatError for an attribute that is not of its form; ``where`` says whose it is."""
    for name, value in values.items():
        wrong = TEXT.fault(name) if isinstance(name, str) else None
        if wrong is not None:
            raise FormatError(f"the name of an attribute of {where} {wrong}.")
        attribute = known.get(name)
        wrong = (PLAIN if attribute is None else attribute.form).fault(value)
        if wrong is not None:
            raise FormatError(f"'{name}' of {where} {wrong}.")


def check_node(name: str, attributes: Mapping[str, Any]) -> None:
    """Raise FormatError for attributes of a node that are not of their form."""
    taken = RESERVED & attributes.keys()
    if taken:
        raise FormatError(f"node '{name}' cannot have an attribute '{min(taken)}'.")
    check_attributes(attributes, NODE, f"node '{name}'")
