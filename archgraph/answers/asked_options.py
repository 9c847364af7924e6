"""What can be asked of costs, declared once for Python, command line and documentation.

It imports next to nothing, for the command line reads it before it knows whether to count at all.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from archgraph.errors import FormatError
from archgraph.limits import DEVICES, RUNS
from archgraph.options import LARGEST, Declared, option

__all__ = [
    "CompareOptions",
    "CostOptions",
    "CountersOptions",
    "GrowthOptions",
    "MeasureOptions",
    "MemoryOptions",
    "NodeDataOptions",
    "RooflineOptions",
    "SplitOptions",
    "SweepOptions",
]

METRICS = "params, macs, flops, lecture, activation_bytes, peak_memory, receptive_field, any other"
"""What metrics there are, in words."""

DEVICE = (
    "a name such as A100 or 'A100 float16', a description such as 10TFLOPS+400GB/s, or here for "
    "this machine"
)
"""What devices there are, in words."""


def _batch() -> Any:
    return option(1, "how many images", numbers=range(1, LARGEST + 1))


def _columns(more: str) -> Any:
    return option((), "what is shown, in this order", others=f"{METRICS}, {more}", many=True)


def _unit() -> Any:
    return option(
        None,
        "what figures are shown in; M alone brings MiB",
        others="k, M, G or T for counts, B, KiB, MiB, GiB, kB, MB or GB for bytes, or both as M,MB",
    )


def _sort() -> Any:
    return option(
        None, "what rows are sorted by, the largest first", others="a column", noun="column"
    )


@dataclass(frozen=True, slots=True)
class CostOptions(Declared):
    """What of a network's costs is shown."""

    task: ClassVar[str] = "cost"
    error: ClassVar[type[FormatError]] = FormatError

    convention: str = option("macs", "what to count", "macs", "flops", "lecture", noun="convention")
    batch: int = _batch()
    by: str = option(
        "layer", "what is added up", "layer", "block", "stage", "device", noun="grouping"
    )
    training: bool = option(False, "count also what only training uses", flag=True)
    columns: tuple[str, ...] = _columns("or share for the percentage of the column before it")
    unit: str | None = _unit()
    sort: str | None = _sort()


@dataclass(frozen=True, slots=True)
class CompareOptions(Declared):
    """What of several networks is shown."""

    task: ClassVar[str] = "compare"
    error: ClassVar[type[FormatError]] = FormatError

    columns: tuple[str, ...] = _columns("input, depth, top1_error, top5_error or setting")
    unit: str | None = _unit()
    sort: str | None = _sort()


@dataclass(frozen=True, slots=True)
class MemoryOptions(Declared):
    """What memory is asked for."""

    task: ClassVar[str] = "memory"
    error: ClassVar[type[FormatError]] = FormatError

    batch: int = _batch()
    training: bool = option(False, "a training step instead of inference", flag=True)
    optimizer: str | None = option(
        None,
        "whose state a training step holds; sgd where none is named",
        "sgd",
        "momentum",
        "adam",
        "adamw",
        noun="optimizer",
    )
    precision: str | None = option(
        None,
        "in a training step what multiplies and adds runs in a half type, as under torch.autocast",
        "float32",
        "mixed",
        "bfloat16",
        "float16",
        noun="precision",
    )
    checkpoint: str | None = option(
        None,
        "what a training step computes again for its gradients instead of keeping it",
        "block",
        "stage",
        noun="level",
    )
    fits: str | None = option(
        None,
        "say which batch is the largest on a device",
        others="its name such as 'GTX 580' or A100, or its memory such as 3GB",
        noun="device",
    )


@dataclass(frozen=True, slots=True)
class GrowthOptions(Declared):
    """How growth is asked for."""

    task: ClassVar[str] = "growth"
    error: ClassVar[type[FormatError]] = FormatError

    over: str | None = option(
        None,
        "what grows: both sides of the image, tokens, images, or axes of inputs counted with the "
        "batch, which grow together; without it size, else tokens, else batch",
        "size",
        "tokens",
        "batch",
        others="axes such as ids:1 or ids:1,mask:1",
        noun="what",
    )
    metric: str = option("macs", "what is counted", others="a metric such as params")


@dataclass(frozen=True, slots=True)
class RooflineOptions(Declared):
    """What a roofline is of, besides the device."""

    task: ClassVar[str] = "roofline"
    error: ClassVar[type[FormatError]] = FormatError

    device: str | None = option(None, "what the network would run on", others=DEVICE)
    batch: int = _batch()
    by: str = option("layer", "what a row or dot is", "layer", "block", "stage", noun="grouping")


@dataclass(frozen=True, slots=True)
class MeasureOptions(Declared):
    """How a network is measured."""

    task: ClassVar[str] = "measure"
    error: ClassVar[type[FormatError]] = FormatError

    runtime: str = option("onnxruntime", "what runs it", "onnxruntime", "torch", noun="runtime")
    batch: int = _batch()
    runs: int = option(20, "how many runs; the median counts", numbers=range(1, RUNS + 1))
    threads: int | None = option(
        None,
        "threads of the processor; all that there are without it",
        numbers=range(1, LARGEST + 1),
    )
    device: str | None = option(
        None, "put beside it what the roofline of a device estimates", others=DEVICE
    )


@dataclass(frozen=True, slots=True)
class SplitOptions(Declared):
    """How a network is split."""

    task: ClassVar[str] = "split"
    error: ClassVar[type[FormatError]] = FormatError

    devices: int | None = option(
        None,
        "over how many devices; without it 2 in Python, and on the command line nothing is split",
        numbers=range(2, DEVICES + 1),
    )
    how: str = option(
        "pipeline",
        "each device a contiguous part of the network's order, or its part of every layer's "
        "filters",
        "pipeline",
        "channels",
        noun="way",
    )
    by: str | None = option(
        None,
        "what stages are balanced by; macs without it",
        others="a metric such as params, activation_bytes or memory",
        noun="metric",
    )
    slack: int | None = option(
        None,
        "by how many percent the largest stage may be larger where that saves traffic",
        numbers=range(1001),
    )
    between: str | None = option(
        None,
        "what stages are cut between; layers without it",
        "layer",
        "block",
        "stage",
        noun="level",
    )
    talk: tuple[str, ...] | None = option(
        None,
        "the layers that read all channels where a network is split by channels; the others read "
        "those of their own device only, which is another network",
        others="layers such as conv3,fc6",
        many=True,
    )


@dataclass(frozen=True, slots=True)
class SweepOptions(Declared):
    """What a sweep counts, and how."""

    task: ClassVar[str] = "sweep"
    error: ClassVar[type[FormatError]] = FormatError

    metrics: tuple[str, ...] = option(
        ("params", "macs", "flops", "activation_bytes"),
        "what is counted",
        others="metrics such as params or peak_memory",
        many=True,
    )
    workers: int | None = option(
        None,
        "how many processes count; on the command line one for each processor without it, in "
        "Python this one",
        numbers=range(1, LARGEST + 1),
    )
    scheduler: str | None = option(
        None,
        "a dask scheduler whose workers count",
        others="such as tcp://host:8786",
        noun="address",
    )


@dataclass(frozen=True, slots=True)
class CountersOptions(Declared):
    """Which tools are asked."""

    task: ClassVar[str] = "counters"
    error: ClassVar[type[FormatError]] = FormatError

    tools: tuple[str, ...] | None = option(
        None,
        "the tools to ask; all that are installed without it, but for the variants torch-no-grad, "
        "torch-meta and ptflops-aten",
        others="tools such as torch, fvcore, thop",
        many=True,
    )


@dataclass(frozen=True, slots=True)
class NodeDataOptions(Declared):
    """What numbers node data holds."""

    task: ClassVar[str] = "annotate"
    error: ClassVar[type[FormatError]] = FormatError

    metric: str | None = option(
        None, "the numbers of node data; macs without it", others="a metric such as params"
    )
