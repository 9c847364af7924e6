"""Live memory over a training step: it grows through the forward, shrinks in the backward pass."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import accumulate

from archgraph.graph import ArchGraph
from archgraph.memory.places import Place, places_of
from archgraph.memory.timeline import Timeline
from archgraph.memory.training import Needs, device_of, needed_for_gradients

__all__ = ["training_timelines"]

Span = tuple[int, int, tuple[str, int], int]
"""From and to which step something lies in memory, what it is, and its bytes."""


def training_timelines(
    net: ArchGraph, devices: Sequence[int | None], *, batch: int = 1
) -> dict[int | None, Timeline]:
    """Return the activations that lie on each device through a training step.

    The forward pass runs in the order of the program, the backward pass in the reverse order of
    the nodes through which a gradient flows. What a gradient needs lies there until the last that
    needs it is computed, anything else until it was last read, what the network returns until the
    forward pass ends. Gradients of activations are not counted.
    """
    places = places_of(net, batch=batch, training=True)
    needs = needed_for_gradients(net, places, batch=batch)
    order = [*places.reads]
    step = {name: at for at, name in enumerate(order)}
    backward = [name for name in reversed(order) if needs.learns[name]]
    back = {name: len(order) + at for at, name in enumerate(backward)}
    found = {}
    for device in devices:
        spans = [
            *_spans(places.places, needs, step, back, device),
            *_besides(net, needs, step, back, device, devices[0]),
        ]
        sizes = sum(each.bytes is None and each.lies_on(device) for each in places.places)
        unknown = sizes + len(needs.unknown)
        found[device] = _timeline((*order, *backward), len(order), spans, unknown)
    return found


def _spans(
    places: Sequence[Place],
    needs: Needs,
    step: Mapping[str, int],
    back: Mapping[str, int],
    device: int | None,
) -> list[Span]:
    found = []
    for number, place in enumerate(places):
        if not place.bytes or not place.lies_on(device):
            continue
        start = step[place.output[0]]
        end = max((step[name] for name in place.readers_on(device)), default=start)
        if place.kept:
            end = len(step) - 1
        users = needs.users.get(number, {})
        here = [back[n] for n, where in users.items() if device is None or where in (None, device)]
        found.append((start, max([end, *here]), place.output, place.bytes))
    return found


def _besides(
    net: ArchGraph,
    needs: Needs,
    step: Mapping[str, int],
    back: Mapping[str, int],
    device: int | None,
    first: int | None,
) -> list[Span]:
    """Return what nodes keep for themselves; that of nodes without a device lies on the first."""
    found = []
    for name, size in needs.besides.items():
        where = device_of(net, name, None)
        if device is None or device == (first if where is None else where):
            found.append((step[name], back[name], (name, 0), size))
    return found


def _timeline(order: tuple[str, ...], forward: int, spans: list[Span], unknown: int) -> Timeline:
    change = [0] * (len(order) + 1)
    for start, end, _, size in spans:
        change[start] += size
        change[end + 1] -= size
    live = tuple(accumulate(change[:-1]))
    peak = max(live, default=0)
    at = live.index(peak) if live else 0
    held: dict[tuple[str, int], int] = {}
    for start, end, what, size in spans:
        if start <= at <= end:
            held[what] = held.get(what, 0) + size
    name = order[at] if order else ""
    return Timeline(order, live, peak, name, tuple(held.items()), unknown, forward)
