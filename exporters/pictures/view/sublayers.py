"""Sublayers: several operators that people see as one, such as attention with its projections.

They are told by what flows into what, not by names: an attention with the linear layers before
and behind it, an MLP with or without a gate, squeeze-and-excite.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from archgraph import ops
from archgraph.graph import ArchGraph
from archgraph.structure import structure
from archgraph.tensors import node_of

__all__ = ["Sublayer", "Sublayers", "sublayers"]

_CACHED = "archgraph.pictures.sublayers"

_GATES = {"SiLU": "SwiGLU", "GELU": "GEGLU", "ReLU": "ReGLU", "Sigmoid": "GLU"}
"""What a gated MLP is called by its activation (Shazeer, 2020)."""

_FAR = 64
"""Operators that are looked at before a search is given up."""


@dataclass(frozen=True, slots=True)
class Sublayer:
    """Operators that are one thing to people; ``last`` gives what comes out.

    ``family`` is what a box of it is coloured as and ``noun`` what it is counted as; ``brief`` says
    it among others, ``full`` where it is alone.
    """

    family: str
    noun: str
    brief: str
    full: str
    last: str
    members: frozenset[str]


@dataclass(frozen=True, slots=True)
class Sublayers:
    """Those of a network, by each of their operators; ``place`` is the order of all operators."""

    of: Mapping[str, Sublayer]
    place: Mapping[str, int]


def sublayers(net: ArchGraph) -> Sublayers:
    """Return the sublayers of a network; they are kept until the graph changes."""
    parts = structure(net)
    cache = net.__dict__.setdefault("__networkx_cache__", {})
    known = cache.get(_CACHED)
    if known is not None and known[0] is parts:
        kept: Sublayers = known[1]
        return kept
    found: dict[str, Sublayer] = {}
    for read in (_attentions, _mlps, _gates):
        for each in read(net, parts.order):
            if found.keys().isdisjoint(each.members):
                found |= dict.fromkeys(each.members, each)
    made = Sublayers(found, {name: index for index, name in enumerate(parts.order)})
    cache[_CACHED] = parts, made
    return made


# ---- attention ---------------------------------------------------------------------------


def _attentions(net: ArchGraph, order: tuple[str, ...]) -> Iterator[Sublayer]:
    """Yield every attention: our operator for it, or a softmax of products of two tensors."""
    fixed = _computed_from_nothing(net, order)
    for name in order:
        op = net.op(name)
        if isinstance(op, ops.ScaledDotProductAttention):
            inside = _only_for(net, name, {name}, fixed)
            yield _attention(net, name, net.reads(name)[:2], inside, fixed)
        elif isinstance(op, ops.Softmax):
            core, between = _weighted_by(net, name)
            inside = _only_for(net, core, {name, *between}, fixed)
            scores = _scores(net, name, inside, fixed)
            if between and scores is not None:
                yield _attention(net, core, net.reads(scores)[:2], inside, fixed)


_PRODUCTS = (ops.MatMul, ops.Einsum)


def _weighted_by(net: ArchGraph, softmax: str) -> tuple[str, set[str]]:
    """Return the product that a softmax goes into, and what lies between; some also return it."""
    for reader in net.succ[softmax]:
        if isinstance(net.op(reader), _PRODUCTS):
            return reader, {reader}
        end, between = _through(net, reader, _passes, lambda op: isinstance(op, _PRODUCTS))
        if between and _passes(net.op(reader)):
            return end, {reader, *between}
    return softmax, set()


def _computed_from_nothing(net: ArchGraph, order: tuple[str, ...]) -> set[str]:
    """Return the operators that read no input of the network, such as weights cut in parts."""
    found: set[str] = set()
    for name in order:
        if not isinstance(net.op(name), ops.Input) and found.issuperset(net.pred[name]):
            found.add(name)
    return found


def _projects(net: ArchGraph, name: str, fixed: set[str]) -> bool:
    """Return whether an operator is a linear layer, also one whose weights are an input."""
    op, before = net.op(name), net.inputs_of(name)
    if isinstance(op, _PRODUCTS):
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
        if isinstance(net.op(name), _PRODUCTS):
            return name
        queue += net.inputs_of(name)
    return None


def _attention(
    net: ArchGraph, core: str, sources: tuple[str, ...], inside: set[str], fixed: set[str]
) -> Sublayer:
    last, behind = _through(net, core, _passes, lambda op: isinstance(op, ops.Linear))
    inside |= behind
    query = net.tensor(sources[0]).shape or ()
    heads, width = _heads(query), query[-1] if query else None
    projections = [_projections(net, ref, inside, fixed) for ref in sources]
    crossed = _is_crossed(net, projections, fixed)
    noun = f"{'cross-' if crossed else ''}attention"
    closing = net.op(last)
    wide = closing.in_features if isinstance(closing, ops.Linear) else None
    if wide is None and heads and isinstance(width, int):
        wide = heads * int(width)
    shared = _shared_heads(net, heads, query, sources[1], projections)
    said = [noun, f"{heads} heads" if heads and heads > 1 else ""]
    said.append(f"{shared} key/value heads" if shared else "")
    brief, full = (
        ", ".join(filter(None, each)) for each in (said, [*said, str(wide) if wide else ""])
    )
    return Sublayer("attention", noun, brief, full, last, frozenset(inside))


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
    if not heads or not isinstance(query[-1], int):
        return None
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
    while queue and len(found) < _FAR:
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
        if projects or _passes(op) or op.family in _BETWEEN:
            inside.add(name)
            queue += [n for n in net.pred[name] if not projects or n in fixed]
    return inside


_BETWEEN = ("merge", "elementwise", "embedding", "linear", "conv", "pool")
"""What may stand between projections and the core: positions, masks, products, pooled keys."""


# ---- MLPs ----------------------------------------------------------------------------------


def _mlps(net: ArchGraph, order: tuple[str, ...]) -> Iterator[Sublayer]:
    for name in order:
        op = net.op(name)
        if op.family != "activation" or isinstance(op, ops.Softmax):
            continue
        before = _linear_before(net, name)
        if before is None:
            continue
        first, inside = before
        inside.add(name)
        gate = _gate(net, name, inside)
        last, behind = _through(net, gate or name, _passes, lambda op: isinstance(op, ops.Linear))
        closing = net.op(last)
        if not behind or not isinstance(closing, ops.Linear):
            continue
        inside |= behind
        opening, hidden = net.op(first), closing.in_features
        reads = opening.in_features if isinstance(opening, ops.Linear) else hidden
        # Of other widths they are a head: fully connected layers one after the other.
        if not gate and reads != closing.out_features:
            continue
        called = op.words.name
        if gate:
            kind = _GATES.get(op.kind, "gated MLP")
            brief, more = f"{kind} {hidden}", f", {kind}"
        else:
            brief, more = f"MLP {hidden}", f", {called}"
        full = f"{reads} → {hidden} → {closing.out_features}{more}"
        yield Sublayer("linear", "MLP", brief, full, last, frozenset(inside))


def _linear_before(net: ArchGraph, name: str) -> tuple[str, set[str]] | None:
    """Return the linear layer that a tensor comes from through moves alone, and what is between."""
    inside: set[str] = set()
    before = net.inputs_of(name)
    while len(before) == 1:
        (source,) = before
        inside.add(source)
        op = net.op(source)
        if isinstance(op, ops.Linear):
            return source, inside
        if not (op.moves or op.silent):
            return None
        before = net.inputs_of(source)
    return None


def _gate(net: ArchGraph, name: str, inside: set[str]) -> str | None:
    """Return the product of an activation and what another linear layer, or half of one, gives."""
    readers = list(net.succ[name])
    if len(readers) != 1 or not isinstance(net.op(readers[0]), ops.Mul):
        return None
    others = [source for source in net.inputs_of(readers[0]) if source != name]
    if len(others) != 1:
        return None
    other = others[0]
    if isinstance(net.op(other), ops.Linear):
        between = {other}
    else:
        found = _linear_before(net, other) if net.op(other).moves else None
        if found is None:
            return None
        between = {other, *found[1]}
    inside |= {readers[0], *between}
    return readers[0]


# ---- gates of channels -----------------------------------------------------------------------


def _gates(net: ArchGraph, order: tuple[str, ...]) -> Iterator[Sublayer]:
    """Yield squeeze-and-excite (Hu et al., 2018) and gates of channels with one layer."""
    for name in order:
        op = net.op(name)
        if not isinstance(op, ops.Mul) or len(set(net.inputs_of(name))) != 2:
            continue
        for gate, gated in (net.inputs_of(name), net.inputs_of(name)[::-1]):
            inside = _gate_chain(net, gate, gated)
            if inside:
                layers = [each for each in inside if net.op(each).layer]
                widths = [net.op(each).words.width for each in reversed(layers)]
                yield _channel_gate(widths, name, frozenset({name, *inside}))
                break


def _gate_chain(net: ArchGraph, gate: str, gated: str) -> list[str]:
    """Return the operators of a gate, last first: pooled, one or two layers, squashed."""
    found: list[str] = []
    name, layers = gate, 0
    while len(found) < 16:
        op, before = net.op(name), net.inputs_of(name)
        if not found and op.kind not in ("Sigmoid", "Hardsigmoid", "Pointwise"):
            return []
        found.append(name)
        layers += bool(op.layer)
        if op.family in ("pool", "reduce"):
            return found if before and before[0] == gated and 1 <= layers <= 2 else []
        one_way = len(before) == 1 and len(net.succ[name]) == 1
        works = op.layer or op.moves or op.family in ("activation", "norm", "elementwise")
        if not one_way or not (works or op.silent):
            return []
        name = before[0]
    return []


def _channel_gate(widths: list[int | None], last: str, members: frozenset[str]) -> Sublayer:
    if len(widths) == 2 and widths[0] and widths[1]:
        squeezed, wide = widths[0], widths[1]
        part = f"1/{wide // squeezed}" if wide % squeezed == 0 else f"{wide} → {squeezed}"
        brief = f"SE {part}"
        full = f"squeeze-and-excite, {wide} → {squeezed} → {wide}"
        return Sublayer("merge", "squeeze-and-excite", brief, full, last, members)
    return Sublayer("merge", "channel gate", "channel gate", "channel gate", last, members)


# ---- steps -----------------------------------------------------------------------------------


def _passes(op: ops.Op) -> bool:
    """Return whether an operator leaves what people see as it is: moves, dropout, norms."""
    return op.moves or op.silent or op.family in ("norm", "regularisation")


def _through(
    net: ArchGraph,
    name: str,
    passes: Callable[[ops.Op], bool],
    ends: Callable[[ops.Op], bool],
) -> tuple[str, set[str]]:
    """Return where the one way on from an operator ends, and what lies on it.

    The operator itself, and nothing, where no such end comes.
    """
    here, on_it = name, set()
    while len(net.succ[here]) == 1 and len(on_it) < _FAR:
        (here,) = net.succ[here]
        on_it.add(here)
        op = net.op(here)
        if ends(op):
            return here, on_it
        if not passes(op):
            break
    return name, set()
