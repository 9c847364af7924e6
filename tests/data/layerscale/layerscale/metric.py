"""A metric of the whole graph: how many operators lie between a node and the input."""

import archgraph as ag


def distances(net):
    found = {}
    for name in net.topological():
        found[name] = max((found[source] + 1 for source in net.inputs_of(name)), default=0)
    return found


METRICS = [ag.Metric("distance", "Distance from the input", "ops", reduce="max", compute=distances)]
