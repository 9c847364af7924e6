"""What a node, an edge and a network may carry: each attribute's name, form and meaning."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from archgraph.errors import FormatError

__all__ = ["COMPUTED", "EDGE", "NETWORK", "NODE", "Attribute", "check_attributes"]


def _text(value: Any) -> bool:
    return isinstance(value, str)


def _flag(value: Any) -> bool:
    return isinstance(value, bool)


def _texts(value: Any) -> bool:
    return isinstance(value, (list, tuple)) and all(isinstance(each, str) for each in value)


def _object(value: Any) -> bool:
    return isinstance(value, dict)


def _device(value: Any) -> bool:
    return value is None or (type(value) is int and 0 <= value < MOST_DEVICES)


def _anything(_: Any) -> bool:
    return True


MOST_DEVICES = 100_000
"""More devices than any machine has, few enough to draw a legend of."""


class Attribute(NamedTuple):
    """One attribute: what it means, what it holds in words, whether a value is of that form.

    ``computed`` says that it follows from the operators and edges: nobody may give it.
    """

    meaning: str
    form: str
    fits: Callable[[Any], bool]
    computed: bool = False


NODE: Mapping[str, Attribute] = {
    "op": Attribute("the operator", "an operator of archgraph.ops", _anything, True),
    "shape": Attribute("the first output's shape for one image", "a tuple", _anything, True),
    "outputs": Attribute("all outputs, with element types", "tensors", _anything, True),
    "params": Attribute("learned numbers, read first here", "a number or None", _anything, True),
    "macs": Attribute("multiply-adds for one image", "a number or None", _anything, True),
    "flops": Attribute("floating-point operations for one image", "a number", _anything, True),
    "lecture": Attribute("operations as the lecture counts", "a number", _anything, True),
    "activation_bytes": Attribute("bytes of all outputs, one image", "a number", _anything, True),
    "growth": Attribute("costs that are no multiple of the batch", "polynomials", _anything, True),
    "shared": Attribute("who reads a tensor first that it reads too", "names", _anything, True),
    "tensors": Attribute(
        "keys of stored tensors, by input position or by the operator's word", "an object", _object
    ),
    "device": Attribute("the device that runs it", f"a number below {MOST_DEVICES:,}", _device),
    "label": Attribute("the name that the paper gives it", "text", _text),
    "stage": Attribute("id of the stage that it belongs to", "text", _text),
    "block": Attribute("id of the block that it belongs to", "text", _text),
    "role": Attribute("what it is there for: reduction, projection, auxiliary", "text", _text),
    "training_only": Attribute("whether it runs in training only", "true or false", _flag),
    "modules": Attribute("classes of the modules it was read from, by path", "an object", _object),
    "apart": Attribute("what sets it apart from operators that are equal", "text", _text),
    "part_of": Attribute("the layer that it is a part of: layer, index, of", "an object", _object),
    "origin": Attribute("the nodes of the file or the calls that it stands for", "texts", _texts),
}
"""The attributes of a node; any other is a metric that was attached or the user's own."""

COMPUTED = frozenset(name for name, each in NODE.items() if each.computed)
"""The node attributes that follow from the operator and its inputs."""

EDGE: Mapping[str, Attribute] = {
    "uses": Attribute("pairs of (output, input position)", "a tuple of pairs", _anything, True),
    "bytes": Attribute("bytes of the outputs that it carries", "a number", _anything, True),
}
"""The attributes of an edge."""

NETWORK: Mapping[str, Attribute] = {
    "name": Attribute("the name it is known by", "text", _text),
    "title": Attribute("the name that people call it", "text", _text),
    "summary": Attribute("one line about it", "text", _text),
    "paper": Attribute("where it was published: title, authors, year, …", "an object", _object),
    "published": Attribute("published results", "a list", lambda value: isinstance(value, list)),
    "outputs": Attribute("what it returns, the main one first", "a list of names", _texts),
    "result_names": Attribute("what its module or file calls these", "an object", _object),
    "groups": Attribute("stages and blocks by id: kind, label", "an object", _object),
    "metrics": Attribute("attached metrics: title, unit, …", "an object", _object),
    "tensors": Attribute("stored tensors by key: shape, dtype, kind, …", "an object", _object),
    "part_of": Attribute("the network that it was cut from", "text", _text),
    "unused": Attribute("keys of parameters that it never reads", "texts", _texts),
    "asked": Attribute("which numbers its module looked at when it was read", "texts", _texts),
    "partial": Attribute("why it ends before the module does that it was read from", "text", _text),
}
"""The attributes of a network; others are the user's own."""


def check_attributes(values: Mapping[str, Any], known: Mapping[str, Attribute], where: str) -> None:
    """Raise FormatError for an attribute that is not of its form; ``where`` says whose it is."""
    for name, value in values.items():
        attribute = known.get(name)
        if attribute is not None and not attribute.fits(value):
            raise FormatError(
                f"'{name}' must be {attribute.form}, but that of {where} is {value!r:.60}."
            )
