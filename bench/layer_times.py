"""Measures ten networks layer by layer beside their rooflines, for the tables of docs/time.md.

``python -m bench.layer_times`` takes some minutes on one thread; with words behind it, such as
``vit``, it asks about the networks whose names hold one, and prints only. Nothing is fitted: the
roofline is that of a product of matrices and a copy, measured first. Of both the shortest run
counts, which other work disturbs least.
"""

from __future__ import annotations

import statistics
import sys
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import archgraph as ag
from archgraph.answers.speed.measured_network import measure
from archgraph.answers.speed.roofline import roofline, together
from archgraph.answers.speed.roofline_table import device_line
from archgraph.answers.speed.this_machine import cache_file
from archgraph.graph import ArchGraph
from archgraph.units import seconds_text
from bench.modules.vision import torchvision_models
from bench.page import put

PAGE = Path("docs/time.md")
THREADS, RUNS = 1, 20

Pairs = list[tuple[float, float, float]]
"""Seconds measured, seconds estimated and FLOPs of each layer or group."""


def _vision(name: str) -> Callable[[], ArchGraph]:
    def make() -> ArchGraph:
        module = torchvision_models().get_model(name, weights=None).eval()
        return ag.load(module, input=(3, 224, 224), name=name)

    return make


def _ours(name: str) -> Callable[[], ArchGraph]:
    return lambda: ag.load(name)


NETWORKS: dict[str, Callable[[], ArchGraph]] = {
    **{
        name: _ours(name)
        for name in ("alexnet", "vgg16", "googlenet", "resnet18", "resnet50", "vit_b_16")
    },
    **{
        name: _vision(name) for name in ("mobilenet_v2", "densenet121", "efficientnet_b0", "swin_t")
    },
}
"""Six of the gallery, four of torchvision, one image of 3 × 224 × 224."""


@dataclass(frozen=True)
class Compared:
    """One network in one runtime: its layers or groups, and what they take together."""

    name: str
    where: str
    pairs: Pairs
    left_out: int
    shared: int

    @property
    def row(self) -> str:
        """The line of the table."""
        ratios = [measured / estimated for measured, estimated, _ in self.pairs]
        low, middle, high = statistics.quantiles(ratios, method="inclusive")
        measured, estimated = (sum(pair[side] for pair in self.pairs) for side in (0, 1))
        ranks = spearman([(pair[0], pair[1]) for pair in self.pairs])
        flops = spearman([(pair[0], pair[2]) for pair in self.pairs])
        return (
            f"| {self.name} | {len(self.pairs)} | {self.shared} | {seconds_text(measured)} | "
            f"{seconds_text(estimated)} | {ranks:.2f} | {flops:.2f} | {low:.2f} | {middle:.2f} | "
            f"{high:.2f} |"
        )


def spearman(pairs: Sequence[tuple[float, float]]) -> float:
    """Return Spearman's rank correlation; equal values share the mean of their ranks."""
    first, second = (_ranks([pair[side] for pair in pairs]) for side in (0, 1))
    return statistics.correlation(first, second)


def _ranks(values: Sequence[float]) -> list[float]:
    order = sorted(values)
    first: dict[float, int] = {}
    count: dict[float, int] = {}
    for rank, value in enumerate(order):
        first.setdefault(value, rank)
        count[value] = count.get(value, 0) + 1
    return [first[value] + (count[value] - 1) / 2 for value in values]


def compared(name: str, runtime: str) -> Compared:
    """Return a network's layers, measured and estimated; groups that run as one as groups."""
    net = NETWORKS[name]()
    found = measure(net, runtime=runtime, threads=THREADS, runs=RUNS)
    groups = [group for group in found.groups if group.names]
    least = together(net, [group.names for group in groups], roofline(net, f"here {THREADS}"))
    pairs: Pairs = []
    left_out = 0
    for group, seconds in zip(groups, least, strict=True):
        if seconds and group.least:
            flops = sum(net.nodes[each]["flops"] or 0 for each in group.names)
            pairs.append((group.least / 1e3, seconds, flops))
        else:
            left_out += bool(seconds or group.least)
    shared = sum(len(group.names) > 1 for group in groups)
    return Compared(name, found.where, pairs, left_out, shared)


def table(rows: Sequence[Compared]) -> str:
    """Return a runtime's table, a line for each network."""
    missing = sum(row.left_out for row in rows)
    return "\n".join(
        [
            f"With {rows[0].where}:",
            "",
            "| network | layers or groups | of these groups | measured | estimated | rank "
            "correlation | by FLOPs alone | measured / estimated, first quartile | median | third "
            "quartile |",
            "|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|",
            *(row.row for row in rows),
            "",
            f"Left out are {missing} layers that only one of the two gives a time: views that are "
            "copied, and what is computed beforehand or not at all.",
        ]
    )


def main(words: Sequence[str]) -> None:
    """Measure those that are asked for, by default all, and then write their tables."""
    warnings.simplefilter("ignore")
    chosen = [name for name in NETWORKS if not words or any(word in name for word in words)]
    if not words:
        cache_file().unlink(missing_ok=True)
    for runtime in ("onnxruntime", "torch"):
        rows = []
        for name in chosen:
            rows.append(compared(name, runtime))
            print(rows[-1].row, flush=True)
        if not words:
            put(PAGE, runtime, table(rows))
    if not words:
        net = ag.load("lenet5")
        put(PAGE, "machine", f"{device_line(roofline(net, f'here {THREADS}'))}.")


if __name__ == "__main__":
    main(sys.argv[1:])
