"""Weights under the names of the layers that read them: ``fc.weight``, not a file's ``val_14``."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from archgraph.graph import ArchGraph
from archgraph.ops import GRU, LSTM, RNN
from archgraph.parts import extra_attributes, in_order
from archgraph.provenance import Weights
from archgraph.tensors import state_key

__all__ = ["with_own_keys"]

RECURRENT = (LSTM, GRU, RNN)

_MADE_UP = re.compile(r"(val|_val)_\d+|onnx::\w+")
"""What torch's two exporters call weights that they have folded or turned."""


def with_own_keys(net: ArchGraph) -> ArchGraph:
    """Return a network that was read with a layer's weights under that layer's own keys.

    A file calls weights whatever its exporter did, and holds those of a Linear turned. A weight
    that several layers read keeps its name, but for rows: exporters store equal ones, such as the
    ones of fresh norms, once. No function takes the weights of a recurrent layer, so that those
    of a module that is nothing else become the layer's own.
    """
    renamed = _renamed(net)
    if not renamed:
        return net
    old = net.tensors
    records = dict(net.graph.get("tensors") or {})
    places: dict[str, tuple[str, bool]] = {}
    for (name, role), key in renamed.items():
        kept = net.keys_of(name)[role]
        turned = role == "weight" and getattr(net.op(name), "transposed", False)
        shape = old[kept].shape[::-1] if turned else old[kept].shape
        records[key] = replace(old[kept], shape=shape, value=None).record()
        places[key] = kept, turned
    still = {
        key
        for name in net
        for role, key in net.keys_of(name).items()
        if (name, role) not in renamed
    }
    for kept, _ in places.values():
        if kept not in still:
            records.pop(kept, None)
    found = type(net)(**{**net.graph, "tensors": records})
    for name in in_order(net):
        extras, op = extra_attributes(net, name), net.op(name)
        own: Any = extras.get("tensors") or {}
        keys: dict[str, str] = dict(own)
        keys |= {role: key for (each, role), key in renamed.items() if each == name}
        if (name, "weight") in renamed and getattr(op, "transposed", False):
            op = replace(op, transposed=False)  # type: ignore[call-arg]
        extras["tensors"] = {r: k for r, k in keys.items() if k != state_key(name, r)}
        found.add(name, op, net.reads(name), **extras)
    if net.weights is not None:
        weights = net.weights
        loaders = {key: partial(_numbers, weights, key, False) for key in weights}
        loaders |= {key: partial(_numbers, weights, *place) for key, place in places.items()}
        found.weights = Weights(weights.origin, loaders)
    return found


def _numbers(weights: Weights, key: str, turned: bool) -> Any:
    return weights[key].T if turned else weights[key]


def _renamed(net: ArchGraph) -> dict[tuple[str, str], str]:
    """Return the key that each weight gets which has another now, by its node and its role."""
    readers: dict[str, list[tuple[str, str]]] = {}
    for name in net:
        for role, key in net.keys_of(name).items():
            readers.setdefault(key, []).append((name, role))
    tensors = net.tensors
    tied = {stored.alias for stored in tensors.values()}
    found: dict[tuple[str, str], str] = {}
    # Biases first: a weight may be called after its bias.
    for key, each in sorted(readers.items(), key=lambda item: len(tensors[item[0]].shape)):
        made_up = _MADE_UP.fullmatch(key) is not None
        row = len(tensors[key].shape) == 1 and (made_up or len(each) > 1)
        alone = made_up and len(each) == 1
        if tensors[key].alias is not None or key in tied:
            continue
        if all(isinstance(net.op(name), RECURRENT) for name, _ in each):
            if len(each) == 1 and state_key(*each[0]) not in tensors:
                found[each[0]] = state_key(*each[0])
            continue
        if not (row or alone):
            continue
        for name, role in each:
            bias = found.get((name, "bias")) or net.keys_of(name).get("bias")
            own = _own(key, name, role, [other for other, _ in each], bias)
            if not role.isdecimal() and "@" not in name and own not in tensors:
                found[name, role] = own
    return found


def _own(key: str, name: str, role: str, readers: Sequence[str], bias: str | None) -> str:
    """Return what a node's weight is called: as its bias is, as that of its like, or as usual."""
    if role == "weight" and bias is not None and bias.endswith(".in_proj_bias"):
        return f"{bias.removesuffix('bias')}weight"
    owner, _, word = key.rpartition(".")
    for like in readers:
        rest = like.removeprefix(f"{owner}.") if owner else like
        if rest != like and name.endswith(f".{rest}"):
            return f"{name.removesuffix(f'.{rest}')}.{word}"
    return state_key(name, role)
