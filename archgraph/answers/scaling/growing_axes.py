"""What a network's input may grow in: image size, tokens, the batch, or axes that a user names."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from archgraph.errors import FormatError, ShapeError, UnknownNameError
from archgraph.graph import ArchGraph
from archgraph.nearest import nearest
from archgraph.open_inputs import open_inputs
from archgraph.options import written
from archgraph.tensors import Batch, Tensor, is_known, shape_text

__all__ = ["KINDS", "Variable", "at_fixed_batch", "variable"]

KINDS = ("size", "tokens", "batch")
"""What grows, by name; an axis is said as INPUT:AXIS."""


@dataclass(frozen=True)
class Variable:
    """One number of a network's input, and the network for any value of it.

    ``start`` is its present value; ``read`` gives the network for another, and the batch to count.
    ``derived`` is set where what is said is not what is changed: an image's tokens follow its size.
    ``axes`` are the places that change together; ``made``: the network is read or built again for
    another value, rather than its operators asked.
    """

    name: str
    symbol: str
    title: str
    start: int
    read: Callable[[int], tuple[ArchGraph, int]]
    axes: tuple[tuple[str, int], ...] = ()
    derived: Callable[[ArchGraph], int | None] | None = None
    made: bool = True


def variable(net: ArchGraph, over: str | None = None) -> Variable:
    """Return what ``over`` names: size, tokens, batch or INPUT:AXIS, axes with commas between.

    Without it: the size of an image, else tokens, else the batch. Raises UnknownNameError,
    FormatError and ShapeError for what the network does not have.
    """
    if over is None:
        over = "size" if _images(net) else "tokens" if _token_axes(net) else "batch"
    if over == "batch":
        return _batch(net)
    _refuse_open(net, over)
    if over == "size":
        return _size(net)
    if over == "tokens":
        return _tokens(net)
    if ":" in over:
        return _axes(net, over, over, "n", _named(net, over))
    raise UnknownNameError(
        f"there is no '{over}' to grow over{nearest(over, KINDS)}; say {', '.join(KINDS)}, or an "
        f"input and its axis, such as {net.sources[0] if net.sources else 'x'}:1."
    )


def _refuse_open(net: ArchGraph, over: str) -> None:
    found = open_inputs(net)
    if found is not None:
        raise ShapeError(f"before the growth over {over} can be counted, {found.sentence}")


def _inputs(net: ArchGraph) -> Iterator[tuple[str, tuple[Any, ...], Tensor]]:
    for name in net.sources:
        tensor: Tensor = net.nodes[name]["outputs"][0]
        if tensor.shape is not None:
            yield name, tensor.shape, tensor


def _images(net: ArchGraph) -> tuple[tuple[str, int], ...]:
    """Return the last two axes of each input of maps: (N, C, H, W), or (N, C, T, H, W)."""
    found = [(name, len(shape)) for name, shape, _ in _inputs(net) if len(shape) in (4, 5)]
    return tuple((name, rank - back) for name, rank in found for back in (2, 1))


def _size(net: ArchGraph) -> Variable:
    axes = _images(net)
    if not axes:
        raise FormatError(
            f"'{net.name}' reads no image; say {written('over', 'tokens')}, "
            f"{written('over', 'batch')} or an input and its axis, such as "
            f"{written('over', f'{_first(net)}:1')}."
        )
    return _axes(net, "size", "image size", "s", axes)


def _first(net: ArchGraph) -> str:
    """Return the name of an input, for an example of what to write."""
    return net.sources[0] if net.sources else "x"


def _token_axes(net: ArchGraph) -> tuple[tuple[str, int], ...]:
    """Return axis 1 of each input of whole numbers (N, L) or of features (N, L, D)."""
    rows = [(name, shape, tensor.dtype or "") for name, shape, tensor in _inputs(net)]
    whole = [(n, 1) for n, shape, kind in rows if len(shape) == 2 and "float" not in kind]
    if whole:
        return tuple(whole)
    lengths = _attended(net)
    return tuple((n, 1) for n, shape, _ in rows if len(shape) == 3 and shape[1] in lengths)


def _attended(net: ArchGraph) -> set[int]:
    """Return the lengths of what attends to itself."""
    found = set()
    for name in net:
        if net.op(name).kind == "ScaledDotProductAttention":
            query, key = (net.tensor(each, name).shape for each in net.reads(name)[:2])
            if query and key and type(query[-2]) is int and query[-2] == key[-2]:
                found.add(query[-2])
    return found


def _tokens(net: ArchGraph) -> Variable:
    axes = _token_axes(net)
    if axes:
        return _axes(net, "tokens", "tokens", "T", axes)
    images = _images(net)
    if not images or not _attended(net):
        raise FormatError(
            f"which axis of the inputs of '{net.name}' counts tokens cannot be told; name it, such "
            f"as {written('over', f'{_first(net)}:1')}."
        )
    if len(_attended(net)) > 1:
        raise FormatError(
            f"'{net.name}' attends over {', '.join(map(str, sorted(_attended(net))))} tokens, not "
            f"over one number of them; say {written('over', 'size')}."
        )
    size = _size(net)

    def derived(read: ArchGraph) -> int | None:
        lengths = _attended(read)
        return lengths.pop() if len(lengths) == 1 else None

    return Variable("tokens", "T", "tokens", size.start, size.read, size.axes, derived, size.made)


def _named(net: ArchGraph, over: str) -> tuple[tuple[str, int], ...]:
    """Return the axes of ``ids:1,mask:1``."""
    shapes = {name: shape for name, shape, _ in _inputs(net)}
    found = []
    for each in over.split(","):
        name, _, axis = each.rpartition(":")
        if name not in shapes:
            raise UnknownNameError(
                f"'{net.name}' has no input '{name}'{nearest(name, shapes)}; its inputs are "
                f"{', '.join(net.sources)}."
            )
        if not axis.isdecimal() or int(axis) >= len(shapes[name]):
            raise FormatError(
                f"'{each}' names no axis of {shape_text(shapes[name])}; write {name}: and one of 0 "
                f"to {len(shapes[name]) - 1}, counted with the batch."
            )
        found.append((name, int(axis)))
    return tuple(found)


def _axes(
    net: ArchGraph, name: str, title: str, symbol: str, axes: tuple[tuple[str, int], ...]
) -> Variable:
    """Return the variable that changes these axes together."""
    shapes = {name: shape for name, shape, _ in _inputs(net)}
    if len(shapes) < len(net.sources):
        unknown = next(each for each in net.sources if each not in shapes)
        raise ShapeError(
            f"the shape of the input '{unknown}' is unknown; say it with {written('input')}."
        )
    values = {_value(shapes, *axis) for axis in axes}
    square = name == "size"
    if len(values) > 1 and not square:
        raise FormatError(
            f"{', '.join(f'{n}:{a}' for n, a in axes)} of '{net.name}' are "
            f"{' and '.join(map(str, sorted(values)))} long; name those that grow together, such "
            f"as {written('over', f'{axes[0][0]}:{axes[0][1]}')}."
        )

    def read(value: int) -> tuple[ArchGraph, int]:
        said: dict[str, tuple[int | str, ...]] = {}
        for each, shape in shapes.items():
            said[each] = tuple(
                value
                if (each, axis) in axes
                else str(extent)
                if type(extent) is Batch
                else int(extent)
                for axis, extent in enumerate(shape)
            )
        return _made(net, said), 1

    made = net.again is not None
    return Variable(name, symbol, title, max(values), read, axes, made=made)


def _value(shapes: Mapping[str, tuple[Any, ...]], name: str, axis: int) -> int:
    extent = shapes[name][axis]
    if type(extent) is Batch:
        raise FormatError(f"axis {axis} of '{name}' is the batch; say {written('over', 'batch')}.")
    if type(extent) is not int:
        raise ShapeError(f"axis {axis} of '{name}' is unknown; say it with {written('input')}.")
    return extent


def _batch(net: ArchGraph) -> Variable:
    if not net.batched:
        raise FormatError(
            f"'{net.name}' was read at a fixed batch, so nothing follows the batch; name an "
            "input's axis instead."
        )
    return Variable("batch", "N", "batch", 1, lambda value: (net, value))


def at_fixed_batch(net: ArchGraph, batch: int) -> ArchGraph:
    """Return the network read at a batch of so many, of which nothing follows the batch."""
    said: dict[str, tuple[int | str, ...]] = {}
    for name, shape, _ in _inputs(net):
        if not is_known(Tensor(shape)):
            raise ShapeError(
                f"'{name}' is {shape_text(shape)}, of which not all is known; say it with "
                f"{written('input')}."
            )
        said[name] = tuple(
            int(each) * batch if type(each) is Batch else int(each) for each in shape
        )
    return _made(net, said)


def _made(net: ArchGraph, shapes: Mapping[str, Sequence[int | str]]) -> ArchGraph:
    """Return a network as it is made for these inputs; else of the same operators."""
    found: ArchGraph = net.with_input(shapes) if net.again is None else net.again(shapes)
    return found
