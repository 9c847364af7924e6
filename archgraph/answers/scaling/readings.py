"""A network at several sizes of its input: what each operator costs there, and its extents."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from archgraph.answers.scaling.growing_axes import Variable
from archgraph.errors import ArchGraphError, GraphError
from archgraph.graph import ArchGraph
from archgraph.limits import READINGS
from archgraph.metrics import Metric, Number

__all__ = ["Reading", "Readings"]

STRIDES: tuple[int, ...] = (
    *(1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 14, 16, 20, 24, 28, 32, 40, 48, 56, 64, 80, 96, 112),
    *(128, 160, 192, 224, 256),
)
"""The steps that are tried between sizes that a network takes."""

WIDTH = 42
"""How many steps beyond its present size are read at least, where the network takes them."""


@dataclass(frozen=True)
class Reading:
    """One size: the variable's value, the known total, each operator's figure and shapes.

    The shapes are of what it gives, then of what it reads; ``params`` is what the whole network
    has learned there.
    """

    x: int
    known: Number
    values: Mapping[str, Number | None]
    extents: Mapping[str, tuple[tuple[int, ...], ...]]
    params: Number | None

    @classmethod
    def of(cls, net: ArchGraph, batch: int, metric: Metric, x: int) -> Reading:
        """Count a network at this size."""
        values = {
            name: net.value(name, metric, batch)
            for name, data in net.nodes.items()
            if not data.get("training_only")
        }
        if metric.reduce == "max":  # the parts of a largest value are no parts of a sum
            values = {"": metric.combine(values.values())}
        extents = {} if "" in values else {name: tuple(_extents(net, name)) for name in values}
        return cls(x, metric.known(values.values()), values, extents, net.total("params"))


def _extents(net: ArchGraph, name: str) -> Iterator[tuple[int, ...]]:
    for tensor in (*net.nodes[name]["outputs"], *(net.tensor(r, name) for r in net.reads(name))):
        yield tuple(int(each) if isinstance(each, int) else -1 for each in tensor.shape or ())


class Readings:
    """A network read at sizes, each once; what it refuses is remembered."""

    def __init__(
        self, what: Variable, metric: Metric, working: Callable[[str], None] | None = None
    ) -> None:
        self.what, self.metric = what, metric
        self.refusal = ""
        self.step, self._known_step = 1, False
        self._working = working or (lambda _: None)
        self._read: dict[int, Reading | None] = {}
        self._most: int | None = None

    @property
    def start(self) -> int:
        """The present size."""
        return self.what.start

    def at(self, size: int) -> Reading | None:
        """Return what is counted at a size; None where the network does not take it."""
        if size not in self._read:
            if len(self._read) >= READINGS or (self._most is not None and size >= self._most):
                return None
            self._working(f"reading {self.what.title} {size} ({len(self._read) + 1} sizes)")
            found = self._read[size] = self._reading(size)
            if found is None and size > self.start and self._known_step:
                self._most = size  # more than it takes, such as a table of positions has
        return self._read[size]

    def _reading(self, size: int) -> Reading | None:
        try:
            net, batch = self.what.read(size)
            x = size if self.what.derived is None else self.what.derived(net)
            return None if x is None else Reading.of(net, batch, self.metric, x)
        except ArchGraphError as error:
            self.refusal = self.refusal or str(error)
            return None

    def known(self) -> list[Reading]:
        """Return what was counted at sizes of this step, the present first, each value once."""
        rest = self.start % self.step
        order = sorted(
            (size for size in self._read if size % self.step == rest),
            key=lambda size: (size != self.start, size),
        )
        found: dict[int, Reading] = {}
        for size in order:
            one = self._read[size]
            if one is not None:
                found.setdefault(one.x, one)
        return list(found.values())

    def unknown(self) -> tuple[str, ...]:
        """Return the operators whose figure is unknown at some size."""
        found: dict[str, None] = {}
        for one in self.known():
            found |= dict.fromkeys(name for name, value in one.values.items() if value is None)
        return tuple(found)

    def find_step(self) -> None:
        """Find the step between the sizes that the network takes.

        Raises GraphError where it takes no other size.
        """
        if self.at(self.start) is None:
            raise GraphError(self._refused())
        for sign in (1, -1):
            for step in STRIDES:
                near, far = self.start + sign * step, self.start + 2 * sign * step
                if far > 0 and self.at(near) is not None and self.at(far) is not None:
                    self.step, self._known_step = step, True
                    return
        raise GraphError(self._refused())

    def _refused(self) -> str:
        said = self.refusal.removesuffix(".")
        how = "" if self.what.made else "; read it from the module or file that it is from"
        return (
            f"the network takes no other {self.what.title} than {self.start}"
            f"{f': {said}' if said else ''}{how}."
        )

    def first(self) -> list[int]:
        """Return the sizes to find a formula with: near ones in a row, and some far ones."""
        step, start = self.step, self.start
        near = [start + step * n for n in range(1, 9)] + [start - step * n for n in range(1, 5)]
        least, most = self.range()
        count = (most - least) // step
        far = [least + step * (count * n // 8) for n in range(9)]
        return [size for size in dict.fromkeys((*near, *far)) if size >= least]

    def range(self) -> tuple[int, int]:
        """Return the sizes between which all is read: from half of the present one."""
        least = max(self.start - self.start // 2 // self.step * self.step, self.step)
        least = least if least % self.step == self.start % self.step else self.start
        return least, self.start + self.step * max(WIDTH, 3 * self.start // self.step)

    def others(self) -> Iterator[int]:
        """Yield sizes that were not read yet, far and near ones mixed."""
        least, most = self.range()
        count = (most - least) // self.step + 1
        stride = next(n for n in range(int(count * 0.618) + 1, 2 * count + 2) if _prime(n, count))
        for number in range(count):
            size = least + self.step * (number * stride % count)
            if size not in self._read:
                yield size

    def near(self, wanted: Callable[[int], bool]) -> int | None:
        """Return the size nearest to the present one, not read yet, that is wanted."""
        least, most = self.range()
        sizes = range(least, most + 1, self.step)
        for size in sorted(sizes, key=lambda each: abs(each - self.start)):
            if size not in self._read and wanted(size):
                return size
        return None

    def jumps(self, divide: int, add: int) -> list[int]:
        """Return the sizes on both sides of the first and last jump of ⌊(x + add) / divide⌋."""
        read = sorted(size for size, one in self._read.items() if one is not None)
        low = read[0] + (-read[0] - add) % divide
        high = read[-1] - (read[-1] + add) % divide
        found = []
        for jump in (low, high):
            after = jump + (read[0] - jump) % self.step
            found += [after, after - self.step]
        return [x for x in found if read[0] <= x <= read[-1] and x not in self._read]


def _prime(one: int, other: int) -> bool:
    from math import gcd

    return gcd(one, other) == 1
