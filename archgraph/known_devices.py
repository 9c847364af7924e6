"""Devices that people run networks on, as data: memory, peak rates, bandwidth, sources."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from archgraph.errors import FormatError, UnknownNameError
from archgraph.nearest import nearest

__all__ = ["DEVICES", "Device", "device_named"]


@dataclass(frozen=True, slots=True)
class Device:
    """One device: memory in bytes, FLOP/s by element type, bytes a second, and where that stands.

    Rates are those without sparsity; ``float16`` is that of matrix units where it has some.
    """

    name: str
    memory: int
    flops: Mapping[str, float]
    bandwidth: float
    source: str


def _device(
    name: str, gigabytes: float, bandwidth: float, source: str, **teraflops: float
) -> Device:
    return Device(
        name,
        int(gigabytes * 2**30),
        {kind: each * 1e12 for kind, each in teraflops.items()},
        bandwidth * 1e9,
        source,
    )


DEVICES: dict[str, Device] = {
    each.name: each
    for each in (
        _device("GTX 580", 3, 192.4, "Krizhevsky et al. 2012, section 3.2 (the 3 GB card); NVIDIA "
                "GeForce GTX 580 specifications", float32=1.581),
        _device("K40", 12, 288, "NVIDIA Tesla K40 board specification", float32=4.29),
        _device("P100", 16, 732, "NVIDIA Tesla P100 datasheet (SXM2)", float32=10.6, float16=21.2),
        _device("V100", 16, 900, "NVIDIA V100 datasheet (SXM2)", float32=15.7, float16=125),
        _device("V100 32GB", 32, 900, "NVIDIA V100 datasheet (SXM2)", float32=15.7, float16=125),
        _device("T4", 16, 320, "NVIDIA T4 datasheet", float32=8.1, float16=65),
        _device("RTX 3090", 24, 936, "NVIDIA Ampere GA102 whitepaper", float32=35.6, float16=142),
        _device("RTX 4090", 24, 1008, "NVIDIA Ada architecture whitepaper", float32=82.6,
                float16=330.3),
        _device("A100", 40, 1555, "NVIDIA A100 datasheet (SXM4, 40 GB)", float32=19.5, float16=312,
                bfloat16=312),
        _device("A100 80GB", 80, 2039, "NVIDIA A100 datasheet (SXM4, 80 GB)", float32=19.5,
                float16=312, bfloat16=312),
        _device("H100", 80, 3350, "NVIDIA H100 datasheet (SXM5)", float32=66.9, float16=989.4,
                bfloat16=989.4),
        _device("H200", 141, 4800, "NVIDIA H200 datasheet (SXM)", float32=66.9, float16=989.4,
                bfloat16=989.4),
    )
}  # fmt: skip
"""By the names that people call them."""

_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*([KMGT])i?B", re.IGNORECASE)


def device_named(text: str) -> Device:
    """Return a device by its name, whatever its letters' case, or one of a memory: ``3GB``.

    A gigabyte of memory is 2³⁰ bytes, as sellers of memory count. Raises UnknownNameError, or
    FormatError for a memory of nothing.
    """
    plain = {_plain(name): device for name, device in DEVICES.items()}
    if _plain(text) in plain:
        return plain[_plain(text)]
    if found := _SIZE.fullmatch(text.strip()):
        power = "KMGT".index(found[2].upper()) + 1
        size = int(float(found[1]) * 1024**power)
        if not size:
            raise FormatError(f"a device of {text} holds nothing; give a memory such as 3GB.")
        return Device(text.strip(), size, {}, 0.0, "given")
    raise UnknownNameError(
        f"there is no device '{text}'{nearest(text, DEVICES)}; there are {', '.join(DEVICES)}, "
        "or a memory such as 3GB."
    )


def _plain(name: str) -> str:
    return re.sub(r"[\s_-]", "", name).lower()
