"""What a group of operators holds, in a few words: ``2 × 3×3 conv, 64 – max pool, /2``."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence

from archgraph import ops
from archgraph.graph import ArchGraph
from archgraph.structure import structure

__all__ = ["inside_text", "stride_text", "window_text"]

Step = tuple[str, ...]
"""A block's operators in words, or one that is in no block."""


def window_text(size: tuple[int, int]) -> str:
    """Return a kernel's size: ``3×3``."""
    return f"{size[0]}×{size[1]}"


def stride_text(stride: tuple[int, int]) -> str:
    """Return ``, /2`` for a stride of 2, nothing for 1."""
    if stride == (1, 1):
        return ""
    return f", /{stride[0]}" if stride[0] == stride[1] else f", /{stride[0]}×{stride[1]}"


def inside_text(net: ArchGraph, members: Sequence[str], describe: Callable[[ops.Op], str]) -> str:
    """Return what the members do one after the other, on the main path; counts where they branch.

    Equal blocks are written once, as the ResNet paper's table does: ``3 × [1×1, 64 – 3×3, 64 –
    1×1, 256], /2``. ``describe`` says a single operator.
    """
    steps = [name for name in members if _counts(net, name)]
    layers = [name for name in steps if net.op(name).family in ("conv", "linear")]
    if not layers:
        return ""
    if any(isinstance(net.op(name), ops.Opaque) for name in members):
        return f"{len(members)} operators"  # some may be layers that we know nothing of
    if not _is_chain(net, steps, set(members)):
        return _counted(net, layers)
    linear = [op for name in layers if isinstance(op := net.op(name), ops.Linear)]
    if len(linear) == len(layers):
        before = [_short(net.op(name)) for name in steps if name not in layers]
        widths = [linear[0].in_features, *(op.out_features for op in linear)]
        return " – ".join([*before, " → ".join(map(str, widths))])
    if len(steps) == 1:
        return describe(net.op(steps[0]))
    block = structure(net).cuts["block"].group
    units = [tuple(group) for _, group in itertools.groupby(steps, lambda n: block.get(n, n))]
    parts = [part for run in _runs(net, units) for part in run]
    convs = [part for part in parts if part.endswith(_CONV)]
    for place, part in enumerate(parts):
        alone = len(convs) == 1 and part in convs
        parts[place] = part.replace(_CONV, "") if not alone else _named(part)
    return " – ".join(parts)


_CONV = "\0conv"
"""Marks a convolution, which is called so only where it is the only one."""


def _named(part: str) -> str:
    size, comma, rest = part.removesuffix(_CONV).partition(", ")
    return f"{size} conv{comma}{rest}"


def _counts(net: ArchGraph, name: str) -> bool:
    """Return whether an operator is worth a word: layers, LRN, pooling that changes maps."""
    op, data = net.op(name), net.nodes[name]
    if data.get("role") == "projection":
        return False
    if op.family == "pool":
        return any(net.nodes[source]["shape"] != data["shape"] for source in net.inputs_of(name))
    return op.family in ("conv", "linear") or op.kind == "LocalResponseNorm"


def _is_chain(net: ArchGraph, steps: Sequence[str], members: set[str]) -> bool:
    return all(_leads(net, *pair, members) for pair in itertools.pairwise(steps))


def _leads(net: ArchGraph, start: str, end: str, members: set[str]) -> bool:
    """Return whether ``end`` is computed from ``start`` inside the group."""
    queue, seen = [end], {end}
    while queue:
        for source in net.inputs_of(queue.pop()):
            if source == start:
                return True
            if source in members and source not in seen:
                seen.add(source)
                queue.append(source)
    return False


def _counted(net: ArchGraph, layers: Sequence[str]) -> str:
    block = structure(net).cuts["block"].group
    blocks = {block[name] for name in layers if name in block}
    kinds = [net.op(name).family for name in layers]
    counts = [
        (len(blocks) if len(blocks) > 1 else 0, "block"),
        (kinds.count("conv"), "convolution"),
        (kinds.count("linear"), "fully connected layer"),
    ]
    return ", ".join(f"{n} {word}{'s' if n > 1 else ''}" for n, word in counts if n)


def _runs(net: ArchGraph, units: Sequence[tuple[str, ...]]) -> list[list[str]]:
    """Return the words of the units, equal ones that follow one another as one."""
    found: list[list[str]] = []
    for _, group in itertools.groupby(units, lambda unit: _sign(net, unit, strides=len(unit) == 1)):
        same = list(group)
        words = [_short(net.op(name)) for name in same[0]]
        if len(same) == 1:
            equal = len(set(words)) == 1 and len(words) > 1
            found.append([f"{len(words)} × {words[0]}"] if equal else words)
        elif len(words) == 1:
            found.append([f"{len(same)} × {words[0]}"])
        else:
            words = [_short(net.op(name), stride=False).replace(_CONV, "") for name in same[0]]
            shrinks = math.prod(_stride_of(net.op(name)) for name in same[0])
            by = f", /{shrinks}" if shrinks > 1 else ""
            found.append([f"{len(same)} × [{' – '.join(words)}]{by}"])
    return found


def _sign(net: ArchGraph, unit: tuple[str, ...], *, strides: bool) -> Step:
    return tuple(_short(net.op(name), stride=strides) for name in unit)


def _stride_of(op: ops.Op) -> int:
    return op.stride[0] if isinstance(op, ops.Conv2d) else 1


def _short(op: ops.Op, *, stride: bool = True) -> str:
    """Return an operator among others in fewer words: ``3×3, 64`` or ``max pool, /2``."""
    match op:
        case ops.Conv2d():
            by = stride_text(op.stride) if stride else ""
            groups = f", {op.groups} groups" if op.groups > 1 else ""
            return f"{window_text(op.kernel_size)}, {op.out_channels}{by}{groups}{_CONV}"
        case ops.ConvTranspose2d():
            larger = stride_text(op.stride).replace("/", "×", 1) if stride else ""
            return f"{window_text(op.kernel_size)} transposed, {op.out_channels}{larger}"
        case ops.Linear():
            return f"fc {op.out_features}"
        case ops.MaxPool2d() | ops.AvgPool2d():
            kind = "max" if isinstance(op, ops.MaxPool2d) else "avg"
            return f"{kind} pool{stride_text(op.stride) if stride else ''}"
        case ops.LocalResponseNorm():
            return "LRN"
        case _:
            return "avg pool" if "Avg" in op.kind else "max pool" if "Max" in op.kind else op.kind
