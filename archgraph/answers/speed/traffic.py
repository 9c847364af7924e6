"""The bytes that each operator moves: what it reads of memory, and what it writes there."""

from __future__ import annotations

from collections.abc import Collection

from archgraph.answers.footprint.places import output_at, places_of
from archgraph.errors import FormatError
from archgraph.graph import ArchGraph
from archgraph.ops import Input
from archgraph.stored_tensors import all_tensors, original
from archgraph.tensors import Key, Tensor, bytes_of, state_key

__all__ = ["FLOATS", "Traffic", "moved_bytes", "narrowed", "number_type"]

FLOATS = ("float", "bfloat")


def narrowed(dtype: str | None, kind: str) -> str | None:
    """Return an element type where all floats are of one kind: "" for none, "tf32" is float32."""
    if not kind or dtype is None or not dtype.startswith(FLOATS):
        return dtype
    return "float32" if kind == "tf32" else kind


def number_type(net: ArchGraph, name: str) -> str | None:
    """Return the element type that an operator computes in: that of its floats, where it has some.

    None where it is unknown.
    """
    data = net.nodes[name]
    read = [net.tensor(each, name).dtype for each in net.reads(name)]
    types = [each for each in (*read, *(out.dtype for out in data["outputs"])) if each is not None]
    floats = [each for each in types if each.startswith((*FLOATS, "complex"))]
    return next(iter(floats or types), None)


def moved_bytes(net: ArchGraph, *, batch: int = 1, kind: str = "") -> dict[str, int | None]:
    """Return the bytes that each node reads and writes, None where a size is unknown.

    Each operator runs by itself: it reads every distinct tensor once, its inputs, its weights and
    its buffers, and writes its outputs. What gives views (reshapes, transposes, slices) moves
    nothing, nor does an input. Of what an operator picks (an embedding's table) it reads as much
    as it gives. With a ``kind``, floats are of that type.
    """
    traffic = Traffic(net, batch, kind)
    return {name: traffic.of([name]) for name in traffic.places.reads}


class Traffic:
    """The bytes that operators move for a batch, one by one or several that run as one."""

    def __init__(self, net: ArchGraph, batch: int = 1, kind: str = "") -> None:
        if batch < 1:
            raise FormatError(f"the batch is {batch}, but it must be at least 1.")
        if batch != 1 and not net.batched:
            raise FormatError(
                f"'{net.name}' takes one batch only, that of its inputs, so there is none of "
                f"{batch}."
            )
        self.net, self.batch, self.kind = net, batch, kind
        self.places, self.tensors = places_of(net, batch=batch), all_tensors(net)

    def of(self, names: Collection[str]) -> int | None:
        """Return what some nodes move when they run as one; None where a size is unknown.

        What passes between them stays where it is: they read what others made, and write what
        others read or the network returns.
        """
        inside, several = set(names), len(names) > 1
        sizes: dict[object, int | None] = {}
        for name in names:
            made = self.places.makes.get(name, ())
            if not made or isinstance(self.net.op(name), Input):
                continue
            for number, place in enumerate(made):
                held = self.places.places[place]
                if not several or held.kept or not inside.issuperset(held.readers):
                    output = self.net.nodes[name]["outputs"][number]
                    sizes["makes", name, number] = self._size(output)
            sizes |= {
                ("reads", source): size
                for source, (maker, size) in self._reads(name).items()
                if maker not in inside
            }
        if None in sizes.values():
            return None
        return sum(size for size in sizes.values() if size is not None)

    def _reads(self, name: str) -> dict[str, tuple[str, int | None]]:
        """Return what a node reads: each tensor's maker, "" of what is stored, and its bytes."""
        op, reads = self.net.op(name), self.net.reads(name)
        found: dict[str, tuple[str, int | None]] = {}
        for source in reads:
            if isinstance(source, Key):
                continue
            view = self._size(self.net.tensor(source, name))
            maker, number = self.places.places[self.places.of[output_at(source)]].output
            lies = self._size(self.net.nodes[maker]["outputs"][number])
            # A tensor that was spread over new axes lies in less memory than it has elements.
            found[source] = maker, view if view is None or lies is None else min(view, lies)
        stored = self._stored(name)
        if op.picks:
            given = self._size(self.net.nodes[name]["outputs"][0])
            table = next(iter(reads), None)
            if table in found and not op.parameters():
                maker, whole = found[table]
                found[table] = maker, _least(whole, given)
            else:
                stored = {key: _least(size, given) for key, size in stored.items()}
        return found | {f"stored {key}": ("", size) for key, size in stored.items()}

    def _stored(self, name: str) -> dict[str, int | None]:
        """Return the bytes of the stored tensors that a node reads at inference, by key."""
        op, keys = self.net.op(name), self.net.nodes[name].get("tensors") or {}
        roles = (*op.parameters(), *op.inference_buffers())
        wanted = [keys.get(role) or state_key(name, role) for role in roles]
        wanted += [key for key in self.net.reads(name) if isinstance(key, Key)]
        found: dict[str, int | None] = {}
        for key in wanted:
            each = self.tensors.get(key)
            if each is not None:
                tensor = Tensor(tuple(each.shape), narrowed(each.dtype, self.kind))
                found[original(self.net, key)] = bytes_of(tensor)
        return found

    def _size(self, tensor: Tensor) -> int | None:
        """Return a tensor's bytes for the batch; None where they are unknown."""
        whole = tensor.at(self.batch)
        return bytes_of(whole._replace(dtype=narrowed(whole.dtype, self.kind)))


def _least(first: int | None, second: int | None) -> int | None:
    return None if first is None or second is None else min(first, second)
