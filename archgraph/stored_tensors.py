"""What the nodes of a network store: which key each tensor has, who reads it first, its type."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from archgraph.errors import GraphError, ShapeError
from archgraph.nearest import nearest
from archgraph.ops.base import Op
from archgraph.tensors import Shape, Stored, elements, state_key

if TYPE_CHECKING:
    import networkx as nx

__all__ = [
    "all_keys",
    "all_tensors",
    "counted",
    "declared",
    "first_readers",
    "keys_read",
    "learned",
    "learned_bytes",
    "note_key",
    "noted_keys",
    "original",
    "stored",
    "tied",
    "weight_type",
]


def declared(net: nx.DiGraph[str]) -> dict[str, Any]:
    """Return the records of the tensors that were declared, by key."""
    found: dict[str, Any] = net.graph.get("tensors") or {}
    return found


def all_keys(net: nx.DiGraph[str]) -> list[str]:
    """Return the keys of all that a network stores, in the order of ``all_tensors``."""
    found = dict.fromkeys(declared(net))
    for name, data in net.nodes(data=True):
        op, keys = data["op"], data.get("tensors") or {}
        for role in (*op.parameters(), *op.buffers()):
            found[keys.get(role) or state_key(name, role)] = None
    return list(found)


def all_tensors(net: nx.DiGraph[str]) -> dict[str, Stored]:
    """Return all that a network stores, by key: what was declared, then each operator's own."""
    found = {key: Stored.of(record, key) for key, record in declared(net).items()}
    for name, data in net.nodes(data=True):
        keys = data.get("tensors") or {}
        for role, usual in _usual(data["op"]).items():
            found.setdefault(keys.get(role) or state_key(name, role), usual)
    return found


def _usual(op: Op) -> dict[str, Stored]:
    """Return what an operator stores, by role, where nothing else is declared."""
    found = {role: Stored(tuple(shape)) for role, shape in op.parameters().items()}
    for role, shape in op.buffers().items():
        dtype = "int64" if role in op.counters else "float32"
        found[role] = Stored(tuple(shape), dtype, "buffer")
    return found


class Learned(NamedTuple):
    """What a network has learned: its bytes and element types, how many tensors are a guess."""

    bytes: int
    types: tuple[str, ...]
    doubtful: int = 0


def learned(net: nx.DiGraph[str], *, training: bool = False) -> Learned:
    """Return the size of what the nodes have learned; with ``training`` also of its heads."""
    read = [
        (name, data)
        for name, data in net.nodes(data=True)
        if training or not data.get("training_only")
    ]
    if not declared(net):  # what nobody declares is in 32-bit floats
        count = sum(data["params"] or 0 for _, data in read)
        return Learned(4 * count, ("float32",) if count else ())
    found: dict[str, Stored] = {}
    for name, data in read:
        found |= _read_by(net, name, data["op"], data.get("tensors") or {})
    tensors = [each for each in found.values() if each.kind == "parameter"]
    return Learned(
        sum(each.bytes for each in tensors),
        tuple(sorted({each.dtype for each in tensors})),
        sum(each.doubtful for each in tensors),
    )


def learned_bytes(net: nx.DiGraph[str], *, training: bool = False) -> dict[str, int]:
    """Return the bytes of what each node has learned that none before it reads."""
    readers: set[str] = set()
    found: dict[str, int] = {}
    for name, data in net.nodes(data=True):
        if data.get("training_only") and not training:
            continue
        tensors = _read_by(net, name, data["op"], data.get("tensors") or {})
        own = {key: each for key, each in tensors.items() if key not in readers}
        readers |= own.keys()
        found[name] = sum(each.bytes for each in own.values() if each.kind == "parameter")
    return found


def original(net: nx.DiGraph[str], key: str) -> str:
    """Return the key of the tensor whose elements a key holds in the end: itself of its own."""
    return _followed(net, key, moved=True)


def tied(net: nx.DiGraph[str], key: str) -> str:
    """Return the key of the tensor that a key is, shape and order included: itself of its own."""
    return _followed(net, key, moved=False)


def _followed(net: nx.DiGraph[str], key: str, *, moved: bool) -> str:
    records, seen = declared(net), {key}
    while (alias := records.get(key, {}).get("alias")) is not None and alias not in seen:
        if records[key].get("moved") and not moved:
            break
        seen.add(alias)
        key = alias
    return key


def stored(net: nx.DiGraph[str], key: str, reader: str) -> Stored:
    """Return one stored tensor; GraphError naming its ``reader`` where there is none."""
    records = declared(net)
    if key in records:
        return Stored.of(records[key], key)
    node, _, role = key.rpartition(".")
    usual = _usual(net.nodes[node]["op"]).get(role) if node in net else None
    if usual is not None:
        return usual
    raise GraphError(
        f"node '{reader}' reads the stored tensor '{key}', which was not declared"
        f"{nearest(key, records)}; declare it with net.store."
    )


def weight_type(net: nx.DiGraph[str], name: str, op: Op, keys: Mapping[str, str]) -> str:
    """Return the element type of an operator's parameters."""
    records = declared(net)
    if records:
        for role in op.parameters():
            record = records.get(keys.get(role) or state_key(name, role))
            if record is not None:
                return str(record.get("dtype", "float32"))
    return "float32"


def first_readers(net: nx.DiGraph[str]) -> dict[str, str]:
    """Return who counts each stored tensor, by key: who reads it first of all that always run.

    What only training reads counts where it alone reads it.
    """
    found: dict[str, str] = {}
    for late in (False, True):
        for name, data in net.nodes(data=True):
            if bool(data.get("training_only")) is late:
                for key in _read_by(net, name, data["op"], data.get("tensors") or {}):
                    found.setdefault(key, name)
    return found


def noted_keys(net: nx.DiGraph[str], name: str, op: Op, keys: Mapping[str, str]) -> dict[str, str]:
    """Return a node's keys with those of its operator's tensors that do not follow its name.

    Written down, they outlive a new name: those of declared tensors, those of a module that runs
    again.
    """
    records, found = declared(net), dict(keys)
    for role in (*op.parameters(), *op.buffers()):
        key = state_key(name, role)
        if role not in found and (key in records or key != f"{name}.{role}"):
            found[role] = key
    return found


def note_key(net: nx.DiGraph[str], node: str, key: str) -> None:
    """Write down the key of a node's tensor that others know too."""
    if node not in net:
        return
    data = net.nodes[node]
    op, keys = data["op"], data.get("tensors") or {}
    for role in (*op.parameters(), *op.buffers()):
        if role not in keys and state_key(node, role) == key:
            data["tensors"] = {**keys, role: key}


def counted(
    net: nx.DiGraph[str],
    name: str,
    op: Op,
    keys: Mapping[str, str],
    readers: dict[str, str],
    always: bool = True,
) -> dict[str, Any]:
    """Return what a node counts of the tensors that it reads: those that none before it reads.

    ``params`` are their numbers, ``shared`` who reads the others first, by key. ``readers`` learns
    of the node. What ``always`` runs counts what so far only training read.
    """
    total, shared = 0, {}
    for key, tensor in _read_by(net, name, op, keys).items():
        first = readers.setdefault(key, name)
        if first != name and always and net.nodes[first].get("training_only"):
            before = net.nodes[first]
            if tensor.kind == "parameter" and before["params"] is not None:
                before["params"] -= elements(tensor.shape)
            before["shared"] = {**before.get("shared", {}), key: name}
            note_key(net, first, key)
            readers[key] = first = name
        if first != name:
            shared[key] = first
        elif tensor.kind == "parameter":
            total += elements(tensor.shape)
    if not op.parameters():  # an operator that only says how many numbers it holds
        own = op.parameter_count()
        return {"params": None if own is None else total + own}
    return {"params": total, **({"shared": shared} if shared else {})}


def keys_read(net: nx.DiGraph[str], name: str, op: Op, keys: Mapping[str, str]) -> list[str]:
    """Return the keys of the tensors that a node reads, under which they are counted."""
    records, roles = declared(net), op.parameters()
    found = []
    for role in (*roles, *(word for word in keys if word not in roles)):
        key = keys.get(role) or state_key(name, role)
        if key in records or role in roles:
            found.append(original(net, key))
    return found


def _read_by(net: nx.DiGraph[str], name: str, op: Op, keys: Mapping[str, str]) -> dict[str, Stored]:
    """Return the tensors that a node reads, under the keys that they are the same as."""
    records = declared(net)
    roles: dict[str, Shape] = dict(op.parameters())
    found: dict[str, Stored] = {}
    for role in (*roles, *(word for word in keys if word not in roles)):
        key = keys.get(role) or state_key(name, role)
        if key in records:
            tensor = Stored.of(records[key], key)
        elif role in roles:
            tensor = Stored(tuple(roles[role]))
        else:
            continue
        if role in roles and tensor.shape != tuple(roles[role]):
            raise ShapeError(
                f"node '{name}' ({op.kind}) needs a {role} of {tuple(roles[role])}, but the "
                f"stored tensor '{key}' is {tensor.shape}."
            )
        if tensor.alias is not None:
            key = original(net, key)
            tensor = Stored.of(records[key], key) if key in records else tensor
        found[key] = tensor
    return found
