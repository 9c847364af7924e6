"""What recognition must leave as it is."""

from __future__ import annotations

import archgraph as ag
from archgraph import ops
from archgraph.provenance import whole_origin

__all__ = ["assert_law", "kinds", "origins"]


def kinds(net: ag.ArchGraph) -> list[str]:
    return [net.op(name).kind for name in net if not isinstance(net.op(name), ops.Input)]


def origins(net: ag.ArchGraph) -> list[str]:
    return sorted(each for name in net for each in net.nodes[name].get("origin", ()))


def assert_origins(before: ag.ArchGraph, after: ag.ArchGraph) -> None:
    """All that was told is told once, and nothing else but parts of it; every node says so."""
    told, now = origins(before), origins(after)
    assert len(now) == len(set(now))
    assert set(told) <= set(now)
    assert set(map(whole_origin, now)) == set(map(whole_origin, told))
    if all(data.get("origin") for _, data in before.nodes(data=True)):
        assert all(data.get("origin") for _, data in after.nodes(data=True))


def assert_law(before: ag.ArchGraph, after: ag.ArchGraph) -> None:
    """Parameters, MACs at any batch, origins and the tensors at the border are the same."""
    after.check()
    assert after.total("params") == before.total("params")
    for batch in (1, 2, 3):
        assert after.total("macs", batch=batch) == before.total("macs", batch=batch)
    assert_origins(before, after)
    assert list(map(after.tensor, after.results)) == list(map(before.tensor, before.results))
    assert [after.op(name) for name in after.sources] == [before.op(n) for n in before.sources]
    read = {key for name in after for key in (after.nodes[name].get("tensors") or {}).values()}
    constants = {key for key, each in after.tensors.items() if each.kind == "constant"}
    assert constants <= read
