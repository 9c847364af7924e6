"""Modules that are torch's own ``nn.MultiheadAttention``: one call, instead of all that it does.

Which they are is not guessed from names: torch's module is read in the same way, and a module that
became the same operators, which read the same, is that one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, ClassVar

from archgraph.errors import ArchGraphError
from archgraph.graph import ArchGraph
from archgraph.loading import load
from archgraph.ops import Op, ScaledDotProductAttention, Shape, elements
from archgraph.parts import extra_attributes, in_order
from archgraph.tensors import Batch, Key, Tensor, node_of, state_key

from .code_layout import Brackets, Expression, Keyword

__all__ = ["MultiheadAttention", "called", "with_attention_modules"]

KIND = "MultiheadAttention"
_MASKS = ("attn_mask", "key_padding_mask")


@dataclass(frozen=True)
class _MultiheadAttention(Op):
    """torch's module: query, key and value, masks behind them; it gives no weights."""

    arity: ClassVar[int | None] = None
    least: ClassVar[int] = 3

    embed_dim: int
    num_heads: int
    bias: bool = True
    batch_first: bool = False
    masks: Any = ()
    need_weights: bool = False

    def parameters(self) -> Mapping[str, Shape]:
        """Return what its state dict holds."""
        width = self.embed_dim
        found: dict[str, Shape] = {"in_proj_weight": (3 * width, width)}
        found |= {"in_proj_bias": (3 * width,)} if self.bias else {}
        found["out_proj.weight"] = (width, width)
        return found | ({"out_proj.bias": (width,)} if self.bias else {})

    def macs(self, inputs: tuple[Shape, ...], output: Shape) -> int:
        """Return those of four projections and two products."""
        seen = inputs[1][1 if self.batch_first else 0]
        projected = sum(map(elements, (*inputs[:3], output)))
        return self.embed_dim * projected + 2 * seen * elements(output)


MultiheadAttention = _MultiheadAttention
"""The operator of such a module, in the graph from which source is written and nowhere else."""


def called(op: MultiheadAttention, module: str, inputs: Sequence[Expression]) -> Expression:
    """Return the call of such a module, whose first result is the attended value."""
    masks = [Keyword(*each) for each in zip(op.masks, inputs[3:], strict=True)]
    weights = [] if op.need_weights else [Keyword("need_weights", "False")]
    return Brackets(f"{module}(", (*inputs[:3], *masks, *weights), ")[0]")


def with_attention_modules(net: ArchGraph) -> ArchGraph:
    """Return a network in which torch's own attention modules are one node each."""
    members = _members(net)
    found = {path: each for path in members if (each := _as_torchs(net, path, members[path]))}
    if not found:
        return net
    inside = {name: path for path in found for name in members[path]}
    ends = {members[path][-1]: path for path in found}
    kept = {key for name in net if name not in inside for key in net.keys_of(name).values()}
    kept |= {each for _, reads in found.values() for each in reads if type(each) is Key}
    declared, stored = net.graph.get("tensors") or {}, net.tensors
    still = {k: v for k, v in declared.items() if k in kept or stored[k].kind != "constant"}
    made = type(net)(**net.graph | {"tensors": still})
    made.weights = net.weights
    for name in in_order(net):
        extras = extra_attributes(net, name)
        if name in ends:
            op, reads = found[ends[name]]
            extras.pop("tensors", None)
            made.add(ends[name], op, [_renamed(each, ends) for each in reads], **extras)
        elif name not in inside:
            reads = net.reads(name)
            made.add(name, net.op(name), [_renamed(each, ends) for each in reads], **extras)
    made.graph["outputs"] = [_renamed(each, ends) for each in net.results]
    return made


def _renamed(source: str, ends: Mapping[str, str]) -> str:
    return source if type(source) is Key else ends.get(source, source)


def _members(net: ArchGraph) -> dict[str, list[str]]:
    """Return the nodes of each module whose class has the name of torch's and that attends."""
    classes: Mapping[str, str] = net.graph.get("modules") or {}
    if KIND not in classes.values():
        return {}
    attending = {
        path: name
        for name in net
        if isinstance(net.op(name), ScaledDotProductAttention)
        and (path := name.rpartition(".")[0])
        and classes.get(state_key(path, "").rstrip(".")) == KIND
    }
    found: dict[str, list[str]] = {path: [] for path in attending}
    for name in in_order(net):
        path = name
        while path:
            path = path.rpartition(".")[0]
            if path in found:
                found[path].append(name)
    return found


def _as_torchs(
    net: ArchGraph, path: str, members: Sequence[str]
) -> tuple[MultiheadAttention, tuple[str, ...]] | None:
    """Return what a module is as torch's, if it is, and what it reads."""
    inside, results = {*members}, {*map(node_of, net.results)}
    left = [name for name in members if name in results or not inside.issuperset(net.succ[name])]
    weight = net.tensors.get(state_key(path, "in_proj_weight"))
    if left != [members[-1]] or weight is None or len(weight.shape) != 2:
        return None
    sources = dict.fromkeys(each for name in members for each in net.reads(name))
    home = state_key(path, "")
    outside = [
        each
        for each in sources
        if (not each.startswith(home) if type(each) is Key else node_of(each) not in inside)
    ]
    for op, places, reads in _guesses(net, path, members, weight.shape[1], outside):
        tensors = tuple(map(net.tensor, reads))
        if _of_torch(op, weight.dtype, places, tensors) == _told(net, members, path, reads):
            return op, (*(reads[place] for place in places), *reads[max(places) + 1 :])
    return None


def _guesses(
    net: ArchGraph, path: str, members: Sequence[str], width: int, outside: Sequence[str]
) -> Iterator[tuple[MultiheadAttention, tuple[int, ...], list[str]]]:
    """Yield what a module may be, which of the tensors it takes for what, and the tensors.

    Those are the query, a key and a value where these are others, and masks.
    """
    attention = next(n for n in members if isinstance(net.op(n), ScaledDotProductAttention))
    per_head = (net.tensor(net.reads(attention)[0]).shape or (0,))[-1]
    values = [each for each in outside if _is_value(net.tensor(each), width)]
    masks = [each for each in outside if each not in values]
    if not per_head or width % per_head or not 1 <= len(values) <= 3 or len(masks) > 2:
        return
    words = tuple(_mask_word(net.tensor(each)) for each in masks)
    places = ((0, 0, 0), (0, 1, 1), (0, 1, 2))[len(values) - 1]
    bias = state_key(path, "in_proj_bias") in net.tensors
    for first in (True, False):
        for weights in (False, True):
            heads = width // int(per_head)
            op = MultiheadAttention(width, heads, bias, first, words, weights)
            yield op, places, [*values, *masks]


def _is_value(tensor: Tensor, width: int) -> bool:
    shape = tensor.shape or ()
    return len(shape) == 3 and shape[-1] == width


def _mask_word(tensor: Tensor) -> str:
    """Return which mask a tensor is: of what is padded in each sequence, or of who sees whom."""
    shape = tensor.shape or ()
    return _MASKS[len(shape) == 2 and type(shape[0]) is Batch]


def _told(net: ArchGraph, members: Sequence[str], path: str, outside: Sequence[str]) -> list[Any]:
    """Return operators and what they read, so that two readings of a module can be compared."""
    home = state_key(path, "")

    def told(source: str) -> Any:
        if source in outside:
            return outside.index(source)
        if type(source) is not Key:
            return source.removeprefix(f"{path}.")
        stored = net.tensors[source]
        if stored.kind != "constant":
            return source.removeprefix(home)
        numbers = stored.value
        if numbers is None and net.weights is not None and source in net.weights:
            numbers = tuple(net.weights[source].reshape(-1).tolist())
        # What is not known is equal to nothing.
        return stored.shape, stored.dtype, object() if numbers is None else numbers

    return [
        (
            name.removeprefix(f"{path}."),
            net.op(name),
            [told(each) for each in net.reads(name)],
            {
                role: key.removeprefix(home)
                for role, key in net.keys_of(name).items()
                if not role.isdecimal()
            },
        )
        for name in members
    ]


@cache
def _of_torch(
    op: MultiheadAttention, dtype: str, places: tuple[int, ...], given: tuple[Tensor, ...]
) -> list[Any] | None:
    """Return what torch's module becomes when it is read; None where that cannot be."""
    try:
        import torch
    except ImportError:  # source needs no torch: what the module does is then written out
        return None

    class Calling(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.attention = torch.nn.MultiheadAttention(
                op.embed_dim,
                op.num_heads,
                bias=op.bias,
                batch_first=op.batch_first,
                dtype=getattr(torch, dtype),
            )

        def forward(self, *inputs: torch.Tensor) -> Any:
            read = [inputs[place] for place in places]
            masks = dict(zip(op.masks, inputs[len(inputs) - len(op.masks) :], strict=True))
            return self.attention(*read, **masks, need_weights=op.need_weights)[0]

    axes, example = [], []
    for tensor in given:
        shape = tensor.shape or ()
        following = [axis for axis, size in enumerate(shape) if type(size) is not int]
        if len(following) > 1 or any(int(shape[axis]) != 1 for axis in following):
            return None
        axes.append(following[0] if following else None)
        sizes = [2 if axis in following else int(size) for axis, size in enumerate(shape)]
        example.append(torch.zeros(sizes, dtype=getattr(torch, tensor.dtype or "float32")))
    try:
        net = load(Calling(), example=tuple(example), batch=axes)
    except ArchGraphError:
        return None
    return _told(net, _members(net).get("attention", []), "attention", net.sources)
