"""Metrics of speed: bytes moved, arithmetic intensity, and on a device time and share of peak."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from archgraph.answers.speed.rates import Rates, rates_of
from archgraph.answers.speed.roofline import NodeTime, roofline
from archgraph.answers.speed.traffic import moved_bytes
from archgraph.metrics import Metric, MetricFamily, Number, Ratio

__all__ = ["METRICS"]


def _intensity(net: Any, batch: int) -> Mapping[str, Number | None]:
    flops = net.metric("flops")
    found: dict[str, Number | None] = {}
    for name, size in moved_bytes(net, batch=batch).items():
        count = net.value(name, flops, batch)
        found[name] = None if count is None or size is None else Ratio(count, size)
    return found


def _bytes(net: Any, batch: int) -> Mapping[str, Number | None]:
    return dict(moved_bytes(net, batch=batch))


def _of_nodes(rates: Rates, figure: Callable[[NodeTime], Number | None]) -> Any:
    """Return what computes a figure of each node's time on a device, for a batch."""

    def found(net: Any, batch: int) -> Mapping[str, Number | None]:
        nodes = roofline(net, rates, batch=batch).nodes
        return {name: figure(each) for name, each in nodes.items()}

    return found


def _time(device: str) -> Metric:
    rates = rates_of(device)
    return Metric(
        f"time@{rates.name}",
        f"Time estimated on {rates.name}",
        "ms",
        per_image=True,
        description="the longer of FLOPs at the peak rate and bytes at the bandwidth",
        by_batch=_of_nodes(
            rates, lambda each: None if each.seconds is None else 1e3 * each.seconds
        ),
    )


def _intensity_at(device: str) -> Metric:
    rates = rates_of(device)
    return Metric(
        f"intensity@{rates.name}",
        f"Intensity on {rates.name}",
        "FLOP/B",
        reduce="ratio",
        description="FLOPs for each byte moved, in the numbers that it computes with",
        by_batch=_of_nodes(rates, lambda each: each.intensity),
    )


def _share(device: str) -> Metric:
    rates = rates_of(device)
    return Metric(
        f"peak_share@{rates.name}",
        f"Share of the peak of {rates.name}",
        reduce="ratio",
        description="what it can attain of the peak rate: 1 where arithmetic bounds it",
        by_batch=_of_nodes(rates, lambda each: each.share),
    )


METRICS = (
    Metric(
        "bytes_moved",
        "Bytes moved",
        "B",
        per_image=True,
        description="inputs, weights and outputs, once each; views move nothing",
        by_batch=_bytes,
    ),
    Metric(
        "intensity",
        "Arithmetic intensity",
        "FLOP/B",
        reduce="ratio",
        description="FLOPs for each byte moved",
        by_batch=_intensity,
    ),
    MetricFamily("time", "DEVICE", _time, "least time on a device, by its roofline"),
    MetricFamily("intensity", "DEVICE", _intensity_at, "FLOPs for each byte on a device"),
    MetricFamily("peak_share", "DEVICE", _share, "share of a device's peak rate"),
)
"""What the entry point ``archgraph.metrics`` offers."""
