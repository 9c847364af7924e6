"""Which nodes of an ONNX file a runtime runs as one, found from the files that it writes.

onnxruntime folds, fuses and renames. Its file after the first two levels of optimization keeps
the names of the nodes and tensors that still exist: a node of the original of which both are gone
was fused into those that read it, or was left out. The last level changes the layout of images and
names its nodes after a tensor of the file before, ``relu_nchwc`` or ``norm_bn_nchwc``; what it
fuses besides (a sum, an activation) goes into the convolution before.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

__all__ = ["Fused", "Step", "fused"]

Item = tuple[str, int]
"""A node: of which file, and its number there."""

LAYOUT = "_nchwc"
"""What onnxruntime puts behind the name of a tensor for a node in its own layout of images."""

BACK = "ReorderOutput"
"""What brings an image out of that layout."""

SUMMED = 4
"""A convolution in that layout that reads as many tensors adds the last one to what it gives."""


class Step(NamedTuple):
    """A node of a file: what it is called, does, reads and makes."""

    name: str
    kind: str
    reads: tuple[str, ...]
    makes: tuple[str, ...]


class Fused(NamedTuple):
    """Nodes of the original, by number, and the nodes by number that the runtime runs for them.

    Without the latter the runtime runs nothing for them; without the former it runs what belongs
    to no node.
    """

    originals: tuple[int, ...]
    runs: tuple[int, ...]


class _Sets:
    """Sets that grow together."""

    def __init__(self) -> None:
        self.parents: dict[Item, Item] = {}

    def find(self, item: Item) -> Item:
        self.parents.setdefault(item, item)
        while self.parents[item] != item:
            self.parents[item] = item = self.parents[self.parents[item]]
        return item

    def join(self, first: Item, second: Item) -> None:
        self.parents[self.find(second)] = self.find(first)


def fused(
    original: Sequence[Step], middle: Sequence[Step], final: Sequence[Step], inputs: Iterable[str]
) -> list[Fused]:
    """Return the groups of a file's nodes that run together, in the order of the original.

    ``middle`` is the file after the levels that keep names, ``final`` that which runs, ``inputs``
    are the tensors that a user gives: what does not follow from them was computed beforehand.
    """
    sets = _Sets()
    for kind, steps in (("g", original), ("e", middle), ("f", final)):
        for number, _ in enumerate(steps):
            sets.find((kind, number))
    _first_levels(sets, original, middle, _follows(original, inputs))
    _last_level(sets, middle, final)
    found: dict[Item, tuple[list[int], list[int]]] = {}
    for kind, steps in (("g", original), ("f", final)):
        for number, _ in enumerate(steps):
            originals, runs = found.setdefault(sets.find((kind, number)), ([], []))
            (originals if kind == "g" else runs).append(number)
    return [Fused(tuple(originals), tuple(runs)) for originals, runs in found.values()]


def _first_levels(
    sets: _Sets, original: Sequence[Step], middle: Sequence[Step], follows: Sequence[bool]
) -> None:
    made, readers, called = _made(middle), _readers(original), _called(middle)
    there: set[int] = set()
    known: set[int] = set()
    for number, step in enumerate(original):
        for found in (called.get(step.name), *(made.get(tensor) for tensor in step.makes)):
            if found is not None:
                sets.join(("g", number), ("e", found))
                there.add(number)
                known.add(found)
    for number in reversed(range(len(original))):
        if number in there or not follows[number]:
            continue
        after = {each for tensor in original[number].makes for each in readers.get(tensor, ())}
        homes = {sets.find(("g", each)) for each in after if each in there}
        if len(homes) == 1:  # of one that several read nothing is left
            sets.join(homes.pop(), ("g", number))
            there.add(number)
    kept = {tensor for step in original for tensor in step.makes}
    for number, step in enumerate(middle):
        for tensor in step.reads:
            before = made.get(tensor)
            if before is None or tensor in kept or known.issuperset((before, number)):
                continue
            # One of the two is of no node by itself, such as a reshape before a product.
            sets.join(("e", before), ("e", number))


def _last_level(sets: _Sets, middle: Sequence[Step], final: Sequence[Step]) -> None:
    made, called = _made(final), _called(final)
    after = _in_layout(final)
    runs: dict[int, int] = {}
    linked: set[int] = set()
    for number, step in enumerate(middle):
        found = [called.get(step.name), *(after.get(tensor) for tensor in step.makes)]
        for run in (*found, *(made.get(tensor) for tensor in step.makes)):
            if run is not None:
                sets.join(("e", number), ("f", run))
                runs.setdefault(number, run)
                linked.add(run)
    source = _made(middle)
    for number, step in enumerate(middle):
        if number in runs:
            continue
        before = [runs[source[t]] for t in step.reads if source.get(t, -1) in runs]
        if before:
            # Of two that add, one adds what the other gives, and so runs after it.
            adding = [run for run in before if len(final[run].reads) >= SUMMED]
            runs[number] = max(adding or before)
            sets.join(("f", runs[number]), ("e", number))
    readers = _readers(final)
    for number, step in enumerate(final):
        before = [made[tensor] for tensor in step.reads if tensor in made]
        if step.kind == BACK and before:  # it belongs to what it brings back
            sets.join(("f", before[0]), ("f", number))
        elif number not in linked:  # another change of layout belongs to who needs it
            later = [each for tensor in step.makes for each in readers.get(tensor, ())]
            for each in (later or before)[:1]:
                sets.join(("f", each), ("f", number))


def _in_layout(steps: Sequence[Step]) -> dict[str, int]:
    """Return which node in the runtime's own layout is named after each tensor."""
    found: dict[str, int] = {}
    for number, step in enumerate(steps):
        if step.name.endswith(LAYOUT):
            tensor = step.name.removesuffix(LAYOUT)
            found[tensor] = number
            found.setdefault(tensor.rpartition("_")[0], number)
    return found


def _called(steps: Sequence[Step]) -> dict[str, int]:
    """Return which node bears each name."""
    return {step.name: number for number, step in enumerate(steps) if step.name}


def _made(steps: Sequence[Step]) -> dict[str, int]:
    """Return which node makes each tensor."""
    return {tensor: number for number, step in enumerate(steps) for tensor in step.makes if tensor}


def _readers(steps: Sequence[Step]) -> Mapping[str, list[int]]:
    """Return which nodes read each tensor."""
    found: dict[str, list[int]] = {}
    for number, step in enumerate(steps):
        for tensor in dict.fromkeys(step.reads):
            found.setdefault(tensor, []).append(number)
    return found


def _follows(steps: Sequence[Step], inputs: Iterable[str]) -> list[bool]:
    """Return which nodes depend on what a user gives."""
    known = set(inputs)

    def each() -> Iterator[bool]:
        for step in steps:
            found = not known.isdisjoint(step.reads)
            if found:
                known.update(step.makes)
            yield found

    return list(each())
