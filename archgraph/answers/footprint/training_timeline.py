"""Live memory over a training step: it grows through the forward, shrinks in the backward pass."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate

from archgraph.answers.footprint.kept import Step, training_step
from archgraph.answers.footprint.timeline import Timeline
from archgraph.answers.footprint.training import device_of
from archgraph.graph import ArchGraph

__all__ = ["timelines_in", "training_timelines"]

Span = tuple[int, int, tuple[str, int], int]
"""From and to which step something lies in memory, what it is, and its bytes."""


def training_timelines(
    net: ArchGraph,
    devices: Sequence[int | None],
    *,
    batch: int = 1,
    precision: str | None = None,
    checkpoint: str | None = None,
) -> dict[int | None, Timeline]:
    """Return the activations that lie on each device through a training step.

    The forward pass runs in the order of the program, the backward pass in the reverse order of
    the nodes through which a gradient flows. What a gradient needs lies there until the last that
    needs it is computed, anything else until it was last read, what the network returns until the
    forward pass ends. Where a block is computed again, what its gradients need lies there from the
    first of them on. Gradients of activations are not counted.
    """
    step = training_step(net, batch=batch, precision=precision, checkpoint=checkpoint)
    return timelines_in(step, devices)


def timelines_in(step: Step, devices: Sequence[int | None]) -> dict[int | None, Timeline]:
    """Return the same of a training step."""
    run, needs = _Run.of(step), step.needs
    found = {}
    for device in devices:
        spans = [*run.spans(device), *run.besides(device, devices[0])]
        sizes = sum(each.bytes is None and each.lies_on(device) for each in step.places.places)
        order = (*run.forward, *run.backward)
        unknown = sizes + len(needs.unknown)
        found[device] = _timeline(order, len(run.forward), spans, unknown)
    return found


@dataclass(frozen=True, slots=True)
class _Run:
    """The steps of both passes, and when each block is computed again: from when to when."""

    step: Step
    forward: tuple[str, ...]
    backward: tuple[str, ...]
    at: Mapping[str, int]
    back: Mapping[str, int]
    again: Mapping[str, tuple[int, int]]

    @classmethod
    def of(cls, step: Step) -> _Run:
        forward = tuple(step.places.reads)
        backward = tuple(name for name in reversed(forward) if step.needs.learns[name])
        back = {name: len(forward) + at for at, name in enumerate(backward)}
        again: dict[str, tuple[int, int]] = {}
        for name, at in back.items():
            key = step.again.block.get(name) if step.again is not None else None
            if key is not None:
                first, _ = again.get(key, (at, at))
                again[key] = first, at
        places = {name: at for at, name in enumerate(forward)}
        return cls(step, forward, backward, places, back, again)

    def spans(self, device: int | None) -> Iterator[Span]:
        """Yield what lies at each place of a device, and from when to when."""
        again = self.step.again
        made_again: dict[int, str] = {}
        if again is not None:
            made_again = {place: key for key, all_ in again.inside.items() for place in all_}
        for number, place in enumerate(self.step.places.places):
            if not place.bytes or not place.lies_on(device):
                continue
            start = self.at[place.output[0]]
            end = max((self.at[name] for name in place.readers_on(device)), default=start)
            if place.kept:
                end = len(self.forward) - 1
            users = self.step.needs.users.get(number, {})
            here = [n for n, on in users.items() if device is None or on in (None, device)]
            if again is None:
                end = max([end, *(self.back[name] for name in here)])
            else:
                outside = (self.back[name] for name in here if name not in again.block)
                blocks = again.kept.get(number, ())
                ends = (self.again[key][1] for key in blocks if key in self.again)
                end = max([end, *outside, *ends])
                key = made_again.get(number)
                own = [self.back[name] for name in here if again.block.get(name) == key]
                if key is not None and own:
                    yield self.again[key][0], max(own), place.output, place.bytes
            yield start, end, place.output, place.bytes

    def besides(self, device: int | None, first: int | None) -> Iterator[Span]:
        """Yield what nodes keep for themselves; that of nodes without a device on the first."""
        again = self.step.again
        for name, size in self.step.needs.besides.items():
            where = device_of(self.step.net, name, None)
            if device is not None and device != (first if where is None else where):
                continue
            if again is not None and name in again.block:
                yield self.again[again.block[name]][0], self.back[name], (name, 0), size
            else:
                yield self.at[name], self.back[name], (name, 0), size


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
