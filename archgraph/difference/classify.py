"""diff: two networks matched, and every pair looked at for what is not the same."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from archgraph.difference.difference import Difference
from archgraph.difference.evidence import essential, stored_sign
from archgraph.difference.findings import Change, Setting
from archgraph.difference.pairing import paired
from archgraph.difference.rewiring import rewired
from archgraph.graph import ArchGraph
from archgraph.loading import READING, network_of
from archgraph.metrics import STATIC_METRICS
from archgraph.ops import Input, Op
from archgraph.options import refuse_unknown
from archgraph.tensors import Stored, node_of, shape_text

if TYPE_CHECKING:
    import torch

__all__ = ["diff"]

WIDTHS = frozenset(
    (
        *("in_channels", "out_channels", "channels", "num_channels", "num_features"),
        *("in_features", "out_features", "input_size", "hidden_size", "proj_size"),
        *("num_embeddings", "embedding_dim", "normalized_shape", "num_parameters"),
        *("channels_before", "channels_after", "sizes", "shape"),
    )
)
"""Settings that say how wide an operator is, not what it does."""


def diff(
    first: str | Path | ArchGraph | torch.nn.Module,
    second: str | Path | ArchGraph | torch.nn.Module,
    **reading: Any,
) -> Difference:
    """Return the difference of two networks, each given as ``load`` takes it.

    ``input``, ``example`` and so on say how both are read.

    Their graphs are matched, by what operators do, their settings, shapes and edges, and by names
    where these leave a choice; so a network under other names is told from another network. The
    result prints as sentences, and has all of it as data. Weights are not compared.

    Raises what ``load`` raises.
    """
    one, two = (network_of(each, dict(reading)) for each in (first, second))
    refuse_unknown("diff", reading, READING)
    pairs = paired(one, two)
    partners = set(pairs.values())
    found = _Compared(one, two, pairs)
    return Difference(
        first=one,
        second=two,
        pairs=pairs,
        added=tuple(name for name in two if name not in partners),
        removed=tuple(name for name in one if name not in pairs),
        renamed=tuple((a, b) for a, b in pairs.items() if a != b),
        rewired=rewired(one, two, pairs),
        outputs=_outputs(one, two, pairs),
        totals={
            metric: (one.total(metric), two.total(metric))
            for metric in STATIC_METRICS
            if metric != "lecture"
        },
        **found.sorted_out(),
    )


class _Compared:
    """Looks at pairs one by one."""

    def __init__(self, first: ArchGraph, second: ArchGraph, pairs: dict[str, str]) -> None:
        self.nets = first, second
        self.pairs = pairs
        self.stored = first.tensors, second.tensors
        self.shared = _sharing(first), _sharing(second)

    def sorted_out(self) -> dict[str, Any]:
        """Return the changes of all pairs by what they are."""
        kinds = ("inputs", "replaced", "changed", "resized", "retyped", "shared", "following")
        found: dict[str, list[Change]] = {kind: [] for kind in kinds}
        for pair in self.pairs.items():
            ops = [essential(net.op(name)) for net, name in self._both(pair)]
            types, shapes = self._types(*pair), self._shapes(*pair)
            if isinstance(ops[0], Input):
                settings, kind, types = _differing(*ops), "inputs", []
            elif type(ops[0]) is not type(ops[1]):
                settings, kind = [Setting("operator", *ops)], "replaced"
            else:
                settings = [*_differing(*ops), *self._beside(*pair)]
                wider = all(each.name in WIDTHS for each in settings)
                kind = "resized" if wider else "changed"
                if not settings and shapes:
                    settings, kind = shapes, "following"
            if settings:
                found[kind].append(Change(*pair, tuple(dict.fromkeys(settings))))
            if types:
                found["retyped"].append(Change(*pair, tuple(types)))
            if shares := self._shares(*pair):
                found["shared"].append(Change(*pair, (shares,)))
        return {kind: tuple(changes) for kind, changes in found.items()}

    def _shapes(self, *pair: str) -> list[Setting]:
        """Return which outputs have another shape."""
        gives = [net.nodes[name]["outputs"] for net, name in zip(self.nets, pair, strict=True)]
        shapes = [tuple(tensor.shape for tensor in each) for each in gives]
        if shapes[0] == shapes[1] or None in (*shapes[0], *shapes[1]):
            return []  # or it cannot be told
        return [Setting("output", *(net.nodes[n]["shape"] for net, n in self._both(pair)))]

    def _types(self, *pair: str) -> list[Setting]:
        """Return which element types differ: of what it gives, and of what it stores."""
        gives, stores = [], []
        for (net, name), stored in zip(self._both(pair), self.stored, strict=True):
            gives.append(tuple(tensor.dtype for tensor in net.nodes[name]["outputs"]))
            stores.append(
                {
                    role: stored[key].dtype
                    for role, key in net.keys_of(name).items()
                    if key in stored and not role.isdecimal()
                }
            )
        found = []
        known = None not in (*gives[0], *gives[1]) and len(gives[0]) == len(gives[1])
        if known and gives[0] != gives[1]:
            found.append(Setting("type", *(_alone(each) for each in gives)))
        return found + [
            Setting(f"{role} type", stores[0][role], stores[1][role])
            for role in stores[0]
            if role in stores[1] and stores[0][role] != stores[1][role]
        ]

    def _shares(self, *pair: str) -> Setting | None:
        """Return with whom a stored tensor is shared, where these are others."""
        before, after = (
            each.get(name, set()) for each, name in zip(self.shared, pair, strict=True)
        )
        if {self.pairs.get(name) for name in before} == after:
            return None
        return Setting("shares with", tuple(sorted(before)), tuple(sorted(after)))

    def _beside(self, *pair: str) -> Iterator[Setting]:
        """Yield what differs beside the operator: its stored inputs, its device."""
        datas = [net.nodes[name] for net, name in self._both(pair)]
        if datas[0].get("device") != datas[1].get("device"):
            yield Setting("device", *(data.get("device") for data in datas))
        trains = [bool(data.get("training_only")) for data in datas]
        if trains[0] != trains[1]:
            yield Setting("training only", *trains)
        reads = []
        for data, stored in zip(datas, self.stored, strict=True):
            keys = data.get("tensors") or {}
            reads.append({p: stored[k] for p, k in keys.items() if p.isdecimal() and k in stored})
        for place in sorted(reads[0].keys() & reads[1].keys(), key=int):
            one, two = reads[0][place], reads[1][place]
            if stored_sign(one) != stored_sign(two):
                same = one.kind == two.kind
                name = one.kind if same else "what it reads"
                yield Setting(name, *(_told(each, not same) for each in (one, two)))

    def _both(self, pair: tuple[str, ...]) -> list[tuple[ArchGraph, str]]:
        return list(zip(self.nets, pair, strict=True))


def _sharing(net: ArchGraph) -> dict[str, set[str]]:
    """Return for each node that shares a stored tensor with others who these are."""
    groups: dict[str, set[str]] = {}
    for name, data in net.nodes(data=True):
        for key, first in (data.get("shared") or {}).items():
            groups.setdefault(key, {first}).add(name)
    found: dict[str, set[str]] = {}
    for names in groups.values():
        for name in names:
            found.setdefault(name, set()).update(names - {name})
    return found


def _differing(one: Op, other: Op) -> list[Setting]:
    names = [field.name for field in fields(one)]
    values = [(name, getattr(one, name), getattr(other, name)) for name in names]
    return [Setting(name, *both) for name, *both in values if both[0] != both[1]]


def _alone(types: tuple[str | None, ...]) -> str:
    return ", ".join(dict.fromkeys(map(str, types)))


def _told(stored: Stored, kind: bool) -> str:
    """Return a stored tensor in words: its numbers where they are few, else its shape."""
    words = f"{stored.kind} " if kind else ""
    if stored.value is not None and len(stored.value) <= 4:
        return words + ", ".join(f"{each:.6g}" for each in stored.value)
    return f"{words}{shape_text(stored.shape)} {stored.dtype}"


def _outputs(
    first: ArchGraph, second: ArchGraph, pairs: dict[str, str]
) -> tuple[tuple[str, ...], tuple[str, ...]] | None:
    """Return what the networks return where that is not the same, in their own names.

    One that was removed where another was added is told by these.
    """
    before, after = tuple(first.results), tuple(second.results)
    partners = set(pairs.values())

    def same(was: str, now: str) -> bool:
        node, colon, output = was.partition(":")
        if node not in pairs:
            return node_of(now) not in partners
        return pairs[node] + colon + output == now

    equal = len(before) == len(after) and all(map(same, before, after))
    return None if equal else (before, after)
