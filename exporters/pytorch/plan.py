"""What a mode of a module runs, in order: which layer on which values, and when values go."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from archgraph.graph import ArchGraph
from archgraph.ops import Input, Op
from archgraph.tensors import Batch

from .outputs import output_fields, outputs_in_order
from .stored import module_path

__all__ = ["Lent", "Plan", "Step", "batch_axis", "layer_paths", "lent_tensors", "plan_of"]

Lent = Mapping[str, tuple[tuple[str, str], ...]]


@dataclass(frozen=True, slots=True)
class Step:
    """One node in the order of execution.

    ``module`` is the path of its layer; ``lent`` are the roles of that layer that tensors of
    other keys fill. ``gives`` names its outputs, ``frees`` the values that nobody reads later.
    """

    name: str
    module: str
    inputs: tuple[str, ...]
    lent: tuple[tuple[str, str], ...]
    gives: tuple[str, ...]
    frees: tuple[str, ...]
    device: int | None


@dataclass(frozen=True, slots=True)
class Plan:
    """What one mode, training or inference, runs and returns; ``fields`` name the outputs."""

    steps: tuple[Step, ...]
    outputs: tuple[str, ...]
    fields: tuple[str, ...]


def layer_paths(net: ArchGraph) -> dict[str, str]:
    """Return where the layer of each node is: a module that runs again is there once.

    Beside its own place is that of a layer under whose name something lies that it must not take
    for its own, such as a bias that is added by a node of its own.
    """
    made: dict[str, Op] = {}
    held: dict[str, set[str]] = {}
    for key in net.graph.get("tensors") or {}:
        owner, _, role = key.rpartition(".")
        held.setdefault(owner, set()).add(role)
    containers = {
        ".".join(words[:n])
        for words in (name.split(".") for name in net)
        for n in range(1, len(words))
    }
    found: dict[str, str] = {}
    for name in net:
        path, op = module_path(name), net.op(name)
        if path in containers or made.get(path, op) != op or (path != name and path in net.sources):
            path = name
        if held.get(path, set()) - {*op.parameters(), *op.buffers()}:
            path = f"{path}_layer"
        made[path] = op
        found[name] = path
    return found


def lent_tensors(net: ArchGraph, paths: Mapping[str, str]) -> Lent:
    """Return for each node the roles that tensors fill which lie elsewhere than in its layer."""
    found = {}
    for name in net:
        op, keys = net.op(name), net.keys_of(name)
        roles = (*op.parameters(), *op.buffers())
        elsewhere = [(r, keys[r]) for r in roles if keys[r] != f"{paths[name]}.{r}"]
        if elsewhere:
            found[name] = tuple(elsewhere)
    return found


def batch_axis(net: ArchGraph) -> tuple[int, int, int]:
    """Return where the batch is read: number of the input, axis, how often it goes in there.

    The last is 0 for a network of a fixed batch.
    """
    for number, name in enumerate(net.sources):
        for axis, extent in enumerate(net.nodes[name]["outputs"][0].shape or ()):
            if type(extent) is Batch:
                return number, axis, int(extent)
    return 0, 0, 0


def plan_of(net: ArchGraph, paths: Mapping[str, str], lent: Lent) -> Plan:
    """Return the plan of all nodes of ``net``."""
    order = [name for name in net.topological() if not isinstance(net.op(name), Input)]
    last: dict[str, str] = {}
    gives: dict[str, tuple[str, ...]] = {}
    for name in order:
        count = len(net.nodes[name]["outputs"])
        gives[name] = (name, *(f"{name}:{number}" for number in range(1, count)))
        # Those of an input, too, go when they are read.
        last |= dict.fromkeys((*gives[name], *net.reads(name)), name)
    kept = set(net.results)
    frees: dict[str, list[str]] = {}
    made = {*net.sources, *(value for values in gives.values() for value in values)}
    for value, reader in last.items():
        if value in made and value not in kept:
            frees.setdefault(reader, []).append(value)
    steps = tuple(
        Step(
            name,
            paths[name],
            net.reads(name),
            lent.get(name, ()),
            gives[name],
            tuple(frees.get(name, ())),
            net.nodes[name]["device"],
        )
        for name in order
    )
    return Plan(steps, outputs_in_order(net), output_fields(net))
