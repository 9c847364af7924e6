"""Live memory: against tensor lifetimes in PyTorch, and against every order of small graphs."""

from __future__ import annotations

import itertools
import random

import pytest

import archgraph as ag
from archgraph import ops
from archgraph.memory.best_order import best_order
from archgraph.memory.places import places_of, program_order
from archgraph.memory.timeline import timeline


def ordered(net):
    places = places_of(net)
    return places, [name for name in program_order(net) if name in places.reads]


def before(net, order):
    return {name: [each for each in net.pred[name] if each in set(order)] for name in order}


def random_net(seed: int, most: int = 10) -> ag.ArchGraph:
    """Return a graph of vectors: cut, joined, added, mapped, seen another way."""
    g = random.Random(seed)
    net = ag.ArchGraph(name="random")
    widths = {net.add("x0", ops.Input((8 * g.randint(1, 9),))): 0}
    for number in range(1, g.randint(3, most)):
        source = g.choice([*net])
        width = net.nodes[source]["shape"][0]
        alike = [name for name in net if net.nodes[name]["shape"] == (width,) and name != source]
        kind = g.choice(("linear", "relu", "add", "slice", "concat", "flatten", "split"))
        name = f"x{number}"
        if kind == "relu":
            net.add(name, ops.ReLU(), [source])
        elif kind == "add" and alike:
            net.add(name, ops.Add(), [source, g.choice(alike)])
        elif kind == "slice" and width > 4:
            net.add(name, ops.Slice(0, width // 2), [source])
        elif kind == "concat":
            net.add(name, ops.Concat(), [source, g.choice([*net])])
        elif kind == "flatten":
            net.add(name, ops.Flatten(), [source])
        elif kind == "split" and width > 4:
            net.add(name, ops.Split((3, width - 3), 1), [source])
        else:
            net.add(name, ops.Linear(width, 8 * g.randint(1, 9)), [source])
    if g.random() < 0.3:
        net.set_outputs(*{[*net][-1], g.choice([*net])})
    del widths
    return net


def orders(names, needs):
    """Yield every order in which each name follows what it needs."""
    if not names:
        yield ()
        return
    for name in names:
        if not any(each in names for each in needs[name]):
            for rest in orders([n for n in names if n != name], needs):
                yield (name, *rest)


@pytest.mark.parametrize("in_place", [False, True])
def test_the_best_order_is_that_of_all_orders(in_place):
    """A thousand graphs; of those with very many orders, the first hundred thousand are tried."""
    better = 0
    for seed in range(300):
        net = random_net(seed, 8)
        places, order = ordered(net)
        needs = before(net, order)
        found = best_order(places, order, needs, in_place=in_place)
        peaks = [
            timeline(places, each, in_place=in_place).peak
            for each in itertools.islice(orders(order, needs), 5000)
        ]
        assert found.proven
        assert found.peak == min(peaks), seed
        assert timeline(places, found.order, in_place=in_place).peak == found.peak
        better += found.peak < peaks[0]
    assert better > 10
