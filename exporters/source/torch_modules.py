"""Modules that are torch's own attention or recurrent cell: one call, instead of all they do.

Which they are is not guessed from names: torch's module is read in the same way, and a module that
became the same operators, which read the same, is that one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple

from archgraph.errors import ArchGraphError
from archgraph.graph import ArchGraph
from archgraph.loading import load
from archgraph.ops import LSTM, RNN, ScaledDotProductAttention
from archgraph.parts import extra_attributes, in_order
from archgraph.tensors import Batch, Key, Tensor, node_of, ref_to, state_key

from .module_operators import CELLS, MASKS, Cell, ModuleOp, MultiheadAttention

__all__ = ["with_torch_modules"]


class _Guess(NamedTuple):
    """What a module may be, what it reads for that, and which of its results are read."""

    op: ModuleOp
    reads: tuple[str, ...]
    results: tuple[int, ...]


def with_torch_modules(net: ArchGraph) -> ArchGraph:
    """Return a network in which those of torch's own modules are one node each."""
    members = _members(net)
    found = {path: each for path in members if (each := _as_torchs(net, path, members[path]))}
    if not found:
        return net
    inside = {name: path for path in found for name in members[path]}
    # Each is added where its last node was, and gives what its last nodes gave.
    ends = {members[path][-1]: path for path in found}
    given = {
        name: ref_to(path, number)
        for path, guess in found.items()
        for name, number in zip(_leaving(net, members[path]), guess.results, strict=True)
    }
    kept = {key for name in net if name not in inside for key in net.keys_of(name).values()}
    kept |= {each for guess in found.values() for each in guess.reads if type(each) is Key}
    declared, stored = net.graph.get("tensors") or {}, net.tensors
    still = {k: v for k, v in declared.items() if k in kept or stored[k].kind != "constant"}
    made = type(net)(**net.graph | {"tensors": still})
    made.weights = net.weights

    def renamed(sources: Sequence[str]) -> list[str]:
        return [each if type(each) is Key else given.get(each, each) for each in sources]

    for name in in_order(net):
        extras = extra_attributes(net, name)
        if name in ends:
            extras.pop("tensors", None)
            made.add(ends[name], found[ends[name]].op, renamed(found[ends[name]].reads), **extras)
        elif name not in inside:
            made.add(name, net.op(name), renamed(net.reads(name)), **extras)
    made.graph["outputs"] = renamed(net.results)
    return made


def _members(net: ArchGraph) -> dict[str, list[str]]:
    """Return the nodes of each module whose class is called as one of torch's and does the like."""
    classes: Mapping[str, str] = net.graph.get("modules") or {}
    wanted = {path for path, kind in classes.items() if path and kind in _GUESSES}
    found: dict[str, list[str]] = {}
    for name in in_order(net) if wanted else ():
        path = name
        while path:
            path = path.rpartition(".")[0]
            if state_key(path, "").rstrip(".") in wanted:
                found.setdefault(path, []).append(name)
    return found


def _as_torchs(net: ArchGraph, path: str, members: Sequence[str]) -> _Guess | None:
    """Return what a module is as torch's, if it is."""
    inside, home = {*members}, state_key(path, "")
    sources = dict.fromkeys(each for name in members for each in net.reads(name))
    outside = [
        each
        for each in sources
        if (not each.startswith(home) if type(each) is Key else node_of(each) not in inside)
    ]
    leaving = _leaving(net, members)
    kind = net.graph["modules"][home.rstrip(".")]
    dtypes = {each.dtype for key, each in net.tensors.items() if key.startswith(home)}
    if len(dtypes) != 1 or members[-1] not in leaving:
        return None
    dtype = dtypes.pop()
    for guess in _GUESSES[kind](net, home, members, outside, len(leaving)):
        distinct = list(dict.fromkeys(guess.reads))
        if {*distinct} == {*outside}:
            places = tuple(distinct.index(each) for each in guess.reads)
            given = tuple(map(net.tensor, distinct))
            told = _told(net, members, path, distinct, leaving)
            if _of_torch(guess.op, dtype, places, given, guess.results) == told:
                return guess
    return None


def _leaving(net: ArchGraph, members: Sequence[str]) -> list[str]:
    """Return the nodes of a module whose values are read outside."""
    inside, results = {*members}, {*map(node_of, net.results)}
    return [name for name in members if name in results or not inside.issuperset(net.succ[name])]


def _attentions(
    net: ArchGraph, home: str, members: Sequence[str], outside: Sequence[str], leaving: int
) -> Iterator[_Guess]:
    """Yield attentions: of a query, a key and a value where these are others, and masks."""
    weight = net.tensors.get(f"{home}in_proj_weight")
    attending = [n for n in members if isinstance(net.op(n), ScaledDotProductAttention)]
    if weight is None or len(weight.shape) != 2 or len(attending) != 1 or leaving != 1:
        return
    width = weight.shape[1]
    per_head = (net.tensor(net.reads(attending[0])[0]).shape or (0,))[-1]
    values = [each for each in outside if _is_value(net.tensor(each), width)]
    masks = [each for each in outside if each not in values]
    if not per_head or width % per_head or not 1 <= len(values) <= 3 or len(masks) > 2:
        return
    words = tuple(_mask_word(net.tensor(each)) for each in masks)
    reads = {1: values * 3, 2: [*values, values[-1]], 3: values}[len(values)]
    bias = f"{home}in_proj_bias" in net.tensors
    for first in (True, False):
        for weights in (False, True):
            heads = width // int(per_head)
            op = MultiheadAttention(width, heads, bias, first, words, weights)
            yield _Guess(op, (*reads, *masks), (0,))


def _is_value(tensor: Tensor, width: int) -> bool:
    shape = tensor.shape or ()
    return len(shape) == 3 and shape[-1] == width


def _mask_word(tensor: Tensor) -> str:
    """Return which mask a tensor is: of what is padded in each sequence, or of who sees whom."""
    shape = tensor.shape or ()
    return MASKS[len(shape) == 2 and type(shape[0]) is Batch]


def _cells(
    net: ArchGraph, home: str, members: Sequence[str], outside: Sequence[str], leaving: int
) -> Iterator[_Guess]:
    """Yield cells: of an input, and of states where these are given."""
    weight = net.tensors.get(f"{home}weight_ih")
    layers = [net.op(name) for name in members if isinstance(net.op(name), CELLS)]
    if weight is None or len(weight.shape) != 2 or len(layers) != 1:
        return
    (layer,) = layers
    assert isinstance(layer, CELLS)
    function = layer.nonlinearity if isinstance(layer, RNN) else ""
    op = Cell(layer.kind, weight.shape[1], layer.hidden_size, layer.bias, function)
    for results in ((0,), (1,), (0, 1)) if isinstance(layer, LSTM) else ((0,),):
        if len(results) == leaving:
            yield _Guess(op, tuple(outside), results)


_GUESSES = {
    "MultiheadAttention": _attentions,
    **{f"{kind.__name__}Cell": _cells for kind in CELLS},
}


def _told(
    net: ArchGraph,
    members: Sequence[str],
    path: str,
    outside: Sequence[str],
    results: Sequence[str],
) -> list[Any]:
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

    nodes = [
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
    return [*nodes, *(name.removeprefix(f"{path}.") for name in results)]


@cache
def _of_torch(
    op: ModuleOp,
    dtype: str,
    places: tuple[int, ...],
    given: tuple[Tensor, ...],
    results: tuple[int, ...],
) -> list[Any] | None:
    """Return what torch's module becomes when it is read; None where that cannot be."""
    try:
        import torch
    except ImportError:  # source needs no torch: what the module does is then written out
        return None

    class Calling(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.inner = op.made(getattr(torch, dtype))

        def forward(self, *inputs: torch.Tensor) -> Any:
            found = op.run(self.inner, [inputs[place] for place in places])
            return tuple(found[number] for number in results)

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
    return _told(net, _members(net).get("inner", []), "inner", net.sources, net.results)
