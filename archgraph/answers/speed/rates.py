"""A device to estimate on: one of a name, one described, or this machine as it was measured."""

from __future__ import annotations

from typing import NamedTuple

from archgraph.errors import FormatError
from archgraph.known_devices import TYPES, Device, rates_named
from archgraph.nearest import nearest
from archgraph.options import written

__all__ = ["Rates", "rates_of"]

HERE = "here"


class Rates(NamedTuple):
    """A device with its rates, and the type of all floats on it; "" for that of the network.

    ``name`` names both again: ``A100 float16``, ``mine=10TFLOPS+400GB/s``.
    """

    device: Device
    kind: str
    name: str


def rates_of(device: str | Rates | Device | None, numbers: str = "") -> Rates:
    """Return the device that a text names, and the type of numbers behind it or in ``numbers``.

    Raises UnknownNameError and FormatError, as ``rates_named`` does, and where there is none.
    """
    if device is None:
        raise FormatError(f"say on which device, such as {written('device', 'A100')}.")
    if isinstance(device, Rates):
        return device
    kind = ""
    if isinstance(device, Device):
        found, name = device, device.name
    elif device.split(maxsplit=1)[:1] == [HERE]:
        from archgraph.answers.speed.this_machine import device_here

        found = device_here(device.split(maxsplit=1)[1:])
        name = device
    else:
        found, kind = rates_named(device)
        words = " ".join(device.replace(",", "+").split())
        name = words if found.given else f"{found.name} {kind}".rstrip()
    if not numbers:
        return Rates(found, kind, name)
    if numbers not in TYPES:
        raise FormatError(
            f"there is no type of numbers '{numbers}'{nearest(numbers, TYPES)}; "
            f"there are {', '.join(TYPES)}."
        )
    if numbers not in found.flops:
        raise FormatError(
            f"{found.name} has no rate for {numbers}; it has some for {', '.join(found.flops)}."
        )
    return Rates(found, numbers, f"{name} {numbers}")
