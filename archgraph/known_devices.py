"""Devices that people run networks on, as data: memory, peak rates, bandwidth, sources."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from archgraph.errors import FormatError, UnknownNameError
from archgraph.nearest import nearest

__all__ = ["DEVICES", "TYPES", "Device", "device_named", "rates_named"]


GIVEN = "given"
"""The source of what a user described."""


@dataclass(frozen=True, slots=True)
class Device:
    """One device: memory in bytes, FLOP/s by element type, bytes a second, and where that stands.

    Rates are those without sparsity; ``float16`` is that of matrix units where it has some, and
    ``tf32`` that of float32 numbers multiplied with 10 bits of fraction. A ``memory`` or
    ``bandwidth`` of 0 is unknown, as is a rate that is not there.
    """

    name: str
    memory: int
    flops: Mapping[str, float]
    bandwidth: float
    source: str

    @property
    def given(self) -> bool:
        """Whether a user described it."""
        return self.source == GIVEN


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
        _device("Titan Black", 6, 336, "Simonyan and Zisserman 2015, section 3.3; NVIDIA GeForce "
                "GTX TITAN Black specifications", float32=5.12),
        _device("K40", 12, 288, "NVIDIA Tesla K40 board specification", float32=4.29,
                float64=1.43),
        _device("P100", 16, 732, "NVIDIA Tesla P100 datasheet (SXM2)", float32=10.6, float16=21.2,
                float64=5.3),
        _device("V100", 16, 900, "NVIDIA V100 datasheet (SXM2)", float32=15.7, float16=125,
                float64=7.8),
        _device("V100 32GB", 32, 900, "NVIDIA V100 datasheet (SXM2)", float32=15.7, float16=125,
                float64=7.8),
        _device("T4", 16, 320, "NVIDIA T4 datasheet", float32=8.1, float16=65, int8=130),
        _device("RTX 2080 Ti", 11, 616, "NVIDIA Turing TU102 whitepaper (reference card)",
                float32=13.4, float16=107.6),
        _device("RTX 3090", 24, 936, "NVIDIA Ampere GA102 whitepaper", float32=35.6, float16=142),
        _device("RTX 4090", 24, 1008, "NVIDIA Ada architecture whitepaper", float32=82.6,
                float16=330.3),
        _device("A10", 24, 600, "NVIDIA A10 datasheet", float32=31.2, tf32=62.5, float16=125,
                bfloat16=125, int8=250),
        _device("L4", 24, 300, "NVIDIA L4 datasheet", float32=30.3, tf32=60, float16=121,
                bfloat16=121, int8=242.5),
        _device("L40S", 48, 864, "NVIDIA L40S datasheet", float32=91.6, tf32=183, float16=362,
                bfloat16=362, int8=733),
        _device("A100", 40, 1555, "NVIDIA A100 datasheet (SXM4, 40 GB)", float32=19.5, tf32=156,
                float16=312, bfloat16=312, float64=19.5, int8=624),
        _device("A100 80GB", 80, 2039, "NVIDIA A100 datasheet (SXM4, 80 GB)", float32=19.5,
                tf32=156, float16=312, bfloat16=312, float64=19.5, int8=624),
        _device("H100", 80, 3350, "NVIDIA H100 datasheet (SXM5)", float32=66.9, tf32=494.7,
                float16=989.4, bfloat16=989.4, float64=66.9, int8=1978.9),
        _device("H200", 141, 4800, "NVIDIA H200 datasheet (SXM)", float32=66.9, tf32=494.7,
                float16=989.4, bfloat16=989.4, float64=66.9, int8=1978.9),
        _device("MI300X", 192, 5300, "AMD Instinct MI300X data sheet", float32=163.4, tf32=653.7,
                float16=1307.4, bfloat16=1307.4, float64=163.4, int8=2614.9),
        _device("TPU v3", 32, 900, "Jouppi et al. 2023 (ISCA), table 4", bfloat16=123),
        _device("TPU v4", 32, 1200, "Jouppi et al. 2023 (ISCA), table 4", bfloat16=275, int8=275),
        _device("Jetson Nano", 4, 25.6, "NVIDIA Jetson Nano module datasheet (128 cores at "
                "921.6 MHz)", float32=0.236, float16=0.472),
        _device("Apple M1", 0, 68.3, "Apple newsroom, 10 November 2020 (its GPU); 128 bits of "
                "LPDDR4X-4266", float32=2.6),
        _device("EPYC 7763", 0, 204.8, "AMD EPYC 7763 product page (64 cores at 2.45 GHz); two "
                "FMA units of 256 bits a core", float32=5.018, float64=2.509),
        _device("Raspberry Pi 5", 8, 17.1, "Raspberry Pi 5 product brief (4 cores at 2.4 GHz, "
                "32 bits of LPDDR4X-4267); Arm Cortex-A76 optimization guide: two FMA units of "
                "128 bits a core", float32=0.1536, float64=0.0768),
    )
}  # fmt: skip
"""By the names that people call them."""

TYPES = ("float64", "float32", "tf32", "float16", "bfloat16", "int8")
"""The kinds of numbers that rates are given for."""

_POWERS = "KMGTP"
_SIZE = re.compile(r"(\d{1,9}(?:\.\d{1,9})?)\s*([KMGT])i?B", re.IGNORECASE)
_RATE = re.compile(
    r"(?:(\w+):)?(\d{1,9}(?:\.\d{1,9})?)\s*([KMGTP]?)(FLOPS|FLOP/s|OPS|B/s)", re.IGNORECASE
)
_NAME = re.compile(r"[\w .()-]{1,60}")

FORM = "NAME=10TFLOPS+400GB/s+16GB"
"""How a device of one's own is written; each part but the rates may be left out."""


def device_named(text: str) -> Device:
    """Return a device by its name, whatever its letters' case, or one that the text describes.

    A description is what stands between ``+`` signs: rates of arithmetic (``10TFLOPS`` is of
    float32; ``float16:125TFLOPS``), a bandwidth (``400GB/s``) and a memory (``16GB``), in any
    order, and a name in front: ``mine=10TFLOPS+400GB/s``. A memory alone will do where only
    memory is asked for. A gigabyte of memory is 2³⁰ bytes, as sellers of memory count; rates go
    by powers of ten. Raises UnknownNameError, or FormatError for what describes nothing.
    """
    plain = {_plain(name): device for name, device in DEVICES.items()}
    if _plain(text) in plain:
        return plain[_plain(text)]
    if found := _described(text):
        return found
    raise UnknownNameError(
        f"there is no device '{text}'{nearest(text, DEVICES)}; there are {', '.join(DEVICES)}, "
        f"a memory such as 3GB, or your own such as {FORM}."
    )


def rates_named(text: str) -> tuple[Device, str]:
    """Return a device with its rates, and the type of numbers that is named behind it, or "".

    ``A100 float16`` is an A100 that computes in that type. Raises FormatError for a device whose
    rates nobody gave, and for a type that it has no rate for; else what ``device_named`` raises.
    """
    words = text.strip().rsplit(None, 1)
    kind = words[1].lower() if len(words) == 2 and words[1].lower() in TYPES else ""
    device = device_named(words[0] if kind else text)
    if not device.flops or not device.bandwidth:
        raise FormatError(
            f"a device of {text} has no rates; a time needs both, such as {FORM}, or one of "
            f"{', '.join(DEVICES)}."
        )
    if kind and kind not in device.flops:
        raise FormatError(
            f"{device.name} has no rate for {kind}; it has some for {', '.join(device.flops)}."
        )
    return device, kind


def _described(text: str) -> Device | None:
    """Return the device that a text describes; None where it describes none."""
    name, sign, parts = text.rpartition("=")
    flops: dict[str, float] = {}
    memory, bandwidth = 0, 0.0
    for part in map(str.strip, re.split(r"[+,]", parts)):
        if rate := _RATE.fullmatch(part):
            kind, number, power, unit = rate.groups()
            value = float(number) * 1000 ** (_POWERS.index(power.upper()) + 1 if power else 0)
            wrong = unit.upper() == "B/S" and kind
            if wrong or (kind or "float32") not in TYPES:
                raise FormatError(
                    f"'{part}' of the device '{text}' names no type of numbers; "
                    f"there are {', '.join(TYPES)}."
                )
            if unit.upper() == "B/S":
                bandwidth = value
            else:
                flops[kind or "float32"] = value
        elif size := _SIZE.fullmatch(part):
            value = float(size[1]) * 1024 ** (_POWERS.index(size[2].upper()) + 1)
            memory = int(value)
        else:
            return None
        if not value:
            raise FormatError(
                f"a device of {part} holds and does nothing; give it more, such as {FORM}."
            )
    if sign and not _NAME.fullmatch(name):
        raise FormatError(
            f"the name of the device '{text}' must be of letters, digits, spaces and dashes."
        )
    return Device(name.strip() or text.strip(), memory, flops, bandwidth, GIVEN)


def _plain(name: str) -> str:
    return re.sub(r"[\s_-]", "", name).lower()
