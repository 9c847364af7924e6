"""What to type where a file leaves sizes open: the same command, with sizes of the inputs."""

from __future__ import annotations

import argparse
import shlex
import sys
from collections.abc import Iterator, Sequence

from archgraph.errors import ArchGraphError
from archgraph.graph import ArchGraph
from archgraph.open_inputs import open_inputs, option_words
from archgraph.tensors import extent_text
from archgraph.written_inputs import parse_input

__all__ = ["say_sizes", "sizes_to_say"]

Shapes = dict[str, tuple[int | str, ...]]

_TRIED = ((224, 128), (64, 64), (32, 16), (256, 32), (512, 8), (640, 4))
"""Extents of maps and of rows, in the order of trying; a network may take few of them."""


def sizes_to_say(net: ArchGraph, chosen: argparse.Namespace, text: str = "") -> str | None:
    """Return in words which sizes of a network are open and the command that says them.

    None where nothing is open. ``text`` is how the network was named, where the command names
    several. The sizes in the command were tried: the network takes them.
    """
    if open_inputs(net) is None:
        return None
    text = text or chosen.net
    whole = _whole(net, text, chosen)
    found = open_inputs(whole)
    if found is None:
        return None
    left = f"Sizes left open: {', '.join(found.letters)}."
    shapes = _usable(whole, _said(whole, chosen))
    if shapes is None:
        return f"{left} Say those that the network takes, with --input NAME:SHAPE for each input."
    words = ["archgraph", *_without_input(chosen.words), *option_words(shapes)]
    return f"{left} To say them, type: {shlex.join(words)}"


def say_sizes(net: ArchGraph, chosen: argparse.Namespace, text: str = "") -> None:
    """Say so on standard error, where the result itself goes elsewhere."""
    said = sizes_to_say(net, chosen, text)
    if said is not None:
        print(f"archgraph: {said}", file=sys.stderr)


def _said(net: ArchGraph, chosen: argparse.Namespace) -> Shapes:
    """Return the shapes of inputs that were said, by name."""
    said = {} if not chosen.input else parse_input(chosen.input)
    if isinstance(said, dict):
        return said
    first = net.sources[0]  # the one that is meant by a shape without a name
    return {first: tuple(map(extent_text, net.tensor(first).shape or ()))}


def _without_input(words: Sequence[str]) -> Iterator[str]:
    passed = False
    for word in words:
        if passed or word.startswith("--input="):
            passed = False
        elif word == "--input":
            passed = True
        else:
            yield word


def _whole(net: ArchGraph, text: str, chosen: argparse.Namespace) -> ArchGraph:
    """Return the network that a part was cut from: that has the inputs that can be said."""
    from archgraph.cli.arguments import network

    owner = net.graph.get("part_of")
    if owner is None:
        return net
    return network(text.removesuffix(net.name.removeprefix(owner)), chosen)


def _usable(net: ArchGraph, said: Shapes) -> Shapes | None:
    """Return sizes that the network takes, and that leave nothing open; those said stay."""
    for maps, rows in _TRIED:
        found = open_inputs(net, maps=maps, rows=rows)
        shapes = said | (found.example if found else {})
        try:
            if open_inputs(net.with_input(_in_numbers(shapes))) is None:
                return shapes
        except ArchGraphError:
            continue
    return None


def _in_numbers(shapes: Shapes) -> Shapes:
    """Return shapes with extents as numbers; N stands for the batch."""
    return {
        name: tuple(int(each) if str(each).isdecimal() else each for each in shape)
        for name, shape in shapes.items()
    }
