"""Attention with what belongs to it: projections before and behind, positions, masks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from math import prod

from archgraph import ops
from archgraph.graph import ArchGraph
from archgraph.tensors import node_of

from .sublayer import FAR, Sublayer, passes, through

__all__ = ["attentions"]


def attentions(net: ArchGraph, order: Sequence[str], fixed: set[str]) -> Iterator[Sublayer]:
    """Yield every attention: our operator for it, or a softmax of products of two tensors."""
    for name in order:
        op = net.op(name)
        if op.family == "attention" and op.known:
            inside = _only_for(net, name, {name}, fixed)
            yield _attention(net, name, net.reads(name)[:2], inside, fixed)
        elif isinstance(op, ops.Softmax):
            core, between = _weighted_by(net, name)
            inside = _only_for(net, core, {name, *between}, fixed)
            scores = _scores(net, name, inside, fixed)
            if between and scores is not None:
                yield _attention(net, core, net.reads(scores)[:2], inside, fixed)


def _multiplies(op: ops.Op) -> bool:
    """Return whether it is a product of tensors."""
    return op.kind in ("MatMul", "Einsum")


def _is_linear(op: ops.Op) -> bool:
    return isinstance(op, ops.Linear)


def _weighted_by(net: ArchGraph, softmax: str) -> tuple[str, set[str]]:
    """Return the product that a softmax goes into, and what lies between; some also return it."""
    for reader in net.succ[softmax]:
        if _multiplies(net.op(reader)):
            return reader, {reader}
        end, between = through(net, reader, _multiplies)
        if between and passes(net.op(reader)):
            return end, {reader, *between}
    return softmax, set()


def _projects(net: ArchGraph, name: str, fixed: set[str]) -> bool:
    """Return whether an operator is a linear layer, also one whose weights are an input."""
    op, before = net.op(name), net.inputs_of(name)
    if _multiplies(op):
        return len([source for source in before if source not in fixed]) < 2
    return isinstance(op, ops.Linear) or (op.family == "conv" and op.words.groups == 1)


def _scores(net: ArchGraph, softmax: str, inside: set[str], fixed: set[str]) -> str | None:
    """Return the product of queries and keys that a softmax is of."""
    queue, seen = list(net.inputs_of(softmax)), set()
    while queue:
        name = queue.pop(0)
        if name in seen or name not in inside or _projects(net, name, fixed):
            continue
        seen.add(name)
        if _multiplies(net.op(name)):
            return name
        queue += net.inputs_of(name)
    return None


def _attention(
    net: ArchGraph, core: str, sources: tuple[str, ...], inside: set[str], fixed: set[str]
) -> Sublayer:
    last, behind = through(net, core, _is_linear)
    inside |= behind
    query = net.tensor(sources[0]).shape or ()
    heads, width = _heads(query), query[-1] if query else None
    projections = [_projections(net, ref, inside, fixed) for ref in sources]
    crossed = _is_crossed(net, projections, fixed)
    kind = "cross-" if crossed else _windowed(net, query, projections)
    kind = net.op(core).words.how + " " if net.op(core).words.how and not kind else kind
    noun = f"{kind}attention"
    closing = net.op(last)
    wide = closing.in_features if isinstance(closing, ops.Linear) else None
    if wide is None and heads and isinstance(width, int):
        wide = heads * int(width)
    shared = _shared_heads(net, heads, query, sources[1], projections)
    said = [noun, f"{heads} heads" if heads and heads > 1 else ""]
    said.append(f"{shared} KV heads" if shared else "")
    brief, full = (
        ", ".join(filter(None, each)) for each in (said, [*said, str(wide) if wide else ""])
    )
    inner = Sublayer("attention", noun, brief, full, core, frozenset(inside - behind))
    return replace(inner, last=last, members=frozenset(inside), inner=inner)


def _windowed(net: ArchGraph, query: ops.Shape, projections: Sequence[set[str]]) -> str:
    """Return "window " where parts of an image attend to themselves, "shifted-window " likewise.

    Their number stands before the heads, as the batch does (Liu et al., 2021); where they are
    shifted, what is projected was rolled.
    """
    before = query[:-3]
    if not all(isinstance(each, int) for each in before) or prod(map(int, before)) < 2:
        return ""
    # Elsewhere parts of a batch may mean anything.
    if not any(data["op"].kind == "Roll" for data in net.nodes.values()):
        return ""
    for name in sorted(projections[0]):
        steps = 0
        while len(net.pred[name]) == 1 and steps < 16:
            (name,) = net.pred[name]
            if net.op(name).kind == "Roll":
                return "shifted-window "
            if not net.op(name).moves:
                break
            steps += 1
    return "window "


def _heads(shape: ops.Shape) -> int | None:
    """Return how many heads a query has: the axis before positions, N · heads where it is first."""
    extent = shape[-3] if len(shape) > 2 else 1
    return int(extent) if isinstance(extent, int) else None


def _shared_heads(
    net: ArchGraph,
    heads: int | None,
    query: ops.Shape,
    key: str,
    projections: list[set[str]],
) -> int | None:
    """Return how many heads of keys and values the heads of the query share; None: one each."""
    if not heads or not query or not isinstance(query[-1], int) or query[-1] < 1:
        return None  # of an unknown size, or empty
    count, width = _heads(net.tensor(key).shape or ()), int(query[-1])
    # A repeated key has as many heads as the query; its own projection says how many there are.
    if count == heads and len(projections[1]) == 1 and projections[0] != projections[1]:
        (op,) = (net.op(name) for name in projections[1])
        if isinstance(op, ops.Linear) and op.out_features % width == 0:
            count = op.out_features // width
    return count if count and count < heads else None


def _projections(net: ArchGraph, ref: str, inside: set[str], fixed: set[str]) -> set[str]:
    """Return the linear layers that a tensor comes from, inside an attention."""
    found: set[str] = set()
    queue, seen = [node_of(ref)], set()
    while queue:
        name = queue.pop()
        if name in seen or name not in inside:
            continue
        seen.add(name)
        if _projects(net, name, fixed):
            found.add(name)
        else:
            queue += net.inputs_of(name)
    return found


def _is_crossed(net: ArchGraph, projections: list[set[str]], fixed: set[str]) -> bool:
    """Return whether queries and keys come from different tensors, none made of the other."""
    queries, keys = (
        {
            source
            for name in names
            for source in net.inputs_of(name)
            if source not in fixed or fixed.issuperset(net.inputs_of(name))
        }
        for names in projections
    )
    if not queries or not keys or queries & keys:
        return False
    return not (_before(net, queries) & _before(net, keys))


def _before(net: ArchGraph, names: set[str]) -> set[str]:
    """Return these operators and those before them, up to where several tensors meet."""
    found: set[str] = set()
    queue = list(names)
    while queue and len(found) < FAR:
        name = queue.pop()
        found.add(name)
        before = set(net.inputs_of(name))
        if len(before) == 1 and not net.op(name).sums:
            queue += before - found
    return found


def _only_for(net: ArchGraph, core: str, inside: set[str], fixed: set[str]) -> set[str]:
    """Return the core and what is computed for it alone, from its projections on."""
    inside = {core, *inside}
    queue = [source for name in sorted(inside) for source in net.pred[name]]
    while queue:
        name = queue.pop()
        op = net.op(name)
        if name in inside or not inside.issuperset(net.succ[name]):
            continue
        projects = _projects(net, name, fixed)
        if projects or passes(op) or op.family in _BETWEEN:
            inside.add(name)
            queue += [n for n in net.pred[name] if not projects or n in fixed]
    return inside


_BETWEEN = ("merge", "elementwise", "reduce", "embedding", "linear", "conv", "pool")
"""What may stand between projections and the core: positions, masks, products, pooled keys."""
